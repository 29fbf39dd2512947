//! Single cases: made, read and shown.

use serde_json::{Map, Value, json};

use super::super::{Answer, Entry, existing, reference, resource};
use super::{HIDDEN, case_id, must_exist};
use crate::call::Call;
use crate::errors::ApiError;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("CreateCase", create), ("GetCase", get)];

/// The key of cases that are in no project.
const NO_PROJECT: &str = "CASE";

/// The statuses that every type of case has: name, status and group.
const STATUSES: [(&str, &str, &str); 3] = [
    ("Open", "OPEN", "SG_OPEN"),
    ("In Progress", "IN_PROGRESS", "SG_IN_PROGRESS"),
    ("Closed", "CLOSED", "SG_CLOSED"),
];

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let mut case = Record {
        attributes: call.attributes(),
        ..Record::default()
    };
    must_exist(
        state,
        Kind::CaseType,
        case.text("type_id"),
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
    let status = match case.text("status_name") {
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
    give_key(state, &mut case);
    answer(&state.insert(Kind::Case, case))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let id = case_id(state, call)?;
    answer(existing(state, Kind::Case, &id)?)
}

/// Gives a case the next key of its project, as when it is made or moved.
pub(super) fn give_key(state: &State, case: &mut Record) {
    let project = state.get(Kind::Project, case.link("project"));
    let prefix = project.map_or(NO_PROJECT, |project| project.text("key"));
    let prefix = format!("{prefix}-");
    let numbers = state.all(Kind::Case).filter_map(|other| {
        let number = other.text("key").strip_prefix(&prefix)?;
        number.parse::<u64>().ok()
    });
    let next = numbers.max().unwrap_or(0).saturating_add(1);
    case.set("key", format!("{prefix}{next}"));
}

/// Sets status, name and group of the status by its name, or by the vendor's older word for it.
pub(super) fn set_status(case: &mut Record, name: &str, pointer: &str) -> Result<(), ApiError> {
    let found = STATUSES.iter().find(|(known, status, _)| {
        known.eq_ignore_ascii_case(name) || status.eq_ignore_ascii_case(name)
    });
    let Some((name, status, group)) = found else {
        let known: Vec<_> = STATUSES.iter().map(|(name, ..)| *name).collect();
        return Err(ApiError::invalid_body(
            pointer,
            format!(
                "the type has no status `{name}`; use one of {}",
                known.join(", ")
            ),
        ));
    };
    case.set("status_name", *name);
    case.set("status", *status);
    case.set("status_group", *group);
    Ok(())
}

/// A case as answers show it.
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

/// The answer of every operation that gives the case back.
pub(super) fn answer(case: &Record) -> Answer {
    Ok(Some(json!({ "data": rendered(case) })))
}
