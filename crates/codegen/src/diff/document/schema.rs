//! Compares two versions of one schema, property by property.

use std::collections::HashMap;

use heck::ToPascalCase;
use serde_json::{Map, Value};

use super::changes::{Changes, Difference, deprecation};
use super::kinds::{Kind, Schemas, resolve, view};
use super::usage::Usage;
use crate::diff::change::{AffectedItem, WireEffect};
use crate::document::diagnostic::Location;
use crate::generate::identifiers::{pascal_case, snake_case};
use crate::generate::model::referenced_schema;

/// A comparison of two versions of a schema and of the schemas inside it.
pub(super) struct Comparison<'a, 'b> {
    pub(super) old: &'a Schemas,
    pub(super) new: &'a Schemas,
    pub(super) renamed: &'a HashMap<String, String>,
    pub(super) usage: Usage,
    pub(super) changes: &'b mut Changes,
}

/// The position of a schema in the document.
#[derive(Clone)]
pub(super) struct SchemaPosition {
    /// The kind of thing that has the schema: `field`.
    pub(super) noun: &'static str,
    /// Its name in the document: `KpiRequest.unit`.
    pub(super) subject: String,
    /// The name of a type that is declared here.
    pub(super) owner: String,
    /// Its location in the document.
    pub(super) location: Location,
    /// The items that depend on it.
    pub(super) affected: Vec<AffectedItem>,
    /// True if it is optional.
    pub(super) optional: bool,
}

impl SchemaPosition {
    pub(super) fn difference(&self, kind: &'static str, what: impl Into<String>) -> Difference {
        Difference::new(
            kind,
            format!("{} `{}`", self.noun, self.subject),
            what,
            &self.location,
        )
    }

    /// Returns the position of the field `name`.
    fn field(&self, name: &str) -> Self {
        let owner = format!("types::{}", pascal_case(&self.owner, "Schema"));
        let field = snake_case(name, "field");
        let inner = format!("{}{}", self.owner, name.to_pascal_case());
        let affected = vec![
            AffectedItem::exactly(format!("{owner}.{field}")),
            AffectedItem::exactly(format!("{owner}::{field}")),
            AffectedItem::argument(format!("{owner}::new"), &field),
            AffectedItem::below(format!("types::{}", pascal_case(&inner, "Schema"))),
            // The traits of a type depend on all its fields.
            AffectedItem::below(format!("{owner}: ")),
        ];
        Self {
            noun: "field",
            subject: format!("{}.{name}", self.subject),
            owner: inner,
            location: self.location.clone(),
            affected,
            optional: false,
        }
    }

    /// Returns the position of a schema inside this one: the items of a list or the values of a
    /// map.
    fn inside(&self, noun: &'static str, suffix: &str) -> Self {
        let owner = format!("{}{suffix}", self.owner);
        let mut affected = self.affected.clone();
        affected.push(AffectedItem::below(format!(
            "types::{}",
            pascal_case(&owner, "Schema")
        )));
        Self {
            noun,
            owner,
            affected,
            optional: false,
            ..self.clone()
        }
    }
}

impl Comparison<'_, '_> {
    /// Compares two versions of the schema at `at`.
    pub(super) fn schemas(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        self.notes(at, old, new);
        let (before, after) = (view(old), view(new));
        self.nullable(at, before.nullable, after.nullable);
        let names = (
            referenced_schema(before.schema),
            referenced_schema(after.schema),
        );
        if let (Some(before), Some(after)) = &names
            && (before == after || self.renamed.get(before) == Some(after))
        {
            return;
        }
        let (before, after) = (
            resolve(before.schema, self.old),
            resolve(after.schema, self.new),
        );
        let (kind, new_kind) = (Kind::of(before), Kind::of(after));
        if kind != new_kind {
            return self.kinds(at, &kind, &new_kind);
        }
        match names {
            (None, None) => {}
            // Another schema of the same kind is compared like a new version of the old one.
            _ => {
                let difference =
                    at.difference("type-changed", format!("now refers to {}", shown(&names.1)));
                let why = "what differs in the schema is reported separately";
                self.add(at, difference, WireEffect::keeps(why));
            }
        }
        self.bounds(at, before, after);
        self.default(at, before, after);
        match kind {
            Kind::Enum => self.values(at, before, after),
            Kind::List => {
                let any = Value::Object(Map::new());
                let items = |schema: &Value| schema.get("items").cloned().unwrap_or(any.clone());
                let inner = at.inside("items of", "Item");
                self.schemas(&inner, &items(before), &items(after));
            }
            Kind::Object | Kind::Map => {
                self.fields(at, before, after);
                self.additional_properties(at, before, after);
            }
            Kind::Union => {
                self.alternatives(at, before, after);
                self.discriminator(at, before, after);
            }
            _ => {}
        }
    }

    pub(super) fn add(&mut self, at: &SchemaPosition, difference: Difference, wire: WireEffect) {
        self.changes.add(difference, wire, at.affected.clone());
    }

    /// Compares the documentation.
    fn notes(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        for (keyword, kind, what) in [
            (
                "description",
                "description-changed",
                "has another description",
            ),
            ("example", "example-changed", "has another example"),
            (
                "x-enum-descriptions",
                "description-changed",
                "describes its values differently",
            ),
            ("title", "description-changed", "has another title"),
        ] {
            if old.get(keyword) != new.get(keyword) {
                let difference = at.difference(kind, what);
                self.changes.add(
                    difference,
                    WireEffect::keeps("documentation is not sent"),
                    Vec::new(),
                );
            }
        }
        let deprecated =
            |schema: &Value| schema.get("deprecated").and_then(Value::as_bool) == Some(true);
        if deprecated(old) != deprecated(new) {
            let (kind, what) = deprecation(deprecated(new));
            let difference = at.difference(kind, what);
            let why = "deprecated fields still work";
            self.changes
                .add(difference, WireEffect::keeps(why), Vec::new());
        }
    }

    fn nullable(&mut self, at: &SchemaPosition, old: bool, new: bool) {
        if old == new {
            return;
        }
        let difference = if new {
            at.difference("nullable-added", "may now be null")
        } else {
            at.difference("nullable-removed", "may no longer be null")
        };
        let wire = match (new, self.usage) {
            (true, Usage { read: true, .. }) if at.optional => {
                WireEffect::keeps("null reads like a missing value")
            }
            (true, Usage { read: true, .. }) => {
                WireEffect::breaks("an old client reads null as empty")
            }
            (false, Usage { sent: true, .. }) => {
                WireEffect::breaks("the server rejects the null that an old client may send")
            }
            (true, _) => WireEffect::keeps("an old client sends values as before"),
            (false, _) => WireEffect::keeps("an old client reads values as before"),
        };
        self.add(at, difference, wire);
    }

    fn kinds(&mut self, at: &SchemaPosition, old: &Kind, new: &Kind) {
        let difference = at.difference(
            "type-changed",
            format!("was {} and is {}", old.words(), new.words()),
        );
        let (old_words, new_words) = (old.words(), new.words());
        let wire = if self.usage.sent && !old.fits(new) {
            WireEffect::breaks(format!(
                "the server accepts {new_words}, and an old client sends {old_words}"
            ))
        } else if self.usage.read && !old.reads(new) {
            WireEffect::breaks(format!(
                "an old client cannot read every {new_words} as {old_words}"
            ))
        } else {
            WireEffect::keeps("each side can read what the other sends")
        };
        self.add(at, difference, wire);
    }

    fn values(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let values = |schema: &Value| -> Vec<String> {
            let values = schema.get("enum").and_then(Value::as_array);
            values
                .into_iter()
                .flatten()
                .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
                .collect()
        };
        let (before, after) = (values(old), values(new));
        for value in before.iter().filter(|value| !after.contains(value)) {
            let difference = at.difference(
                "enum-value-removed",
                format!("no longer has the value `{value}`"),
            );
            let wire = if self.usage.sent {
                WireEffect::breaks("the server rejects the value, which an old client may send")
            } else {
                WireEffect::keeps("responses have one value fewer")
            };
            self.add(at, difference, wire);
        }
        for value in after.iter().filter(|value| !before.contains(value)) {
            let difference =
                at.difference("enum-value-added", format!("has the new value `{value}`"));
            let why = "enums are open: an old client keeps a value that it does not know";
            self.add(at, difference, WireEffect::keeps(why));
        }
    }

    fn fields(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let (before, after) = (properties(old), properties(new));
        let mut renamed = Vec::new();
        for (name, schema) in &before {
            let field = at.field(name);
            let was_required = is_required(old, name);
            let Some(now) = after.get(name) else {
                let same = |(other, value): &(&String, &Value)| {
                    !before.contains_key(*other)
                        && *value == schema
                        && is_required(new, other) == was_required
                };
                let mut candidates = after.iter().filter(same);
                if let (Some((other, _)), None) = (candidates.next(), candidates.next()) {
                    renamed.push(other.clone());
                    self.field_renamed(&field, &at.field(other), other, was_required);
                } else {
                    self.field_removed(&field, was_required);
                }
                continue;
            };
            if was_required != is_required(new, name) {
                self.field_required(&field, !was_required);
            }
            let field = SchemaPosition {
                optional: !was_required,
                ..field
            };
            self.schemas(&field, schema, now);
        }
        for name in after.keys() {
            if !before.contains_key(name) && !renamed.contains(name) {
                self.field_added(&at.field(name), is_required(new, name));
            }
        }
        let order = |fields: &Map<String, Value>, others: &Map<String, Value>| -> Vec<String> {
            let known = fields.keys().filter(|name| others.contains_key(*name));
            known.cloned().collect()
        };
        if order(&before, &after) != order(&after, &before) {
            let difference = at.difference("fields-reordered", "lists its fields in another order");
            let why = "the properties of an object have no order";
            self.add(at, difference, WireEffect::keeps(why));
        }
    }

    fn field_added(&mut self, at: &SchemaPosition, is_required: bool) {
        let usage = self.usage.words();
        let difference = if is_required {
            at.difference(
                "required-field-added",
                format!("is new and required in {usage}"),
            )
        } else {
            at.difference("optional-field-added", format!("is new in {usage}"))
        };
        let wire = if is_required && self.usage.sent {
            WireEffect::breaks(
                "the server rejects requests without it, and an old client does not send it",
            )
        } else if self.usage.read {
            WireEffect::keeps("an old client ignores unknown properties")
        } else {
            WireEffect::keeps("an old client may leave it out")
        };
        self.add(at, difference, wire);
    }

    fn field_removed(&mut self, at: &SchemaPosition, was_required: bool) {
        let difference = at.difference(
            "field-removed",
            format!("is removed from {}", self.usage.words()),
        );
        let wire = self.without(was_required);
        self.add(at, difference, wire);
    }

    /// Returns the effect of a removed field.
    fn without(&self, was_required: bool) -> WireEffect {
        if self.usage.sent {
            WireEffect::breaks("the server ignores or rejects what an old client sends")
        } else if was_required {
            WireEffect::breaks("an old client reads it as empty")
        } else {
            WireEffect::keeps("an old client accepts responses without it")
        }
    }

    fn field_renamed(
        &mut self,
        at: &SchemaPosition,
        after: &SchemaPosition,
        name: &str,
        was_required: bool,
    ) {
        let difference = at.difference("field-renamed", format!("is now called `{name}`"));
        let wire = self.without(was_required);
        let wire = if wire.breaks {
            wire
        } else {
            WireEffect::breaks("an old client does not find its value under the new name")
        };
        let affected = [at.affected.clone(), after.affected.clone()].concat();
        self.changes.add(difference, wire, affected);
    }

    fn field_required(&mut self, at: &SchemaPosition, is_required: bool) {
        let usage = self.usage.words();
        let difference = if is_required {
            at.difference("field-required", format!("is now required in {usage}"))
        } else {
            at.difference("field-optional", format!("is now optional in {usage}"))
        };
        let wire = match (is_required, self.usage) {
            (true, Usage { sent: true, .. }) => WireEffect::breaks(
                "the server rejects requests without it, which an old client may send",
            ),
            (false, Usage { read: true, .. }) => {
                WireEffect::breaks("an old client reads a missing value as empty")
            }
            (true, _) => WireEffect::keeps("an old client reads it as before"),
            (false, _) => WireEffect::keeps("an old client sends it as before"),
        };
        self.add(at, difference, wire);
    }

    /// Compares the properties that the schema does not list.
    fn additional_properties(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let (before, after) = (
            old.get("additionalProperties"),
            new.get("additionalProperties"),
        );
        // Without the keyword, the code is the same as with `false`, but the server differs.
        match (before, after) {
            (before, after) if before == after => {}
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                let inner = at.inside("values of", "Value");
                self.schemas(&inner, before, after);
            }
            _ => {
                let difference = at.difference(
                    "additional-properties-changed",
                    format!("now {} additional properties", permits(after)),
                );
                let keeps = |value: Option<&Value>| {
                    matches!(value, Some(Value::Bool(true) | Value::Object(_)))
                };
                let wire = match (keeps(before), keeps(after)) {
                    (true, false) if self.usage.sent => WireEffect::breaks(
                        "the server may reject properties that an old client sends",
                    ),
                    (true, true) => WireEffect::breaks(
                        "an old client expects another type for these properties",
                    ),
                    _ => WireEffect::keeps("an old client ignores unknown properties"),
                };
                self.add(at, difference, wire);
            }
        }
    }
}

fn properties(schema: &Value) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.cloned().unwrap_or_default()
}

fn is_required(schema: &Value, name: &str) -> bool {
    let names = schema.get("required").and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
}

fn shown(name: &Option<String>) -> String {
    name.as_ref()
        .map_or("an inline schema".to_owned(), |name| format!("`{name}`"))
}

fn permits(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Bool(false)) => "ignores",
        _ => "keeps",
    }
}
