//! The sandbox's one user, and how records refer to users.

use serde_json::{Value, json};

use crate::handlers::resource::reference;
use crate::state::Record;

/// The user of all requests: the sandbox has one user.
pub(super) const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

/// The relations of a record to the users who created and last changed it.
pub(super) const CREATED_BY: &str = "created_by";
pub(super) const MODIFIED_BY: &str = "modified_by";

/// Returns a relation of a record to a user; `null` if there is no user.
pub(super) fn user(record: &Record, relation: &str) -> Value {
    match record.link(relation) {
        "" => Value::Null,
        id => reference("user", id),
    }
}

/// Returns the relations of a record to the users who created and last changed it.
pub(super) fn authors(record: &Record) -> Value {
    json!({
        CREATED_BY: user(record, CREATED_BY),
        MODIFIED_BY: user(record, MODIFIED_BY),
    })
}
