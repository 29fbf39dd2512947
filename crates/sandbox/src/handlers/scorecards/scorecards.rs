//! Scorecards, the named groups of rules. No operation creates one; rules do.

use serde_json::json;

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::{Comparison, Filter, Page, attribute, passes};
use crate::handlers::resource::resource;
use crate::request::Call;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("ListScorecards", list)];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[scorecard][id]",
        comparison: Comparison::Equal,
        field: |_, scorecard| scorecard.id.clone().into(),
    },
    Filter {
        parameter: "filter[scorecard][name]",
        comparison: Comparison::Contains,
        field: |_, scorecard| attribute(scorecard, "name"),
    },
    Filter {
        parameter: "filter[scorecard][description]",
        comparison: Comparison::Contains,
        field: |_, scorecard| attribute(scorecard, "description"),
    },
];

/// Returns the identifier of the scorecard with a name, and creates it if necessary.
pub(super) fn named(state: &mut State, name: &str) -> String {
    if let Some(scorecard) = state
        .all(Kind::Scorecard)
        .find(|scorecard| scorecard.str("name") == name)
    {
        return scorecard.id.clone();
    }
    let now = state.clock.now_text();
    let mut scorecard = Record::default();
    scorecard.set("name", name);
    scorecard.set("created_at", now.as_str());
    scorecard.set("modified_at", now);
    state.insert(Kind::Scorecard, scorecard).id
}

fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let scorecards = state
        .all(Kind::Scorecard)
        .filter(|scorecard| passes(FILTERS, call, state, scorecard))
        .collect();
    let page: Page<&Record> = Page::cut(call, "page[size]", scorecards)?;
    let page =
        page.map(|scorecard| resource(Kind::Scorecard, scorecard, scorecard.attributes.clone()));
    Ok(Some(json!({ "data": page.items })))
}
