//! Records in each object schema which properties are deprecated, with their descriptions. Later
//! passes replace the schemas of properties, and with them the keywords next to a `$ref`.

use serde_json::{Map, Value};

use super::for_each_schema;
use crate::generate::markers::DEPRECATED_PROPERTIES;
use crate::generate::model::Domain;

pub(super) fn note_deprecated_properties(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        let is_deprecated =
            |property: &Value| property.get("deprecated").and_then(Value::as_bool) == Some(true);
        let reasons: Map<String, Value> = properties
            .iter()
            .filter(|(_, property)| is_deprecated(property))
            .map(|(name, property)| {
                let reason = property.get("description").cloned().unwrap_or_default();
                (name.clone(), reason)
            })
            .collect();
        if let (false, Value::Object(properties)) = (reasons.is_empty(), schema) {
            properties.insert(DEPRECATED_PROPERTIES.to_owned(), Value::Object(reasons));
        }
    });
}
