//! Single cases: creation, retrieval and the form of responses.

use serde_json::{Map, Value, json};

use super::lookup::case_id;
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{existing, must_exist, reference, resource};
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("CreateCase", create), ("GetCase", get)];

/// The key prefix of cases without a project.
const NO_PROJECT: &str = "CASE";

/// Attributes that responses do not show begin with this.
const HIDDEN: char = '_';

/// The statuses of every type of case: name, status and group.
const STATUSES: [(&str, &str, &str); 3] = [
    ("Open", "OPEN", "SG_OPEN"),
    ("In Progress", "IN_PROGRESS", "SG_IN_PROGRESS"),
    ("Closed", "CLOSED", "SG_CLOSED"),
];

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut case = Record::new(call.attributes());
    must_exist(
        state,
        Kind::CaseType,
        case.str("type_id"),
        "/data/attributes/type_id",
    )?;
    let project = call.body.pointer("/data/relationships/project/data/id");
    if let Some(project) = project.and_then(Value::as_str) {
        must_exist(
            state,
            Kind::Project,
            project,
            "/data/relationships/project/data/id",
        )?;
        case.set_link("project", project);
    }
    let status = match case.str("status_name") {
        "" => "Open".to_owned(),
        name => name.to_owned(),
    };
    set_status(&mut case, &status, "/data/attributes/status_name")?;
    case.attributes
        .entry("priority")
        .or_insert_with(|| "NOT_DEFINED".into());
    case.set("attributes", json!({}));
    case.set("type", "STANDARD");
    case.set("created_at", state.clock.now_text());
    set_key(state, &mut case);
    response(&state.insert(Kind::Case, case))
}

fn get(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = case_id(state, call)?;
    response(existing(state, Kind::Case, &id)?)
}

/// Sets the key of a new or moved case: the next one of its project.
pub(super) fn set_key(state: &State, case: &mut Record) {
    let project = state.get(Kind::Project, case.link("project"));
    let prefix = project.map_or(NO_PROJECT, |project| project.str("key"));
    let prefix = format!("{prefix}-");
    let numbers = state.all(Kind::Case).filter_map(|other| {
        let number = other.str("key").strip_prefix(&prefix)?;
        number.parse::<u64>().ok()
    });
    let next = numbers.max().unwrap_or(0).saturating_add(1);
    case.set("key", format!("{prefix}{next}"));
}

/// Sets the status of a case by its name or by the vendor's older constant.
pub(super) fn set_status(case: &mut Record, name: &str, pointer: &str) -> Result<(), ApiError> {
    let found = STATUSES.iter().find(|(known, status, _)| {
        known.eq_ignore_ascii_case(name) || status.eq_ignore_ascii_case(name)
    });
    let Some((name, status, group)) = found else {
        let known: Vec<_> = STATUSES.iter().map(|(name, ..)| *name).collect();
        return Err(ApiError::invalid_body(
            pointer,
            format!(
                "the type has no status `{name}`; send one of {}",
                known.join(", ")
            ),
        ));
    };
    case.set("status_name", *name);
    case.set("status", *status);
    case.set("status_group", *group);
    Ok(())
}

/// Returns a case as responses show it.
pub(super) fn rendered(case: &Record) -> Value {
    let shown: Map<String, Value> = case
        .attributes
        .iter()
        .filter(|(name, _)| !name.starts_with(HIDDEN))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut rendered = resource(Kind::Case, case, shown);
    let project = case.link("project");
    if !project.is_empty() {
        rendered["relationships"] = json!({ "project": reference("project", project) });
    }
    rendered
}

/// Returns the response that holds a case.
pub(super) fn response(case: &Record) -> HandlerResult {
    Ok(Some(json!({ "data": rendered(case) })))
}
