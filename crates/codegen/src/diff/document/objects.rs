//! Compares the properties of two versions of an object.

use serde_json::{Map, Value};

use super::meaning::{Meaning, Schemas};
use super::position::SchemaPosition;
use super::schema::{Comparison, Pair};
use super::usage::Usage;
use crate::diff::change::WireEffect;

impl Comparison<'_, '_> {
    pub(super) fn fields(&mut self, at: &SchemaPosition, pair: &Pair) {
        let (before, after) = (pair.old.properties(), pair.new.properties());
        let (needed, needs) = (pair.old.required(), pair.new.required());
        let mut renamed = Vec::new();
        for (name, schema) in &before {
            let field = at.field(name);
            let was_required = needed.contains(name.as_str());
            if let Some(now) = after.get(name) {
                let required = [was_required, needs.contains(name.as_str())];
                self.field(&field, required, [schema, now]);
                continue;
            }
            let same = |(other, value): &(&String, &Value)| {
                !before.contains_key(*other)
                    && *value == schema
                    && needs.contains(other.as_str()) == was_required
            };
            let mut candidates = after.iter().filter(same);
            let usage = self.usage_of(schema, self.scope.old);
            if let (Some((other, _)), None) = (candidates.next(), candidates.next()) {
                renamed.push(other.clone());
                let now = at.field(other);
                self.field_renamed([&field, &now], other, was_required, usage);
            } else {
                self.field_removed(&field, was_required, usage);
            }
        }
        for (name, schema) in &after {
            if !before.contains_key(name) && !renamed.contains(name) {
                let usage = self.usage_of(schema, self.scope.new);
                let field = at.field(name);
                self.field_added(&field, needs.contains(name.as_str()), usage);
            }
        }
        let order = |fields: &Map<String, Value>, others: &Map<String, Value>| -> Vec<String> {
            let known = fields.keys().filter(|name| others.contains_key(*name));
            known.cloned().collect()
        };
        if order(&before, &after) != order(&after, &before) {
            let difference = at.difference("fields-reordered", "lists its fields in another order");
            let why = "the properties of an object have no order";
            self.add(difference, WireEffect::keeps(why));
        }
    }

    /// Compares what two versions of an object say about all of its properties.
    pub(super) fn around_fields(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let pair = Pair {
            old: Meaning::new(old, self.scope.old),
            new: Meaning::new(new, self.scope.new),
        };
        self.bounds(at, &pair);
        self.additional_properties(at, &pair);
    }

    /// Compares two versions of a field.
    fn field(
        &mut self,
        field: &SchemaPosition,
        [was_required, is_required]: [bool; 2],
        [old, new]: [&Value; 2],
    ) {
        let access = [
            Access::of(&Meaning::new(old, self.scope.old)),
            Access::of(&Meaning::new(new, self.scope.new)),
        ];
        self.access(field, access, [was_required, is_required]);
        let usage = self.usage;
        self.usage = Usage {
            sent: usage.sent && access.iter().all(|access| access.is_sent),
            read: usage.read && access.iter().all(|access| access.is_read),
        };
        if was_required != is_required {
            self.field_required(field, is_required);
        }
        let field = SchemaPosition {
            optional: !was_required,
            always_set: was_required,
            ..field.clone()
        };
        self.inside_value(|comparison| comparison.schemas(&field, old, new));
        self.usage = usage;
    }

    /// Returns the use of a field that only one version has.
    fn usage_of(&self, schema: &Value, schemas: &Schemas) -> Usage {
        let access = Access::of(&Meaning::new(schema, schemas));
        Usage {
            sent: self.usage.sent && access.is_sent,
            read: self.usage.read && access.is_read,
        }
    }

    /// Compares `readOnly` and `writeOnly`.
    fn access(&mut self, at: &SchemaPosition, access: [Access; 2], required: [bool; 2]) {
        let [old, new] = access;
        let [was_required, is_required] = required;
        if old.is_sent != new.is_sent {
            let what = if new.is_sent {
                "is no longer read-only"
            } else {
                "is now read-only"
            };
            let difference = at.difference("read-only-changed", what);
            let wire = match (self.usage.sent, new.is_sent) {
                (true, false) => {
                    WireEffect::breaks("the server ignores or rejects what an old client sends")
                }
                (true, true) if is_required => WireEffect::breaks(
                    "the server rejects requests without it, and an old client does not send it",
                ),
                (true, true) => WireEffect::keeps("an old client may leave it out"),
                (false, _) => WireEffect::keeps("responses have it as before"),
            };
            self.add(difference, wire);
        }
        if old.is_read != new.is_read {
            let what = if new.is_read {
                "is no longer write-only"
            } else {
                "is now write-only"
            };
            let difference = at.difference("write-only-changed", what);
            let wire = match (self.usage.read, new.is_read) {
                (true, false) if was_required => {
                    WireEffect::breaks("an old client reads it as empty")
                }
                (true, false) => WireEffect::keeps("an old client accepts responses without it"),
                (true, true) => WireEffect::keeps("an old client ignores unknown properties"),
                (false, _) => WireEffect::keeps("requests have it as before"),
            };
            self.add(difference, wire);
        }
    }

    fn field_added(&mut self, at: &SchemaPosition, is_required: bool, usage: Usage) {
        let words = usage.words();
        let difference = if is_required {
            at.difference(
                "required-field-added",
                format!("is new and required in {words}"),
            )
        } else {
            at.difference("optional-field-added", format!("is new in {words}"))
        };
        let wire = if is_required && usage.sent {
            WireEffect::breaks(
                "the server rejects requests without it, and an old client does not send it",
            )
        } else if usage.read {
            WireEffect::keeps("an old client ignores unknown properties")
        } else {
            WireEffect::keeps("an old client may leave it out")
        };
        self.add(difference, wire);
    }

    fn field_removed(&mut self, at: &SchemaPosition, was_required: bool, usage: Usage) {
        let what = format!("is removed from {}", usage.words());
        let difference = at.difference("field-removed", what);
        self.add(difference, without(usage, was_required));
    }

    fn field_renamed(
        &mut self,
        [at, after]: [&SchemaPosition; 2],
        name: &str,
        was_required: bool,
        usage: Usage,
    ) {
        let difference = at.difference("field-renamed", format!("is now called `{name}`"));
        let wire = without(usage, was_required);
        let wire = if wire.breaks || !usage.read {
            wire
        } else {
            WireEffect::breaks("an old client does not find its value under the new name")
        };
        let paths = [at.paths.clone(), after.paths.clone()].concat();
        self.add(difference.of(&paths), wire);
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
        self.add(difference, wire);
    }

    /// Compares the properties that the schema does not list.
    pub(super) fn additional_properties(&mut self, at: &SchemaPosition, pair: &Pair) {
        let (before, after) = (
            pair.old.get("additionalProperties"),
            pair.new.get("additionalProperties"),
        );
        match (before, after) {
            (before, after) if before == after => return,
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                let paths = [at.paths[0].values(), at.paths[1].values()];
                let inner = at.inside("values of", paths);
                return self.inside_value(|inside| inside.schemas(&inner, before, after));
            }
            _ => {}
        }
        let what = format!("now {} additional properties", permits(after));
        let difference = at.difference("additional-properties-changed", what);
        let wire = self.extra(before, after);
        self.add(difference, wire);
    }

    /// Returns the effect of a change of the properties that are not listed.
    fn extra(&self, before: Option<&Value>, after: Option<&Value>) -> WireEffect {
        let is_closed = |value: Option<&Value>| value == Some(&Value::Bool(false));
        let is_typed = |value: Option<&Value>| matches!(value, Some(Value::Object(_)));
        // Clients send such properties unless the schema is closed.
        let sends = !is_closed(before);
        if self.usage.sent && sends && is_closed(after) {
            WireEffect::breaks("the server may reject properties that an old client sends")
        } else if self.usage.sent && sends && is_typed(after) && !is_typed(before) {
            WireEffect::breaks("the server may reject values that an old client sends")
        } else if self.usage.read && is_typed(before) && !is_typed(after) && !is_closed(after) {
            WireEffect::breaks("an old client expects another type for these properties")
        } else if self.usage.read {
            WireEffect::keeps("an old client ignores unknown properties")
        } else {
            WireEffect::keeps("an old client sends what it sent before")
        }
    }
}

/// The directions in which a field is used.
#[derive(Clone, Copy)]
struct Access {
    is_sent: bool,
    is_read: bool,
}

impl Access {
    fn of(schema: &Meaning) -> Self {
        Self {
            is_sent: !schema.is_true("readOnly"),
            is_read: !schema.is_true("writeOnly"),
        }
    }
}

/// Returns the effect of a removed field.
fn without(usage: Usage, was_required: bool) -> WireEffect {
    if usage.sent {
        WireEffect::breaks("the server ignores or rejects what an old client sends")
    } else if was_required && usage.read {
        WireEffect::breaks("an old client reads it as empty")
    } else {
        WireEffect::keeps("an old client accepts responses without it")
    }
}

fn permits(value: Option<&Value>) -> &'static str {
    match value {
        None => "says nothing about",
        Some(Value::Bool(false)) => "forbids",
        Some(Value::Object(_)) => "types",
        _ => "keeps",
    }
}
