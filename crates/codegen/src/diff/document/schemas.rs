//! Compares the named schemas of a domain: added, removed, renamed and changed ones.

use serde_json::{Map, Value};

use super::changes::{Changes, Difference};
use super::meaning::{Schemas, is_nullable};
use super::position::SchemaPosition;
use super::renames::renamed;
use super::schema::{Comparison, NullPlace, Scope};
use super::subject::DomainVersion;
use super::usage::Usages;
use super::widened::Differing;
use crate::collections::{HashMap, HashSet};
use crate::diff::change::WireEffect;
use crate::document::node::VALIDATION;
use crate::generate::model::{Schema, SchemaPath, referenced_schema};

/// Two versions of a domain, or the two domains that an operation moved between.
pub(super) struct Domains<'a> {
    pub(super) before: &'a DomainVersion<'a>,
    pub(super) after: &'a DomainVersion<'a>,
    /// The schemas of the old document that have another name in the new one.
    pub(super) renamed: HashMap<String, String>,
    pub(super) usages: Usages,
    /// The names of the schemas that may be null in one document only.
    nullable: HashSet<String>,
    /// The named schemas of the documents that differ.
    differing: &'a Differing<'a>,
}

impl<'a> Domains<'a> {
    pub(super) fn new(
        [before, after]: [&'a DomainVersion<'a>; 2],
        usages: Usages,
        differing: &'a Differing<'a>,
    ) -> Self {
        Self {
            renamed: renamed(before.domain, after.domain),
            nullable: nullable_in_one(&before.domain.schemas, &after.domain.schemas),
            before,
            after,
            usages,
            differing,
        }
    }

    pub(super) fn scope(&'a self) -> Scope<'a> {
        Scope {
            old: &self.before.domain.schemas,
            new: &self.after.domain.schemas,
            renamed: &self.renamed,
            differing: self.differing,
        }
    }

    /// Compares all named schemas.
    pub(super) fn compare(&self, changes: &mut Changes) {
        let (old, new) = (&self.before.domain.schemas, &self.after.domain.schemas);
        for (name, schema) in old {
            match (new.get(name), self.renamed.get(name)) {
                (Some(now), _) => self.both([name, name], [schema, now], changes),
                (None, Some(now)) => self.renamed(name, now, schema, changes),
                (None, None) => self.removed(name, schema, changes),
            }
        }
        let known: HashSet<&String> = self.renamed.values().collect();
        for (name, schema) in new {
            if !old.contains_key(name) && !known.contains(name) {
                let subject = format!("schema `{name}`");
                let what = "is new in this domain";
                let difference = Difference::new("schema-added", subject, what, &schema.location);
                let why = "old clients do not use it";
                let difference = difference.of(std::slice::from_ref(&schema.path));
                changes.add(difference, WireEffect::keeps(why));
            }
        }
        self.join_inherited(changes);
    }

    /// Compares the schemas that both versions of a moved operation reach.
    pub(super) fn compare_reached(&self, changes: &mut Changes) {
        let (old, new) = (&self.before.domain.schemas, &self.after.domain.schemas);
        for (name, schema) in old {
            let now = self.renamed.get(name).unwrap_or(name);
            if let Some(after) = new.get(now)
                && self.usages.is_used(name, now)
            {
                self.both([name, now], [schema, after], changes);
            }
        }
        self.join_inherited(changes);
    }

    fn both(&self, [name, now]: [&str; 2], schemas: [&Schema; 2], changes: &mut Changes) {
        let [old, new] = schemas;
        // The order of properties counts, so the texts are compared.
        let texts = [&old.value, &new.value].map(|value| value.to_string());
        if texts[0] == texts[1] && self.is_settled(&old.value) {
            return;
        }
        let at = SchemaPosition {
            noun: "schema",
            subject: name.to_owned(),
            paths: [SchemaPath::named(name), SchemaPath::named(now)],
            location: new.location.clone(),
            // Each use is compared by itself.
            optional: true,
            always_set: self.usages.is_always_set(name),
        };
        let usage = self.usages.of(name, now);
        let mut comparison = Comparison::new(self.scope(), usage, changes);
        comparison.null = NullPlace::Uses;
        comparison.as_text = self.usages.is_sent_as_text(name) && !usage.read;
        comparison.run(&at, &old.value, &new.value);
    }

    /// Returns true if equal schemas mean the same: if they have no parts that may differ, refer to
    /// nothing that may be null in one document only, and have no alternatives that may come to
    /// overlap.
    fn is_settled(&self, schema: &Value) -> bool {
        match schema {
            Value::Array(items) => items.iter().all(|item| self.is_settled(item)),
            Value::Object(members) => {
                let name = referenced_schema(schema);
                !members.contains_key("allOf")
                    // What it was may refer to schemas that differ.
                    && !members.contains_key(VALIDATION)
                    && name.is_none_or(|name| !self.nullable.contains(&name))
                    && !self.may_overlap(members)
                    && members.values().all(|value| self.is_settled(value))
            }
            _ => true,
        }
    }

    /// Returns true if only one alternative of a union may match, and one of them differs.
    fn may_overlap(&self, members: &Map<String, Value>) -> bool {
        let alternatives = members.get("oneOf").and_then(Value::as_array);
        let mut alternatives = alternatives.into_iter().flatten();
        !members.contains_key("discriminator")
            && alternatives.any(|alternative| self.differing.is_in(alternative))
    }

    fn renamed(&self, name: &str, now: &str, schema: &Schema, changes: &mut Changes) {
        let Some(after) = self.after.domain.schemas.get(now) else {
            return;
        };
        let subject = format!("schema `{name}`");
        let what = format!("is now called `{now}`");
        let difference = Difference::new("schema-renamed", subject, what, &after.location);
        let why = "names of schemas are not sent";
        let difference = difference.of(&[schema.path.clone(), after.path.clone()]);
        changes.add(difference, WireEffect::keeps(why));
        self.both([name, now], [schema, after], changes);
    }

    fn removed(&self, name: &str, schema: &Schema, changes: &mut Changes) {
        let subject = format!("schema `{name}`");
        let what = "is removed or no longer used";
        let difference = Difference::new("schema-removed", subject, what, &schema.location);
        let why = "the places that used it are reported on their own";
        let difference = difference.of(std::slice::from_ref(&schema.path));
        changes.add(difference, WireEffect::keeps(why));
    }

    /// Reports what a schema inherits once, where it is declared.
    fn join_inherited(&self, changes: &mut Changes) {
        let old = &self.before.domain.schemas;
        let parents = old.iter().filter_map(|(name, schema)| {
            let ancestors = ancestors(&schema.value, old);
            (!ancestors.is_empty()).then_some((name, ancestors))
        });
        for (child, ancestors) in parents {
            changes.join(child, &ancestors);
        }
    }
}

fn nullable_in_one(old: &Schemas, new: &Schemas) -> HashSet<String> {
    let differs = |name: &&String| {
        let is_nullable = |schemas: &Schemas| {
            let schema = schemas.get(*name);
            schema.is_some_and(|schema| is_nullable(&schema.value, schemas))
        };
        is_nullable(old) != is_nullable(new)
    };
    old.keys().filter(differs).cloned().collect()
}

/// Returns the schemas that a schema is composed of, directly or indirectly.
pub(super) fn ancestors(schema: &Value, schemas: &Schemas) -> HashSet<String> {
    let mut found = HashSet::default();
    let mut pending = vec![schema];
    while let Some(schema) = pending.pop() {
        let parts = schema.get("allOf").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            match referenced_schema(part) {
                Some(name) => {
                    if let Some(target) = schemas.get(&name)
                        && found.insert(name)
                    {
                        pending.push(&target.value);
                    }
                }
                None => pending.push(part),
            }
        }
    }
    found
}
