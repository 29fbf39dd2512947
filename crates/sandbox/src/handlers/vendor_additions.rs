//! Properties that Datadog's server sends and the document does not list.

use serde_json::{Value, json};

use super::cases::{ASSIGNEE, CREATED_BY, MODIFIED_BY, STANDARD_TYPE, STATUSES, profile};
use crate::state::{Kind, Record, State};

/// The attributes of a resource.
type Attributes = serde_json::Map<String, Value>;

/// Adds properties to the attributes of the resource with this id.
type Addition = fn(&State, &str, &mut Attributes);

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

/// The relations of a case to users, in the order in which responses include them.
const USERS: [&str; 3] = [CREATED_BY, MODIFIED_BY, ASSIGNEE];

/// Adds the properties to the resources of a response, and the users of its cases.
pub(super) fn add(state: &State, body: &mut Value) {
    let resources = match body.get_mut("data") {
        Some(Value::Array(resources)) => resources.as_mut_slice(),
        Some(resource) => std::slice::from_mut(resource),
        None => return,
    };
    let mut users: Vec<String> = Vec::new();
    for resource in resources {
        add_to(state, resource);
        if resource["type"] != Kind::Case.name() {
            continue;
        }
        for relation in USERS {
            let user = resource["relationships"][relation]["data"]["id"].as_str();
            if let Some(user) = user.filter(|id| users.iter().all(|known| known != id)) {
                users.push(user.to_owned());
            }
        }
    }
    if !users.is_empty() {
        body["included"] = users.iter().map(|id| profile(id)).collect();
    }
}

/// Adds the properties to one resource.
fn add_to(state: &State, resource: &mut Value) {
    const ADDITIONS: [(Kind, Addition); 4] = [
        (Kind::Case, add_to_case),
        (Kind::CaseType, add_to_type),
        (Kind::CustomAttribute, |_, _, attribute| {
            let of_type = attribute.get("case_type_id").and_then(Value::as_str);
            let name = type_name(of_type.unwrap_or_default());
            attribute.insert("case_type".to_owned(), name.into());
        }),
        (Kind::TimelineCell, |_, _, cell| add_to_cell(cell)),
    ];
    let name = resource["type"].as_str().unwrap_or_default();
    let found = ADDITIONS.iter().find(|(kind, _)| kind.name() == name);
    let Some((_, addition)) = found else { return };
    let id = resource["id"].as_str().unwrap_or_default().to_owned();
    let attributes = resource.get_mut("attributes");
    if let Some(attributes) = attributes.and_then(Value::as_object_mut) {
        addition(state, &id, attributes);
    }
}

fn add_to_case(state: &State, id: &str, attributes: &mut Attributes) {
    let Some(case) = state.get(Kind::Case, id) else {
        return;
    };
    let insights = case.attributes.get("_insights").cloned();
    for (name, value) in [
        ("comment_count", json!(comment_count(state, case))),
        ("creation_source", CREATION_SOURCE.into()),
        ("internal_id", id.into()),
        ("insights", insights.unwrap_or_else(|| json!([]))),
        ("merge_status", "NOT_MERGED".into()),
        ("public_id", public_id(case).into()),
    ] {
        attributes.insert(name.to_owned(), value);
    }
}

/// Adds the statuses of a type of case, and whether it is one of Datadog's own types.
fn add_to_type(_: &State, id: &str, attributes: &mut Attributes) {
    let statuses = STATUSES.iter().map(|(name, status, _)| {
        let options = json!({ "status_options": [{ "name": name }], "default": name });
        (status.to_lowercase(), options)
    });
    attributes.insert("statuses_config".to_owned(), statuses.collect());
    attributes.insert("internal".to_owned(), (id == STANDARD_TYPE).into());
}

/// Adds the content of a cell as a string, and the author's properties.
fn add_to_cell(cell: &mut Attributes) {
    let content = cell.get("cell_content").map(Value::to_string);
    if let Some(content) = content {
        cell.insert("content".to_owned(), content.into());
    }
    let author = cell.get_mut("author");
    let user = author.and_then(|author| author.get_mut("content"));
    if let Some(user) = user.and_then(Value::as_object_mut)
        && let Some(id) = user.get("id").cloned()
    {
        user.insert("ID".to_owned(), id);
        user.insert("active".to_owned(), true.into());
    }
}

/// Returns the older name of a type of case. Only Datadog's own types have one.
fn type_name(id: &str) -> &'static str {
    if id == STANDARD_TYPE {
        "STANDARD"
    } else {
        "TUNKNOWN"
    }
}
