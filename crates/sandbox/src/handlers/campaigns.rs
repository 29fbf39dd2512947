//! Scorecard campaigns, which paths name by identifier or by key.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::{Comparison, Filter, Page, attribute, passes};
use crate::handlers::resource::{delete, resource};
use crate::request::{ApiError, Call, Problem, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("ListScorecardCampaigns", list),
    ("CreateScorecardCampaign", create),
    ("GetScorecardCampaign", get),
    ("UpdateScorecardCampaign", update),
    ("DeleteScorecardCampaign", remove),
];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[campaign][name]",
        comparison: Comparison::Contains,
        field: |_, campaign| attribute(campaign, "name"),
    },
    Filter {
        parameter: "filter[campaign][status]",
        comparison: Comparison::Equal,
        field: |_, campaign| attribute(campaign, "status"),
    },
    Filter {
        parameter: "filter[campaign][owner]",
        comparison: Comparison::Equal,
        field: |_, campaign| attribute(campaign, "owner"),
    },
];

/// Returns the campaign that a path names by identifier or key.
fn find(state: &State, call: &Call<'_>) -> Result<Record, ApiError> {
    let name = call.path_str("campaign_id");
    let found = state
        .get(Kind::Campaign, name)
        .or_else(|| with_key(state, name));
    found
        .cloned()
        .ok_or_else(|| ApiError::not_found(Kind::Campaign.name(), name))
}

fn with_key<'s>(state: &'s State, key: &str) -> Option<&'s Record> {
    state
        .all(Kind::Campaign)
        .find(|campaign| campaign.str("key") == key)
}

fn create(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut campaign = read(state, call, None)?;
    if campaign.str("status").is_empty() {
        let begun = campaign
            .str("start_date")
            .parse::<Timestamp>()
            .is_ok_and(|start| start <= state.clock.now());
        campaign.set("status", if begun { "in_progress" } else { "not_started" });
    }
    campaign.set("created_at", state.clock.now_text());
    campaign.set("modified_at", state.clock.now_text());
    Ok(Some(rendered(&state.insert(Kind::Campaign, campaign))))
}

/// Replaces a campaign. A key that is left out stays.
fn update(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let old = find(state, call)?;
    let mut campaign = read(state, call, Some(&old))?;
    campaign.id.clone_from(&old.id);
    campaign
        .attributes
        .entry("key")
        .or_insert_with(|| attribute(&old, "key"));
    campaign.set("created_at", attribute(&old, "created_at"));
    campaign.set("modified_at", state.clock.now_text());
    if let Some(stored) = state.get_mut(Kind::Campaign, &old.id) {
        *stored = campaign.clone();
    }
    Ok(Some(rendered(&campaign)))
}

/// Reads a campaign from a body, and checks its rules and its key.
fn read(state: &State, call: &Call<'_>, old: Option<&Record>) -> Result<Record, ApiError> {
    let mut campaign = Record::new(call.attributes());
    // Responses have another name for the owner, and do not have the rules.
    if let Some(owner) = campaign.attributes.remove("owner_id") {
        campaign.set("owner", owner);
    }
    let rule_ids = campaign.attributes.remove("rule_ids").unwrap_or_default();
    let rule_ids: Vec<_> = rule_ids
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    check_rules(state, &rule_ids)?;
    check_key(state, &campaign, old)?;
    campaign.links.insert("rules".to_owned(), rule_ids);
    Ok(campaign)
}

/// Checks that the rules of a campaign exist.
fn check_rules(state: &State, rule_ids: &[String]) -> Result<(), ApiError> {
    let problems: Vec<_> = rule_ids
        .iter()
        .enumerate()
        .filter(|(_, id)| state.get(Kind::Rule, id).is_none())
        .map(|(index, id)| {
            let detail = format!("there is no rule `{id}`; create it first");
            Problem::in_body(format!("/data/attributes/rule_ids/{index}"), detail)
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::with(Reason::Invalid, problems))
    }
}

/// Checks that no other campaign has the key of a campaign.
fn check_key(state: &State, campaign: &Record, old: Option<&Record>) -> Result<(), ApiError> {
    let key = campaign.attributes.get("key").and_then(Value::as_str);
    let holder = key
        .and_then(|key| with_key(state, key))
        .filter(|holder| old.is_none_or(|old| old.id != holder.id));
    let Some(holder) = holder else {
        return Ok(());
    };
    let detail = format!(
        "the key `{}` is taken by campaign `{}`; choose another",
        campaign.str("key"),
        holder.id
    );
    Err(ApiError::with(
        Reason::Conflict,
        vec![Problem::in_body("/data/attributes/key", detail)],
    ))
}

fn get(state: &mut State, call: &Call<'_>) -> HandlerResult {
    Ok(Some(rendered(&find(state, call)?)))
}

fn remove(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let campaign = find(state, call)?;
    delete(state, Kind::Campaign, &campaign.id)
}

fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let campaigns = state
        .all(Kind::Campaign)
        .filter(|campaign| passes(FILTERS, call, state, campaign))
        .collect();
    let page: Page<&Record> = Page::cut(call, "page[limit]", campaigns)?;
    let page = page.map(|campaign| resource(Kind::Campaign, campaign, campaign.attributes.clone()));
    Ok(Some(json!({ "meta": page.meta(), "data": page.items })))
}

fn rendered(campaign: &Record) -> Value {
    json!({ "data": resource(Kind::Campaign, campaign, campaign.attributes.clone()) })
}
