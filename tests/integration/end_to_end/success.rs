//! Every operation succeeds, and later calls see its effect.

use super::*;

#[tokio::test]
async fn every_operation_succeeds() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);

    let rule_id = rules(&client).await;
    outcomes(&client, &rule_id).await;
    campaigns(&client, &rule_id).await;
    projects(&client).await;
    super::cases::every_operation(&client.cases()).await;
    kpi(&client).await;
    let deleted = client.scorecards().delete_scorecard_rule(&rule_id);
    assert_eq!(deleted.send().await.expect("a deletion").status(), 204);
    for call in scorekit_calls::calls(&client) {
        let [minimal, _] = call.plain;
        if STUBS.contains(&call.operation) {
            minimal.await.expect(call.operation);
        }
    }

    let called: BTreeSet<String> = sandbox
        .requests()
        .into_iter()
        .filter(|request| (200..300).contains(&request.status))
        .filter_map(|request| request.operation_id)
        .collect();
    assert_same_names(
        &called,
        &operations(),
        "this test calls every operation of the document; call it here, or add it to `STUBS`",
    );
}

#[test]
fn every_operation_has_a_call_of_its_own() {
    assert!(
        STUBS.is_empty(),
        "write a call with the effect of each operation in tests/integration/end_to_end, and \
         remove it from `STUBS`: {STUBS:?}"
    );
}

/// Creates, changes and lists rules. Returns the id of one that is left.
async fn rules(client: &Client) -> String {
    let scorecards = client.scorecards();
    let rule_id = create_rule(client, "Has an owner").await;
    let updated = scorecards
        .update_scorecard_rule(&rule_id, &rule_change(3))
        .send()
        .await
        .expect("an update");
    let attributes = updated
        .into_inner()
        .data
        .and_then(|data| data.attributes)
        .expect("attributes");
    assert_eq!(
        (attributes.name.as_deref(), attributes.level),
        (Some("Changed"), Some(3))
    );
    create_rule(client, "Another").await;
    let page = scorecards
        .list_scorecard_rules()
        .page_size(1)
        .page_offset(1)
        .send()
        .await
        .expect("rules");
    assert_eq!(page.data.as_ref().map(Vec::len), Some(1));
    let found = scorecards
        .list_scorecard_rules()
        .filter_rule_name("Changed")
        .filter_rule_enabled(true);
    let found = found.send().await.expect("rules").into_inner();
    let ids: Vec<_> = found
        .data
        .iter()
        .flatten()
        .map(|rule| rule.id.as_deref())
        .collect();
    assert_eq!(ids, [Some(rule_id.as_str())]);
    rule_id
}

/// Creates and lists outcomes of a rule, and lists the scorecards and scores that result.
#[allow(deprecated, reason = "a deprecated operation still works")]
async fn outcomes(client: &Client, rule_id: &str) {
    let scorecards = client.scorecards();
    let response = scorecards
        .create_scorecard_outcomes_batch(&batch(rule_id, State::Pass))
        .send()
        .await
        .expect("a batch");
    assert_eq!(response.meta.total_received, Some(2));
    let response = scorecards
        .update_scorecard_outcomes(&outcome(rule_id, State::Fail))
        .send()
        .await
        .expect("accepted");
    assert_eq!(response.status(), 202);
    let failed = scorecards
        .list_scorecard_outcomes()
        .filter_outcome_state("fail")
        .include("rule")
        .send()
        .await;
    let failed = failed.expect("outcomes").into_inner();
    let attributes = failed
        .data
        .as_ref()
        .and_then(|data| data.first()?.attributes.as_ref())
        .expect("an outcome");
    assert_eq!(attributes.state, Some(State::Fail));
    assert_eq!(attributes.remarks.as_deref(), Some("See the run book."));
    assert_eq!(failed.included.map(|rules| rules.len()), Some(1));
    let named = scorecards
        .list_scorecards()
        .filter_scorecard_name("readiness")
        .send()
        .await
        .expect("scorecards");
    assert_eq!(named.data[0].attributes.name, "Production Readiness");
    for aggregation in ScorecardScoresAggregation::VALUES {
        let scores = scorecards
            .list_scorecard_scores((*aggregation).into())
            .page_limit(100)
            .send()
            .await
            .expect("scores");
        let found = scores
            .data
            .as_ref()
            .and_then(|data| data.first()?.attributes.as_ref()?.aggregation.clone());
        assert_eq!(found.expect("a score"), *aggregation);
    }
}

async fn campaigns(client: &Client, rule_id: &str) {
    let campaigns = client.campaigns();
    let created = campaigns
        .create_scorecard_campaign(&campaign("q1", rule_id, CampaignStatus::InProgress))
        .send()
        .await
        .expect("a campaign");
    assert_eq!(created.status(), 201);
    let campaign_id = &created.data.id;
    let by_key = campaigns
        .get_scorecard_campaign("q1")
        .include("scores")
        .include_meta(false)
        .send()
        .await;
    assert_eq!(&by_key.expect("a campaign").data.id, campaign_id);
    let listed = campaigns
        .list_scorecard_campaigns()
        .filter_campaign_status("in_progress")
        .send()
        .await
        .expect("a page");
    assert_eq!((listed.meta.total, listed.data.len()), (1, 1));
    let updated = campaigns
        .update_scorecard_campaign(campaign_id, &campaign_change(rule_id))
        .send()
        .await
        .expect("an update");
    assert_eq!(updated.data.attributes.name, "A renamed campaign");
    let deleted = campaigns
        .delete_scorecard_campaign(campaign_id)
        .send()
        .await
        .expect("a deletion");
    assert_eq!(deleted.status(), 204);
}

/// Calls the operations of projects that [`super::cases`] calls by their resources.
async fn projects(client: &Client) {
    let cases = client.cases();
    let created = cases.create_project(&project("SEC")).send().await;
    let created = created.expect("a project").into_inner().data.expect("data");
    let found = cases.get_project(&created.id).send().await;
    let found = found.expect("a project").into_inner().data.expect("data");
    assert_eq!(found, created);
    let listed = cases.get_projects().send().await.expect("projects");
    assert_eq!(listed.data.as_deref(), Some(&[created.clone()][..]));
    let deleted = cases.delete_project(&created.id).send().await;
    assert_eq!(deleted.expect("a deletion").status(), 204);
}

async fn kpi(client: &Client) {
    let kpi = client.kpi();
    let body = DatasetRequest::new("Energy").kpis([KpiRequest::new("Electricity")]);
    let dataset = kpi
        .create_dataset(&body)
        .x_organization_id(OWNER)
        .send()
        .await
        .expect("a dataset");
    assert_eq!(dataset.organization_id, OWNER);
    assert_eq!(dataset.kpis.as_ref().map(Vec::len), Some(1));
    let created = kpi
        .create_kpi(&dataset.id, &KpiRequest::new("Gas").sort_order(1))
        .send()
        .await
        .expect("a KPI");
    assert_eq!(
        (created.dataset_id.as_str(), created.sort_order),
        (dataset.id.as_str(), 1)
    );
    let created = kpi
        .create_campaign(&dataset.id, &kpi_campaign("2026"))
        .send()
        .await
        .expect("a campaign");
    assert_eq!(created.period_end.as_str(), "2026-12-31");
}

#[tokio::test]
async fn a_domain_crate_works_without_the_facade() {
    let sandbox = sandbox().await;
    let keys = sandbox.credentials();
    let credentials = scorekit::Credentials::datadog_keys(keys.api_key, keys.application_key);
    let config = scorekit::Config::new()
        .base_url(&url(&sandbox))
        .credentials(credentials);
    let campaigns = scorekit::campaigns::Client::new(config).expect("a client");
    let page = campaigns
        .list_scorecard_campaigns()
        .send()
        .await
        .expect("a page");
    assert_eq!(page.meta.total, 0);
}
