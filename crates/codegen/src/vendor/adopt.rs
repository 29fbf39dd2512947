//! Parts of the vendor's document in the form of ours: structure and names are the vendor's, texts
//! are to be written.

use serde_json::{Map, Value, json};

use super::facts::{BOUNDS, properties, text};

/// The text of a description that is still to be written. The lint rule `unwritten-text` reports
/// it.
pub const TODO: &str = "TODO";

/// Returns a schema without the vendor's texts and examples. Schemas without a name, other than a
/// reference, get a description to be written if `describe` is true.
pub(super) fn schema(theirs: &Value, describe: bool) -> Value {
    if let Some(reference) = theirs.get("$ref") {
        return json!({"$ref": reference});
    }
    let mut ours = Map::new();
    for keyword in ["type", "format"] {
        if let Some(value) = theirs.get(keyword) {
            ours.insert(keyword.to_owned(), value.clone());
        }
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        if let Some(Value::Array(parts)) = theirs.get(keyword) {
            let parts = parts.iter().map(|part| schema(part, false));
            ours.insert(keyword.to_owned(), parts.collect());
        }
    }
    if describe {
        ours.insert("description".to_owned(), TODO.into());
    }
    for keyword in ["nullable", "deprecated"].into_iter().chain(BOUNDS) {
        let value = theirs
            .get(keyword)
            .filter(|value| **value != false || keyword == "default");
        if let Some(value) = value {
            ours.insert(keyword.to_owned(), value.clone());
        }
    }
    if let Some(Value::Array(values)) = theirs.get("enum") {
        ours.insert("enum".to_owned(), values.clone().into());
        let values = values.iter().filter_map(Value::as_str);
        let texts: Map<_, _> = values
            .map(|value| (value.to_owned(), TODO.into()))
            .collect();
        if !texts.is_empty() {
            ours.insert("x-enum-descriptions".to_owned(), texts.into());
        }
    }
    if let Some(required) = theirs.get("required").filter(|list| list.is_array()) {
        ours.insert("required".to_owned(), required.clone());
    }
    if let Some(Value::Object(fields)) = theirs.get("properties") {
        let fields = fields.iter();
        let fields = fields.map(|(name, field)| (name.clone(), schema(field, true)));
        ours.insert("properties".to_owned(), Value::Object(fields.collect()));
    }
    match theirs.get("additionalProperties") {
        Some(Value::Bool(is_open)) => {
            ours.insert("additionalProperties".to_owned(), (*is_open).into());
        }
        Some(further) => {
            ours.insert("additionalProperties".to_owned(), schema(further, false));
        }
        None => {}
    }
    if let Some(items) = theirs.get("items") {
        ours.insert("items".to_owned(), schema(items, false));
    }
    Value::Object(ours)
}

/// Returns a parameter without the vendor's texts.
pub(super) fn parameter(theirs: &Value) -> Value {
    let mut ours = Map::new();
    for keyword in ["name", "in", "required"] {
        if let Some(value) = theirs.get(keyword).filter(|value| **value != false) {
            ours.insert(keyword.to_owned(), value.clone());
        }
    }
    ours.insert("description".to_owned(), TODO.into());
    for keyword in ["deprecated", "style", "explode"] {
        if let Some(value) = theirs.get(keyword) {
            ours.insert(keyword.to_owned(), value.clone());
        }
    }
    ours.insert("schema".to_owned(), schema(&theirs["schema"], false));
    Value::Object(ours)
}

/// Returns the content of a body, with an invented example for JSON.
pub(super) fn content(document: &Value, theirs: &Value) -> Value {
    let media = properties(theirs).map(|(media, content)| {
        let theirs = &content["schema"];
        let mut ours = json!({"schema": schema(theirs, false)});
        if super::facts::is_json(media) {
            ours["example"] =
                scorekit_schema::example(document, theirs).unwrap_or_else(|| json!({}));
        }
        (media.clone(), ours)
    });
    Value::Object(media.collect())
}

/// Returns the sentence of a deprecation: what to use instead, if the vendor's text names one of
/// `others`.
pub(super) fn deprecation(theirs: &Value, others: &[&str]) -> String {
    let words = text(&theirs["description"]);
    let mut words = words.split(|character: char| !character.is_alphanumeric() && character != '_');
    match words.find(|word| others.contains(word)) {
        Some(other) => format!("Deprecated: use `{other}` instead."),
        None => format!("Deprecated: {TODO}."),
    }
}
