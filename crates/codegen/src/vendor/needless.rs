//! Removes what a comparison does not need from the vendor's document before it is loaded: most
//! operations have other tags, and most components belong to them.

use super::facts::METHODS;
use crate::collections::HashSet;
use crate::document::edit::properties_of;
use crate::document::node::{Node, NodeValue};

/// The components that operations name without a reference.
const BY_NAME: &str = "securitySchemes";

/// Removes the operations that `is_needed` does not choose by path, method and content, and the
/// components that only they use. Returns the number of removed operations.
pub fn remove(root: &mut Node, is_needed: impl Fn(&str, &str, &Node) -> bool) -> usize {
    let mut removed = 0;
    let paths = root.get_mut("paths").and_then(properties_of);
    for (path, item) in paths.into_iter().flatten() {
        // The operations of such a path are in another place.
        if item.node.reference().is_some() {
            continue;
        }
        if let Some(methods) = properties_of(&mut item.node) {
            let before = methods.len();
            methods.retain(|method, operation| {
                !METHODS.contains(&method.as_str()) || is_needed(path, method, &operation.node)
            });
            removed += before - methods.len();
        }
    }
    if let Some(used) = used(root) {
        let kinds = root.get_mut("components").and_then(properties_of);
        for (kind, components) in kinds.into_iter().flatten() {
            if kind == BY_NAME {
                continue;
            }
            if let Some(components) = properties_of(&mut components.node) {
                components.retain(|name, _| used.contains(&format!("{kind}/{name}")));
            }
        }
    }
    removed
}

/// Returns the components that the rest of the document uses, directly or through others, as
/// `schemas/Name`. Returns `None` if a reference may lead to them by another way.
fn used(root: &Node) -> Option<HashSet<String>> {
    let mut used = HashSet::default();
    let sections = root.properties()?.iter();
    let sections = sections.filter(|(name, _)| *name != "components");
    let mut pending: Vec<&Node> = sections.map(|(_, section)| &section.node).collect();
    while let Some(node) = pending.pop() {
        match &node.value {
            NodeValue::Array(items) => pending.extend(items.iter()),
            NodeValue::Object(properties) => {
                if node
                    .reference()
                    .is_some_and(|to| !to.starts_with("#/components/"))
                {
                    return None;
                }
                // The values of such a mapping may be names.
                let mapping = node.get("discriminator").and_then(|it| it.get("mapping"));
                let names = mapping.and_then(Node::properties).into_iter().flatten();
                for name in names.filter_map(|(_, value)| value.node.as_str()) {
                    let schema = root.get("components").and_then(|it| it.get("schemas"));
                    if let Some(schema) = schema.and_then(|all| all.get(name))
                        && used.insert(format!("schemas/{name}"))
                    {
                        pending.push(schema);
                    }
                }
                pending.extend(properties.values().map(|property| &property.node));
            }
            // A reference, or the value of a discriminator.
            NodeValue::String(text) => {
                let Some(pointer) = text.strip_prefix("#/components/") else {
                    continue;
                };
                let mut segments = pointer.split('/');
                let (kind, name) = (segments.next()?, segments.next()?);
                let component = root
                    .get("components")?
                    .get(kind)
                    .and_then(|all| all.get(name));
                match component {
                    Some(component) if used.insert(format!("{kind}/{name}")) => {
                        pending.push(component);
                    }
                    Some(_) => {}
                    // Its name is escaped, or there is none.
                    None => return None,
                }
            }
            _ => {}
        }
    }
    Some(used)
}
