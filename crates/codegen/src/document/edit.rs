//! Changes of a document's tree: the values that a pass creates, and the properties that it sets
//! and removes.

use super::diagnostic::Location;
use super::node::{Node, NodeValue, Property, VALIDATION, WIDENED};
use crate::collections::IndexMap;

/// Returns the properties of a mapping, to change them.
pub(crate) fn properties_of(node: &mut Node) -> Option<&mut IndexMap<String, Property>> {
    match &mut node.value {
        NodeValue::Object(properties) => Some(properties),
        _ => None,
    }
}

/// Creates a mapping at `location`.
pub(crate) fn mapping<const N: usize>(location: &Location, properties: [(&str, Node); N]) -> Node {
    let properties = properties.into_iter().map(|(name, node)| {
        let key = node.location.clone();
        (name.to_owned(), Property { key, node })
    });
    Node {
        location: location.clone(),
        value: NodeValue::Object(properties.collect()),
    }
}

/// Creates a sequence at `location`.
pub(crate) fn sequence(location: &Location, items: Vec<Node>) -> Node {
    Node {
        location: location.clone(),
        value: NodeValue::Array(items.into()),
    }
}

/// Creates a string at `location`.
pub(crate) fn string(location: &Location, text: &str) -> Node {
    Node {
        location: location.clone(),
        value: NodeValue::String(text.to_owned()),
    }
}

/// Sets a property of a mapping. The key gets the place of the value.
pub(crate) fn set(node: &mut Node, name: &str, value: Node) {
    if let Some(properties) = properties_of(node) {
        let key = value.location.clone();
        properties.insert(name.to_owned(), Property { key, node: value });
    }
}

/// Removes a property from a mapping and returns it.
pub(crate) fn take(node: &mut Node, name: &str) -> Option<Property> {
    // A mapping without it stays shared.
    node.get(name)?;
    properties_of(node)?.shift_remove(name)
}

/// Creates a boolean at `location`.
pub(crate) fn boolean(location: &Location, value: bool) -> Node {
    Node {
        location: location.clone(),
        value: NodeValue::Bool(value),
    }
}

/// Sets a property of a mapping unless it exists.
pub(crate) fn set_if_missing(node: &mut Node, name: &str, value: Node) {
    if node.get(name).is_none() {
        set(node, name, value);
    }
}

/// Keeps a keyword that only validates, so that a comparison of two documents sees it.
pub(crate) fn keep(node: &mut Node, keyword: &str, property: &Property) {
    set_if_missing(node, VALIDATION, mapping(&property.key, []));
    if let Some(kept) = node.get_mut(VALIDATION) {
        let text = string(&property.key, &property.node.to_value().to_string());
        set(kept, keyword, text);
    }
}

/// Replaces a schema by any JSON value. Only a comparison of two documents reads what it was.
pub(crate) fn widen(node: &mut Node) {
    let mut any = mapping(&node.location, []);
    let original = string(&node.location, &node.to_value().to_string());
    let original = mapping(&node.location, [(WIDENED, original)]);
    set(&mut any, VALIDATION, original);
    if let Some(description) = node.get("description") {
        set(&mut any, "description", description.clone());
    }
    *node = any;
}
