//! Renames fields that differ only in case or punctuation (`id`, `ID`), or that have the name of a
//! generated item. It also renames fields without a letter that a Rust name can have. On the wire
//! they keep the names of the document.

use serde_json::{Map, Value};

use super::for_each_schema;
use super::names::unique;
use crate::collections::HashSet;
use crate::generate::decisions::Holders;
use crate::generate::identifiers::snake_case;
use crate::generate::markers::{DEPRECATED_PROPERTIES, WIRE_NAMES};
use crate::generate::model::Domain;

/// Returns the Rust name of a lowered schema's field that is called `wire_name` on the wire.
pub(super) fn rust_name(schema: &Value, wire_name: &str) -> Option<String> {
    let renamed = schema.get(WIRE_NAMES).and_then(Value::as_object);
    let mut renamed = renamed.into_iter().flatten();
    if let Some((name, _)) = renamed.find(|(_, known)| known.as_str() == Some(wire_name)) {
        return Some(name.clone());
    }
    schema.get("properties")?.get(wire_name)?;
    Some(snake_case(wire_name, "field"))
}

pub(super) fn rename_fields(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let takes_all = match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => false,
            Some(_) => true,
        };
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        let mut taken = HashSet::default();
        if takes_all {
            taken.insert("extra".to_owned());
        }
        if properties.contains_key("new") {
            taken.insert("set_new".to_owned());
        }
        let mut renamed = Map::new();
        let mut fields = Map::new();
        let mut required = schema.get("required").cloned();
        for (name, field) in properties {
            let wanted = snake_case(name, "field");
            let chosen = unique(&mut taken, wanted.clone());
            // progenitor has another name for a field without letters and digits.
            let has_name = name.contains(|c: char| c.is_ascii_alphanumeric());
            if chosen == wanted && has_name {
                fields.insert(name.clone(), field.clone());
                continue;
            }
            if let Some(Value::Array(names)) = &mut required {
                for known in names.iter_mut().filter(|known| *known == name) {
                    *known = Value::String(chosen.clone());
                }
            }
            renamed.insert(chosen.clone(), Value::String(name.clone()));
            fields.insert(chosen, field.clone());
        }
        if renamed.is_empty() {
            return;
        }
        schema["properties"] = Value::Object(fields);
        if let Some(Value::Object(reasons)) = schema.get_mut(DEPRECATED_PROPERTIES) {
            for (chosen, name) in &renamed {
                let reason = name.as_str().and_then(|name| reasons.remove(name));
                reasons.extend(reason.map(|reason| (chosen.clone(), reason)));
            }
        }
        schema[WIRE_NAMES] = Value::Object(renamed);
        if let Some(required) = required {
            schema["required"] = required;
        }
    });
    record(domain);
}

/// Records which field made another one have another name.
fn record(domain: &mut Domain) {
    for schema in domain.schemas.values() {
        let Some(renamed) = schema.value.get(WIRE_NAMES).and_then(Value::as_object) else {
            continue;
        };
        let fields = schema.value.get("properties").and_then(Value::as_object);
        let mut holders = Holders::default();
        for (chosen, _) in fields.into_iter().flatten() {
            let name = renamed.get(chosen).and_then(Value::as_str);
            let name = name.unwrap_or(chosen);
            let (path, wanted) = (schema.path.field(name), snake_case(name, "field"));
            let chosen = rust_name(&schema.value, name).unwrap_or_else(|| wanted.clone());
            holders.take(&path, [&wanted, &chosen], &mut domain.decisions);
        }
    }
}
