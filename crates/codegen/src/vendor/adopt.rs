//! Parts of the vendor's document in the form of ours: structure and names are the vendor's, texts
//! are to be written.

use serde_json::{Map, Value, json};

use super::facts::{BOUNDS, properties, resolve, text};

/// The text of a description that somebody has to write. The lint rule `unwritten-text` reports it.
pub const TODO: &str = "TODO";

/// The maximum depth of an invented example.
const DEEPEST: usize = 8;

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
            ours["example"] = example(document, theirs, 0).unwrap_or_else(|| json!({}));
        }
        (media.clone(), ours)
    });
    Value::Object(media.collect())
}

/// Returns a value that satisfies a schema, or `None` if the schema nests too deep.
pub(super) fn example(document: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let schema = resolve(document, schema);
    if let Some(value) = schema.get("default").filter(|value| !value.is_null()) {
        return Some(value.clone());
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return Some(value.clone());
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(variants)) = schema.get(keyword) {
            return variants
                .iter()
                .find_map(|variant| example(document, variant, depth + 1));
        }
    }
    if let Some(Value::Array(parts)) = schema.get("allOf") {
        let mut all = Map::new();
        for part in parts {
            match example(document, part, depth + 1)? {
                Value::Object(members) => all.extend(members),
                other => return Some(other),
            }
        }
        return Some(all.into());
    }
    Some(match schema["type"].as_str() {
        Some("object") | None => object(document, schema, depth),
        Some("array") => {
            let item = example(document, &schema["items"], depth + 1);
            item.into_iter().collect()
        }
        Some("string") => string(schema).into(),
        Some("integer") => number(schema).floor().into_integer(),
        Some("number") => number(schema).into(),
        Some(_) => true.into(),
    })
}

fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let fields = properties(&schema["properties"]);
    let fields = fields
        .filter_map(|(name, field)| Some((name.clone(), example(document, field, depth + 1)?)));
    Value::Object(fields.collect())
}

fn string(schema: &Value) -> String {
    let text = match text(&schema["format"]) {
        "date-time" => "2024-05-01T09:30:00Z",
        "date" => "2024-05-01",
        "uuid" => "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44",
        "email" => "user@example.com",
        "uri" | "url" => "https://example.com",
        _ => "string",
    };
    let least = schema["minLength"].as_u64().unwrap_or_default();
    let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    let bounded = |length: u64| usize::try_from(length.min(4096)).unwrap_or_default();
    let mut text = text.to_owned();
    while text.len() < bounded(least) {
        text.push('x');
    }
    text.truncate(bounded(most));
    text
}

fn number(schema: &Value) -> f64 {
    let bound = |name: &str| schema[name].as_f64();
    let value = bound("minimum").unwrap_or(1.0).max(1.0);
    bound("maximum").map_or(value, |most| value.min(most))
}

/// The conversion of a whole number for JSON.
trait IntoInteger {
    fn into_integer(self) -> Value;
}

impl IntoInteger for f64 {
    #[allow(clippy::cast_possible_truncation, reason = "examples are small")]
    fn into_integer(self) -> Value {
        (self as i64).into()
    }
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
