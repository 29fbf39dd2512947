//! Changes of one case. Each finds the case, changes one attribute and returns the case.

use serde_json::{Value, json};

use super::case::{response, set_key, set_status};
use super::lookup::case_id;
use crate::handlers::handler::{Entry, Handler, HandlerResult};
use crate::handlers::resource::{existing, must_exist};
use crate::request::{ApiError, Call, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("ArchiveCase", |state, call| {
        change(state, call, |case, _| set(case, "_archived", json!(true)))
    }),
    ("UnarchiveCase", |state, call| {
        change(state, call, |case, _| set(case, "_archived", json!(false)))
    }),
    ("AssignCase", |state, call| {
        change(state, call, |case, call| {
            set(case, "_assignee", attribute(call, "assignee_id"))
        })
    }),
    ("UnassignCase", |state, call| {
        change(state, call, |case, _| set(case, "_assignee", Value::Null))
    }),
    ("UpdateCaseDescription", |state, call| {
        change(state, call, |case, call| {
            set(case, "description", attribute(call, "description"))
        })
    }),
    ("UpdateCaseDueDate", |state, call| {
        change(state, call, |case, call| {
            set(case, "_due_date", attribute(call, "due_date"))
        })
    }),
    ("UpdatePriority", |state, call| {
        change(state, call, |case, call| {
            set(case, "priority", attribute(call, "priority"))
        })
    }),
    ("UpdateCaseTitle", |state, call| {
        change(state, call, |case, call| {
            set(case, "title", attribute(call, "title"))
        })
    }),
    ("UpdateCaseResolvedReason", |state, call| {
        change(state, call, |case, call| {
            let reason = attribute(call, "security_resolved_reason");
            set(case, "_resolved_reason", reason)
        })
    }),
    ("UpdateStatus", |state, call| change(state, call, status)),
    ("MoveCaseToProject", move_to_project),
    ("UpdateAttributes", |state, call| {
        change(state, call, |case, call| {
            set(case, "attributes", attribute(call, "attributes"))
        })
    }),
    ("UpdateCaseCustomAttribute", update_custom_attribute),
    ("DeleteCaseCustomAttribute", delete_custom_attribute),
    ("AddCaseInsights", |state, call| {
        change(state, call, |case, call| insights(case, call, true))
    }),
    ("RemoveCaseInsights", |state, call| {
        change(state, call, |case, call| insights(case, call, false))
    }),
    ("LinkIncident", |state, call| {
        change(state, call, |case, call| {
            let incident = call.body.pointer("/data/id").cloned().unwrap_or_default();
            set(case, "_incident", incident)
        })
    }),
    ("LinkJiraIssueToCase", |state, call| {
        attach(state, call, "_jira", attribute(call, "jira_issue_url"))
    }),
    ("CreateCaseJiraIssue", |state, call| {
        let issue = attribute(call, "project_id");
        attach(state, call, "_jira", issue)
    }),
    ("UnlinkJiraIssue", |state, call| {
        changed(state, call, |case, _| set(case, "_jira", Value::Null)).map(|_| None)
    }),
    ("CreateCaseNotebook", |state, call| {
        changed(state, call, |case, _| set(case, "_notebook", json!(true))).map(|_| None)
    }),
    ("CreateCaseServiceNowTicket", |state, call| {
        let instance = attribute(call, "instance_name");
        changed(state, call, |case, _| set(case, "_service_now", instance)).map(|_| None)
    }),
];

/// Returns an attribute of the body; `null` if it is not set.
fn attribute(call: &Call<'_>, name: &str) -> Value {
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

/// Changes the case that the path names.
fn changed(
    state: &mut State,
    call: &Call<'_>,
    change: impl FnOnce(&mut Record, &Call<'_>) -> Result<(), ApiError>,
) -> Result<Record, ApiError> {
    let id = case_id(state, call)?;
    match state.get_mut(Kind::Case, &id) {
        Some(case) => {
            change(case, call)?;
            Ok(case.clone())
        }
        None => Err(ApiError::not_found(Kind::Case.name(), &id)),
    }
}

/// Changes the case that the path names, and responds with it.
fn change(
    state: &mut State,
    call: &Call<'_>,
    change: impl FnOnce(&mut Record, &Call<'_>) -> Result<(), ApiError>,
) -> HandlerResult {
    response(&changed(state, call, change)?)
}

/// Sets the status that the body names.
fn status(case: &mut Record, call: &Call<'_>) -> Result<(), ApiError> {
    for name in ["status_name", "status"] {
        if let Some(status) = attribute(call, name).as_str() {
            return set_status(case, status, &format!("/data/attributes/{name}"));
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
    let project = project.unwrap_or_default().to_owned();
    case_id(state, call)?;
    must_exist(state, Kind::Project, &project, "/data/id")?;
    let mut case = changed(state, call, |case, _| {
        case.set_link("project", project);
        Ok(())
    })?;
    // The new key must not count the old one, so it is set after the move.
    set_key(state, &mut case);
    let key = case.str("key").to_owned();
    change(state, call, |case, _| set(case, "key", key.into()))
}

/// Sets a custom attribute. The type of the case must define it, and the value must be of its kind.
fn update_custom_attribute(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let key = call.path_str("custom_attribute_key").to_owned();
    let id = case_id(state, call)?;
    let type_id = existing(state, Kind::Case, &id)?.str("type_id").to_owned();
    let configured = state
        .all(Kind::CustomAttribute)
        .find(|attribute| attribute.str("key") == key && attribute.str("case_type_id") == type_id);
    let Some(configured) = configured else {
        return Err(ApiError::not_found("custom attribute", &key));
    };
    let kind = configured.str("type").to_owned();
    let value = attribute(call, "value");
    let is_number = |value: &Value| value.is_number();
    let fits = match (&value, kind == "NUMBER") {
        (Value::Array(values), true) => values.iter().all(is_number),
        (Value::Array(values), false) => !values.iter().any(is_number),
        (value, is_wanted) => value.is_number() == is_wanted,
    };
    if !fits {
        return Err(ApiError::invalid_body(
            "/data/attributes/value",
            format!("{value} is not a value of the {kind} attribute `{key}`"),
        ));
    }
    change(state, call, |case, _| {
        let mut custom = case.attributes.get("_custom").cloned().unwrap_or(json!({}));
        custom[&key] = value;
        set(case, "_custom", custom)
    })
}

/// Removes a custom attribute.
fn delete_custom_attribute(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let key = call.path_str("custom_attribute_key").to_owned();
    change(state, call, |case, _| {
        let custom = case.attributes.get_mut("_custom");
        let removed = custom
            .and_then(Value::as_object_mut)
            .and_then(|custom| custom.remove(&key));
        match removed {
            Some(_) => Ok(()),
            None => Err(ApiError::not_found("custom attribute", &key)),
        }
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

/// Links the case to a Jira issue, of which it has at most one.
fn attach(state: &mut State, call: &Call<'_>, name: &str, value: Value) -> HandlerResult {
    changed(state, call, |case, _| {
        if case.attributes.contains_key(name) {
            return Err(ApiError::new(
                Reason::Conflict,
                "the case is linked to a Jira issue; unlink that first",
            ));
        }
        set(case, name, value)
    })
    .map(|_| None)
}

/// Returns the handler of an operation that changes one case.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    let mut handlers = HANDLERS.iter();
    let found = handlers.find(|(id, _)| *id == operation_id);
    found.map(|(_, handler)| *handler)
}
