//! Filters, pages, sparse fields and included resources.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, encoded, get, post};

/// Follows `links.next` to the end, and returns one value of every resource on each page.
async fn walk(sandbox: &Sandbox, target: &str, pointer: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut target = target.to_owned();
    loop {
        let response = get(sandbox, &target).await;
        pages.push(each(&response, pointer));
        match response["links"]["next"].as_str() {
            Some(next) => target = next.to_owned(),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn rules_are_paged_with_links() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    for number in 0..5 {
        create_rule(&sandbox, &format!("rule {number}"), "Production").await;
    }
    let target = format!(
        "{RULES}?{}",
        encoded("page[size]=2&filter[rule][name]=rule")
    );
    let first = get(&sandbox, &target).await;
    let next = format!(
        "{RULES}?{}",
        encoded("filter[rule][name]=rule&page[offset]=2&page[size]=2")
    );
    assert_eq!(first["links"]["next"], next);
    let pages = walk(&sandbox, &target, "/attributes/name").await;
    assert_eq!(
        pages,
        [
            vec!["rule 0", "rule 1"],
            vec!["rule 2", "rule 3"],
            vec!["rule 4"]
        ]
    );
    let whole = get(&sandbox, &format!("{RULES}?{}", encoded("page[size]=5"))).await;
    assert!(whole["links"].get("next").is_none(), "{whole}");
    let past = get(&sandbox, &format!("{RULES}?{}", encoded("page[offset]=9"))).await;
    assert_eq!(past["data"], json!([]));
}

#[tokio::test]
async fn all_filters_of_rules_must_match() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let first = create_rule(&sandbox, "On call", "Production").await;
    let mut second = rule("Has owner", "Ownership");
    second["data"]["attributes"]["enabled"] = json!(false);
    second["data"]["attributes"]["description"] = json!("Response Time");
    let second = id(&post(&sandbox, RULES, &second, 201).await);
    let cases: [(&str, Vec<&str>); 8] = [
        ("filter[rule][id]=FIRST", vec![&first]),
        ("filter[rule][enabled]=true", vec![&first]),
        ("filter[rule][enabled]=false", vec![&second]),
        ("filter[rule][custom]=true", vec![&first, &second]),
        ("filter[rule][custom]=false", vec![]),
        ("filter[rule][name]=on CALL", vec![&first]),
        ("filter[rule][description]=response", vec![&second]),
        (
            "filter[rule][enabled]=true&filter[rule][name]=owner",
            vec![],
        ),
    ];
    for (query, expected) in cases {
        let response = get(
            &sandbox,
            &format!("{RULES}?{}", encoded(&query.replace("FIRST", &first))),
        )
        .await;
        assert_eq!(each(&response, "/id"), expected, "{query}");
    }
}

#[tokio::test]
async fn rules_have_sparse_fields_and_included_scorecards() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    create_rule(&sandbox, "On call", "Production").await;
    create_rule(&sandbox, "Alerts", "Production").await;
    let query = encoded("fields[rule]=name,enabled&fields[scorecard]=name&include=scorecard");
    let response = get(&sandbox, &format!("{RULES}?{query}")).await;
    assert_eq!(
        response["data"][0]["attributes"],
        json!({ "name": "On call", "enabled": true })
    );
    let scorecard = &response["data"][0]["relationships"]["scorecard"]["data"];
    assert_eq!(
        response["included"],
        json!([{
            "type": "scorecard",
            "id": scorecard["id"],
            "attributes": { "name": "Production" },
        }])
    );
    assert!(get(&sandbox, RULES).await.get("included").is_none());
}

#[tokio::test]
async fn outcomes_are_filtered_and_include_their_rules() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let first = create_rule(&sandbox, "On call", "Production").await;
    let mut off = rule("Has owner", "Ownership");
    off["data"]["attributes"]["enabled"] = json!(false);
    let second = id(&post(&sandbox, RULES, &off, 201).await);
    post(
        &sandbox,
        OUTCOMES,
        &outcomes(
            &first,
            &[("service:shop", "pass"), ("service:cart", "fail")],
        ),
        202,
    )
    .await;
    post(
        &sandbox,
        OUTCOMES,
        &outcomes(&second, &[("service:shop", "skip"), ("api:orders", "pass")]),
        202,
    )
    .await;
    let cases = [
        ("filter[outcome][service_name]=shop", vec!["pass", "skip"]),
        ("filter[outcome][state]=pass", vec!["pass", "pass"]),
        ("filter[rule][id]=FIRST", vec!["pass", "fail"]),
        ("filter[rule][name]=owner", vec!["skip", "pass"]),
        ("filter[rule][enabled]=true", vec!["pass", "fail"]),
        (
            "filter[rule][enabled]=false&filter[outcome][state]=fail",
            vec![],
        ),
    ];
    for (query, expected) in cases {
        let response = get(
            &sandbox,
            &format!("{OUTCOMES}?{}", encoded(&query.replace("FIRST", &first))),
        )
        .await;
        assert_eq!(each(&response, "/attributes/state"), expected, "{query}");
    }
    let query = encoded("page[size]=1&include=rule&fields[outcome]=state&fields[rule]=name");
    let response = get(&sandbox, &format!("{OUTCOMES}?{query}")).await;
    assert_eq!(
        response["data"][0]["attributes"],
        json!({ "state": "pass" })
    );
    assert_eq!(
        response["included"],
        json!([{ "id": first, "type": "rule", "attributes": { "name": "On call" } }])
    );
    let pages = walk(
        &sandbox,
        &format!("{OUTCOMES}?{query}"),
        "/relationships/rule/data/id",
    )
    .await;
    assert_eq!(pages.concat(), [first.as_str(), &first, &second, &second]);
}

#[tokio::test]
async fn rules_create_scorecards_which_are_paged() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    for name in ["Production", "Ownership", "Production", "Security"] {
        create_rule(&sandbox, "a rule", name).await;
    }
    let all = get(&sandbox, SCORECARDS).await;
    assert_eq!(
        each(&all, "/attributes/name"),
        ["Production", "Ownership", "Security"]
    );
    let page = get(
        &sandbox,
        &format!("{SCORECARDS}?{}", encoded("page[size]=1&page[offset]=1")),
    )
    .await;
    assert_eq!(each(&page, "/attributes/name"), ["Ownership"]);
    let named = get(
        &sandbox,
        &format!("{SCORECARDS}?{}", encoded("filter[scorecard][name]=SEC")),
    )
    .await;
    assert_eq!(each(&named, "/attributes/name"), ["Security"]);
    let id = all["data"][1]["id"].as_str().expect("an identifier");
    let by_id = get(
        &sandbox,
        &format!("{SCORECARDS}?{}={id}", encoded("filter[scorecard][id]")),
    )
    .await;
    assert_eq!(each(&by_id, "/attributes/name"), ["Ownership"]);
}

#[tokio::test]
async fn campaigns_have_a_total() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    for key in ["q1", "q2", "q3"] {
        post(&sandbox, CAMPAIGNS, &campaign(key, &rule_id), 201).await;
    }
    let mut done = campaign("q2", &rule_id);
    done["data"]["attributes"]["status"] = json!("completed");
    call(&sandbox, "PUT", &format!("{CAMPAIGNS}/q2"), Some(&done))
        .await
        .expect(200);
    let page = get(
        &sandbox,
        &format!("{CAMPAIGNS}?{}", encoded("page[limit]=2&page[offset]=2")),
    )
    .await;
    assert_eq!(each(&page, "/attributes/key"), ["q3"]);
    assert_eq!(
        page["meta"],
        json!({ "count": 1, "limit": 2, "offset": 2, "total": 3 })
    );
    let cases = [
        ("filter[campaign][name]=campaign Q1", vec!["q1"]),
        ("filter[campaign][status]=completed", vec!["q2"]),
        ("filter[campaign][owner]=unknown", vec![]),
    ];
    for (query, expected) in cases {
        let response = get(&sandbox, &format!("{CAMPAIGNS}?{}", encoded(query))).await;
        assert_eq!(each(&response, "/attributes/key"), expected, "{query}");
        assert_eq!(response["meta"]["total"], expected.len(), "{query}");
    }
}
