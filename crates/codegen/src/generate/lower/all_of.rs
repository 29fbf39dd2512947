//! `allOf` with one schema is how OpenAPI 3.0 puts a description beside a `$ref`. It means that schema and nothing
//! more, so it is replaced by it. A description that stands beside a bare `$ref` is treated alike: both are kept for
//! the documentation, which is written from the document and not from what progenitor sees.

use serde_json::{Map, Value};

use super::for_each_schema;
use crate::generate::model::Domain;
use crate::generate::partition::ANNOTATIONS;

pub(super) fn unwrap_single_all_of(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        drop_annotations(schema);
        if schema.get("properties").is_some() {
            // One object more, which a later pass merges.
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
            // A nullable reference keeps its `allOf`: nothing but it can carry the `nullable`.
            let Value::Object(members) = &mut only else {
                return;
            };
            if members.contains_key("$ref") {
                return;
            }
            members.insert("nullable".to_owned(), Value::Bool(true));
        }
        if let (Some(description), Value::Object(members)) = (schema.get("description"), &mut only)
        {
            members.insert("description".to_owned(), description.clone());
        }
        *schema = only;
    });
}

/// Parts that only describe move to where they belong: beside the `allOf`.
fn drop_annotations(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    let Some(Value::Array(mut parts)) = members.remove("allOf") else {
        return;
    };
    parts.retain(|part| {
        let Some(annotations) = part.as_object().filter(|part| is_annotation(part)) else {
            return true;
        };
        for (keyword, value) in annotations {
            members.entry(keyword).or_insert_with(|| value.clone());
        }
        false
    });
    members.insert("allOf".to_owned(), Value::Array(parts));
}

/// Whether a part of an `allOf` says nothing about the value.
fn is_annotation(part: &Map<String, Value>) -> bool {
    part.keys()
        .all(|keyword| ANNOTATIONS.contains(&keyword.as_str()) || keyword.starts_with("x-"))
}
