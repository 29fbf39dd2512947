//! Case Management: cases, the projects that hold them, and how both are set up.

mod case;
mod changes;
mod comments;
mod links;
mod projects;
mod query;
mod rules;
mod search;
mod types;
mod views;

use serde_json::{Map, Value};

use super::Entry;
use crate::call::Call;
use crate::errors::ApiError;
use crate::state::{Kind, Record, State};

/// The tables of the domain.
pub(super) const TABLES: [&[Entry]; 9] = [
    case::HANDLERS,
    changes::HANDLERS,
    comments::HANDLERS,
    links::HANDLERS,
    projects::HANDLERS,
    rules::HANDLERS,
    search::HANDLERS,
    types::HANDLERS,
    views::HANDLERS,
];

pub(super) use types::seed;

/// The user who acts: the sandbox knows keys and no people.
const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

/// Attributes that a case has and its answers do not show begin with this.
const HIDDEN: char = '_';

/// The identifier of the case that a path names by identifier or key.
fn case_id(state: &State, call: &Call<'_>) -> Result<String, ApiError> {
    let name = call.path_text("case_id");
    find_case(state, name).ok_or_else(|| ApiError::not_found(Kind::Case.name(), name))
}

fn find_case(state: &State, name: &str) -> Option<String> {
    let has_key = |case: &&Record| case.text("key") == name;
    state
        .get(Kind::Case, name)
        .or_else(|| state.all(Kind::Case).find(has_key))
        .map(|case| case.id.clone())
}

/// Refuses a member of the body that names a record which does not exist.
fn must_exist(state: &State, kind: Kind, id: &str, pointer: &str) -> Result<(), ApiError> {
    match state.get(kind, id) {
        Some(_) => Ok(()),
        None => Err(ApiError::dangling(pointer, kind.name(), id)),
    }
}

/// What the attributes of a body are merged into: those that are sent replace those of the same name.
fn merge(target: &mut Map<String, Value>, sent: Map<String, Value>) {
    for (name, value) in sent {
        if value.is_null() {
            target.remove(&name);
        } else {
            target.insert(name, value);
        }
    }
}
