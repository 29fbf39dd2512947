//! The data that the passes hand on: progenitor's output, printed types and requests, and the
//! finished crate.

use std::collections::HashMap;

use indexmap::IndexMap;
use proc_macro2::TokenStream;
use quote::ToTokens;
use serde::{Deserialize, Serialize};
use syn::{Item, Type};

/// The generated source of one crate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct GeneratedCrate {
    /// Each file's path below `src/generated` and its text.
    pub files: IndexMap<String, String>,
    /// How many operations there are.
    pub operations: usize,
    /// How many types there are.
    pub types: usize,
    /// Whether this run made it, rather than found it in the cache.
    #[serde(skip)]
    pub is_fresh: bool,
}

/// What is kept.
pub(in crate::generate) struct ProgenitorOutput {
    /// Structures and enums by name, in the order in which the document reaches them.
    pub(in crate::generate) types: IndexMap<String, Item>,
    /// Signatures by method name.
    pub(in crate::generate) signatures: HashMap<String, Signature>,
}

/// The signature of a positional method.
pub(in crate::generate) struct Signature {
    /// The Rust type of each argument, optional ones as `Option`.
    pub(in crate::generate) arguments: HashMap<String, Type>,
    /// What a success holds.
    pub(in crate::generate) response: Type,
}

/// A type as it will stand in a file.
pub(in crate::generate) enum TypeSource {
    /// A structure, or an enum of alternatives.
    Item(Box<Item>),
    /// A declaration by a macro, printed already: the formatter leaves what stands inside a macro
    /// alone.
    Macro {
        /// The macro's name.
        name: &'static str,
        /// The whole declaration.
        text: String,
        /// Whatever uses the names of other types.
        tokens: TokenStream,
    },
}

impl TypeSource {
    /// The tokens, to find the names that the type uses.
    pub(in crate::generate) fn tokens(&self) -> TokenStream {
        match self {
            Self::Item(item) => item.to_token_stream(),
            Self::Macro { tokens, .. } => tokens.clone(),
        }
    }
}

/// What an operation becomes.
pub(in crate::generate) struct RequestSource {
    /// The operation's resource.
    pub(in crate::generate) resource: String,
    /// The descriptor, the client's method, the request type and its methods.
    pub(in crate::generate) items: Vec<Item>,
}
