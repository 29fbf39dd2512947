//! Dcycle's datasets, KPIs and campaigns.

use scorekit_sandbox::Sandbox;
use serde_json::json;

use crate::fixture::*;
use crate::http::{keys, post, send};

#[tokio::test]
async fn a_dataset_contains_its_kpis() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let body = json!({
        "name": "Water",
        "kpis": [
            { "name": "Used" },
            { "name": "Clean", "value_type": "boolean", "sort_order": 2 },
        ],
    });
    let dataset = post(&sandbox, DATASETS, &body, 201).await;
    let kpis = dataset["kpis"].as_array().expect("a list");
    assert_eq!(kpis.len(), 2);
    assert_eq!(kpis[0]["value_type"], "number");
    assert_eq!(kpis[0]["sort_order"], 0);
    assert_eq!(kpis[1]["value_type"], "boolean");
    assert!(
        kpis.iter().all(|kpi| kpi["dataset_id"] == dataset["id"]),
        "{dataset}"
    );
    let kpi = post(
        &sandbox,
        &format!("{DATASETS}/{}/kpis", id(&dataset)),
        &json!({ "name": "Lost", "required": false }),
        201,
    )
    .await;
    assert_eq!(kpi["required"], false);
    assert_eq!(kpi["dataset_id"], dataset["id"]);
}

#[tokio::test]
async fn a_dataset_belongs_to_the_organization_of_the_call() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let mut headers = keys();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    headers.push(("x-organization-id".to_owned(), UNKNOWN_ID.to_owned()));
    headers.push(("X-User-Id".to_owned(), UNKNOWN_ID.to_owned()));
    let dataset = send(&sandbox, "POST", DATASETS, &headers, r#"{"name": "Water"}"#)
        .await
        .expect(201);
    assert_eq!(dataset["organization_id"], UNKNOWN_ID);
    assert_eq!(dataset["created_by"], UNKNOWN_ID);
}

#[tokio::test]
async fn a_campaign_has_its_assignments() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let dataset = post(&sandbox, DATASETS, &json!({ "name": "Water" }), 201).await;
    let campaign = post(
        &sandbox,
        &format!("{DATASETS}/{}/campaigns", id(&dataset)),
        &dataset_campaign(),
        201,
    )
    .await;
    assert_eq!(campaign["dataset_id"], dataset["id"]);
    assert_eq!(campaign["deadline"], "2026-04-15");
    assert_eq!(
        campaign["campaign_assignments"][0]["assignment_id"],
        UNKNOWN_ID
    );
    assert_eq!(
        campaign["campaign_assignments"][0]["campaign_id"],
        campaign["id"]
    );
    assert_eq!(campaign["campaign_assignments"][0]["status"], "awaiting");
    assert!(campaign.get("assignment_ids").is_none(), "{campaign}");
}
