//! The contents of a state, to save, restore and compare.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::kind::Kind;
use super::memory::State;
use super::record::Record;

/// All records of a state at one time, and the numbers that identifiers depend on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    records: BTreeMap<Kind, IndexMap<String, Record>>,
    used_ids: BTreeMap<Kind, u64>,
}

/// The differences between two contents.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) created: Vec<(Kind, String)>,
    /// The changed records, with the JSON pointers of their differing values.
    pub(crate) changed: Vec<(Kind, String, Vec<String>)>,
    pub(crate) deleted: Vec<(Kind, String)>,
}

impl Contents {
    /// Returns the number of records.
    pub(crate) fn len(&self) -> usize {
        self.records.values().map(IndexMap::len).sum()
    }

    /// Returns the differences that lead to later contents.
    pub(crate) fn differences(&self, later: &Self) -> Differences {
        let mut differences = Differences::default();
        for (kind, id, record) in later.all() {
            match self.get(kind, id) {
                None => differences.created.push((kind, id.to_owned())),
                Some(before) => {
                    let properties = changed_properties(before, record);
                    if !properties.is_empty() {
                        differences.changed.push((kind, id.to_owned(), properties));
                    }
                }
            }
        }
        let deleted = self
            .all()
            .filter(|(kind, id, _)| later.get(*kind, id).is_none());
        differences.deleted = deleted.map(|(kind, id, _)| (kind, id.to_owned())).collect();
        differences
    }

    fn all(&self) -> impl Iterator<Item = (Kind, &str, &Record)> {
        self.records.iter().flat_map(|(kind, records)| {
            let records = records.iter();
            records.map(|(id, record)| (*kind, id.as_str(), record))
        })
    }

    fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.records.get(&kind)?.get(id)
    }
}

impl State {
    /// Returns a copy of the contents.
    pub(crate) fn contents(&self) -> Contents {
        Contents {
            records: self.records.clone(),
            used_ids: self.used_ids.clone(),
        }
    }

    /// Replaces the contents. With a file, all records count as changed.
    pub(crate) fn replace(&mut self, contents: Contents) {
        #[cfg(feature = "database")]
        if let Some(journal) = &mut self.journal {
            let before = self.records.iter();
            for (kind, records) in before.chain(&contents.records) {
                for id in records.keys() {
                    journal.touch(*kind, id);
                }
            }
            let counters = self.used_ids.keys().chain(contents.used_ids.keys());
            journal.counters.extend(counters);
            // The order of creation is that of the new contents.
            journal.positions.clear();
        }
        self.records = contents.records;
        self.used_ids = contents.used_ids;
    }

    /// Returns the number of records of all kinds.
    pub(crate) fn len(&self) -> usize {
        self.records.values().map(IndexMap::len).sum()
    }
}

/// Returns the JSON pointers of the values that differ: attributes and relations.
fn changed_properties(before: &Record, after: &Record) -> Vec<String> {
    let mut properties = Vec::new();
    let unset = Value::Null;
    for name in names(&before.attributes, &after.attributes) {
        let value = |record: &Record| record.attributes.get(name).cloned();
        if value(before).as_ref().unwrap_or(&unset) != value(after).as_ref().unwrap_or(&unset) {
            properties.push(format!("/attributes/{}", escaped(name)));
        }
    }
    let known = after.links.keys();
    let links = before
        .links
        .keys()
        .chain(known.filter(|name| !before.links.contains_key(*name)));
    for name in links {
        if before.links.get(name) != after.links.get(name) {
            properties.push(format!("/relations/{}", escaped(name)));
        }
    }
    properties.sort_unstable();
    properties
}

/// Returns the names of two objects, each once.
fn names<'a>(
    first: &'a Map<String, Value>,
    second: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    let others = second.keys().filter(|name| !first.contains_key(*name));
    first.keys().chain(others)
}

/// Escapes a name for a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
