//! Rejects the constructs of a schema that cannot be generated, with their places.

use super::Reader;
use crate::collections::HashSet;
use crate::document::node::{Node, NodeValue, Property};

/// Keywords that no pass lowers, with the help of their diagnostics.
const UNSUPPORTED: [(&str, &str); 1] = [("not", "describe the allowed values instead")];
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// Keywords that are allowed next to an `allOf` with one schema and, except `nullable`, next to a
/// `$ref`.
pub(in crate::generate) const ANNOTATIONS: [&str; 9] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
];

impl<'a> Reader<'a> {
    /// Checks a schema and every schema inside it.
    pub(super) fn schema(&mut self, node: &'a Node) {
        let mut pending = vec![(node, false)];
        while let Some((node, is_part)) = pending.pop() {
            self.schema_itself(node, is_part);
            let Some(properties) = node.properties().filter(|_| node.reference().is_none()) else {
                continue;
            };
            for (name, property) in properties {
                match name.as_str() {
                    "properties" => pending.extend(
                        self.mapping(node, "properties")
                            .map(|(_, field)| (&field.node, false)),
                    ),
                    "items" | "additionalProperties" => pending.push((&property.node, false)),
                    "allOf" | "oneOf" | "anyOf" => {
                        let is_part = name == "allOf";
                        pending.extend(self.list(node, name).iter().map(|part| (part, is_part)));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Checks a schema, but not the schemas inside it.
    pub(super) fn schema_itself(&mut self, node: &'a Node, is_part: bool) {
        if node.properties().is_none() {
            if !matches!(node.value, NodeValue::Bool(_)) {
                self.error(
                    &node.location,
                    "a schema is not a mapping",
                    "write at least `{}`, which allows anything",
                );
            }
        } else if self.is_unreadable(node) {
        } else if node.reference().is_some() {
            self.siblings(
                node,
                "$ref",
                "put the `$ref` into `allOf: [...]`, next to which `nullable` is allowed",
            );
        } else {
            self.one_schema(node, is_part);
        }
    }

    fn one_schema(&mut self, node: &'a Node, is_part: bool) {
        for (keyword, help) in UNSUPPORTED {
            if node.get(keyword).is_some() {
                self.error(
                    node.key_location(keyword),
                    format!("`{keyword}` is not supported"),
                    help,
                );
            }
        }
        if node.get("allOf").is_some() {
            self.all_of(node);
        }
        let kind = node.get("type").and_then(Node::as_str);
        if let Some(name) = node
            .get("type")
            .filter(|_| !kind.is_some_and(|kind| TYPES.contains(&kind)))
        {
            let shown = name.to_value().to_string();
            self.error(
                &name.location,
                format!("{shown} is not a type of OpenAPI 3.0"),
                format!("use one of {}", TYPES.join(", ")),
            );
        }
        if kind == Some("array") && node.get("items").is_none() {
            self.error(
                &node.location,
                "an array has no `items`",
                "add `items`; `items: {}` allows any item",
            );
        }
        for (keyword, belongs_to) in [
            ("items", "array"),
            ("properties", "object"),
            ("additionalProperties", "object"),
        ] {
            if node.get(keyword).is_some() && kind.is_some_and(|kind| kind != belongs_to) {
                let message = format!("`{keyword}` has no meaning for this type");
                self.error(
                    node.key_location(keyword),
                    message,
                    format!("remove it, or write `type: {belongs_to}`"),
                );
            }
        }
        self.enumeration(node, kind);
        self.union(node);
        self.fields(node, is_part);
    }

    /// Rejects keywords next to `keyword`, except annotations.
    pub(super) fn siblings(&mut self, node: &'a Node, keyword: &str, help: &str) {
        for (name, property) in node.properties().into_iter().flatten() {
            let is_annotation =
                ANNOTATIONS.contains(&name.as_str()) && !(keyword == "$ref" && name == "nullable");
            if name != keyword && !is_annotation && !name.starts_with("x-") {
                self.error(
                    &property.key,
                    format!("`{name}` next to `{keyword}` would be lost"),
                    help,
                );
            }
        }
    }

    fn enumeration(&mut self, node: &'a Node, kind: Option<&str>) {
        if node.get("enum").is_none() {
            return;
        }
        let values = self.list(node, "enum");
        if values.is_empty() {
            self.error(
                node.key_location("enum"),
                "this enum has no value",
                "list its values, or leave it out",
            );
        }
        // Values of another type would be lost, or fail every response that holds one.
        let fits = |value: &Node| {
            matches!(
                (kind, &value.value),
                (None, _)
                    | (_, NodeValue::Null)
                    | (Some("string"), NodeValue::String(_))
                    | (Some("integer" | "number"), NodeValue::Number(_))
                    | (Some("boolean"), NodeValue::Bool(_))
            )
        };
        for value in values.iter().filter(|value| !fits(value)) {
            self.error(
                &value.location,
                "this value of the enum is not of its type",
                "quote strings, and write the `type` that all of the values have",
            );
        }
        let mut seen = HashSet::default();
        for value in values {
            if !seen.insert(value.to_value().to_string()) {
                self.error(
                    &value.location,
                    "this value of the enum is a duplicate",
                    "remove it",
                );
            }
        }
    }

    /// Checks that required properties exist.
    fn fields(&mut self, node: &'a Node, is_part: bool) {
        let fields: Vec<(&String, &Property)> = self.mapping(node, "properties").collect();
        // In an `allOf`, another part may have it.
        let merges = is_part || node.get("allOf").is_some();
        for required in self.list(node, "required") {
            let name = required.as_str().unwrap_or_default();
            if !merges && !fields.is_empty() && !fields.iter().any(|(known, _)| *known == name) {
                let message = format!("the required field `{name}` is not among the `properties`");
                self.error(
                    &required.location,
                    message,
                    "add it to `properties`, or remove it here",
                );
            }
        }
    }
}
