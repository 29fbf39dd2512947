//! Two versions of one schema, member by member.

use std::collections::HashMap;

use heck::ToPascalCase;
use serde_json::{Map, Value};

use super::place::Use;
use super::types::{Kind, Schemas, resolve, view};
use super::{Changes, Found, Wire};
use crate::diff::change::Touch;
use crate::document::diagnostic::Location;
use crate::generate::identifiers::{pascal_case, snake_case};
use crate::generate::model::referenced_schema;

/// A walk through two versions of a schema.
pub(super) struct Walk<'a, 'b> {
    pub(super) old: &'a Schemas,
    pub(super) new: &'a Schemas,
    pub(super) renamed: &'a HashMap<String, String>,
    pub(super) used: Use,
    pub(super) changes: &'b mut Changes,
}

/// Where the walk is.
#[derive(Clone)]
pub(super) struct At {
    /// What it is: `field`.
    pub(super) noun: &'static str,
    /// What the document calls it: `KpiRequest.unit`.
    pub(super) subject: String,
    /// The name that a type written here is given.
    pub(super) owner: String,
    /// Where it stands.
    pub(super) place: Location,
    /// The promises that it makes.
    pub(super) touches: Vec<Touch>,
    /// Whether it may be left out.
    pub(super) optional: bool,
}

impl At {
    pub(super) fn found(&self, kind: &'static str, what: impl Into<String>) -> Found {
        Found::new(
            kind,
            format!("{} `{}`", self.noun, self.subject),
            what,
            &self.place,
        )
    }

    /// The field `name` of the schema here.
    fn field(&self, name: &str) -> Self {
        let owner = format!("types::{}", pascal_case(&self.owner, "Schema"));
        let field = snake_case(name, "field");
        let inner = format!("{}{}", self.owner, name.to_pascal_case());
        let touches = vec![
            Touch::exactly(format!("{owner}.{field}")),
            Touch::exactly(format!("{owner}::{field}")),
            Touch::argument(format!("{owner}::new"), &field),
            Touch::below(format!("types::{}", pascal_case(&inner, "Schema"))),
            // Whether a type has a `Default` and what it converts from depends on all its fields.
            Touch::below(format!("{owner}: ")),
        ];
        Self {
            noun: "field",
            subject: format!("{}.{name}", self.subject),
            owner: inner,
            place: self.place.clone(),
            touches,
            optional: false,
        }
    }

    /// What stands inside the schema here: the items of a list, the values of a map.
    fn inside(&self, noun: &'static str, suffix: &str) -> Self {
        let owner = format!("{}{suffix}", self.owner);
        let mut touches = self.touches.clone();
        touches.push(Touch::below(format!(
            "types::{}",
            pascal_case(&owner, "Schema")
        )));
        Self {
            noun,
            owner,
            touches,
            optional: false,
            ..self.clone()
        }
    }
}

impl Walk<'_, '_> {
    /// Compares two versions of what stands at `at`.
    pub(super) fn schemas(&mut self, at: &At, old: &Value, new: &Value) {
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
            // Another schema of the same kind: that of the new name is compared as what stands here.
            _ => {
                let found = at.found("type-changed", format!("refers to {} now", shown(&names.1)));
                let why = "what differs in what it holds is told on its own";
                self.add(at, found, Wire::keeps(why));
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
                self.other_members(at, before, after);
            }
            Kind::Choice => {
                self.choices(at, before, after);
                self.discriminator(at, before, after);
            }
            _ => {}
        }
    }

    pub(super) fn add(&mut self, at: &At, found: Found, wire: Wire) {
        self.changes.add(found, wire, at.touches.clone());
    }

    /// What people read and nobody sends.
    fn notes(&mut self, at: &At, old: &Value, new: &Value) {
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
                "describes its values otherwise",
            ),
            ("title", "description-changed", "has another title"),
        ] {
            if old.get(keyword) != new.get(keyword) {
                let found = at.found(kind, what);
                self.changes
                    .add(found, Wire::keeps("documentation is not sent"), Vec::new());
            }
        }
        let deprecated =
            |schema: &Value| schema.get("deprecated").and_then(Value::as_bool) == Some(true);
        if deprecated(old) != deprecated(new) {
            let (kind, what) = deprecation(deprecated(new));
            let found = at.found(kind, what);
            let why = "what is advised against works as before";
            self.changes.add(found, Wire::keeps(why), Vec::new());
        }
    }

    fn nullable(&mut self, at: &At, old: bool, new: bool) {
        if old == new {
            return;
        }
        let found = if new {
            at.found("nullable-added", "may be null now")
        } else {
            at.found("nullable-removed", "may not be null any more")
        };
        let wire = match (new, self.used) {
            (true, Use { read: true, .. }) if at.optional => {
                Wire::keeps("null reads as if it were left out")
            }
            (true, Use { read: true, .. }) => Wire::breaks("an old client reads null as empty"),
            (false, Use { sent: true, .. }) => {
                Wire::breaks("the server refuses the null that an old client may send")
            }
            (true, _) => Wire::keeps("the old client sends values as before"),
            (false, _) => Wire::keeps("the old client reads values as before"),
        };
        self.add(at, found, wire);
    }

    fn kinds(&mut self, at: &At, old: &Kind, new: &Kind) {
        let found = at.found(
            "type-changed",
            format!("was {} and is {}", old.words(), new.words()),
        );
        let (old_words, new_words) = (old.words(), new.words());
        let wire = if self.used.sent && !old.fits(new) {
            Wire::breaks(format!(
                "the server takes {new_words} where an old client sends {old_words}"
            ))
        } else if self.used.read && !old.reads(new) {
            Wire::breaks(format!(
                "an old client cannot read every {new_words} as {old_words}"
            ))
        } else {
            Wire::keeps(format!(
                "every {new_words} that comes and every {old_words} that goes is understood"
            ))
        };
        self.add(at, found, wire);
    }

    fn values(&mut self, at: &At, old: &Value, new: &Value) {
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
            let found = at.found("enum-value-removed", format!("loses the value `{value}`"));
            let wire = if self.used.sent {
                Wire::breaks("the server refuses the value, which an old client may send")
            } else {
                Wire::keeps("answers hold one value less")
            };
            self.add(at, found, wire);
        }
        for value in after.iter().filter(|value| !before.contains(value)) {
            let found = at.found("enum-value-added", format!("gets the value `{value}`"));
            let why = "enums are open: an old client keeps a value that it does not know";
            self.add(at, found, Wire::keeps(why));
        }
    }

    fn fields(&mut self, at: &At, old: &Value, new: &Value) {
        let empty = Map::new();
        let fields = |schema: &'_ Value| -> Map<String, Value> {
            let fields = schema.get("properties").and_then(Value::as_object);
            fields.unwrap_or(&empty).clone()
        };
        let required = |schema: &Value, name: &str| {
            let names = schema.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
        };
        let (before, after) = (fields(old), fields(new));
        let mut renamed = Vec::new();
        for (name, schema) in &before {
            let field = at.field(name);
            let was_required = required(old, name);
            let Some(now) = after.get(name) else {
                let same = |(other, value): &(&String, &Value)| {
                    !before.contains_key(*other)
                        && *value == schema
                        && required(new, other) == was_required
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
            let is_required = required(new, name);
            if was_required != is_required {
                self.field_required(&field, is_required);
            }
            let field = At {
                optional: !was_required,
                ..field
            };
            self.schemas(&field, schema, now);
        }
        for name in after.keys() {
            if !before.contains_key(name) && !renamed.contains(name) {
                self.field_added(&at.field(name), required(new, name));
            }
        }
        let order = |fields: &Map<String, Value>, others: &Map<String, Value>| -> Vec<String> {
            let known = fields.keys().filter(|name| others.contains_key(*name));
            known.cloned().collect()
        };
        if order(&before, &after) != order(&after, &before) {
            let found = at.found("fields-moved", "lists its fields in another order");
            let why = "members of an object have no order on the wire";
            self.add(at, found, Wire::keeps(why));
        }
    }

    fn field_added(&mut self, at: &At, is_required: bool) {
        let place = self.used.words();
        let found = if is_required {
            at.found(
                "required-field-added",
                format!("is new and required in {place}"),
            )
        } else {
            at.found("optional-field-added", format!("is new in {place}"))
        };
        let wire = if is_required && self.used.sent {
            Wire::breaks(
                "the server refuses requests without it, and an old client does not send it",
            )
        } else if self.used.read {
            Wire::keeps("an old client skips what it does not know")
        } else {
            Wire::keeps("an old client may leave it out")
        };
        self.add(at, found, wire);
    }

    fn field_removed(&mut self, at: &At, was_required: bool) {
        let found = at.found(
            "field-removed",
            format!("is gone from {}", self.used.words()),
        );
        let wire = self.without(was_required);
        self.add(at, found, wire);
    }

    /// What the loss of a field means.
    fn without(&self, was_required: bool) -> Wire {
        if self.used.sent {
            Wire::breaks("what an old client sends there is ignored or refused")
        } else if was_required {
            Wire::breaks("an old client reads it as empty")
        } else {
            Wire::keeps("an old client expects answers without it")
        }
    }

    fn field_renamed(&mut self, at: &At, after: &At, name: &str, was_required: bool) {
        let found = at.found("field-renamed", format!("is called `{name}`"));
        let wire = self.without(was_required);
        let wire = if wire.breaks {
            wire
        } else {
            Wire::breaks("an old client does not find its value under the new name")
        };
        let touches = [at.touches.clone(), after.touches.clone()].concat();
        self.changes.add(found, wire, touches);
    }

    fn field_required(&mut self, at: &At, is_required: bool) {
        let place = self.used.words();
        let found = if is_required {
            at.found("field-required", format!("is required in {place} now"))
        } else {
            at.found("field-optional", format!("may be left out of {place} now"))
        };
        let wire = match (is_required, self.used) {
            (true, Use { sent: true, .. }) => {
                Wire::breaks("the server refuses requests without it, which an old client may send")
            }
            (false, Use { read: true, .. }) => {
                Wire::breaks("an old client reads it as empty where it is left out")
            }
            (true, _) => Wire::keeps("an old client reads it as before"),
            (false, _) => Wire::keeps("an old client sends it as before"),
        };
        self.add(at, found, wire);
    }

    /// The members that no field names.
    fn other_members(&mut self, at: &At, old: &Value, new: &Value) {
        let (before, after) = (
            old.get("additionalProperties"),
            new.get("additionalProperties"),
        );
        // `false` and nothing give the same code, but not the same server.
        match (before, after) {
            (before, after) if before == after => {}
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                let inner = at.inside("values of", "Value");
                self.schemas(&inner, before, after);
            }
            _ => {
                let found = at.found(
                    "additional-members-changed",
                    format!("{} members beside its own now", permits(after)),
                );
                let keeps = |value: Option<&Value>| {
                    matches!(value, Some(Value::Bool(true) | Value::Object(_)))
                };
                let wire = match (keeps(before), keeps(after)) {
                    (true, false) if self.used.sent => {
                        Wire::breaks("the server may refuse members that an old client sends")
                    }
                    (true, true) => {
                        Wire::breaks("such members are of another type than an old client knows")
                    }
                    _ => Wire::keeps("an old client skips what it does not know"),
                };
                self.add(at, found, wire);
            }
        }
    }
}

pub(super) fn deprecation(now: bool) -> (&'static str, &'static str) {
    if now {
        ("deprecated", "is advised against now")
    } else {
        ("undeprecated", "is no longer advised against")
    }
}

fn shown(name: &Option<String>) -> String {
    name.as_ref()
        .map_or("a schema of its own".to_owned(), |name| format!("`{name}`"))
}

fn permits(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Bool(false)) => "keeps no",
        _ => "keeps",
    }
}
