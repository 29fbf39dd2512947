//! Searches, counts, groups and bulk updates of cases.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::case::rendered;
use super::lookup::existing_case;
use super::query::{Query, values};
use super::{changes, tickets};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::NumberedPage;
use crate::handlers::vendor_rules;
use crate::request::{ApiError, Call, comma_separated};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("SearchCases", search),
    ("CountCases", count),
    ("AggregateCases", aggregate),
    ("BulkUpdateCases", bulk),
];

/// The priorities, the least urgent first.
const PRIORITIES: [&str; 6] = ["NOT_DEFINED", "P5", "P4", "P3", "P2", "P1"];

/// The statuses in the order of a case's life.
const STATUSES: [&str; 3] = ["OPEN", "IN_PROGRESS", "CLOSED"];

/// The default number of values per field in counts.
const DEFAULT_GROUPS: usize = 100;

fn search(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut found = matching(state, call.query_str("filter"))
        .map_err(|problem| ApiError::invalid_parameter("filter", problem))?;
    let rank = |case: &Record, field: &str, order: &[&str]| {
        order.iter().position(|value| *value == case.str(field))
    };
    // The state keeps the order of creation.
    match call.query_str("sort[field]") {
        Some("priority") => found.sort_by_key(|case| rank(case, "priority", &PRIORITIES)),
        Some("status") => found.sort_by_key(|case| rank(case, "status", &STATUSES)),
        _ => {}
    }
    if call.query("sort[asc]") != Some(&Value::Bool(true)) {
        found.reverse();
    }
    let total_cases = found.len();
    let page = NumberedPage::cut(call, 1, found)?;
    let cases: Vec<_> = page.items.iter().map(rendered).collect();
    let position = json!({ "current": page.number, "size": cases.len(), "total": page.pages });
    let mut meta = json!({ "page": position });
    if !call.documented_only {
        meta["total_cases"] = total_cases.into();
    }
    Ok(Some(json!({ "data": cases, "meta": meta })))
}

fn count(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let found = matching(state, call.query_str("query_filter"))
        .map_err(|problem| ApiError::invalid_parameter("query_filter", problem))?;
    let limit = call.query("limit").and_then(Value::as_u64);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let fields = call.query_str("group_bys").unwrap_or_default();
    let groups: Vec<_> = comma_separated(fields)
        .map(|field| {
            let counts = counts(state, &found, field, limit.unwrap_or(DEFAULT_GROUPS));
            let values: Vec<_> = counts
                .into_iter()
                .map(|(value, count)| json!({ "value": value, "count": count }))
                .collect();
            json!({ "group": field, "group_values": values })
        })
        .collect();
    let id = state.next_id(Kind::Case);
    Ok(Some(json!({
        "data": { "id": id, "type": "count", "attributes": { "groups": groups } }
    })))
}

fn aggregate(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let attributes = call.attributes();
    let found = matching(
        state,
        attributes.get("query_filter").and_then(Value::as_str),
    )
    .map_err(|problem| ApiError::invalid_body("/data/attributes/query_filter", problem))?;
    let group_by = attributes.get("group_by").cloned().unwrap_or_default();
    let limit = group_by["limit"].as_u64();
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let fields = group_by["groups"].as_array().into_iter().flatten();
    let groups: Vec<_> = fields
        .filter_map(Value::as_str)
        .flat_map(|field| counts(state, &found, field, limit.unwrap_or(DEFAULT_GROUPS)))
        .map(|(value, count)| json!({ "group": value, "value": [count] }))
        .collect();
    let total = found.len();
    let id = state.next_id(Kind::Case);
    Ok(Some(json!({
        "data": {
            "id": id,
            "type": "aggregate",
            "attributes": { "groups": groups, "total": total },
        }
    })))
}

/// Applies an action to each case, through the operation for single cases, which checks the
/// payload. If the action fails for one case, no case changes.
fn bulk(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let attributes = call.attributes();
    let ids = ids(state, &attributes)?;
    let action = attributes.get("type").and_then(Value::as_str);
    let payload = attributes.get("payload").cloned().unwrap_or(json!({}));
    let (operation, kind) = match action.unwrap_or_default() {
        "priority" => ("UpdatePriority", "case"),
        "status" => ("UpdateStatus", "case"),
        "assign" => ("AssignCase", "case"),
        "unassign" => ("UnassignCase", "case"),
        "archive" => ("ArchiveCase", "case"),
        "unarchive" => ("UnarchiveCase", "case"),
        "update_project" => ("MoveCaseToProject", "project"),
        "jira" => ("CreateCaseJiraIssue", "issues"),
        "servicenow" => ("CreateCaseServiceNowTicket", "tickets"),
        // The document has no operation for the other actions.
        _ => return Ok(None),
    };
    let mut data = json!({ "type": kind, "attributes": payload });
    if let Some(id) = payload.get("project_id")
        && operation == "MoveCaseToProject"
    {
        data["id"] = id.clone();
    }
    let one = call
        .of_operation(operation, json!({ "data": data }))
        .and_then(|one| vendor_rules::check(state, &one).map(|()| one))
        .map_err(in_payload)?;
    let mut handlers = changes::HANDLERS.iter().chain(tickets::HANDLERS);
    let Some((_, handler)) = handlers.find(|(id, _)| *id == operation) else {
        return Ok(None);
    };
    let before: Vec<_> = ids
        .iter()
        .filter_map(|id| state.get(Kind::Case, id).cloned())
        .collect();
    let result = ids
        .iter()
        .try_for_each(|id| handler(state, &one.for_case(id)).map(drop));
    if result.is_err() {
        for case in before {
            if let Some(changed) = state.get_mut(Kind::Case, &case.id) {
                *changed = case;
            }
        }
    }
    result.map(|()| None).map_err(in_payload)
}

/// Turns an error of the operation for single cases into one that names the payload.
fn in_payload(error: ApiError) -> ApiError {
    const PAYLOAD: &str = "/data/attributes/payload";
    error.map_pointers(|pointer| match pointer.strip_prefix("/data/attributes") {
        Some(rest) => format!("{PAYLOAD}{rest}"),
        None if pointer == "/data/id" => format!("{PAYLOAD}/project_id"),
        None => pointer.to_owned(),
    })
}

/// Returns the identifiers of the cases that a bulk update names. All must exist.
fn ids(
    state: &State,
    attributes: &serde_json::Map<String, Value>,
) -> Result<Vec<String>, ApiError> {
    let named = attributes.get("case_ids").and_then(Value::as_array);
    named
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| existing_case(state, name))
        .collect()
}

/// Returns the cases that match a query.
///
/// # Errors
///
/// Returns an error if the query cannot be parsed.
fn matching(state: &State, query: Option<&str>) -> Result<Vec<Record>, String> {
    let query = Query::parse(query.unwrap_or_default())?;
    let cases = state.all(Kind::Case);
    Ok(cases
        .filter(|case| query.matches(state, case))
        .cloned()
        .collect())
}

/// Counts the cases per value of a field, the most frequent first.
fn counts(state: &State, cases: &[Record], field: &str, limit: usize) -> Vec<(String, u64)> {
    let mut counts: IndexMap<String, u64> = IndexMap::new();
    for case in cases {
        if let Some(value) = values(state, case, field)
            .into_iter()
            .find(|value| !value.is_empty())
        {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(limit);
    counts
}
