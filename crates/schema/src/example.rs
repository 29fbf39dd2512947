//! Invented values that satisfy a schema.

use serde_json::{Map, Value};

/// The maximum depth of an invented value.
const DEEPEST: usize = 8;
/// The longest chain of references that is followed.
const LONGEST_CHAIN: usize = 16;
/// The maximum length of an invented string.
const LONGEST: u64 = 4096;

/// Returns a value that satisfies a schema of `document`, in which every reference is internal.
/// Defaults and the first values of enums come first. Patterns are not followed.
///
/// Returns `None` for a schema that nests too deep, such as one that requires itself.
///
/// ```
/// use serde_json::json;
///
/// let schema = json!({
///     "type": "object",
///     "properties": {"state": {"enum": ["open", "paid"]}, "count": {"type": "integer"}},
/// });
/// let value = scorekit_schema::example(&json!({}), &schema);
/// assert_eq!(value, Some(json!({"state": "open", "count": 1})));
/// ```
pub fn example(document: &Value, schema: &Value) -> Option<Value> {
    value(document, schema, 0)
}

fn value(document: &Value, schema: &Value, depth: usize) -> Option<Value> {
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
                .find_map(|variant| value(document, variant, depth + 1));
        }
    }
    if let Some(Value::Array(parts)) = schema.get("allOf") {
        let mut all = Map::new();
        for part in parts {
            match value(document, part, depth + 1)? {
                Value::Object(members) => all.extend(members),
                other => return Some(other),
            }
        }
        return Some(all.into());
    }
    Some(match schema["type"].as_str() {
        Some("object") | None => object(document, schema, depth),
        Some("array") => {
            let item = value(document, &schema["items"], depth + 1);
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
    let fields =
        fields.filter_map(|(name, field)| Some((name.clone(), value(document, field, depth + 1)?)));
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
    let bounded = |length: u64| usize::try_from(length.min(LONGEST)).unwrap_or_default();
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

/// Follows the references of a document.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..LONGEST_CHAIN {
        let target = schema.get("$ref").and_then(Value::as_str);
        let pointer = target.and_then(|target| target.strip_prefix('#'));
        match pointer.and_then(|pointer| document.pointer(pointer)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

fn properties(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
