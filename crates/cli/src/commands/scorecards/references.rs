//! References: names of files as ids of the server, and back.

use std::collections::HashMap;

use serde_json::Value;

use super::files::{Declared, Item};
use super::kinds::{Kind, Property};
use super::matching::Matches;
use super::server::Server;
use super::values;
use crate::compact::Compact;

/// The first character of a reference to a thing that does not exist yet. Its index follows.
const NEW: char = '\u{0}';

/// The kinds that others refer to.
const KINDS: [Kind; 3] = [Kind::Rule, Kind::CaseType, Kind::NotificationRule];

/// The things that a name may stand for.
pub(super) struct References<'a> {
    declared: &'a Declared,
    server: &'a Server,
    /// The tokens of a name: in a declared project, or anywhere.
    names: HashMap<(Kind, Option<usize>, String), Vec<String>>,
    ids: HashMap<(Kind, &'a str), usize>,
}

/// Returns the reference to a declared thing: its id, or a mark that it does not exist yet.
pub(super) fn token(declared: usize, matches: &Matches, server: &Server) -> String {
    match matches.of[declared] {
        Some(thing) => server.things[thing].id.clone(),
        None => format!("{NEW}{declared}"),
    }
}

/// Returns the index of the declared thing that a reference waits for.
pub(super) fn awaited(token: &str) -> Option<usize> {
    token.strip_prefix(NEW)?.parse().ok()
}

impl<'a> References<'a> {
    pub(super) fn new(declared: &'a Declared, server: &'a Server, matches: &Matches) -> Self {
        let mut references = Self {
            declared,
            server,
            names: HashMap::new(),
            ids: HashMap::new(),
        };
        let has_references = declared
            .items
            .iter()
            .any(|item| matches!(item.kind, Kind::Campaign | Kind::Project | Kind::View));
        if !has_references {
            return references;
        }
        for (index, item) in declared.items.iter().enumerate() {
            if !KINDS.contains(&item.kind) {
                continue;
            }
            let token = token(index, matches, server);
            let scope = item.parent.filter(|_| item.kind == Kind::NotificationRule);
            references.add(item.kind, scope, item.name.clone(), &token);
            if item.kind == Kind::Rule {
                references.add(
                    item.kind,
                    None,
                    super::plan::address(declared, index),
                    &token,
                );
            }
        }
        for (index, thing) in server.things.iter().enumerate() {
            if !KINDS.contains(&thing.kind) {
                continue;
            }
            references
                .ids
                .insert((thing.kind, thing.id.as_str()), index);
            // A declared thing has the name of its file.
            if matches.is_taken[index] || thing.name.is_empty() {
                continue;
            }
            references.add(thing.kind, None, thing.name.clone(), &thing.id);
            if thing.kind == Kind::Rule {
                references.add(thing.kind, None, server.address(index), &thing.id);
            }
        }
        references
    }

    fn add(&mut self, kind: Kind, scope: Option<usize>, name: String, token: &str) {
        let tokens = self.names.entry((kind, scope, name)).or_default();
        tokens.push(token.to_owned());
    }

    /// Returns a value of a file with ids instead of names.
    pub(super) fn resolved(
        &self,
        item: &Item,
        property: &Property,
        value: &Compact,
    ) -> Result<Value, String> {
        let mut value = value.to_value();
        values::map_references(property.shape, &mut value, |kind, name| {
            self.token(kind, item, name)
        })?;
        Ok(value)
    }

    fn token(&self, kind: Kind, item: &Item, name: &str) -> Result<String, String> {
        let scope = item.parent.filter(|_| kind == Kind::NotificationRule);
        let found = self.names.get(&(kind, scope, name.to_owned()));
        let noun = kind.noun();
        match found.map(Vec::as_slice) {
            Some([token]) => Ok(token.clone()),
            Some(several) => {
                let names: Vec<String> = several.iter().map(|it| self.name(kind, it)).collect();
                Err(format!(
                    "{} {noun}s are called {name:?}; name one of {}, or its id",
                    several.len(),
                    names.join(", ")
                ))
            }
            None if self.ids.contains_key(&(kind, name)) => Ok(name.to_owned()),
            None => {
                let known = self.names.keys().filter(|(it, ..)| *it == kind);
                let known: Vec<&str> = known.map(|(.., name)| name.as_str()).collect();
                let hint = match super::files::nearest(name, &known) {
                    Some(near) => format!("; did you mean {near:?}?"),
                    None => String::new(),
                };
                Err(format!("no {noun} has the name or id {name:?}{hint}"))
            }
        }
    }

    /// Returns a value with names instead of ids, for people.
    pub(super) fn shown(&self, property: &Property, value: &Value) -> Value {
        let mut value = value.clone();
        let named = values::map_references(property.shape, &mut value, |kind, token| {
            Ok::<_, ()>(self.name(kind, token))
        });
        debug_assert!(named.is_ok());
        value
    }

    fn name(&self, kind: Kind, token: &str) -> String {
        if let Some(index) = awaited(token) {
            return super::plan::address(self.declared, index);
        }
        match self.ids.get(&(kind, token)) {
            Some(index) => self.server.address(*index),
            None => token.to_owned(),
        }
    }
}
