//! Moves `nullable` from a named schema to each use of it, because one name cannot stand for two
//! types. The use becomes an `allOf` with the reference, and `nullable` next to it.

use serde_json::{Value, json};

use super::for_each_schema;
use crate::collections::HashSet;
use crate::generate::model::{Domain, referenced_schema};

pub(super) fn move_nullable_to_its_use(domain: &mut Domain) {
    let mut nullable = HashSet::default();
    for (name, schema) in &mut domain.schemas {
        if let Value::Object(properties) = &mut *schema.value
            && properties.remove("nullable") == Some(Value::Bool(true))
        {
            nullable.insert(name.clone());
        }
    }
    for_each_schema(domain, |schema| {
        if referenced_schema(schema).is_some_and(|name| nullable.contains(&name)) {
            let mut used = json!({ "nullable": true, "allOf": [{ "$ref": schema["$ref"] }] });
            if let Some(description) = schema.get("description") {
                used["description"] = description.clone();
            }
            *schema = used;
        }
        // If the use and the schema are both nullable, the use is wrapped twice.
        if let Some([inner]) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            && let (Some(true), Some(innermost)) = (
                inner.get("nullable").and_then(Value::as_bool),
                inner.get("allOf"),
            )
        {
            schema["allOf"] = innermost.clone();
        }
    });
}
