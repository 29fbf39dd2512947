//! The references between the components of a document whose references are all internal.

use super::node::{self, Node, NodeValue, unescape_pointer_token};
use super::{COMPONENT_KINDS, LONGEST_CHAIN};
use crate::collections::HashSet;
use crate::document::diagnostic::Diagnostic;

/// Reports components that refer only to one another, because later stages would follow them
/// forever: the kind, the name and the problem of each.
pub(super) fn circular_components(document: &Node) -> Vec<(String, String, Diagnostic)> {
    let mut errors = Vec::new();
    for kind in COMPONENT_KINDS {
        let components = document
            .pointer(&format!("/components/{kind}"))
            .and_then(Node::properties);
        for (name, property) in components.into_iter().flatten() {
            let mut seen = HashSet::default();
            let mut node = &property.node;
            while let Some(reference) = node.reference() {
                let is_known = !seen.insert(reference);
                if is_known || seen.len() > LONGEST_CHAIN {
                    let message = match is_known {
                        true => {
                            format!("the component `{name}` refers to itself and says nothing else")
                        }
                        false => format!(
                            "the component `{name}` refers to another, and so on, more than {LONGEST_CHAIN} times"
                        ),
                    };
                    let problem = Diagnostic::new(
                        &property.key,
                        message,
                        "write out what it is, or let the `$ref` name a component that does",
                    );
                    errors.push((kind.to_owned(), name.clone(), problem));
                    break;
                }
                let target = reference
                    .strip_prefix('#')
                    .and_then(|pointer| document.pointer(pointer));
                let Some(target) = target else { break };
                node = target;
            }
        }
    }
    errors
}

/// Returns the names of the components of `kind` that `node` refers to. Each name occurs once, in
/// document order.
pub fn references(node: &Node, kind: &str) -> Vec<String> {
    let prefix = format!("#/components/{kind}/");
    let mut seen = HashSet::default();
    let mut found = Vec::new();
    let mut pending = vec![(node, false)];
    while let Some((node, keys_are_names)) = pending.pop() {
        if let Some(name) = node
            .reference()
            .and_then(|reference| reference.strip_prefix(&prefix))
        {
            if seen.insert(name) {
                found.push(unescape_pointer_token(name));
            }
            continue;
        }
        match &node.value {
            NodeValue::Array(items) => pending.extend(items.iter().rev().map(|item| (item, false))),
            NodeValue::Object(properties) => {
                let properties = properties
                    .iter()
                    .rev()
                    .filter(|(name, _)| keys_are_names || !node::holds_data(name));
                pending.extend(properties.map(|(name, property)| {
                    (&property.node, !keys_are_names && node::holds_names(name))
                }));
            }
            _ => {}
        }
    }
    found
}
