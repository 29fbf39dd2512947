//! Single cases: creation, retrieval and the form of responses.

use serde_json::{Map, Value, json};

use super::custom_attributes::check_all;
use super::lookup::case_id;
use super::types::open_type;
use super::users::{CREATED_BY, MODIFIED_BY, USER, authors, user};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{existing, must_exist, reference, resource};
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("CreateCase", create), ("GetCase", get)];

/// The key prefix of cases without a project.
const NO_PROJECT: &str = "CASE";

/// Attributes that responses do not show begin with this.
const HIDDEN: char = '_';

/// The relation of a case to the user whom it is assigned to.
pub(in crate::handlers) const ASSIGNEE: &str = "assignee";

/// The statuses of every type of case: name, status and group.
pub(in crate::handlers) const STATUSES: [(&str, &str, &str); 3] = [
    ("Open", "OPEN", "SG_OPEN"),
    ("In Progress", "IN_PROGRESS", "SG_IN_PROGRESS"),
    ("Closed", CLOSED, "SG_CLOSED"),
];

/// The status of a closed case.
const CLOSED: &str = "CLOSED";

/// The attributes that responses show as `null` while they are not set.
const NULLABLE: [&str; 5] = [
    "archived_at",
    "closed_at",
    "jira_issue",
    "modified_at",
    "service_now_ticket",
];

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut case = Record::new(call.attributes());
    open_type(state, case.str("type_id"), "/data/attributes/type_id")?;
    check_all(state, &case)?;
    let related = |name: &str| {
        let id = format!("/data/relationships/{name}/data/id");
        call.body.pointer(&id).and_then(Value::as_str)
    };
    if let Some(project) = related("project") {
        must_exist(
            state,
            Kind::Project,
            project,
            "/data/relationships/project/data/id",
        )?;
        case.set_link("project", project);
    }
    if let Some(assignee) = related(ASSIGNEE) {
        case.set_link(ASSIGNEE, assignee);
    }
    let now = state.clock.now_text();
    let status = match case.str("status_name") {
        "" => "Open".to_owned(),
        name => name.to_owned(),
    };
    set_status(&mut case, &status, &now, "/data/attributes/status_name")?;
    case.attributes
        .entry("priority")
        .or_insert_with(|| "NOT_DEFINED".into());
    case.set("attributes", json!({}));
    case.set("type", "STANDARD");
    case.set("created_at", now);
    case.set_link(CREATED_BY, USER);
    set_key(state, &mut case);
    response(&state.insert(Kind::Case, case))
}

fn get(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = case_id(state, call)?;
    response(existing(state, Kind::Case, &id)?)
}

/// Stores a changed case, with the time and the author of the change, and returns it.
pub(super) fn store(state: &mut State, mut case: Record) -> Record {
    case.set("modified_at", state.clock.now_text());
    case.set_link(MODIFIED_BY, USER);
    if let Some(stored) = state.get_mut(Kind::Case, &case.id) {
        stored.clone_from(&case);
    }
    case
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

/// Sets the status of a case by its name or by the vendor's older constant. A case that becomes
/// closed gets the time in `closed_at`; another status removes it.
pub(super) fn set_status(
    case: &mut Record,
    name: &str,
    now: &str,
    pointer: &str,
) -> Result<(), ApiError> {
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
    if *status != CLOSED {
        case.attributes.remove("closed_at");
    } else if case.str("status") != CLOSED {
        case.set("closed_at", now);
    }
    case.set("status_name", *name);
    case.set("status", *status);
    case.set("status_group", *group);
    Ok(())
}

/// Returns a case as responses show it.
pub(super) fn rendered(case: &Record) -> Value {
    let unset = NULLABLE.map(|name| (name, Value::Null));
    let empty = [("custom_attributes", json!({})), ("description", "".into())];
    let mut shown: Map<String, Value> = unset
        .into_iter()
        .chain(empty)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let set = case.attributes.iter();
    shown.extend(
        set.filter(|(name, _)| !name.starts_with(HIDDEN))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let mut rendered = resource(Kind::Case, case, shown);
    let mut relationships = authors(case);
    relationships[ASSIGNEE] = user(case, ASSIGNEE);
    let project = case.link("project");
    if !project.is_empty() {
        relationships["project"] = reference("project", project);
    }
    rendered["relationships"] = relationships;
    rendered
}

/// Returns the response that holds a case.
pub(super) fn response(case: &Record) -> HandlerResult {
    Ok(Some(json!({ "data": rendered(case) })))
}
