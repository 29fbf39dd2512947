//! Schemas as a document writes them, in a form that is equal if they say the same in other words.

use serde_json::{Map, Value};

use super::limits::settle;
use super::meaning::ANNOTATIONS;
use crate::document::node::{VALIDATION, holds_names};
use crate::document::number::{plain, with_plain_numbers};

/// Keywords that say nothing if they are false.
const FLAGS: [&str; 6] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "nullable",
    "readOnly",
    "uniqueItems",
    "writeOnly",
];

/// Returns a schema without annotations and extensions at any depth, in which equal constraints are
/// written alike. `names` says that the keys are names of properties.
pub(super) fn comparable(schema: &Value, names: bool) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(|item| comparable(item, false)).collect(),
        Value::Number(number) => Value::Number(plain(number)),
        Value::Object(members) if names => {
            let members = members.iter();
            sorted(members.map(|(name, value)| (name.clone(), comparable(value, false))))
        }
        Value::Object(members) => keywords(members),
        other => other.clone(),
    }
}

/// Returns a mapping in the order of its keys, which has no meaning.
fn sorted(members: impl Iterator<Item = (String, Value)>) -> Value {
    let mut members: Vec<(String, Value)> = members.collect();
    members.sort_by(|left, right| left.0.cmp(&right.0));
    Value::Object(members.into_iter().collect())
}

fn keywords(members: &Map<String, Value>) -> Value {
    let mut kept = Map::new();
    for (keyword, value) in members {
        let is_annotation = ANNOTATIONS.contains(&keyword.as_str())
            || keyword == "examples"
            || (keyword.starts_with("x-") && keyword != VALIDATION);
        if is_annotation {
            continue;
        }
        let value = match (keyword.as_str(), value) {
            (flag, Value::Bool(false)) if FLAGS.contains(&flag) => continue,
            ("const", value) => {
                let values = Value::Array(vec![data(value)]);
                kept.entry("enum").or_insert(values);
                continue;
            }
            ("enum", Value::Array(values)) => list(values.iter().map(data)),
            ("required" | "type", Value::Array(names)) => match list(names.iter().cloned()) {
                Value::Array(mut names) if keyword == "type" && names.len() == 1 => names.remove(0),
                names => names,
            },
            // Without a value, there is none.
            ("default", Value::Null) => continue,
            ("default", value) => data(value),
            ("requiredProperties", Value::Array(names)) => list(names.iter().cloned()),
            ("dependentRequired", Value::Object(all)) => sorted(all.iter().map(|(name, value)| {
                let names = value.as_array().map(|names| list(names.iter().cloned()));
                (name.clone(), names.unwrap_or_else(|| value.clone()))
            })),
            (VALIDATION, Value::Object(texts)) => texts_of(texts),
            (keyword, value) => comparable(value, names_inside(keyword)),
        };
        kept.insert(keyword.clone(), value);
    }
    for (plain, exclusive) in [
        ("maximum", "exclusiveMaximum"),
        ("minimum", "exclusiveMinimum"),
    ] {
        // In OpenAPI 3.0, an exclusive bound is a flag of the other.
        if kept.get(exclusive) == Some(&Value::Bool(true)) {
            kept.remove(exclusive);
            if let Some(number) = kept.remove(plain) {
                kept.insert(exclusive.to_owned(), number);
            }
        }
    }
    settle(&mut kept);
    sorted(kept.into_iter())
}

/// Returns data of the API in a form that equal data shares.
pub(super) fn data(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(data).collect(),
        Value::Object(members) => sorted(
            members
                .iter()
                .map(|(name, value)| (name.clone(), data(value))),
        ),
        other => with_plain_numbers(other),
    }
}

/// Returns a list whose order has no meaning without its duplicates.
fn list(values: impl Iterator<Item = Value>) -> Value {
    let mut values: Vec<(String, Value)> = values.map(|value| (value.to_string(), value)).collect();
    values.sort_by(|left, right| left.0.cmp(&right.0));
    values.dedup_by(|left, right| left.0 == right.0);
    values.into_iter().map(|(_, value)| value).collect()
}

/// Returns the keywords that only validate, which are kept as text.
fn texts_of(texts: &Map<String, Value>) -> Value {
    let texts = texts.iter().filter_map(|(keyword, value)| {
        let texts = match value {
            Value::Array(texts) => texts.as_slice(),
            text => std::slice::from_ref(text),
        };
        let read = |text: &Value| {
            let read = text
                .as_str()
                .and_then(|text| serde_json::from_str(text).ok());
            let schema = Map::from_iter([(keyword.clone(), read.unwrap_or_else(|| text.clone()))]);
            keywords(&schema)
        };
        let says_more = |schema: &Value| schema.as_object().is_some_and(|all| !all.is_empty());
        let read = list(texts.iter().map(read).filter(says_more));
        let is_left = read.as_array().is_some_and(|all| !all.is_empty());
        is_left.then(|| (keyword.clone(), read))
    });
    sorted(texts)
}

/// Returns true if the keys of a keyword's value are names.
fn names_inside(keyword: &str) -> bool {
    holds_names(keyword) || matches!(keyword, "dependentSchemas" | "patternProperties")
}
