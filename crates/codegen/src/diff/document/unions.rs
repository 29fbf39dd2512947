//! Compares the alternatives and discriminators of two versions of a union.

use serde_json::Value;

use super::kinds::Kind;
use super::meaning::{Meaning, Schemas, Union, plain_reference};
use super::position::SchemaPosition;
use super::schema::{Comparison, NullPlace, Pair};
use super::usage::Usage;
use crate::diff::change::WireEffect;
use crate::generate::markers::VARIANT_OF;
use crate::generate::model::{SchemaPath, referenced_schema};

const MATCHES_SEVERAL: &str = "the server may reject values that match several alternatives";

/// The maximum number of listed values that are looked up among the alternatives one by one.
const MOST_VALUES: usize = 64;

/// An alternative and its number in the union.
type Alternative<'a> = (usize, &'a Value);

/// A rule that finds an alternative again.
type Rule<'a> = &'a dyn Fn(&Value, &Value) -> bool;

impl Comparison<'_, '_> {
    pub(super) fn unions(&mut self, at: &SchemaPosition, pair: &Pair) {
        let (old, new) = (&pair.old.unions, &pair.new.unions);
        for (before, after) in old.iter().zip(new) {
            self.alternatives(at, before, after);
            self.exclusive(at, before, after);
            self.discriminator(at, before, after);
        }
        if old.len() != new.len() {
            let what = format!("is one of {} unions at once, not {}", new.len(), old.len());
            let wire = if self.usage.sent && new.len() > old.len() {
                WireEffect::breaks("the server may reject values that were allowed")
            } else {
                WireEffect::keeps("an old client keeps alternatives that it does not know")
            };
            self.add(at.difference("alternatives-changed", what), wire);
        }
    }

    fn alternatives(&mut self, at: &SchemaPosition, old: &Union, new: &Union) {
        let mut before: Vec<(usize, &Value)> = old.alternatives.iter().enumerate().collect();
        let mut after: Vec<(usize, &Value)> = new.alternatives.iter().enumerate().collect();
        let matched = self.matched(&mut before, &mut after);
        let kept: Vec<_> = matched
            .iter()
            .map(|[(_, old), (_, new)]| [*old, *new])
            .collect();
        self.kept(at, &kept, [old, new]);
        for [(old_number, old), (new_number, new)] in matched {
            let [old_path, new_path] = &at.paths;
            let paths = [old_path.variant(old_number), new_path.variant(new_number)];
            let inner = at.inside("alternative of", paths);
            self.null = NullPlace::Around;
            self.schemas(&inner, old, new);
        }
        for (_, option) in before {
            let words = words(option, self.scope.old);
            let what = format!("no longer allows {words}");
            let node = ["alternatives", words.trim_matches('`')];
            let difference = at.difference_in(node, "alternative-removed", what);
            let mut others = new.alternatives.iter();
            let wire = if !self.usage.sent {
                WireEffect::keeps("responses have one alternative fewer")
            } else if others.any(|other| self.is_harmless(at, option, other)) {
                WireEffect::keeps("another alternative allows its values")
            } else {
                WireEffect::breaks("the server rejects it, and an old client may send it")
            };
            self.add(difference, wire);
        }
        for (number, option) in after {
            let words = words(option, self.scope.new);
            let what = format!("allows {words}");
            let inside = |path: &SchemaPath| {
                let name = words.trim_matches('`');
                path.child("alternatives").child(name)
            };
            let [old_path, new_path] = &at.paths;
            let nodes = [inside(old_path), inside(new_path), new_path.variant(number)];
            let difference = at.difference("alternative-added", what).of(&nodes);
            let wire = if self.usage.read && !self.is_distinct(option, old) {
                WireEffect::breaks("an old client may read it as an alternative that it knows")
            } else if self.usage.read {
                WireEffect::keeps(
                    "unions are open: an old client keeps an alternative that it does not know",
                )
            } else {
                WireEffect::keeps("an old client sends values as before")
            };
            let wire = match wire.breaks || !self.meets_kept(option, [old, new]) {
                true => wire,
                false => WireEffect::breaks(MATCHES_SEVERAL),
            };
            self.add(difference, wire);
        }
    }

    /// Returns true if only one alternative may match, and a value that an old client sends also
    /// matches a new one.
    fn meets_kept(&self, option: &Value, [old, new]: [&Union; 2]) -> bool {
        let is_exclusive = new.is_exclusive && new.discriminator.is_none();
        let mut known = old.alternatives.iter();
        self.usage.sent
            && is_exclusive
            && known.any(|known| self.may_match((known, self.scope.old), option))
    }

    /// Compares which of the alternatives that both versions have allow the same values.
    fn kept(&mut self, at: &SchemaPosition, kept: &[[&Value; 2]], [old, new]: [&Union; 2]) {
        let is_exclusive = |union: &Union| union.is_exclusive && union.discriminator.is_none();
        if !self.usage.sent || !is_exclusive(old) || !is_exclusive(new) {
            return;
        }
        for [own, other] in self.newly_overlapping(kept) {
            let [own, other] = [own, other].map(|it| words(it, self.scope.new));
            let what = format!("now allows values of {own} as {other}, too");
            let difference = at.difference("alternatives-changed", what);
            self.add(difference, WireEffect::breaks(MATCHES_SEVERAL));
        }
    }

    /// Compares whether a value may match several alternatives.
    fn exclusive(&mut self, at: &SchemaPosition, old: &Union, new: &Union) {
        if old.is_exclusive == new.is_exclusive {
            return;
        }
        let (what, wire) = if !new.is_exclusive {
            let why = "values that were allowed are still allowed";
            ("may match several alternatives", WireEffect::keeps(why))
        } else if self.usage.sent && self.overlaps(new) {
            (
                "must match one alternative only",
                WireEffect::breaks(MATCHES_SEVERAL),
            )
        } else {
            let why = "no value matches several alternatives, or an old client does not send it";
            ("must match one alternative only", WireEffect::keeps(why))
        };
        self.add(at.difference("alternatives-changed", what), wire);
    }

    /// Returns true if the values of a schema match several alternatives, of which the server
    /// allows one.
    fn matches_several(&self, at: &SchemaPosition, old: &Value, pair: &Pair) -> bool {
        pair.new.unions.iter().any(|union| {
            let matching = union.alternatives.iter();
            let matching = matching.filter(|new| self.fits(at, old, new, true));
            union.is_exclusive && union.discriminator.is_none() && matching.count() > 1
        })
    }

    /// Removes the alternatives that both versions have from the lists, and returns them: those of
    /// one name, of one meaning, or else of one kind.
    fn matched<'v>(
        &self,
        before: &mut Vec<Alternative<'v>>,
        after: &mut Vec<Alternative<'v>>,
    ) -> Vec<[Alternative<'v>; 2]> {
        let is_same_name = |old: &Value, new: &Value| {
            let names = (name_of(old), name_of(new));
            matches!(names, (Some(old), Some(new)) if self.is_same(&old, &new))
        };
        let is_same_meaning = |old: &Value, new: &Value| {
            let old = Meaning::new(old, self.scope.old);
            let new = Meaning::new(new, self.scope.new);
            old.constraints() == new.constraints()
        };
        let is_same_kind = |old: &Value, new: &Value| {
            let old_kind = Kind::of(&Meaning::new(old, self.scope.old));
            let new_kind = Kind::of(&Meaning::new(new, self.scope.new));
            let is_inline = name_of(old).is_none() && name_of(new).is_none();
            is_inline && old_kind.in_json().is_some() && old_kind.in_json() == new_kind.in_json()
        };
        let mut found = Vec::new();
        let rules: [Rule; 3] = [&is_same_name, &is_same_meaning, &is_same_kind];
        for is_same in rules {
            let mut left = Vec::new();
            for (number, old) in before.drain(..) {
                match after.iter().position(|(_, new)| is_same(old, new)) {
                    Some(at) => found.push([(number, old), after.remove(at)]),
                    None => left.push((number, old)),
                }
            }
            *before = left;
        }
        found
    }

    /// Compares a union with a schema that is none. Returns false if the kinds alone decide.
    pub(super) fn wrapped(
        &mut self,
        at: &SchemaPosition,
        pair: &Pair,
        (old_kind, new_kind): &(Kind, Kind),
    ) -> bool {
        if *old_kind == Kind::Any || *new_kind == Kind::Any {
            return false;
        }
        let whole = |schema: &Meaning| Value::Object(schema.keywords.clone());
        let alternatives = |schema: &Meaning| {
            let unions = schema.unions.iter();
            unions
                .flat_map(|union| union.alternatives.clone())
                .collect::<Vec<_>>()
        };
        let is_wrapping = *new_kind == Kind::Union;
        let (olds, news) = if is_wrapping {
            (each_value(&pair.old), alternatives(&pair.new))
        } else {
            (alternatives(&pair.old), vec![whole(&pair.new)])
        };
        if let ([old], [new]) = (&olds[..], &news[..]) {
            // The union of one schema is that schema.
            self.null = NullPlace::Around;
            self.schemas(at, old, new);
            return true;
        }
        let has_values = (pair.old.values().is_some(), pair.new.values().is_some());
        let (was, is) = (old_kind.words(has_values.0), new_kind.words(has_values.1));
        let difference = at.difference("type-changed", format!("was {was} and is {is}"));
        let (sent, read) = (self.usage.sent, self.usage.read);
        let fits = |old: &Value| news.iter().any(|new| self.fits(at, old, new, true));
        let is_read = |new: &Value| olds.iter().any(|old| self.fits(at, old, new, false));
        let is_ambiguous = |old: &Value| is_wrapping && self.matches_several(at, old, pair);
        let wire = if sent && olds.iter().any(is_ambiguous) {
            WireEffect::breaks("the server rejects values that match several alternatives")
        } else if sent && !olds.iter().all(fits) {
            WireEffect::breaks(format!(
                "the server accepts {is}, and an old client sends {was}"
            ))
        } else if read && !news.iter().all(is_read) {
            WireEffect::breaks(format!("an old client cannot read every {is} as {was}"))
        } else {
            WireEffect::keeps("each side can read what the other sends")
        };
        self.add(difference, wire);
        true
    }

    /// Returns true if a change from `old` to `new` is harmless in one direction.
    fn fits(&self, at: &SchemaPosition, old: &Value, new: &Value, is_sent: bool) -> bool {
        let usage = Usage {
            sent: is_sent,
            read: !is_sent,
        };
        self.is_harmless_in(at, [old, new], usage)
    }

    /// Compares the property that identifies an alternative, and its values.
    fn discriminator(&mut self, at: &SchemaPosition, old: &Union, new: &Union) {
        let property = |union: &Union| -> Option<String> {
            let discriminator = union.discriminator.as_ref()?;
            Some(discriminator.get("propertyName")?.as_str()?.to_owned())
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
            self.add(at.difference("discriminator-changed", what), wire);
            return;
        }
        let (before, after) = (mapping(old), mapping(new));
        let renamed = |name: &String| self.scope.renamed.get(name).unwrap_or(name).clone();
        let mut found = Vec::new();
        for (text, schema) in &before {
            let renamed = renamed(schema);
            let now = after.iter().find(|(other, _)| other == text);
            let lives_on = after.iter().any(|(_, other)| *other == renamed);
            let what = match now {
                Some((_, other)) if *other == renamed => continue,
                Some((_, other)) => format!("reads `{text}` as `{other}`, not as `{schema}`"),
                // The removed alternative is reported by itself.
                None if !lives_on => continue,
                None => format!("no longer reads `{text}` as `{schema}`"),
            };
            let wire = WireEffect::breaks("an old client relies on the value");
            found.push((schema, what, wire));
        }
        for (text, schema) in &after {
            let is_known = before.iter().any(|(other, _)| other == text);
            let is_old = before.iter().any(|(_, other)| renamed(other) == *schema);
            if is_known || !is_old {
                continue;
            }
            let what = format!("also reads `{text}` as `{schema}`");
            let wire = if self.usage.read {
                WireEffect::breaks("an old client does not know the value")
            } else {
                WireEffect::keeps("an old client sends the values that it knows")
            };
            found.push((schema, what, wire));
        }
        for (schema, what, wire) in found {
            let node = ["mapping", schema];
            let difference = at.difference_in(node, "discriminator-changed", what);
            self.add(difference, wire);
        }
    }

    /// Returns true if a client can distinguish `option` from the alternatives of `union`: by the
    /// discriminator, by the type in JSON, or by a property whose values differ.
    fn is_distinct(&self, option: &Value, union: &Union) -> bool {
        if union.discriminator.is_some() {
            return true;
        }
        let option = Meaning::new(option, self.scope.new);
        let known = union.alternatives.iter();
        let known: Vec<Meaning> = known
            .map(|known| Meaning::new(known, self.scope.old))
            .collect();
        let json = |schema: &Meaning| Kind::of(schema).in_json();
        if let Some(kind) = json(&option)
            && known
                .iter()
                .all(|known| json(known).is_some_and(|known| known != kind))
        {
            return true;
        }
        let values = |schema: &Meaning, schemas, name: &str| -> Option<Vec<Value>> {
            let properties = schema.properties();
            let field = Meaning::new(properties.get(name)?, schemas);
            let values = field.values()?.into_iter().cloned().collect();
            schema.is_required(name).then_some(values)
        };
        let properties = option.properties();
        properties.keys().any(|name| {
            values(&option, self.scope.new, name).is_some_and(|own| {
                known.iter().all(|known| {
                    values(known, self.scope.old, name)
                        .is_some_and(|other| own.iter().all(|value| !other.contains(value)))
                })
            })
        })
    }
}

/// Returns a schema as one for each value that it lists, or as a whole. Each value may be another
/// alternative of a union.
fn each_value(schema: &Meaning) -> Vec<Value> {
    let with = |value: &Value| {
        let mut keywords = schema.keywords.clone();
        keywords.insert("enum".to_owned(), Value::Array(vec![value.clone()]));
        Value::Object(keywords)
    };
    match schema.values() {
        Some(values) if values.len() <= MOST_VALUES => values.into_iter().map(with).collect(),
        _ => vec![Value::Object(schema.keywords.clone())],
    }
}

/// Returns an alternative in words: its name, or else its kind.
pub(super) fn words(option: &Value, schemas: &Schemas) -> String {
    name_of(option).map_or_else(
        || {
            let meaning = Meaning::new(option, schemas);
            Kind::of(&meaning).words(meaning.values().is_some())
        },
        |name| format!("`{name}`"),
    )
}

/// Returns the name of an alternative: of the schema that it refers to, or that it was made of.
pub(super) fn name_of(option: &Value) -> Option<String> {
    let of = option.get(VARIANT_OF).and_then(Value::as_str);
    of.map(str::to_owned).or_else(|| plain_reference(option))
}

/// Returns the schema of each value of a discriminator, by its mapping or by the names of the
/// schemas.
fn mapping(union: &Union) -> Vec<(String, String)> {
    let Some(discriminator) = &union.discriminator else {
        return Vec::new();
    };
    let named = |target: &str| target.rsplit('/').next().unwrap_or(target).to_owned();
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut all: Vec<(String, String)> = mapping
        .into_iter()
        .flatten()
        .filter_map(|(text, target)| Some((text.clone(), named(target.as_str()?))))
        .collect();
    for name in union.alternatives.iter().filter_map(referenced_schema) {
        if !all.iter().any(|(_, known)| *known == name) {
            all.push((name.clone(), name));
        }
    }
    all
}
