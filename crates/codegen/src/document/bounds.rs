//! Bounds of values that no client checks. They are kept where a stage rewrites the schema that has
//! them, so that a comparison of two documents reads them.

use std::cmp::Ordering;

use serde_json::Number;

use super::diagnostic::Location;
use super::edit::{mapping, sequence, set, set_if_missing, string, take};
use super::node::{Node, NodeValue, Property, VALIDATION};
use super::number::order;

const BOUNDS: [&str; 14] = [
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// Returns true if a keyword is a bound.
pub(crate) fn is_bound(keyword: &str) -> bool {
    BOUNDS.contains(&keyword)
}

/// Returns the bounds of a schema. One that excludes its number has the form of OpenAPI 3.1: the
/// number under `exclusiveMaximum`.
pub(crate) fn of(node: &Node) -> Vec<(&str, Property)> {
    let excludes = |keyword: &str| node.get(keyword).is_some_and(Node::is_true);
    let properties = node.properties().into_iter().flatten();
    let bounds = properties.filter_map(|(name, property)| {
        let name = match name.as_str() {
            "maximum" if excludes("exclusiveMaximum") => "exclusiveMaximum",
            "minimum" if excludes("exclusiveMinimum") => "exclusiveMinimum",
            "exclusiveMaximum" | "exclusiveMinimum" if number(&property.node).is_none() => {
                return None;
            }
            name if is_bound(name) => name,
            _ => return None,
        };
        Some((name, property.clone()))
    });
    bounds.collect()
}

/// Keeps the bounds that a schema has, except its listed values, which select its type.
pub(crate) fn keep_own(node: &mut Node) {
    let own = of(node).into_iter().filter(|(name, _)| *name != "enum");
    let own: Vec<_> = own
        .map(|(name, property)| (name.to_owned(), property))
        .collect();
    if own.is_empty() {
        return;
    }
    for keyword in BOUNDS.iter().filter(|keyword| **keyword != "enum") {
        take(node, keyword);
    }
    for (name, property) in own {
        keep_together(node, &name, &property);
    }
}

/// Keeps the bounds of another schema, and what it keeps itself.
pub(crate) fn carry(node: &mut Node, other: &Node) {
    for (keyword, property) in of(other) {
        keep_together(node, keyword, &property);
    }
    let kept = other.get(VALIDATION).and_then(Node::properties);
    for (keyword, property) in kept.into_iter().flatten() {
        let texts = match &property.node.value {
            NodeValue::Array(texts) => texts.as_slice(),
            _ => std::slice::from_ref(&property.node),
        };
        for text in texts.iter().filter_map(Node::as_str) {
            keep_text(node, keyword, text, &property.key);
        }
    }
}

/// Keeps a bound together with those that are kept already. Of two numbers, the narrower one holds.
pub(crate) fn keep_together(node: &mut Node, keyword: &str, property: &Property) {
    let text = property.node.to_value().to_string();
    keep_text(node, keyword, &text, &property.key);
}

fn keep_text(node: &mut Node, keyword: &str, text: &str, location: &Location) {
    set_if_missing(node, VALIDATION, mapping(location, []));
    let Some(kept) = node.get_mut(VALIDATION) else {
        return;
    };
    let Some(known) = kept.get(keyword) else {
        return set(kept, keyword, string(location, text));
    };
    if let Some(wider) = wider(keyword) {
        let known = known.as_str().and_then(|text| text.parse::<Number>().ok());
        let is_narrower = match (&known, text.parse::<Number>()) {
            (Some(known), Ok(new)) => order(&new, known) != wider,
            (known, new) => known.is_none() && new.is_ok(),
        };
        if is_narrower {
            set(kept, keyword, string(location, text));
        }
        return;
    }
    let mut texts = match &known.value {
        NodeValue::Array(texts) => texts.to_vec(),
        _ => vec![known.clone()],
    };
    if !texts.iter().any(|known| known.as_str() == Some(text)) {
        texts.push(string(location, text));
        set(kept, keyword, sequence(location, texts));
    }
}

/// Returns the order of a wider bound of this kind to a narrower one.
fn wider(keyword: &str) -> Option<Ordering> {
    match keyword {
        "exclusiveMaximum" | "maxItems" | "maxLength" | "maxProperties" | "maximum" => {
            Some(Ordering::Greater)
        }
        "exclusiveMinimum" | "minItems" | "minLength" | "minProperties" | "minimum" => {
            Some(Ordering::Less)
        }
        _ => None,
    }
}

/// Returns a number, and `None` for any other value.
pub(crate) fn number(node: &Node) -> Option<&Number> {
    match &node.value {
        NodeValue::Number(number) => Some(number),
        _ => None,
    }
}
