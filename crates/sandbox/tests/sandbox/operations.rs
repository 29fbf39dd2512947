//! Successful calls in one sandbox, and the request log.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, post, send};

/// Reads the document, independently of the sandbox's reader. It is not part of the test program,
/// which is then not compiled again because of a changed document.
pub(crate) fn document() -> Value {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"));
    serde_json::from_slice(&text.expect("the document is read")).expect("the document is JSON")
}

/// Returns method, path template, `operationId` and object of every operation.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"]
        .as_object()
        .expect("the document has paths")
    {
        for (method, operation) in item.as_object().expect("a path is an object") {
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                operations.push((
                    method.to_uppercase(),
                    path.clone(),
                    id.to_owned(),
                    operation.clone(),
                ));
            }
        }
    }
    operations
}

/// Calls the operations of scorecards, and returns the identifier of a rule.
async fn call_scorecards(sandbox: &Sandbox) -> String {
    let rule_id = create_rule(sandbox, "On call", "Production").await;
    get(sandbox, RULES).await;
    call(
        sandbox,
        "PUT",
        &format!("{RULES}/{rule_id}"),
        Some(&rule("On call", "Production")),
    )
    .await
    .expect(200);
    post(
        sandbox,
        OUTCOMES,
        &outcomes(&rule_id, &[("service:shop", "pass")]),
        202,
    )
    .await;
    let result = json!({ "rule_id": rule_id, "service_name": "cart", "state": "fail" });
    let batch =
        json!({ "data": { "type": "batched-outcome", "attributes": { "results": [result] } } });
    post(sandbox, BATCH, &batch, 200).await;
    get(sandbox, OUTCOMES).await;
    get(sandbox, SCORECARDS).await;
    get(sandbox, &format!("{SCORES}/by-rule")).await;
    rule_id
}

/// Calls the operations of scorecard campaigns.
async fn call_campaigns(sandbox: &Sandbox, rule_id: &str) {
    let campaign_id = id(&post(sandbox, CAMPAIGNS, &campaign("q1", rule_id), 201).await);
    let campaign_path = format!("{CAMPAIGNS}/{campaign_id}");
    get(sandbox, CAMPAIGNS).await;
    get(
        sandbox,
        &format!("{campaign_path}?include=scores&include_meta=true"),
    )
    .await;
    call(
        sandbox,
        "PUT",
        &campaign_path,
        Some(&campaign("q1", rule_id)),
    )
    .await
    .expect(200);
    call(sandbox, "DELETE", &campaign_path, None)
        .await
        .expect(204);
}

/// Calls the operations of datasets.
async fn call_datasets(sandbox: &Sandbox) {
    let dataset_path = format!(
        "{DATASETS}/{}",
        id(&post(sandbox, DATASETS, &json!({ "name": "Water" }), 201).await)
    );
    post(
        sandbox,
        &format!("{dataset_path}/kpis"),
        &json!({ "name": "Used" }),
        201,
    )
    .await;
    post(
        sandbox,
        &format!("{dataset_path}/campaigns"),
        &dataset_campaign(),
        201,
    )
    .await;
}

/// Calls operations one after another in one sandbox. `scenarios` has a success of each operation.
#[tokio::test]
async fn calls_after_each_other_succeed_as_documented() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let rule_id = call_scorecards(&sandbox).await;
    call_campaigns(&sandbox, &rule_id).await;
    crate::cases::every_operation(&sandbox).await;
    call_datasets(&sandbox).await;
    let deleted = call(&sandbox, "DELETE", &format!("{RULES}/{rule_id}"), None).await;
    assert_eq!(
        (deleted.expect(204), deleted.text.as_str()),
        (Value::Null, "")
    );

    let document = document();
    let operations = operations(&document);
    for request in sandbox.requests() {
        let operation = operations
            .iter()
            .find(|(_, _, id, _)| Some(id) == request.operation_id.as_ref());
        let (_, _, _, operation) = operation.expect("the operation is known");
        assert!(
            operation["responses"]
                .get(request.status.to_string())
                .is_some(),
            "{request:?} is not documented"
        );
    }
}

#[tokio::test]
async fn requests_are_recorded_as_sent() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    get(&sandbox, &format!("{RULES}?page%5Bsize%5D=5")).await;
    call(&sandbox, "GET", "/nowhere", None).await.expect(404);
    let requests = sandbox.requests();
    let message: Vec<_> = requests
        .iter()
        .map(|request| {
            (
                request.method.as_str(),
                request.path.as_str(),
                request.query.as_str(),
                request.status,
            )
        })
        .collect();
    assert_eq!(
        message,
        [
            ("GET", RULES, "page%5Bsize%5D=5", 200),
            ("GET", "/nowhere", "", 404)
        ]
    );
    assert_eq!(
        requests[0].operation_id.as_deref(),
        Some("ListScorecardRules")
    );
    assert_eq!(requests[1].operation_id, None);
}

#[tokio::test]
async fn recorded_requests_can_be_read_and_cleared() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let body = rule("On call", "Production");
    post(&sandbox, RULES, &body, 201).await;
    let [request] = &sandbox.requests()[..] else {
        panic!("one request arrived");
    };
    assert_eq!(request.number, 1);
    assert_eq!(request.body, body.to_string());
    assert_eq!(request.header("Content-Type"), Some("application/json"));
    assert_eq!(
        request.header("DD-API-KEY"),
        Some(sandbox.credentials().api_key)
    );

    sandbox.clear_requests();
    assert_eq!(sandbox.requests(), []);
    assert_eq!(get(&sandbox, RULES).await["data"][0]["type"], "rule");
    assert_eq!(sandbox.requests()[0].number, 2);
}

#[tokio::test]
async fn unknown_credentials_are_not_recorded() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let keys = ["dd-api-key", "Authorization", "x-api-key", "cookie"]
        .map(|name| (name.to_owned(), "a-real-one".to_owned()));
    let response = send(&sandbox, "GET", RULES, &keys, "").await;
    assert_eq!(response.status, 403);
    let requests = format!("{:?}", sandbox.requests());
    assert!(!requests.contains("a-real-one"), "{requests}");
    assert_eq!(sandbox.requests()[0].header("x-api-key"), Some("[hidden]"));
}
