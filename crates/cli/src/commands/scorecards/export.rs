//! Writes the things of a server as a file.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::kinds::{Definition, Kind};
use super::server::Server;
use super::values;
use crate::yaml;

/// The first line of a file, which editors read.
const HEADER: &str = "# yaml-language-server: $schema=./scorekit.schema.json\n";

/// The things of a server as a file.
pub(super) struct Export<'a> {
    server: &'a Server,
    children: HashMap<Option<usize>, Vec<usize>>,
    /// The things whose names others have, too.
    ambiguous: HashSet<usize>,
    by_id: HashMap<(Kind, &'a str), usize>,
    /// The names of notification rules, which exist in files only.
    local: HashMap<usize, String>,
    has_ids: bool,
}

impl<'a> Export<'a> {
    /// Prepares the export of the things that `is_exported` accepts.
    pub(super) fn new(
        server: &'a Server,
        has_ids: bool,
        is_exported: impl Fn(usize) -> bool,
    ) -> Self {
        let mut export = Self {
            server,
            children: HashMap::new(),
            ambiguous: HashSet::new(),
            by_id: HashMap::new(),
            local: HashMap::new(),
            has_ids,
        };
        let mut names: HashMap<_, usize> = HashMap::new();
        for (index, thing) in server.things.iter().enumerate() {
            if is_exported(index) {
                export.children.entry(thing.parent).or_default().push(index);
            }
            if thing.kind == Kind::Scorecard {
                continue;
            }
            export.by_id.insert((thing.kind, thing.id.as_str()), index);
            let key = (thing.kind, thing.parent, thing.name.as_str());
            if let Some(first) = names.insert(key, index) {
                export.ambiguous.extend([first, index]);
            }
        }
        for children in export.children.values_mut() {
            // Things without names are in the order of their content.
            children.sort_by_cached_key(|index| {
                let thing = &server.things[*index];
                let is_nameless = thing.name.is_empty();
                let content = is_nameless.then(|| format!("{:?}", thing.values));
                (thing.name.clone(), content, thing.id.clone())
            });
        }
        export.name_notification_rules();
        export
    }

    /// Names the notification rules that views refer to.
    fn name_notification_rules(&mut self) {
        let views = self.server.things.iter().filter(|it| it.kind == Kind::View);
        let referred: HashSet<&str> = views
            .filter_map(|view| view.value("notification_rule")?.as_str())
            .collect();
        for children in self.children.values() {
            let rules = children.iter().filter(|index| {
                let thing = &self.server.things[**index];
                thing.kind == Kind::NotificationRule
            });
            for (number, index) in rules.enumerate() {
                if referred.contains(self.server.things[*index].id.as_str()) {
                    let name = format!("notification-{}", number + 1);
                    self.local.insert(*index, name);
                }
            }
        }
    }

    /// Returns the file as a value.
    pub(super) fn document(&self) -> Value {
        let mut document = Map::new();
        for kind in Kind::TOP {
            let items = self.list(kind.definition(), None);
            if !items.is_empty() {
                document.insert(kind.definition().list.to_owned(), items.into());
            }
        }
        Value::Object(document)
    }

    /// Returns a row for each thing, for the formats of rows.
    pub(super) fn rows(&self) -> Vec<Value> {
        let mut indexes: Vec<usize> = self.children.values().flatten().copied().collect();
        indexes.sort_unstable();
        let rows = indexes.into_iter().map(|index| {
            let thing = &self.server.things[index];
            let id = Some(&thing.id).filter(|it| !it.is_empty());
            json!({ "id": id, "kind": thing.kind.noun(), "name": self.server.address(index) })
        });
        rows.collect()
    }

    /// Returns the file as YAML.
    pub(super) fn yaml(&self) -> String {
        let mut text = HEADER.to_owned();
        yaml::write(&mut text, &self.document());
        text
    }

    fn list(&self, definition: &Definition, parent: Option<usize>) -> Vec<Value> {
        let children = self.children.get(&parent).into_iter().flatten();
        let of_kind = children.filter(|it| self.server.things[**it].kind == definition.kind);
        of_kind
            .map(|index| self.thing(definition, *index))
            .collect()
    }

    fn thing(&self, definition: &Definition, index: usize) -> Value {
        let thing = &self.server.things[index];
        let mut properties = Map::new();
        let name = match definition.identity.wire {
            Some(_) => Some(&thing.name),
            None => self.local.get(&index),
        };
        if let Some(name) = name {
            properties.insert(definition.identity.name.to_owned(), json!(name));
        }
        let is_ambiguous = self.ambiguous.contains(&index) && definition.identity.wire.is_some();
        if thing.kind != Kind::Scorecard && (self.has_ids || is_ambiguous) {
            properties.insert("id".to_owned(), json!(thing.id));
        }
        for property in definition.properties {
            let Some(value) = thing.value(property.name) else {
                continue;
            };
            let mut value = value.to_value();
            let _ = values::map_references(property.shape, &mut value, |kind, id| {
                Ok::<_, ()>(self.reference(kind, id))
            });
            properties.insert(property.name.to_owned(), value);
        }
        for child in definition.kind.children() {
            let items = self.list(child, Some(index));
            if !items.is_empty() {
                properties.insert(child.list.to_owned(), items.into());
            }
        }
        Value::Object(properties)
    }

    /// Returns the name of a thing, or its id if others have the name, too.
    fn reference(&self, kind: Kind, id: &str) -> String {
        let Some(index) = self.by_id.get(&(kind, id)) else {
            return id.to_owned();
        };
        match kind {
            Kind::NotificationRule => self.local.get(index).cloned(),
            _ if self.ambiguous.contains(index) => None,
            Kind::Rule => Some(self.server.address(*index)),
            _ => Some(self.server.things[*index].name.clone()),
        }
        .unwrap_or_else(|| id.to_owned())
    }
}

/// Returns notes about what an export lacks.
pub(super) fn notes(server: &Server) -> Vec<String> {
    let mut notes = Vec::new();
    let count = |is_counted: &dyn Fn(&super::server::Actual) -> bool| {
        server.things.iter().filter(|it| is_counted(it)).count()
    };
    let defaults = count(&|it| it.kind == Kind::Rule && !it.is_custom);
    if defaults > 0 {
        notes.push(match defaults {
            1 => "1 rule of the vendor was left out".to_owned(),
            count => format!("{count} rules of the vendor were left out"),
        });
    }
    let campaigns = count(&|it| it.kind == Kind::Campaign && it.value("rules").is_none());
    if campaigns > 0 {
        let mut note = String::new();
        let _ = write!(
            note,
            "the server does not report the rules of {campaigns} campaigns; add `rules` to change \
             them"
        );
        notes.push(note);
    }
    notes
}
