//! Normalizes enums: all values are strings or all are integers, and `null` is not among them.
//!
//! `null` in an enum is an older way to write `nullable`. An enum of other numbers, of booleans or
//! of mixed types becomes the type of its values.

use serde_json::{Value, json};

use super::for_each_schema;
use crate::generate::model::Domain;

pub(super) fn plain_enums(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Value::Object(properties) = schema else {
            return;
        };
        let Some(Value::Array(mut values)) = properties.remove("enum") else {
            return;
        };
        let count = values.len();
        values.retain(|value| !value.is_null());
        if values.len() < count {
            properties.insert("nullable".to_owned(), Value::Bool(true));
        }
        if values.is_empty() {
            return;
        }
        let kind = if values.iter().all(Value::is_string) {
            "string"
        } else if values.iter().all(Value::is_i64) {
            "integer"
        } else {
            if !properties.contains_key("type") && values.iter().all(Value::is_number) {
                properties.insert("type".to_owned(), json!("number"));
            }
            if !properties.contains_key("type") && values.iter().all(Value::is_boolean) {
                properties.insert("type".to_owned(), json!("boolean"));
            }
            return;
        };
        properties.insert("type".to_owned(), json!(kind));
        properties.insert("enum".to_owned(), Value::Array(values));
    });
}
