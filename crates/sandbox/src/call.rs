//! One request after validation, as the handlers see it: values by name, already of the document's types.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::document::{Location, Operation};

/// A valid request for an operation.
pub(crate) struct Call<'d> {
    /// The operation.
    pub(crate) operation: &'d Operation,
    /// The path as it was sent, for links to further pages.
    pub(crate) path: String,
    /// The query parameters that were sent, as text, for links to further pages.
    pub(crate) query: BTreeMap<String, String>,
    /// Every parameter that was sent, by place and name.
    pub(crate) values: Vec<(Location, String, Value)>,
    /// The body; `null` when none was sent.
    pub(crate) body: Value,
}

impl<'d> Call<'d> {
    /// The same call for one case of several, with a body of its own.
    pub(crate) fn of_case(&self, id: &str, body: Value) -> Call<'d> {
        Call {
            operation: self.operation,
            path: self.path.clone(),
            query: BTreeMap::new(),
            values: vec![(Location::Path, "case_id".to_owned(), id.into())],
            body,
        }
    }

    /// A parameter's value.
    pub(crate) fn value(&self, location: Location, name: &str) -> Option<&Value> {
        let found = self
            .values
            .iter()
            .find(|(place, known, _)| *place == location && known == name);
        found.map(|(_, _, value)| value)
    }

    /// A query parameter's value.
    pub(crate) fn query(&self, name: &str) -> Option<&Value> {
        self.value(Location::Query, name)
    }

    /// A query parameter of type text.
    pub(crate) fn query_text(&self, name: &str) -> Option<&str> {
        self.query(name).and_then(Value::as_str)
    }

    /// A path parameter of type text; the router has seen to it that it is there.
    pub(crate) fn path_text(&self, name: &str) -> &str {
        self.value(Location::Path, name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A header of type text.
    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.value(Location::Header, name).and_then(Value::as_str)
    }

    /// Whether a query parameter that lists names, such as `include`, lists this one.
    pub(crate) fn lists(&self, parameter: &str, name: &str) -> bool {
        self.query_text(parameter)
            .is_some_and(|names| comma_separated(names).any(|listed| listed == name))
    }

    /// The member `data.attributes` of a JSON:API body; empty when it was left out.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        self.body
            .pointer("/data/attributes")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    }
}

/// The parts of a text like `1,2`.
pub(crate) fn comma_separated(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
