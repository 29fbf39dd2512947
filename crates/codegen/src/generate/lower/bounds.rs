//! Drops bounds, patterns, defaults, extensions and most formats, which the server checks. With
//! them, progenitor would turn an integer with a minimum of 1 into `NonZero`. It would turn a
//! string with a length into a newtype whose construction can fail. A default would be sent
//! although the caller did not set it. A date with an extension would be another type than a date.
//!
//! The formats that choose a Rust type stay: int32, uint64, float, date and date-time.

use serde_json::{Map, Value, json};

use super::for_each_schema;
use crate::document::node::RESERVED_PREFIX;
use crate::generate::markers::{CLOSED, CONSTANT};
use crate::generate::model::Domain;

/// The keywords that later stages read. progenitor does not know a schema with any other.
const KEPT: [&str; 14] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "description",
    "discriminator",
    "enum",
    "format",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];
/// The extensions that later stages read.
const KEPT_EXTENSIONS: [&str; 1] = ["x-enum-descriptions"];
const TYPE_FORMATS: [&str; 7] = [
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "uint64",
];

pub(super) fn drop_bounds(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Value::Object(properties) = schema else {
            return;
        };
        // progenitor would reject other properties in responses, too.
        if properties.get("additionalProperties") == Some(&Value::Bool(false)) {
            properties.remove("additionalProperties");
            properties.insert(CLOSED.to_owned(), Value::Bool(true));
        }
        // In an object with fields, progenitor ignores additional properties unless they have a
        // schema.
        if properties.contains_key("properties")
            && properties.get("additionalProperties") == Some(&Value::Bool(true))
        {
            properties.insert("additionalProperties".to_owned(), json!({}));
        }
        if let (Some([only]), Some(default)) = (
            properties
                .get("enum")
                .and_then(Value::as_array)
                .map(Vec::as_slice),
            properties.get("default"),
        ) && only == default
        {
            properties.insert(CONSTANT.to_owned(), Value::Bool(true));
        }
        if holds_large_integers(properties) {
            properties.insert("format".to_owned(), json!("uint64"));
        }
        properties.retain(|keyword, value| {
            let other_format = keyword == "format"
                && !value
                    .as_str()
                    .is_some_and(|name| TYPE_FORMATS.contains(&name));
            let is_kept = KEPT.contains(&keyword.as_str())
                || KEPT_EXTENSIONS.contains(&keyword.as_str())
                || keyword.starts_with(RESERVED_PREFIX);
            is_kept && !other_format
        });
    });
}

/// Returns true if an integer may exceed `i64` and is never negative.
fn holds_large_integers(schema: &Map<String, Value>) -> bool {
    /// 2 to the power of 63, the first number that `i64` does not hold.
    const FIRST: f64 = 9_223_372_036_854_775_808.0;
    let number = |keyword| schema.get(keyword).and_then(Value::as_f64);
    schema.get("type").and_then(Value::as_str) == Some("integer")
        && !schema.contains_key("enum")
        && match schema.get("maximum").and_then(Value::as_u64) {
            Some(maximum) => i64::try_from(maximum).is_err(),
            // A number that `u64` does not hold is read as a float.
            None => number("maximum").is_some_and(|maximum| maximum >= FIRST),
        }
        && number("minimum").is_none_or(|minimum| minimum >= 0.0)
}
