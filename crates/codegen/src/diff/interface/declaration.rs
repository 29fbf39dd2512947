//! Reads types that macros of the runtime declare: `open_enum! { … }` and others.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Type, Visibility};

use super::{short, spaced};

/// The macros and the kinds of type that they declare. All of them are non-exhaustive.
const KINDS: [(&str, &str); 3] = [
    ("open_enum", OPEN_ENUM),
    ("open_union", "union"),
    ("response_enum", "response enum"),
];
/// The kind of type whose variants are strings on the wire.
pub(super) const OPEN_ENUM: &str = "open enum";

/// The content of a macro that declares an enum.
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
