//! Compares the named schemas of a domain: added, removed, renamed and changed ones.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::changes::{Changes, Difference};
use super::kinds::Kind;
use super::meaning::{Meaning, Schemas, is_nullable, plain_reference};
use super::position::{Names, SchemaPosition};
use super::renames::renamed;
use super::schema::{Comparison, Scope};
use super::subject::{DomainVersion, operations};
use super::usage::Usages;
use crate::diff::change::{AffectedItem, WireEffect};
use crate::generate::model::{Domain, Operation, Schema, SchemaPath, referenced_schema};

/// The maximum number of schemas that are visited to find the types that changes turn. In a chain
/// of changed schemas, every change reaches all that follow.
const MOST_TURNED: usize = 200_000;

/// Two versions of a domain, or the two domains that an operation moved between.
pub(super) struct Domains<'a> {
    pub(super) before: &'a DomainVersion<'a>,
    pub(super) after: &'a DomainVersion<'a>,
    /// The schemas of the old document that have another name in the new one.
    pub(super) renamed: HashMap<String, String>,
    pub(super) usages: Usages,
    /// The types of the schemas that only one document sends, or only one reads.
    pub(super) turned: HashMap<String, Vec<AffectedItem>>,
    /// The number of schemas that may still be visited for `turned`.
    visits_left: Cell<usize>,
    /// The names of the schemas that may be null in one document only.
    nullable: HashSet<String>,
}

impl<'a> Domains<'a> {
    pub(super) fn new(
        before: &'a DomainVersion<'a>,
        after: &'a DomainVersion<'a>,
        usages: Usages,
    ) -> Self {
        let mut domains = Self {
            renamed: renamed(before.domain, after.domain),
            turned: HashMap::new(),
            visits_left: Cell::new(MOST_TURNED),
            nullable: nullable_in_one(&before.domain.schemas, &after.domain.schemas),
            before,
            after,
            usages,
        };
        let names = before
            .domain
            .schemas
            .keys()
            .chain(after.domain.schemas.keys());
        let all = |domain: &'a Domain| domain.operations.iter().collect::<Vec<_>>();
        let operations = [all(before.domain), all(after.domain)];
        let [old, new] = &operations;
        let usages = Usages::new([before.domain, after.domain], [old, new]);
        for name in names.filter(|name| usages.has_turned(name)) {
            let items = domains.items([name, name], false);
            domains.turned.insert(name.clone(), items);
        }
        domains
    }

    pub(super) fn scope(&'a self) -> Scope<'a> {
        Scope {
            old: &self.before.domain.schemas,
            new: &self.after.domain.schemas,
            renamed: &self.renamed,
            domains: [self.before.domain, self.after.domain],
            turned: &self.turned,
            visits_left: &self.visits_left,
            names: Names {
                old: &self.before.names,
                new: &self.after.names,
            },
        }
    }

    /// Returns the types that exist in another form because of an operation that only one document
    /// has.
    pub(super) fn turned_by(&self, operation: &Operation) -> Vec<AffectedItem> {
        let scope = self.scope();
        let parameters = operation.parameters.iter();
        let schemas = parameters
            .map(|parameter| &parameter.schema)
            .chain(&operation.request_body)
            .chain(operation.response_schemas())
            .chain(
                operation
                    .responses
                    .iter()
                    .filter_map(|one| one.schema.as_ref()),
            );
        schemas.flat_map(|schema| scope.turned_by(schema)).collect()
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
                let affected = self.items([name, name], true);
                changes.add(difference, WireEffect::keeps(why), affected);
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
        let texts = [&old.value, &new.value].map(Value::to_string);
        if texts[0] == texts[1] && self.is_settled(&old.value) {
            return;
        }
        let [before, after] = [
            Form::of(&old.value, &self.before.domain.schemas),
            Form::of(&new.value, &self.after.domain.schemas),
        ];
        let has_other_form = before != after;
        let at = SchemaPosition {
            noun: "schema",
            subject: name.to_owned(),
            paths: [SchemaPath::named(name), SchemaPath::named(now)],
            location: new.location.clone(),
            affected: self.items([name, now], has_other_form),
            // Each use is compared by itself.
            optional: true,
            always_set: false,
        };
        let first = changes.count();
        let usage = self.usages.of(name, now);
        Comparison::new(self.scope(), usage, changes).run(&at, &old.value, &new.value);
        if changes.count() > first {
            let near = self.near([name, now]);
            changes.add_affected(first, &OF_FIELDS, &near);
        }
    }

    /// Returns true if equal schemas mean the same: whether they have no parts that may differ, and
    /// refer to nothing that may be null in one document only.
    fn is_settled(&self, schema: &Value) -> bool {
        match schema {
            Value::Array(items) => items.iter().all(|item| self.is_settled(item)),
            Value::Object(members) => {
                let name = referenced_schema(schema);
                !members.contains_key("allOf")
                    && name.is_none_or(|name| !self.nullable.contains(&name))
                    && members.values().all(|value| self.is_settled(value))
            }
            _ => true,
        }
    }

    fn renamed(&self, name: &str, now: &str, schema: &Schema, changes: &mut Changes) {
        let Some(after) = self.after.domain.schemas.get(now) else {
            return;
        };
        let subject = format!("schema `{name}`");
        let what = format!("is now called `{now}`");
        let difference = Difference::new("schema-renamed", subject, what, &after.location);
        let why = "names of schemas are not sent";
        let affected = self.items([name, now], true);
        changes.add(difference, WireEffect::keeps(why), affected);
        self.both([name, now], [schema, after], changes);
    }

    fn removed(&self, name: &str, schema: &Schema, changes: &mut Changes) {
        let subject = format!("schema `{name}`");
        let what = "is removed or no longer used";
        let difference = Difference::new("schema-removed", subject, what, &schema.location);
        let why = "the places that used it are reported on their own";
        let affected = self.items([name, name], true);
        changes.add(difference, WireEffect::keeps(why), affected);
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

    /// Returns the type of a schema, or the items that hold its values if it has none. A change of
    /// `identity` concerns the items that refer to the type, too.
    fn items(&self, names: [&str; 2], identity: bool) -> Vec<AffectedItem> {
        let mut affected = Vec::new();
        for (version, name) in [self.before, self.after].into_iter().zip(names) {
            if let Some(type_name) = version.names.type_name(&SchemaPath::named(name)) {
                let path = format!("types::{type_name}");
                affected.push(if identity {
                    AffectedItem::identity(path)
                } else {
                    AffectedItem::below(path)
                });
            }
            if identity {
                let inner = version.names.inner_types(&SchemaPath::named(name));
                let inner = inner.into_iter().map(|name| format!("types::{name}"));
                affected.extend(inner.map(AffectedItem::below));
            }
            affected.extend(users(name, version, identity));
        }
        affected
    }

    /// Returns what exists because of the fields of a schema: the conversions into an envelope of a
    /// request from what is inside, and a request that opens the envelope of its response.
    fn near(&self, names: [&str; 2]) -> Vec<AffectedItem> {
        let mut affected = Vec::new();
        for (version, name) in [self.before, self.after].into_iter().zip(names) {
            for operation in operations(version) {
                let response = operation.operation.response_body.as_ref();
                let holds = |chain: &[String]| chain.iter().any(|known| known == name);
                let chain = |body: Option<&Value>| {
                    let chain = body.map(|body| envelope(body, version.domain));
                    chain.unwrap_or_default()
                };
                let is_paged = operation.operation.pagination.is_some();
                let is_body = response.and_then(plain_reference).as_deref() == Some(name);
                let is_opened = is_body || (is_paged && holds(&chain(response)));
                let chain = chain(operation.operation.request_body.as_ref());
                let is_sent_in_parts = operation.operation.bulk.is_some() && holds(&chain);
                if is_opened || is_sent_in_parts {
                    affected.extend(operation.items().into_iter().map(AffectedItem::nearby));
                }
                if holds(&chain) {
                    let types = chain.iter().filter_map(|name| type_of(version, name));
                    affected.extend(
                        types.map(|item| AffectedItem::below(format!("{}: ", item.path)).nearby()),
                    );
                }
            }
        }
        affected
    }
}

fn nullable_in_one(old: &Schemas, new: &Schemas) -> HashSet<String> {
    let differs = |name: &&String| {
        let is_nullable = |schemas: &Schemas| {
            let schema = schemas.get(*name);
            schema.is_some_and(|schema| is_nullable(&schema.value, schemas, 0))
        };
        is_nullable(old) != is_nullable(new)
    };
    old.keys().filter(differs).cloned().collect()
}

/// Returns the schemas of an envelope: the body, and two levels of the objects inside.
fn envelope(body: &Value, domain: &Domain) -> Vec<String> {
    let mut chain = Vec::new();
    let mut level: Vec<String> = plain_reference(body).into_iter().collect();
    for _ in 0..3 {
        let mut next = Vec::new();
        for name in level {
            let schema = domain.schemas.get(&name);
            let fields = schema.and_then(|schema| schema.value.get("properties")?.as_object());
            let fields = fields.into_iter().flatten();
            next.extend(fields.filter_map(|(_, field)| plain_reference(field)));
            chain.push(name);
        }
        level = next;
    }
    chain
}

/// The kinds of changes on which conversions and envelopes depend.
const OF_FIELDS: [&str; 12] = [
    "additional-properties-changed",
    "enum-value-added",
    "enum-value-removed",
    "field-optional",
    "field-removed",
    "field-renamed",
    "field-required",
    "fields-reordered",
    "optional-field-added",
    "read-only-changed",
    "required-field-added",
    "type-changed",
];

/// Returns the type of a named schema.
fn type_of(version: &DomainVersion<'_>, name: &str) -> Option<AffectedItem> {
    let type_name = version.names.type_name(&SchemaPath::named(name))?;
    Some(AffectedItem::below(format!("types::{type_name}")))
}

/// Returns the schemas that a schema is composed of, directly or indirectly.
fn ancestors(schema: &Value, schemas: &Schemas) -> HashSet<String> {
    let mut found = HashSet::new();
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

/// Returns the schemas that `value` refers to, with their types.
fn used<'a>(
    value: &'a Value,
    version: &'a DomainVersion<'_>,
) -> impl Iterator<Item = (&'a Schema, AffectedItem)> {
    let schemas = version.domain.schemas.iter();
    let used = schemas.filter(move |(name, _)| refers_to(value, name));
    used.filter_map(|(name, schema)| Some((schema, type_of(version, name)?.nearby())))
}

/// Returns the types that depend on a body: its own and those that it is built from.
pub(super) fn of_body(body: &Value, version: &DomainVersion<'_>) -> Vec<AffectedItem> {
    let mut affected = Vec::new();
    for (schema, item) in used(body, version) {
        affected.push(item);
        affected.extend(used(&schema.value, version).map(|(_, item)| item));
    }
    affected
}

/// The form of a schema, on which the items that refer to it depend.
#[derive(PartialEq)]
struct Form {
    kind: Kind,
    nullable: bool,
    has_values: bool,
    /// True if constructors fill the only value in.
    is_constant: bool,
}

impl Form {
    fn of(schema: &Value, schemas: &Schemas) -> Self {
        let meaning = Meaning::new(schema, schemas);
        Self {
            kind: Kind::of(&meaning),
            nullable: meaning.nullable,
            has_values: meaning.values().is_some(),
            is_constant: meaning.values().is_some_and(|values| values.len() == 1),
        }
    }

    fn has_type(&self) -> bool {
        self.has_values || matches!(self.kind, Kind::Object | Kind::Union)
    }
}

/// Returns the items that hold the values of a schema without a type of its own, also through
/// other such schemas. Of a schema whose identity changes, these are all items that hold it.
fn users(name: &str, version: &DomainVersion<'_>, identity: bool) -> Vec<AffectedItem> {
    let schemas = &version.domain.schemas;
    let mut pending = vec![name];
    let mut seen = HashSet::new();
    let mut affected = Vec::new();
    while let Some(name) = pending.pop() {
        let Some(schema) = schemas.get(name) else {
            continue;
        };
        let has_type = Form::of(&schema.value, schemas).has_type();
        if !seen.insert(name) || (has_type && !identity) {
            continue;
        }
        for user in version.referring.get(name).into_iter().flatten() {
            if let Some(schema) = schemas.get(*user) {
                affected.extend(fields_with(version, user, &schema.value, name));
            }
            if !has_type {
                pending.push(user);
            }
        }
        if let Some(numbers) = version.operations_with.get(name) {
            let all: Vec<_> = operations(version).collect();
            let users = numbers.iter().filter_map(|at| all.get(*at));
            affected.extend(users.flat_map(|operation| operation.items()));
        }
    }
    affected
}

/// Returns the fields of the schema `user` that hold the schema `name`, or the whole type if it is
/// not an object.
fn fields_with(
    version: &DomainVersion<'_>,
    user: &str,
    schema: &Value,
    name: &str,
) -> Vec<AffectedItem> {
    let path = SchemaPath::named(user);
    let Some(owner) = version.names.type_name(&path) else {
        return Vec::new();
    };
    let owner = format!("types::{owner}");
    let fields = schema.get("properties").and_then(Value::as_object);
    let Some(fields) = fields else {
        return vec![AffectedItem::below(owner)];
    };
    let mut affected = vec![AffectedItem::below(format!("{owner}: "))];
    for (wire_name, _) in fields.iter().filter(|(_, field)| refers_to(field, name)) {
        if let Some(field) = version.names.field_name(&path, wire_name) {
            affected.push(AffectedItem::exactly(format!("{owner}.{field}")));
            affected.push(AffectedItem::exactly(format!("{owner}::{field}")));
            affected.push(AffectedItem::argument(format!("{owner}::new"), &field));
        }
        let inner = version.names.type_name(&path.field(wire_name));
        affected.extend(inner.map(|name| AffectedItem::below(format!("types::{name}"))));
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
