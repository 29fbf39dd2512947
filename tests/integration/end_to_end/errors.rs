//! Every operation says what went wrong: a wrong key, an unknown id, an invalid body, a server that is down.

use super::*;
use scorekit_codegen::Generator;

#[tokio::test]
async fn a_wrong_key_is_refused_by_every_operation() {
    let sandbox = sandbox().await;
    let wrong = "canary-6f1d";
    let builder = Client::builder().base_url(&url(&sandbox));
    let client = builder
        .api_key(wrong)
        .application_key(wrong)
        .dcycle_api_key(wrong)
        .build()
        .expect("a client");
    let mut calls = Calls {
        sandbox: &sandbox,
        seen: BTreeSet::new(),
    };
    let mut errors = Vec::new();
    for operation in scorekit_calls::calls(&client) {
        let [least, _] = operation.plain;
        let status = if operation.domain == "kpi" { 401 } else { 403 };
        errors.push(calls.refused_call(least.await, status));
    }
    assert_eq!(calls.seen, operations());
    for error in errors {
        assert!(
            !format!("{error} {error:?}").contains(wrong),
            "{error} shows the key"
        );
    }
    assert!(
        !format!(
            "{client:?} {:?}",
            client.kpi().create_dataset(&DatasetRequest::new("Energy"))
        )
        .contains(wrong)
    );
}

#[tokio::test]
async fn a_missing_key_is_noticed_before_anything_is_sent() {
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
    let (scorecards, campaigns, cases, kpi) = (
        client.scorecards(),
        client.campaigns(),
        client.cases(),
        client.kpi(),
    );
    let mut calls = Calls {
        sandbox: &sandbox,
        seen: BTreeSet::new(),
    };
    calls.refused(
        scorecards
            .update_scorecard_rule(UNKNOWN, &rule_change(1))
            .send()
            .await,
        404,
    );
    calls.refused(scorecards.delete_scorecard_rule(UNKNOWN).send().await, 404);
    let error = calls.refused(
        campaigns
            .get_scorecard_campaign("no such / key?")
            .send()
            .await,
        404,
    );
    assert!(
        error.errors()[0].detail.is_some(),
        "campaigns answer with JSON:API errors"
    );
    calls.refused(
        campaigns
            .update_scorecard_campaign(UNKNOWN, &campaign_change(&rule_id))
            .send()
            .await,
        404,
    );
    calls.refused(
        campaigns.delete_scorecard_campaign(UNKNOWN).send().await,
        404,
    );
    calls.refused(cases.get_project(UNKNOWN).send().await, 404);
    calls.refused(cases.delete_project(UNKNOWN).send().await, 404);
    calls.refused(
        kpi.create_kpi(UNKNOWN, &KpiRequest::new("Gas"))
            .send()
            .await,
        404,
    );
    calls.refused(
        kpi.create_campaign(UNKNOWN, &kpi_campaign("2026"))
            .send()
            .await,
        404,
    );
    assert_eq!(calls.seen.len(), 9);
}

/// Every case operation whose path names something says so when there is no such thing.
#[tokio::test]
async fn nothing_is_found_in_an_empty_sandbox() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let mut calls = Calls {
        sandbox: &sandbox,
        seen: BTreeSet::new(),
    };
    let generation = Generator::for_workspace(workspace())
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let (cases, _) = generation
        .domains()
        .iter()
        .find(|(domain, _)| domain.tag == "cases")
        .expect("the domain");
    let mut called = 0;
    for operation in scorekit_calls::calls(&client) {
        let known = cases
            .operations
            .iter()
            .find(|known| known.id == operation.operation && known.path.contains('{'));
        let (Some(known), Some([least, _])) = (known, operation.by_resource) else {
            continue;
        };
        // Where the document has no 404, an unknown name is an invalid request.
        let documented = |status: &u16| {
            let status = status.to_string();
            known.statuses.iter().any(|(known, _)| *known == status)
        };
        let status = [404, 400].into_iter().find(documented).unwrap_or(404);
        calls.refused_call(least.await, status);
        called += 1;
    }
    assert_eq!(calls.seen.len(), called);
    assert!(called > 50, "{called} operations");
}

#[tokio::test]
async fn an_invalid_body_is_refused_in_the_vendors_shape() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let rule_id = create_rule(&client, "Has an owner").await;
    let (scorecards, campaigns, cases, kpi) = (
        client.scorecards(),
        client.campaigns(),
        client.cases(),
        client.kpi(),
    );
    let dataset_id = kpi
        .create_dataset(&DatasetRequest::new("Energy"))
        .send()
        .await
        .expect("a dataset")
        .into_inner()
        .id;
    let mut calls = Calls {
        sandbox: &sandbox,
        seen: BTreeSet::new(),
    };
    let maybe = || State::from("maybe");

    let attributes = RuleAttributesRequest::new()
        .name("A rule")
        .scorecard_name("A scorecard")
        .level(9);
    let body = CreateRuleRequest::new().data(CreateRuleRequestData::new().attributes(attributes));
    calls.refused(scorecards.create_scorecard_rule(&body).send().await, 400);
    calls.refused(
        scorecards
            .update_scorecard_rule(&rule_id, &rule_change(9))
            .send()
            .await,
        400,
    );
    calls.refused(
        scorecards
            .update_scorecard_outcomes(&outcome(&rule_id, maybe()))
            .send()
            .await,
        400,
    );
    calls.refused(
        scorecards
            .create_scorecard_outcomes_batch(&batch(&rule_id, maybe()))
            .send()
            .await,
        400,
    );
    let body = campaign("q1", &rule_id, CampaignStatus::from("paused"));
    let error = calls.refused(campaigns.create_scorecard_campaign(&body).send().await, 400);
    let source = error.errors()[0].source.as_ref().expect("a source");
    assert_eq!(source.pointer.as_deref(), Some("/data/attributes/status"));
    let created = campaigns
        .create_scorecard_campaign(&campaign("q1", &rule_id, CampaignStatus::Completed))
        .send()
        .await;
    let campaign_id = created.expect("a campaign").into_inner().data.id;
    let error = calls.refused(
        campaigns
            .update_scorecard_campaign(&campaign_id, &campaign_change("no rule"))
            .send()
            .await,
        400,
    );
    assert!(error.errors()[0].source.is_some());
    calls.refused(cases.create_project(&project("CASE")).send().await, 400);
    calls.refused(
        kpi.create_dataset(&DatasetRequest::new("")).send().await,
        422,
    );
    calls.refused(
        kpi.create_kpi(&dataset_id, &KpiRequest::new("Gas").sort_order(-1))
            .send()
            .await,
        422,
    );
    calls.refused(
        kpi.create_campaign(&dataset_id, &kpi_campaign(""))
            .send()
            .await,
        422,
    );

    let generation = Generator::for_workspace(workspace())
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let operations = generation
        .domains()
        .iter()
        .flat_map(|(domain, _)| &domain.operations);
    // Most bodies of cases hold free text alone, which nothing can be wrong with.
    let with_body = operations.filter(|operation| {
        operation.request_body.is_some()
            && (operation.id == "CreateProject" || !operation.path.starts_with("/api/v2/cases"))
            && !operation.path.starts_with("/api/v2/maintenance_windows")
    });
    assert_eq!(
        calls.seen,
        with_body.map(|operation| operation.id.clone()).collect()
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_a_connection_error() {
    let sandbox = sandbox().await;
    // A proxy would still be up.
    let client = client_at(&sandbox, &sandbox.url());
    sandbox.stop().await;
    let error = client
        .scorecards()
        .list_scorecards()
        .send()
        .await
        .expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(error.operation(), Some("ListScorecards"));
    assert_eq!(error.status(), None);
}
