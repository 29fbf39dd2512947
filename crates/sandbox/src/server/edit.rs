//! Changes of single stored resources, which must not break what the operations read.

use std::collections::BTreeSet;

use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::parts::Server;
use super::response_check::{check_response, is_addition};
use super::steering::Written;
use crate::document::{Location, Operation};
use crate::handlers;
use crate::request::{RawRequest, read_call};
use crate::state::{Kind, Record, State};

/// The outcome of a change.
pub(crate) enum Edit {
    /// The resource is changed.
    Done(Written),
    /// There is no such resource.
    Missing,
    /// An operation would respond with what the document does not allow.
    Breaks(String),
}

impl Server {
    /// Replaces the attributes of a resource.
    pub(crate) fn edit(&self, kind: Kind, id: &str, attributes: Map<String, Value>) -> Edit {
        self.try_change(kind, id, |state| {
            if let Some(record) = state.get_mut(kind, id) {
                record.attributes = attributes;
            }
        })
    }

    /// Deletes a resource, and nothing else.
    pub(crate) fn delete(&self, kind: Kind, id: &str) -> Edit {
        self.try_change(kind, id, |state| {
            state.remove(kind, id);
        })
    }

    /// Makes a change, and takes it back if reads would break.
    fn try_change(&self, kind: Kind, id: &str, change: impl FnOnce(&mut State)) -> Edit {
        let (result, written) = self.change(|state| {
            let record = state.get(kind, id)?;
            let near = neighbors(state, record);
            let before = state.contents();
            change(state);
            let problem = self.broken_read(state, &near);
            if problem.is_some() {
                state.replace(before);
            }
            Some(problem)
        });
        match result {
            None => Edit::Missing,
            Some(Some(problem)) => Edit::Breaks(problem),
            Some(None) => Edit::Done(written),
        }
    }

    /// Calls every operation that lists resources, or reads one of these. Returns the problem of
    /// the first response that breaks the document.
    fn broken_read(&self, state: &mut State, ids: &BTreeSet<String>) -> Option<String> {
        let operations = self.document.operations.iter();
        for operation in operations.filter(|operation| operation.method == Method::GET) {
            let parameters: Vec<_> = operation.parameters_in(Location::Path).collect();
            let problem = match parameters[..] {
                [] => self.broken_response(state, operation, Vec::new()),
                [parameter] => ids.iter().find_map(|id| {
                    let values = vec![(parameter.name.clone(), id.clone())];
                    self.broken_response(state, operation, values)
                }),
                _ => None,
            };
            if problem.is_some() {
                return problem;
            }
        }
        None
    }

    fn broken_response(
        &self,
        state: &mut State,
        operation: &Operation,
        path_values: Vec<(String, String)>,
    ) -> Option<String> {
        let request = RawRequest {
            path: "",
            query: "",
            headers: &HeaderMap::new(),
            body: &[],
        };
        let mut call = read_call(self.document, operation, path_values, &request).ok()?;
        call.documented_only = self.documented_only;
        let handler = handlers::find(&operation.id)?;
        // A resource that is not found breaks nothing.
        let body = handlers::handle(handler, state, &call).ok()?;
        let status = operation.success_status();
        if is_addition(operation, status, body.as_ref()) {
            return None;
        }
        let checked = check_response(self.document, operation, status, body.as_ref());
        let problem = checked.err()?;
        Some(format!(
            "{} would break the document: {problem}",
            operation.id
        ))
    }
}

/// Returns the identifiers of a record, of those that it names and of those that name it.
fn neighbors(state: &State, record: &Record) -> BTreeSet<String> {
    let id = &record.id;
    let mut near: BTreeSet<String> = record.links.values().flatten().cloned().collect();
    near.insert(id.clone());
    for (kind, _) in Kind::STORED {
        let naming = state
            .all(kind)
            .filter(|other| other.links.values().flatten().any(|link| link == id));
        near.extend(naming.map(|other| other.id.clone()));
    }
    near
}
