//! Changes of one case. Each finds the case, changes one attribute and returns the case.

use serde_json::{Value, json};

use super::case::{ASSIGNEE, response, set_key, set_status, store};
use super::custom_attributes::{change_values, check, definition, is_set};
use super::lookup::case_id;
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::existing;
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("ArchiveCase", |state, call| {
        changed(state, call, |case, _, now| {
            case.attributes.entry("archived_at").or_insert(now.into());
            Ok(())
        })
    }),
    ("UnarchiveCase", |state, call| {
        changed(state, call, |case, _, _| {
            set(case, "archived_at", Value::Null)
        })
    }),
    ("AssignCase", |state, call| {
        changed(state, call, |case, call, _| {
            let assignee = attribute(call, "assignee_id");
            case.set_link(ASSIGNEE, assignee.as_str().unwrap_or_default());
            Ok(())
        })
    }),
    ("UnassignCase", |state, call| {
        changed(state, call, |case, _, _| {
            case.links.remove(ASSIGNEE);
            Ok(())
        })
    }),
    ("UpdateCaseDescription", |state, call| {
        changed(state, call, |case, call, _| copy(case, call, "description"))
    }),
    ("UpdateCaseDueDate", |state, call| {
        changed(state, call, |case, call, _| {
            set(case, "_due_date", attribute(call, "due_date"))
        })
    }),
    ("UpdatePriority", |state, call| {
        changed(state, call, |case, call, _| copy(case, call, "priority"))
    }),
    ("UpdateCaseTitle", |state, call| {
        changed(state, call, |case, call, _| copy(case, call, "title"))
    }),
    ("UpdateCaseResolvedReason", |state, call| {
        changed(state, call, |case, call, _| {
            let reason = attribute(call, "security_resolved_reason");
            set(case, "_resolved_reason", reason)
        })
    }),
    ("UpdateStatus", |state, call| changed(state, call, status)),
    ("MoveCaseToProject", move_to_project),
    ("UpdateAttributes", |state, call| {
        changed(state, call, |case, call, _| copy(case, call, "attributes"))
    }),
    ("UpdateCaseCustomAttribute", update_custom_attribute),
    ("DeleteCaseCustomAttribute", delete_custom_attribute),
    ("AddCaseInsights", |state, call| {
        changed(state, call, |case, call, _| insights(case, call, true))
    }),
    ("RemoveCaseInsights", |state, call| {
        changed(state, call, |case, call, _| insights(case, call, false))
    }),
    ("LinkIncident", |state, call| {
        changed(state, call, |case, call, _| {
            let incident = call.body.pointer("/data/id").cloned().unwrap_or_default();
            set(case, "_incident", incident)
        })
    }),
    ("CreateCaseNotebook", |state, call| {
        change(state, call, |case, _, _| {
            set(case, "_notebook", json!(true))
        })
        .map(|_| None)
    }),
];

/// Returns an attribute of the body; `null` if it is not set.
pub(super) fn attribute(call: &Call<'_>, name: &str) -> Value {
    let attributes = call.body.pointer("/data/attributes");
    attributes
        .and_then(|attributes| attributes.get(name))
        .cloned()
        .unwrap_or_default()
}

/// Sets an attribute, or removes it with `null`.
fn set(case: &mut Record, name: &str, value: Value) -> Result<(), ApiError> {
    if value.is_null() {
        case.attributes.remove(name);
    } else {
        case.set(name, value);
    }
    Ok(())
}

/// Sets an attribute to that of the body.
fn copy(case: &mut Record, call: &Call<'_>, name: &str) -> Result<(), ApiError> {
    set(case, name, attribute(call, name))
}

/// Changes the case that the path names. The function gets the case, the call and the time. If it
/// fails, nothing changes.
pub(super) fn change(
    state: &mut State,
    call: &Call<'_>,
    change: impl FnOnce(&mut Record, &Call<'_>, &str) -> Result<(), ApiError>,
) -> Result<Record, ApiError> {
    let id = case_id(state, call)?;
    let mut case = existing(state, Kind::Case, &id)?.clone();
    change(&mut case, call, &state.clock.now_text())?;
    Ok(store(state, case))
}

/// Changes the case that the path names, and responds with it.
pub(super) fn changed(
    state: &mut State,
    call: &Call<'_>,
    apply: impl FnOnce(&mut Record, &Call<'_>, &str) -> Result<(), ApiError>,
) -> HandlerResult {
    response(&change(state, call, apply)?)
}

/// Sets the status that the body names.
fn status(case: &mut Record, call: &Call<'_>, now: &str) -> Result<(), ApiError> {
    for name in ["status_name", "status"] {
        if let Some(status) = attribute(call, name).as_str() {
            return set_status(case, status, now, &format!("/data/attributes/{name}"));
        }
    }
    Err(ApiError::invalid_body(
        "/data/attributes",
        "the status is missing; send `status_name`",
    ))
}

/// Moves a case to the project that the body names, where it gets a new key.
fn move_to_project(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let project = call.body.pointer("/data/id").and_then(Value::as_str);
    let project = project.unwrap_or_default();
    let id = case_id(state, call)?;
    existing(state, Kind::Project, project)?;
    let mut case = existing(state, Kind::Case, &id)?.clone();
    if case.link("project") != project {
        case.set_link("project", project);
        set_key(state, &mut case);
    }
    response(&store(state, case))
}

/// Sets a custom attribute. The type of the case must define it.
fn update_custom_attribute(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let key = call.path_str("custom_attribute_key");
    let case = existing(state, Kind::Case, &case_id(state, call)?)?;
    let Some(definition) = definition(state, case, key) else {
        return Err(ApiError::key_not_found("custom attribute", key));
    };
    let value = Value::Object(call.attributes());
    check(definition, &value, "/data/attributes")?;
    changed(state, call, |case, _, _| {
        change_values(case, |values| {
            values.insert(key.to_owned(), value);
        });
        Ok(())
    })
}

/// Removes a custom attribute. It need not be set, but the type of the case must define it.
fn delete_custom_attribute(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let key = call.path_str("custom_attribute_key");
    let case = existing(state, Kind::Case, &case_id(state, call)?)?;
    // A value can outlive its definition.
    if !is_set(case, key) && definition(state, case, key).is_none() {
        return Err(ApiError::key_not_found("custom attribute", key));
    }
    changed(state, call, |case, _, _| {
        change_values(case, |values| {
            values.remove(key);
        });
        Ok(())
    })
}

/// Adds or removes the insights of the body. An insight that exists is not added twice.
fn insights(case: &mut Record, call: &Call<'_>, add: bool) -> Result<(), ApiError> {
    let sent = attribute(call, "insights");
    let sent = sent.as_array().cloned().unwrap_or_default();
    let stored = case.attributes.get("_insights").and_then(Value::as_array);
    let mut stored = stored.cloned().unwrap_or_default();
    stored.retain(|insight| !sent.contains(insight));
    if add {
        stored.extend(sent);
    }
    set(case, "_insights", stored.into())
}
