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
    for operation in scorekit_calls::calls(&client) {
        let [minimal, _] = operation.plain;
        let status = if operation.domain == "kpi" { 401 } else { 403 };
        errors.push(calls.rejected_with(minimal.await, status));
    }
    assert_eq!(calls.operations, operations());
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
    assert_eq!(calls.operations.len(), 9);
}

/// Calls every operation of cases whose path has a parameter.
#[tokio::test]
async fn nothing_is_found_in_an_empty_sandbox() {
    // The vendor's server rejects these identifiers instead of looking for them.
    let sandbox = documented_sandbox().await;
    let client = client(&sandbox);
    let mut calls = FailingCalls::new(&sandbox);
    let documented: BTreeMap<String, DocumentedOperation> = documented_operations(&bundle())
        .into_iter()
        .filter(|operation| operation.tag == "cases" && operation.path.contains('{'))
        .map(|operation| (operation.id.clone(), operation))
        .collect();
    let mut called = 0;
    for operation in scorekit_calls::calls(&client) {
        let documented = documented.get(operation.operation);
        let (Some(documented), Some([minimal, _])) = (documented, operation.by_resource) else {
            continue;
        };
        // Where the document has no 404, an unknown id is an invalid request.
        let is_documented = |status: &u16| {
            let status = status.to_string();
            documented.statuses().any(|known| known == status)
        };
        let status = [404, 400].into_iter().find(is_documented).unwrap_or(404);
        calls.rejected_with(minimal.await, status);
        called += 1;
    }
    assert_eq!(calls.operations.len(), called);
    assert!(called > 50, "{called} operations");
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

    // The other bodies of cases hold any string, which cannot be invalid.
    let cases = ["/api/v2/cases", "/api/v2/maintenance_windows"];
    let with_body = documented_operations(&bundle())
        .into_iter()
        .filter(|operation| operation.object.get("requestBody").is_some())
        .filter(|operation| {
            operation.id == "CreateProject"
                || !cases.iter().any(|path| operation.path.starts_with(path))
        });
    assert_eq!(
        calls.operations,
        with_body.map(|operation| operation.id).collect()
    );
}

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
