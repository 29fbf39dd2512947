//! Merges an `allOf` of several objects into one object with the fields of all. progenitor would
//! create a structure for each part and flatten them. Flattened structures decode slowly and hide
//! their fields from users.
//!
//! Types inside the parts have names by now, so what several schemas inherit stays one type.

use serde_json::{Map, Value, json};

use super::for_each_schema;
use crate::collections::{CopyOnWrite, HashMap};
use crate::generate::markers::{DEPRECATED_PROPERTIES, REQUIRED_OF_OTHERS};
use crate::generate::model::{Domain, referenced_schema};

/// The maximum depth of nested parts. Partitioning rejected circular ones.
const DEEPEST: usize = 64;

/// The named schemas, as earlier passes left them.
type Known = HashMap<String, CopyOnWrite<Value>>;

pub(super) fn merge_all_of(domain: &mut Domain) {
    let known: Known = domain
        .schemas
        .iter()
        .map(|(name, schema)| (name.clone(), schema.value.clone()))
        .collect();
    let mut done = HashMap::default();
    let mut merged_any = false;
    for_each_schema(domain, |schema| {
        // A single reference with a `nullable` stays as it is.
        let is_merged = |parts: &Vec<Value>| parts.len() > 1 || schema.get("properties").is_some();
        if schema
            .get("allOf")
            .and_then(Value::as_array)
            .is_some_and(is_merged)
        {
            *schema = merged(schema, &known, &mut done, 0);
            merged_any = true;
        }
    });
    if merged_any {
        drop_unreached(domain);
    }
}

/// Returns `schema` with its parts merged. `done` holds merged named schemas, because several may
/// inherit from one.
fn merged(schema: &Value, known: &Known, done: &mut HashMap<String, Value>, depth: usize) -> Value {
    let mut object = json!({ "type": "object" });
    let mut properties = Map::new();
    let mut required = Vec::new();
    let parts = schema.get("allOf").and_then(Value::as_array);
    let mut levels: Vec<Value> = Vec::new();
    for part in parts.into_iter().flatten() {
        let name = referenced_schema(part);
        if let Some(level) = name.as_ref().and_then(|name| done.get(name)) {
            levels.push(level.clone());
            continue;
        }
        let part = match name.as_ref().and_then(|name| known.get(name)) {
            Some(target) => target,
            None => part,
        };
        if part.get("allOf").is_some() && depth < DEEPEST {
            let level = merged(part, known, done, depth + 1);
            if let Some(name) = name {
                done.insert(name, level.clone());
            }
            levels.push(level);
        } else {
            levels.push(part.clone());
        }
    }
    levels.push(schema.clone());
    for level in &levels {
        let fields = level.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            properties.insert(name.clone(), field.clone());
        }
        let names = ["required", REQUIRED_OF_OTHERS].into_iter();
        let names = names.filter_map(|keyword| level.get(keyword)?.as_array());
        for name in names.flatten() {
            if !required.contains(name) {
                required.push(name.clone());
            }
        }
        if let Some(extra) = level.get("additionalProperties") {
            object["additionalProperties"] = extra.clone();
        }
        if let Some(Value::Object(reasons)) = level.get(DEPRECATED_PROPERTIES) {
            let all = &mut object[DEPRECATED_PROPERTIES];
            if all.is_null() {
                *all = json!({});
            }
            if let Value::Object(all) = all {
                all.extend(reasons.clone());
            }
        }
    }
    // Properties without a field cannot be required.
    required.retain(|name| {
        name.as_str()
            .is_some_and(|name| properties.contains_key(name))
    });
    object["properties"] = Value::Object(properties);
    object["required"] = Value::Array(required);
    for keyword in ["description", "nullable"] {
        if let Some(value) = schema.get(keyword) {
            object[keyword] = value.clone();
        }
    }
    object
}

/// Removes the schemas that no operation reaches.
pub(super) fn drop_unreached(domain: &mut Domain) {
    let operations = domain.operations.iter();
    let roots = operations.flat_map(|operation| {
        let parameters = operation.parameters.iter();
        parameters
            .map(|parameter| &parameter.schema)
            .chain(&operation.request_body)
            .chain(operation.response_schemas())
    });
    let reached = domain.reached_from(roots);
    domain.schemas.retain(|name, _| reached.contains(name));
}
