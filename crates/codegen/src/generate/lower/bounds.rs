//! What the server checks, the types need not repeat: a minimum of 1 would make an integer `NonZero`, a length would
//! make a text a newtype whose construction can fail, a default would send a value that nobody set. Bounds, patterns,
//! defaults and most formats are therefore dropped; they stay in the document, in the descriptions and in the
//! sandbox. Kept are the formats that choose a Rust type: int32, uint64, float, date and date-time.

use crate::generate::markers::CONSTANT;
use serde_json::{Map, Value, json};

use super::for_each_schema;
use crate::generate::model::Domain;

const DROPPED: [&str; 21] = [
    "default",
    "deprecated",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
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
    "readOnly",
    "title",
    "uniqueItems",
    "writeOnly",
    "xml",
];
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
        let Value::Object(members) = schema else {
            return;
        };
        // A closed object is decoded like an open one: a field that the server adds must break nothing.
        if members.get("additionalProperties") == Some(&Value::Bool(false)) {
            members.remove("additionalProperties");
        }
        // Beside fields, progenitor takes no notice of members of any kind unless they have a schema.
        if members.contains_key("properties")
            && members.get("additionalProperties") == Some(&Value::Bool(true))
        {
            members.insert("additionalProperties".to_owned(), json!({}));
        }
        if let (Some([only]), Some(default)) = (
            members
                .get("enum")
                .and_then(Value::as_array)
                .map(Vec::as_slice),
            members.get("default"),
        ) && only == default
        {
            members.insert(CONSTANT.to_owned(), Value::Bool(true));
        }
        if holds_large_integers(members) {
            members.insert("format".to_owned(), json!("uint64"));
        }
        members.retain(|keyword, value| {
            let other_format = keyword == "format"
                && !value
                    .as_str()
                    .is_some_and(|name| TYPE_FORMATS.contains(&name));
            !(DROPPED.contains(&keyword.as_str()) || other_format)
        });
    });
}

/// Whether an integer may be more than an `i64` holds, and never less than zero.
fn holds_large_integers(schema: &Map<String, Value>) -> bool {
    /// 2 to the power of 63, the first number that is too large.
    const FIRST: f64 = 9_223_372_036_854_775_808.0;
    let number = |keyword| schema.get(keyword).and_then(Value::as_f64);
    schema.get("type").and_then(Value::as_str) == Some("integer")
        && !schema.contains_key("enum")
        && match schema.get("maximum").and_then(Value::as_u64) {
            Some(maximum) => i64::try_from(maximum).is_err(),
            // YAML has a number as large as that as one with a fraction.
            None => number("maximum").is_some_and(|maximum| maximum >= FIRST),
        }
        && number("minimum").is_none_or(|minimum| minimum >= 0.0)
}
