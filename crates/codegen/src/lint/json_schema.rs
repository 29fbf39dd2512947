//! Values of the document against its schemas. The validator is a library's; a schema of OpenAPI 3.0 becomes one of JSON
//! Schema draft 4, which it descends from.
//!
//! Only as much of a schema is handed over as the value can touch, references written out: a field that an example does
//! not have costs nothing, however many schemas lie behind it. So the cost of looking at all examples grows with the
//! examples and not with examples times schemas.

use std::cell::Cell;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};

use super::document::{Document, members};
use crate::document::diagnostic::Location;
use crate::document::node::Node;

/// The keywords that mean the same in JSON Schema and hold no schemas.
const COPIED: [&str; 17] = [
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
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
    "required",
    "type",
    "uniqueItems",
];
/// How many characters of the validator's words are shown.
const LONGEST_PROBLEM: usize = 160;
/// How many schemas in a row may say something of the same value: an `allOf` may lead back to itself.
const MOST_LAYERS: usize = 32;
/// How many schemas are written out for one value; one that takes more is not looked at.
const MOST_SCHEMAS: usize = 100_000;

/// How a schema is read.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Reading {
    /// As it says: an object may hold what its schema does not name.
    Open,
    /// An object holds what its schema names, and what that forbids by itself does not matter.
    Closed,
}

/// What keeps `value` from being one that `schema` allows: each place and what is wrong there. A schema that is none
/// has no say.
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

/// The fields in `value` that `schema` does not name, each with its place.
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

/// One line that is not too long.
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
    let converter = Converter {
        document,
        reading,
        left: Cell::new(MOST_SCHEMAS),
    };
    let schema = converter.convert(schema, &[value], 0);
    if converter.left.get() == 0 {
        return None;
    }
    let options = jsonschema::draft4::options().should_validate_formats(true);
    options.build(&schema).ok()
}

/// Writes schemas as JSON Schema draft 4.
struct Converter<'a, 'b> {
    document: &'b Document<'a>,
    reading: Reading,
    /// How many more schemas may be written out.
    left: Cell<usize>,
}

impl<'a> Converter<'a, '_> {
    /// `schema` as far as it speaks of `values`, which stand where it applies; what is no schema allows everything.
    /// `layer`: how many schemas around it speak of the same values.
    fn convert<'v>(&self, schema: &'v Node, values: &[&'v Node], layer: usize) -> Value
    where
        'a: 'v,
    {
        self.left.set(self.left.get().saturating_sub(1));
        if values.is_empty() || layer > MOST_LAYERS || self.left.get() == 0 {
            return json!({});
        }
        let schema = resolve(self.document, schema);
        let is_closed = self.reading == Reading::Closed;
        let mut converted = Map::new();
        let mut put = |name: &str, value: Value| {
            converted.insert(name.to_owned(), value);
        };
        for (keyword, member) in members(Some(schema)) {
            let node = &member.node;
            match keyword {
                "properties" => {
                    let fields = members(Some(node)).filter_map(|(name, field)| {
                        let values: Vec<_> = values.iter().filter_map(|v| v.get(name)).collect();
                        let is_there = !values.is_empty();
                        is_there.then(|| (name.to_owned(), self.convert(&field.node, &values, 0)))
                    });
                    put(keyword, Value::Object(fields.collect()));
                }
                "items" => {
                    let values: Vec<_> = values.iter().flat_map(|value| value.items()).collect();
                    put(keyword, self.convert(node, &values, 0));
                }
                "additionalProperties" => match node.members() {
                    Some(_) => {
                        let fields = values.iter().flat_map(|value| members(Some(value)));
                        let values: Vec<_> = fields.map(|(_, field)| &field.node).collect();
                        put(keyword, self.convert(node, &values, 0));
                    }
                    None if is_closed => {}
                    None => put(keyword, node.to_value()),
                },
                "not" => put(keyword, self.convert(node, values, layer + 1)),
                // What one part names, another one would not know.
                "allOf" if is_closed && node.items().len() > 1 => {}
                "allOf" | "oneOf" | "anyOf" => {
                    let parts = node.items().iter();
                    let parts = parts.map(|part| self.convert(part, values, layer + 1));
                    put(keyword, parts.collect());
                }
                _ if COPIED.contains(&keyword) => put(keyword, node.to_value()),
                _ => {}
            }
        }
        let names_all = schema.get("properties").is_some()
            && ["additionalProperties", "allOf", "oneOf", "anyOf"]
                .iter()
                .all(|keyword| schema.get(keyword).is_none());
        if is_closed && names_all {
            put("additionalProperties", json!(false));
        }
        if schema.get("nullable").is_some_and(Node::is_true) {
            nullable(converted)
        } else {
            Value::Object(converted)
        }
    }
}

/// The schema that `schema` refers to, if it does.
fn resolve<'v, 'a: 'v>(document: &Document<'a>, schema: &'v Node) -> &'v Node {
    let target = schema
        .reference()
        .and_then(|reference| document.root.pointer(reference.strip_prefix('#')?));
    target.map_or(schema, |target| document.resolve(target))
}

/// The schema `converted` or null. Where it names its type, null is one more, which keeps messages about the rest of it
/// as they are.
fn nullable(mut converted: Map<String, Value>) -> Value {
    if let Some(Value::Array(values)) = converted.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let combines = ["allOf", "oneOf", "anyOf", "not"]
        .iter()
        .any(|keyword| converted.contains_key(*keyword));
    match converted.get_mut("type") {
        Some(kind) if !combines => {
            *kind = json!([kind, "null"]);
            Value::Object(converted)
        }
        _ => json!({ "anyOf": [converted, { "enum": [null] }] }),
    }
}
