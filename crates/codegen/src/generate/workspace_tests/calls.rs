//! Writes two calls of each operation: one that sets everything, and one that sets only the
//! required values.
//!
//! The workspace's tests compare the requests that these calls send. The calls are generated,
//! because hand-written ones could not keep up with the document.
//!
//! Values are derived from names and types, so that a snapshot of a request shows the place of each
//! value.

use std::cell::RefCell;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Fields, Item, ItemStruct, Type};

use crate::generate::model::{Domain, Operation, Parameter, ParameterPlace, referenced_schema};
use crate::generate::refine::Refined;
use crate::generate::refine::arguments::body_type;
use crate::generate::refine::attributes::{is_flattened, wire_name};
use crate::generate::refine::bulk;
use crate::generate::refine::constructors::setter_name;
use crate::generate::refine::envelopes::{Envelope, FromTypes, Inside};
use crate::generate::refine::rust_type::{
    self, NULLABLE, argument, is_called, is_optional, second_argument, without_option,
};
use crate::generate::refine::source::Signature;

/// The calls of an operation, each an expression over `client`, the client of the domain.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    /// The operation's id.
    pub(super) operation: String,
    /// The operation's resource.
    pub(super) resource: String,
    /// The call through the client's own method.
    pub(super) plain: CallVariants,
    /// The call through the method of the resource, if there is one.
    pub(super) by_resource: Option<CallVariants>,
    /// The call through the resource's method for any number of items, if there is one.
    pub(super) bulk: Option<BulkCall>,
}

/// A call for any number of items.
#[derive(Clone, Debug)]
pub(super) struct BulkCall {
    /// The method of the resource.
    pub(super) method: String,
    /// The call with one item and the required values.
    pub(super) call: String,
}

/// The minimal and the maximal form of a call.
#[derive(Clone, Debug)]
pub(super) struct CallVariants {
    /// The call with only the required values.
    pub(super) minimal: String,
    /// The call with every value set.
    pub(super) maximal: String,
}

/// Writes the calls of every operation of a domain.
pub(super) fn calls(refined: &Refined, domain: &Domain) -> Vec<Calls> {
    let writer = Writer {
        refined,
        open: RefCell::default(),
        empty: RefCell::default(),
    };
    let operations = domain.operations.iter();
    operations
        .filter_map(|operation| writer.operation(operation))
        .collect()
}

struct Writer<'a> {
    refined: &'a Refined,
    /// The structures that are being written, outermost first. A structure inside itself ends
    /// there.
    open: RefCell<Vec<String>>,
    /// The name of a list that stays empty, because the caller passes its items on their own.
    empty: RefCell<Option<String>>,
}

impl Writer<'_> {
    fn operation(&self, operation: &Operation) -> Option<Calls> {
        let signature = self.refined.output.signatures.get(&operation.method_name)?;
        let method = format_ident!("{}", operation.method_name);
        let variant = |maximal: bool, by_resource: bool| -> Option<String> {
            let mut arguments = Vec::new();
            let mut setters = TokenStream::new();
            for parameter in &operation.parameters {
                let value = parameter_value(parameter, signature, self)?;
                let name = format_ident!("{}", parameter.rust_name);
                if parameter.required {
                    arguments.push(value);
                } else if maximal {
                    setters.extend(quote!(.#name(#value)));
                }
            }
            let by_setter = !operation.body_required;
            if by_setter && maximal {
                let body = self.body(operation, signature, maximal)?;
                setters.extend(body.map(|body| quote!(.body(#body))));
            }
            let call = if by_resource {
                // An operation without a verb has no method on the resource.
                let verb = format_ident!("{}", operation.verb.as_deref()?);
                let accessor = format_ident!("{}", operation.accessor);
                if !by_setter {
                    arguments.extend(self.inner_body(operation, signature, maximal)?);
                }
                quote!(client.#accessor().#verb(#(#arguments),*))
            } else {
                if !by_setter {
                    arguments.extend(self.body(operation, signature, maximal)?);
                }
                quote!(client.#method(#(#arguments),*))
            };
            Some(quote!(#call #setters).to_string())
        };
        let variants = |by_resource| {
            Some(CallVariants {
                minimal: variant(false, by_resource)?,
                maximal: variant(true, by_resource)?,
            })
        };
        Some(Calls {
            operation: operation.id.clone(),
            resource: operation.resource.trim_end_matches('_').to_owned(),
            plain: variants(false)?,
            by_resource: variants(true),
            bulk: self.bulk(operation, signature),
        })
    }

    fn bulk(&self, operation: &Operation, signature: &Signature) -> Option<BulkCall> {
        let (item, takes_body) = bulk::example_arguments(operation, signature, self.refined)?;
        let description = operation.bulk.as_ref()?;
        let list = description.items.last()?;
        let method = description.verb.clone()?;
        let mut arguments = Vec::new();
        for parameter in operation.parameters.iter().filter(|it| it.required) {
            arguments.push(parameter_value(parameter, signature, self)?);
        }
        if takes_body {
            *self.empty.borrow_mut() = Some(list.clone());
            let body = self.inner_body(operation, signature, false);
            *self.empty.borrow_mut() = None;
            arguments.extend(body?);
        }
        let item = converted(&item, list).map_or_else(
            || self.taken(&item, list, false),
            |text| quote!(#text.to_owned()),
        );
        let (accessor, verb) = (
            format_ident!("{}", operation.accessor),
            format_ident!("{method}"),
        );
        let call = quote!(client.#accessor().#verb(#(#arguments,)* [#item])).to_string();
        Some(BulkCall { method, call })
    }

    /// Returns the body that the client's own method takes; `Some(None)` if it takes none.
    fn body(
        &self,
        operation: &Operation,
        signature: &Signature,
        maximal: bool,
    ) -> Option<Option<TokenStream>> {
        if operation.request_body.is_none() {
            return Some(None);
        }
        let ty = body_type(signature.arguments.get("body")?);
        Some(Some(match &ty {
            Type::Reference(reference) => {
                let value = match &*reference.elem {
                    Type::Slice(slice) => {
                        let item = self.owned(&slice.elem, "item", maximal);
                        quote!([#item])
                    }
                    elem => self.owned(elem, "body", maximal),
                };
                quote!(&#value)
            }
            ty => self.owned(ty, "body", maximal),
        }))
    }

    /// Returns the body that the method of the resource takes, with as little of the envelope as
    /// possible.
    fn inner_body(
        &self,
        operation: &Operation,
        signature: &Signature,
        maximal: bool,
    ) -> Option<Option<TokenStream>> {
        let plain = self.body(operation, signature, maximal)?;
        let ty = signature.arguments.get("body").map(body_type);
        let (Some(plain), Some(Type::Reference(_))) = (&plain, &ty) else {
            return Some(plain);
        };
        let Some(name) = operation.request_body.as_ref().and_then(referenced_schema) else {
            return Some(Some(plain.clone()));
        };
        let Some(Envelope { data, inside }) = self.refined.envelopes.get(&name) else {
            // This argument is passed by value, not by reference.
            let ident = format_ident!("{name}");
            return Some(Some(self.structure(&ident, maximal)));
        };
        Some(match inside {
            Inside::Nothing => None,
            Inside::Attributes(attributes, more)
                if !(*more && maximal) && self.is_set(&name, data, maximal) =>
            {
                Some(self.owned(attributes, "attributes", maximal))
            }
            Inside::Identifier if !maximal => Some(quote!("id value")),
            _ if self.is_set(&name, data, maximal) => Some(self.structure(data, maximal)),
            _ => Some(self.structure(&format_ident!("{name}"), maximal)),
        })
    }

    /// Returns true if the plain body of this form holds its data, and the data its attributes.
    /// Both may be optional.
    fn is_set(&self, request: &str, data: &Ident, maximal: bool) -> bool {
        let required = |name: &str, field: &str| match self.refined.output.types.get(name) {
            Some(Item::Struct(item)) => item
                .fields
                .iter()
                .filter(|known| wire_name(known) == field)
                .all(|known| !is_optional(&known.ty)),
            _ => false,
        };
        maximal || (required(request, "data") && required(&data.to_string(), "attributes"))
    }

    /// Returns a value for a field of this type, in the form that `new` and the setters take.
    fn taken(&self, ty: &Type, name: &str, maximal: bool) -> TokenStream {
        if let Some(text) = converted(ty, name) {
            return text;
        }
        match argument(ty) {
            Some(item) if is_called(ty, "Vec") => {
                let value =
                    converted(item, name).unwrap_or_else(|| self.owned(item, name, maximal));
                if self.is_open(item) || self.empty.borrow().as_deref() == Some(name) {
                    // An empty array says nothing about its items.
                    let mut item = item.clone();
                    FromTypes(&self.refined.output).visit_type_mut(&mut item);
                    quote!(Vec::<#item>::new())
                } else {
                    quote!([#value])
                }
            }
            Some(inner) if is_called(ty, "Box") => self.owned(inner, name, maximal),
            _ => self.owned(ty, name, maximal),
        }
    }

    /// Returns a value of exactly this type.
    fn owned(&self, ty: &Type, name: &str, maximal: bool) -> TokenStream {
        if let Some(text) = converted(ty, name) {
            return quote!(#text.into());
        }
        let inner = argument(ty);
        if let Some(inner) = inner {
            if is_called(ty, "Option") {
                let value = self.owned(inner, name, maximal);
                return quote!(Some(#value));
            }
            if is_called(ty, NULLABLE) {
                let value = self.owned(inner, name, maximal);
                return quote!(#value.into());
            }
            if is_called(ty, "Box") {
                let value = self.owned(inner, name, maximal);
                return quote!(Box::new(#value));
            }
            if is_called(ty, "Vec") {
                let value = self.owned(inner, name, maximal);
                return if self.is_open(inner) {
                    quote!(Vec::new())
                } else {
                    quote!(vec![#value])
                };
            }
            if is_called(ty, "Map") {
                return quote!(serde_json::Map::from_iter([(
                    "any key".to_owned(),
                    "any value".into()
                )]));
            }
            if is_called(ty, "BTreeMap") {
                let value = second_argument(ty)
                    .map(|value| self.owned(value, name, maximal))
                    .unwrap_or_default();
                return quote!(std::collections::BTreeMap::from([("any key".to_owned(), #value)]));
            }
        }
        let Type::Path(path) = ty else {
            return quote!(Default::default());
        };
        let Some(segment) = path.path.segments.last() else {
            return quote!(Default::default());
        };
        match segment.ident.to_string().as_str() {
            "bool" => quote!(true),
            "i32" | "i64" | "u32" | "u64" => quote!(7),
            "f32" | "f64" => quote!(0.5),
            "Value" => quote!(serde_json::json!({ "any": ["value", 1, null] })),
            known => {
                let ident = format_ident!("{known}");
                match self.refined.output.types.get(known) {
                    Some(Item::Struct(_)) => self.structure(&ident, maximal),
                    Some(Item::Enum(item)) => {
                        let variants = item.variants.iter().next();
                        let variant = variants.map(|variant| (&variant.ident, &variant.fields));
                        match variant {
                            Some((variant, Fields::Unnamed(fields))) => {
                                let values = fields
                                    .unnamed
                                    .iter()
                                    .map(|field| self.owned(&field.ty, name, maximal));
                                quote!(types::#ident::#variant(#(#values),*))
                            }
                            // An enum of strings: use its first value.
                            Some((variant, _)) => quote!(types::#ident::#variant),
                            None => quote!(Default::default()),
                        }
                    }
                    _ => quote!(Default::default()),
                }
            }
        }
    }

    fn structure(&self, name: &Ident, maximal: bool) -> TokenStream {
        let Some(Item::Struct(item)) = self.refined.output.types.get(&name.to_string()) else {
            return quote!(Default::default());
        };
        if self.open.borrow().contains(&name.to_string()) {
            // The structure contains itself through a required field.
            return quote!(Default::default());
        }
        self.open.borrow_mut().push(name.to_string());
        let value = self.constructed(item, maximal);
        self.open.borrow_mut().pop();
        value
    }

    fn constructed(&self, item: &ItemStruct, maximal: bool) -> TokenStream {
        let name = &item.ident;
        let (mut arguments, mut setters) = (Vec::new(), TokenStream::new());
        for field in &item.fields {
            let Some(identifier) = &field.ident else {
                continue;
            };
            let inner = without_option(&field.ty);
            let is_optional = is_optional(&field.ty) || is_flattened(field);
            if self
                .refined
                .constants
                .fills(inner, rust_type::is_optional(&field.ty))
            {
                continue;
            }
            if is_optional && (!maximal || self.is_open(inner)) {
                continue;
            }
            let value = match self.refined.strings.argument(name, identifier) {
                Some(ty) => {
                    let text = converted(inner, &wire_name(field));
                    quote!(types::#ty::from(#text))
                }
                None => self.taken(inner, &wire_name(field), maximal),
            };
            if is_optional {
                let setter = setter_name(identifier);
                setters.extend(quote!(.#setter(#value)));
            } else {
                arguments.push(value);
            }
        }
        quote!(types::#name::new(#(#arguments),*) #setters)
    }

    /// Returns true if a value of this type is being written already.
    fn is_open(&self, ty: &Type) -> bool {
        let inner = match argument(ty) {
            Some(inner) if is_called(ty, "Box") => inner,
            _ => ty,
        };
        match inner {
            Type::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| self.open.borrow().contains(&name.to_string())),
            _ => false,
        }
    }
}

/// Returns the string that converts into a value of this type, if the type has such a conversion.
fn converted(ty: &Type, name: &str) -> Option<TokenStream> {
    if is_called(ty, "String") {
        let text = format!("{name} value");
        return Some(quote!(#text));
    }
    if is_called(ty, "DateTime") {
        return Some(quote!("2026-01-31T08:30:00Z"));
    }
    is_called(ty, "Date").then(|| quote!("2026-01-31"))
}

/// Returns the value of a parameter. In a path, the value needs escaping.
fn parameter_value(
    parameter: &Parameter,
    signature: &Signature,
    writer: &Writer<'_>,
) -> Option<TokenStream> {
    let ty = without_option(signature.arguments.get(&parameter.rust_name)?);
    let Type::Reference(reference) = ty else {
        return Some(writer.owned(ty, &parameter.name, true));
    };
    let text = match parameter.place {
        ParameterPlace::Path => format!("{} ü/1", parameter.name),
        _ => format!("{} value", parameter.name),
    };
    if is_called(&reference.elem, "str") {
        return Some(quote!(#text));
    }
    if writer.refined.strings.contains(&reference.elem) {
        let ty = &reference.elem;
        return Some(quote!(&#ty::from(#text)));
    }
    let value = writer.owned(&reference.elem, &parameter.name, true);
    Some(quote!(&#value))
}
