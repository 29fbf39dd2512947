//! Replaces the names of lists, maps, strings, numbers and free-form values by what they stand for,
//! because progenitor would turn each into a newtype. Structures, enums and unions keep their
//! names.

use std::collections::HashMap;

use serde_json::Value;

use super::for_each_schema;
use crate::generate::model::{Domain, referenced_schema};

pub(super) fn inline_aliases(domain: &mut Domain) {
    let mut aliases: HashMap<String, Value> = HashMap::new();
    for (name, schema) in &domain.schemas {
        if is_alias(&schema.value) {
            aliases.insert(name.clone(), schema.value.clone());
        }
    }
    // Partitioning rejected aliases that contain themselves, so this ends.
    loop {
        let mut changed = false;
        for_each_schema(domain, |schema| {
            let Some(target) = referenced_schema(schema).and_then(|name| aliases.get(&name)) else {
                return;
            };
            let description = schema.get("description").cloned();
            *schema = target.clone();
            if let (Some(description), Value::Object(members)) = (description, schema) {
                members.insert("description".to_owned(), description);
            }
            changed = true;
        });
        if !changed {
            break;
        }
    }
    domain.schemas.retain(|name, _| !aliases.contains_key(name));
}

/// Returns whether the schema is only another name for a type that Rust already has.
pub(in crate::generate) fn is_alias(schema: &Value) -> bool {
    let has = |keyword: &str| schema.get(keyword).is_some();
    // An object without fields is a map, or any object.
    !["enum", "oneOf", "anyOf", "allOf", "properties"]
        .into_iter()
        .any(has)
}
