//! Adds constructors to the types that users send: `new` takes the required fields, and a setter
//! each optional field.
//!
//! A field whose schema allows one value (JSON:API's `type`) is filled in and is not an argument.
//! Types that only responses hold get neither. They are only decoded, and unused code costs compile
//! time.

use super::attributes::{derive, is_flattened};
use super::open_enums::variant_names;
use super::rust_type::{
    NULLABLE, argument, is_called, is_optional, second_argument, without_option,
};
use super::source::ProgenitorOutput;
use super::strings::StringTypes;
use super::{documentation, objects, union_variants};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::generate::markers::CONSTANT;

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{Field, Fields, Ident, Item, ItemStruct, Type, parse_quote};

use crate::generate::model::{Domain, Schema};

/// Creates the `impl` items of each type that requests hold.
pub(super) fn constructors(
    output: &mut ProgenitorOutput,
    domain: &Domain,
    constants: &Constants,
    strings: &StringTypes,
) -> IndexMap<String, Vec<Item>> {
    let sent = sent_types(domain);
    let unions = union_variants::names(output);
    let mut constructors = IndexMap::default();
    for (name, item) in &mut output.types {
        if let (Item::Struct(item), true) = (item, sent.contains(name)) {
            let items = constructor(item, constants, &unions, strings);
            if items
                .iter()
                .any(|item| matches!(item, Item::Impl(item) if item.trait_.is_some()))
            {
                // `Default` is the result of `new`. A derived one would omit the fields that `new`
                // fills in.
                derive(item, false);
            }
            constructors.insert(name.clone(), items);
        }
    }
    constructors
}

/// Returns every type that a request body or a parameter reaches, and the shared types that one of
/// another domain reaches.
pub(in crate::generate) fn sent_types(domain: &Domain) -> HashSet<String> {
    let sent = domain.operations.iter().flat_map(|operation| {
        let parameters = operation.parameters.iter();
        parameters
            .map(|parameter| &parameter.schema)
            .chain(&operation.request_body)
    });
    let mut sent = domain.reached_from(sent);
    sent.extend(domain.shared.sent.iter().cloned());
    sent
}

/// The enums with one value, by name. Callers need not pass them.
pub(in crate::generate) struct Constants(HashMap<String, Constant>);

/// An enum with one value.
struct Constant {
    variant: Ident,
    /// True if the value is also the document's default. It is then sent even in an optional field.
    is_default: bool,
}

impl Constants {
    pub(in crate::generate) fn of(domain: &Domain) -> Self {
        let constant = |(name, schema): (&String, &Schema)| match &variant_names(schema)[..] {
            [variant] => {
                let is_default = schema.value.get(CONSTANT).is_some();
                Some((
                    name.clone(),
                    Constant {
                        variant: format_ident!("{variant}"),
                        is_default,
                    },
                ))
            }
            _ => None,
        };
        Self(domain.schemas.iter().filter_map(constant).collect())
    }

    /// Returns true if a field of this type has only one possible value.
    pub(super) fn holds(&self, ty: &Type) -> bool {
        self.find(without_option(ty)).is_some()
    }

    /// Returns true if `new` fills such a field in.
    pub(in crate::generate) fn fills(&self, ty: &Type, is_optional: bool) -> bool {
        self.value(ty, is_optional).is_some()
    }

    /// Returns the value to fill in, if only one is possible.
    fn value(&self, ty: &Type, is_optional: bool) -> Option<TokenStream> {
        let (
            name,
            Constant {
                variant,
                is_default,
            },
        ) = self.find(ty)?;
        (*is_default || !is_optional).then(|| quote!(#name::#variant))
    }

    fn find<'a>(&'a self, ty: &'a Type) -> Option<(&'a Ident, &'a Constant)> {
        let Type::Path(path) = ty else { return None };
        let name = path.path.get_ident()?;
        Some((name, self.0.get(&name.to_string())?))
    }
}

fn constructor(
    item: &ItemStruct,
    constants: &Constants,
    unions: &HashSet<String>,
    strings: &StringTypes,
) -> Vec<Item> {
    let name = &item.ident;
    let Fields::Named(fields) = &item.fields else {
        return Vec::new();
    };
    let mut arguments = Vec::<TokenStream>::new();
    let mut values = Vec::<TokenStream>::new();
    let mut setters = Vec::<TokenStream>::new();
    for field in &fields.named {
        let Some(identifier) = &field.ident else {
            continue;
        };
        let inner = without_option(&field.ty);
        let is_optional = is_optional(&field.ty);
        let nullable = is_called(&field.ty, NULLABLE);
        if let Some(constant) = constants.value(inner, is_optional) {
            values.push(if nullable {
                quote!(#identifier: Nullable::Value(#constant))
            } else if is_optional {
                quote!(#identifier: Some(#constant))
            } else {
                quote!(#identifier: #constant)
            });
        } else if is_flattened(field) {
            values.push(quote!(#identifier: Default::default()));
            setters.push(setter(field, &conversion(inner, identifier, unions)));
        } else if nullable {
            values.push(quote!(#identifier: Nullable::Absent));
            setters.push(setter(field, &nullable_argument(inner, identifier)));
        } else if is_optional {
            values.push(quote!(#identifier: None));
            setters.push(setter(field, &optional_argument(inner, identifier)));
        } else {
            let (ty, value) = match strings.argument(name, identifier) {
                Some(ty) => (quote!(#ty), Some(quote!(#identifier.into()))),
                None => conversion(inner, identifier, unions),
            };
            arguments.push(quote!(#identifier: #ty));
            values.push(match &value {
                Some(value) => quote!(#identifier: #value),
                None => quote!(#identifier),
            });
        }
    }
    if let Some(unknown) = objects::unknown_field(item) {
        values.push(quote!(#unknown: Default::default()));
    }
    let summary = if arguments.is_empty() {
        "Creates a value without optional fields."
    } else {
        "Creates a value with the required fields only."
    };
    let documentation = documentation::own_line(summary);
    let mut items: Vec<Item> = vec![parse_quote! {
        impl #name {
            #(#documentation)*
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
    }];
    if arguments.is_empty() {
        items.push(parse_quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self::new()
                }
            }
        });
    }
    items
}

/// Returns the name of a field's setter. `new` is the constructor's name.
pub(in crate::generate) fn setter_name(field: &Ident) -> Ident {
    if field == "new" {
        format_ident!("set_new")
    } else {
        field.clone()
    }
}

/// Creates the setter of a field, whose argument has a type and a conversion.
fn setter(field: &Field, (ty, value): &(TokenStream, Option<TokenStream>)) -> TokenStream {
    let Some(identifier) = &field.ident else {
        return quote!();
    };
    let method = setter_name(identifier);
    let summary = documentation::own_line(&format!("Sets `{identifier}`."));
    let value = value.clone().unwrap_or_else(|| quote!(#identifier));
    let generics = kind_parameter(ty);
    quote! {
        #(#summary)*
        #[must_use]
        pub fn #method #generics(mut self, #identifier: #ty) -> Self {
            self.#identifier = #value;
            self
        }
    }
}

/// The type parameter of a setter whose argument may be a value or an `Option`.
const KIND: &str = "As";

/// Returns the type parameter that the type of an argument needs.
pub(super) fn kind_parameter(ty: &TokenStream) -> TokenStream {
    let kind = format_ident!("{KIND}");
    let names_kind = |token: TokenTree| matches!(token, TokenTree::Ident(name) if name == kind);
    if ty.clone().into_iter().any(names_kind) {
        quote!(<#kind>)
    } else {
        quote!()
    }
}

/// Returns true if an argument must have exactly this type. A number must, because a literal has
/// the type that is asked for. A free-form value must, because an `Option` converts into one.
fn is_exact(ty: &Type) -> bool {
    const SCALARS: [&str; 7] = ["bool", "f32", "f64", "i32", "i64", "u32", "u64"];
    let Type::Path(path) = ty else {
        return false;
    };
    match path.path.get_ident() {
        Some(name) => SCALARS.iter().any(|scalar| name == scalar),
        // `serde_json::Map` and `serde_json::Value`; the types of schemas have no path.
        None => {
            let first = path.path.segments.first();
            first.is_some_and(|first| first.ident == "serde_json")
        }
    }
}

/// Returns the type of the argument for an optional value of a type, and its conversion into an
/// `Option`.
pub(super) fn optional_argument(
    ty: &Type,
    identifier: &Ident,
) -> (TokenStream, Option<TokenStream>) {
    let kind = format_ident!("{KIND}");
    let is_exact = is_exact(ty);
    let (ty, value) = match argument(ty) {
        _ if is_exact => (quote!(impl Into<Option<#ty>>), quote!(#identifier.into())),
        Some(item) if is_called(ty, "Vec") => (
            quote!(impl IntoOptionalList<#item, #kind>),
            quote!(#identifier.into_optional_list()),
        ),
        Some(key) if is_called(ty, "BTreeMap") && is_called(key, "String") => {
            let value = second_argument(ty);
            (
                quote!(impl IntoOptionalMap<#value, #kind>),
                quote!(#identifier.into_optional_map()),
            )
        }
        Some(inner) if is_called(ty, "Box") => (
            quote!(impl IntoOptional<#inner, #kind>),
            quote!(#identifier.into_optional().map(Box::new)),
        ),
        _ => (
            quote!(impl IntoOptional<#ty, #kind>),
            quote!(#identifier.into_optional()),
        ),
    };
    (ty, Some(value))
}

/// Returns the type of the argument for an optional value that may be `null`, and its conversion.
fn nullable_argument(ty: &Type, identifier: &Ident) -> (TokenStream, Option<TokenStream>) {
    let kind = format_ident!("{KIND}");
    let is_exact = is_exact(ty) || ["BTreeMap", "Vec"].iter().any(|name| is_called(ty, name));
    let (ty, value) = match argument(ty) {
        _ if is_exact => (quote!(impl Into<Nullable<#ty>>), quote!(#identifier.into())),
        Some(inner) if is_called(ty, "Box") => (
            quote!(impl IntoNullable<#inner, #kind>),
            quote!(#identifier.into_nullable().map(Box::new)),
        ),
        _ => (
            quote!(impl IntoNullable<#ty, #kind>),
            quote!(#identifier.into_nullable()),
        ),
    };
    (ty, Some(value))
}

/// Returns the type that the caller passes and its conversion into the field's type, if the two
/// differ.
pub(super) fn conversion(
    ty: &Type,
    identifier: &Ident,
    unions: &HashSet<String>,
) -> (TokenStream, Option<TokenStream>) {
    let is_union = |ty: &Type| match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| unions.contains(&name.to_string())),
        _ => false,
    };
    let converts = |ty: &Type| {
        ["String", "DateTime", "Date"]
            .iter()
            .any(|name| is_called(ty, name))
            || is_union(ty)
    };
    match (argument(ty), ty) {
        (Some(item), ty) if is_called(ty, "Vec") && converts(item) => (
            quote!(impl IntoIterator<Item = impl Into<#item>>),
            Some(quote!(#identifier.into_iter().map(Into::into).collect())),
        ),
        (Some(item), ty) if is_called(ty, "Vec") => (
            quote!(impl IntoIterator<Item = #item>),
            Some(quote!(#identifier.into_iter().collect())),
        ),
        (Some(key), ty) if is_called(ty, "BTreeMap") && is_called(key, "String") => {
            let value = second_argument(ty);
            let entry = quote!(|(key, value)| (key.into(), value));
            (
                quote!(impl IntoIterator<Item = (impl Into<String>, #value)>),
                Some(quote!(#identifier.into_iter().map(#entry).collect())),
            )
        }
        (Some(item), ty) if is_called(ty, "Box") => {
            (quote!(#item), Some(quote!(Box::new(#identifier))))
        }
        (_, ty) if converts(ty) => (quote!(impl Into<#ty>), Some(quote!(#identifier.into()))),
        (_, ty) => (quote!(#ty), None),
    }
}
