//! Projects of Case Management.

use serde_json::{Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{delete, existing, resource};
use crate::request::{ApiError, Call, Problem, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("GetProjects", list),
    ("CreateProject", create),
    ("GetProject", get),
    ("UpdateProject", update),
    ("DeleteProject", remove),
    ("ListUserCaseProjectFavorites", favorites),
    ("FavoriteCaseProject", add_favorite),
    ("UnfavoriteCaseProject", remove_favorite),
];

/// The key that the vendor reserves.
const RESERVED_KEY: &str = "CASE";

/// The kinds of records that belong to one project.
const PARTS: [Kind; 4] = [
    Kind::AutomationRule,
    Kind::Favorite,
    Kind::NotificationRule,
    Kind::View,
];

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    const KEY: &str = "/data/attributes/key";
    let mut project = Record::new(call.attributes());
    if project.str("key") == RESERVED_KEY {
        return Err(ApiError::invalid_body(
            KEY,
            format!("the key `{RESERVED_KEY}` is reserved; choose another"),
        ));
    }
    if let Some(holder) = state
        .all(Kind::Project)
        .find(|holder| holder.str("key") == project.str("key"))
    {
        let detail = format!(
            "the key `{}` is taken by project `{}`; choose another",
            project.str("key"),
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

fn list(state: &mut State, _call: &Call<'_>) -> HandlerResult {
    let projects: Vec<_> = state.all(Kind::Project).map(rendered).collect();
    Ok(Some(json!({ "data": projects })))
}

fn get(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let project = existing(state, Kind::Project, call.path_str("project_id"))?;
    Ok(Some(json!({ "data": rendered(project) })))
}

/// Deletes a project and the records that belong to it. Its cases stay, without a project.
fn remove(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("project_id");
    let response = delete(state, Kind::Project, id)?;
    for kind in PARTS {
        state.retain(kind, |part| part.link("project") != id);
    }
    let cases = state.all(Kind::Case);
    let cases: Vec<_> = cases
        .filter(|case| case.link("project") == id)
        .map(|case| case.id.clone())
        .collect();
    for case in cases {
        if let Some(case) = state.get_mut(Kind::Case, &case) {
            case.links.remove("project");
        }
    }
    Ok(response)
}

/// Replaces the attributes that are sent.
fn update(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("project_id");
    let Some(project) = state.get_mut(Kind::Project, id) else {
        return Err(ApiError::not_found(Kind::Project.name(), id));
    };
    let mut changes = call.attributes();
    if let Some(Value::String(team)) = changes.remove("team_uuid") {
        project.set_link("member_team", team);
    }
    project.merge(changes);
    Ok(Some(json!({ "data": rendered(project) })))
}

/// Lists the favorites of the sandbox's one user.
fn favorites(state: &mut State, _call: &Call<'_>) -> HandlerResult {
    let favorites: Vec<_> = state
        .all(Kind::Favorite)
        .map(|favorite| json!({ "id": favorite.link("project"), "type": Kind::Favorite.name() }))
        .collect();
    Ok(Some(json!({ "data": favorites })))
}

/// Adds a favorite; a second request for the same project changes nothing.
fn add_favorite(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("project_id");
    existing(state, Kind::Project, id)?;
    let is_same = |favorite: &Record| favorite.link("project") == id;
    if state.find(Kind::Favorite, is_same).is_none() {
        let mut favorite = Record::default();
        favorite.set_link("project", id);
        state.insert(Kind::Favorite, favorite);
    }
    Ok(None)
}

fn remove_favorite(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("project_id");
    existing(state, Kind::Project, id)?;
    state.retain(Kind::Favorite, |favorite| favorite.link("project") != id);
    Ok(None)
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
