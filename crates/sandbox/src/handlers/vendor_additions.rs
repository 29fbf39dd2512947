//! Properties of cases that Datadog's server sends and the document does not list.

use serde_json::{Value, json};

use crate::state::{Kind, Record, State};

/// The source of every case: the sandbox has no other one.
pub(super) const CREATION_SOURCE: &str = "MANUAL";

/// Returns the number of comments on a case.
pub(super) fn comment_count(state: &State, case: &Record) -> usize {
    let cells = state.all(Kind::TimelineCell);
    cells.filter(|cell| cell.link("case") == case.id).count()
}

/// Returns the number of a case within its project.
pub(super) fn public_id(case: &Record) -> &str {
    case.str("key").rsplit('-').next().unwrap_or_default()
}

/// Adds the properties to the cases of a response.
pub(super) fn add(state: &State, body: &mut Value) {
    match body.get_mut("data") {
        Some(Value::Array(resources)) => {
            for resource in resources {
                add_to(state, resource);
            }
        }
        Some(resource) => add_to(state, resource),
        None => {}
    }
}

fn add_to(state: &State, resource: &mut Value) {
    if resource["type"] != Kind::Case.name() {
        return;
    }
    let id = resource["id"].as_str().unwrap_or_default().to_owned();
    let (Some(case), Some(attributes)) = (
        state.get(Kind::Case, &id),
        resource
            .get_mut("attributes")
            .and_then(Value::as_object_mut),
    ) else {
        return;
    };
    let insights = case.attributes.get("_insights").cloned();
    for (name, value) in [
        ("comment_count", json!(comment_count(state, case))),
        ("creation_source", CREATION_SOURCE.into()),
        ("internal_id", id.as_str().into()),
        ("insights", insights.unwrap_or_else(|| json!([]))),
        ("merge_status", "NOT_MERGED".into()),
        ("public_id", public_id(case).into()),
    ] {
        attributes.insert(name.to_owned(), value);
    }
}
