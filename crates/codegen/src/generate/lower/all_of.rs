//! Replaces an `allOf` of one schema by that schema, because in OpenAPI 3.0 it is the way to write
//! a description next to a `$ref`. Documentation is written from the document, so no description is
//! lost.

use serde_json::{Map, Value};

use super::for_each_schema;
use crate::generate::model::Domain;
use crate::generate::partition::ANNOTATIONS;

pub(super) fn unwrap_single_all_of(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        drop_annotations(schema);
        if schema.get("properties").is_some() {
            // A further object, which a later pass merges.
            return;
        }
        let Some([only]) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        else {
            return;
        };
        let (mut only, nullable) = (
            only.clone(),
            schema.get("nullable") == Some(&Value::Bool(true)),
        );
        if nullable {
            // A nullable reference keeps its `allOf`, because only that can carry the `nullable`.
            let Value::Object(properties) = &mut only else {
                return;
            };
            if properties.contains_key("$ref") {
                return;
            }
            properties.insert("nullable".to_owned(), Value::Bool(true));
        }
        if let (Some(description), Value::Object(properties)) =
            (schema.get("description"), &mut only)
        {
            properties.insert("description".to_owned(), description.clone());
        }
        *schema = only;
    });
}

/// Moves the annotations of parts that hold nothing else to the schema with the `allOf`.
fn drop_annotations(schema: &mut Value) {
    let Value::Object(properties) = schema else {
        return;
    };
    let Some(Value::Array(mut parts)) = properties.remove("allOf") else {
        return;
    };
    parts.retain(|part| {
        let Some(annotations) = part.as_object().filter(|part| is_annotation(part)) else {
            return true;
        };
        for (keyword, value) in annotations {
            properties.entry(keyword).or_insert_with(|| value.clone());
        }
        false
    });
    if !parts.is_empty() {
        properties.insert("allOf".to_owned(), Value::Array(parts));
    }
}

/// Returns true if a part of an `allOf` holds only annotations.
fn is_annotation(part: &Map<String, Value>) -> bool {
    part.keys()
        .all(|keyword| ANNOTATIONS.contains(&keyword.as_str()) || keyword.starts_with("x-"))
}
