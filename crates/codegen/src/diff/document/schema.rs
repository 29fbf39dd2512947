//! The named schemas of a domain: added, removed, renamed, and what differs inside those that stayed.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::body::{At, Walk};
use super::place::Places;
use super::types::Kind;
use super::{Changes, Found, Named, Wire, operation};
use crate::diff::change::Touch;
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Domain, Schema, referenced_schema};

/// The schemas of the old document that have another name in the new one.
pub(super) fn renamed(old: &Domain, new: &Domain) -> HashMap<String, String> {
    let is_new = |name: &&String| !old.schemas.contains_key(*name);
    let mut renamed = HashMap::new();
    let mut taken = HashSet::new();
    for (name, schema) in &old.schemas {
        if new.schemas.contains_key(name) {
            continue;
        }
        let same = |candidate: &&String| {
            let value = new.schemas.get(*candidate).map(|schema| &schema.value);
            // A schema that refers to itself does so under its new name.
            value.is_some_and(|value| {
                without_own_name(value, candidate) == without_own_name(&schema.value, name)
            })
        };
        let mut candidates = new.schemas.keys().filter(is_new).filter(same);
        if let (Some(found), None) = (candidates.next(), candidates.next())
            && taken.insert(found)
        {
            renamed.insert(name.clone(), found.clone());
        }
    }
    renamed
}

fn without_own_name(schema: &Value, name: &str) -> Value {
    match schema {
        schema if referenced_schema(schema).as_deref() == Some(name) => Value::Null,
        Value::Array(items) => items
            .iter()
            .map(|item| without_own_name(item, name))
            .collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| (key.clone(), without_own_name(value, name)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

pub(super) fn compare(before: &Side, after_side: &Side, places: &Places, changes: &mut Changes) {
    let ((old, _), (new, _)) = (before, after_side);
    let renamed = renamed(old, new);
    for (name, schema) in &old.schemas {
        let touches = || touches(name, old, new);
        match (new.schemas.get(name), renamed.get(name)) {
            (Some(after), _) => {
                let mut walk = Walk {
                    old: &old.schemas,
                    new: &new.schemas,
                    renamed: &renamed,
                    used: places.of(name),
                    changes,
                };
                let at = At {
                    noun: "schema",
                    subject: name.clone(),
                    owner: name.clone(),
                    place: after.location.clone(),
                    touches: touches(),
                    optional: false,
                };
                let found = walk.changes.count();
                walk.schemas(&at, &schema.value, &after.value);
                if changes.count() > found {
                    changes.add_touches(found, &near(name, [before, after_side]));
                }
            }
            (None, Some(after)) => {
                let place = new
                    .schemas
                    .get(after)
                    .map_or(&schema.location, |schema| &schema.location);
                let found = Found::new(
                    "schema-renamed",
                    format!("schema `{name}`"),
                    format!("is called `{after}`"),
                    place,
                );
                let mut touches = touches();
                touches.push(Touch::below(type_path(after)));
                let why = "names of schemas are not sent";
                changes.add(found, Wire::keeps(why), touches);
            }
            (None, None) => {
                let found = Found::new(
                    "schema-removed",
                    format!("schema `{name}`"),
                    "is gone or no longer used",
                    &schema.location,
                );
                let why = "what was sent and read by it counts where it was used";
                changes.add(found, Wire::keeps(why), touches());
            }
        }
    }
    for (name, schema) in &new.schemas {
        if !old.schemas.contains_key(name) && !renamed.values().any(|known| known == name) {
            let found = Found::new(
                "schema-added",
                format!("schema `{name}`"),
                "is new here",
                &schema.location,
            );
            let why = "clients of the old document do not know it";
            let touches = vec![Touch::below(type_path(name))];
            changes.add(found, Wire::keeps(why), touches);
        }
    }
}

/// The type of a schema.
pub(super) fn type_path(name: &str) -> String {
    format!("types::{}", pascal_case(name, "Schema"))
}

/// The type of a schema; where it becomes none, the types that use it.
fn touches(name: &str, old: &Domain, new: &Domain) -> Vec<Touch> {
    let mut touches = vec![Touch::below(type_path(name))];
    for domain in [old, new] {
        touches.extend(users(name, &domain.schemas));
    }
    touches
}

/// A domain as the document has it, and as the generator names things.
type Side<'a> = (Domain, &'a Domain);

/// What may differ for want of a closer cause: the types and operations that lead to a schema. An envelope that gets a
/// second member, say, takes a conversion from the request around it.
fn near(name: &str, sides: [&Side; 2]) -> Vec<Touch> {
    let mut touches = Vec::new();
    for (domain, lowered) in sides {
        let mut leading = HashSet::from([name]);
        let mut pending = vec![name];
        while let Some(name) = pending.pop() {
            for (user, schema) in &domain.schemas {
                if refers_to(&schema.value, name) && leading.insert(user) {
                    pending.push(user);
                }
            }
        }
        // And the types that it holds: what a request is made from may be made from something else, too.
        if let Some(schema) = domain.schemas.get(name) {
            touches.extend(held(&schema.value, domain).map(|(_, touch)| touch));
        }
        touches.extend(
            leading
                .iter()
                .map(|name| Touch::below(type_path(name)).nearby()),
        );
        for (operation, lowered) in domain.operations.iter().zip(&lowered.operations) {
            let bodies = operation
                .request_body
                .iter()
                .chain(&operation.response_body);
            if bodies
                .into_iter()
                .any(|body| leading.iter().any(|name| refers_to(body, name)))
            {
                let named = Named {
                    tag: &domain.tag,
                    domain,
                    operation,
                    lowered,
                };
                touches.extend(operation::touches(named).into_iter().map(Touch::nearby));
            }
        }
    }
    touches
}

/// The schemas that `value` refers to, and their types.
fn held<'a>(value: &'a Value, domain: &'a Domain) -> impl Iterator<Item = (&'a Schema, Touch)> {
    let held = domain
        .schemas
        .iter()
        .filter(move |(name, _)| refers_to(value, name));
    held.map(|(name, schema)| (schema, Touch::below(type_path(name)).nearby()))
}

/// The types that change with what a body is: its own, and those that it is made from.
pub(super) fn of_body(body: &Value, domain: &Domain) -> Vec<Touch> {
    let mut touches = Vec::new();
    for (schema, touch) in held(body, domain) {
        touches.push(touch);
        touches.extend(held(&schema.value, domain).map(|(_, touch)| touch));
    }
    touches
}

/// The types that a schema without one stands in.
fn users(name: &str, schemas: &indexmap::IndexMap<String, Schema>) -> Vec<Touch> {
    let has_type =
        |schema: &Value| matches!(Kind::of(schema), Kind::Object | Kind::Enum | Kind::Choice);
    let mut pending = vec![name];
    let mut seen = HashSet::new();
    let mut touches = Vec::new();
    while let Some(name) = pending.pop() {
        let Some(schema) = schemas.get(name) else {
            continue;
        };
        if !seen.insert(name) || has_type(&schema.value) {
            continue;
        }
        for (user, schema) in schemas {
            if refers_to(&schema.value, name) {
                touches.push(Touch::below(type_path(user)));
                pending.push(user);
            }
        }
    }
    touches
}

fn refers_to(schema: &Value, name: &str) -> bool {
    match schema {
        schema if referenced_schema(schema).as_deref() == Some(name) => true,
        Value::Array(items) => items.iter().any(|item| refers_to(item, name)),
        Value::Object(members) => members.values().any(|value| refers_to(value, name)),
        _ => false,
    }
}
