//! Every operation does what it is for.

use super::*;

#[tokio::test]
async fn every_operation_succeeds() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let (scorecards, campaigns, cases, kpi) = (
        client.scorecards(),
        client.campaigns(),
        client.cases(),
        client.kpi(),
    );

    let rule_id = create_rule(&client, "Has an owner").await;
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
    create_rule(&client, "Another").await;
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
    let found = found
        .send()
        .await
        .expect("rules")
        .into_inner()
        .data
        .expect("data");
    assert_eq!(
        found
            .iter()
            .map(|rule| rule.id.as_deref())
            .collect::<Vec<_>>(),
        [Some(rule_id.as_str())]
    );

    let answer = scorecards
        .create_scorecard_outcomes_batch(&batch(&rule_id, State::Pass))
        .send()
        .await
        .expect("a batch");
    assert_eq!(answer.meta.total_received, Some(2));
    let answer = scorecards
        .update_scorecard_outcomes(&outcome(&rule_id, State::Fail))
        .send()
        .await
        .expect("accepted");
    assert_eq!(answer.status(), 202);
    let failed = scorecards
        .list_scorecard_outcomes()
        .filter_outcome_state("fail")
        .include("rule")
        .send()
        .await;
    let failed = failed.expect("outcomes").into_inner();
    let failed_attributes = failed
        .data
        .as_ref()
        .and_then(|data| data.first()?.attributes.as_ref())
        .expect("an outcome");
    assert_eq!(failed_attributes.state, Some(State::Fail));
    assert_eq!(
        failed_attributes.remarks.as_deref(),
        Some("See the run book.")
    );
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

    let created = campaigns
        .create_scorecard_campaign(&campaign("q1", &rule_id, CampaignStatus::InProgress))
        .send()
        .await;
    let created = created.expect("a campaign");
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
        .update_scorecard_campaign(campaign_id, &campaign_change(&rule_id))
        .send()
        .await;
    assert_eq!(
        updated.expect("an update").data.attributes.name,
        "A renamed campaign"
    );
    let deleted = campaigns
        .delete_scorecard_campaign(campaign_id)
        .send()
        .await
        .expect("a deletion");
    assert_eq!(deleted.status(), 204);

    let created = cases
        .create_project(&project("SEC"))
        .send()
        .await
        .expect("a project")
        .into_inner()
        .data
        .expect("data");
    let found = cases
        .get_project(&created.id)
        .send()
        .await
        .expect("a project")
        .into_inner()
        .data
        .expect("data");
    assert_eq!(found, created);
    assert_eq!(
        cases
            .get_projects()
            .send()
            .await
            .expect("projects")
            .data
            .as_deref(),
        Some(&[created.clone()][..])
    );
    assert_eq!(
        cases
            .delete_project(&created.id)
            .send()
            .await
            .expect("a deletion")
            .status(),
        204
    );

    super::cases::every_operation(&cases).await;

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

    assert_eq!(
        scorecards
            .delete_scorecard_rule(&rule_id)
            .send()
            .await
            .expect("a deletion")
            .status(),
        204
    );
    let called: BTreeSet<String> = sandbox
        .requests()
        .into_iter()
        .filter(|request| (200..300).contains(&request.status))
        .filter_map(|request| request.operation_id)
        .collect();
    assert_eq!(
        called,
        operations(),
        "every operation of the document is called here"
    );
}

#[tokio::test]
async fn a_domain_crate_stands_alone() {
    let sandbox = sandbox().await;
    let keys = sandbox.credentials();
    let config = scorekit::Config::new()
        .base_url(&url(&sandbox))
        .credentials(scorekit::Credentials::datadog_keys(
            keys.api_key,
            keys.application_key,
        ));
    let campaigns = scorekit::campaigns::Client::new(config).expect("a client");
    let page = campaigns
        .list_scorecard_campaigns()
        .send()
        .await
        .expect("a page");
    assert_eq!(page.meta.total, 0);
}
