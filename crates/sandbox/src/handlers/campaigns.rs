//! Scorecard campaigns, which answer to their identifier and to their key alike.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Entry, delete, resource};
use crate::call::Call;
use crate::errors::{ApiError, Problem, Reason};
use crate::list::{Filter, Page, Test, accepted, attribute};
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
        test: Test::Contains,
        field: |_, campaign| attribute(campaign, "name"),
    },
    Filter {
        parameter: "filter[campaign][status]",
        test: Test::Same,
        field: |_, campaign| attribute(campaign, "status"),
    },
    Filter {
        parameter: "filter[campaign][owner]",
        test: Test::Same,
        field: |_, campaign| attribute(campaign, "owner"),
    },
];

/// The campaign that a path names by identifier or key.
fn find(state: &State, call: &Call<'_>) -> Result<Record, ApiError> {
    let name = call.path_text("campaign_id");
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
        .find(|campaign| campaign.text("key") == key)
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let mut campaign = read(state, call, None)?;
    if campaign.text("status").is_empty() {
        let begun = campaign
            .text("start_date")
            .parse::<Timestamp>()
            .is_ok_and(|start| start <= state.clock.now());
        campaign.set("status", if begun { "in_progress" } else { "not_started" });
    }
    campaign.set("created_at", state.clock.now_text());
    campaign.set("modified_at", state.clock.now_text());
    Ok(Some(rendered(&state.insert(Kind::Campaign, campaign))))
}

/// Replaces what a campaign says, as the document wants it; only a key that is left out stays.
fn update(state: &mut State, call: &Call<'_>) -> Answer {
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

/// Reads what a body says about a campaign and checks what it refers to.
fn read(state: &State, call: &Call<'_>, old: Option<&Record>) -> Result<Record, ApiError> {
    let mut campaign = Record {
        attributes: call.attributes(),
        ..Record::default()
    };
    // Answers call the owner by another name and leave the rules out.
    if let Some(owner) = campaign.attributes.remove("owner_id") {
        campaign.set("owner", owner);
    }
    let rule_ids = campaign.attributes.remove("rule_ids").unwrap_or_default();
    let rule_ids: Vec<_> = rule_ids
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let unknown = rule_ids
        .iter()
        .enumerate()
        .filter(|(_, id)| state.get(Kind::Rule, id).is_none());
    let problems: Vec<_> = unknown
        .map(|(index, id)| {
            let detail = format!("there is no rule `{id}`; create it first");
            Problem::in_body(format!("/data/attributes/rule_ids/{index}"), detail)
        })
        .collect();
    if !problems.is_empty() {
        return Err(ApiError::with(Reason::Invalid, problems));
    }
    campaign.links.insert(
        "rules".to_owned(),
        rule_ids.into_iter().map(str::to_owned).collect(),
    );
    let key = campaign.attributes.get("key").and_then(Value::as_str);
    let holder = key
        .and_then(|key| with_key(state, key))
        .filter(|holder| old.is_none_or(|old| old.id != holder.id));
    if let Some(holder) = holder {
        let detail = format!(
            "the key `{}` is taken by campaign `{}`; choose another",
            campaign.text("key"),
            holder.id
        );
        return Err(ApiError::with(
            Reason::Conflict,
            vec![Problem::in_body("/data/attributes/key", detail)],
        ));
    }
    Ok(campaign)
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    Ok(Some(rendered(&find(state, call)?)))
}

fn remove(state: &mut State, call: &Call<'_>) -> Answer {
    let campaign = find(state, call)?;
    delete(state, Kind::Campaign, &campaign.id)
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let campaigns = state
        .all(Kind::Campaign)
        .filter(|campaign| accepted(FILTERS, call, state, campaign))
        .collect();
    let page: Page<&Record> = Page::cut(call, "page[limit]", campaigns)?;
    let page = page.map(|campaign| resource(Kind::Campaign, campaign, campaign.attributes.clone()));
    Ok(Some(json!({ "meta": page.meta(), "data": page.items })))
}

fn rendered(campaign: &Record) -> Value {
    json!({ "data": resource(Kind::Campaign, campaign, campaign.attributes.clone()) })
}
