//! Replaces the names of lists, maps, strings, numbers and free-form values by what they stand for,
//! because progenitor would turn each into a newtype. Structures, enums and unions keep their
//! names.

use serde_json::{Value, json};

use super::for_each_schema;
use crate::collections::{CopyOnWrite, HashMap, HashSet};
use crate::generate::model::{Domain, referenced_schema};

pub(super) fn inline_aliases(domain: &mut Domain) {
    let mut aliases: HashMap<String, CopyOnWrite<Value>> = HashMap::default();
    for (name, schema) in &domain.schemas {
        if is_alias(&schema.value) {
            aliases.insert(name.clone(), schema.value.clone());
        }
    }
    widen_circles(&mut aliases);
    // No alias contains itself now, so this ends.
    loop {
        let mut changed = false;
        for_each_schema(domain, |schema| {
            let Some(target) = referenced_schema(schema).and_then(|name| aliases.get(&name)) else {
                return;
            };
            let description = schema.get("description").cloned();
            *schema = Value::clone(target);
            if let (Some(description), Value::Object(properties)) = (description, schema) {
                properties.insert("description".to_owned(), description);
            }
            changed = true;
        });
        if !changed {
            break;
        }
    }
    domain.schemas.retain(|name, _| !aliases.contains_key(name));
}

/// Replaces each alias that contains itself by any JSON value. Partitioning rejects such aliases,
/// but an earlier pass may turn a schema into one.
fn widen_circles(aliases: &mut HashMap<String, CopyOnWrite<Value>>) {
    let targets: HashMap<String, Vec<String>> = aliases
        .iter()
        .map(|(name, schema)| {
            let mut names = Vec::new();
            collect_references(schema, &mut names);
            (name.clone(), names)
        })
        .collect();
    let is_circular = |name: &String| {
        let mut seen = HashSet::default();
        let mut pending: Vec<&String> = targets.get(name).into_iter().flatten().collect();
        while let Some(next) = pending.pop() {
            if next == name {
                return true;
            }
            if seen.insert(next) {
                pending.extend(targets.get(next).into_iter().flatten());
            }
        }
        false
    };
    let circular: Vec<String> = aliases
        .keys()
        .filter(|name| is_circular(name))
        .cloned()
        .collect();
    for name in circular {
        aliases.insert(name, json!({}).into());
    }
}

/// Collects the names of the schemas that a schema refers to, directly or in a schema inside it.
fn collect_references(schema: &Value, names: &mut Vec<String>) {
    names.extend(referenced_schema(schema));
    match schema {
        Value::Array(values) => values
            .iter()
            .for_each(|value| collect_references(value, names)),
        Value::Object(properties) => {
            properties
                .values()
                .for_each(|value| collect_references(value, names));
        }
        _ => {}
    }
}

/// Returns true if the schema is only another name for a type that Rust already has.
pub(in crate::generate) fn is_alias(schema: &Value) -> bool {
    let has = |keyword: &str| schema.get(keyword).is_some();
    // An object without fields is a map, or any object.
    !["enum", "oneOf", "anyOf", "allOf", "properties"]
        .into_iter()
        .any(has)
}
