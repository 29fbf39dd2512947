//! What a schema allows beyond its type: alternatives, a default, bounds.

use serde_json::Value;

use super::Wire;
use super::body::{At, Walk};
use super::types::{Kind, resolve};
use crate::generate::model::referenced_schema;

/// Bounds by which way they tighten: whether a higher number allows less.
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
/// Bounds that are no numbers to be compared.
const RULES: [&str; 6] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

impl Walk<'_, '_> {
    pub(super) fn choices(&mut self, at: &At, old: &Value, new: &Value) {
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
        let gone: Vec<_> = before
            .iter()
            .filter(|option| !after.iter().any(|other| same(option, other)))
            .collect();
        let came: Vec<_> = after
            .iter()
            .filter(|option| !before.iter().any(|other| same(other, option)))
            .collect();
        for option in gone {
            let what = format!("no longer allows {}", option_words(option));
            let found = at.found("alternative-removed", what);
            let wire = if self.used.sent {
                Wire::breaks("the server refuses it, and an old client may send it")
            } else {
                Wire::keeps("answers hold one alternative less")
            };
            self.add(at, found, wire);
        }
        for option in came {
            let found = at.found(
                "alternative-added",
                format!("allows {}", option_words(option)),
            );
            let wire = if self.used.read && !self.is_told_apart(option, old, &before) {
                Wire::breaks("an old client may take it for an alternative that it knows")
            } else if self.used.read {
                Wire::keeps(
                    "choices are open: an old client keeps an alternative that it does not know",
                )
            } else {
                Wire::keeps("an old client sends what it did")
            };
            self.add(at, found, wire);
        }
    }

    /// The member that tells alternatives apart, and its values.
    pub(super) fn discriminator(&mut self, at: &At, old: &Value, new: &Value) {
        let property = |choice: &Value| -> Option<String> {
            let name = choice.get("discriminator")?.get("propertyName")?.as_str()?;
            Some(name.to_owned())
        };
        let shown = |name: &Option<String>| {
            name.as_ref()
                .map_or("what it holds".to_owned(), |name| format!("`{name}`"))
        };
        let (before, after) = (property(old), property(new));
        if before != after {
            let what = format!(
                "is told apart by {}, not by {}",
                shown(&after),
                shown(&before)
            );
            let wire = match before {
                None => Wire::keeps("an old client goes by what the alternatives hold"),
                Some(_) => {
                    Wire::breaks("an old client looks for the alternative in another member")
                }
            };
            self.add(at, at.found("discriminator-changed", what), wire);
            return;
        }
        let (before, after) = (mapping(old), mapping(new));
        for (text, schema) in &before {
            let renamed = self.renamed.get(schema).unwrap_or(schema);
            let now = after.iter().find(|(other, _)| other == text);
            let lives_on = after.iter().any(|(_, other)| other == renamed);
            let what = match now {
                Some((_, other)) if other == renamed => continue,
                Some((_, other)) => format!("means `{other}` by `{text}`, not `{schema}`"),
                // That the alternative is gone is told by itself.
                None if !lives_on => continue,
                None => format!("no longer means `{schema}` by `{text}`"),
            };
            let wire = Wire::breaks("an old client knows the alternative by that value");
            self.add(at, at.found("discriminator-changed", what), wire);
        }
        for (text, schema) in &after {
            let is_known = before.iter().any(|(other, _)| other == text);
            let is_old = before
                .iter()
                .any(|(_, other)| self.renamed.get(other).unwrap_or(other) == schema);
            if is_known || !is_old {
                continue;
            }
            let what = format!("means `{schema}` by `{text}`, too");
            let wire = if self.used.read {
                Wire::breaks("an old client does not know the alternative by that value")
            } else {
                Wire::keeps("an old client sends the values that it knows")
            };
            self.add(at, at.found("discriminator-changed", what), wire);
        }
    }

    /// Whether a client that knows the alternatives `known` of `choice` sees that a value of `option` is none of them: by
    /// the discriminator, by its kind in JSON, or by a member whose values no two share.
    fn is_told_apart(&self, option: &Value, choice: &Value, known: &[Value]) -> bool {
        if choice.get("discriminator").is_some() {
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
        let members = option.get("properties").and_then(Value::as_object);
        members.into_iter().flatten().any(|(name, _)| {
            values(option, name).is_some_and(|own| {
                known.iter().all(|known| {
                    values(known, name)
                        .is_some_and(|other| own.iter().all(|value| !other.contains(value)))
                })
            })
        })
    }

    pub(super) fn default(&mut self, at: &At, old: &Value, new: &Value) {
        if old.get("default") == new.get("default") {
            return;
        }
        let shown = |schema: &Value| {
            schema
                .get("default")
                .map_or("nothing".to_owned(), |value| format!("`{value}`"))
        };
        let found = at.found(
            "default-changed",
            format!("left out means {} now, not {}", shown(new), shown(old)),
        );
        let wire = if self.used.sent {
            Wire::breaks("an old client that leaves it out gets something else")
        } else {
            Wire::keeps("a default says nothing of what answers hold")
        };
        self.add(at, found, wire);
    }

    pub(super) fn bounds(&mut self, at: &At, old: &Value, new: &Value) {
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
        let rules = RULES.iter().map(|keyword| {
            (
                *keyword,
                new.get(*keyword).is_some_and(|value| value != false),
            )
        });
        let differing: Vec<_> = numbers
            .chain(rules)
            .filter(|(keyword, _)| old.get(*keyword) != new.get(*keyword))
            .collect();
        for (keyword, tighter) in differing {
            let value = new
                .get(keyword)
                .map_or("gone".to_owned(), |value| format!("`{value}`"));
            let found = at.found("bounds-changed", format!("`{keyword}` is {value} now"));
            let wire = if tighter && self.used.sent {
                Wire::breaks("the server may refuse what an old client was allowed to send")
            } else if self.used.sent {
                Wire::keeps("what an old client was allowed to send is allowed still")
            } else {
                Wire::keeps("clients do not check answers against bounds")
            };
            self.add(at, found, wire);
        }
    }
}

/// Which schema each value of a discriminator means: by its mapping, or by the names of the schemas.
fn mapping(choice: &Value) -> Vec<(String, String)> {
    let Some(discriminator) = choice.get("discriminator") else {
        return Vec::new();
    };
    let named = |target: &str| target.rsplit('/').next().unwrap_or(target).to_owned();
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut all: Vec<(String, String)> = mapping
        .into_iter()
        .flatten()
        .filter_map(|(text, target)| Some((text.clone(), named(target.as_str()?))))
        .collect();
    let options = choice
        .get("oneOf")
        .or(choice.get("anyOf"))
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
