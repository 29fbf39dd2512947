//! Dcycle's custom KPIs: datasets, the KPIs in them, and the campaigns that collect their values.

use serde_json::{Map, Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::existing;
use crate::request::Call;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("CreateDataset", create_dataset),
    ("CreateKpi", create_kpi),
    ("CreateCampaign", create_campaign),
];

/// The organization of a request without one.
const ORGANIZATION: &str = "00000000-0000-4000-8000-000000000001";

/// The user of a request without one.
const USER: &str = "00000000-0000-4000-8000-000000000002";

fn create_dataset(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let mut dataset = Record::new(body(call));
    let kpis = dataset.attributes.remove("kpis").unwrap_or_default();
    dataset.set(
        "organization_id",
        call.header_str("x-organization-id").unwrap_or(ORGANIZATION),
    );
    set_times_and_users(state, call, &mut dataset);
    let dataset = state.insert(Kind::Dataset, dataset);
    let kpis = kpis
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object);
    let kpis: Vec<_> = kpis
        .map(|kpi| rendered(&add_kpi(state, &dataset.id, kpi.clone())))
        .collect();
    let mut body = rendered(&dataset);
    body["kpis"] = kpis.into();
    Ok(Some(body))
}

fn create_kpi(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let dataset_id = existing(state, Kind::Dataset, call.path_str("dataset_id"))?
        .id
        .clone();
    Ok(Some(rendered(&add_kpi(state, &dataset_id, body(call)))))
}

/// Stores a KPI, with defaults for the attributes that were left out.
fn add_kpi(state: &mut State, dataset_id: &str, attributes: Map<String, Value>) -> Record {
    let mut kpi = Record::new(attributes);
    let defaults = [
        ("value_type", json!("number")),
        ("required", json!(true)),
        ("sort_order", json!(0)),
    ];
    for (name, default) in defaults {
        kpi.attributes.entry(name).or_insert(default);
    }
    kpi.set("dataset_id", dataset_id);
    set_times(state, &mut kpi);
    state.insert(Kind::Kpi, kpi)
}

fn create_campaign(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let dataset_id = existing(state, Kind::Dataset, call.path_str("dataset_id"))?
        .id
        .clone();
    let mut campaign = Record::new(body(call));
    let assignments = campaign
        .attributes
        .remove("assignment_ids")
        .unwrap_or_default();
    let assignments: Vec<_> = assignments
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    campaign.set("dataset_id", dataset_id);
    set_times_and_users(state, call, &mut campaign);
    // No operation creates assignments, so every identifier is valid.
    campaign.links.insert(
        "assignments".to_owned(),
        assignments.into_iter().map(str::to_owned).collect(),
    );
    let campaign = state.insert(Kind::DatasetCampaign, campaign);
    let assignments = campaign.links.get("assignments").into_iter().flatten();
    let assignments: Vec<_> = assignments
        .map(|assignment_id| {
            json!({
                "id": state.next_id(Kind::DatasetCampaign),
                "campaign_id": campaign.id,
                "assignment_id": assignment_id,
                "status": "awaiting",
                "created_at": campaign.attributes.get("created_at"),
            })
        })
        .collect();
    let mut body = rendered(&campaign);
    body["campaign_assignments"] = assignments.into();
    Ok(Some(body))
}

/// Returns the properties of the body.
fn body(call: &Call<'_>) -> Map<String, Value> {
    call.body.as_object().cloned().unwrap_or_default()
}

/// Sets the times of creation and change.
fn set_times(state: &State, record: &mut Record) {
    record.set("created_at", state.clock.now_text());
    record.set("updated_at", state.clock.now_text());
}

/// Sets the times and users of creation and change.
fn set_times_and_users(state: &State, call: &Call<'_>, record: &mut Record) {
    set_times(state, record);
    let user = call.header_str("x-user-id").unwrap_or(USER);
    record.set("created_by", user);
    record.set("updated_by", user);
}

/// Returns a record as Dcycle's responses show it: flat, with the identifier among the attributes.
fn rendered(record: &Record) -> Value {
    let mut properties = record.attributes.clone();
    properties.insert("id".to_owned(), record.id.clone().into());
    Value::Object(properties)
}
