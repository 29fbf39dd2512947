//! Converts schemas of OpenAPI 3.0 to JSON Schema draft 4, the draft that OpenAPI 3.0 descends
//! from.
//!
//! ```
//! use scorekit_schema::Converter;
//! use serde_json::json;
//!
//! let schema = json!({ "type": "string", "nullable": true, "example": "a" });
//! let converted = Converter::new().schema(&schema);
//! assert_eq!(converted, json!({ "type": ["string", "null"] }));
//! ```
//!
//! A validator for JSON Schema draft 4 reads the result. It must know [`INTEGER_BITS`] to check the
//! formats `int32` and `int64`.

// The example in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod example;

pub use self::example::example;

use serde_json::{Map, Value, json};

/// The keywords that mean the same in both dialects and contain no schemas.
pub const ASSERTIONS: [&str; 17] = [
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

/// The keywords that combine schemas for the same value.
pub const COMBINATORS: [&str; 4] = ["allOf", "anyOf", "oneOf", "not"];

/// The keyword for the width of an integer: 32 or 64 for the formats `int32` and `int64`.
///
/// In JSON Schema, `format` applies to strings only. A validator ignores this keyword unless the
/// caller registers it.
pub const INTEGER_BITS: &str = "x-integer-bits";

/// A converter from schemas of OpenAPI 3.0 to JSON Schema draft 4.
#[derive(Clone, Copy, Debug, Default)]
pub struct Converter {
    is_closed: bool,
}

impl Converter {
    /// Creates a converter whose schemas accept what the OpenAPI schemas accept.
    pub const fn new() -> Self {
        Self { is_closed: false }
    }

    /// Rejects properties that a schema does not list, unless it has `additionalProperties` or
    /// combines schemas. The parts of an `allOf` with several parts stay open, because each would
    /// reject the properties of the others.
    #[must_use]
    pub const fn closed(self) -> Self {
        Self { is_closed: true }
    }

    /// Converts one schema. References stay references.
    pub fn schema(self, schema: &Value) -> Value {
        let Value::Object(keywords) = schema else {
            return schema.clone();
        };
        if let Some(reference) = keywords.get("$ref") {
            // OpenAPI 3.0 ignores the siblings of a reference.
            return json!({ "$ref": reference });
        }
        let mut converted = Map::new();
        for (keyword, value) in keywords {
            if let Some(value) = self.keyword(keyword, value) {
                converted.insert(keyword.clone(), value);
            }
        }
        if let Some(bits) = integer_bits(keywords) {
            converted.insert(INTEGER_BITS.to_owned(), bits.into());
        }
        let lists_all = keywords.contains_key("properties")
            && !keywords.contains_key("additionalProperties")
            && !is_combined(keywords);
        if self.is_closed && lists_all {
            converted.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        if keywords.get("nullable") == Some(&Value::Bool(true)) {
            nullable(converted)
        } else {
            Value::Object(converted)
        }
    }

    /// Converts every schema of a document, so that a validator can resolve references into it.
    pub fn document(self, document: &Value) -> Value {
        match document {
            Value::Object(properties) => properties
                .iter()
                .map(|(key, value)| (key.clone(), self.property(key, value)))
                .collect(),
            Value::Array(items) => items.iter().map(|item| self.document(item)).collect(),
            other => other.clone(),
        }
    }

    fn property(self, key: &str, value: &Value) -> Value {
        match (key, value) {
            ("schema", _) => self.schema(value),
            ("schemas", Value::Object(schemas)) => schemas
                .iter()
                .map(|(name, schema)| (name.clone(), self.schema(schema)))
                .collect(),
            // Data: a property `schema` in an example is not a schema.
            ("example" | "examples", _) => Value::Null,
            _ => self.document(value),
        }
    }

    fn keyword(self, keyword: &str, value: &Value) -> Option<Value> {
        let converted = match (keyword, value) {
            ("properties", Value::Object(properties)) => properties
                .iter()
                .map(|(name, property)| (name.clone(), self.schema(property)))
                .collect(),
            ("items" | "additionalProperties" | "not", _) => self.schema(value),
            ("allOf", Value::Array(parts)) if parts.len() > 1 => {
                let parts = parts.iter();
                parts.map(|part| Self::new().schema(part)).collect()
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => {
                parts.iter().map(|part| self.schema(part)).collect()
            }
            ("properties" | "allOf" | "anyOf" | "oneOf", _) => value.clone(),
            _ if ASSERTIONS.contains(&keyword) => value.clone(),
            _ => return None,
        };
        Some(converted)
    }
}

fn is_combined(keywords: &Map<String, Value>) -> bool {
    ["allOf", "anyOf", "oneOf"]
        .iter()
        .any(|keyword| keywords.contains_key(*keyword))
}

fn integer_bits(keywords: &Map<String, Value>) -> Option<u64> {
    let text = |keyword| keywords.get(keyword).and_then(Value::as_str);
    match (text("type"), text("format")) {
        (Some("integer"), Some("int32")) => Some(32),
        (Some("integer"), Some("int64")) => Some(64),
        _ => None,
    }
}

/// Returns a schema that accepts null and what `converted` accepts. Null becomes another type where
/// that is enough, because a validator reports more about `type` than about `anyOf`.
fn nullable(mut converted: Map<String, Value>) -> Value {
    if let Some(Value::Array(values)) = converted.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let combines = COMBINATORS
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

#[cfg(test)]
mod tests;
