//! `nullable` on a schema with a name of its own would make the name stand for two types. It moves to where the
//! schema is used, in the one form that says both: `allOf` with the reference, and `nullable` beside it.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::for_each_schema;
use crate::generate::model::{Domain, referenced_schema};

pub(super) fn move_nullable_to_its_use(domain: &mut Domain) {
    let mut nullable = HashSet::new();
    for (name, schema) in &mut domain.schemas {
        if let Value::Object(members) = &mut schema.value
            && members.remove("nullable") == Some(Value::Bool(true))
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
        // A use that says it already, of a schema that says it too, says it twice now.
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
