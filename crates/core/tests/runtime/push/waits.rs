//! The progress of a push that waits for a rate limit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit_core::{Progress, Push};
use tokio::time::Instant;

use super::super::script::ScriptedResponse;
use super::order_server::*;

/// A call of the progress function: the milliseconds since the beginning, and the end of the wait.
type Reported = Arc<Mutex<Vec<(u128, Option<u128>)>>>;

/// Records the calls of the progress function.
fn recorded(push: Push<'_>) -> (Push<'_>, Reported) {
    let reported = Reported::default();
    let log = Arc::clone(&reported);
    let begin = Instant::now();
    let push = push.on_progress(move |progress: &Progress| {
        let until = progress
            .waits_until
            .map(|until| (until - begin.into_std()).as_millis());
        let now = begin.elapsed().as_millis();
        log.lock().unwrap().push((now, until));
    });
    (push, reported)
}

#[tokio::test(start_paused = true)]
async fn wait_of_the_push_is_reported_when_it_begins() {
    let begin = Instant::now();
    let till = OrderServer::new(move |_, _| match begin.elapsed().as_secs() {
        0..600 => after(ScriptedResponse::new(429).header("retry-after", 600)),
        _ => after(ScriptedResponse::new(202)),
    });
    let (push, reported) = recorded(till.push(orders(20)).concurrency(1));
    assert_eq!(push.finish().await.progress.sent, 20);
    let reported = reported.lock().unwrap();
    // The first batch is rejected after 50 ms. The wait ends before the first result.
    let expected = [(50, Some(600_050)), (600_100, None), (600_150, None)];
    assert_eq!(reported.as_slice(), expected);
}

#[tokio::test(start_paused = true)]
async fn wait_of_a_call_is_reported_when_it_begins() {
    // Waits of the call itself: for a 429 with a short time, and for a limit that an earlier
    // response describes as used up.
    for status in [429, 202] {
        let till = OrderServer::new(move |number, _| match number {
            0 => after(
                ScriptedResponse::new(status)
                    .header("x-ratelimit-name", "orders")
                    .header("x-ratelimit-limit", 1)
                    .header("x-ratelimit-period", 30)
                    .header("x-ratelimit-remaining", 0)
                    .header("x-ratelimit-reset", 30),
            ),
            _ => after(ScriptedResponse::new(202)),
        });
        let (push, reported) = recorded(till.push(orders(20)).concurrency(1));
        assert_eq!(push.finish().await.progress.sent, 20);
        let reported = reported.lock().unwrap();
        let waits: Vec<_> = reported
            .iter()
            .filter(|(_, until)| until.is_some())
            .collect();
        let (now, until) = *waits[0];
        // The first response arrives after 50 ms, and its result comes before the wait.
        assert_eq!(now, 50, "{status}: {reported:?}");
        assert_eq!(until, Some(30_050), "{status}: {reported:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn backoff_is_not_a_wait_for_a_rate_limit() {
    let till = OrderServer::new(|number, _| match number {
        0 => after(ScriptedResponse::new(503).header("retry-after", 20)),
        _ => after(ScriptedResponse::new(202)),
    });
    let (push, reported) = recorded(till.push(orders(20)).concurrency(1));
    let report = push.max_wait(Duration::ZERO).finish().await;
    assert_eq!(report.progress.sent, 20);
    assert!(
        reported
            .lock()
            .unwrap()
            .iter()
            .all(|(_, until)| until.is_none())
    );
}
