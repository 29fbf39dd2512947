//! The sandbox's one user, and how records refer to users.

use serde_json::{Value, json};

use crate::handlers::resource::reference;
use crate::state::Record;

/// The user of all requests: the sandbox has one user.
pub(super) const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

/// The email address, handle and name of that user.
pub(super) const EMAIL: &str = "sandbox@example.com";
pub(super) const HANDLE: &str = "sandbox";
pub(super) const NAME: &str = "Sandbox";

/// The relations of a record to the users who created and last changed it.
pub(in crate::handlers) const CREATED_BY: &str = "created_by";
pub(in crate::handlers) const MODIFIED_BY: &str = "modified_by";

/// Returns a user as a resource. The server knows only the identifier of a user who is not a member
/// of the organization, as are all users but that of the sandbox.
pub(in crate::handlers) fn profile(id: &str) -> Value {
    let is_own = id == USER;
    let known = |text: &str| {
        if is_own {
            text.to_owned()
        } else {
            String::new()
        }
    };
    json!({
        "id": id,
        "type": "user",
        "attributes": {
            "active": is_own,
            "email": known(EMAIL),
            "handle": known(HANDLE),
            "name": known(NAME),
        },
    })
}

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
