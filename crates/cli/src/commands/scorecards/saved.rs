//! Saved plans: what files declared, and the things of the server that the plan was made from.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::files::{Declared, Entry, Item, Place};
use super::kinds::Kind;
use super::plan::{Plan, address};
use super::table::DEFINITIONS;
use crate::exit::Failure;
use crate::yaml::Position;

/// The property that marks a saved plan, with the version of its format.
const MARK: &str = "scorekit_plan";
const VERSION: u64 = 1;

/// The number of differences that an error names.
const SHOWN: usize = 3;

/// A saved plan.
pub(super) struct Saved {
    pub(super) declared: Declared,
    pub(super) prune: bool,
    url: String,
    observed: BTreeMap<String, String>,
}

/// Returns the text of a saved plan. It holds no credentials.
pub(super) fn write(plan: &Plan<'_>, prune: bool, url: &str) -> String {
    let document = json!({
        MARK: VERSION,
        "server": url,
        "prune": prune,
        "plan": plan.to_json(),
        "declared": plan.declared.items.iter().map(item_to_json).collect::<Vec<_>>(),
        "observed": observed(plan),
    });
    crate::output::json_pretty(&document) + "\n"
}

/// Returns the document of a saved plan; `None` if the text is something else.
fn document(text: &str) -> Option<Value> {
    // A file of a megabyte is not read twice in vain.
    let may_be_plan = text.trim_start().starts_with('{') && text.contains(MARK);
    let document: Value = serde_json::from_str(may_be_plan.then_some(text)?).ok()?;
    document.get(MARK).is_some().then_some(document)
}

/// Returns true if a text is a saved plan.
pub(super) fn is_plan(text: &str) -> bool {
    document(text).is_some()
}

/// Reads a saved plan; `None` if the text is something else.
pub(super) fn read(path: &str, text: &str) -> Result<Option<Saved>, Failure> {
    let Some(document) = document(text) else {
        return Ok(None);
    };
    let damaged = || {
        let message = format!("cannot read the plan {path}: it is not what `--out` wrote");
        Failure::usage(message).with_help("make a new plan")
    };
    if document[MARK] != VERSION {
        return Err(damaged());
    }
    let items = document["declared"].as_array().ok_or_else(damaged)?;
    let items = items.iter().enumerate();
    let items = items.map(|(index, item)| item_of_json(item).filter(|it| it.parent < Some(index)));
    let items: Option<Vec<Item>> = items.collect();
    let observed = serde_json::from_value(document["observed"].clone());
    Ok(Some(Saved {
        declared: Declared {
            items: items.ok_or_else(damaged)?,
            ..Declared::default()
        },
        prune: document["prune"] == true,
        url: document["server"].as_str().unwrap_or_default().to_owned(),
        observed: observed.map_err(|_| damaged())?,
    }))
}

impl Saved {
    /// Returns an error unless the server is what the plan was made from.
    pub(super) fn check(&self, plan: &Plan<'_>, url: &str) -> Result<(), Failure> {
        if self.url != url {
            let message = format!(
                "cannot apply the plan: it is for {}, not for {url}",
                self.url
            );
            return Err(Failure::usage(message).with_help("use the same site and profile"));
        }
        let now = observed(plan);
        let mut differences = Vec::new();
        for (name, hash) in &self.observed {
            match now.get(name) {
                None => differences.push(format!("{name} is gone")),
                Some(other) if other != hash => differences.push(format!("{name} was changed")),
                Some(_) => {}
            }
        }
        let new = now.keys().filter(|it| !self.observed.contains_key(*it));
        differences.extend(new.map(|name| format!("{name} is new")));
        if differences.is_empty() {
            return Ok(());
        }
        let count = differences.len();
        differences.truncate(SHOWN);
        let mut names = differences.join(", ");
        if count > SHOWN {
            names.push_str(&format!(", and {} more", count - SHOWN));
        }
        let message = format!("cannot apply the plan: the server has changed since: {names}");
        Err(Failure::failed(message).with_help("make a new plan"))
    }
}

/// Returns the things of the server that a plan depends on, with their hashes.
pub(super) fn observed(plan: &Plan<'_>) -> BTreeMap<String, String> {
    let mut observed = BTreeMap::new();
    let scorecards = plan.declared.items.iter().enumerate();
    let scorecards = scorecards.filter(|(_, item)| item.kind == Kind::Scorecard);
    let named = scorecards.flat_map(|(index, _)| {
        let matches = &plan.matches;
        [matches.of[index], matches.former[index]]
    });
    let named: HashSet<usize> = named.flatten().collect();
    for (index, thing) in plan.server.things.iter().enumerate() {
        let is_named = thing.parent.is_some_and(|it| named.contains(&it));
        if plan.matches.is_taken[index] || (thing.kind == Kind::Rule && is_named) {
            let address = plan.server.address(index);
            let name = format!("{} {address} ({})", thing.kind.noun(), thing.id);
            observed.insert(name, thing.fingerprint.to_string());
        }
    }
    observed
}

fn item_to_json(item: &Item) -> Value {
    let Position { line, column } = item.place.position;
    let values = item.values.iter().map(|entry| {
        let Position { line, column } = entry.position;
        json!([entry.property.name, entry.value.to_value(), line, column])
    });
    json!({
        "kind": item.kind.definition().list,
        "parent": item.parent,
        "name": item.name,
        "was": item.was,
        "id": item.id,
        "place": [item.place.file.as_ref(), line, column],
        "values": values.collect::<Vec<_>>(),
    })
}

fn item_of_json(value: &Value) -> Option<Item> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let position = |line: &Value, column: &Value| {
        let number = |value: &Value| u32::try_from(value.as_u64()?).ok();
        Some(Position {
            line: number(line)?,
            column: number(column)?,
        })
    };
    let list = value["kind"].as_str()?;
    let definition = DEFINITIONS.iter().find(|it| it.list == list)?;
    let place = &value["place"];
    let values = value["values"].as_array()?.iter().map(|entry| {
        Some(Entry {
            property: definition.property(entry[0].as_str()?)?,
            value: entry[1].clone().into(),
            position: position(&entry[2], &entry[3])?,
        })
    });
    let parent = &value["parent"];
    Some(Item {
        kind: definition.kind,
        parent: match parent {
            Value::Null => None,
            parent => Some(usize::try_from(parent.as_u64()?).ok()?),
        },
        name: text("name")?,
        was: text("was"),
        id: text("id"),
        place: Place {
            file: Arc::from(place[0].as_str()?),
            position: position(&place[1], &place[2])?,
        },
        values: values.collect::<Option<Vec<_>>>()?,
    })
}

/// Returns the name of a change that stays the same when a plan is computed again.
pub(super) fn key(plan: &Plan<'_>, change: &super::plan::Change) -> String {
    let place = match change.item {
        // Two things without a name have different numbers.
        Some(index) => format!("{index} {}", address(plan.declared, index)),
        None => change.address.clone(),
    };
    format!("{} {place}", change.kind.noun())
}
