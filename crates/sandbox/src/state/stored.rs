//! The state as entries of the file.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::journal::{Changes, Journal};
use super::kind::Kind;
use super::memory::State;
use super::record::Record;
use crate::clock::Clock;

/// The entry that holds the version of the entries' format.
const FORM: (&str, &str) = ("form", "2");

impl State {
    /// Starts a journal. All records count as changed.
    pub(crate) fn start_journal(&mut self) {
        let mut journal = Journal::default();
        for (kind, records) in &self.records {
            for id in records.keys() {
                journal.touch(*kind, id);
                journal.position(&(*kind, id.clone()));
            }
        }
        journal.counters.extend(self.used_ids.keys());
        self.journal = Some(journal);
    }

    /// Returns the changes since the last call; empty if nothing changed.
    pub(crate) fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::new();
        let Some(mut journal) = self.journal.take() else {
            return changes;
        };
        let mut touched: Vec<_> = std::mem::take(&mut journal.records).into_iter().collect();
        // The positions of new records follow the order of creation.
        touched.sort_by_key(|(kind, id)| {
            let records = self.records.get(kind);
            records.and_then(|records| records.get_index_of(id))
        });
        for key in touched {
            let (kind, id) = &key;
            let text = match self.get(*kind, id) {
                Some(record) => Some(record_text(record, journal.position(&key))),
                None => {
                    journal.positions.remove(&key);
                    None
                }
            };
            changes.insert(format!("record/{}/{id}", kind.stored_name()), text);
        }
        for kind in std::mem::take(&mut journal.counters) {
            let count = self.used_ids.get(&kind).copied().unwrap_or_default();
            let key = format!("given_out/{}", kind.stored_name());
            changes.insert(key, Some(count.to_string()));
        }
        if !changes.is_empty() {
            changes.insert(FORM.0.to_owned(), Some(FORM.1.to_owned()));
        }
        self.journal = Some(journal);
        changes
    }

    /// Reads the state from the entries of a file, and starts a journal.
    ///
    /// # Errors
    ///
    /// Returns an error if an entry cannot be read, or another version of the sandbox wrote the
    /// file.
    pub(crate) fn read(
        clock: Clock,
        entries: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, String> {
        let mut state = Self::new(clock);
        let mut records = Vec::new();
        let mut is_known = false;
        for (key, text) in entries {
            let unreadable = || format!("cannot read its entry `{key}`");
            match *key.splitn(3, '/').collect::<Vec<_>>() {
                ["form"] if text == FORM.1 => is_known = true,
                ["form"] => {}
                ["given_out", kind] => {
                    let kind = Kind::stored_as(kind).ok_or_else(unreadable)?;
                    let count = text.parse().map_err(|_| unreadable())?;
                    state.used_ids.insert(kind, count);
                }
                ["record", kind, id] => {
                    let kind = Kind::stored_as(kind).ok_or_else(unreadable)?;
                    let (position, record) = read_record(id, &text).ok_or_else(unreadable)?;
                    records.push((position, kind, record));
                }
                _ => return Err(unreadable()),
            }
        }
        if !is_known {
            return Err("another version of the sandbox wrote it".to_owned());
        }
        records.sort_by_key(|(position, ..)| *position);
        let mut journal = Journal::default();
        for (position, kind, record) in records {
            journal
                .positions
                .insert((kind, record.id.clone()), position);
            journal.next_position = position + 1;
            let of_kind: &mut IndexMap<_, _> = state.records.entry(kind).or_default();
            of_kind.insert(record.id.clone(), record);
        }
        state.journal = Some(journal);
        Ok(state)
    }
}

/// Writes a record as an entry of the file.
fn record_text(record: &Record, position: u64) -> String {
    json!({ "place": position, "attributes": record.attributes, "links": record.links }).to_string()
}

/// Reads a record and its position from an entry of the file.
fn read_record(id: &str, text: &str) -> Option<(u64, Record)> {
    let mut properties: Value = serde_json::from_str(text).ok()?;
    let position = properties.get("place")?.as_u64()?;
    let attributes = match properties.get_mut("attributes")?.take() {
        Value::Object(attributes) => attributes,
        _ => return None,
    };
    let links = properties
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
    Some((position, record))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn apply(stored: &mut BTreeMap<String, String>, changes: Changes) {
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
                record.str("name"),
                record.link("other")
            )
        })
        .collect()
    }

    #[test]
    fn stored_records_are_read_in_order_of_creation() {
        let mut state = State::new(Clock::system());
        let first = state.insert(Kind::Rule, named("first"));
        state.start_journal();
        let mut stored = BTreeMap::new();
        for step in 0..6 {
            for name in 0..5 {
                state.insert(Kind::Rule, named(&format!("{step}-{name}")));
            }
            if let Some(record) = state.get_mut(Kind::Rule, &first.id) {
                record.set("name", format!("changed {step}"));
            }
            state.retain(Kind::Rule, |record| {
                record.str("name") != format!("{step}-2")
            });
            apply(&mut stored, state.take_changes());
            assert!(state.take_changes().is_empty());
            let again =
                State::read(Clock::system(), stored.clone()).expect("the entries can be read");
            assert_eq!(contents(&again), contents(&state));
            // Later steps continue from the state that was read.
            state = again;
        }
        assert_eq!(state.all(Kind::Rule).count(), 1 + 6 * 4);
        let ids: BTreeSet<_> = state.all(Kind::Rule).map(|record| &record.id).collect();
        assert_eq!(ids.len(), 25);
    }

    #[test]
    fn unreadable_entries_are_named() {
        for (key, text) in [
            ("record/unheard-of/1", "{}"),
            ("record/rule/1", "{}"),
            ("given_out/rule", "x"),
            ("else", ""),
        ] {
            let entries = [("form", "2"), (key, text)];
            let entries = entries.map(|(key, text)| (key.to_owned(), text.to_owned()));
            let error = State::read(Clock::system(), entries).err();
            let error = error.expect("the entries cannot be read");
            assert!(error.contains(key), "{error}");
        }
        let other = [("form".to_owned(), "1".to_owned())];
        let error = State::read(Clock::system(), other).err();
        assert!(error.expect("another form").contains("another version"));
    }
}
