//! Checks `allOf`. With one schema it is a description of that schema. With several it is an object
//! with the fields of all, so every part must be an object, and the fields must agree.

use super::Reader;
use super::schema::ANNOTATIONS;
use crate::collections::HashMap;
use crate::document::diagnostic::Diagnostic;
use crate::document::node::{Node, Property};

/// Keywords that a part may have in addition to annotations.
const OBJECT: [&str; 8] = [
    "additionalProperties",
    "allOf",
    "discriminator",
    "maxProperties",
    "minProperties",
    "properties",
    "required",
    "type",
];

/// The maximum depth of inheritance.
const DEEPEST: usize = 32;

impl<'a> Reader<'a> {
    /// Checks the `allOf` of a schema.
    pub(super) fn all_of(&mut self, node: &'a Node) {
        let parts = self.list(node, "allOf");
        let meant = parts.iter().filter(|part| is_constraint(part)).count();
        if meant == 1
            && !node
                .properties()
                .is_some_and(|properties| properties.contains_key("properties"))
        {
            self.siblings(node, "allOf", "copy the fields into one schema");
            return;
        }
        let mut parts = Vec::new();
        let mut path = Vec::new();
        let known = self.errors.len();
        self.parts(node, &mut path, &mut parts);
        if self.errors.len() > known {
            // The parts are not all there to be compared.
            return;
        }
        let mut fields: HashMap<&str, &'a Property> = HashMap::default();
        // Merging keeps the schema's own definition of a field. In a third-party document, it is
        // what the parts have in common.
        let own = node.get("properties").and_then(Node::properties);
        let is_settled = |name: &str| {
            self.options.uses_defaults && own.is_some_and(|own| own.contains_key(name))
        };
        let mut different = Vec::new();
        for part in &parts {
            let wrong = part
                .properties()
                .into_iter()
                .flatten()
                .find(|(name, _)| !(is_annotation(name) || OBJECT.contains(&name.as_str())));
            let other_type = part
                .get("type")
                .filter(|kind| kind.as_str() != Some("object"));
            if let Some(place) = wrong
                .map(|(_, property)| &property.key)
                .or(other_type.map(|node| &node.location))
            {
                self.error(
                    place,
                    "a part of an `allOf` of several schemas is not a plain object",
                    "write each part as an object with `properties`, or use one schema",
                );
            }
            let properties = part.get("properties").and_then(Node::properties);
            for (name, property) in properties.into_iter().flatten() {
                let first = *fields.entry(name).or_insert(property);
                if !std::ptr::eq(first, property)
                    && !is_settled(name)
                    && !agrees(&first.node, &property.node)
                {
                    different.push(
                        Diagnostic::new(
                            &property.key,
                            format!(
                                "two parts of an `allOf` define the field `{name}` differently"
                            ),
                            "use the same schema in both, or remove one",
                        )
                        .with_related(&first.key, "the other definition"),
                    );
                }
            }
        }
        self.errors.append(&mut different);
        for part in parts {
            for required in self.list(part, "required") {
                let name = required.as_str().unwrap_or_default();
                if !fields.contains_key(name) {
                    self.error(
                        &required.location,
                        format!("no part of this `allOf` has the required field `{name}`"),
                        "add it to the `properties` of one, or remove it here",
                    );
                }
            }
        }
    }

    /// Collects the objects that an `allOf` merges, each once, the schema itself last.
    fn parts(&mut self, node: &'a Node, path: &mut Vec<&'a Node>, parts: &mut Vec<&'a Node>) {
        if path.iter().any(|known| std::ptr::eq(*known, node)) {
            let help = "remove the reference from its `allOf`";
            self.error(
                node.key_location("allOf"),
                "this schema inherits from itself",
                help,
            );
            return;
        }
        if path.len() >= DEEPEST {
            self.error(
                node.key_location("allOf"),
                format!("schemas inherit from one another more than {DEEPEST} levels deep"),
                "copy the fields into one of them",
            );
            return;
        }
        path.push(node);
        for part in self.list(node, "allOf") {
            let part = self.resolve(part);
            if parts.iter().any(|known| std::ptr::eq(*known, part)) {
                continue;
            }
            if part.get("allOf").is_some() {
                self.parts(part, path, parts);
            } else {
                parts.push(part);
            }
        }
        path.pop();
        parts.push(node);
    }
}

/// Returns true if a part of an `allOf` holds more than annotations.
pub(super) fn is_constraint(part: &Node) -> bool {
    let mut properties = part.properties().into_iter().flatten();
    properties.any(|(name, _)| !is_annotation(name))
}

fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || name.starts_with("x-")
}

/// Returns true if two schemas of a field are equal except for annotations.
fn agrees(one: &Node, other: &Node) -> bool {
    let constraints = |node: &Node| {
        let mut value = node.to_value();
        if let serde_json::Value::Object(properties) = &mut value {
            properties.retain(|name, _| !is_annotation(name));
        }
        value
    };
    constraints(one) == constraints(other)
}
