//! Lists the documented properties of the items of a list. The runtime compares items without an id
//! by them, because a property that no document lists may change with every response.

use super::Reader;
use crate::document::node::{Node, NodeValue, escape_pointer_token};

/// The largest number of properties that are listed. Beyond it, the values of properties are
/// compared as a whole.
const MAX_PROPERTIES: usize = 64;
/// The largest number of levels. It ends circular schemas.
const MAX_DEPTH: usize = 6;
/// The largest number of schemas within each other that describe one value.
const MAX_PARTS: usize = 8;

impl<'a> Reader<'a> {
    /// Returns the properties of the items as JSON pointers without array indexes; empty if the
    /// document lists none.
    pub(super) fn item_properties(&self, item: &'a Node) -> Vec<String> {
        let mut level = vec![(String::new(), item)];
        for _ in 0..MAX_DEPTH {
            let mut next = Vec::new();
            let mut is_deeper = false;
            for (pointer, schema) in &level {
                let inner = self.properties_of_value(schema);
                if inner.is_empty() {
                    next.push((pointer.clone(), *schema));
                    continue;
                }
                is_deeper = true;
                next.extend(inner.into_iter().map(|(name, schema)| {
                    let pointer = format!("{pointer}/{}", escape_pointer_token(name));
                    (pointer, schema)
                }));
            }
            if !is_deeper || next.len() > MAX_PROPERTIES {
                break;
            }
            level = next;
        }
        let pointers = level.into_iter().map(|(pointer, _)| pointer);
        pointers.filter(|pointer| !pointer.is_empty()).collect()
    }

    /// Returns the properties of an object, or of the objects in a list; none for other values.
    fn properties_of_value(&self, schema: &'a Node) -> Vec<(&'a String, &'a Node)> {
        let mut schema = self.resolved(schema);
        for _ in 0..MAX_PARTS {
            let Some(items) = schema.get("items") else {
                break;
            };
            schema = self.resolved(items);
        }
        let mut properties = Vec::new();
        self.add_properties(schema, MAX_PARTS, &mut properties);
        properties
    }

    fn add_properties(
        &self,
        schema: &'a Node,
        depth: usize,
        properties: &mut Vec<(&'a String, &'a Node)>,
    ) {
        for (name, property) in schema
            .get("properties")
            .and_then(Node::properties)
            .into_iter()
            .flatten()
        {
            properties.push((name, &property.node));
        }
        for part in parts(schema) {
            if let Some(depth) = depth.checked_sub(1) {
                self.add_properties(self.resolve(part), depth, properties);
            }
        }
    }

    /// Returns the schema of the property `name`, which may be declared in a part of an `allOf`.
    pub(super) fn property_of(&self, schema: &'a Node, name: &str) -> Option<&'a Node> {
        self.property_within(schema, name, MAX_PARTS)
    }

    fn property_within(&self, schema: &'a Node, name: &str, depth: usize) -> Option<&'a Node> {
        let own = schema.get("properties").and_then(|it| it.get(name));
        own.or_else(|| {
            let depth = depth.checked_sub(1)?;
            parts(schema)
                .iter()
                .find_map(|part| self.property_within(self.resolve(part), name, depth))
        })
    }
}

/// Returns the schemas that all describe the value.
fn parts(schema: &Node) -> &[Node] {
    match schema.get("allOf").map(|parts| &parts.value) {
        Some(NodeValue::Array(parts)) => parts,
        _ => &[],
    }
}
