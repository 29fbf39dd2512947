//! Turns a union of strings into one string, because every enum accepts unknown values anyway.
//! Documents write `anyOf` of an enum and `type: string` to say that values may be added. The
//! values of all variants become one enum.

use serde_json::{Map, Value, json};

use super::{for_each_schema, is_type};
use crate::collections::{CopyOnWrite, HashMap};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::model::{Domain, referenced_schema};

/// The maximum number of references in a row. Partitioning rejected circular ones.
const LONGEST: usize = 64;

pub(super) fn join_string_unions(domain: &mut Domain) {
    let known: HashMap<String, CopyOnWrite<Value>> = domain
        .schemas
        .iter()
        .filter(|(_, schema)| {
            is_type(&schema.value, "string") || schema.value.get("$ref").is_some()
        })
        .map(|(name, schema)| (name.clone(), schema.value.clone()))
        .collect();
    for_each_schema(domain, |schema| {
        let variants = UNION_KEYWORDS
            .iter()
            .find_map(|keyword| schema.get(keyword)?.as_array());
        let Some(strings) = variants.and_then(|variants| strings(variants, &known)) else {
            return;
        };
        let mut joined = json!({ "type": "string" });
        let mut values: Vec<Value> = Vec::new();
        let mut descriptions = Map::new();
        for string in &strings {
            for value in string
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            let described = string.get("x-enum-descriptions").and_then(Value::as_object);
            descriptions.extend(described.cloned().unwrap_or_default());
            if string.get("nullable") == Some(&Value::Bool(true)) {
                joined["nullable"] = Value::Bool(true);
            }
        }
        if !values.is_empty() {
            joined["enum"] = Value::Array(values);
        } else if let Some(format) = strings.first().and_then(|first| first.get("format"))
            && strings
                .iter()
                .all(|string| string.get("format") == Some(format))
        {
            joined["format"] = format.clone();
        }
        if !descriptions.is_empty() {
            joined["x-enum-descriptions"] = Value::Object(descriptions);
        }
        for keyword in ["description", "nullable"] {
            if let Some(value) = schema.get(keyword) {
                joined[keyword] = value.clone();
            }
        }
        *schema = joined;
    });
    super::merged_all_of::drop_unreached(domain);
}

/// Returns the variants if all of them are strings.
fn strings<'a>(
    variants: &'a [Value],
    known: &'a HashMap<String, CopyOnWrite<Value>>,
) -> Option<Vec<&'a Value>> {
    let resolve = |mut schema: &'a Value| {
        for _ in 0..LONGEST {
            match referenced_schema(schema) {
                Some(name) => schema = known.get(&name)?,
                None => return is_type(schema, "string").then_some(schema),
            }
        }
        None
    };
    variants.iter().map(resolve).collect()
}
