//! Paths and bodies for several tests.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::http::post;

pub(crate) const RULES: &str = "/api/v2/scorecard/rules";
pub(crate) const OUTCOMES: &str = "/api/v2/scorecard/outcomes";
pub(crate) const BATCH: &str = "/api/v2/scorecard/outcomes/batch";
pub(crate) const SCORECARDS: &str = "/api/v2/scorecard/scorecards";
pub(crate) const SCORES: &str = "/api/v2/scorecard/scores";
pub(crate) const CAMPAIGNS: &str = "/api/v2/scorecard/campaigns";
pub(crate) const PROJECTS: &str = "/api/v2/cases/projects";
pub(crate) const DATASETS: &str = "/v1/custom-kpi-datasets";

/// A valid identifier that no resource has.
pub(crate) const UNKNOWN_ID: &str = "11111111-2222-4333-8444-555555555555";

/// Starts a sandbox that does only what the document says.
pub(crate) async fn documented() -> Sandbox {
    let builder = Sandbox::builder().documented_only(true);
    builder.start().await.expect("the sandbox starts")
}

pub(crate) fn rule(name: &str, scorecard: &str) -> Value {
    json!({ "data": {
        "type": "rule",
        "attributes": { "name": name, "scorecard_name": scorecard },
    } })
}

/// Creates a rule, and returns its identifier.
pub(crate) async fn create_rule(sandbox: &Sandbox, name: &str, scorecard: &str) -> String {
    id(&post(sandbox, RULES, &rule(name, scorecard), 201).await)
}

pub(crate) fn campaign(key: &str, rule_id: &str) -> Value {
    json!({ "data": { "type": "campaign", "attributes": {
        "key": key,
        "name": format!("Campaign {key}"),
        "owner_id": UNKNOWN_ID,
        "rule_ids": [rule_id],
        "start_date": "2026-01-01T00:00:00Z",
        "status": "in_progress",
    } } })
}

pub(crate) fn project(key: &str) -> Value {
    json!({ "data": {
        "type": "project",
        "attributes": { "key": key, "name": "Security", "team_uuid": UNKNOWN_ID },
    } })
}

pub(crate) fn dataset_campaign() -> Value {
    json!({
        "name": "First quarter",
        "period_start": "2026-01-01",
        "period_end": "2026-03-31",
        "deadline": "2026-04-15",
        "assignment_ids": [UNKNOWN_ID],
    })
}

/// Returns a set of results for one rule, one per entity.
pub(crate) fn outcomes(rule_id: &str, results: &[(&str, &str)]) -> Value {
    let results: Vec<_> = results
        .iter()
        .map(|(entity, state)| {
            json!({
                "rule_id": rule_id,
                "entity_reference": entity,
                "state": state,
                "remarks": "seen",
            })
        })
        .collect();
    json!({ "data": { "type": "batched-outcome", "attributes": { "results": results } } })
}

/// Returns the identifier of the resource in a response, JSON:API or flat.
pub(crate) fn id(response: &Value) -> String {
    let found = response.pointer("/data/id").or_else(|| response.get("id"));
    found
        .and_then(Value::as_str)
        .expect("the response has an identifier")
        .to_owned()
}

/// Returns one value of every resource in a list.
pub(crate) fn each(response: &Value, pointer: &str) -> Vec<Value> {
    let resources = response["data"].as_array().expect("the response is a list");
    resources
        .iter()
        .map(|resource| resource.pointer(pointer).cloned().unwrap_or_default())
        .collect()
}

/// Waits for a future. The bound only turns a hang into a failure: no verdict depends on it.
pub(crate) async fn bounded<F: Future>(future: F) -> F::Output {
    let bound = std::time::Duration::from_secs(300);
    let output = tokio::time::timeout(bound, future).await;
    output.expect("the future is ready within minutes")
}
