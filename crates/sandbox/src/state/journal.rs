//! What changed in a sandbox's memory, and how it is written down and read again.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Kind, Record, State};
use crate::clock::Clock;

/// What was written down: a text by its key, or nothing for a key that is gone.
pub(crate) type Changes = BTreeMap<String, Option<String>>;

/// Which form the entries have.
const FORM: (&str, &str) = ("form", "1");

/// What changed since it was last written down.
#[derive(Default)]
pub(super) struct Journal {
    records: BTreeSet<(Kind, String)>,
    counters: BTreeSet<Kind>,
    /// The place of each record in the order of creation, which the keys do not keep.
    places: BTreeMap<(Kind, String), u64>,
    next_place: u64,
}

impl Journal {
    pub(super) fn touch(&mut self, kind: Kind, id: &str) {
        self.records.insert((kind, id.to_owned()));
    }

    pub(super) fn given_out(&mut self, kind: Kind) {
        self.counters.insert(kind);
    }

    /// The place of a record, which is the next one if it is new.
    fn place(&mut self, key: &(Kind, String)) -> u64 {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.next_place;
        self.next_place += 1;
        self.places.insert(key.clone(), place);
        place
    }
}

impl State {
    /// Begins to note what changes. All that there is counts as changed.
    pub(crate) fn keep_journal(&mut self) {
        let mut journal = Journal::default();
        for (kind, records) in &self.records {
            for id in records.keys() {
                journal.touch(*kind, id);
                journal.place(&(*kind, id.clone()));
            }
        }
        journal.counters.extend(self.given_out.keys());
        self.journal = Some(journal);
    }

    /// What changed since this was last asked for; empty if nothing did.
    pub(crate) fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::new();
        let Some(mut journal) = self.journal.take() else {
            return changes;
        };
        let mut touched: Vec<_> = std::mem::take(&mut journal.records).into_iter().collect();
        // New ones in the order of their creation, which decides on their places.
        touched.sort_by_key(|(kind, id)| {
            let records = self.records.get(kind);
            records.and_then(|records| records.get_index_of(id))
        });
        for key in touched {
            let (kind, id) = &key;
            let text = match self.get(*kind, id) {
                Some(record) => Some(written(record, journal.place(&key))),
                None => {
                    journal.places.remove(&key);
                    None
                }
            };
            changes.insert(format!("record/{}/{id}", kind.stored_name()), text);
        }
        for kind in std::mem::take(&mut journal.counters) {
            let count = self.given_out.get(&kind).copied().unwrap_or_default();
            let key = format!("given_out/{}", kind.stored_name());
            changes.insert(key, Some(count.to_string()));
        }
        if !changes.is_empty() {
            changes.insert(FORM.0.to_owned(), Some(FORM.1.to_owned()));
        }
        self.journal = Some(journal);
        changes
    }

    /// The memory that was written down, with a journal of what changes from here on.
    pub(crate) fn read(
        clock: Clock,
        entries: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, String> {
        let mut state = Self::new(clock);
        let mut records = Vec::new();
        let mut is_known = false;
        for (key, text) in entries {
            let unreadable = || format!("its entry `{key}` cannot be read");
            match *key.splitn(3, '/').collect::<Vec<_>>() {
                ["form"] if text == FORM.1 => is_known = true,
                ["form"] => {}
                ["given_out", kind] => {
                    let kind = Kind::stored_as(kind).ok_or_else(unreadable)?;
                    let count = text.parse().map_err(|_| unreadable())?;
                    state.given_out.insert(kind, count);
                }
                ["record", kind, id] => {
                    let kind = Kind::stored_as(kind).ok_or_else(unreadable)?;
                    let (place, record) = read_record(id, &text).ok_or_else(unreadable)?;
                    records.push((place, kind, record));
                }
                _ => return Err(unreadable()),
            }
        }
        if !is_known {
            return Err("it was written by another version of the sandbox".to_owned());
        }
        records.sort_by_key(|(place, ..)| *place);
        let mut journal = Journal::default();
        for (place, kind, record) in records {
            journal.places.insert((kind, record.id.clone()), place);
            journal.next_place = place + 1;
            let of_kind: &mut IndexMap<_, _> = state.records.entry(kind).or_default();
            of_kind.insert(record.id.clone(), record);
        }
        state.journal = Some(journal);
        Ok(state)
    }
}

fn written(record: &Record, place: u64) -> String {
    json!({ "place": place, "attributes": record.attributes, "links": record.links }).to_string()
}

fn read_record(id: &str, text: &str) -> Option<(u64, Record)> {
    let mut members: Value = serde_json::from_str(text).ok()?;
    let place = members.get("place")?.as_u64()?;
    let attributes = match members.get_mut("attributes")?.take() {
        Value::Object(attributes) => attributes,
        _ => return None,
    };
    let links = members
        .get("links")?
        .as_object()?
        .iter()
        .map(|(name, ids)| {
            let ids = ids
                .as_array()?
                .iter()
                .map(|id| Some(id.as_str()?.to_owned()));
            Some((name.clone(), ids.collect::<Option<_>>()?))
        });
    let links = links.collect::<Option<_>>()?;
    let record = Record {
        id: id.to_owned(),
        attributes,
        links,
    };
    Some((place, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(stored: &mut BTreeMap<String, String>, changes: Changes) {
        for (key, text) in changes {
            match text {
                Some(text) => drop(stored.insert(key, text)),
                None => drop(stored.remove(&key)),
            }
        }
    }

    fn named(name: &str) -> Record {
        let mut record = Record::default();
        record.set("name", name);
        record.set_link("other", name);
        record
    }

    fn contents(state: &State) -> Vec<String> {
        let all = state.all(Kind::Rule);
        all.map(|record| {
            format!(
                "{} {} {}",
                record.id,
                record.text("name"),
                record.link("other")
            )
        })
        .collect()
    }

    #[test]
    fn what_is_written_down_is_read_in_its_order() {
        let mut state = State::new(Clock::system());
        let first = state.insert(Kind::Rule, named("first"));
        state.keep_journal();
        let mut stored = BTreeMap::new();
        for step in 0..6 {
            for name in 0..5 {
                state.insert(Kind::Rule, named(&format!("{step}-{name}")));
            }
            if let Some(record) = state.get_mut(Kind::Rule, &first.id) {
                record.set("name", format!("changed {step}"));
            }
            state.retain(Kind::Rule, |record| {
                record.text("name") != format!("{step}-2")
            });
            keep(&mut stored, state.take_changes());
            assert!(state.take_changes().is_empty());
            let again = State::read(Clock::system(), stored.clone()).expect("it can be read");
            assert_eq!(contents(&again), contents(&state));
            // Reading it again and again changes nothing, and identifiers go on.
            state = again;
        }
        assert_eq!(state.all(Kind::Rule).count(), 1 + 6 * 4);
        let ids: BTreeSet<_> = state.all(Kind::Rule).map(|record| &record.id).collect();
        assert_eq!(ids.len(), 25);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (key, text) in [
            ("record/unheard-of/1", "{}"),
            ("record/rule/1", "{}"),
            ("given_out/rule", "x"),
            ("else", ""),
        ] {
            let entries = [("form", "1"), (key, text)];
            let entries = entries.map(|(key, text)| (key.to_owned(), text.to_owned()));
            let error = State::read(Clock::system(), entries).err();
            let error = error.expect("it cannot be read");
            assert!(error.contains(key), "{error}");
        }
        let other = [("form".to_owned(), "2".to_owned())];
        let error = State::read(Clock::system(), other).err();
        assert!(error.expect("another form").contains("another version"));
    }
}
