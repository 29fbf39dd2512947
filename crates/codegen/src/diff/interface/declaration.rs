//! Reads types that macros of the runtime declare: `open_enum! { … }` and others, and the
//! implementation of structures: `json_object! { … }`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Item, LitStr, Type, Visibility};

use super::{short, spaced};
use crate::collections::HashMap;

/// The macros and the kinds of type that they declare. All of them are non-exhaustive or private.
const KINDS: [(&str, &str); 4] = [
    ("open_enum", OPEN_ENUM),
    ("open_union", "union"),
    ("response_enum", "response enum"),
    ("string_argument", STRING_ARGUMENT),
];
/// The kind of type whose variants are strings on the wire.
pub(super) const OPEN_ENUM: &str = "open enum";

/// The kind of type that a string argument has.
pub(in crate::diff) const STRING_ARGUMENT: &str = "string argument";

/// The content of a macro that declares a type.
pub(super) struct Declaration {
    pub(super) name: syn::Ident,
    /// The tokens before the braces, which say how a union selects its variant.
    pub(super) selection: String,
    pub(super) variants: Vec<DeclaredVariant>,
}

/// A variant of a declared enum.
pub(super) struct DeclaredVariant {
    pub(super) name: syn::Ident,
    pub(super) payload: String,
    /// The tokens after `=`.
    pub(super) value: String,
    /// The string after `=`, if it is one.
    pub(super) text: Option<String>,
}

/// The implementation of a structure.
pub(super) struct Object {
    name: syn::Ident,
    /// The traits, in addition to those that are derived.
    pub(super) traits: &'static [&'static str],
    /// The names of the properties, by field.
    pub(super) wire_names: HashMap<String, String>,
}

/// Returns the implementations of structures in a file, by name.
pub(super) fn objects(items: &[Item]) -> HashMap<String, Object> {
    let object = |item: &Item| match item {
        Item::Macro(item) if item.mac.path.is_ident("json_object") => {
            item.mac.parse_body::<Object>().ok()
        }
        _ => None,
    };
    let objects = items.iter().filter_map(object);
    objects
        .map(|object| (object.name.to_string(), object))
        .collect()
}

impl Parse for Object {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut wire_names = HashMap::default();
        while !body.is_empty() {
            let field: syn::Ident = body.parse()?;
            body.parse::<syn::Token![=]>()?;
            let wire_name: LitStr = body.parse()?;
            body.parse::<syn::Ident>()?;
            body.parse::<Option<syn::Token![,]>>()?;
            wire_names.insert(field.to_string(), wire_name.value());
        }
        let other: TokenStream = input.parse()?;
        // Only an object without other properties lacks the trait that gives access to them.
        let traits: &[&str] = match spaced(other).as_str() {
            "unknown properties rejected" => &["Deserialize", "Serialize"],
            _ => &["Deserialize", "Serialize", "UnknownProperties"],
        };
        Ok(Self {
            name,
            traits,
            wire_names,
        })
    }
}

/// Returns the kind of type that the macro `name` declares.
pub(super) fn kind(name: &syn::Ident) -> Option<&'static str> {
    let mut known = KINDS.iter();
    known
        .find(|(macros, _)| name == macros)
        .map(|(_, kind)| *kind)
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if input.parse::<Option<syn::Token![struct]>>()?.is_some() {
            return Self::string_argument(input);
        }
        input.parse::<syn::Token![enum]>()?;
        let name = input.parse()?;
        let mut selection = TokenStream::new();
        while !input.peek(syn::token::Brace) {
            selection.extend([input.parse::<TokenTree>()?]);
        }
        let body;
        syn::braced!(body in input);
        let mut variants = Vec::new();
        while !body.is_empty() {
            variants.push(body.parse()?);
            body.parse::<Option<syn::Token![,]>>()?;
        }
        Ok(Self {
            name,
            selection: spaced(selection),
            variants,
        })
    }
}

impl Declaration {
    /// Reads a type with one private field. The types that it converts into are in parentheses.
    fn string_argument(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let mut selection = TokenStream::new();
        while !input.peek(syn::Token![;]) {
            selection.extend([input.parse::<TokenTree>()?]);
        }
        input.parse::<syn::Token![;]>()?;
        Ok(Self {
            name,
            selection: spaced(selection),
            variants: Vec::new(),
        })
    }
}

impl Parse for DeclaredVariant {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        let mut payload = String::new();
        if input.peek(syn::token::Paren) {
            let fields;
            syn::parenthesized!(fields in input);
            payload = format!("({})", short(&fields.parse::<Type>()?));
        }
        let mut value = TokenStream::new();
        let mut text = None;
        if input.parse::<Option<syn::Token![=]>>()?.is_some() {
            text = input.fork().parse::<syn::LitStr>().ok();
            while !input.is_empty() && !input.peek(syn::Token![,]) {
                value.extend([input.parse::<TokenTree>()?]);
            }
        }
        Ok(Self {
            name,
            payload,
            value: spaced(value),
            text: text.map(|text| text.value()),
        })
    }
}
