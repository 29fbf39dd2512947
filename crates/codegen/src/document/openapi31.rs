//! Rewrites what OpenAPI 3.1 writes differently into the form of OpenAPI 3.0, so that every later
//! stage, `lint` and `diff` read one version.
//!
//! Schemas of 3.1 are JSON Schema draft 2020-12. Their keywords have no other meaning in a document
//! of 3.0, so the same rewrite serves a 3.1 document whose version line is wrong. Keywords that
//! only validate are left out, each with a note.

use std::cmp::Ordering;

use super::bounds::{self, number};
use super::diagnostic::{Diagnostic, Location};
use super::edit::{
    boolean, keep, mapping, properties_of, sequence, set, set_if_missing, string, take,
};
use super::node::{Node, NodeValue, VALIDATION, holds_data, holds_names};
use super::number::order;
use crate::collections::HashSet;

/// Keywords that only validate, or only say how to process a schema.
const IGNORED: [&str; 20] = [
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$schema",
    "$vocabulary",
    "contains",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
];

/// Keywords next to a `$ref` that belong to a schema and are more than an annotation. Bounds are
/// kept, which make no other type.
const SIBLINGS: [&str; 18] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "enum",
    "example",
    "examples",
    "format",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "readOnly",
    "required",
    "type",
    "writeOnly",
    VALIDATION,
];

/// The keywords of each type, which move to it where a schema lists several types.
const BY_TYPE: [(&str, &[&str]); 4] = [
    (
        "array",
        &[
            "items",
            "prefixItems",
            "minItems",
            "maxItems",
            "uniqueItems",
        ],
    ),
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
            "maxProperties",
        ],
    ),
    (
        "string",
        &[
            "format",
            "pattern",
            "minLength",
            "maxLength",
            "contentEncoding",
        ],
    ),
    (
        "number",
        &[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ],
    ),
];

/// Rewrites every schema of a file. Returns what was left out or assumed.
pub(super) fn rewrite(file: &mut Node) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    walk(file, false, &mut notes);
    notes
}

/// Adds a note at `location`.
pub(super) fn note(
    notes: &mut Vec<Diagnostic>,
    location: &Location,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    notes.push(Diagnostic::new(location, message, help).into_note());
}

fn walk(node: &mut Node, names: bool, notes: &mut Vec<Diagnostic>) {
    match &mut node.value {
        NodeValue::Array(items) => {
            items.iter_mut().for_each(|item| walk(item, false, notes));
        }
        NodeValue::Object(properties) => {
            for (name, property) in properties.iter_mut() {
                if names || !(holds_data(name) || name.starts_with("x-")) {
                    let is_names = holds_names(name)
                        || matches!(name.as_str(), "$defs" | "definitions" | "patternProperties");
                    walk(&mut property.node, !names && is_names, notes);
                }
            }
            if !names {
                schema(node, notes);
            }
        }
        _ => {}
    }
}

/// Rewrites one mapping, which is a schema if it has a keyword of one.
fn schema(node: &mut Node, notes: &mut Vec<Diagnostic>) {
    tuple(node, notes);
    boolean_schemas(node);
    patterns(node, notes);
    constant(node, notes);
    exclusive_bounds(node);
    types(node);
    content(node);
    if node
        .get("examples")
        .is_some_and(|node| !node.items().is_empty())
        && let Some(examples) = take(node, "examples")
        && let Some(first) = examples.node.items().first()
    {
        set_if_missing(node, "example", first.clone());
    }
    if is_schema(node) {
        for keyword in IGNORED {
            if let Some(property) = take(node, keyword) {
                let message = format!("the keyword `{keyword}` is not checked by the client");
                note(notes, &property.key, message, "the server checks it");
                if !keyword.starts_with('$') {
                    keep(node, keyword, &property);
                }
            }
        }
    }
    siblings(node);
}

/// Returns true if a mapping has a keyword that only schemas have.
fn is_schema(node: &Node) -> bool {
    ([
        "type",
        "properties",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "enum",
        "format",
        "pattern",
        "not",
    ]
    .iter()
    .chain(["if", "$dynamicRef", "propertyNames", "dependentRequired"].iter())
    .any(|keyword| node.get(keyword).is_some())
        || node.reference().is_some())
        && node.get("in").is_none()
}

/// Replaces the schemas `true` and `false`, except for `additionalProperties`.
fn boolean_schemas(node: &mut Node) {
    let replace = |node: &mut Node| {
        if let NodeValue::Bool(allows) = node.value {
            let location = node.location.clone();
            *node = match allows {
                true => mapping(&location, []),
                false => mapping(&location, [("not", mapping(&location, []))]),
            };
        }
    };
    for keyword in ["items", "schema"] {
        if let Some(inner) = node.get_mut(keyword) {
            replace(inner);
        }
    }
    if let Some(fields) = node.get_mut("properties").and_then(properties_of) {
        fields
            .values_mut()
            .for_each(|field| replace(&mut field.node));
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(NodeValue::Array(parts)) = node.get_mut(keyword).map(|parts| &mut parts.value) {
            parts.iter_mut().for_each(replace);
        }
    }
}

/// Reads a tuple as a list of its items.
fn tuple(node: &mut Node, notes: &mut Vec<Diagnostic>) {
    let Some(property) = take(node, "prefixItems") else {
        return;
    };
    let items = property.node.items();
    let rest = node
        .get("items")
        .filter(|items| items.properties().is_some());
    let mut all = items.iter().chain(rest);
    let first = all.next().cloned();
    let same = first.filter(|first| {
        let value = first.to_value();
        all.all(|other| other.to_value() == value)
    });
    let message = "the tuple of `prefixItems` is read as a list";
    let help = match &same {
        Some(_) => "the client does not check the number of items",
        None => "each item is any JSON value",
    };
    note(notes, &property.key, message, help);
    keep(node, "prefixItems", &property);
    let items = same.unwrap_or_else(|| mapping(&property.key, []));
    set(node, "items", items);
    set_if_missing(node, "type", string(&property.key, "array"));
}

/// Reads `patternProperties` as a map.
fn patterns(node: &mut Node, notes: &mut Vec<Diagnostic>) {
    let Some(property) = take(node, "patternProperties") else {
        return;
    };
    let mut patterns = property.node.properties().into_iter().flatten();
    let value = match (patterns.next(), patterns.next()) {
        (Some((_, only)), None) => only.node.clone(),
        _ => mapping(&property.key, []),
    };
    keep(node, "patternProperties", &property);
    let message = "`patternProperties` is read as a map";
    note(
        notes,
        &property.key,
        message,
        "the client does not check the names",
    );
    let is_open = |node: &Node| {
        node.get("additionalProperties")
            .is_none_or(|extra| extra.properties().is_none())
    };
    if is_open(node) && value.properties().is_some() {
        set(node, "additionalProperties", value);
    }
}

/// Writes a constant as an enum of one value.
fn constant(node: &mut Node, notes: &mut Vec<Diagnostic>) {
    if node.get("in").is_some() {
        return;
    }
    let Some(property) = take(node, "const") else {
        return;
    };
    match &property.node.value {
        NodeValue::Array(_) | NodeValue::Object(_) => {
            let message = "a constant list or object is not checked by the client";
            note(notes, &property.key, message, "the server checks it");
            keep(node, "const", &property);
        }
        _ => {
            // No value is both the constant and one of an enum that does not list it.
            let constant = property.node.to_value();
            let values = node.get("enum").map(Node::items).unwrap_or_default();
            if values.is_empty() || values.iter().any(|value| value.to_value() == constant) {
                let values = sequence(&property.key, vec![property.node]);
                set(node, "enum", values);
            } else {
                keep(node, "const", &property);
            }
        }
    }
}

/// Rewrites a list of types: `null` becomes `nullable`, and several others become `anyOf`.
fn types(node: &mut Node) {
    let Some(kinds) = node.get("type") else {
        return;
    };
    let location = kinds.location.clone();
    let is_list = matches!(kinds.value, NodeValue::Array(_));
    let is_null = kinds.as_str() == Some("null") || matches!(kinds.value, NodeValue::Null);
    if !is_list && !is_null {
        return;
    }
    let mut names: Vec<String> = kinds
        .items()
        .iter()
        .filter_map(Node::as_str)
        .map(str::to_owned)
        .collect();
    let had_null = is_null || names.iter().any(|name| name == "null");
    names.retain(|name| name != "null");
    let mut known = HashSet::default();
    names.retain(|name| known.insert(name.clone()));
    if names.iter().any(|name| name == "number") {
        names.retain(|name| name != "integer");
    }
    take(node, "type");
    if had_null {
        set(node, "nullable", boolean(&location, true));
    }
    match &names[..] {
        [] if had_null => set(node, "enum", sequence(&location, vec![null(&location)])),
        [] => {}
        [only] => set(node, "type", string(&location, only)),
        several => {
            // Another keyword that chooses among values narrows the types itself.
            let narrows = ["allOf", "anyOf", "oneOf", "enum"];
            if narrows.iter().any(|keyword| node.get(keyword).is_some()) {
                return;
            }
            let variants = several
                .iter()
                .map(|kind| of_type(node, kind, &location))
                .collect();
            for (_, keywords) in BY_TYPE {
                for keyword in keywords {
                    take(node, keyword);
                }
            }
            set(node, "anyOf", sequence(&location, variants));
        }
    }
}

/// Returns the part of a schema with several types that is about one of them.
fn of_type(node: &Node, kind: &str, location: &Location) -> Node {
    let mut variant = mapping(location, [("type", string(location, kind))]);
    let family = if kind == "integer" { "number" } else { kind };
    for (_, keywords) in BY_TYPE.iter().filter(|(known, _)| *known == family) {
        for keyword in *keywords {
            if let Some(value) = node.get(keyword) {
                set(&mut variant, keyword, value.clone());
            }
        }
    }
    if kind == "array" {
        set_if_missing(&mut variant, "items", mapping(location, []));
    }
    variant
}

fn null(location: &Location) -> Node {
    Node {
        location: location.clone(),
        value: NodeValue::Null,
    }
}

/// Writes a bound that excludes its number as OpenAPI 3.0 does.
fn exclusive_bounds(node: &mut Node) {
    for (keyword, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        let number = node.get(keyword).and_then(number).cloned();
        let Some(number) = number else { continue };
        let Some(property) = take(node, keyword) else {
            continue;
        };
        let wider = match bound {
            "minimum" => Ordering::Less,
            _ => Ordering::Greater,
        };
        let other = node.get(bound).and_then(self::number);
        let is_narrower = other.is_none_or(|other| order(&number, other) != wider);
        if is_narrower {
            set(node, bound, property.node);
            set(node, keyword, boolean(&property.key, true));
        }
    }
}

/// Writes the encoding of a string as its format.
fn content(node: &mut Node) {
    let encoding = node
        .get("contentEncoding")
        .and_then(Node::as_str)
        .map(str::to_owned);
    let media_type = node
        .get("contentMediaType")
        .and_then(Node::as_str)
        .map(str::to_owned);
    let key = node.key_location("contentMediaType").clone();
    for keyword in ["contentEncoding", "contentMediaType"] {
        if let Some(property) = take(node, keyword) {
            keep(node, keyword, &property);
        }
    }
    let is_text = |name: &str| name.starts_with("text/") || name.contains("json");
    let format = match (encoding.as_deref(), media_type.as_deref()) {
        (Some("base64" | "base64url"), _) => "byte",
        (Some("binary"), _) => "binary",
        (None, Some(name)) if !is_text(name) => "binary",
        _ => return,
    };
    set_if_missing(node, "type", string(&key, "string"));
    set_if_missing(node, "format", string(&key, format));
}

/// Moves a `$ref` with further keywords into an `allOf`, next to which they are read.
fn siblings(node: &mut Node) {
    if node.reference().is_some() {
        bounds::keep_own(node);
    }
    let has_sibling = SIBLINGS.iter().any(|keyword| node.get(keyword).is_some());
    if node.reference().is_none() || !has_sibling {
        return;
    }
    let Some(property) = take(node, "$ref") else {
        return;
    };
    let mut parts = vec![mapping(&property.key, [("$ref", property.node)])];
    if let Some(others) = take(node, "allOf") {
        parts.extend(others.node.items().iter().cloned());
    }
    set(node, "allOf", sequence(&property.key, parts));
}
