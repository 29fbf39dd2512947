//! Links between entities, such as cases and incidents.

use serde_json::{Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{delete, resource};
use crate::request::Call;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("CreateCaseLink", create),
    ("ListCaseLinks", list),
    ("DeleteCaseLink", |state, call| {
        delete(state, Kind::Link, call.path_str("link_id"))
    }),
];

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let link = Record::new(call.attributes());
    Ok(Some(
        json!({ "data": rendered(&state.insert(Kind::Link, link)) }),
    ))
}

/// Lists the links of an entity, as parent or as child.
fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let kind = call.query_str("entity_type").unwrap_or_default();
    let id = call.query_str("entity_id").unwrap_or_default();
    let relationship = call.query_str("relationship");
    let is_end = |link: &Record, end: &str| {
        link.str(&format!("{end}_entity_type"))
            .eq_ignore_ascii_case(kind)
            && link.str(&format!("{end}_entity_id")) == id
    };
    let links: Vec<_> = state
        .all(Kind::Link)
        .filter(|link| is_end(link, "parent") || is_end(link, "child"))
        .filter(|link| relationship.is_none_or(|wanted| link.str("relationship") == wanted))
        .map(rendered)
        .collect();
    Ok(Some(json!({ "data": links })))
}

fn rendered(link: &Record) -> Value {
    resource(Kind::Link, link, link.attributes.clone())
}
