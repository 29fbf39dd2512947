//! Rewrites constructs with several spellings into one, so that later stages handle only one
//! `oneOf`. It is a list of variants, with only annotations and a discriminator next to it.
//!
//! ```yaml
//! # An object with variants                       # becomes variants, each with the shared part
//! properties: {id: {type: string}}                oneOf:
//! oneOf: [$ref A, $ref B]                           - allOf: [{properties: {id: …}}, $ref A]
//!                                                   - allOf: [{properties: {id: …}}, $ref B]
//! # A schema that others inherit from             # becomes a union of them
//! Pet: {properties: …, discriminator: kind}       Pet: {oneOf: [$ref PetBase, $ref Cat], …}
//! Cat: {allOf: [$ref Pet, …]}                     Cat: {allOf: [$ref PetBase, …]}
//! ```
//!
//! Every value keeps its place in the document, so that diagnostics of later stages still name it.

mod alternatives;
mod inheritance;

use std::borrow::Cow;

use crate::collections::IndexMap;
use crate::document::diagnostic::Location;
use crate::document::edit::{mapping, properties_of, sequence, set, string, take};
use crate::document::node::{
    Node, NodeValue, Property, holds_data, holds_names, unescape_pointer_token,
};

/// The prefix of references to named schemas.
const SCHEMAS: &str = "#/components/schemas/";

/// The keywords of a union.
pub(in crate::generate) const UNION_KEYWORDS: [&str; 2] = ["oneOf", "anyOf"];

/// Returns `document` with its schemas rewritten. A document without a union stays unchanged.
pub fn desugar(document: &Node) -> Cow<'_, Node> {
    if !has_union(document) {
        return Cow::Borrowed(document);
    }
    let mut document = document.clone();
    inheritance::turn_into_unions(&mut document);
    Cow::Owned(alternatives::stand_alone(document))
}

/// Returns true if a keyword that this stage rewrites occurs anywhere.
fn has_union(node: &Node) -> bool {
    match &node.value {
        NodeValue::Array(items) => items.iter().any(has_union),
        NodeValue::Object(properties) => properties.iter().any(|(name, property)| {
            UNION_KEYWORDS.contains(&name.as_str())
                || name == "discriminator"
                || has_union(&property.node)
        }),
        _ => false,
    }
}

/// Calls `visit` for every mapping that may be a schema, innermost first.
fn for_each_mapping(node: &mut Node, visit: &mut impl FnMut(&mut Node)) {
    walk(node, false, visit);
}

fn walk(node: &mut Node, names: bool, visit: &mut impl FnMut(&mut Node)) {
    node.change_inner(&mut |name, inner| {
        if names || !(holds_data(name) || name.starts_with("x-")) {
            walk(inner, !names && holds_names(name), visit);
        }
    });
    if !names && node.properties().is_some() {
        visit(node);
    }
}

/// Returns a mutable reference to the named schemas.
fn schemas(document: &mut Node) -> Option<&mut IndexMap<String, Property>> {
    properties_of(document.get_mut("components")?.get_mut("schemas")?)
}

/// Returns the name in a reference to a named schema.
pub(in crate::generate) fn referenced(node: &Node) -> Option<String> {
    let name = node.reference()?.strip_prefix(SCHEMAS)?;
    Some(unescape_pointer_token(name))
}

/// Creates a reference to the schema `name`.
pub(in crate::generate) fn reference(location: &Location, name: &str) -> Node {
    let name = crate::document::node::escape_pointer_token(name);
    let target = string(location, &format!("{SCHEMAS}{name}"));
    mapping(location, [("$ref", target)])
}
