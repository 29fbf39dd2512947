//! Lookups of cases.

use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

/// Returns the identifier of the case that a path names by identifier or key.
///
/// # Errors
///
/// Returns an error if there is no such case.
pub(super) fn case_id(state: &State, call: &Call<'_>) -> Result<String, ApiError> {
    existing_case(state, call.path_str("case_id"))
}

/// Returns the identifier of the case with an identifier or key.
///
/// # Errors
///
/// Returns an error if there is no such case.
pub(super) fn existing_case(state: &State, name: &str) -> Result<String, ApiError> {
    let has_key = |case: &&Record| case.str("key") == name;
    state
        .get(Kind::Case, name)
        .or_else(|| state.all(Kind::Case).find(has_key))
        .map(|case| case.id.clone())
        .ok_or_else(|| ApiError::not_found(Kind::Case.name(), name))
}
