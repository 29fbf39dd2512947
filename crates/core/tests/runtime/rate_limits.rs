//! The rate limits that the client reads and remembers, under the paused clock.

use std::time::Duration;

use scorekit_core::{CallOptions, ErrorKind, Response, RetryPolicy};
use tokio::task::JoinSet;

use super::script::{Script, ScriptedResponse, Step, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn reported(remaining: u64, reset: u64) -> ScriptedResponse {
    ScriptedResponse::new(200)
        .header("x-ratelimit-remaining", remaining)
        .header("x-ratelimit-reset", reset)
        .piece(Duration::ZERO, "{}")
}

/// Makes this many calls at once and returns the time of each success in seconds.
async fn at_once(client: &Client, count: usize) -> Vec<Response<Value>> {
    let calls: JoinSet<_> = (0..count).map(|_| get_rule(client).send()).collect();
    let outcomes = calls.join_all().await;
    outcomes.into_iter().map(Result::unwrap).collect()
}

/// Creates a configuration that waits for as long as necessary.
fn patient() -> Config {
    let hours = SECOND * 10_000;
    keys()
        .timeout(hours)
        .retry(RetryPolicy::new().max_wait(hours))
}

#[tokio::test(start_paused = true)]
async fn every_response_has_the_rate_limit_state() {
    let full = reported(3, 20)
        .header("x-ratelimit-limit", 100)
        .header("x-ratelimit-period", 60)
        .header("x-ratelimit-name", "scorecards");
    let script = Script::new([full.step(), ScriptedResponse::new(404).step()]);
    let client = script.client(keys());
    let response = get_rule(&client).send().await.unwrap();
    let limit = response.rate_limit().unwrap();
    assert_eq!(limit.name.as_deref(), Some("scorecards"));
    assert_eq!(limit.limit, Some(100));
    assert_eq!(limit.period, Some(SECOND * 60));
    assert_eq!(limit.remaining, Some(3));
    assert_eq!(limit.reset, Some(SECOND * 20));

    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.rate_limit(), None);

    let bad = ScriptedResponse::new(404)
        .header("x-ratelimit-limit", "many")
        .header("x-ratelimit-remaining", "-1")
        .header("x-ratelimit-period", "1e99")
        .header("x-ratelimit-reset", "99999999999999999999999999999999");
    let script = Script::new([bad.step()]);
    let error = get_rule(&script.client(keys())).send().await.unwrap_err();
    assert_eq!(error.rate_limit(), None);
}

#[tokio::test(start_paused = true)]
async fn call_waits_for_an_empty_bucket() {
    let script = Script::new([reported(1, 20).step(), reported(0, 20).step(), success()]);
    let client = script.client(keys());
    for _ in 0..3 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(script.times(), [0, 0, 20_000]);
    // A clone shares the state.
    let script = Script::new([reported(0, 20).step(), success()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    get_rule(&client.clone()).send().await.unwrap();
    assert_eq!(script.times(), [0, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn operations_share_a_limit_only_by_its_name() {
    // Without a name, the limit is the operation's own.
    let script = Script::new([reported(0, 20).step(), success()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    client.request::<Value>(&CREATE_RULE).send().await.unwrap();
    assert_eq!(script.times(), [0, 0]);

    let named = |remaining| {
        reported(remaining, 20)
            .header("x-ratelimit-name", "rules")
            .step()
    };
    let script = Script::new([named(5), named(0), success()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    client.request::<Value>(&CREATE_RULE).send().await.unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 0, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_are_spread() {
    // Four in ten seconds: one second apart, and the fifth in the next period.
    let empty = reported(0, 20)
        .header("x-ratelimit-limit", 4)
        .header("x-ratelimit-period", 10);
    let script = Script::new([empty.step(), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    at_once(&client, 6).await;
    assert_eq!(
        script.times(),
        [0, 20_000, 21_000, 22_000, 23_000, 30_000, 31_000]
    );

    // With many requests in a period, calls are spread as far as it allows.
    let empty = reported(0, 20)
        .header("x-ratelimit-limit", 100)
        .header("x-ratelimit-period", 10);
    let script = Script::new([empty.step(), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    at_once(&client, 3).await;
    assert_eq!(script.times(), [0, 20_000, 20_100, 20_200]);

    // The server does not say how many remain.
    let script = Script::new([reported(0, 20).step(), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    at_once(&client, 3).await;
    assert_eq!(script.times(), [0, 20_000, 20_100, 20_200]);
}

#[tokio::test(start_paused = true)]
async fn remaining_requests_are_reserved_once() {
    let slow = Step::After(SECOND, Box::new(success()));
    let script = Script::new([reported(2, 20).step(), slow]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    at_once(&client, 4).await;
    assert_eq!(script.times(), [0, 0, 0, 20_000, 20_100]);

    // Requests in flight count, although the server has not received them yet.
    let late = |remaining| Step::After(SECOND, Box::new(reported(remaining, 20).step()));
    let script = Script::new([reported(9, 20).step(), late(1), late(1), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    let first = tokio::spawn(get_rule(&client).send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let second = tokio::spawn(get_rule(&client).send());
    first.await.unwrap().unwrap();
    // One remains, and the second call takes it.
    get_rule(&client).send().await.unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(script.times(), [0, 0, 500, 21_000]);
}

#[tokio::test(start_paused = true)]
async fn retries_after_429_are_spread() {
    let rejection = ScriptedResponse::new(429).header("retry-after", 5).step();
    let rejection = Step::After(SECOND, Box::new(rejection));
    let script = Script::new([rejection.clone(), rejection.clone(), rejection, success()]);
    let responses = at_once(&script.client(keys()), 3).await;
    assert!(responses.iter().all(|response| response.attempts() == 2));
    assert_eq!(script.times(), [0, 0, 0, 6000, 6100, 6200]);
}

#[tokio::test(start_paused = true)]
async fn too_long_wait_fails_immediately() {
    let script = Script::new([
        reported(0, 3600).header("x-ratelimit-name", "rules").step(),
        success(),
    ]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    for _ in 0..3 {
        let error = get_rule(&client).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.attempts(), 0);
        assert!(error.is_retryable());
        // Calls that gave up have left the queue.
        assert_eq!(error.retry_after(), Some(SECOND * 3600));
        assert!(
            error
                .to_string()
                .contains("cannot send the request: the rate limit \"rules\" is used up"),
            "{error}"
        );
    }
    let options = CallOptions::new().wait_for_rate_limits(false);
    get_rule(&client).options(options).send().await.unwrap();
    assert_eq!(script.times(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_waits_can_be_disabled() {
    let script = Script::new([reported(0, 20).step()]);
    let off = CallOptions::new().wait_for_rate_limits(false);
    let client = script.client(keys().options(off));
    for _ in 0..3 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(script.times(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn dropped_calls_leave_the_queue() {
    let script = Script::new([reported(0, 20).step(), success()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    for _ in 0..100 {
        let call = tokio::spawn(get_rule(&client).send());
        tokio::task::yield_now().await;
        call.abort();
        call.await.unwrap_err();
    }
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn expired_period_is_forgotten() {
    let empty = reported(0, 20)
        .header("x-ratelimit-limit", 2)
        .header("x-ratelimit-period", 10);
    // Responses take a second, so all calls find their places by the limit alone.
    let later = Step::After(SECOND, Box::new(success()));
    let script = Script::new([empty.step(), later]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    tokio::time::sleep(SECOND * 45).await;
    at_once(&client, 3).await;
    assert_eq!(script.times(), [0, 45_000, 45_000, 50_000]);
}

/// Returns the times at which requests are sent, for calls that are made each second up to `end`.
async fn every_second(client: &Client, script: &Script, end: u128) -> Vec<u128> {
    while script.elapsed() < end * 1000 {
        tokio::time::sleep(SECOND).await;
        get_rule(client).send().await.ok();
    }
    script.times()
}

#[tokio::test(start_paused = true)]
async fn reset_in_milliseconds_is_a_time_of_day() {
    let odd = reported(0, (784_111_777 + 10) * 1000)
        .header("x-ratelimit-limit", 100)
        .header("x-ratelimit-period", 60);
    let script = Script::new([odd.step(), success()]);
    let client = script.client(keys());
    let response = get_rule(&client).send().await.unwrap();
    let limit = response.rate_limit().unwrap();
    assert_eq!(limit.reset, Some(SECOND * 10));
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn invalid_reset_causes_no_wait() {
    let limited = |response: ScriptedResponse| response.header("x-ratelimit-period", 60);
    for odd in [
        reported(0, 99_999_999),
        limited(reported(0, 99_999_999)),
        reported(0, 3601),
        reported(0, 20_000_000_000),
    ] {
        let script = Script::new([odd.step()]);
        let client = script.client(keys());
        for _ in 0..3 {
            get_rule(&client).send().await.unwrap();
        }
        assert_eq!(script.times(), [0, 0, 0]);
    }

    // The earlier state stays.
    let script = Script::new([
        reported(1, 20).step(),
        reported(0, 99_999_999).step(),
        success(),
    ]);
    let client = script.client(keys());
    for _ in 0..3 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(script.times(), [0, 0, 20_000]);

    // The call that got the 429 follows its wait, and the others send their own requests.
    let odd = ScriptedResponse::new(429).header("retry-after", 4_000_000_000_u64);
    let script = Script::new([odd.step(), success()]);
    let client = script.client(keys());
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(SECOND * 4_000_000_000));
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 0]);

    // A longer period allows an equally long reset.
    let daily = reported(0, 7200).header("x-ratelimit-period", 86_400);
    let script = Script::new([daily.step(), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 7_200_000]);
}

#[tokio::test(start_paused = true)]
async fn occasional_call_probes_a_long_wait() {
    // One call goes out each minute as long as the server confirms the wait.
    let script = Script::new([reported(0, 3000).step()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    let times = every_second(&client, &script, 200).await;
    assert_eq!(times, [0, 60_000, 120_000, 180_000]);

    // Of many calls at once, one goes out.
    tokio::time::sleep(SECOND * 60).await;
    let calls: JoinSet<_> = (0..5).map(|_| get_rule(&client).send()).collect();
    let outcomes = calls.join_all().await;
    let sent = outcomes.iter().filter(|outcome| outcome.is_ok());
    assert_eq!(sent.count(), 1);
    for error in outcomes.iter().filter_map(|it| it.as_ref().err()) {
        assert_eq!(error.attempts(), 0);
        assert!(error.retry_after().unwrap() > SECOND * 60, "{error}");
    }

    // A 429 and a failure without rate limit headers change nothing either.
    let rejection = ScriptedResponse::new(429)
        .header("retry-after", 3000)
        .step();
    for response in [rejection, ScriptedResponse::new(500).step()] {
        let script = Script::new([reported(0, 3000).step(), response]);
        let client = script.client(keys());
        get_rule(&client).send().await.unwrap();
        let times = every_second(&client, &script, 130).await;
        assert_eq!(times, [0, 60_000, 120_000]);
    }

    // A response with another reset replaces the state, and so does a success without one.
    for (response, next) in [
        (reported(5, 20).step(), 61_000),
        (success(), 61_000),
        (reported(0, 20).step(), 80_000),
    ] {
        let script = Script::new([reported(0, 3000).step(), response, success()]);
        let client = script.client(keys());
        get_rule(&client).send().await.unwrap();
        let times = every_second(&client, &script, 61).await;
        assert_eq!(times, [0, 60_000, next]);
    }

    // The interval is the longest wait of a call, also with a timeout that is shorter than that.
    let hour = RetryPolicy::new().max_wait(SECOND * 3600);
    for (config, times) in [
        (
            keys().retry(RetryPolicy::new().max_wait(SECOND * 20)),
            vec![0, 20_000, 40_000],
        ),
        (keys().retry(hour).timeout(SECOND * 25), vec![0, 25_000]),
        (
            keys().retry(RetryPolicy::new().max_wait(Duration::ZERO)),
            (0..=45).map(|it| it * 1000).collect(),
        ),
    ] {
        let script = Script::new([reported(0, 3000).step()]);
        let client = script.client(config);
        get_rule(&client).send().await.unwrap();
        assert_eq!(every_second(&client, &script, 45).await, times);
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_probe_releases_its_place() {
    let script = Script::new([reported(0, 3000).step(), Step::Silence, success()]);
    let client = script.client(keys());
    get_rule(&client).send().await.unwrap();
    tokio::time::sleep(SECOND * 60).await;
    let call = tokio::spawn(get_rule(&client).send());
    tokio::task::yield_now().await;
    call.abort();
    call.await.unwrap_err();
    get_rule(&client).send().await.unwrap_err();
    tokio::time::sleep(SECOND * 60).await;
    get_rule(&client).send().await.unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 60_000, 120_000, 120_000]);
}

#[tokio::test(start_paused = true)]
async fn success_without_a_description_ends_the_guess_about_a_later_period() {
    let described = |response: ScriptedResponse| {
        response
            .header("x-ratelimit-limit", 2)
            .header("x-ratelimit-period", 60)
    };
    let rejection = || described(ScriptedResponse::new(429).header("x-ratelimit-remaining", 0));
    // The server describes its limit only when it rejects a request.
    let rejected = rejection().header("x-ratelimit-reset", 1).step();
    let script = Script::new([rejected, success()]);
    let client = script.client(patient());
    for _ in 0..5 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(script.times(), [0, 1000, 1000, 1000, 1000, 1000]);

    // A limit that every response describes holds in later periods, too.
    let rejected = rejection().header("x-ratelimit-reset", 1).step();
    let script = Script::new([
        rejected,
        described(reported(1, 60)).step(),
        described(reported(0, 60)).step(),
        described(reported(1, 60)).step(),
    ]);
    let client = script.client(patient());
    for _ in 0..3 {
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!(script.times(), [0, 1000, 1000, 61_000]);
}

#[tokio::test(start_paused = true)]
async fn longer_of_two_429_waits_holds() {
    let rejection = |wait: u64| {
        let rejection = ScriptedResponse::new(429)
            .header("retry-after", wait)
            .step();
        Step::After(SECOND, Box::new(rejection))
    };
    let script = Script::new([rejection(300), rejection(100), success()]);
    let responses = at_once(&script.client(patient()), 2).await;
    assert!(responses.iter().all(|response| response.attempts() == 2));
    assert_eq!(script.times(), [0, 0, 301_000, 301_100]);

    // A failure for another reason does not shorten the wait; a success does.
    let later = |response: ScriptedResponse| Step::After(SECOND * 2, Box::new(response.step()));
    let missing = ScriptedResponse::new(404)
        .header("x-ratelimit-remaining", 3)
        .header("x-ratelimit-reset", 5);
    for (second, next) in [(missing, 302_000), (reported(3, 5), 2000)] {
        let script = Script::new([rejection(301), later(second), success()]);
        let client = script.client(patient());
        let rejected = tokio::spawn(get_rule(&client).send());
        tokio::task::yield_now().await;
        get_rule(&client).send().await.ok();
        get_rule(&client).send().await.unwrap();
        assert_eq!(script.times()[2], next);
        rejected.await.unwrap().unwrap();
    }

    // Once the wait has passed, a shorter one applies.
    let script = Script::new([rejection(300), rejection(5), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 301_000, 307_000]);
    let limited = |response: ScriptedResponse| {
        response
            .header("x-ratelimit-limit", 100)
            .header("x-ratelimit-period", 60)
            .step()
    };
    let rejection = ScriptedResponse::new(429).header("retry-after", 5);
    let script = Script::new([limited(reported(0, 20)), limited(rejection), success()]);
    let client = script.client(patient());
    get_rule(&client).send().await.unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 20_000, 25_000]);
}

#[tokio::test(start_paused = true)]
async fn limit_of_zero_is_ignored() {
    let odd = reported(0, 1)
        .header("x-ratelimit-limit", 0)
        .header("x-ratelimit-period", 1);
    let script = Script::new([odd.step()]);
    let client = script.client(keys());
    for _ in 0..100 {
        get_rule(&client).send().await.unwrap();
    }
    let each_second: Vec<u128> = (0..100).map(|second| second * 1000).collect();
    assert_eq!(script.times(), each_second);
}
