//! Changes of a document's tree: the values that a pass creates, and the properties that it sets
//! and removes.

use indexmap::IndexMap;

use super::diagnostic::Location;
use super::node::{Member, Node, NodeValue};

/// Returns the properties of a mapping, to change them.
pub(crate) fn members_of(node: &mut Node) -> Option<&mut IndexMap<String, Member>> {
    match &mut node.value {
        NodeValue::Object(members) => Some(members),
        _ => None,
    }
}

/// Creates a mapping at `location`.
pub(crate) fn mapping<const N: usize>(location: &Location, members: [(&str, Node); N]) -> Node {
    let members = members.into_iter().map(|(name, node)| {
        let key = node.location.clone();
        (name.to_owned(), Member { key, node })
    });
    Node {
        location: location.clone(),
        value: NodeValue::Object(members.collect()),
    }
}

/// Creates a sequence at `location`.
pub(crate) fn sequence(location: &Location, items: Vec<Node>) -> Node {
    Node {
        location: location.clone(),
        value: NodeValue::Array(items),
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
    if let Some(members) = members_of(node) {
        let key = value.location.clone();
        members.insert(name.to_owned(), Member { key, node: value });
    }
}

/// Removes a property from a mapping and returns it.
pub(crate) fn take(node: &mut Node, name: &str) -> Option<Member> {
    members_of(node)?.shift_remove(name)
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
