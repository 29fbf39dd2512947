//! Rate limits: the headers that report them, and the requests that exceed them.

use std::collections::BTreeMap;
use std::time::Duration;

use scorekit_sandbox::{Clock, Fault, RateLimit, Sandbox};

use crate::fixture::*;
use crate::http::{Response, call, send};

const MINUTE: Duration = Duration::from_secs(60);

async fn with(limits: impl IntoIterator<Item = RateLimit>) -> Sandbox {
    let clock: Clock = "2026-01-31T08:30:12.5Z".parse().expect("a time");
    let builder = Sandbox::builder().clock(clock);
    let builder = limits
        .into_iter()
        .fold(builder, |builder, limit| builder.rate_limit(limit));
    builder.start().await.expect("the sandbox starts")
}

/// Returns the headers of a limit: limit, period, remaining, reset and name.
fn limit_headers(response: &Response) -> Option<[String; 5]> {
    let headers: BTreeMap<_, _> = response
        .headers
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    let value = |name: &str| {
        headers
            .get(format!("x-ratelimit-{name}").as_str())
            .map(|value| (*value).to_owned())
    };
    Some([
        value("limit")?,
        value("period")?,
        value("remaining")?,
        value("reset")?,
        value("name")?,
    ])
}

async fn list(sandbox: &Sandbox) -> Response {
    call(sandbox, "GET", RULES, None).await
}

fn texts(values: [&str; 5]) -> Option<[String; 5]> {
    Some(values.map(str::to_owned))
}

#[tokio::test]
async fn an_exhausted_limit_rejects_until_the_next_period() {
    let sandbox = with([RateLimit::new(2, MINUTE).retry_after()]).await;
    // The clock shows 08:30:12.5, so the minute ends in 47.5 seconds.
    for left in ["1", "0"] {
        let response = list(&sandbox).await;
        assert_eq!(response.status, 200);
        assert_eq!(
            limit_headers(&response),
            texts(["2", "60", left, "48", "listscorecardrules"])
        );
        assert!(!response.headers.contains("retry-after"));
    }
    let rejected = list(&sandbox).await;
    assert_eq!(rejected.status, 429);
    assert_eq!(
        limit_headers(&rejected),
        texts(["2", "60", "0", "48", "listscorecardrules"])
    );
    assert!(rejected.headers.contains("\r\nretry-after: 48"));
    assert!(rejected.json()["errors"][0].is_string());

    // A wait of a second less than `Retry-After` is too short.
    sandbox.clock().advance(Duration::from_secs(47));
    let rejected = list(&sandbox).await;
    assert_eq!(rejected.status, 429);
    assert!(rejected.headers.contains("\r\nretry-after: 1"));
    sandbox.clock().advance(Duration::from_secs(1));
    let response = list(&sandbox).await;
    assert_eq!(response.status, 200);
    assert_eq!(
        limit_headers(&response),
        texts(["2", "60", "1", "60", "listscorecardrules"])
    );
}

#[tokio::test]
async fn a_request_over_the_limit_has_no_effect() {
    let limit = RateLimit::new(0, MINUTE).on(["CreateScorecardRule"]);
    let sandbox = with([limit]).await;
    let body = rule("On call", "Production");
    call(&sandbox, "POST", RULES, Some(&body)).await.expect(429);
    assert_eq!(list(&sandbox).await.json()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn operations_have_separate_buckets_or_share_one() {
    let shared = RateLimit::new(3, MINUTE)
        .on(["ListScorecardRules", "ListScorecards"])
        .shared("reads");
    let sandbox = with([shared, RateLimit::new(9, MINUTE)]).await;
    let mut left = Vec::new();
    for target in [RULES, SCORECARDS, PROJECTS, RULES, OUTCOMES] {
        let response = call(&sandbox, "GET", target, None).await;
        let [_, _, remaining, _, name] = limit_headers(&response).expect("a limit");
        left.push(format!("{name} {remaining}"));
    }
    assert_eq!(
        left,
        [
            "reads 2",
            "reads 1",
            "getprojects 8",
            "reads 0",
            "listscorecardoutcomes 8"
        ]
    );
}

#[tokio::test]
async fn invalid_requests_count_and_unauthenticated_ones_do_not() {
    let sandbox = with([RateLimit::new(1, MINUTE)]).await;
    let stranger = send(&sandbox, "GET", RULES, &[], "").await;
    assert_eq!((stranger.status, limit_headers(&stranger)), (403, None));
    let target = format!("{RULES}?page%5Bsize%5D=many");
    let wrong = call(&sandbox, "GET", &target, None).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(limit_headers(&wrong).expect("a limit")[2], "0");
    assert_eq!(list(&sandbox).await.status, 429);
}

#[tokio::test]
async fn without_a_limit_there_are_no_headers() {
    let sandbox = with([]).await;
    assert_eq!(limit_headers(&list(&sandbox).await), None);
}

#[tokio::test]
async fn an_invalid_limit_is_reported_with_a_solution() {
    let cases = [
        ("limit=5", "`limit` or `period` is missing"),
        ("limit=5,period=never", "`period` must be a duration"),
        ("limit=5,period=0.5s", "whole seconds"),
        ("limit=-1,period=1s", "`limit` must be a number"),
        (
            "limit=5,period=1s,burst=2",
            "`burst` is not an option of a rate limit",
        ),
        ("limit=5,period=1s,name=two words", "no spaces"),
        ("Nothing:limit=5,period=1s", "no operation `Nothing`"),
    ];
    for (text, expected) in cases {
        let message = match text.parse::<RateLimit>() {
            Err(error) => error.to_string(),
            Ok(limit) => {
                let started = Sandbox::builder().rate_limit(limit).start().await;
                started.expect_err("the limit is invalid").to_string()
            }
        };
        assert!(message.contains(expected), "{text}: {message}");
    }
    for limit in [
        RateLimit::new(1, MINUTE),
        RateLimit::new(5, Duration::from_secs(90))
            .on(["GetProjects"])
            .shared("x"),
    ] {
        assert_eq!(limit.to_string().parse(), Ok(limit));
    }
}

#[tokio::test]
async fn retry_after_is_sent_only_if_the_limit_asks_for_it() {
    let sandbox = with([RateLimit::new(0, MINUTE)]).await;
    let rejected = list(&sandbox).await;
    assert_eq!(rejected.status, 429);
    assert!(!rejected.headers.contains("retry-after"), "{rejected:?}");
    let text = "limit=0,period=1m,retry-after";
    let limit: RateLimit = text.parse().expect("a limit");
    assert_eq!(limit.to_string(), text);
    let rejected = list(&with([limit]).await).await;
    assert!(rejected.headers.contains("\r\nretry-after: 48"));
}

#[tokio::test]
async fn faults_report_the_limit() {
    let sandbox = with([]).await;
    for (fault, reset) in [
        (Fault::status(429), "1"),
        (Fault::html(429).retry_after(Duration::from_secs(7)), "7"),
    ] {
        sandbox.add_fault(fault.times(1)).expect("a fault");
        let limited = list(&sandbox).await;
        assert_eq!(limited.status, 429);
        // The period is as long as the wait, because no limit follows it.
        let expected = texts(["100", reset, "0", reset, "listscorecardrules"]);
        assert_eq!(limit_headers(&limited), expected);
    }
    sandbox
        .add_fault(Fault::status(503).times(1))
        .expect("a fault");
    assert_eq!(limit_headers(&list(&sandbox).await), None);

    let sandbox = with([RateLimit::new(5, MINUTE)]).await;
    list(&sandbox).await;
    for (status, left) in [(503, "4"), (429, "0")] {
        sandbox
            .add_fault(Fault::status(status).times(1))
            .expect("a fault");
        let expected = texts(["5", "60", left, "48", "listscorecardrules"]);
        assert_eq!(limit_headers(&list(&sandbox).await), expected);
    }
}
