//! Finds for each declared thing the one of the server: by id, by name, and by its earlier name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::files::{Declared, Item, Problem};
use super::kinds::Kind;
use super::server::{Actual, Server};
use super::table::DEFINITIONS;

/// The things of the server that the declared ones are.
pub(super) struct Matches {
    /// The thing of the server, by the index of the declared one.
    pub(super) of: Vec<Option<usize>>,
    /// The scorecard of the server with the earlier name, by the index of the declared one.
    pub(super) former: Vec<Option<usize>>,
    /// True for things of the server that are declared.
    pub(super) is_taken: Vec<bool>,
    pub(super) problems: Vec<Problem>,
}

/// The place of a thing of the server: its kind, the index of its parent, and its name.
type Key<'a> = (Kind, Option<usize>, &'a str);

struct Matcher<'a> {
    declared: &'a Declared,
    server: &'a Server,
    by_name: Names<'a>,
    by_id: HashMap<(Kind, &'a str), usize>,
    result: Matches,
}

/// The things of the server by their places.
#[derive(Default)]
struct Names<'a> {
    first: HashMap<Key<'a>, usize>,
    /// The others of the same place, which are few.
    others: HashMap<Key<'a>, Vec<usize>>,
}

impl<'a> Names<'a> {
    fn add(&mut self, key: Key<'a>, index: usize) {
        match self.first.entry(key) {
            Entry::Vacant(entry) => drop(entry.insert(index)),
            Entry::Occupied(_) => self.others.entry(key).or_default().push(index),
        }
    }

    /// Returns the things of a place, in the order of the server.
    fn get<'s>(&'s self, key: &Key<'s>) -> impl Iterator<Item = usize> + 's {
        let others = self.others.get(key).into_iter().flatten();
        self.first.get(key).into_iter().chain(others).copied()
    }
}

/// Finds the things of the server that files declare.
pub(super) fn find(declared: &Declared, server: &Server) -> Matches {
    let mut by_name = Names::default();
    let mut by_id = HashMap::new();
    let has_ids = declared.items.iter().any(|it| it.id.is_some());
    for (index, thing) in server.things.iter().enumerate() {
        let key = (thing.kind, thing.parent, thing.name.as_str());
        by_name.add(key, index);
        if has_ids && thing.kind != Kind::Scorecard {
            by_id.insert((thing.kind, thing.id.as_str()), index);
        }
    }
    let mut matcher = Matcher {
        declared,
        server,
        by_name,
        by_id,
        result: Matches {
            of: vec![None; declared.items.len()],
            former: vec![None; declared.items.len()],
            is_taken: vec![false; server.things.len()],
            problems: Vec::new(),
        },
    };
    for definition in DEFINITIONS {
        let items = declared.items.iter().enumerate();
        let items = items.filter(|(_, it)| it.kind == definition.kind);
        let items: Vec<(usize, &Item)> = items.collect();
        match definition.kind {
            Kind::Scorecard => matcher.scorecards(&items),
            _ => matcher.things(&items),
        }
    }
    matcher.result
}

impl<'a> Matcher<'a> {
    /// A scorecard with an earlier name is both, because an interrupted apply has moved a part of
    /// its rules.
    fn scorecards(&mut self, items: &[(usize, &Item)]) {
        for (index, item) in items {
            self.result.of[*index] = self.scorecard(&item.name);
            self.result.former[*index] = item.was.as_deref().and_then(|it| self.scorecard(it));
        }
    }

    /// Returns the scorecard of a name.
    fn scorecard(&self, name: &str) -> Option<usize> {
        self.by_name.get(&(Kind::Scorecard, None, name)).next()
    }

    fn things(&mut self, items: &[(usize, &'a Item)]) {
        for (index, item) in items {
            let id = item.id.as_deref();
            let found = id.and_then(|id| self.by_id.get(&(item.kind, id)).copied());
            if let Some(found) = found {
                self.take(*index, found);
            }
        }
        if items
            .first()
            .is_some_and(|(_, it)| it.kind.definition().identity.wire.is_none())
        {
            return self.by_content(items);
        }
        for (index, item) in items {
            self.by_name(*index, item, &item.name);
        }
        for (index, item) in items {
            let Some(was) = &item.was else { continue };
            self.by_name(*index, item, was);
            if self.result.of[*index].is_none() && item.kind == Kind::Rule {
                self.in_another_scorecard(*index, was);
            }
        }
    }

    fn take(&mut self, item: usize, thing: usize) {
        if self.result.is_taken[thing] {
            let place = &self.declared.items[item].place;
            let message = "another declaration is the same thing of the server".to_owned();
            self.result.problems.push(Problem::new(place, message));
            return;
        }
        self.result.of[item] = Some(thing);
        self.result.is_taken[thing] = true;
    }

    /// Returns the parents on the server; `None` is the top.
    fn parents(&self, item: &Item) -> Vec<Option<usize>> {
        match item.parent {
            None => vec![None],
            Some(parent) => {
                let both = [self.result.of[parent], self.result.former[parent]];
                both.into_iter().filter(Option::is_some).collect()
            }
        }
    }

    fn by_name(&mut self, index: usize, item: &'a Item, name: &'a str) {
        if self.result.of[index].is_some() {
            return;
        }
        for parent in self.parents(item) {
            let key = (item.kind, parent, name);
            let all = self.by_name.get(&key);
            let free: Vec<usize> = all.filter(|it| !self.result.is_taken[*it]).collect();
            match free.as_slice() {
                [] => continue,
                [found] => self.take(index, *found),
                [found, ..] if item.id.is_some() => self.take(index, *found),
                several => {
                    let ids: Vec<&str> = several
                        .iter()
                        .map(|it| self.server.things[*it].id.as_str())
                        .collect();
                    let message = format!(
                        "{} {}s of the server are called {name:?}; add the `id` of one: {}",
                        ids.len(),
                        item.kind.noun(),
                        ids.join(", ")
                    );
                    self.result
                        .problems
                        .push(Problem::new(&item.place, message));
                }
            }
            return;
        }
    }

    /// Finds a rule by `Scorecard/Name`.
    fn in_another_scorecard(&mut self, index: usize, was: &'a str) {
        for (at, _) in was.match_indices('/') {
            let (scorecard, name) = (&was[..at], &was[at + 1..]);
            let Some(parent) = self.scorecard(scorecard) else {
                continue;
            };
            let key = (Kind::Rule, Some(parent), name);
            let mut all = self.by_name.get(&key);
            if let (Some(found), None) = (all.next(), all.next()) {
                drop(all);
                if !self.result.is_taken[found] {
                    self.take(index, found);
                    return;
                }
            }
        }
    }

    /// Finds things that have no name on the server by what they are: first those that are equal,
    /// then those with the most equal properties.
    fn by_content(&mut self, items: &[(usize, &Item)]) {
        let mut by_parent: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, thing) in self.server.things.iter().enumerate() {
            let is_kind = items.first().is_some_and(|(_, it)| it.kind == thing.kind);
            if let (true, Some(parent)) = (is_kind, thing.parent) {
                by_parent.entry(parent).or_default().push(index);
            }
        }
        let most = items.iter().map(|(_, it)| it.values.len()).max();
        for wanted in (1..=most.unwrap_or_default()).rev() {
            for (index, item) in items {
                let parent = item.parent.and_then(|it| self.result.of[it]);
                let (None, Some(parent)) = (self.result.of[*index], parent) else {
                    continue;
                };
                let same = |thing: &usize| {
                    !self.result.is_taken[*thing]
                        && equal(item, &self.server.things[*thing]) >= wanted
                };
                let things = by_parent.get(&parent).into_iter().flatten();
                if let Some(found) = things.copied().find(same) {
                    self.take(*index, found);
                }
            }
        }
    }
}

/// Returns the number of equal properties, or 0 if nothing but the state is equal.
fn equal(item: &Item, thing: &Actual) -> usize {
    let is_equal = |it: &&super::files::Entry| thing.value(it.property.name) == Some(&it.value);
    let equal: Vec<_> = item.values.iter().filter(is_equal).collect();
    match equal.iter().any(|it| it.property.is_required) {
        true => equal.len(),
        false => 0,
    }
}
