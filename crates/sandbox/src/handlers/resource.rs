//! Resources: how responses show a record, and the errors if a record does not exist.

use serde_json::{Map, Value, json};

use super::handler::HandlerResult;
use crate::request::ApiError;
use crate::state::{Kind, Record, State};

/// Returns a record as a JSON:API resource without relationships.
pub(super) fn resource(kind: Kind, record: &Record, attributes: Map<String, Value>) -> Value {
    json!({ "id": record.id, "type": kind.name(), "attributes": attributes })
}

/// Returns a reference to a record, for `relationships`.
pub(super) fn reference(kind: &str, id: &str) -> Value {
    json!({ "data": { "id": id, "type": kind } })
}

/// Returns the record that a path names.
///
/// # Errors
///
/// Returns an error if it does not exist.
pub(super) fn existing<'s>(state: &'s State, kind: Kind, id: &str) -> Result<&'s Record, ApiError> {
    state
        .get(kind, id)
        .ok_or_else(|| ApiError::not_found(kind.name(), id))
}

/// Checks that the record exists that a value of the body names.
///
/// # Errors
///
/// Returns an error if it does not exist.
pub(super) fn must_exist(
    state: &State,
    kind: Kind,
    id: &str,
    pointer: &str,
) -> Result<(), ApiError> {
    match state.get(kind, id) {
        Some(_) => Ok(()),
        None => Err(ApiError::missing_reference(pointer, kind.name(), id)),
    }
}

/// Deletes the record that a path names.
///
/// # Errors
///
/// Returns an error if it does not exist.
pub(super) fn delete(state: &mut State, kind: Kind, id: &str) -> HandlerResult {
    if state.remove(kind, id) {
        Ok(None)
    } else {
        Err(ApiError::not_found(kind.name(), id))
    }
}
