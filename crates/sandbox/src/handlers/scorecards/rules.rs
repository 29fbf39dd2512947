//! Scorecard rules. A scorecard comes into being with the first rule that names it.

use serde_json::{Value, json};

use super::scorecards;
use crate::call::Call;
use crate::errors::ApiError;
use crate::handlers::{Answer, Entry, delete, existing, reference, resource};
use crate::list::{Filter, Page, Test, accepted, attribute, sparse};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("CreateScorecardRule", create),
    ("ListScorecardRules", list),
    ("UpdateScorecardRule", update),
    ("DeleteScorecardRule", remove),
];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[rule][id]",
        test: Test::Same,
        field: |_, rule| rule.id.clone().into(),
    },
    Filter {
        parameter: "filter[rule][enabled]",
        test: Test::Same,
        field: |_, rule| attribute(rule, "enabled"),
    },
    Filter {
        parameter: "filter[rule][custom]",
        test: Test::Same,
        field: |_, rule| attribute(rule, "custom"),
    },
    Filter {
        parameter: "filter[rule][name]",
        test: Test::Contains,
        field: |_, rule| attribute(rule, "name"),
    },
    Filter {
        parameter: "filter[rule][description]",
        test: Test::Contains,
        field: |_, rule| attribute(rule, "description"),
    },
];

/// The attributes that a rule cannot do without, although the document leaves them out of `required`.
const MANDATORY: [&str; 2] = ["name", "scorecard_name"];

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let mut rule = Record {
        attributes: call.attributes(),
        ..Record::default()
    };
    for name in MANDATORY {
        if rule.text(name).is_empty() {
            return Err(ApiError::invalid_body(
                format!("/data/attributes/{name}"),
                "a new rule needs a text here",
            ));
        }
    }
    let now = state.clock.now_text();
    rule.set("created_at", now);
    complete(state, &mut rule);
    let rule = state.insert(Kind::Rule, rule);
    Ok(Some(
        json!({ "data": rendered(&rule, rule.attributes.clone()) }),
    ))
}

/// Replaces what a rule says, as the document wants it. Only the mandatory attributes and the creation
/// survive being left out.
fn update(state: &mut State, call: &Call<'_>) -> Answer {
    let old = existing(state, Kind::Rule, call.path_text("rule_id"))?.clone();
    let mut rule = Record {
        attributes: call.attributes(),
        ..old.clone()
    };
    for kept in MANDATORY
        .into_iter()
        .filter(|name| rule.text(name).is_empty())
        .collect::<Vec<_>>()
    {
        rule.set(kept, attribute(&old, kept));
    }
    rule.set("created_at", attribute(&old, "created_at"));
    complete(state, &mut rule);
    if let Some(stored) = state.get_mut(Kind::Rule, &old.id) {
        *stored = rule.clone();
    }
    Ok(Some(
        json!({ "data": rendered(&rule, rule.attributes.clone()) }),
    ))
}

/// Adds what the server manages: dates, defaults and the scorecard.
fn complete(state: &mut State, rule: &mut Record) {
    let scorecard_name = rule.text("scorecard_name").to_owned();
    rule.set_link("scorecard", scorecards::named(state, &scorecard_name));
    rule.attributes
        .entry("enabled")
        .or_insert(Value::Bool(true));
    rule.set("category", scorecard_name);
    rule.set("custom", true);
    rule.set("modified_at", state.clock.now_text());
}

/// Deletes a rule and, since they mean nothing without it, its outcomes.
fn remove(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.path_text("rule_id");
    let answer = delete(state, Kind::Rule, id)?;
    state.retain(Kind::Outcome, |outcome| outcome.link("rule") != id);
    Ok(answer)
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let rules = state
        .all(Kind::Rule)
        .filter(|rule| accepted(FILTERS, call, state, rule))
        .collect();
    let page = Page::cut(call, "page[size]", rules)?;
    let links = page.links(call);
    let mut included: Vec<&str> = page
        .items
        .iter()
        .map(|rule| rule.link("scorecard"))
        .collect();
    included.sort_unstable();
    included.dedup();
    let scorecards = included
        .into_iter()
        .filter_map(|id| state.get(Kind::Scorecard, id))
        .map(|scorecard| {
            let attributes = sparse(call, "fields[scorecard]", &scorecard.attributes);
            resource(Kind::Scorecard, scorecard, attributes)
        });
    let scorecards: Vec<_> = scorecards.collect();
    let rules = page.map(|rule| rendered(rule, sparse(call, "fields[rule]", &rule.attributes)));
    let mut body = json!({ "data": rules.items, "links": links });
    if call.lists("include", "scorecard") {
        body["included"] = scorecards.into();
    }
    Ok(Some(body))
}

fn rendered(rule: &Record, attributes: serde_json::Map<String, Value>) -> Value {
    let mut resource = resource(Kind::Rule, rule, attributes);
    resource["relationships"] =
        json!({ "scorecard": reference("scorecard", rule.link("scorecard")) });
    resource
}
