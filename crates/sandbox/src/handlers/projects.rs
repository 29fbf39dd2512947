//! Projects of Case Management.

use serde_json::{Value, json};

use super::{Answer, Entry, delete, existing, resource};
use crate::call::Call;
use crate::errors::{ApiError, Problem, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("GetProjects", list),
    ("CreateProject", create),
    ("GetProject", get),
    ("DeleteProject", remove),
];

/// The key that the vendor keeps for itself.
const RESERVED_KEY: &str = "CASE";

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    const KEY: &str = "/data/attributes/key";
    let mut project = Record {
        attributes: call.attributes(),
        ..Record::default()
    };
    if project.text("key") == RESERVED_KEY {
        return Err(ApiError::invalid_body(
            KEY,
            format!("the key `{RESERVED_KEY}` is reserved; choose another"),
        ));
    }
    if let Some(holder) = state
        .all(Kind::Project)
        .find(|holder| holder.text("key") == project.text("key"))
    {
        let detail = format!(
            "the key `{}` is taken by project `{}`; choose another",
            project.text("key"),
            holder.id
        );
        return Err(ApiError::with(
            Reason::Conflict,
            vec![Problem::in_body(KEY, detail)],
        ));
    }
    if let Some(Value::String(team)) = project.attributes.remove("team_uuid") {
        project.set_link("member_team", team);
    }
    project
        .attributes
        .entry("enabled_custom_case_types")
        .or_insert_with(|| json!([]));
    project.set("restricted", false);
    Ok(Some(
        json!({ "data": rendered(&state.insert(Kind::Project, project)) }),
    ))
}

fn list(state: &mut State, _call: &Call<'_>) -> Answer {
    let projects: Vec<_> = state.all(Kind::Project).map(rendered).collect();
    Ok(Some(json!({ "data": projects })))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let project = existing(state, Kind::Project, call.path_text("project_id"))?;
    Ok(Some(json!({ "data": rendered(project) })))
}

fn remove(state: &mut State, call: &Call<'_>) -> Answer {
    delete(state, Kind::Project, call.path_text("project_id"))
}

fn rendered(project: &Record) -> Value {
    let mut resource = resource(Kind::Project, project, project.attributes.clone());
    let team = project.link("member_team");
    if !team.is_empty() {
        resource["relationships"] =
            json!({ "member_team": { "data": [{ "id": team, "type": "team_links" }] } });
    }
    resource
}
