//! Lists with pages, read as streams.

use scorekit_sandbox::RequestRecord;

use super::*;

/// Returns the offset of each request since `earlier`, and asserts their operation and page size.
fn asked(sandbox: &Sandbox, earlier: usize, operation: &str, size: &str) -> Vec<Option<usize>> {
    let value = |request: &RequestRecord, wanted: &str| {
        let query = request.query.replace("%5B", "[").replace("%5D", "]");
        let pair = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value.parse());
        pair.map(|value: Result<usize, _>| value.expect("a number"))
    };
    let requests = sandbox.requests();
    let offsets = requests[earlier..].iter().map(|request| {
        assert_eq!(request.operation_id.as_deref(), Some(operation));
        assert_eq!(value(request, size), Some(2), "{}", request.query);
        value(request, "page[offset]")
    });
    offsets.collect()
}

/// Reads the five items of a list in pages of two, then those from the second to the fourth, and
/// checks the requests. The document of a list with `$more` offsets does not tell its end.
macro_rules! reads {
    (
        $sandbox:expr, $operation:literal, $size:literal, $request:expr, $id:expr $(, $more:expr)?
    ) => {{
        let earlier = $sandbox.requests().len();
        let mut items = $request.items();
        let mut ids = Vec::new();
        while let Some(item) = items.next().await {
            ids.push($id(&item.expect($operation)));
        }
        let mut distinct = ids.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((ids.len(), distinct.len()), (5, 5), "{ids:?}");
        assert_eq!(
            asked(&$sandbox, earlier, $operation, $size),
            [None, Some(2), Some(4) $(, Some($more))?]
        );

        let earlier = $sandbox.requests().len();
        let mut some = $request.page_offset(1).items().limit(3);
        let mut found = Vec::new();
        while let Some(item) = some.next().await {
            found.push($id(&item.expect($operation)));
        }
        assert_eq!(found, ids[1..4]);
        assert_eq!(
            asked(&$sandbox, earlier, $operation, $size),
            [Some(1), Some(3)]
        );

        let mut pages = $request.pages();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            assert_eq!(page.expect($operation).status(), 200);
            count += 1;
        }
        assert_eq!(count, 3);
    }};
}

#[tokio::test]
async fn every_list_with_offsets_reads_as_a_stream() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let (scorecards, campaigns) = (client.scorecards(), client.campaigns());
    for number in 0..5 {
        let attributes = RuleAttributesRequest::new()
            .name(format!("Rule {number}"))
            .scorecard_name(format!("Scorecard {number}"))
            .enabled(true);
        let body =
            CreateRuleRequest::new().data(CreateRuleRequestData::new().attributes(attributes));
        let created = scorecards.create_scorecard_rule(&body).send().await;
        let data = created.expect("a rule").into_inner().data;
        let rule_id = data.and_then(|rule| rule.id).expect("an id");
        let outcome = outcome(&rule_id, State::Pass);
        let outcome = scorecards.update_scorecard_outcomes(&outcome).send().await;
        outcome.expect("an outcome");
        let key = format!("campaign-{number}");
        let body = campaign(&key, &rule_id, CampaignStatus::InProgress);
        let created = campaigns.create_scorecard_campaign(&body).send().await;
        created.expect("a campaign");
    }

    use scorekit::campaigns::types as campaign_types;
    use scorekit::scorecards::types;
    reads!(
        sandbox,
        "ListScorecardRules",
        "page[size]",
        scorecards.list_scorecard_rules().page_size(2),
        |rule: &types::ListRulesResponseDataItem| rule.id.clone().expect("an id")
    );
    reads!(
        sandbox,
        "ListScorecardOutcomes",
        "page[size]",
        scorecards.list_scorecard_outcomes().page_size(2),
        |outcome: &types::OutcomesResponseDataItem| outcome.id.clone().expect("an id")
    );
    reads!(
        sandbox,
        "ListScorecards",
        "page[size]",
        scorecards.list_scorecards().page_size(2),
        |scorecard: &types::ScorecardListResponseData| scorecard.id.clone(),
        5
    );
    reads!(
        sandbox,
        "ListScorecardScores",
        "page[limit]",
        scorecards
            .list_scorecard_scores(ScorecardScoresAggregation::ByRule)
            .page_limit(2),
        |score: &types::ScorecardScoreData| score.id.clone()
    );
    reads!(
        sandbox,
        "ListScorecardCampaigns",
        "page[limit]",
        campaigns.list_scorecard_campaigns().page_limit(2),
        |campaign: &campaign_types::CampaignResponseData| campaign.id.clone()
    );
}

/// Reads the lists of cases, whose pages are numbered from 1 or from 0.
#[tokio::test]
async fn lists_with_numbered_pages_read_as_streams() {
    use scorekit::cases::types::{CaseCommentAttributes, CaseCreateAttributes, Title, TypeId};

    let sandbox = sandbox().await;
    let cases = client(&sandbox).cases();
    let types = cases.types().list().send().await.expect("types");
    let type_id = types[0].id.clone().expect("an id");
    let mut created = Vec::new();
    for number in 0..5 {
        let attributes = CaseCreateAttributes::new(
            Title::from(format!("Case {number}")),
            TypeId::from(&type_id),
        );
        let case = cases.cases().create(attributes).send().await;
        created.push(case.expect("a case").into_inner().id);
    }
    let case = created[0].clone();
    let mut comments = Vec::new();
    for number in 0..5 {
        let comment = CaseCommentAttributes::new(format!("Comment {number}"));
        let cell = cases.comments().create(&case, comment).send().await;
        comments.push(cell.expect("a comment")[0].id.clone());
    }
    let asked = |earlier: usize| -> Vec<String> {
        let requests = sandbox.requests();
        let queries = requests[earlier..].iter().map(|request| {
            let query = request.query.replace("%5B", "[").replace("%5D", "]");
            let number = query.split_once("page[number]=");
            number.map_or_else(String::new, |(_, number)| number.to_owned())
        });
        queries.collect()
    };

    let earlier = sandbox.requests().len();
    let mut found = Vec::new();
    let mut items = cases.cases().search().page_size(2).sort_asc(true).items();
    while let Some(item) = items.next().await {
        found.push(item.expect("a case").id);
    }
    assert_eq!(found, created);
    assert_eq!(asked(earlier), ["", "2", "3"]);

    let earlier = sandbox.requests().len();
    let mut found = Vec::new();
    let list = cases.timeline().list(&case).sort_ascending(true);
    let mut items = list.page_size(2).items();
    while let Some(item) = items.next().await {
        found.push(item.expect("a cell").id);
    }
    assert_eq!(found, comments);
    // Nothing in a timeline tells its end.
    assert_eq!(asked(earlier), ["", "1", "2", "3"]);

    let list = cases.timeline().list(&case).page_size(2).page_number(1);
    let mut items = list.sort_ascending(true).items();
    let first = items.next().await.expect("an item").expect("a cell");
    assert_eq!(first.id, comments[2]);
}

#[tokio::test]
async fn every_page_is_requested_with_the_filters_and_the_largest_size() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    for number in 0..103 {
        create_rule(&client, &format!("Rule {number}")).await;
    }
    let earlier = sandbox.requests().len();
    let rules = client.scorecards().list_scorecard_rules();
    let mut rules = rules.filter_rule_name("Rule").items();
    let mut count = 0;
    while let Some(rule) = rules.next().await {
        rule.expect("a rule");
        count += 1;
    }
    assert_eq!(count, 103);
    let queries: Vec<_> = sandbox.requests()[earlier..]
        .iter()
        .map(|request| request.query.replace("%5B", "[").replace("%5D", "]"))
        .collect();
    assert_eq!(
        queries,
        [
            "filter[rule][name]=Rule&page[size]=100",
            "filter[rule][name]=Rule&page[size]=100&page[offset]=100",
        ]
    );
}

/// Reads from a sandbox that returns smaller pages than the client asks for.
#[tokio::test]
async fn a_server_with_smaller_pages_loses_nothing() {
    use scorekit::cases::types::{CaseCreateAttributes, Title, TypeId};

    const CAP: usize = 7;
    let cap = CAP.try_into().expect("a number");
    let sandbox = start_as(Sandbox::builder().max_page_size(cap)).await;
    let client = client(&sandbox);
    for number in 0..23 {
        create_rule(&client, &format!("Rule {number}")).await;
    }
    let cases = client.cases();
    let types = cases.types().list().send().await.expect("types");
    let type_id = types[0].id.clone().expect("an id");
    for number in 0..23 {
        let attributes = CaseCreateAttributes::new(
            Title::from(format!("Case {number}")),
            TypeId::from(&type_id),
        );
        cases
            .cases()
            .create(attributes)
            .send()
            .await
            .expect("a case");
    }
    for ahead in [0, 4] {
        let rules = client.scorecards().rules().list().items().prefetch(ahead);
        let rules = rules.collect_all().await.expect("the rules");
        let names: BTreeSet<_> = rules.iter().map(|rule| rule.id.clone()).collect();
        assert_eq!((rules.len(), names.len()), (23, 23), "{ahead}");
        let found = cases.cases().search().items().prefetch(ahead);
        let found = found.collect_all().await.expect("the cases");
        let ids: BTreeSet<_> = found.iter().map(|case| case.id.clone()).collect();
        assert_eq!((found.len(), ids.len()), (23, 23), "{ahead}");
    }
    let page = client.scorecards().rules().list().send().await;
    assert_eq!(page.expect("a page").data.as_ref().map_or(0, Vec::len), CAP);
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let sandbox = sandbox().await;
    let keys = Client::builder()
        .base_url(&url(&sandbox))
        .api_key("wrong")
        .application_key("wrong")
        .build()
        .expect("a client");
    let mut campaigns = keys.campaigns().list_scorecard_campaigns().items();
    let error = campaigns
        .next()
        .await
        .expect("an item")
        .expect_err("wrong keys");
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.operation(), Some("ListScorecardCampaigns"));
    assert!(campaigns.next().await.is_none());
    assert_eq!(sandbox.requests().len(), 1);
}

/// Finds list operations with a position parameter and without `x-pagination`, which is an
/// oversight.
#[test]
fn every_operation_with_a_position_parameter_has_pages() {
    let mut pages = BTreeSet::new();
    for operation in documented_operations(&bundle()) {
        let has_position = operation.parameters.iter().any(|parameter| {
            ["page[offset]", "page[number]"]
                .contains(&parameter["name"].as_str().unwrap_or_default())
        });
        assert_eq!(
            operation.object.get("x-pagination").is_some(),
            has_position,
            "{} needs `x-pagination`, or must not have it",
            operation.id
        );
        if has_position {
            pages.insert(operation.id);
        }
    }
    let expected = [
        "ListCaseTimeline",
        "ListScorecardCampaigns",
        "ListScorecardOutcomes",
        "ListScorecardRules",
        "ListScorecardScores",
        "ListScorecards",
        "SearchCases",
    ];
    assert_eq!(pages, expected.map(str::to_owned).into());
}
