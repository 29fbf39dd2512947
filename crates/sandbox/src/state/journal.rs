//! The journal: the records that changed since the last write to the file.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;

/// The changed entries of the file: a string by its key, or `None` for a key that was removed.
pub(crate) type Changes = BTreeMap<String, Option<String>>;

/// The changes since the last write.
#[derive(Default)]
pub(super) struct Journal {
    pub(super) records: BTreeSet<(Kind, String)>,
    pub(super) counters: BTreeSet<Kind>,
    /// The position of each record in the order of creation, which keys do not preserve.
    pub(super) positions: BTreeMap<(Kind, String), u64>,
    pub(super) next_position: u64,
}

impl Journal {
    /// Notes that a record may have changed.
    pub(super) fn touch(&mut self, kind: Kind, id: &str) {
        self.records.insert((kind, id.to_owned()));
    }

    /// Notes that an identifier of a kind was used.
    pub(super) fn count(&mut self, kind: Kind) {
        self.counters.insert(kind);
    }

    /// Returns the position of a record, which is the next one if the record is new.
    pub(super) fn position(&mut self, key: &(Kind, String)) -> u64 {
        if let Some(position) = self.positions.get(key) {
            return *position;
        }
        let position = self.next_position;
        self.next_position += 1;
        self.positions.insert(key.clone(), position);
        position
    }
}
