//! The properties of nested objects, such as the settings of a project, as the document has them.
//!
//! Findings are warnings, because a vendor adds properties before it documents them.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::files::nearest;
use crate::compact::Compact;
use crate::yaml::{Content, Node, Position};

/// JSON Schemas by the name of a property. A test writes the file from the document.
static SHAPES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("shapes.json")).unwrap_or_default());

/// Returns the schema of a property.
pub(super) fn schema(property: &str) -> Option<&'static Value> {
    SHAPES.get(property)
}

/// Returns the properties in a value that the document does not have.
pub(super) fn warnings(property: &str, node: &Node) -> Vec<(Position, String)> {
    let mut warnings = Vec::new();
    if let Some(schema) = schema(property) {
        check(schema, node, property, &mut warnings);
    }
    warnings
}

fn check(schema: &Value, node: &Node, path: &str, warnings: &mut Vec<(Position, String)>) {
    let expected = schema["type"].as_str().unwrap_or_default();
    let mut warn = |position, message: String| warnings.push((position, message));
    let is_expected = matches!(
        (&node.content, expected),
        (_, "")
            | (Content::Mapping(_), "object")
            | (Content::List(_), "array")
            | (Content::Scalar(Compact::Text(_)), "string")
            | (Content::Scalar(Compact::Number(_)), "integer" | "number")
            | (Content::Scalar(Compact::Bool(_)), "boolean")
    );
    if !is_expected {
        let message = format!(
            "{path} should be of the type {expected}, not {}",
            node.kind()
        );
        return warn(node.position, message);
    }
    match &node.content {
        Content::Scalar(value) => {
            let value = value.to_value();
            let known = schema["enum"].as_array();
            if known.is_some_and(|it| !it.contains(&value)) {
                let known: Vec<&str> = known
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let message = format!("{path} is {value}; the document has {}", known.join(", "));
                warn(node.position, message);
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                check(
                    &schema["items"],
                    item,
                    &format!("{path}[{index}]"),
                    warnings,
                );
            }
        }
        Content::Mapping(entries) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                if !entries.iter().any(|(key, _)| &*key.name == name) {
                    warn(node.position, format!("{path} has no {name}"));
                }
            }
            let properties = schema["properties"].as_object();
            for (key, value) in entries {
                let path = format!("{path}.{}", key.name);
                let known = properties.and_then(|it| it.get(&*key.name));
                let other = Some(&schema["additionalProperties"]).filter(|it| it.is_object());
                if let Some(schema) = known.or(other) {
                    check(schema, value, &path, warnings);
                } else if let Some(properties) = properties {
                    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
                    let hint = match nearest(&key.name, &names) {
                        Some(near) => format!("; did you mean {near:?}?"),
                        None => String::new(),
                    };
                    let message = format!("the document has no property {path}{hint}");
                    warnings.push((key.position, message));
                }
            }
        }
    }
}
