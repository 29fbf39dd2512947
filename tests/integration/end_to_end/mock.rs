//! The clients against Prism, a mock server: it responds with the document's examples and rejects
//! requests that the document does not allow.

use super::*;

/// The operations whose generated calls have values that the document does not allow. The values
/// depend on the type only, not on the bounds of a number or on the format of a string.
const INVALID_CALLS: [&str; 5] = [
    "CreateCampaign",
    "CreateDataset",
    "CreateKpi",
    "CreateScorecardRule",
    "UpdateScorecardRule",
];

/// Calls every operation with the required and with all values, by its method of the client and by
/// that of the resource.
#[tokio::test]
#[ignore = "needs Prism; `tests/conformance/prism` runs it"]
async fn every_operation_works_with_a_mock() {
    let url = std::env::var("SCOREKIT_TEST_MOCK").expect("the URL of the mock");
    let client = Client::builder()
        .base_url(&url)
        .api_key("api-key")
        .application_key("application-key")
        .dcycle_api_key("dcycle-api-key")
        .build()
        .expect("a client");
    let (mut called, mut rejected) = (BTreeSet::new(), BTreeSet::new());
    for calls in scorekit_calls::calls(&client) {
        let by_resource = calls.by_resource.into_iter().flatten();
        for call in calls.plain.into_iter().chain(by_resource) {
            match call.await {
                Ok(status) => assert!(status.is_success(), "{}: {status}", calls.operation),
                Err(error) if INVALID_CALLS.contains(&calls.operation) => {
                    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
                    rejected.insert(calls.operation);
                }
                Err(error) => unreachable!("{error}"),
            }
        }
        called.insert(calls.operation.to_owned());
    }
    assert_eq!(called, operations());
    assert_eq!(rejected, INVALID_CALLS.into());

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
