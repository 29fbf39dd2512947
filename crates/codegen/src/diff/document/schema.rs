//! Compares two versions of one schema, property by property.
//!
//! Two references to different schemas are remembered and compared once, so that circles and long
//! chains of references end.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;

use super::changes::{ANNOUNCEMENTS, Changes, Difference, deprecation};
use super::kinds::Kind;
use super::meaning::{Meaning, Schemas, is_nullable, plain_reference};
use super::position::SchemaPosition;
use super::usage::Usage;
use super::values::texts;
use super::widened::Differing;
use crate::collections::{HashMap, HashSet};
use crate::diff::change::WireEffect;
use crate::generate::model::SchemaPath;

/// The maximum depth of alternatives inside alternatives that are tried.
const DEEPEST: usize = 3;
/// The maximum number of schemas that the trials of a comparison compare.
const MOST_TRIED: usize = 10_000;

/// A comparison of two versions of a schema and of the schemas inside it.
pub(super) struct Comparison<'a, 'b> {
    pub(super) scope: Scope<'a>,
    pub(super) usage: Usage,
    /// True if values are sent as plain strings, as in a query.
    pub(super) as_text: bool,
    /// True if values inside lists and objects are not sent as plain strings.
    pub(super) is_json_inside: bool,
    /// The place where the next schema is compared for `null`.
    pub(super) null: NullPlace,
    pub(super) changes: &'b mut Changes,
    seen: HashSet<(String, String)>,
    pending: VecDeque<Pending>,
    /// The number of trials around this one.
    depth: usize,
    /// The number of schemas that trials may still compare.
    pub(super) budget: Rc<Cell<usize>>,
}

/// The place where a schema is compared for `null`.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub(super) enum NullPlace {
    /// At the schema itself.
    #[default]
    Here,
    /// At the union around it.
    Around,
    /// At each use of the named schema.
    Uses,
}

/// The schemas that a comparison looks up.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) old: &'a Schemas,
    pub(super) new: &'a Schemas,
    /// The schemas of the old document that have another name in the new one.
    pub(super) renamed: &'a HashMap<String, String>,
    /// The schemas that schemas of any value refer to.
    pub(super) differing: &'a Differing<'a>,
}

/// Two schemas to compare later.
struct Pending {
    at: SchemaPosition,
    usage: Usage,
    as_text: bool,
    schemas: [Value; 2],
}

/// Two versions of a schema.
pub(super) struct Pair {
    pub(super) old: Meaning,
    pub(super) new: Meaning,
}

impl<'a, 'b> Comparison<'a, 'b> {
    pub(super) fn new(scope: Scope<'a>, usage: Usage, changes: &'b mut Changes) -> Self {
        Self {
            scope,
            usage,
            as_text: false,
            is_json_inside: false,
            null: NullPlace::Here,
            changes,
            seen: HashSet::default(),
            pending: VecDeque::new(),
            depth: 0,
            budget: Rc::new(Cell::new(MOST_TRIED)),
        }
    }

    /// Compares two versions of the schema at `at`, and then the pairs of schemas that they refer
    /// to.
    pub(super) fn run(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        self.schemas(at, old, new);
        while let Some(next) = self.pending.pop_front() {
            if self.is_exhausted() {
                break;
            }
            self.usage = next.usage;
            self.as_text = next.as_text;
            let [old, new] = &next.schemas;
            let pair = self.pair(old, new);
            self.meanings(&next.at, &pair);
        }
    }

    /// Returns true if this is a trial that takes too long.
    fn is_exhausted(&self) -> bool {
        self.depth > 0 && self.budget.get() == 0
    }

    fn pair(&self, old: &Value, new: &Value) -> Pair {
        Pair {
            old: Meaning::new(old, self.scope.old),
            new: Meaning::new(new, self.scope.new),
        }
    }

    /// Compares two versions of the schema at `at`. Those behind references wait for their turn.
    pub(super) fn schemas(&mut self, at: &SchemaPosition, old: &Value, new: &Value) {
        if self.depth > 0 {
            self.budget.set(self.budget.get().saturating_sub(1));
        }
        let names = [plain_reference(old), plain_reference(new)];
        let pair = self.pair(old, new);
        match std::mem::take(&mut self.null) {
            NullPlace::Around => {}
            place => self.nullable(at, &pair, place),
        }
        self.notes(at, &pair);
        if let [Some(before), Some(after)] = &names {
            if self.is_same(before, after) {
                // Named schemas are compared on their own.
                return self.beside(at, &pair, [old, new]);
            }
            if at_same_kind(&pair) {
                let difference = at.difference("type-changed", format!("now refers to `{after}`"));
                let why = "what differs in the schema is reported separately";
                self.add(difference, WireEffect::keeps(why));
            }
        }
        let refers = |schema: &Value| schema.get("$ref").is_some() || schema.get("allOf").is_some();
        if !refers(old) && !refers(new) {
            return self.meanings(at, &pair);
        }
        if self.seen.insert((old.to_string(), new.to_string())) {
            self.pending.push_back(Pending {
                // Neither schema differs, only the reference to it.
                at: at.clone(),
                usage: self.usage,
                as_text: self.as_text,
                schemas: [old.clone(), new.clone()],
            });
        }
    }

    /// Returns true if a schema of the old document is one of the new document, perhaps under
    /// another name.
    pub(super) fn is_same(&self, old: &str, new: &str) -> bool {
        match self.scope.renamed.get(old) {
            Some(renamed) => renamed == new,
            None => old == new && self.scope.new.contains_key(old),
        }
    }

    /// Compares what two versions of a schema mean, except for notes and `null`.
    fn meanings(&mut self, at: &SchemaPosition, pair: &Pair) {
        let kinds = (Kind::of(&pair.old), Kind::of(&pair.new));
        let is_union = |kind: &Kind| *kind == Kind::Union;
        if is_union(&kinds.0) != is_union(&kinds.1) && self.wrapped(at, pair, &kinds) {
            return;
        }
        self.kinds(at, pair, &kinds);
        self.bounds(at, pair);
        self.default(at, pair);
        self.values(at, pair, kinds.0 == kinds.1);
        match kinds {
            (Kind::List, Kind::List) => self.items(at, pair),
            (Kind::Object | Kind::Map, Kind::Object | Kind::Map) => {
                self.fields(at, pair);
                self.additional_properties(at, pair);
            }
            (Kind::Union, Kind::Union) => {
                self.unions(at, pair);
                self.fields(at, pair);
            }
            _ => {}
        }
    }

    fn items(&mut self, at: &SchemaPosition, pair: &Pair) {
        let any = Value::Object(serde_json::Map::new());
        let items = |schema: &Meaning| schema.get("items").cloned().unwrap_or_else(|| any.clone());
        let paths = [at.paths[0].items(), at.paths[1].items()];
        let inner = at.inside("items of", paths);
        self.inside_value(|comparison| {
            comparison.schemas(&inner, &items(&pair.old), &items(&pair.new));
        });
    }

    /// Compares what is inside a list or an object.
    pub(super) fn inside_value(&mut self, compare: impl FnOnce(&mut Self)) {
        let as_text = self.as_text;
        self.as_text = as_text && !self.is_json_inside;
        compare(self);
        self.as_text = as_text;
    }

    pub(super) fn add(&mut self, difference: Difference, wire: WireEffect) {
        self.changes.add(difference, wire);
    }

    /// Returns the paths of a schema and of its alternatives that may be null.
    fn nullable_paths(&self, at: &SchemaPosition, pair: &Pair) -> Vec<SchemaPath> {
        let mut paths = at.paths.to_vec();
        let [old, new] = &at.paths;
        let versions = [
            (old, &pair.old, self.scope.old),
            (new, &pair.new, self.scope.new),
        ];
        for (path, schema, schemas) in versions {
            let alternatives = schema.unions.first().map(|union| union.alternatives.iter());
            for (number, alternative) in alternatives.into_iter().flatten().enumerate() {
                if is_nullable(alternative, schemas) {
                    paths.push(path.variant(number));
                }
            }
        }
        paths
    }

    /// Returns true if a change from `old` to `new` breaks nothing.
    pub(super) fn is_harmless(&self, at: &SchemaPosition, old: &Value, new: &Value) -> bool {
        self.is_harmless_in(at, [old, new], self.usage)
    }

    /// Returns true if a change from the first schema to the second breaks nothing for a use.
    pub(super) fn is_harmless_in(
        &self,
        at: &SchemaPosition,
        [old, new]: [&Value; 2],
        usage: Usage,
    ) -> bool {
        if self.depth >= DEEPEST || self.budget.get() == 0 {
            return old == new;
        }
        let mut changes = Changes::default();
        let mut trial = Comparison::new(self.scope, usage, &mut changes);
        trial.as_text = self.as_text;
        trial.is_json_inside = self.is_json_inside;
        trial.null = NullPlace::Around;
        trial.depth = self.depth + 1;
        trial.budget = Rc::clone(&self.budget);
        trial.run(at, old, new);
        let is_known = !trial.is_exhausted();
        let mut changes = changes.by_tag.values().flatten();
        is_known && !changes.any(|change| change.wire.breaks)
    }

    /// Compares the keywords next to references to one schema.
    fn beside(&mut self, at: &SchemaPosition, pair: &Pair, schemas: [&Value; 2]) {
        let [old, new] = schemas;
        let has_more = |schema: &Value| schema.as_object().is_some_and(|all| all.len() > 1);
        let target = |schema: &Value, schemas: &Schemas| {
            let target = plain_reference(schema).and_then(|name| schemas.get(&name));
            target.map(|schema| schema.value.clone())
        };
        if !has_more(old) && !has_more(new) {
            return;
        }
        // If the schema changed, its own comparison reports that.
        let with_old;
        let pair = if target(old, self.scope.old) == target(new, self.scope.new) {
            pair
        } else if plain_reference(old) == plain_reference(new) {
            with_old = Pair {
                old: Meaning::new(old, self.scope.old),
                new: Meaning::new(new, self.scope.old),
            };
            &with_old
        } else {
            return;
        };
        self.bounds(at, pair);
        self.default(at, pair);
        self.values(at, pair, at_same_kind(pair));
    }

    /// Compares the documentation.
    fn notes(&mut self, at: &SchemaPosition, pair: &Pair) {
        let documentation = WireEffect::keeps("documentation is not sent");
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
            if pair.old.get(keyword) != pair.new.get(keyword) {
                let difference = at.difference(kind, what);
                self.changes.add(difference, documentation.clone());
            }
        }
        let is_deprecated = pair.new.is_true("deprecated");
        if pair.old.is_true("deprecated") != is_deprecated {
            let (kind, what) = deprecation(is_deprecated);
            let why = "deprecated fields still work";
            let difference = at.difference(kind, what);
            self.changes.add(difference, WireEffect::keeps(why));
        }
        for (keyword, kind, what) in ANNOUNCEMENTS {
            let (old, new) = (pair.old.get(keyword), pair.new.get(keyword));
            if old != new {
                let shown = new.map_or("none".to_owned(), ToString::to_string);
                let difference = at.difference(kind, format!("{what} {shown}"));
                let wire = WireEffect::keeps("it announces a change and is not one");
                self.changes.add(difference, wire);
            }
        }
    }

    fn nullable(&mut self, at: &SchemaPosition, pair: &Pair, place: NullPlace) {
        let (old, new) = (pair.old.nullable, pair.new.nullable);
        if old == new {
            return self.listed_null(at, pair);
        }
        let difference = if new {
            at.difference("nullable-added", "may now be null")
        } else {
            at.difference("nullable-removed", "may no longer be null")
        };
        let difference = difference.of(&self.nullable_paths(at, pair));
        let wire = match (new, self.usage) {
            _ if place == NullPlace::Uses => {
                WireEffect::keeps("each use of the schema is reported on its own")
            }
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
        self.add(difference, wire);
    }

    fn kinds(&mut self, at: &SchemaPosition, pair: &Pair, (old, new): &(Kind, Kind)) {
        let (before, after) = (pair.old.values(), pair.new.values());
        let has_values = (before.is_some(), after.is_some());
        if old == new && has_values.0 == has_values.1 {
            return;
        }
        let (old_words, new_words) = (old.words(has_values.0), new.words(has_values.1));
        let difference = at.difference(
            "type-changed",
            format!("was {old_words} and is {new_words}"),
        );
        let is_listed = match (before, after) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(old), Some(new)) => {
                let new = texts(&new);
                old.iter().all(|value| new.contains(&value.to_string()))
            }
        };
        let is_text = self.as_text && *new == Kind::String(None) && old.in_json().is_some();
        let wire = if self.usage.sent && is_text && is_listed {
            WireEffect::keeps("every parameter is sent as a string")
        } else if self.usage.sent && !(old.fits(new) && is_listed) {
            WireEffect::breaks(format!(
                "the server accepts {new_words}, and an old client sends {old_words}"
            ))
        } else if self.usage.read && !old.reads(new) {
            let new_words = new_words.replace("any value", "value");
            WireEffect::breaks(format!(
                "an old client cannot read every {new_words} as {old_words}"
            ))
        } else {
            WireEffect::keeps("each side can read what the other sends")
        };
        self.add(difference, wire);
    }
}

/// Returns true if two schemas are of one kind, so that one reads like a version of the other.
fn at_same_kind(pair: &Pair) -> bool {
    let has_values = |schema: &Meaning| schema.values().is_some();
    Kind::of(&pair.old) == Kind::of(&pair.new) && has_values(&pair.old) == has_values(&pair.new)
}
