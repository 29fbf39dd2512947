//! Creation, update and deletion of resources.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, encoded, get, post};

async fn fixed() -> Sandbox {
    let clock = "2026-01-31T08:30:00Z".parse().expect("a time");
    Sandbox::builder()
        .clock(clock)
        .start()
        .await
        .expect("the sandbox starts")
}

#[tokio::test]
async fn a_rule_belongs_to_the_scorecard_it_names() {
    let sandbox = fixed().await;
    let created = post(&sandbox, RULES, &rule("On call", "Production"), 201).await;
    let scorecards = get(&sandbox, SCORECARDS).await;
    let scorecard_id = &scorecards["data"][0]["id"];
    assert_eq!(scorecard_id.as_str().map(str::len), Some(16));
    assert_eq!(
        created,
        json!({ "data": {
            "id": created["data"]["id"],
            "type": "rule",
            "attributes": {
                "category": "Production",
                "created_at": "2026-01-31T08:30:00.000Z",
                "custom": true,
                "enabled": true,
                "modified_at": "2026-01-31T08:30:00.000Z",
                "name": "On call",
                "scorecard_name": "Production",
            },
            "relationships": {
                "scorecard": { "data": { "id": scorecard_id, "type": "scorecard" } },
            },
        } })
    );
    let again = post(&sandbox, RULES, &rule("Alerts", "Production"), 201).await;
    assert_eq!(
        &again["data"]["relationships"]["scorecard"]["data"]["id"],
        scorecard_id
    );
}

#[tokio::test]
async fn an_update_replaces_a_rule() {
    let sandbox = fixed().await;
    let mut body = rule("On call", "Production");
    body["data"]["attributes"]["description"] = json!("An engineer is on call");
    let rule_path = format!("{RULES}/{}", id(&post(&sandbox, RULES, &body, 201).await));
    let update = json!({ "data": {
        "type": "rule",
        "attributes": { "scorecard_name": "Ownership", "enabled": false },
    } });
    let updated = call(&sandbox, "PUT", &rule_path, Some(&update))
        .await
        .expect(200);
    let attributes = &updated["data"]["attributes"];
    assert_eq!(attributes["name"], "On call");
    assert_eq!(attributes["scorecard_name"], "Ownership");
    assert_eq!(attributes["enabled"], false);
    assert!(attributes.get("description").is_none(), "{updated}");
    assert_eq!(get(&sandbox, RULES).await["data"][0], updated["data"]);
}

#[tokio::test]
async fn a_rule_needs_a_name_and_a_scorecard() {
    let sandbox = fixed().await;
    for body in [json!({}), rule("", "Production"), rule("On call", "")] {
        let response = call(&sandbox, "POST", RULES, Some(&body)).await.expect(400);
        assert!(
            response["errors"][0]["source"]["pointer"]
                .as_str()
                .unwrap_or_default()
                .contains("/data/attributes/"),
            "{response}"
        );
    }
}

#[tokio::test]
async fn deleting_a_rule_deletes_its_outcomes() {
    let sandbox = fixed().await;
    let first = create_rule(&sandbox, "On call", "Production").await;
    let second = create_rule(&sandbox, "Alerts", "Production").await;
    for rule_id in [&first, &second] {
        post(
            &sandbox,
            OUTCOMES,
            &outcomes(rule_id, &[("service:shop", "pass")]),
            202,
        )
        .await;
    }
    call(&sandbox, "DELETE", &format!("{RULES}/{first}"), None)
        .await
        .expect(204);
    call(&sandbox, "DELETE", &format!("{RULES}/{first}"), None)
        .await
        .expect(404);
    assert_eq!(each(&get(&sandbox, RULES).await, "/id"), [second.as_str()]);
    assert_eq!(
        each(
            &get(&sandbox, OUTCOMES).await,
            "/relationships/rule/data/id"
        ),
        [second.as_str()]
    );
}

#[tokio::test]
async fn a_later_outcome_replaces_the_earlier() {
    let sandbox = fixed().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    post(
        &sandbox,
        OUTCOMES,
        &outcomes(&rule_id, &[("service:shop", "fail")]),
        202,
    )
    .await;
    let results = json!([
        { "rule_id": rule_id, "service_name": "shop", "state": "pass" },
        { "rule_id": rule_id, "service_name": "cart", "state": "fail" },
        { "rule_id": rule_id, "service_name": "cart", "state": "skip", "remarks": "later" },
    ]);
    let batch =
        json!({ "data": { "type": "batched-outcome", "attributes": { "results": results } } });
    let response = post(&sandbox, BATCH, &batch, 200).await;
    assert_eq!(
        response["meta"],
        json!({ "total_received": 3, "total_updated": 2 })
    );
    assert_eq!(
        each(&response, "/attributes/service_name"),
        ["shop", "cart"]
    );
    assert_eq!(each(&response, "/attributes/state"), ["pass", "skip"]);
    assert_eq!(
        each(&response, "/attributes/remarks"),
        [Value::Null, json!("later")]
    );
    assert_eq!(get(&sandbox, OUTCOMES).await["data"], response["data"]);
}

#[tokio::test]
async fn an_invalid_outcome_rejects_the_whole_set() {
    let sandbox = fixed().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    let mut body = outcomes(
        &rule_id,
        &[
            ("service:shop", "pass"),
            ("service:cart", "pass"),
            ("shop", "pass"),
        ],
    );
    body["data"]["attributes"]["results"][1]["rule_id"] = json!("unknown");
    let response = call(&sandbox, "POST", OUTCOMES, Some(&body))
        .await
        .expect(400);
    let message = response["errors"].to_string();
    assert!(
        message.contains("results/1/rule_id") && message.contains("results/2/entity_reference"),
        "{message}"
    );
    assert_eq!(get(&sandbox, OUTCOMES).await["data"], json!([]));
}

#[tokio::test]
async fn a_campaign_is_found_by_key_and_by_identifier() {
    let sandbox = fixed().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    let mut body = campaign("q1", &rule_id);
    body["data"]["attributes"]
        .as_object_mut()
        .expect("an object")
        .remove("status");
    let created = post(&sandbox, CAMPAIGNS, &body, 201).await;
    assert_eq!(created["data"]["attributes"]["owner"], UNKNOWN_ID);
    assert_eq!(created["data"]["attributes"]["status"], "in_progress");
    assert!(
        created["data"]["attributes"].get("rule_ids").is_none(),
        "{created}"
    );
    assert_eq!(get(&sandbox, &format!("{CAMPAIGNS}/q1")).await, created);
    assert_eq!(
        get(&sandbox, &format!("{CAMPAIGNS}/{}", id(&created))).await,
        created
    );

    let mut update = campaign("q1", &rule_id);
    update["data"]["attributes"]
        .as_object_mut()
        .expect("an object")
        .remove("key");
    update["data"]["attributes"]["name"] = json!("Renamed");
    let updated = call(&sandbox, "PUT", &format!("{CAMPAIGNS}/q1"), Some(&update))
        .await
        .expect(200);
    assert_eq!(updated["data"]["attributes"]["key"], "q1");
    assert_eq!(updated["data"]["attributes"]["name"], "Renamed");
    call(&sandbox, "DELETE", &format!("{CAMPAIGNS}/q1"), None)
        .await
        .expect(204);
    call(
        &sandbox,
        "GET",
        &format!("{CAMPAIGNS}/{}", id(&created)),
        None,
    )
    .await
    .expect(404);
}

#[tokio::test]
async fn campaigns_reject_a_taken_key_and_unknown_rules() {
    let sandbox = fixed().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    post(&sandbox, CAMPAIGNS, &campaign("q1", &rule_id), 201).await;
    post(&sandbox, CAMPAIGNS, &campaign("q2", &rule_id), 201).await;
    for (method, target) in [
        ("POST", CAMPAIGNS.to_owned()),
        ("PUT", format!("{CAMPAIGNS}/q2")),
    ] {
        let response = call(&sandbox, method, &target, Some(&campaign("q1", &rule_id)))
            .await
            .expect(400);
        assert_eq!(
            response["errors"][0]["source"]["pointer"], "/data/attributes/key",
            "{response}"
        );
    }
    let response = call(
        &sandbox,
        "POST",
        CAMPAIGNS,
        Some(&campaign("q3", "unknown")),
    )
    .await
    .expect(400);
    assert_eq!(
        response["errors"][0]["source"]["pointer"],
        "/data/attributes/rule_ids/0"
    );
    let keep = call(
        &sandbox,
        "PUT",
        &format!("{CAMPAIGNS}/q2"),
        Some(&campaign("q2", &rule_id)),
    )
    .await;
    keep.expect(200);
}

#[tokio::test]
async fn projects_have_unique_keys() {
    let sandbox = fixed().await;
    let created = post(&sandbox, PROJECTS, &project("SEC"), 201).await;
    assert_eq!(created["data"]["attributes"]["key"], "SEC");
    assert_eq!(
        created["data"]["relationships"]["member_team"]["data"][0]["id"],
        UNKNOWN_ID
    );
    for key in ["CASE", "SEC"] {
        let response = call(&sandbox, "POST", PROJECTS, Some(&project(key)))
            .await
            .expect(400);
        assert!(
            response["errors"][0]["detail"]
                .as_str()
                .unwrap_or_default()
                .contains(key),
            "{response}"
        );
    }
    let project_path = format!("{PROJECTS}/{}", id(&created));
    assert_eq!(get(&sandbox, &project_path).await, created);
    assert_eq!(
        get(&sandbox, PROJECTS).await["data"],
        json!([created["data"]])
    );
    call(&sandbox, "DELETE", &project_path, None)
        .await
        .expect(204);
    assert_eq!(get(&sandbox, PROJECTS).await["data"], json!([]));
    post(&sandbox, PROJECTS, &project("SEC"), 201).await;
}

#[tokio::test]
async fn path_segments_are_decoded() {
    let sandbox = fixed().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    post(
        &sandbox,
        CAMPAIGNS,
        &campaign("first quarter", &rule_id),
        201,
    )
    .await;
    let found = get(
        &sandbox,
        &format!("{CAMPAIGNS}/{}", encoded("first quarter")),
    )
    .await;
    assert_eq!(found["data"]["attributes"]["key"], "first quarter");
}
