//! The things of the server, as its lists have them.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

use super::kinds::{Definition, Kind};
use super::values;
use crate::compact::Compact;

/// A thing of the server.
#[derive(Debug)]
pub(super) struct Actual {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) parent: Option<usize>,
    pub(super) name: String,
    /// False for a rule of the vendor.
    pub(super) is_custom: bool,
    /// The reported properties, and what an earlier apply knows about the others.
    pub(super) values: Vec<(&'static str, Compact)>,
    /// A hash of the whole resource.
    pub(super) fingerprint: Fingerprint,
}

impl Actual {
    pub(super) fn value(&self, name: &str) -> Option<&Compact> {
        let mut values = self.values.iter();
        Some(&values.find(|(known, _)| *known == name)?.1)
    }
}

/// The things of the server, parents before the things in them.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) things: Vec<Actual>,
}

impl Server {
    /// Returns the kind of the outermost thing that a thing is in.
    pub(super) fn top(&self, index: usize) -> Kind {
        match self.things[index].parent {
            Some(parent) => self.top(parent),
            None => self.things[index].kind,
        }
    }
}

/// A resource of a list. It keeps only what is compared.
pub(super) struct Resource {
    pub(super) id: String,
    name: String,
    /// The name of the scorecard of a rule, or the id of the type of a custom attribute.
    parent: String,
    is_custom: bool,
    values: Vec<(&'static str, Compact)>,
    fingerprint: Fingerprint,
}

impl Resource {
    /// Reads a resource; `None` if it was deleted.
    pub(super) fn of(definition: &Definition, mut resource: Value) -> Option<Self> {
        let fingerprint = fingerprint(&resource);
        let mut attributes = resource["attributes"].take();
        if !attributes["deleted_at"].is_null() {
            return None;
        }
        let text = |name: &str| attributes[name].as_str().unwrap_or_default().to_owned();
        let parent = match definition.kind {
            Kind::Rule => match text("scorecard_name") {
                name if name.is_empty() => text("category"),
                name => name,
            },
            Kind::CustomAttribute => text("case_type_id"),
            _ => String::new(),
        };
        let name = definition.identity.wire.map_or_else(String::new, text);
        let is_custom = attributes["custom"] != false;
        let properties = definition.properties.iter();
        let mut values = Vec::with_capacity(definition.properties.len());
        values.extend(properties.filter_map(|property| {
            let value = attributes.get_mut(property.read?)?.take();
            let value = values::reported(property.shape, value);
            (!value.is_null()).then(|| (property.name, Compact::from(value)))
        }));
        values.shrink_to_fit();
        Some(Self {
            values,
            id: resource["id"].as_str().unwrap_or_default().to_owned(),
            name,
            parent,
            is_custom,
            fingerprint,
        })
    }
}

impl Resource {
    /// Returns true if a thing of the server was read from an equal resource.
    pub(super) fn is(&self, server: &Server, thing: &Actual) -> bool {
        let parent = thing.parent.map(|it| server.things[it].name.as_str());
        self.name == thing.name
            && parent == Some(self.parent.as_str())
            && self.values == thing.values
    }
}

/// Builds the things from resources.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) server: Server,
    scorecards: HashMap<String, usize>,
    types: HashMap<String, usize>,
}

impl Builder {
    /// Adds a resource of a list.
    pub(super) fn add(&mut self, kind: Kind, parent: Option<usize>, resource: Resource) {
        let parent = match kind {
            Kind::Rule => Some(self.scorecard(&resource.parent)),
            Kind::CustomAttribute => match self.types.get(&resource.parent) {
                Some(index) => Some(*index),
                None => return,
            },
            _ => parent,
        };
        let index = self.server.things.len();
        if kind == Kind::CaseType {
            self.types.insert(resource.id.clone(), index);
        }
        self.server.things.push(Actual {
            kind,
            id: resource.id,
            parent,
            name: resource.name,
            is_custom: resource.is_custom,
            values: resource.values,
            fingerprint: resource.fingerprint,
        });
    }

    /// Returns the index of a scorecard, which the first rule adds.
    fn scorecard(&mut self, name: &str) -> usize {
        if let Some(index) = self.scorecards.get(name) {
            return *index;
        }
        let index = self.server.things.len();
        self.scorecards.insert(name.to_owned(), index);
        self.server.things.push(Actual {
            kind: Kind::Scorecard,
            id: String::new(),
            parent: None,
            name: name.to_owned(),
            is_custom: true,
            values: Vec::new(),
            fingerprint: Fingerprint::default(),
        });
        index
    }
}

/// A hash of a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Returns a hash of a value that is the same in every run: FNV-1a with 64 bits
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub(super) fn fingerprint(value: &Value) -> Fingerprint {
    let bytes = value.to_string();
    let hash = bytes.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Fingerprint(hash)
}
