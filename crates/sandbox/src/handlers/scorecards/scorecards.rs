//! Scorecards, the named groups that rules belong to. No operation creates one; rules do.

use serde_json::json;

use crate::call::Call;
use crate::handlers::{Answer, Entry, resource};
use crate::list::{Filter, Page, Test, accepted, attribute};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("ListScorecards", list)];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[scorecard][id]",
        test: Test::Same,
        field: |_, scorecard| scorecard.id.clone().into(),
    },
    Filter {
        parameter: "filter[scorecard][name]",
        test: Test::Contains,
        field: |_, scorecard| attribute(scorecard, "name"),
    },
    Filter {
        parameter: "filter[scorecard][description]",
        test: Test::Contains,
        field: |_, scorecard| attribute(scorecard, "description"),
    },
];

/// The identifier of the scorecard with this name, which is created when there is none.
pub(super) fn named(state: &mut State, name: &str) -> String {
    if let Some(scorecard) = state
        .all(Kind::Scorecard)
        .find(|scorecard| scorecard.text("name") == name)
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

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let scorecards = state
        .all(Kind::Scorecard)
        .filter(|scorecard| accepted(FILTERS, call, state, scorecard))
        .collect();
    let page: Page<&Record> = Page::cut(call, "page[size]", scorecards)?;
    let page =
        page.map(|scorecard| resource(Kind::Scorecard, scorecard, scorecard.attributes.clone()));
    Ok(Some(json!({ "data": page.items })))
}
