//! Seeds.

use scorekit_sandbox::{Sandbox, SeedError, StartError};
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{get, post};

const TYPE: &str = "11111111-2222-4333-8444-000000000001";
const PROJECT: &str = "11111111-2222-4333-8444-000000000002";
const CASE: &str = "11111111-2222-4333-8444-000000000003";
const DATASET: &str = "11111111-2222-4333-8444-000000000004";

/// Returns a seed with an item in each list.
fn everything() -> Value {
    json!({
        "rules": [
            { "id": "on-call", "attributes": {
                "name": "On call", "scorecard_name": "Production", "level": 2,
            } },
            { "attributes": { "name": "Runbook", "scorecard_name": "Production" } },
        ],
        "outcomes": [{
            "rule_id": "on-call", "entity_reference": "service:checkout", "state": "pass",
        }],
        "campaigns": [{ "id": "q1-id", "attributes": {
            "key": "q1", "name": "First", "owner_id": UNKNOWN_ID, "rule_ids": ["on-call"],
            "start_date": "2026-01-01T00:00:00Z",
        } }],
        "projects": [{ "id": PROJECT, "attributes": { "key": "SEC", "name": "Security" } }],
        "case_types": [{ "id": TYPE, "attributes": { "name": "Incident", "emoji": "🔒" } }],
        "custom_attributes": [{ "case_type_id": TYPE, "attributes": {
            "key": "region", "display_name": "Region", "type": "TEXT", "is_multi": false,
        } }],
        "cases": [{
            "id": CASE,
            "attributes": { "title": "Leaked key", "type_id": TYPE },
            "relationships": { "project": { "data": { "id": PROJECT, "type": "project" } } },
        }],
        "comments": [{ "case_id": CASE, "attributes": { "comment": "Rotated." } }],
        "notification_rules": [{ "project_id": PROJECT, "attributes": {
            "is_enabled": true, "triggers": [{ "type": "CASE_CREATED" }],
            "recipients": [{ "type": "EMAIL", "data": { "email": "security@example.com" } }],
        } }],
        "automation_rules": [{ "project_id": PROJECT, "attributes": {
            "name": "Enrich", "state": "ENABLED", "trigger": { "type": "CASE_CREATED" },
            "action": { "type": "EXECUTE_WORKFLOW", "data": { "handle": "enrich" } },
        } }],
        "views": [{ "attributes": {
            "name": "Urgent", "project_id": PROJECT, "query": "priority:P1",
        } }],
        "maintenance_windows": [{ "attributes": {
            "name": "Migration", "query": "project:SEC",
            "start_at": "2026-06-01T22:00:00Z", "end_at": "2026-06-02T04:00:00Z",
        } }],
        "datasets": [{ "id": DATASET, "name": "Water use", "kpis": [{ "name": "Withdrawn" }] }],
        "kpis": [{ "dataset_id": DATASET, "name": "Recycled" }],
        "dataset_campaigns": [{
            "dataset_id": DATASET, "name": "Year", "period_start": "2026-01-01",
            "period_end": "2026-12-31", "deadline": "2027-01-31", "assignment_ids": [UNKNOWN_ID],
        }],
    })
}

async fn seeded(seed: Value) -> Sandbox {
    let started = Sandbox::builder().seed(seed).start().await;
    started.expect("the sandbox starts")
}

#[tokio::test]
async fn every_kind_of_resource_can_be_seeded() {
    let sandbox = seeded(everything()).await;
    let rules = get(&sandbox, RULES).await;
    assert_eq!(rules["data"][0]["id"], "on-call");
    assert_eq!(rules["data"][0]["attributes"]["level"], 2);
    assert_eq!(rules["data"][1]["attributes"]["name"], "Runbook");
    let outcomes = get(&sandbox, OUTCOMES).await;
    assert_eq!(
        each(&outcomes, "/relationships/rule/data/id"),
        [json!("on-call")]
    );
    let campaign = get(&sandbox, &format!("{CAMPAIGNS}/q1-id")).await;
    assert_eq!(campaign["data"]["attributes"]["key"], "q1");
    let case = get(&sandbox, &format!("/api/v2/cases/{CASE}")).await;
    assert_eq!(case["data"]["attributes"]["key"], "SEC-1");
    let timeline = get(&sandbox, &format!("/api/v2/cases/{CASE}/timelines")).await;
    assert!(timeline.to_string().contains("Rotated."), "{timeline}");
    for (path, count) in [
        (format!("/api/v2/cases/types/{TYPE}/custom_attributes"), 1),
        (format!("{PROJECTS}/{PROJECT}/notification_rules"), 1),
        (format!("{PROJECTS}/{PROJECT}/rules"), 1),
        (format!("/api/v2/cases/views?project_id={PROJECT}"), 1),
        ("/api/v2/maintenance_windows".to_owned(), 1),
        ("/api/v2/cases/types".to_owned(), 2),
    ] {
        let list = get(&sandbox, &path).await;
        assert_eq!(each(&list, "/type").len(), count, "{path}: {list}");
    }
    let kpi = json!({ "name": "Lost" });
    post(&sandbox, &format!("{DATASETS}/{DATASET}/kpis"), &kpi, 201).await;
    // Later resources get generated identifiers, and seeds are not recorded as requests.
    assert_ne!(create_rule(&sandbox, "Later", "Production").await, "");
    assert_eq!(sandbox.requests()[0].path, RULES);
}

#[tokio::test]
async fn several_seeds_are_applied_in_order() {
    let rule = |id: &str| {
        let attributes = json!({ "name": id, "scorecard_name": "P" });
        json!({ "rules": [{ "id": id, "attributes": attributes }] })
    };
    let started = Sandbox::builder()
        .seed(rule("first"))
        .seed(rule("second"))
        .start()
        .await;
    let rules = get(&started.expect("the sandbox starts"), RULES).await;
    assert_eq!(each(&rules, "/id"), ["first", "second"]);
}

#[tokio::test]
async fn an_invalid_seed_is_reported_with_its_location() {
    let attributes = json!({ "name": "A", "scorecard_name": "P" });
    let cases = [
        (
            json!([]),
            "its root: it is not a JSON object; write one with `rules`",
        ),
        (
            json!({ "rule": [] }),
            "`rule`: a seed has no such list; write one of `rules`",
        ),
        (json!({ "rules": {} }), "`rules`: it is not a list"),
        (
            json!({ "rules": [1] }),
            "`rules[0]`: it is not a JSON object",
        ),
        (
            json!({ "rules": [{ "attributes": attributes }, {}] }),
            "`rules[1]`: ",
        ),
        (
            json!({ "rules": [{ "attributes": { "name": 7 } }] }),
            "/data/attributes/name",
        ),
        (
            json!({ "rules": [
                { "id": "a", "attributes": attributes },
                { "id": "a", "attributes": attributes },
            ] }),
            "`rules[1]`: the `id` `a` is taken",
        ),
        (
            json!({ "rules": [{ "id": 1, "attributes": attributes }] }),
            "`id` must be a string",
        ),
        (
            json!({ "outcomes": [{
                "rule_id": "none", "entity_reference": "service:a", "state": "pass",
            }] }),
            "`none`",
        ),
        (
            json!({ "outcomes": [{ "id": "a" }] }),
            "outcomes take no `id`",
        ),
        (
            json!({ "comments": [{ "attributes": { "comment": "x" } }] }),
            "`case_id` is missing",
        ),
        (
            json!({ "comments": [{ "case_id": CASE, "attributes": { "comment": "x" } }] }),
            CASE,
        ),
    ];
    for (seed, expected) in cases {
        let text = seed.to_string();
        let message = seed_error(seed).await.to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
}

async fn seed_error(seed: Value) -> SeedError {
    let error = Sandbox::builder().seed(seed).start().await;
    let error = error.expect_err("the seed is invalid");
    let StartError::Seed(error) = error else {
        unreachable!("{error}");
    };
    error
}
