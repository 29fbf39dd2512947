//! Makes `readOnly` fields optional in the schemas of request bodies. Only a response must hold
//! them (OpenAPI 3.0.3, Schema Object), but a schema becomes one type for both. Constructors do not
//! ask for them, and they are not sent unless the caller sets them.

use serde_json::Value;

use super::visit_schema;
use crate::collections::HashSet;
use crate::generate::markers::READ_ONLY;
use crate::generate::model::{Domain, referenced_schema};

pub(super) fn let_requests_leave_out(domain: &mut Domain) {
    let bodies = domain.operations.iter_mut();
    let bodies = bodies.filter_map(|operation| operation.request_body.as_mut());
    let mut pending = Vec::new();
    for body in bodies {
        collect(body, &mut pending);
        visit_schema(body, &mut require_less);
    }
    let mut met = HashSet::default();
    while let Some(name) = pending.pop() {
        if !met.insert(name.clone()) {
            continue;
        }
        if let Some(schema) = domain.schemas.get_mut(&name) {
            collect(&schema.value, &mut pending);
            visit_schema(&mut schema.value, &mut require_less);
        }
    }
}

/// Collects the names of the schemas that `value` refers to.
fn collect(value: &Value, names: &mut Vec<String>) {
    names.extend(referenced_schema(value));
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(properties) => properties
            .values()
            .for_each(|property| collect(property, names)),
        _ => {}
    }
}

fn require_less(schema: &mut Value) {
    let Value::Object(properties) = schema else {
        return;
    };
    let fields = properties.get("properties").and_then(Value::as_object);
    let is_read_only = |property: &Value| property.get("readOnly") == Some(&Value::Bool(true));
    let read_only: Vec<Value> = fields
        .into_iter()
        .flatten()
        .filter(|(_, property)| is_read_only(property))
        .map(|(name, _)| Value::from(name.as_str()))
        .collect();
    if read_only.is_empty() {
        return;
    }
    if let Some(Value::Array(required)) = properties.get_mut("required") {
        required.retain(|name| !read_only.contains(name));
    }
    properties.insert(READ_ONLY.to_owned(), Value::Array(read_only));
}
