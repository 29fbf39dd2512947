//! The state in memory.

use std::collections::BTreeMap;

use indexmap::IndexMap;

#[cfg(feature = "database")]
use super::journal::Journal;
use super::kind::{IdStyle, Kind};
use super::record::Record;
use crate::clock::Clock;
use crate::random::split_mix;

/// All records of a sandbox.
#[derive(Default)]
pub(crate) struct State {
    /// The clock of the sandbox.
    pub(crate) clock: Clock,
    pub(super) records: BTreeMap<Kind, IndexMap<String, Record>>,
    /// The number of identifiers that each kind has used.
    pub(super) used_ids: BTreeMap<Kind, u64>,
    /// The identifier that the next record of a kind gets instead of a generated one.
    chosen: Option<(Kind, String)>,
    /// The changes since the last write to the file, if there is a file.
    #[cfg(feature = "database")]
    pub(super) journal: Option<Journal>,
}

impl State {
    /// Creates a state without records.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// Returns the records of a kind, in the order of their creation.
    pub(crate) fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Record> {
        self.records
            .get(&kind)
            .into_iter()
            .flat_map(IndexMap::values)
    }

    /// Returns a record by its identifier.
    pub(crate) fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.records.get(&kind)?.get(id)
    }

    /// Returns true if a record of any kind has an identifier.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.records
            .values()
            .any(|records| records.contains_key(id))
    }

    /// Returns the first record of a kind that satisfies a condition.
    pub(crate) fn find(&self, kind: Kind, condition: impl Fn(&Record) -> bool) -> Option<&Record> {
        self.all(kind).find(|record| condition(record))
    }

    /// Returns a record by its identifier, for changes.
    pub(crate) fn get_mut(&mut self, kind: Kind, id: &str) -> Option<&mut Record> {
        self.touch(kind, id);
        self.records.get_mut(&kind)?.get_mut(id)
    }

    /// Stores a record under a new identifier, and returns it with that identifier.
    pub(crate) fn insert(&mut self, kind: Kind, mut record: Record) -> Record {
        record.id = match self.chosen.take_if(|(chosen, _)| *chosen == kind) {
            Some((_, id)) => id,
            None => self.next_id(kind),
        };
        self.touch(kind, &record.id);
        self.records
            .entry(kind)
            .or_default()
            .insert(record.id.clone(), record.clone());
        record
    }

    /// Sets the identifier of the next record of a kind; `None` undoes that.
    pub(crate) fn choose_id(&mut self, chosen: Option<(Kind, String)>) {
        self.chosen = chosen;
    }

    /// Removes a record. Returns true if it existed.
    pub(crate) fn remove(&mut self, kind: Kind, id: &str) -> bool {
        self.touch(kind, id);
        self.records
            .get_mut(&kind)
            .is_some_and(|records| records.shift_remove(id).is_some())
    }

    /// Keeps only the records of a kind that satisfy a condition.
    pub(crate) fn retain(&mut self, kind: Kind, keep: impl Fn(&Record) -> bool) {
        let gone = self.all(kind).filter(|record| !keep(record));
        let gone: Vec<_> = gone.map(|record| record.id.clone()).collect();
        for id in &gone {
            self.touch(kind, id);
        }
        if let Some(records) = self.records.get_mut(&kind) {
            records.retain(|id, _| !gone.contains(id));
        }
    }

    /// Notes that a record may have changed.
    fn touch(&mut self, kind: Kind, id: &str) {
        #[cfg(feature = "database")]
        if let Some(journal) = &mut self.journal {
            journal.touch(kind, id);
        }
        #[cfg(not(feature = "database"))]
        let _ = (kind, id);
    }

    /// Returns the next identifier of a kind. It looks random and depends only on how many there
    /// were before, so that responses repeat in every run.
    pub(crate) fn next_id(&mut self, kind: Kind) -> String {
        let count = self.used_ids.entry(kind).or_default();
        *count += 1;
        #[cfg(feature = "database")]
        if let Some(journal) = &mut self.journal {
            journal.count(kind);
        }
        let mut seed = kind
            .name()
            .bytes()
            .fold(*count, |seed, byte| split_mix(seed ^ u64::from(byte)));
        let mut bytes = [0; 16];
        for byte in &mut bytes {
            seed = split_mix(seed);
            *byte = seed.to_le_bytes()[0];
        }
        match kind.id_style() {
            IdStyle::Short => bytes.iter().map(|byte| letter(*byte)).collect(),
            IdStyle::Uuid => uuid::Builder::from_random_bytes(bytes)
                .into_uuid()
                .to_string(),
        }
    }
}

/// Maps a byte to a letter or a digit.
fn letter(byte: u8) -> char {
    match byte % 62 {
        digit @ 0..10 => char::from(b'0' + digit),
        upper @ 10..36 => char::from(b'A' + upper - 10),
        lower => char::from(b'a' + lower - 36),
    }
}
