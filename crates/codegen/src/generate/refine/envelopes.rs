//! Adds conversions that hide JSON:API envelopes. JSON:API wraps every value in an object with the
//! single property `data`, and request data in a second object with its `type`.
//!
//! Callers need not write or unwrap an envelope that carries nothing else. Such a request body
//! converts from its contents (`From`), and such a response can return only its `data`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Field, Fields, Ident, Item, ItemStruct, Path, Type, parse_quote};

use super::attributes::{is_flattened, wire_name};
use super::constructors::Constants;
use super::rust_type::{identifier, is_called, is_optional, without_box, without_option};
use super::source::{ProgenitorOutput, Signature};
use crate::collections::{HashSet, IndexMap};
use crate::generate::model::{Domain, Operation, referenced_schema};

/// The single property of an envelope.
const MEMBER: &str = "data";

/// A request body that is an envelope.
pub(in crate::generate) struct Envelope {
    /// The type of its `data`.
    pub(in crate::generate) data: Ident,
    /// The contents that it can also be created from.
    pub(in crate::generate) inside: Inside,
}

/// The values that the `data` of a request needs from the caller.
pub(in crate::generate) enum Inside {
    /// No values: every property has one possible value.
    Nothing,
    /// The attributes, of this type. The flag is true if other properties may be set as well.
    Attributes(Box<Type>, bool),
    /// The identifier of the resource that it points to.
    Identifier,
    /// More than one value.
    More,
}

/// Returns the envelopes among the request bodies of the domain, by the name of their type.
pub(super) fn envelopes(
    output: &ProgenitorOutput,
    domain: &Domain,
    constants: &Constants,
) -> IndexMap<String, Envelope> {
    let bodies = domain
        .operations
        .iter()
        .filter_map(|operation| referenced_schema(operation.request_body.as_ref()?));
    bodies
        .filter_map(|name| {
            let ty = data_type(&structure(output, &name)?.fields)?;
            let data = without_box(without_option(ty));
            let inside = inside(
                structure(output, &identifier(data)?.to_string())?,
                constants,
            )?;
            let data = identifier(data)?.clone();
            Some((name, Envelope { data, inside }))
        })
        .collect()
}

/// Creates the conversions into each envelope and its data, by the name of the type that they
/// follow. The crate of shared types has those into a shared envelope.
pub(super) fn conversions(
    output: &ProgenitorOutput,
    domain: &Domain,
    envelopes: &IndexMap<String, Envelope>,
) -> Vec<(String, Item)> {
    let is_shared = |name: &str| domain.shared.names.contains(name);
    let mut items = Vec::<(String, Item)>::new();
    let mut written = HashSet::default();
    for (name, Envelope { data, inside }) in envelopes {
        let Some(request) = structure(output, name).filter(|_| !is_shared(name)) else {
            continue;
        };
        // Only the crate of a type can implement its conversions, so those of data are written out.
        let is_data_shared = is_shared(&data.to_string());
        let of_data = around(request, &quote!(data));
        items.push((
            name.clone(),
            from(&request.ident, &quote!(#data), &quote!(data), &of_data),
        ));
        let sources = match inside {
            Inside::Nothing | Inside::More => Vec::new(),
            Inside::Attributes(ty, _) => vec![quote!(#ty)],
            Inside::Identifier => vec![quote!(&str), quote!(String)],
        };
        for source in sources {
            let whole = if is_data_shared {
                let Some(value) = data_of(inside, data, output, &quote!(#data)) else {
                    continue;
                };
                around(request, &value)
            } else {
                if written.insert((data.to_string(), source.to_string()))
                    && let Some(value) = data_of(inside, data, output, &quote!(Self))
                {
                    items.push((
                        data.to_string(),
                        from(data, &source, &quote!(value), &value),
                    ));
                }
                quote!(#data::from(value).into())
            };
            let conversion = from(&request.ident, &source, &quote!(value), &whole);
            items.push((name.clone(), conversion));
        }
    }
    items
}

/// Creates the data with the contents `value`, as a value of the type `owner`.
fn data_of(
    inside: &Inside,
    data: &Ident,
    output: &ProgenitorOutput,
    owner: &TokenStream,
) -> Option<TokenStream> {
    match inside {
        Inside::Attributes(..) => {
            let data = structure(output, &data.to_string())?;
            Some(with_attributes(data, owner, &quote!(value)))
        }
        _ => Some(quote!(#owner::new(value))),
    }
}

fn from(target: &Ident, source: &TokenStream, argument: &TokenStream, made: &TokenStream) -> Item {
    parse_quote! {
        impl From<#source> for #target {
            fn from(#argument: #source) -> Self {
                #made
            }
        }
    }
}

/// Returns the type of the `data` of `response`, if the response holds nothing else. It is written
/// as in a file of requests.
fn opened(response: &Type, output: &ProgenitorOutput) -> Option<Type> {
    let Type::Path(path) = response else {
        return None;
    };
    let name = path.path.segments.last()?.ident.to_string();
    let data = without_box(without_option(data_type(
        &structure(output, &name)?.fields,
    )?));
    let is_list = is_called(data, "Vec");
    if !is_list && structure(output, &identifier(data)?.to_string()).is_none() {
        return None;
    }
    let mut data = data.clone();
    FromTypes(output).visit_type_mut(&mut data);
    Some(data)
}

/// Returns the type inside the response if it is an envelope and not a page of a list.
pub(super) fn opened_response(
    operation: &Operation,
    signature: &Signature,
    output: &ProgenitorOutput,
) -> Option<Type> {
    if operation.pagination.is_some() {
        return None;
    }
    opened(&signature.response, output)
}

/// Returns the type of the field `data`, if it is the only field.
fn data_type(fields: &Fields) -> Option<&Type> {
    let Fields::Named(fields) = fields else {
        return None;
    };
    let mut fields = fields.named.iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) if !is_flattened(field) && wire_name(field) == MEMBER => {
            Some(&field.ty)
        }
        _ => None,
    }
}

fn inside(data: &ItemStruct, constants: &Constants) -> Option<Inside> {
    let Fields::Named(fields) = &data.fields else {
        return None;
    };
    if fields.named.iter().any(is_flattened) {
        return Some(Inside::More);
    }
    let asked: Vec<&Field> = fields
        .named
        .iter()
        .filter(|field| !constants.holds(&field.ty))
        .collect();
    let is_optional = |field: &Field| is_optional(&field.ty);
    let attributes = asked.iter().find(|field| wire_name(field) == "attributes");
    let others_are_optional = |wanted: &Field| {
        asked
            .iter()
            .all(|field| field.ident == wanted.ident || is_optional(field))
    };
    Some(match (&asked[..], attributes) {
        ([], _) => Inside::Nothing,
        (_, Some(attributes)) if others_are_optional(attributes) => Inside::Attributes(
            Box::new(without_box(without_option(&attributes.ty)).clone()),
            asked.len() > 1,
        ),
        ([field], None)
            if wire_name(field) == "id"
                && !is_optional(field)
                && is_called(&field.ty, "String") =>
        {
            Inside::Identifier
        }
        _ => Inside::More,
    })
}

/// Creates the request around its data.
fn around(request: &ItemStruct, data: &TokenStream) -> TokenStream {
    let is_optional = data_type(&request.fields).is_some_and(is_optional);
    if is_optional {
        quote!(Self::new().data(#data))
    } else {
        quote!(Self::new(#data))
    }
}

/// Creates the data with only its attributes.
fn with_attributes(
    data: &ItemStruct,
    owner: &TokenStream,
    attributes: &TokenStream,
) -> TokenStream {
    let field = match &data.fields {
        Fields::Named(fields) => fields
            .named
            .iter()
            .find(|field| wire_name(field) == "attributes"),
        _ => None,
    };
    match field {
        Some(Field {
            ident: Some(name),
            ty,
            ..
        }) if is_optional(ty) => quote!(#owner::new().#name(#attributes)),
        _ => quote!(#owner::new(#attributes)),
    }
}

fn structure<'a>(output: &'a ProgenitorOutput, name: &str) -> Option<&'a ItemStruct> {
    match output.types.get(name) {
        Some(Item::Struct(item)) => Some(item),
        _ => None,
    }
}

/// A rewriter of type paths. Types name each other without a module; a request needs `types::`.
pub(in crate::generate) struct FromTypes<'a>(pub(in crate::generate) &'a ProgenitorOutput);

impl VisitMut for FromTypes<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if let Some(name) = path.get_ident()
            && self.0.types.contains_key(&name.to_string())
        {
            *path = parse_quote!(types::#name);
        }
    }
}
