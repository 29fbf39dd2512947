//! The built-in seed, and calls that are recorded as a seed.

use std::collections::BTreeSet;

use scorekit_sandbox::{Clock, Sandbox, SandboxBuilder, StartError, realistic_seed};
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, post};

async fn started(builder: SandboxBuilder) -> Sandbox {
    let clock: Clock = "2026-01-31T08:30:00Z".parse().expect("a time");
    builder
        .clock(clock)
        .start()
        .await
        .expect("the sandbox starts")
}

/// Returns all stored resources by kind.
async fn stored(sandbox: &Sandbox) -> Vec<Value> {
    let kinds = get(sandbox, "/_sandbox/resources").await;
    let mut stored = Vec::new();
    for kind in kinds["kinds"].as_array().expect("kinds") {
        let kind = kind["kind"].as_str().expect("a name");
        stored.push(get(sandbox, &format!("/_sandbox/resources/{kind}")).await);
    }
    stored
}

#[tokio::test]
async fn the_realistic_seed_is_a_company_and_always_the_same() {
    let sandbox = started(Sandbox::builder().seed(realistic_seed())).await;
    let scorecards = get(&sandbox, SCORECARDS).await;
    assert_eq!(scorecards["data"].as_array().map(Vec::len), Some(5));
    let outcomes = get(&sandbox, "/_sandbox/resources/outcome").await;
    let outcomes = outcomes["resources"].as_array().expect("outcomes");
    let different = |name: &str| {
        let values = outcomes.iter().map(|outcome| &outcome["attributes"][name]);
        let values: BTreeSet<String> = values.map(Value::to_string).collect();
        values
    };
    assert_eq!(different("service_name").len(), 30, "{:?}", outcomes[0]);
    assert_eq!(different("state").len(), 3);
    assert!(different("remarks").len() > 15);
    let campaigns = get(&sandbox, CAMPAIGNS).await;
    let statuses: BTreeSet<String> = each(&campaigns, "/attributes/status")
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(statuses.len(), 3, "{statuses:?}");
    let cases = get(&sandbox, "/api/v2/cases").await;
    let mut longest = 0;
    for id in each(&cases, "/id") {
        let path = format!("/api/v2/cases/{}/timelines", id.as_str().expect("an id"));
        let timeline = get(&sandbox, &path).await;
        longest = longest.max(timeline["data"].as_array().map_or(0, Vec::len));
    }
    assert!(longest >= 3, "{longest}");

    // Added to a running sandbox, it is the same.
    let other = started(Sandbox::builder()).await;
    let response = call(&other, "POST", "/_sandbox/seeds/realistic", None).await;
    assert_eq!(response.expect(201)["created"]["outcomes"], 600);
    assert_eq!(stored(&other).await, stored(&sandbox).await);
    // A second time, its identifiers are taken.
    call(&other, "POST", "/_sandbox/seeds/realistic", None)
        .await
        .expect(400);
}

#[tokio::test]
async fn recorded_calls_are_a_seed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("recorded.json");
    let sandbox = started(Sandbox::builder().record(&file)).await;
    let read = || {
        let text = std::fs::read_to_string(&file).expect("the file exists");
        serde_json::from_str::<Value>(&text).expect("the file is always JSON")
    };
    assert_eq!(read(), json!({ "calls": [] }));
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    let results = outcomes(
        &rule_id,
        &[("service:shop", "pass"), ("service:cart", "fail")],
    );
    post(&sandbox, OUTCOMES, &results, 202).await;
    let renamed = rule("Has on-call", "Production");
    call(
        &sandbox,
        "PUT",
        &format!("{RULES}/{rule_id}"),
        Some(&renamed),
    )
    .await
    .expect(200);
    let dataset = json!({ "name": "Water", "kpis": [{ "name": "Used" }] });
    let dataset_id = id(&post(&sandbox, DATASETS, &dataset, 201).await);
    let path = format!("{DATASETS}/{dataset_id}/campaigns");
    post(&sandbox, &path, &dataset_campaign(), 201).await;
    let project_id = id(&post(&sandbox, PROJECTS, &project("SEC"), 201).await);
    call(
        &sandbox,
        "DELETE",
        &format!("{PROJECTS}/{project_id}"),
        None,
    )
    .await
    .expect(204);
    let count = read()["calls"].as_array().map(Vec::len);
    assert_eq!(count, Some(7));
    // Neither reads nor rejected calls are kept.
    get(&sandbox, RULES).await;
    call(&sandbox, "DELETE", &format!("{RULES}/{UNKNOWN_ID}"), None)
        .await
        .expect(404);
    post(&sandbox, PROJECTS, &json!({}), 400).await;
    assert_eq!(read()["calls"].as_array().map(Vec::len), count);
    // No key is in the file.
    let keys = sandbox.credentials();
    for key in [keys.api_key, keys.application_key, keys.dcycle_api_key] {
        assert!(!read().to_string().contains(key));
    }

    let again = started(Sandbox::builder().seed(read())).await;
    assert_eq!(stored(&again).await, stored(&sandbox).await);
    let taken = Sandbox::builder().record(&file).start().await;
    assert!(matches!(taken, Err(StartError::Record { .. })));
}
