//! Scorecard rules. The first rule that names a scorecard creates it.

use serde_json::{Value, json};

use super::scorecards;
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::{Comparison, Filter, Page, attribute, passes, sparse};
use crate::handlers::resource::{delete, existing, reference, resource};
use crate::request::{ApiError, Call};
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
        comparison: Comparison::Equal,
        field: |_, rule| rule.id.clone().into(),
    },
    Filter {
        parameter: "filter[rule][enabled]",
        comparison: Comparison::Equal,
        field: |_, rule| attribute(rule, "enabled"),
    },
    Filter {
        parameter: "filter[rule][custom]",
        comparison: Comparison::Equal,
        field: |_, rule| attribute(rule, "custom"),
    },
    Filter {
        parameter: "filter[rule][name]",
        comparison: Comparison::Contains,
        field: |_, rule| attribute(rule, "name"),
    },
    Filter {
        parameter: "filter[rule][description]",
        comparison: Comparison::Contains,
        field: |_, rule| attribute(rule, "description"),
    },
];

/// The attributes that a rule needs, although the document does not require them.
const MANDATORY: [&str; 2] = ["name", "scorecard_name"];

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut rule = Record::new(call.attributes());
    for name in MANDATORY {
        if rule.str(name).is_empty() {
            return Err(ApiError::invalid_body(
                format!("/data/attributes/{name}"),
                "a new rule needs this attribute; send a string that is not empty",
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

/// Replaces a rule. Mandatory attributes that are left out stay, as does the time of creation.
fn update(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let old = existing(state, Kind::Rule, call.path_str("rule_id"))?.clone();
    let mut rule = Record {
        attributes: call.attributes(),
        ..old.clone()
    };
    for kept in MANDATORY
        .into_iter()
        .filter(|name| rule.str(name).is_empty())
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

/// Adds the attributes that the server manages: times, defaults and the scorecard.
fn complete(state: &mut State, rule: &mut Record) {
    let scorecard_name = rule.str("scorecard_name").to_owned();
    rule.set_link("scorecard", scorecards::named(state, &scorecard_name));
    rule.attributes
        .entry("enabled")
        .or_insert(Value::Bool(true));
    rule.set("category", scorecard_name);
    rule.set("custom", true);
    rule.set("modified_at", state.clock.now_text());
}

/// Deletes a rule and its outcomes.
fn remove(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("rule_id");
    let response = delete(state, Kind::Rule, id)?;
    state.retain(Kind::Outcome, |outcome| outcome.link("rule") != id);
    Ok(response)
}

fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let rules = state
        .all(Kind::Rule)
        .filter(|rule| passes(FILTERS, call, state, rule))
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
