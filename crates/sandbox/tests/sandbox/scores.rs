//! The arithmetic of scores.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{encoded, get, post};

/// Creates two rules on two scorecards, and three entities of two kinds:
///
/// | | service:shop | service:cart | api:orders |
/// | --- | --- | --- | --- |
/// | first (level 1, owner red) | pass | fail | pass |
/// | second (level 2, disabled) | skip | – | pass |
async fn seeded() -> (Sandbox, String, String) {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let mut bodies = [
        rule("On call", "Production"),
        rule("Has owner", "Ownership"),
    ];
    bodies[0]["data"]["attributes"]["level"] = json!(1);
    bodies[0]["data"]["attributes"]["owner"] = json!("red");
    bodies[1]["data"]["attributes"]["level"] = json!(2);
    bodies[1]["data"]["attributes"]["enabled"] = json!(false);
    let first = id(&post(&sandbox, RULES, &bodies[0], 201).await);
    let second = id(&post(&sandbox, RULES, &bodies[1], 201).await);
    let results = [
        ("service:shop", "pass"),
        ("service:cart", "fail"),
        ("api:orders", "pass"),
    ];
    post(&sandbox, OUTCOMES, &outcomes(&first, &results), 202).await;
    post(
        &sandbox,
        OUTCOMES,
        &outcomes(&second, &[("service:shop", "skip"), ("api:orders", "pass")]),
        202,
    )
    .await;
    (sandbox, first, second)
}

/// Pass, fail, skip, no data and entities of every score.
fn counts(response: &Value) -> Vec<[u64; 5]> {
    let names = [
        "total_pass",
        "total_fail",
        "total_skip",
        "total_no_data",
        "total_entities",
    ];
    let scores = response["data"].as_array().expect("the response is a list");
    scores
        .iter()
        .map(|score| names.map(|name| score["attributes"][name].as_u64().expect("a number")))
        .collect()
}

#[tokio::test]
async fn scores_are_grouped_by_every_aggregation() {
    let (sandbox, first, second) = seeded().await;

    let by_rule = get(&sandbox, &format!("{SCORES}/by-rule")).await;
    assert_eq!(each(&by_rule, "/id"), [first.as_str(), second.as_str()]);
    assert_eq!(counts(&by_rule), [[2, 1, 0, 0, 3], [1, 0, 1, 1, 2]]);
    assert_eq!(each(&by_rule, "/attributes/numerator"), [2, 1]);
    assert_eq!(each(&by_rule, "/attributes/denominator"), [3, 1]);
    assert_eq!(
        each(&by_rule, "/attributes/score"),
        [json!(2.0 / 3.0), json!(1.0)]
    );
    assert_eq!(each(&by_rule, "/attributes/level"), [1, 2]);
    assert_eq!(
        each(&by_rule, "/relationships/rule/data/id"),
        [first.as_str(), second.as_str()]
    );
    assert_eq!(
        by_rule["meta"],
        json!({ "count": 2, "limit": 100, "offset": 0, "total": 2 })
    );

    let by_entity = get(&sandbox, &format!("{SCORES}/by-entity")).await;
    assert_eq!(
        each(&by_entity, "/id"),
        ["api:orders", "service:cart", "service:shop"]
    );
    assert_eq!(
        counts(&by_entity),
        [[2, 0, 0, 0, 1], [0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]
    );
    assert_eq!(
        by_entity["data"][2]["relationships"]["service"]["data"]["id"],
        "shop"
    );

    let by_scorecard = get(&sandbox, &format!("{SCORES}/by-scorecard")).await;
    assert_eq!(counts(&by_scorecard), counts(&by_rule));
    let scorecards = get(&sandbox, SCORECARDS).await;
    assert_eq!(
        each(&by_scorecard, "/relationships/scorecard/data/id"),
        each(&scorecards, "/id")
    );

    let by_kind = get(&sandbox, &format!("{SCORES}/by-kind")).await;
    assert_eq!(each(&by_kind, "/id"), ["api", "service"]);
    assert_eq!(counts(&by_kind), [[2, 0, 0, 0, 1], [1, 1, 1, 1, 2]]);

    let by_team = get(&sandbox, &format!("{SCORES}/by-team")).await;
    assert_eq!(each(&by_team, "/relationships/team/data/id"), ["red"]);
    assert_eq!(counts(&by_team), [[2, 1, 0, 0, 3]]);
}

#[tokio::test]
async fn scores_are_filtered_by_rule() {
    let (sandbox, first, second) = seeded().await;
    let scorecards = each(&get(&sandbox, SCORECARDS).await, "/id");
    let scorecard = scorecards[1].as_str().expect("an identifier");
    let cases: [(String, Vec<&str>); 7] = [
        (
            format!("filter[rule][id]={first},{second}"),
            vec![&first, &second],
        ),
        (format!("filter[rule][id]={second}"), vec![&second]),
        ("filter[rule][name]=call".to_owned(), vec![&first]),
        ("filter[rule][level]=2,3".to_owned(), vec![&second]),
        (
            format!("filter[rule][scorecard_id]={scorecard}"),
            vec![&second],
        ),
        ("filter[rule][is_enabled]=true".to_owned(), vec![&first]),
        ("filter[rule][is_custom]=false".to_owned(), vec![]),
    ];
    for (query, expected) in cases {
        let response = get(&sandbox, &format!("{SCORES}/by-rule?{}", encoded(&query))).await;
        assert_eq!(each(&response, "/id"), expected, "{query}");
    }
}

#[tokio::test]
async fn scores_are_sorted_and_paged() {
    let (sandbox, _, _) = seeded().await;
    let by_entity = |query: &str| format!("{SCORES}/by-entity?{}", encoded(query));
    let worst = get(&sandbox, &by_entity("sort=score")).await;
    assert_eq!(each(&worst, "/attributes/score"), [0.0, 1.0, 1.0]);
    let best = get(&sandbox, &by_entity("sort=-total_pass&page[limit]=2")).await;
    assert_eq!(each(&best, "/attributes/total_pass"), [2, 1]);
    assert_eq!(
        best["meta"],
        json!({ "count": 2, "limit": 2, "offset": 0, "total": 3 })
    );
    let rest = get(&sandbox, best["links"]["next"].as_str().expect("a link")).await;
    assert_eq!(each(&rest, "/attributes/total_pass"), [0]);
    assert!(rest["links"].get("next").is_none(), "{rest}");
    let rejected = crate::http::call(&sandbox, "GET", &by_entity("sort=beauty"), None).await;
    assert!(
        rejected.expect(400)["errors"][0]["detail"]
            .as_str()
            .unwrap_or_default()
            .contains("total_no_data")
    );
}

#[tokio::test]
async fn without_pass_or_fail_the_score_is_zero() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    assert_eq!(
        get(&sandbox, &format!("{SCORES}/by-rule")).await["data"],
        json!([])
    );
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    post(
        &sandbox,
        OUTCOMES,
        &outcomes(&rule_id, &[("service:shop", "skip")]),
        202,
    )
    .await;
    let response = get(&sandbox, &format!("{SCORES}/by-rule")).await;
    assert_eq!(each(&response, "/attributes/score"), [0.0]);
}
