//! Compares the alternatives, defaults and bounds of two versions of a schema.

use serde_json::Value;

use super::kinds::{Kind, resolve};
use super::schema::{Comparison, SchemaPosition};
use crate::diff::change::WireEffect;
use crate::generate::model::referenced_schema;

/// Numeric bounds, each with true if a higher number allows fewer values.
const BOUNDS: [(&str, bool); 8] = [
    ("maximum", false),
    ("maxItems", false),
    ("maxLength", false),
    ("maxProperties", false),
    ("minimum", true),
    ("minItems", true),
    ("minLength", true),
    ("minProperties", true),
];
/// Bounds that have no order.
const UNORDERED: [&str; 6] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

impl Comparison<'_, '_> {
    pub(super) fn alternatives(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let options = |schema: &Value| -> Vec<Value> {
            let options = schema.get("oneOf").or(schema.get("anyOf"));
            options
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let (before, after) = (options(old), options(new));
        let same = |old: &Value, new: &Value| {
            let renamed = referenced_schema(old).and_then(|name| self.renamed.get(&name).cloned());
            old == new || (renamed.is_some() && renamed == referenced_schema(new))
        };
        let removed: Vec<_> = before
            .iter()
            .filter(|option| !after.iter().any(|other| same(option, other)))
            .collect();
        let added: Vec<_> = after
            .iter()
            .filter(|option| !before.iter().any(|other| same(other, option)))
            .collect();
        for option in removed {
            let what = format!("no longer allows {}", option_words(option));
            let difference = at.difference("alternative-removed", what);
            let wire = if self.usage.sent {
                WireEffect::breaks("the server rejects it, and an old client may send it")
            } else {
                WireEffect::keeps("responses have one alternative fewer")
            };
            self.add(at, difference, wire);
        }
        for option in added {
            let difference = at.difference(
                "alternative-added",
                format!("allows {}", option_words(option)),
            );
            let wire = if self.usage.read && !self.is_distinct(option, old, &before) {
                WireEffect::breaks("an old client may read it as an alternative that it knows")
            } else if self.usage.read {
                WireEffect::keeps(
                    "unions are open: an old client keeps an alternative that it does not know",
                )
            } else {
                WireEffect::keeps("an old client sends values as before")
            };
            self.add(at, difference, wire);
        }
    }

    /// Compares the property that identifies an alternative, and its values.
    pub(super) fn discriminator(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let property = |union: &Value| -> Option<String> {
            let name = union.get("discriminator")?.get("propertyName")?.as_str()?;
            Some(name.to_owned())
        };
        let shown = |name: &Option<String>| {
            name.as_ref()
                .map_or("content".to_owned(), |name| format!("`{name}`"))
        };
        let (before, after) = (property(old), property(new));
        if before != after {
            let what = format!(
                "is distinguished by {}, not by {}",
                shown(&after),
                shown(&before)
            );
            let wire = match before {
                None => WireEffect::keeps("an old client compares the content of the alternatives"),
                Some(_) => WireEffect::breaks(
                    "an old client looks for the alternative in the wrong property",
                ),
            };
            self.add(at, at.difference("discriminator-changed", what), wire);
            return;
        }
        let (before, after) = (mapping(old), mapping(new));
        for (text, schema) in &before {
            let renamed = self.renamed.get(schema).unwrap_or(schema);
            let now = after.iter().find(|(other, _)| other == text);
            let lives_on = after.iter().any(|(_, other)| other == renamed);
            let what = match now {
                Some((_, other)) if other == renamed => continue,
                Some((_, other)) => format!("reads `{text}` as `{other}`, not as `{schema}`"),
                // The removed alternative is reported by itself.
                None if !lives_on => continue,
                None => format!("no longer reads `{text}` as `{schema}`"),
            };
            let wire = WireEffect::breaks("an old client relies on the value");
            self.add(at, at.difference("discriminator-changed", what), wire);
        }
        for (text, schema) in &after {
            let is_known = before.iter().any(|(other, _)| other == text);
            let is_old = before
                .iter()
                .any(|(_, other)| self.renamed.get(other).unwrap_or(other) == schema);
            if is_known || !is_old {
                continue;
            }
            let what = format!("also reads `{text}` as `{schema}`");
            let wire = if self.usage.read {
                WireEffect::breaks("an old client does not know the value")
            } else {
                WireEffect::keeps("an old client sends the values that it knows")
            };
            self.add(at, at.difference("discriminator-changed", what), wire);
        }
    }

    /// Returns true if a client can distinguish `option` from the alternatives `known` of `union`.
    /// It does so by the discriminator, the type in JSON, or a property whose values differ.
    fn is_distinct(&self, option: &Value, union: &Value, known: &[Value]) -> bool {
        if union.get("discriminator").is_some() {
            return true;
        }
        let option = resolve(option, self.new);
        let known: Vec<&Value> = known.iter().map(|known| resolve(known, self.old)).collect();
        let json = |schema: &Value| Kind::of(schema).in_json();
        if let Some(kind) = json(option)
            && known
                .iter()
                .all(|known| json(known).is_some_and(|known| known != kind))
        {
            return true;
        }
        let values = |schema: &Value, name: &str| -> Option<Vec<Value>> {
            let required = schema.get("required")?.as_array()?;
            let is_required = required.iter().any(|known| known.as_str() == Some(name));
            let field = schema.get("properties")?.get(name)?;
            let values = field.get("enum")?.as_array()?;
            is_required.then(|| values.clone())
        };
        let properties = option.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().any(|(name, _)| {
            values(option, name).is_some_and(|own| {
                known.iter().all(|known| {
                    values(known, name)
                        .is_some_and(|other| own.iter().all(|value| !other.contains(value)))
                })
            })
        })
    }

    pub(super) fn default(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        if old.get("default") == new.get("default") {
            return;
        }
        let shown = |schema: &Value| {
            schema
                .get("default")
                .map_or("nothing".to_owned(), |value| format!("`{value}`"))
        };
        let difference = at.difference(
            "default-changed",
            format!("now defaults to {}, not to {}", shown(new), shown(old)),
        );
        let wire = if self.usage.sent {
            WireEffect::breaks("an old client that leaves it out gets another default")
        } else {
            WireEffect::keeps("a default does not affect responses")
        };
        self.add(at, difference, wire);
    }

    pub(super) fn bounds(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        let numbers = BOUNDS.iter().map(|(keyword, rises)| {
            let number = |schema: &Value| schema.get(*keyword).and_then(Value::as_f64);
            let tighter = match (number(old), number(new)) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) if *rises => new > old,
                (Some(old), Some(new)) => new < old,
            };
            (*keyword, tighter)
        });
        let unordered = UNORDERED.iter().map(|keyword| {
            (
                *keyword,
                new.get(*keyword).is_some_and(|value| value != false),
            )
        });
        let differing: Vec<_> = numbers
            .chain(unordered)
            .filter(|(keyword, _)| old.get(*keyword) != new.get(*keyword))
            .collect();
        for (keyword, tighter) in differing {
            let value = new.get(keyword).map_or(format!("no `{keyword}`"), |value| {
                format!("`{keyword}: {value}`")
            });
            let difference = at.difference("bounds-changed", format!("now has {value}"));
            let wire = if tighter && self.usage.sent {
                WireEffect::breaks("the server may reject values that were allowed")
            } else if self.usage.sent {
                WireEffect::keeps("values that were allowed are still allowed")
            } else {
                WireEffect::keeps("clients do not check the bounds of responses")
            };
            self.add(at, difference, wire);
        }
    }
}

/// Returns the schema of each value of a discriminator, by its mapping or by the names of the
/// schemas.
fn mapping(union: &Value) -> Vec<(String, String)> {
    let Some(discriminator) = union.get("discriminator") else {
        return Vec::new();
    };
    let named = |target: &str| target.rsplit('/').next().unwrap_or(target).to_owned();
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut all: Vec<(String, String)> = mapping
        .into_iter()
        .flatten()
        .filter_map(|(text, target)| Some((text.clone(), named(target.as_str()?))))
        .collect();
    let options = union
        .get("oneOf")
        .or(union.get("anyOf"))
        .and_then(Value::as_array);
    for name in options.into_iter().flatten().filter_map(referenced_schema) {
        if !all.iter().any(|(_, known)| *known == name) {
            all.push((name.clone(), name));
        }
    }
    all
}

fn option_words(option: &Value) -> String {
    referenced_schema(option).map_or_else(|| Kind::of(option).words(), |name| format!("`{name}`"))
}
