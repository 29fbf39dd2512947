//! Compares the named schemas of a domain: added, removed, renamed and changed ones.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::changes::{Changes, Difference};
use super::kinds::{Kind, Schemas};
use super::schema::{Comparison, SchemaPosition};
use super::subject::{operations, type_path};
use super::usage::Usages;
use crate::diff::change::{AffectedItem, WireEffect};
use crate::generate::model::{Domain, Schema, referenced_schema};

/// A domain as the document describes it and as the generator names its parts.
type Version<'a> = (Domain, &'a Domain);

/// Returns the schemas of the old document that have another name in the new one.
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
            // A renamed schema refers to itself by its new name.
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
        Value::Object(properties) => {
            let properties = properties
                .iter()
                .map(|(key, value)| (key.clone(), without_own_name(value, name)));
            Value::Object(properties.collect())
        }
        other => other.clone(),
    }
}

pub(super) fn compare(before: &Version, after: &Version, usages: &Usages, changes: &mut Changes) {
    let schemas = NamedSchemas {
        before,
        after,
        usages,
        renamed: renamed(&before.0, &after.0),
    };
    for (name, schema) in &before.0.schemas {
        match (after.0.schemas.get(name), schemas.renamed.get(name)) {
            (Some(now), _) => schemas.both(name, schema, now, changes),
            (None, Some(now)) => schemas.renamed(name, now, changes),
            (None, None) => schemas.removed(name, schema, changes),
        }
    }
    for (name, schema) in &after.0.schemas {
        let is_renamed = schemas.renamed.values().any(|known| known == name);
        if !before.0.schemas.contains_key(name) && !is_renamed {
            let subject = format!("schema `{name}`");
            let what = "is new in this domain";
            let difference = Difference::new("schema-added", subject, what, &schema.location);
            let why = "old clients do not use it";
            let affected = vec![AffectedItem::below(type_path(name))];
            changes.add(difference, WireEffect::keeps(why), affected);
        }
    }
}

/// The named schemas of two versions of a domain.
struct NamedSchemas<'a> {
    before: &'a Version<'a>,
    after: &'a Version<'a>,
    usages: &'a Usages,
    renamed: HashMap<String, String>,
}

impl NamedSchemas<'_> {
    fn both(&self, name: &str, old: &Schema, new: &Schema, changes: &mut Changes) {
        let at = SchemaPosition {
            noun: "schema",
            subject: name.to_owned(),
            owner: name.to_owned(),
            location: new.location.clone(),
            affected: self.items(name),
            optional: false,
        };
        let first = changes.count();
        let mut comparison = Comparison {
            old: &self.before.0.schemas,
            new: &self.after.0.schemas,
            renamed: &self.renamed,
            usage: self.usages.of(name),
            changes,
        };
        comparison.schemas(&at, &old.value, &new.value);
        if changes.count() > first {
            changes.add_affected(first, &near(name, [self.before, self.after]));
        }
    }

    fn renamed(&self, name: &str, now: &str, changes: &mut Changes) {
        let Some(schema) = self.after.0.schemas.get(now) else {
            return;
        };
        let subject = format!("schema `{name}`");
        let what = format!("is now called `{now}`");
        let difference = Difference::new("schema-renamed", subject, what, &schema.location);
        let mut affected = self.items(name);
        affected.push(AffectedItem::below(type_path(now)));
        let why = "names of schemas are not sent";
        changes.add(difference, WireEffect::keeps(why), affected);
    }

    fn removed(&self, name: &str, schema: &Schema, changes: &mut Changes) {
        let subject = format!("schema `{name}`");
        let what = "is removed or no longer used";
        let difference = Difference::new("schema-removed", subject, what, &schema.location);
        let why = "the places that used it are reported on their own";
        changes.add(difference, WireEffect::keeps(why), self.items(name));
    }

    /// Returns the type of a schema, or the types that use the schema if it has none.
    fn items(&self, name: &str) -> Vec<AffectedItem> {
        let mut affected = vec![AffectedItem::below(type_path(name))];
        for (domain, _) in [self.before, self.after] {
            affected.extend(users(name, &domain.schemas));
        }
        affected
    }
}

/// Returns the types and operations that lead to a schema. They explain a change only if no other
/// item does: for example, a second property of an envelope removes a conversion of its request.
fn near(name: &str, versions: [&Version; 2]) -> Vec<AffectedItem> {
    let mut affected = Vec::new();
    for (domain, lowered) in versions {
        let leading = leading_to(name, domain);
        // A request may convert from the types inside the schema.
        if let Some(schema) = domain.schemas.get(name) {
            affected.extend(used(&schema.value, domain).map(|(_, item)| item));
        }
        affected.extend(
            leading
                .iter()
                .map(|name| AffectedItem::below(type_path(name)).nearby()),
        );
        for version in operations(domain, lowered) {
            let request = version.operation.request_body.iter();
            let mut bodies = request.chain(version.operation.response_schemas());
            if bodies.any(|body| leading.iter().any(|name| refers_to(body, name))) {
                affected.extend(version.items().into_iter().map(AffectedItem::nearby));
            }
        }
    }
    affected
}

/// Returns `name` and the schemas that refer to it, also through others.
fn leading_to<'a>(name: &'a str, domain: &'a Domain) -> HashSet<&'a str> {
    let mut leading = HashSet::from([name]);
    let mut pending = vec![name];
    while let Some(name) = pending.pop() {
        for (user, schema) in &domain.schemas {
            if refers_to(&schema.value, name) && leading.insert(user) {
                pending.push(user);
            }
        }
    }
    leading
}

/// Returns the schemas that `value` refers to, with their types.
fn used<'a>(
    value: &'a Value,
    domain: &'a Domain,
) -> impl Iterator<Item = (&'a Schema, AffectedItem)> {
    let used = domain
        .schemas
        .iter()
        .filter(move |(name, _)| refers_to(value, name));
    used.map(|(name, schema)| (schema, AffectedItem::below(type_path(name)).nearby()))
}

/// Returns the types that depend on a body: its own and those that it is built from.
pub(super) fn of_body(body: &Value, domain: &Domain) -> Vec<AffectedItem> {
    let mut affected = Vec::new();
    for (schema, item) in used(body, domain) {
        affected.push(item);
        affected.extend(used(&schema.value, domain).map(|(_, item)| item));
    }
    affected
}

/// Returns the types that contain a schema without a type of its own.
fn users(name: &str, schemas: &Schemas) -> Vec<AffectedItem> {
    let has_type =
        |schema: &Value| matches!(Kind::of(schema), Kind::Object | Kind::Enum | Kind::Union);
    let mut pending = vec![name];
    let mut seen = HashSet::new();
    let mut affected = Vec::new();
    while let Some(name) = pending.pop() {
        let Some(schema) = schemas.get(name) else {
            continue;
        };
        if !seen.insert(name) || has_type(&schema.value) {
            continue;
        }
        for (user, schema) in schemas {
            if refers_to(&schema.value, name) {
                affected.push(AffectedItem::below(type_path(user)));
                pending.push(user);
            }
        }
    }
    affected
}

fn refers_to(schema: &Value, name: &str) -> bool {
    match schema {
        schema if referenced_schema(schema).as_deref() == Some(name) => true,
        Value::Array(items) => items.iter().any(|item| refers_to(item, name)),
        Value::Object(properties) => properties.values().any(|value| refers_to(value, name)),
        _ => false,
    }
}
