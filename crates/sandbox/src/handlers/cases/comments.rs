//! The comments on a case, which are cells of its timeline, and its watchers.

use serde_json::{Map, Value, json};

use super::lookup::case_id;
use super::users::{EMAIL, HANDLE, NAME, USER};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::NumberedPage;
use crate::handlers::resource::{reference, resource};
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("CommentCase", comment),
    ("UpdateCaseComment", update),
    ("DeleteCaseComment", delete),
    ("ListCaseTimeline", timeline),
    ("ListCaseWatchers", watchers),
    ("WatchCase", watch),
    ("UnwatchCase", unwatch),
];

fn comment(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let case = case_id(state, call)?;
    let mut cell = Record::default();
    cell.set_link("case", case);
    cell.set("type", "COMMENT");
    cell.set(
        "author",
        json!({ "type": "USER", "content": {
            "id": USER,
            "name": NAME,
            "handle": HANDLE,
            "email": EMAIL,
        } }),
    );
    cell.set("cell_content", json!({ "message": comment_text(call) }));
    cell.set("created_at", state.clock.now_text());
    cell.set("modified_at", state.clock.now_text());
    let cell = state.insert(Kind::TimelineCell, cell);
    Ok(Some(json!({ "data": [rendered(&cell)] })))
}

fn update(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = cell_id(state, call)?;
    let now = state.clock.now_text();
    if let Some(cell) = state.get_mut(Kind::TimelineCell, &id) {
        cell.set("cell_content", json!({ "message": comment_text(call) }));
        cell.set("modified_at", now);
    }
    Ok(None)
}

fn delete(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = cell_id(state, call)?;
    state.remove(Kind::TimelineCell, &id);
    Ok(None)
}

fn timeline(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let case = case_id(state, call)?;
    let cells = state.all(Kind::TimelineCell);
    let mut cells: Vec<_> = cells.filter(|cell| cell.link("case") == case).collect();
    if call.query("sort[ascending]") != Some(&Value::Bool(true)) {
        cells.reverse();
    }
    let page = NumberedPage::cut(call, 0, cells)?;
    let cells: Vec<_> = page.items.iter().map(|cell| rendered(cell)).collect();
    Ok(Some(json!({ "data": cells })))
}

/// Returns the text of the comment in the body.
fn comment_text(call: &Call<'_>) -> Value {
    let text = call.body.pointer("/data/attributes/comment");
    text.cloned().unwrap_or_default()
}

/// Returns the identifier of the cell that a path names. It must belong to the case.
fn cell_id(state: &State, call: &Call<'_>) -> Result<String, ApiError> {
    let case = case_id(state, call)?;
    let id = call.path_str("cell_id");
    match state.get(Kind::TimelineCell, id) {
        Some(cell) if cell.link("case") == case => Ok(id.to_owned()),
        _ => Err(ApiError::not_found("comment", id)),
    }
}

fn rendered(cell: &Record) -> Value {
    resource(Kind::TimelineCell, cell, cell.attributes.clone())
}

fn watchers(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let case = case_id(state, call)?;
    let watching = state.all(Kind::Watcher);
    let watchers: Vec<_> = watching
        .filter(|watcher| watcher.link("case") == case)
        .map(|watcher| {
            let mut rendered = resource(Kind::Watcher, watcher, Map::new());
            if let Some(properties) = rendered.as_object_mut() {
                properties.remove("attributes");
            }
            let user = reference("user", watcher.link("user"));
            rendered["relationships"] = json!({ "user": user });
            rendered
        })
        .collect();
    Ok(Some(json!({ "data": watchers })))
}

/// Adds a watcher; a second request for the same user changes nothing.
fn watch(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let case = case_id(state, call)?;
    let user = call.path_str("user_uuid");
    if watcher(state, &case, user).is_none() {
        let mut watcher = Record::default();
        watcher.set_link("case", case);
        watcher.set_link("user", user);
        state.insert(Kind::Watcher, watcher);
    }
    Ok(None)
}

fn unwatch(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let case = case_id(state, call)?;
    let user = call.path_str("user_uuid");
    match watcher(state, &case, user) {
        Some(id) => {
            state.remove(Kind::Watcher, &id);
            Ok(None)
        }
        None => Err(ApiError::not_found(Kind::Watcher.name(), user)),
    }
}

/// Returns the identifier of a user's watch on a case.
fn watcher(state: &State, case: &str, user: &str) -> Option<String> {
    let watches = |watcher: &Record| watcher.link("case") == case && watcher.link("user") == user;
    let found = state.find(Kind::Watcher, watches);
    found.map(|watcher| watcher.id.clone())
}
