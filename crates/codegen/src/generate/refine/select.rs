//! Keeps the types and the signatures of progenitor's output and drops the rest. The rest is unused
//! conversions, an error type, a client with its own transport, and method bodies that would send
//! an `api-version` header.

use syn::{FnArg, ImplItem, Item, Pat, ReturnType};

use super::rust_type::argument;
use super::source::{ProgenitorOutput, Signature};
use crate::collections::{HashMap, IndexMap};
use crate::document::diagnostic::Diagnostic;
use crate::generate::model::Domain;

pub(super) fn select(file: syn::File, domain: &Domain) -> Result<ProgenitorOutput, Diagnostic> {
    let mut types = HashMap::default();
    let mut signatures = HashMap::default();
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
    let mut ordered = IndexMap::default();
    for (name, schema) in &domain.schemas {
        let Some(item) = types.remove(name) else {
            return Err(Diagnostic::new(
                &schema.location,
                format!("the schema `{name}` has no Rust type"),
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
    Ok(ProgenitorOutput {
        types: ordered,
        signatures,
    })
}

/// Returns the signature of an operation's method; `None` for the constructors.
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
