//! Links between entities, of which cases are one kind.

use serde_json::{Value, json};

use super::super::{Answer, Entry, delete, resource};
use crate::call::Call;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("CreateCaseLink", create),
    ("ListCaseLinks", list),
    ("DeleteCaseLink", |state, call| {
        delete(state, Kind::Link, call.path_text("link_id"))
    }),
];

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let link = Record {
        attributes: call.attributes(),
        ..Record::default()
    };
    Ok(Some(
        json!({ "data": rendered(&state.insert(Kind::Link, link)) }),
    ))
}

/// The links at whose one end an entity is.
fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let kind = call.query_text("entity_type").unwrap_or_default();
    let id = call.query_text("entity_id").unwrap_or_default();
    let relationship = call.query_text("relationship");
    let is_end = |link: &Record, end: &str| {
        link.text(&format!("{end}_entity_type"))
            .eq_ignore_ascii_case(kind)
            && link.text(&format!("{end}_entity_id")) == id
    };
    let links: Vec<_> = state
        .all(Kind::Link)
        .filter(|link| is_end(link, "parent") || is_end(link, "child"))
        .filter(|link| relationship.is_none_or(|wanted| link.text("relationship") == wanted))
        .map(rendered)
        .collect();
    Ok(Some(json!({ "data": links })))
}

fn rendered(link: &Record) -> Value {
    resource(Kind::Link, link, link.attributes.clone())
}
