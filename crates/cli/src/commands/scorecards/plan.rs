//! The plan: the changes that make the server what the files declare. It is computed from the two
//! alone.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::files::{Declared, Item, Problem};
use super::kinds::{Kind, Property};
use super::matching::{self, Matches};
use super::references::References;
use super::server::{Actual, Server};
use super::values;
use crate::compact::Compact;

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A change of one thing.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) kind: Kind,
    /// The index of the declared thing.
    pub(super) item: Option<usize>,
    /// The index of the thing of the server.
    pub(super) thing: Option<usize>,
    /// The name of the thing with that of its parent.
    pub(super) address: String,
    pub(super) fields: Vec<Field>,
    /// The values of the file, with ids instead of names.
    pub(super) values: Vec<(&'static Property, Value)>,
}

/// A change of a property, with names instead of ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
    /// True if the server does not report the property.
    pub(super) is_unknown: bool,
}

/// The changes, and what the reader of a plan should know.
pub(super) struct Plan<'a> {
    pub(super) declared: &'a Declared,
    pub(super) server: &'a Server,
    pub(super) matches: Matches,
    pub(super) changes: Vec<Change>,
    pub(super) notes: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

/// Computes the changes.
pub(super) fn plan<'a>(declared: &'a Declared, server: &'a Server, prune: bool) -> Plan<'a> {
    let mut matches = matching::find(declared, server);
    let problems = std::mem::take(&mut matches.problems);
    let mut plan = Plan {
        declared,
        server,
        matches,
        changes: Vec::new(),
        notes: Vec::new(),
        problems,
    };
    let references = References::new(declared, server, &plan.matches);
    for index in 0..declared.items.len() {
        plan.item(index, &references);
    }
    plan.undeclared(prune);
    plan
}

impl Plan<'_> {
    /// Returns the number of changes of a kind.
    pub(super) fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|it| it.action == action).count()
    }

    fn item(&mut self, index: usize, references: &References<'_>) {
        let item = &self.declared.items[index];
        if item.kind == Kind::Scorecard {
            return;
        }
        let thing = self.matches.of[index].map(|thing| &self.server.things[thing]);
        let mut fields = Vec::new();
        let mut values = Vec::new();
        let mut problems = Vec::new();
        if let Some(thing) = thing {
            self.identity(index, thing, &mut fields, &mut problems);
        }
        for entry in &item.values {
            let (property, name) = (entry.property, entry.property.name);
            let to = match references.resolved(item, property, &entry.value) {
                Ok(value) => value,
                Err(message) => {
                    problems.push(Problem::new(&item.place_of(name), message));
                    continue;
                }
            };
            let from = thing.and_then(|thing| thing.value(name));
            let from = from.map(Compact::to_value);
            if !is_different(thing, property, from.as_ref(), &to) {
                values.push((property, to));
                continue;
            }
            if thing.is_some() && property.update.is_none() {
                let message = format!("{name} of a {} cannot be changed", item.kind.noun());
                problems.push(Problem::new(&item.place_of(name), message));
            }
            let shown = |value: &Value| references.shown(property, value);
            fields.push(Field {
                name,
                from: from.as_ref().map(shown),
                to: Some(&to).filter(|it| !it.is_null()).map(shown),
                is_unknown: thing.is_some() && property.read.is_none() && from.is_none(),
            });
            values.push((property, to));
        }
        let is_changed = thing.is_none() || !fields.is_empty();
        if is_changed {
            problems.extend(missing(item, thing));
            self.changes.push(Change {
                action: match thing {
                    None => Action::Create,
                    Some(_) => Action::Update,
                },
                kind: item.kind,
                item: Some(index),
                thing: self.matches.of[index],
                address: address(self.declared, index),
                fields,
                values,
            });
        }
        self.problems.extend(problems);
    }

    /// Compares the name and the parent.
    fn identity(
        &self,
        index: usize,
        thing: &Actual,
        fields: &mut Vec<Field>,
        problems: &mut Vec<Problem>,
    ) {
        let item = &self.declared.items[index];
        let identity = &item.kind.definition().identity;
        if identity.wire.is_some() && thing.name != item.name {
            if !identity.can_change {
                let message = format!(
                    "the {} of a {} cannot be changed: it is {:?}",
                    identity.name,
                    item.kind.noun(),
                    thing.name
                );
                problems.push(Problem::new(&item.place, message));
            }
            fields.push(renamed(identity.name, &thing.name, &item.name));
        }
        let (Some(parent), Some(current)) = (item.parent, thing.parent) else {
            return;
        };
        if self.matches.of[parent] == Some(current) {
            return;
        }
        if item.kind == Kind::Rule {
            let from = &self.server.things[current].name;
            fields.push(renamed(
                "scorecard",
                from,
                &self.declared.items[parent].name,
            ));
        } else {
            let noun = item.kind.noun();
            let message = format!("a {noun} cannot be moved; leave out its `id` to create another");
            problems.push(Problem::new(&item.place, message));
        }
    }

    /// Looks for rules in the declared scorecards that are not declared.
    fn undeclared(&mut self, prune: bool) {
        let matches = &self.matches;
        let scorecards: HashSet<usize> = self
            .declared
            .items
            .iter()
            .enumerate()
            .filter(|(_, it)| it.kind == Kind::Scorecard)
            .flat_map(|(index, _)| [matches.of[index], matches.former[index]])
            .flatten()
            .collect();
        let mut kept = 0;
        for (index, thing) in self.server.things.iter().enumerate() {
            let is_named = thing.parent.is_some_and(|it| scorecards.contains(&it));
            // The vendor's own rules are never deleted.
            let is_rule = thing.kind == Kind::Rule && thing.is_custom;
            if !is_rule || !is_named || matches.is_taken[index] {
                continue;
            }
            if !prune {
                kept += 1;
                continue;
            }
            self.changes.push(Change {
                action: Action::Delete,
                kind: Kind::Rule,
                item: None,
                thing: Some(index),
                address: self.server.address(index),
                fields: Vec::new(),
                values: Vec::new(),
            });
        }
        if kept > 0 {
            self.notes.push(format!(
                "{} in these scorecards {} not in the files; --prune deletes {}",
                match kept {
                    1 => "1 rule".to_owned(),
                    kept => format!("{kept} rules"),
                },
                if kept == 1 { "is" } else { "are" },
                if kept == 1 { "it" } else { "them" },
            ));
        }
    }

    /// Returns the plan as JSON.
    pub(super) fn to_json(&self) -> Value {
        let changes = self.changes.iter().map(|it| self.change_to_json(it));
        json!({
            "changes": changes.collect::<Vec<_>>(),
            "summary": self.summary(),
            "notes": self.notes,
        })
    }

    pub(super) fn summary(&self) -> Value {
        json!({
            "add": self.count(Action::Create),
            "change": self.count(Action::Update),
            "delete": self.count(Action::Delete),
        })
    }

    pub(super) fn change_to_json(&self, change: &Change) -> Value {
        let place = change.item.map(|it| &self.declared.items[it].place);
        let fields = change.fields.iter().map(|field| {
            json!({
                "name": field.name,
                "from": field.from,
                "to": field.to,
                "is_unreported": field.is_unknown,
            })
        });
        json!({
            "action": change.action.name(),
            "kind": change.kind.noun(),
            "name": change.address,
            "id": change.thing.map(|it| &self.server.things[it].id),
            "place": place.map(ToString::to_string),
            "fields": fields.collect::<Vec<_>>(),
        })
    }
}

fn renamed(name: &'static str, from: &str, to: &str) -> Field {
    Field {
        name,
        from: Some(from.into()),
        to: Some(to.into()),
        is_unknown: false,
    }
}

/// Returns true if a property of a thing is not what a file declares.
fn is_different(
    thing: Option<&Actual>,
    property: &Property,
    from: Option<&Value>,
    to: &Value,
) -> bool {
    match (thing, from) {
        (None, _) => !to.is_null(),
        (Some(_), None) => property.read.is_none() || !is_empty(to),
        (Some(_), Some(from)) => from != to,
    }
}

/// Returns true if the server may leave out a value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// Returns a problem for each property that a request needs and that is not known.
fn missing(item: &Item, thing: Option<&Actual>) -> Vec<Problem> {
    let definition = item.kind.definition();
    let properties = definition.properties.iter();
    let required = properties.filter(|it| it.is_required && item.value(it.name).is_none());
    let missing = required.filter_map(|property| {
        let (noun, name) = (item.kind.noun(), property.name);
        let message = match thing {
            None => format!("a new {noun} needs {name}"),
            Some(thing) if definition.is_replaced && thing.value(name).is_none() => format!(
                "cannot change this {noun}: the API needs its {name}, and does not report it; \
                 add {name}"
            ),
            Some(_) => return None,
        };
        Some(Problem::new(&item.place, message))
    });
    missing.collect()
}

/// Returns the name of a declared thing with those of its parents.
pub(super) fn address(declared: &Declared, index: usize) -> String {
    let item = &declared.items[index];
    let name = match item.name.as_str() {
        "" => item.id.as_deref().unwrap_or("without a name"),
        name => name,
    };
    match item.parent {
        Some(parent) => format!("{}/{name}", address(declared, parent)),
        None => name.to_owned(),
    }
}

impl Server {
    /// Returns the name of a thing with those of its parents.
    pub(super) fn address(&self, index: usize) -> String {
        let thing = &self.things[index];
        let name = match thing.name.as_str() {
            "" => &thing.id,
            name => name,
        };
        match thing.parent {
            Some(parent) => format!("{}/{name}", self.address(parent)),
            None => name.to_owned(),
        }
    }
}

/// Returns the fields of a change by leaf: the path, the value before and the value after.
pub(super) fn leaves(field: &Field) -> Vec<(String, Option<Value>, Option<Value>)> {
    let mut before = values::leaves(field.name, field.from.as_ref());
    let after = values::leaves(field.name, field.to.as_ref());
    let mut leaves = Vec::new();
    for (path, to) in after {
        let from = before.remove(&path);
        if from.as_ref() != Some(&to) {
            leaves.push((path, from, Some(to)));
        }
    }
    leaves.extend(
        before
            .into_iter()
            .map(|(path, from)| (path, Some(from), None)),
    );
    leaves
}
