//! Holds the data that the passes share: progenitor's output, printed types and requests, and the
//! finished crate.

use proc_macro2::TokenStream;
use quote::ToTokens;
use serde::{Deserialize, Serialize};
use syn::{Item, ItemStruct, Type};

use crate::collections::{HashMap, IndexMap};

/// The generated source of one crate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct GeneratedCrate {
    /// Each file's path below `src/generated` and its text.
    pub files: IndexMap<String, String>,
    /// The number of operations.
    pub operations: usize,
    /// The number of types.
    pub types: usize,
    /// The names of the types that it re-exports from the crate of shared types.
    pub reexported: Vec<String>,
    /// True if this run generated the crate, false if it came from the cache.
    #[serde(skip)]
    pub is_fresh: bool,
}

/// The parts of progenitor's output that are kept.
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
    /// The type of a successful response.
    pub(in crate::generate) response: Type,
}

/// A type as it is written to a file.
pub(in crate::generate) enum TypeSource {
    /// An item without an implementation of its own.
    Item(Box<Item>),
    /// A structure.
    Object {
        /// The structure.
        item: Box<ItemStruct>,
        /// The macro that implements its decoding and encoding, already printed.
        implementation: String,
    },
    /// A macro declaration, already printed because the formatter leaves the inside of a macro
    /// unchanged.
    Macro {
        /// The macro's name.
        name: &'static str,
        /// The whole declaration.
        text: String,
        /// The tokens that use the names of other types.
        tokens: TokenStream,
    },
}

impl TypeSource {
    /// Returns the tokens, to find the names that the type uses.
    pub(in crate::generate) fn tokens(&self) -> TokenStream {
        match self {
            Self::Item(item) => item.to_token_stream(),
            Self::Object { item, .. } => item.to_token_stream(),
            Self::Macro { tokens, .. } => tokens.clone(),
        }
    }
}

/// The generated items of an operation.
pub(in crate::generate) struct RequestSource {
    /// The operation's resource.
    pub(in crate::generate) resource: String,
    /// The descriptor, the client's method, the request type and its methods.
    pub(in crate::generate) items: Vec<Item>,
}
