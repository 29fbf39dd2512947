//! `allOf` of several objects is one object with the fields of all. progenitor would make a structure of its own for
//! each part and flatten them, and a flattened structure decodes slowly and hides its fields from users.
//!
//! Types inside the parts have names by now, so that what several schemas inherit is one type.

use crate::generate::markers::{DEPRECATED_PROPERTIES, REQUIRED_OF_OTHERS};
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::for_each_schema;
use crate::generate::model::{Domain, referenced_schema};

/// How deep parts may nest; partitioning refused those that nest in a circle.
const DEEPEST: usize = 64;

pub(super) fn merge_all_of(domain: &mut Domain) {
    let known: Map<String, Value> = domain
        .schemas
        .iter()
        .map(|(name, schema)| (name.clone(), schema.value.clone()))
        .collect();
    let mut done = HashMap::new();
    let mut merged_any = false;
    for_each_schema(domain, |schema| {
        // A single reference is what carries a `nullable`.
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

/// `schema` with its parts merged; `done` holds the named ones that were, for several may inherit the same.
fn merged(
    schema: &Value,
    known: &Map<String, Value>,
    done: &mut HashMap<String, Value>,
    depth: usize,
) -> Value {
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
    // Only what there is a field for can be required.
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

/// Parts that nothing else refers to need no type.
pub(super) fn drop_unreached(domain: &mut Domain) {
    let operations = domain.operations.iter();
    let roots = operations.flat_map(|operation| {
        let parameters = operation.parameters.iter();
        parameters
            .map(|parameter| &parameter.schema)
            .chain(&operation.request_body)
            .chain(&operation.response_body)
    });
    let reached = domain.reached_from(roots);
    domain.schemas.retain(|name, _| reached.contains(name));
}
