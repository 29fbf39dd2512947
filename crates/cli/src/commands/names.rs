//! Names in place of ids, in the body of a request: the key of a project and the name of a type of
//! cases.

use scorekit::Client;
use scorekit::runtime::Operation;
use serde_json::Value;

use super::body::set;
use super::projects::{project, type_id};
use super::teams::is_uuid;
use crate::context::Context;
use crate::exit::Failure;

/// The operations whose body refers to a project, with the place of its id.
const PROJECTS: [(&str, &str); 2] = [
    ("CreateCase", "/data/relationships/project/data/id"),
    ("MoveCaseToProject", "/data/id"),
];

/// The operation whose body needs a type of cases, and the place of its id.
const TYPE: (&str, &str) = ("CreateCase", "/data/attributes/type_id");

/// Replaces names in a body with the ids that the server has for them. Without a type, a new case
/// gets the type `Standard`, or the only one. A dry run sends nothing, so it keeps the names.
pub(super) async fn resolve(
    context: &Context,
    client: &Client,
    operation: &Operation,
    body: &mut Value,
    is_dry_run: bool,
) -> Result<(), Failure> {
    let text = |body: &Value, place: &str| {
        let value = body.pointer(place).and_then(Value::as_str);
        value.map(str::to_owned)
    };
    let place = PROJECTS.iter().find(|(id, _)| *id == operation.id);
    let name = place.and_then(|(_, place)| Some((*place, text(body, place)?)));
    if let Some((place, name)) = name.filter(|(_, name)| !is_uuid(name)) {
        match is_dry_run {
            true => context.say("note: a key of a project is replaced with its id by the call"),
            false => {
                let id = project(client, &name).await?.id;
                // The place exists: the name was there.
                let _ = set(body, place, Value::from(id));
            }
        }
    }
    let (id, place) = TYPE;
    if operation.id == id && !is_dry_run {
        let name = text(body, place);
        if name.as_deref().is_none_or(|name| !is_uuid(name)) && body.is_object() {
            let id = type_id(client, name.as_deref()).await?;
            let _ = set(body, place, Value::from(id));
        }
    }
    Ok(())
}
