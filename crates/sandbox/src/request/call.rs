//! A valid request as the handlers see it: values by name, already of the document's types.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::document::{Document, Location, Operation};

/// A valid request for an operation.
pub(crate) struct Call<'d> {
    /// The document that has the operation.
    pub(crate) document: &'d Document,
    /// The operation.
    pub(crate) operation: &'d Operation,
    /// The path as sent, for links to further pages.
    pub(crate) path: String,
    /// The query parameters as sent, for links to further pages.
    pub(crate) query: BTreeMap<String, String>,
    /// Every parameter that was sent, with its location and name.
    pub(crate) values: Vec<(Location, String, Value)>,
    /// The request body; `null` if none was sent. It has only what the document lists.
    pub(crate) body: Value,
    /// True if the rules and additions of the vendors' servers are off.
    pub(crate) documented_only: bool,
    /// The largest number of items on a page.
    pub(crate) max_page_size: usize,
    /// The JSON pointers of the properties that were dropped from the body.
    pub(crate) dropped: Vec<String>,
}

impl<'d> Call<'d> {
    /// Returns the call for one case.
    pub(crate) fn for_case(&self, id: &str) -> Self {
        Self {
            document: self.document,
            operation: self.operation,
            path: self.path.clone(),
            query: BTreeMap::new(),
            values: vec![(Location::Path, "case_id".to_owned(), id.into())],
            body: self.body.clone(),
            documented_only: self.documented_only,
            max_page_size: self.max_page_size,
            dropped: Vec::new(),
        }
    }

    /// Returns the value of a parameter.
    pub(crate) fn value(&self, location: Location, name: &str) -> Option<&Value> {
        let mut values = self.values.iter();
        let found = values.find(|(known, known_name, _)| *known == location && known_name == name);
        found.map(|(_, _, value)| value)
    }

    /// Returns the value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&Value> {
        self.value(Location::Query, name)
    }

    /// Returns the value of a query parameter of type string.
    pub(crate) fn query_str(&self, name: &str) -> Option<&str> {
        self.query(name).and_then(Value::as_str)
    }

    /// Returns the value of a path parameter of type string. The router guarantees that it is set.
    pub(crate) fn path_str(&self, name: &str) -> &str {
        self.value(Location::Path, name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns the value of a header of type string.
    pub(crate) fn header_str(&self, name: &str) -> Option<&str> {
        self.value(Location::Header, name).and_then(Value::as_str)
    }

    /// Returns true if a query parameter that lists names, such as `include`, contains a name.
    pub(crate) fn lists(&self, parameter: &str, name: &str) -> bool {
        self.query_str(parameter)
            .is_some_and(|names| comma_separated(names).any(|listed| listed == name))
    }

    /// Returns `data.attributes` of a JSON:API body; empty if it was left out.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        self.body
            .pointer("/data/attributes")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    }
}

/// Splits a string such as `1,2` into its parts.
pub(crate) fn comma_separated(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
