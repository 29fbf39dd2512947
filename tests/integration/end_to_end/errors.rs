//! The errors of every operation: a wrong key, an unknown id, an invalid request body, and a server
//! that does not listen.

use std::time::Duration;

use scorekit::RetryPolicy;
use tokio::net::TcpSocket;

use super::*;

#[tokio::test]
async fn every_operation_rejects_a_wrong_key() {
    let sandbox = sandbox().await;
    let wrong = "canary-6f1d";
    let builder = Client::builder().base_url(&url(&sandbox));
    let client = builder
        .api_key(wrong)
        .application_key(wrong)
        .dcycle_api_key(wrong)
        .build()
        .expect("a client");
    let mut calls = FailingCalls::new(&sandbox);
    let mut errors = Vec::new();
    let documented = by_id();
    for operation in scorekit_calls::calls(&client) {
        let [minimal, _] = operation.plain;
        // Datadog rejects a wrong key with 403, Dcycle with 401.
        let security = documented[operation.operation].object["security"].to_string();
        let status = if security.contains("dcycle") {
            401
        } else {
            403
        };
        errors.push(calls.rejected_with(minimal.await, status));
    }
    assert_same_names(
        &calls.operations,
        &operations(),
        "run `cargo xtask generate`",
    );
    for error in errors {
        assert!(
            !format!("{error} {error:?}").contains(wrong),
            "{error} shows the key"
        );
    }
    let body = DatasetRequest::new("Energy");
    let kpi = client.kpi();
    let request = kpi.create_dataset(&body);
    let debug = format!("{client:?} {request:?}");
    assert!(!debug.contains(wrong), "{debug}");
}

#[tokio::test]
async fn a_missing_key_is_an_error_before_any_request() {
    let sandbox = sandbox().await;
    let client = Client::builder()
        .base_url(&url(&sandbox))
        .api_key("only one of two")
        .build()
        .expect("a client");
    let error = client
        .campaigns()
        .list_scorecard_campaigns()
        .send()
        .await
        .expect_err("no application key");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let line = error.to_string();
    assert!(
        line.contains("ListScorecardCampaigns") && line.contains("DD_APP_KEY"),
        "{line}"
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_id_is_a_404() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let rule_id = create_rule(&client, "Has an owner").await;
    let mut calls = FailingCalls::new(&sandbox);

    let scorecards = client.scorecards();
    let body = rule_change(1);
    let call = scorecards.update_scorecard_rule(UNKNOWN, &body);
    calls.rejected(call.send().await, 404);
    let call = scorecards.delete_scorecard_rule(UNKNOWN);
    calls.rejected(call.send().await, 404);

    let campaigns = client.campaigns();
    let call = campaigns.get_scorecard_campaign("no such / key?");
    let error = calls.rejected(call.send().await, 404);
    assert!(
        error.errors()[0].detail.is_some(),
        "campaigns return JSON:API errors"
    );
    let body = campaign_change(&rule_id);
    let call = campaigns.update_scorecard_campaign(UNKNOWN, &body);
    calls.rejected(call.send().await, 404);
    let call = campaigns.delete_scorecard_campaign(UNKNOWN);
    calls.rejected(call.send().await, 404);

    let cases = client.cases();
    calls.rejected(cases.get_project(UNKNOWN).send().await, 404);
    calls.rejected(cases.delete_project(UNKNOWN).send().await, 404);

    let kpi = client.kpi();
    let body = KpiRequest::new("Gas");
    calls.rejected(kpi.create_kpi(UNKNOWN, &body).send().await, 404);
    let body = kpi_campaign("2026");
    calls.rejected(kpi.create_campaign(UNKNOWN, &body).send().await, 404);
}

/// Returns every operation of the document by its id.
fn by_id() -> BTreeMap<String, DocumentedOperation> {
    let operations = documented_operations(&bundle()).into_iter();
    operations
        .map(|operation| (operation.id.clone(), operation))
        .collect()
}

/// Calls every operation whose path has a parameter.
#[tokio::test]
async fn nothing_is_found_in_an_empty_sandbox() {
    // The vendor's server rejects these identifiers instead of looking for them.
    let sandbox = documented_sandbox().await;
    let client = client(&sandbox);
    let mut calls = FailingCalls::new(&sandbox);
    let mut documented = by_id();
    documented.retain(|id, operation| {
        // A value of an enum is not an id, and Dcycle rejects what is not a UUID.
        let is_id = |it: &serde_json::Value| {
            let schema = &it["schema"];
            it["in"] == "path" && schema["type"] == "string" && schema["format"].is_null()
        };
        operation.parameters.iter().any(is_id) && !STUBS.contains(&id.as_str())
    });
    for operation in scorekit_calls::calls(&client) {
        let [minimal, _] = operation.by_resource.unwrap_or(operation.plain);
        let Some(documented) = documented.get(operation.operation) else {
            continue;
        };
        // Where the document has no 404, an unknown id is an invalid request.
        let is_documented = |status: &u16| {
            let status = status.to_string();
            documented.statuses().any(|known| known == status)
        };
        let status = [404, 400].into_iter().find(is_documented).unwrap_or(404);
        calls.rejected_with(minimal.await, status);
    }
    let wanted = documented.into_keys().collect();
    assert_same_names(&calls.operations, &wanted, "run `cargo xtask generate`");
}

/// Sends a list in place of the object to every operation that takes one.
#[tokio::test]
async fn every_operation_rejects_a_body_of_another_type() {
    let sandbox = sandbox().await;
    let keys = sandbox.credentials();
    // An HTTP client needs one, also for calls without encryption.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let http = reqwest::Client::new();
    for operation in documented_operations(&bundle()) {
        if operation.object.get("requestBody").is_none() {
            continue;
        }
        let parts = operation.path.split('/');
        let parts: Vec<_> = parts
            .map(|part| if part.starts_with('{') { UNKNOWN } else { part })
            .collect();
        let method = operation.method.to_uppercase().parse().expect("a method");
        let response = http
            .request(method, url(&sandbox) + &parts.join("/"))
            .header("DD-API-KEY", keys.api_key)
            .header("DD-APPLICATION-KEY", keys.application_key)
            .header("x-api-key", keys.dcycle_api_key)
            .header("content-type", "application/json")
            .body("[]")
            .send()
            .await
            .expect("a response");
        let (id, status) = (&operation.id, response.status().as_u16());
        assert!(matches!(status, 400 | 422), "{id}: {status}");
        let documented = operation.statuses().any(|it| it == status.to_string());
        assert!(documented, "{id} does not document {status}");
    }
}

#[tokio::test]
async fn an_invalid_body_is_rejected_in_the_vendors_shape() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let rule_id = create_rule(&client, "Has an owner").await;
    let mut calls = FailingCalls::new(&sandbox);
    invalid_scorecards(&mut calls, &client, &rule_id).await;
    invalid_campaigns(&mut calls, &client, &rule_id).await;
    let body = project("CASE");
    let call = client.cases().create_project(&body).send().await;
    calls.rejected(call, 400);
    invalid_kpi(&mut calls, &client).await;
}

#[allow(deprecated, reason = "a deprecated operation still works")]
async fn invalid_scorecards(calls: &mut FailingCalls<'_>, client: &Client, rule_id: &str) {
    let scorecards = client.scorecards();
    let unknown_state = || State::from("maybe");
    let attributes = RuleAttributesRequest::new()
        .name("A rule")
        .scorecard_name("A scorecard")
        .level(9);
    let body = CreateRuleRequest::new().data(CreateRuleRequestData::new().attributes(attributes));
    let call = scorecards.create_scorecard_rule(&body);
    calls.rejected(call.send().await, 400);
    let body = rule_change(9);
    let call = scorecards.update_scorecard_rule(rule_id, &body);
    calls.rejected(call.send().await, 400);
    let body = outcome(rule_id, unknown_state());
    let call = scorecards.update_scorecard_outcomes(&body);
    calls.rejected(call.send().await, 400);
    let body = batch(rule_id, unknown_state());
    let call = scorecards.create_scorecard_outcomes_batch(&body);
    calls.rejected(call.send().await, 400);
}

async fn invalid_campaigns(calls: &mut FailingCalls<'_>, client: &Client, rule_id: &str) {
    let campaigns = client.campaigns();
    let body = campaign("q1", rule_id, CampaignStatus::from("paused"));
    let call = campaigns.create_scorecard_campaign(&body);
    let error = calls.rejected(call.send().await, 400);
    let source = error.errors()[0].source.as_ref().expect("a source");
    assert_eq!(source.pointer.as_deref(), Some("/data/attributes/status"));
    let created = campaigns
        .create_scorecard_campaign(&campaign("q1", rule_id, CampaignStatus::Completed))
        .send()
        .await;
    let campaign_id = created.expect("a campaign").into_inner().data.id;
    let body = campaign_change("no rule");
    let call = campaigns.update_scorecard_campaign(&campaign_id, &body);
    let error = calls.rejected(call.send().await, 400);
    assert!(error.errors()[0].source.is_some());
}

async fn invalid_kpi(calls: &mut FailingCalls<'_>, client: &Client) {
    let kpi = client.kpi();
    let created = kpi.create_dataset(&DatasetRequest::new("Energy")).send();
    let dataset_id = created.await.expect("a dataset").into_inner().id;
    let body = DatasetRequest::new("");
    calls.rejected(kpi.create_dataset(&body).send().await, 422);
    let body = KpiRequest::new("Gas").sort_order(-1);
    calls.rejected(kpi.create_kpi(&dataset_id, &body).send().await, 422);
    let body = kpi_campaign("");
    calls.rejected(kpi.create_campaign(&dataset_id, &body).send().await, 422);
}

#[tokio::test]
async fn a_closed_port_is_a_connection_error() {
    // A bound socket that does not listen rejects connections, and no other test gets its port.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = socket.local_addr().expect("an address");
    let client = Client::builder()
        .base_url(&format!("http://{address}"))
        .api_key("api-key")
        .application_key("application-key")
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
        .build()
        .expect("a client");
    let error = client
        .scorecards()
        .list_scorecards()
        .send()
        .await
        .expect_err("a closed port");
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(error.operation(), Some("ListScorecards"));
    assert_eq!(error.status(), None);
}
