//! Reads the properties of a schema in the terms of OpenAPI.

use serde_json::Value;

use crate::generate::model::{Domain, referenced_schema};

/// The deepest chain of references and `allOf` that is followed.
const MAX_DEPTH: usize = 16;

/// The properties of an object, with those of the parts of its `allOf`.
#[derive(Default)]
pub(super) struct Object<'a> {
    /// Each property with its schema, references followed.
    pub(super) properties: Vec<(&'a str, &'a Value)>,
    /// The names of the required properties.
    pub(super) required: Vec<&'a str>,
}

impl<'a> Object<'a> {
    /// Reads the object that `schema` describes. Another type has no properties.
    pub(super) fn of(domain: &'a Domain, schema: &'a Value) -> Self {
        let mut object = Self::default();
        object.add(domain, schema, 0);
        object
    }

    fn add(&mut self, domain: &'a Domain, schema: &'a Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = resolve(domain, schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let property = resolve(domain, property);
            let is_read_only = property.get("readOnly").and_then(Value::as_bool) == Some(true);
            let is_known = self.properties.iter().any(|(known, _)| known == name);
            if !is_read_only && !is_known {
                self.properties.push((name, property));
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        self.required
            .extend(required.into_iter().flatten().filter_map(Value::as_str));
        let parts = schema.get("allOf").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            self.add(domain, part, depth + 1);
        }
    }
}

/// Follows references, and an `allOf` with one part, to a schema.
pub(super) fn resolve<'a>(domain: &'a Domain, mut schema: &'a Value) -> &'a Value {
    for _ in 0..MAX_DEPTH {
        let target = referenced_schema(schema).and_then(|name| domain.schemas.get(&name));
        let target = target.map(|schema| &*schema.value);
        let only_part = || match schema.get("allOf")?.as_array()?.as_slice() {
            [part] if schema.get("properties").is_none() => Some(part),
            _ => None,
        };
        match target.or_else(only_part) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// Returns the strings that a schema lists.
pub(super) fn values(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
