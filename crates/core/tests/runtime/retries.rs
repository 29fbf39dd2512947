//! Retries under the paused clock: the requests, their times and the final error.

use std::time::Duration;

use scorekit_core::test_hooks::{Stage, TestHooks};
use scorekit_core::{CallOptions, ErrorKind, RetryPolicy};

use super::script::{Script, ScriptedResponse, Step, status, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Returns the outcome of a call of `operation` when every attempt ends with `step`.
async fn fails(operation: &'static Operation, step: Step) -> Error {
    let script = Script::new([step]);
    let request = script.client(keys()).request::<Value>(operation);
    let error = request.path("rule_id", &"r-1").send().await.unwrap_err();
    assert_eq!(script.times().len(), error.attempts() as usize);
    error
}

#[tokio::test(start_paused = true)]
async fn every_status_is_retried_where_safe() {
    let script = Script::new([success()]);
    let client = script.client(keys().retry(RetryPolicy::new().budget(u32::MAX)));
    let fails = async |operation: &'static Operation, response: ScriptedResponse| {
        script.go_on_with(response.step());
        let before = script.times().len();
        let request = client.request::<Value>(operation).path("rule_id", &"r-1");
        let error = request.send().await.unwrap_err();
        assert_eq!(script.times().len() - before, error.attempts() as usize);
        error
    };
    for code in 400..600 {
        for stated in [false, true] {
            let mut response = ScriptedResponse::new(code);
            if stated {
                response = response.header("retry-after", 1);
            }
            let attempts = |retried: bool| if retried { 4 } else { 1 };

            let error = fails(&GET_RULE, response.clone()).await;
            let retried = matches!(code, 429 | 502 | 503 | 504);
            assert_eq!(error.attempts(), attempts(retried), "GET {code} {stated}");
            assert_eq!(error.is_retryable(), retried, "GET {code} {stated}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(code));

            let error = fails(&CREATE_RULE, response).await;
            let retried = code == 429 || code == 503 && stated;
            assert_eq!(error.attempts(), attempts(retried), "POST {code} {stated}");
            assert_eq!(error.is_retryable(), retried, "POST {code} {stated}");
            assert_eq!(error.retry_after(), stated.then_some(SECOND));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failures_without_a_response_are_retried_where_safe() {
    for (step, kind, get, post) in [
        (Step::Fail(Stage::Connect), ErrorKind::Connection, 4, 4),
        (Step::Fail(Stage::ConnectTimeout), ErrorKind::Timeout, 4, 4),
        (Step::Fail(Stage::Sent), ErrorKind::Connection, 4, 1),
    ] {
        for (operation, attempts) in [(&GET_RULE, get), (&CREATE_RULE, post)] {
            let error = fails(operation, step.clone()).await;
            assert_eq!(error.kind(), kind);
            assert_eq!(error.attempts(), attempts, "{error}");
            assert_eq!(error.is_retryable(), attempts > 1, "{error}");
            assert_eq!(error.retry_after(), None);
        }
    }
    let error = fails(&GET_RULE, Step::Fail(Stage::Connect)).await;
    assert!(
        error.to_string().ends_with("; gave up after 4 attempts"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn success_ends_retries_and_reports_the_attempts() {
    let script = Script::new([status(503), Step::Fail(Stage::Sent), success()]);
    let response = get_rule(&script.client(keys())).send().await.unwrap();
    assert_eq!(response.attempts(), 3);
    assert_eq!(script.times(), [0, 500, 1500]);
}

#[tokio::test(start_paused = true)]
async fn waits_double_up_to_a_bound() {
    let policy = RetryPolicy::new()
        .max_attempts(7)
        .base_delay(Duration::from_millis(100))
        .max_delay(SECOND);
    let script = Script::new([status(502)]);
    let error = get_rule(&script.client(keys().retry(policy)))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 7);
    assert_eq!(script.times(), [0, 100, 300, 700, 1500, 2500, 3500]);
    // No wait follows the last attempt.
    assert_eq!(script.elapsed(), 3500);
}

#[test]
fn waits_are_drawn_over_the_whole_range() {
    let random = TestHooks::default().random;
    let mut drawn: Vec<Duration> = (0..1000).map(|_| random(SECOND)).collect();
    drawn.sort();
    assert!(drawn[0] < SECOND / 20, "{:?}", drawn[0]);
    assert!(drawn[999] > SECOND * 19 / 20, "{:?}", drawn[999]);
    assert!(drawn[999] <= SECOND);
    assert_eq!(random(Duration::ZERO), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn retry_after_overrides_backoff() {
    let at = |seconds: u64| httpdate_of(784_111_777 + seconds);
    let cases: Vec<(ScriptedResponse, u128)> = vec![
        (ScriptedResponse::new(429).header("retry-after", 7), 7000),
        (
            ScriptedResponse::new(429).header("Retry-After", "1.25"),
            1250,
        ),
        (
            ScriptedResponse::new(503).header("retry-after", at(9)),
            9000,
        ),
        // No wait, a time in the past, and a time by the server's own clock.
        (ScriptedResponse::new(429).header("retry-after", 0), 500),
        (ScriptedResponse::new(503).header("retry-after", "0.0"), 500),
        (
            ScriptedResponse::new(503).header("retry-after", httpdate_of(0)),
            500,
        ),
        (
            ScriptedResponse::new(503)
                .header("date", httpdate_of(1000))
                .header("retry-after", httpdate_of(1011)),
            11000,
        ),
        (
            ScriptedResponse::new(429).header("x-ratelimit-reset", 13),
            13000,
        ),
        (
            ScriptedResponse::new(429)
                .header("x-ratelimit-reset", 784_111_777_u64 + 20_000_000_000),
            u128::MAX,
        ),
        (
            ScriptedResponse::new(429)
                .header("date", httpdate_of(1_700_000_000))
                .header("x-ratelimit-reset", 1_700_000_015),
            15000,
        ),
        (
            ScriptedResponse::new(429)
                .header("retry-after", 3)
                .header("x-ratelimit-reset", 30),
            3000,
        ),
        (
            ScriptedResponse::new(429)
                .header("retry-after", "soon")
                .header("retry-after", 4)
                .header("retry-after", 5),
            4000,
        ),
        // Invalid values, and a limit that is not the reason.
        (ScriptedResponse::new(429).header("retry-after", "-3"), 500),
        (ScriptedResponse::new(429).header("retry-after", ""), 500),
        (
            ScriptedResponse::new(503).header("x-ratelimit-reset", 30),
            500,
        ),
    ];
    for (response, wait) in cases {
        let script = Script::new([response.step(), success()]);
        let outcome = get_rule(&script.client(keys())).send().await;
        if wait == u128::MAX {
            assert!(outcome.unwrap_err().retry_after().unwrap() > SECOND * 1_000_000);
        } else {
            assert_eq!(outcome.unwrap().attempts(), 2);
            assert_eq!(script.times(), [0, wait]);
        }
    }
}

fn httpdate_of(seconds: u64) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[tokio::test(start_paused = true)]
async fn many_calls_back_off_from_a_server_that_asks_for_no_wait() {
    let script = Script::new([ScriptedResponse::new(429).header("retry-after", 0).step()]);
    let client = script.client(keys().retry(RetryPolicy::new().budget(1000)));
    let calls = (0..50).map(|_| get_rule(&client).send());
    let outcomes = futures_util::future::join_all(calls).await;
    assert!(outcomes.iter().all(Result::is_err));
    // All of 200 requests, after the growing waits of every call.
    let times = script.times();
    assert_eq!(times.len(), 200);
    assert_eq!(times.iter().filter(|time| **time < 500).count(), 50);
    assert!(times.iter().filter(|time| **time < 1500).count() <= 100);
}

#[tokio::test(start_paused = true)]
async fn long_wait_is_reported_in_minutes_with_the_name_of_the_limit() {
    let response = ScriptedResponse::new(429)
        .header("x-ratelimit-name", "rules")
        .header("retry-after", 871);
    let script = Script::new([response.step()]);
    let error = get_rule(&script.client(keys())).send().await.unwrap_err();
    let text = error.to_string();
    let expected = "the rate limit \"rules\" is used up; the next attempt would have to wait 15 \
                    minutes, longer than RetryPolicy::max_wait (60s) allows";
    assert!(text.contains(expected), "{text}");
}

#[tokio::test(start_paused = true)]
async fn too_long_wait_ends_the_call() {
    let response = ScriptedResponse::new(429).header("retry-after", 61).step();
    let script = Script::new([response.clone()]);
    let error = get_rule(&script.client(keys())).send().await.unwrap_err();
    assert_eq!(script.elapsed(), 0);
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.retry_after(), Some(SECOND * 61));
    assert!(error.is_retryable());
    assert_eq!(error.kind(), ErrorKind::Api);
    let text = error.to_string();
    assert!(
        text.contains("429 Too Many Requests: ") && text.contains("RetryPolicy::max_wait (60s)"),
        "{text}"
    );

    // The client does not start a wait that outlasts the call either.
    let script = Script::new([response.clone()]);
    let config = keys()
        .timeout(SECOND * 61)
        .retry(RetryPolicy::new().max_wait(SECOND * 3600));
    let error = get_rule(&script.client(config)).send().await.unwrap_err();
    assert_eq!(script.elapsed(), 0);
    assert_eq!(error.retry_after(), Some(SECOND * 61));

    let script = Script::new([response, success()]);
    let patient = RetryPolicy::new().max_wait(SECOND * 61);
    let response = get_rule(&script.client(keys().retry(patient)))
        .send()
        .await
        .unwrap();
    assert_eq!(script.times(), [0, 61_000]);
    assert_eq!(response.attempts(), 2);

    // A number that no clock can hold.
    let response = ScriptedResponse::new(429)
        .header("retry-after", u64::MAX)
        .step();
    let error = fails(&GET_RULE, response).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(u64::MAX)));
}

#[tokio::test(start_paused = true)]
async fn retry_budget_is_shared_by_clones() {
    let script = Script::new([status(503)]);
    let client = script.client(keys().retry(RetryPolicy::new().budget(5)));
    let mut attempts = Vec::new();
    for _ in 0..3 {
        let clone = client.clone();
        let error = get_rule(&clone).send().await.unwrap_err();
        attempts.push(error.attempts());
        assert!(error.is_retryable());
    }
    assert_eq!(attempts, [4, 3, 1]);
}

#[tokio::test(start_paused = true)]
async fn unsent_retry_costs_nothing() {
    let long = ScriptedResponse::new(429).header("retry-after", 120).step();
    let one = RetryPolicy::new().budget(1);
    for waits in [true, false] {
        let script = Script::new([long.clone(), long.clone(), status(502), success()]);
        let options = CallOptions::new().wait_for_rate_limits(waits);
        let client = script.client(keys().retry(one.clone()).options(options));
        for _ in 0..2 {
            assert_eq!(get_rule(&client).send().await.unwrap_err().attempts(), 1);
            tokio::time::sleep(SECOND * 120).await;
        }
        assert_eq!(get_rule(&client).send().await.unwrap().attempts(), 2);
    }

    // A call that would have to wait for another call's rate limit costs nothing either.
    let rejection = |pause: u32, wait: u64| {
        let rejection = ScriptedResponse::new(429)
            .header("retry-after", wait)
            .step();
        Step::After(SECOND * pause, Box::new(rejection))
    };
    let script = Script::new([rejection(2, 1), rejection(1, 300), status(502), success()]);
    let client = script.client(keys().retry(one));
    let short = tokio::spawn(get_rule(&client).send());
    tokio::task::yield_now().await;
    get_rule(&client).send().await.unwrap_err();
    let error = short.await.unwrap().unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.retry_after(), Some(SECOND * 299));
    tokio::time::sleep(SECOND * 300).await;
    assert_eq!(get_rule(&client).send().await.unwrap().attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn five_successes_pay_for_a_retry() {
    let mut steps = vec![status(503), status(503)];
    steps.extend((0..5).map(|_| success()));
    steps.push(status(503));
    let script = Script::new(steps);
    let client = script.client(keys().retry(RetryPolicy::new().budget(1)));
    assert_eq!(get_rule(&client).send().await.unwrap_err().attempts(), 2);
    for _ in 0..5 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(get_rule(&client).send().await.unwrap_err().attempts(), 2);
    assert_eq!(get_rule(&client).send().await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn call_overrides_the_client() {
    let script = Script::new([status(503)]);
    let client = script.client(keys().retry(RetryPolicy::none()));
    assert_eq!(get_rule(&client).send().await.unwrap_err().attempts(), 1);

    let twice = CallOptions::new().retry(RetryPolicy::new().max_attempts(2));
    let request = get_rule(&client)
        .options(twice)
        .options(CallOptions::new().timeout(SECOND));
    assert_eq!(request.send().await.unwrap_err().attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_sends_the_same_request() {
    let late = Step::After(SECOND, Box::new(status(503)));
    let script = Script::new([late, success()]);
    get_rule(&script.client(keys())).send().await.unwrap();
    // The wait begins at the end of the attempt.
    assert_eq!(script.times(), [0, 1500]);
    let asked = script.asked();
    assert_eq!(asked[0].headers, asked[1].headers);
    assert_eq!(asked[1].headers["dd-api-key"], API_KEY);
}
