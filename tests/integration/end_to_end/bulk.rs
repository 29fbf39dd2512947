//! Calls that push many items in several requests, and lists that read them back.

use std::collections::BTreeSet;

use scorekit::cases::types::{
    CaseBulkActionType, CaseBulkUpdateRequestAttributes, CaseCreateAttributes, CasePriority,
    CaseTypeResourceAttributes, Title, TypeId,
};
use scorekit::scorecards::types::{EntityReference, RuleId, ServiceName};
use scorekit::{CallOptions, Journal, Progress, PushReport};

use super::*;

/// Counts the requests for an operation.
fn requests(sandbox: &Sandbox, operation: &str) -> usize {
    let requests = sandbox.requests();
    let of = |record: &&scorekit_sandbox::RequestRecord| {
        record.operation_id.as_deref() == Some(operation)
    };
    requests.iter().filter(of).count()
}

async fn rule_id(client: &Client) -> String {
    let created = client.scorecards().create_scorecard_rule(&rule("Many"));
    let created = created.send().await.expect("a rule").into_inner();
    created.data.and_then(|rule| rule.id).expect("an id")
}

/// Returns the index and the error of each failed item.
fn failures(report: &PushReport) -> BTreeSet<(u64, String)> {
    let shown = report
        .failures
        .iter()
        .map(|(index, error)| (*index, error.to_string()));
    shown.collect()
}

#[tokio::test]
async fn outcomes_of_any_number_are_pushed_and_read_back() {
    // Eleven batches. The document's errors do not name items. So each invalid item takes two
    // halves in each step, from a hundred items down to one.
    push_outcomes(&documented_sandbox().await, 11 + 3 * 2 * 7).await;
    if std::env::var_os("SCOREKIT_TEST_PROXY").is_none() {
        // The vendor's errors name items, so each takes two requests: one for the item, one for the
        // rest.
        push_outcomes(&sandbox().await, 11 + 3 * 2).await;
    }
}

async fn push_outcomes(sandbox: &Sandbox, expected_requests: usize) {
    let client = client(sandbox);
    let (outcomes, rule) = (client.scorecards().outcomes(), rule_id(&client).await);
    let all = (0..1030).map(|number| {
        let rule = if number % 400 == 7 { "unknown" } else { &rule };
        UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(format!("service:s-{number:04}")),
            RuleId::from(rule),
            State::Pass,
        )
    });
    let report = outcomes.push_all(all).finish().await;
    let progress = report.progress;
    assert_eq!(
        (progress.read, progress.sent, progress.failed),
        (1030, 1027, 3)
    );
    let failed = failures(&report);
    let indexes: Vec<u64> = failed.iter().map(|(index, _)| *index).collect();
    assert_eq!(indexes, [7, 407, 807]);
    for (index, shown) in failed {
        let name = format!("rule_id: \"unknown\", entity_reference: \"service:s-{index:04}\": ");
        assert!(shown.starts_with(&name), "{shown}");
        assert!(shown.contains("there is no rule `unknown`"), "{shown}");
    }
    let sent = requests(sandbox, "UpdateScorecardOutcomes");
    assert_eq!(sent, expected_requests);

    let mut names = BTreeSet::new();
    for outcome in outcomes
        .list()
        .items()
        .prefetch(4)
        .collect_all()
        .await
        .expect("outcomes")
    {
        let attributes = outcome.attributes.expect("attributes");
        assert!(names.insert(attributes.service_name.expect("a name")));
    }
    assert_eq!(names.len(), 1027);
}

#[allow(deprecated, reason = "a deprecated operation still works")]
#[tokio::test]
async fn services_and_cases_can_be_pushed_in_bulk() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let rule = rule_id(&client).await;
    let services: Vec<_> = (0..250)
        .map(|number| {
            OutcomesBatchRequestItem::new(
                RuleId::from(rule.as_str()),
                ServiceName::from(format!("s-{number}")),
                State::Fail,
            )
        })
        .collect();
    let outcomes = client.scorecards().outcomes();
    let report = outcomes.create_all(services).batch_size(60).finish().await;
    assert_eq!((report.progress.sent, report.progress.requests), (250, 5));

    let cases = client.cases();
    let kind = cases
        .types()
        .create(CaseTypeResourceAttributes::new("Incident"));
    let kind = kind
        .send()
        .await
        .expect("a type")
        .into_inner()
        .id
        .expect("an id");
    let mut ids = vec![UNKNOWN.to_owned()];
    for number in 0..24 {
        let attributes = CaseCreateAttributes::new(
            Title::from(format!("Case {number}")),
            TypeId::from(kind.as_str()),
        );
        let created = cases.cases().create(attributes).send().await;
        ids.push(created.expect("a case").into_inner().id);
    }
    let none: [&str; 0] = [];
    let priority = CaseBulkUpdateRequestAttributes::new(none, CaseBulkActionType::Priority)
        .payload([("priority", "P1".to_owned())]);
    let report = cases.cases().bulk_update_all(priority, ids.clone());
    let report = report.batch_size(10).finish().await;
    let failed = failures(&report);
    assert_eq!((report.progress.sent, failed.len()), (24, 1));
    let (index, shown) = failed.first().expect("the unknown id");
    assert_eq!(*index, 0);
    assert!(
        shown.starts_with(&format!("\"{UNKNOWN}\": BulkUpdateCases: 404")),
        "{shown}"
    );
    for id in &ids[1..] {
        let case = cases.cases().get(id).send().await.expect("the case");
        assert_eq!(case.attributes.priority, Some(CasePriority::P1));
    }
}

#[tokio::test]
async fn a_push_continues_uncompressed_after_a_415() {
    let sandbox = sandbox().await;
    // Without the proxy: Prism cannot read compressed bodies.
    let client = client_at(&sandbox, &sandbox.url());
    let (outcomes, rule) = (client.scorecards().outcomes(), rule_id(&client).await);
    let all = (0..1000).map(|number| {
        UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(format!("service:s-{number}")),
            RuleId::from(&rule),
            State::Pass,
        )
    });
    let push = outcomes.push_all(all).concurrency(2);
    let push = push.with(CallOptions::new().compress_requests(true));
    let progress = push.finish().await.progress;
    assert_eq!((progress.sent, progress.requests), (1000, 10));
    // The requests that were sent before the first 415 arrived.
    let rejected = requests(&sandbox, "UpdateScorecardOutcomes") - 10;
    assert!((1..=2).contains(&rejected), "{rejected}");
}

#[tokio::test]
async fn a_push_with_a_journal_sends_only_new_items_if_asked() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let (outcomes, rule) = (client.scorecards().outcomes(), rule_id(&client).await);
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::new(directory.path().join("outcomes.journal"));
    let all = |count: usize| {
        let rule = rule.clone();
        (0..count).map(move |number| {
            let entity = format!("service:s-{number}");
            UpdateOutcomesAsyncRequestItem::new(
                EntityReference::from(entity),
                RuleId::from(rule.as_str()),
                State::Pass,
            )
        })
    };
    let pushed = async |count: usize, journal: Journal| -> Progress {
        let push = outcomes
            .push_all(all(count))
            .journal(journal)
            .expect("a journal");
        push.finish().await.progress
    };
    let first = pushed(300, journal.clone()).await;
    assert_eq!((first.sent, first.requests), (300, 3));
    let second = pushed(350, journal.clone().only_failed()).await;
    assert_eq!(
        (second.already_sent, second.sent, second.requests),
        (300, 50, 1)
    );
    // The run is over, and the next one sends everything.
    let third = pushed(350, journal).await;
    assert_eq!((third.already_sent, third.sent), (0, 350));
}
