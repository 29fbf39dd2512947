//! The public interface of a generated crate, read from its code.
//!
//! Each item has a path (`types::Kpi.name`, `requests::ListKpis::send`, `types::Kind: Default`) and
//! a signature. [`interface`] returns the items to compare ([`super::api`]), so that no rule
//! guesses the code that a change of the document leads to. [`print()`] writes them for a review.

mod declaration;
mod print;
mod read;

use std::collections::BTreeMap;
use std::fmt;

use proc_macro2::TokenStream;
use quote::ToTokens;

pub(super) use self::declaration::STRING_ARGUMENT;
pub use self::print::print;
use crate::generate::refine::GeneratedCrate;
use crate::generate::shared::Shared;

/// The public items of a crate by path.
pub type Interface = BTreeMap<String, ApiItem>;

/// A public item.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiItem {
    /// A type.
    Type(TypeItem),
    /// A public field and its type.
    Field(String),
    /// A variant of an enum.
    Variant(Variant),
    /// A method or an associated function.
    Method(Method),
    /// A trait that a type implements, with its associated types.
    Trait(String),
    /// The value of `Default` for an open enum of one value.
    DefaultValue(String),
}

/// A type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TypeItem {
    /// `struct`, `enum`, or the macro of the runtime that declares it, such as `open enum`.
    pub kind: &'static str,
    /// Its parameters with their defaults; empty for almost all types.
    pub generics: String,
    /// True if more fields or variants may be added without a break.
    pub non_exhaustive: bool,
}

/// A variant of an enum.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variant {
    /// Its fields.
    pub payload: String,
    /// Its string on the wire, for an open enum.
    pub value: Option<String>,
}

/// A method or an associated function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Method {
    /// `async`, and the form of `self`.
    pub receiver: String,
    /// Its type parameters with their bounds; empty for almost all methods.
    pub generics: String,
    /// The name and type of each argument.
    pub arguments: Vec<(String, String)>,
    /// The type that it returns.
    pub output: String,
}

/// Reads the public items of a crate, with those that it re-exports from the crate of `shared`
/// types: users do not see where an item is declared. A file that does not parse has none, but the
/// generator prints every file from a syntax tree.
pub fn interface(sources: &GeneratedCrate, shared: Option<&Shared>) -> Interface {
    let mut entries = read::entries(&sources.files);
    let exports = &sources.reexported;
    if let Some(shared) = shared.filter(|_| !exports.is_empty()) {
        let files = shared.sources.files.iter();
        let files = files.map(|(name, text)| (format!("types/{name}"), text.clone()));
        let shared = read::entries(&files.collect()).into_iter();
        let is_exported = |entry: &read::Entry| {
            let name = entry.path.strip_prefix("types::").unwrap_or_default();
            let is_end = |c: char| !c.is_alphanumeric() && c != '_';
            let name = name.split(is_end).next().unwrap_or_default();
            exports.iter().any(|export| export == name)
        };
        entries.extend(shared.filter(is_exported));
    }
    entries
        .into_iter()
        .filter_map(|entry| match entry.content {
            read::Content::Item(item) => Some((entry.path, item)),
            read::Content::Static(_) => None,
        })
        .collect()
}

impl fmt::Display for ApiItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(item) => f.write_str(item.kind),
            Self::Variant(item) => match &item.value {
                Some(value) => write!(f, "{value:?}"),
                None => f.write_str(&item.payload),
            },
            Self::Method(item) => write!(f, "{item}"),
            Self::Field(text) | Self::Trait(text) | Self::DefaultValue(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = Vec::new();
        shown.extend((!self.receiver.is_empty()).then(|| self.receiver.clone()));
        let arguments = self.arguments.iter();
        shown.extend(arguments.map(|(name, ty)| format!("{name}: {ty}")));
        write!(f, "({}) -> {}", shown.join(", "), self.output)?;
        match self.generics.split_once("where ") {
            Some((_, clause)) => write!(f, " where {}", clause.trim_end_matches([',', ' '])),
            None => Ok(()),
        }
    }
}

/// Returns the tokens with the spaces that a person would write.
fn short<T: ToTokens + ?Sized>(tokens: &T) -> String {
    spaced(tokens.to_token_stream())
}

fn spaced(tokens: TokenStream) -> String {
    let mut text = tokens.to_string();
    for (from, to) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        ("< ", "<"),
        ("& ", "&"),
        (" ,", ","),
        (" . ", "."),
        (" : ", ": "),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("> >", ">>"),
        (" ;", ";"),
    ] {
        text = text.replace(from, to);
    }
    text
}
