//! The clients against a mock of the document that Prism makes up: it answers with the document's examples and refuses
//! what the document does not allow.

use super::*;

/// The operations whose calls hold values that the document does not allow: they are made up by type, and know neither
/// the bounds of a number nor that a text has to be a UUID.
const MADE_UP: [&str; 5] = [
    "CreateCampaign",
    "CreateDataset",
    "CreateKpi",
    "CreateScorecardRule",
    "UpdateScorecardRule",
];

/// Every operation with the least and with the most that can be set, by either way to call it.
#[tokio::test]
#[ignore = "needs Prism; `tests/conformance/prism` runs it"]
async fn every_operation_is_understood_by_a_mock() {
    let url = std::env::var("SCOREKIT_TEST_MOCK").expect("the mock's address");
    let client = Client::builder()
        .base_url(&url)
        .api_key("api-key")
        .application_key("application-key")
        .dcycle_api_key("dcycle-api-key")
        .build()
        .expect("a client");
    let (mut called, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for calls in scorekit_calls::calls(&client) {
        let by_resource = calls.by_resource.into_iter().flatten();
        for call in calls.plain.into_iter().chain(by_resource) {
            match call.await {
                Ok(status) => assert!(status.is_success(), "{}: {status}", calls.operation),
                Err(error) if MADE_UP.contains(&calls.operation) => {
                    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
                    refused.insert(calls.operation);
                }
                Err(error) => unreachable!("{error}"),
            }
        }
        called.insert(calls.operation.to_owned());
    }
    assert_eq!(called, operations());
    assert_eq!(refused, MADE_UP.into());

    let (scorecards, kpi) = (client.scorecards(), client.kpi());
    let created = scorecards.create_scorecard_rule(&rule("A rule")).send();
    assert_eq!(created.await.expect("a rule").status(), 201);
    let changed = scorecards.update_scorecard_rule("a-rule", &rule_change(3));
    assert_eq!(changed.send().await.expect("a rule").status(), 200);
    let dataset = kpi.create_dataset(&DatasetRequest::new("Energy")).send();
    assert_eq!(dataset.await.expect("a dataset").status(), 201);
    let created = kpi.create_kpi(UNKNOWN, &KpiRequest::new("Gas")).send();
    assert_eq!(created.await.expect("a KPI").status(), 201);
    let created = kpi.create_campaign(UNKNOWN, &kpi_campaign("2026")).send();
    assert_eq!(created.await.expect("a campaign").status(), 201);
}
