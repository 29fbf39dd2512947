//! A resource as the sandbox stores it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One resource that was created.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its identifier.
    pub(crate) id: String,
    /// Its attributes, as responses show them.
    pub(crate) attributes: Map<String, Value>,
    /// The identifiers of related records, by the name of the relation.
    pub(crate) links: BTreeMap<String, Vec<String>>,
}

impl Record {
    /// Creates a record with these attributes. It gets its identifier when it is stored.
    pub(crate) fn new(attributes: Map<String, Value>) -> Self {
        Self {
            attributes,
            ..Self::default()
        }
    }

    /// Returns an attribute of type string; empty if it is not set.
    pub(crate) fn str(&self, attribute: &str) -> &str {
        self.attributes
            .get(attribute)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns the identifier of a related record; empty if there is none.
    pub(crate) fn link(&self, relation: &str) -> &str {
        self.links
            .get(relation)
            .and_then(|ids| ids.first())
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Relates the record to one other.
    pub(crate) fn set_link(&mut self, relation: &str, id: impl Into<String>) {
        self.links.insert(relation.to_owned(), vec![id.into()]);
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, attribute: &str, value: impl Into<Value>) {
        self.attributes.insert(attribute.to_owned(), value.into());
    }

    /// Replaces the attributes that are sent and removes those that are sent as `null`.
    pub(crate) fn merge(&mut self, sent: Map<String, Value>) {
        for (name, value) in sent {
            if value.is_null() {
                self.attributes.remove(&name);
            } else {
                self.attributes.insert(name, value);
            }
        }
    }
}
