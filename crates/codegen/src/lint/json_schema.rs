//! Checks values of the document (examples and defaults) against its schemas.
//!
//! A schema is first reduced to the part that applies to the value, with references written out. A
//! property that an example does not have costs nothing, however many schemas are behind it. The
//! cost of all examples therefore grows with the examples, not with examples times schemas.

use std::cell::Cell;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use scorekit_schema::{ASSERTIONS, Converter};
use serde_json::{Map, Value, json};

use super::document::{Document, properties};
use crate::document::diagnostic::Location;
use crate::document::node::Node;

/// The number of characters of a validator's message that are shown.
const LONGEST_PROBLEM: usize = 160;
/// The number of nested schemas that may apply to one value, because an `allOf` may refer to
/// itself.
const MOST_LAYERS: usize = 32;
/// The number of schemas written out for one value. A value that needs more is not checked.
const MOST_SCHEMAS: usize = 100_000;

/// A way to read a schema.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reading {
    /// As written: an object may have properties that its schema does not list.
    Open,
    /// An object has only the properties that its schema lists. Properties that the schema itself
    /// rejects are not reported.
    Closed,
}

/// Returns the locations where `value` does not satisfy `schema`, each with the problem. An invalid
/// schema reports nothing.
pub(crate) fn problems<'a>(
    document: &Document<'a>,
    schema: &'a Node,
    value: &'a Node,
) -> Vec<(&'a Location, String)> {
    let Some(validator) = validator(document, schema, value, Reading::Open) else {
        return Vec::new();
    };
    validator
        .iter_errors(&value.to_value())
        .map(|error| {
            let pointer = error.instance_path().to_string();
            let (Ok(node) | Err(node)) = value.closest(&pointer);
            let mut text = error.to_string();
            if text.chars().count() > LONGEST_PROBLEM {
                text = error.masked().to_string();
            }
            (&node.location, shortened(&text))
        })
        .collect()
}

/// Returns the properties of `value` that `schema` does not list, each with its location.
pub(crate) fn unknown_fields<'a>(
    document: &Document<'a>,
    schema: &'a Node,
    value: &'a Node,
) -> Vec<(&'a Location, String)> {
    let Some(validator) = validator(document, schema, value, Reading::Closed) else {
        return Vec::new();
    };
    let mut unknown = Vec::new();
    for error in validator.iter_errors(&value.to_value()) {
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind()
            && let Ok(object) = value.closest(&error.instance_path().to_string())
        {
            let places = unexpected
                .iter()
                .map(|name| (object.key_location(name), name.clone()));
            unknown.extend(places);
        }
    }
    unknown
}

/// Returns `text` on one line, cut to [`LONGEST_PROBLEM`] characters.
fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_PROBLEM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn validator(
    document: &Document<'_>,
    schema: &Node,
    value: &Node,
    reading: Reading,
) -> Option<Validator> {
    let pruner = Pruner {
        document,
        reading,
        left: Cell::new(MOST_SCHEMAS),
    };
    let schema = pruner.prune(schema, &[value], 0);
    if pruner.left.get() == 0 {
        return None;
    }
    let schema = match reading {
        Reading::Open => Converter::new().schema(&schema),
        Reading::Closed => Converter::new().closed().schema(&schema),
    };
    let options = jsonschema::draft4::options().should_validate_formats(true);
    options.build(&schema).ok()
}

/// Copies the part of a schema that applies to a value.
struct Pruner<'a, 'b> {
    document: &'b Document<'a>,
    reading: Reading,
    /// The number of schemas that may still be written out.
    left: Cell<usize>,
}

impl<'a> Pruner<'a, '_> {
    /// Copies `schema` without references and without schemas that apply to none of `values`. The
    /// schema applies to each of `values`. A node that is not a schema accepts everything. `layer`
    /// counts the schemas around it that apply to the same values.
    fn prune<'v>(&self, schema: &'v Node, values: &[&'v Node], layer: usize) -> Value
    where
        'a: 'v,
    {
        self.left.set(self.left.get().saturating_sub(1));
        if values.is_empty() || layer > MOST_LAYERS || self.left.get() == 0 {
            return json!({});
        }
        let schema = resolve(self.document, schema);
        let mut pruned = Map::new();
        for (keyword, property) in properties(Some(schema)) {
            let node = &property.node;
            let value = match keyword {
                "properties" => {
                    let fields = properties(Some(node)).filter_map(|(name, field)| {
                        let values: Vec<_> = values.iter().filter_map(|v| v.get(name)).collect();
                        let is_there = !values.is_empty();
                        is_there.then(|| (name.to_owned(), self.prune(&field.node, &values, 0)))
                    });
                    Value::Object(fields.collect())
                }
                "items" => {
                    let values: Vec<_> = values.iter().flat_map(|value| value.items()).collect();
                    self.prune(node, &values, 0)
                }
                "additionalProperties" => self.additional_properties(node, values),
                "not" => self.prune(node, values, layer + 1),
                "allOf" | "oneOf" | "anyOf" => {
                    let parts = node.items().iter();
                    let parts = parts.map(|part| self.prune(part, values, layer + 1));
                    parts.collect()
                }
                "nullable" => node.to_value(),
                _ if ASSERTIONS.contains(&keyword) => node.to_value(),
                _ => continue,
            };
            pruned.insert(keyword.to_owned(), value);
        }
        Value::Object(pruned)
    }

    fn additional_properties<'v>(&self, node: &'v Node, values: &[&'v Node]) -> Value
    where
        'a: 'v,
    {
        match (node.properties(), self.reading) {
            (Some(_), _) => {
                let fields = values.iter().flat_map(|value| properties(Some(value)));
                let values: Vec<_> = fields.map(|(_, field)| &field.node).collect();
                self.prune(node, &values, 0)
            }
            // The open reading reports properties that `false` rejects.
            (None, Reading::Closed) => Value::Bool(true),
            (None, Reading::Open) => node.to_value(),
        }
    }
}

/// Returns the schema that `schema` refers to, or `schema` itself.
fn resolve<'v, 'a: 'v>(document: &Document<'a>, schema: &'v Node) -> &'v Node {
    let target = schema
        .reference()
        .and_then(|reference| document.root.pointer(reference.strip_prefix('#')?));
    target.map_or(schema, |target| document.resolve(target))
}
