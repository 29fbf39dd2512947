//! Keeps the types and the signatures of progenitor's output and drops the rest: conversions that nobody calls, an
//! error type, a client with its own transport, and method bodies that would send an `api-version` header.

use std::collections::HashMap;

use indexmap::IndexMap;
use syn::{FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, ReturnType, Type};

use crate::document::diagnostic::Diagnostic;
use crate::generate::model::Domain;

/// What is kept.
pub(super) struct Selected {
    /// Structures and enums by name, in the order in which the document reaches them.
    pub(super) types: IndexMap<String, Item>,
    /// Signatures by method name.
    pub(super) signatures: HashMap<String, Signature>,
}

/// The signature of a positional method.
pub(super) struct Signature {
    /// The Rust type of each argument, optional ones as `Option`.
    pub(super) arguments: HashMap<String, Type>,
    /// What a success holds.
    pub(super) response: Type,
}

pub(super) fn select(file: syn::File, domain: &Domain) -> Result<Selected, Diagnostic> {
    let mut types = HashMap::new();
    let mut signatures = HashMap::new();
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.into_iter().flat_map(|(_, items)| items) {
                    match &item {
                        Item::Struct(structure) => types.insert(structure.ident.to_string(), item),
                        Item::Enum(enumeration) => {
                            types.insert(enumeration.ident.to_string(), item)
                        }
                        _ => None,
                    };
                }
            }
            Item::Impl(implementation) if implementation.trait_.is_none() => {
                for item in implementation.items {
                    if let ImplItem::Fn(function) = item
                        && let Some(signature) = signature(&function.sig)
                    {
                        signatures.insert(function.sig.ident.to_string(), signature);
                    }
                }
            }
            _ => {}
        }
    }
    let mut ordered = IndexMap::new();
    for (name, schema) in &domain.schemas {
        let Some(item) = types.remove(name) else {
            return Err(Diagnostic::new(
                &schema.location,
                format!("the schema `{name}` became no Rust type"),
                "rewrite it as an object with properties, a string enum or a `oneOf`",
            ));
        };
        ordered.insert(name.clone(), item);
    }
    let mut unknown: Vec<_> = types.into_keys().collect();
    unknown.sort();
    if let Some(name) = unknown.first() {
        let owner = domain
            .schemas
            .iter()
            .find(|(owner, _)| name.starts_with(owner.as_str()));
        let message = format!("a schema inside another became the unnamed type `{name}`");
        let help = "move it to `components/schemas` under a name of its own";
        return Err(owner.map_or_else(
            || Diagnostic::without_location(message.clone(), help),
            |(_, schema)| Diagnostic::new(&schema.location, message.clone(), help),
        ));
    }
    Ok(Selected {
        types: ordered,
        signatures,
    })
}

/// The signature of an operation's method; `None` for the constructors.
fn signature(signature: &syn::Signature) -> Option<Signature> {
    let ReturnType::Type(_, output) = &signature.output else {
        return None;
    };
    // Result<ResponseValue<T>, Error<E>>
    let response = argument(argument(output)?)?.clone();
    let arguments = signature.inputs.iter().filter_map(|input| {
        let FnArg::Typed(input) = input else {
            return None;
        };
        let Pat::Ident(name) = &*input.pat else {
            return None;
        };
        Some((name.ident.to_string(), (*input.ty).clone()))
    });
    Some(Signature {
        arguments: arguments.collect(),
        response,
    })
}

/// The first type argument of a type.
pub(super) fn argument(ty: &Type) -> Option<&Type> {
    arguments(ty).next()
}

/// The second type argument of a type, the values of a map.
pub(super) fn second_argument(ty: &Type) -> Option<&Type> {
    arguments(ty).nth(1)
}

fn arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let arguments = last.and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// Whether the outermost type is called `name`.
pub(super) fn is_called(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}
