//! Views, which are the saved searches of a project, and maintenance windows.

use serde_json::{Value, json};

use super::users::{CREATED_BY, MODIFIED_BY, USER, authors};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{delete, existing, must_exist, reference, resource};
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("ListCaseViews", list_views),
    ("CreateCaseView", create_view),
    ("GetCaseView", |state, call| {
        view_response(existing(state, Kind::View, call.path_str("view_id"))?)
    }),
    ("UpdateCaseView", update_view),
    ("DeleteCaseView", |state, call| {
        delete(state, Kind::View, call.path_str("view_id"))
    }),
    ("ListMaintenanceWindows", |state, _| {
        let windows: Vec<_> = state.all(Kind::MaintenanceWindow).map(window).collect();
        Ok(Some(json!({ "data": windows })))
    }),
    ("CreateMaintenanceWindow", create_window),
    ("UpdateMaintenanceWindow", update_window),
    ("DeleteMaintenanceWindow", |state, call| {
        delete(
            state,
            Kind::MaintenanceWindow,
            call.path_str("maintenance_window_id"),
        )
    }),
];

fn list_views(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let project = call.query_str("project_id").unwrap_or_default();
    existing(state, Kind::Project, project)?;
    let views: Vec<_> = state
        .all(Kind::View)
        .filter(|view| view.link("project") == project)
        .map(rendered_view)
        .collect();
    Ok(Some(json!({ "data": views })))
}

fn create_view(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut view = Record::new(call.attributes());
    let project = view.str("project_id").to_owned();
    must_exist(
        state,
        Kind::Project,
        &project,
        "/data/attributes/project_id",
    )?;
    view.attributes.remove("project_id");
    view.set_link("project", project);
    view.set("created_at", state.clock.now_text());
    view.set_link(CREATED_BY, USER);
    view_response(&state.insert(Kind::View, view))
}

fn update_view(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let now = state.clock.now_text();
    let id = call.path_str("view_id");
    let Some(view) = state.get_mut(Kind::View, id) else {
        return Err(ApiError::not_found(Kind::View.name(), id));
    };
    view.merge(call.attributes());
    view.set("modified_at", now);
    view.set_link(MODIFIED_BY, USER);
    view_response(view)
}

fn view_response(view: &Record) -> HandlerResult {
    Ok(Some(json!({ "data": rendered_view(view) })))
}

fn rendered_view(view: &Record) -> Value {
    let mut rendered = resource(Kind::View, view, view.attributes.clone());
    let mut relationships = authors(view);
    relationships["project"] = reference("project", view.link("project"));
    rendered["relationships"] = relationships;
    rendered
}

fn create_window(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut created = Record::new(call.attributes());
    check_span(&created)?;
    created.set("created_by", USER);
    let created = state.insert(Kind::MaintenanceWindow, created);
    Ok(Some(json!({ "data": window(&created) })))
}

fn update_window(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("maintenance_window_id");
    let mut changed = existing(state, Kind::MaintenanceWindow, id)?.clone();
    changed.merge(call.attributes());
    check_span(&changed)?;
    changed.set("updated_by", USER);
    if let Some(stored) = state.get_mut(Kind::MaintenanceWindow, id) {
        stored.clone_from(&changed);
    }
    Ok(Some(json!({ "data": window(&changed) })))
}

/// Checks that a window ends after it begins.
fn check_span(window: &Record) -> Result<(), ApiError> {
    let instant = |name: &str| window.str(name).parse::<jiff::Timestamp>();
    match (instant("start_at"), instant("end_at")) {
        (Ok(start), Ok(end)) if start >= end => Err(ApiError::invalid_body(
            "/data/attributes/end_at",
            "the window ends before it begins",
        )),
        _ => Ok(()),
    }
}

fn window(window: &Record) -> Value {
    resource(Kind::MaintenanceWindow, window, window.attributes.clone())
}
