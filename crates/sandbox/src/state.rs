//! What a sandbox remembers: records by kind, the identifiers it gives out, and its clock.

#[cfg(feature = "database")]
mod journal;
mod kind;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::clock::Clock;

#[cfg(feature = "database")]
pub(crate) use journal::Changes;
use kind::IdStyle;
pub(crate) use kind::Kind;

/// One thing that was created.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its identifier.
    pub(crate) id: String,
    /// What is answered about it.
    pub(crate) attributes: Map<String, Value>,
    /// What it refers to: a name of the relation and the identifiers at its other end.
    pub(crate) links: BTreeMap<String, Vec<String>>,
}

impl Record {
    /// An attribute of type text; empty when there is none.
    pub(crate) fn text(&self, attribute: &str) -> &str {
        self.attributes
            .get(attribute)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The identifier at the other end of a relation; empty when there is none.
    pub(crate) fn link(&self, relation: &str) -> &str {
        self.links
            .get(relation)
            .and_then(|ids| ids.first())
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Sets a relation to one identifier.
    pub(crate) fn set_link(&mut self, relation: &str, id: impl Into<String>) {
        self.links.insert(relation.to_owned(), vec![id.into()]);
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, attribute: &str, value: impl Into<Value>) {
        self.attributes.insert(attribute.to_owned(), value.into());
    }
}

/// Everything that a sandbox remembers.
#[derive(Default)]
pub(crate) struct State {
    /// The clock.
    pub(crate) clock: Clock,
    records: BTreeMap<Kind, IndexMap<String, Record>>,
    given_out: BTreeMap<Kind, u64>,
    /// The identifier that the next record of a kind gets instead of one that looks random.
    chosen: Option<(Kind, String)>,
    /// What changed since it was last written down, if it is written down.
    #[cfg(feature = "database")]
    journal: Option<journal::Journal>,
}

impl State {
    /// An empty memory.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// The records of a kind, in the order of their creation.
    pub(crate) fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Record> {
        self.records
            .get(&kind)
            .into_iter()
            .flat_map(IndexMap::values)
    }

    /// A record by its identifier.
    pub(crate) fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.records.get(&kind)?.get(id)
    }

    /// The first record of a kind that satisfies a condition.
    pub(crate) fn find(&self, kind: Kind, condition: impl Fn(&Record) -> bool) -> Option<&Record> {
        self.all(kind).find(|record| condition(record))
    }

    /// A record by its identifier, to be changed.
    pub(crate) fn get_mut(&mut self, kind: Kind, id: &str) -> Option<&mut Record> {
        self.touch(kind, id);
        self.records.get_mut(&kind)?.get_mut(id)
    }

    /// Stores a record under an identifier of its own, which is written into it.
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

    /// Gives the next record of a kind this identifier, or takes that back.
    pub(crate) fn choose_id(&mut self, chosen: Option<(Kind, String)>) {
        self.chosen = chosen;
    }

    /// Forgets a record; tells whether there was one.
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

    /// Notes that a record may have changed or gone.
    fn touch(&mut self, kind: Kind, id: &str) {
        #[cfg(feature = "database")]
        if let Some(journal) = &mut self.journal {
            journal.touch(kind, id);
        }
        #[cfg(not(feature = "database"))]
        let _ = (kind, id);
    }

    /// The next identifier of a kind. It looks random and depends only on how many were given out before,
    /// so that a demo or a stored answer is the same every time.
    pub(crate) fn next_id(&mut self, kind: Kind) -> String {
        let count = self.given_out.entry(kind).or_default();
        *count += 1;
        #[cfg(feature = "database")]
        if let Some(journal) = &mut self.journal {
            journal.given_out(kind);
        }
        let mut seed = kind
            .name()
            .bytes()
            .fold(*count, |seed, byte| scramble(seed ^ u64::from(byte)));
        let mut bytes = [0; 16];
        for byte in &mut bytes {
            seed = scramble(seed);
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

/// One step of the SplitMix64 generator.
pub(crate) fn scramble(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A letter or digit for a byte.
fn letter(byte: u8) -> char {
    match byte % 62 {
        digit @ 0..10 => char::from(b'0' + digit),
        upper @ 10..36 => char::from(b'A' + upper - 10),
        lower => char::from(b'a' + lower - 36),
    }
}
