//! A choice between texts is a text: `anyOf` of an enum and `type: string` is how documents say that values may be
//! added, and every enum takes those anyway. The values of all variants become one enum.

use serde_json::{Map, Value, json};

use super::{for_each_schema, is_type};
use crate::generate::desugar::CHOICES;
use crate::generate::model::{Domain, referenced_schema};

/// How many names may stand for one another; partitioning refused those that do so in a circle.
const LONGEST: usize = 64;

pub(super) fn join_text_choices(domain: &mut Domain) {
    let known: Map<String, Value> = domain
        .schemas
        .iter()
        .filter(|(_, schema)| {
            is_type(&schema.value, "string") || schema.value.get("$ref").is_some()
        })
        .map(|(name, schema)| (name.clone(), schema.value.clone()))
        .collect();
    for_each_schema(domain, |schema| {
        let variants = CHOICES
            .iter()
            .find_map(|keyword| schema.get(keyword)?.as_array());
        let Some(texts) = variants.and_then(|variants| texts(variants, &known)) else {
            return;
        };
        let mut joined = json!({ "type": "string" });
        let mut values: Vec<Value> = Vec::new();
        let mut descriptions = Map::new();
        for text in &texts {
            for value in text
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            let described = text.get("x-enum-descriptions").and_then(Value::as_object);
            descriptions.extend(described.cloned().unwrap_or_default());
            if text.get("nullable") == Some(&Value::Bool(true)) {
                joined["nullable"] = Value::Bool(true);
            }
        }
        if !values.is_empty() {
            joined["enum"] = Value::Array(values);
        } else if let Some(format) = texts.first().and_then(|first| first.get("format"))
            && texts.iter().all(|text| text.get("format") == Some(format))
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

/// The variants, if all of them are texts.
fn texts<'a>(variants: &'a [Value], known: &'a Map<String, Value>) -> Option<Vec<&'a Value>> {
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
