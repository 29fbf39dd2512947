//! Pushes at a rate limit, and the delay of their batches.

use std::time::Duration;

use super::super::script::{ScriptedResponse, Step};
use super::order_server::*;

#[tokio::test(start_paused = true)]
async fn longest_requested_wait_delays_every_batch() {
    for waits in [[300, 100], [100, 300]] {
        let till = OrderServer::new(move |number, _| match waits.get(number) {
            Some(wait) => {
                let latency = LATENCY * u32::try_from(number + 1).unwrap();
                let response = ScriptedResponse::new(429).header("retry-after", *wait);
                Step::After(latency, Box::new(response.step()))
            }
            None => after(ScriptedResponse::new(202)),
        });
        let (all, _) = results(till.push(orders(30)).concurrency(2)).await;
        assert!(failed(&all).is_empty());
        let times = till.script.times();
        assert_eq!(times.len(), 5);
        assert!(times[2] >= 300_000, "{waits:?}: {times:?}");
        assert!(till.script.elapsed() < 301_000, "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn batch_delay_is_bounded_for_every_source() {
    // The second batch has a shorter wait, but would have to wait for the first one.
    let till = OrderServer::new(|number, _| match number {
        0 => after(ScriptedResponse::new(429).header("retry-after", 300)),
        1..=3 => after(ScriptedResponse::new(429).header("retry-after", 100)),
        _ => after(ScriptedResponse::new(202)),
    });
    let push = till.push(orders(20)).concurrency(2);
    let (all, _) = results(push.max_wait(Duration::from_secs(350))).await;
    assert_eq!(failed(&all).len(), 20);
    assert!(till.script.elapsed() <= 350_000);
}

#[tokio::test(start_paused = true)]
async fn status_429_without_a_time_is_waited_out_up_to_a_bound() {
    let refuse = || after(ScriptedResponse::new(429));
    let begin = tokio::time::Instant::now();
    let till = OrderServer::new(move |_, _| match begin.elapsed().as_secs() {
        0..600 => refuse(),
        _ => after(ScriptedResponse::new(202)),
    });
    let (all, progress) = results(till.push(orders(60))).await;
    assert!(failed(&all).is_empty());
    assert_eq!(till.taken(), Vec::from_iter(0..60));
    let seconds = till.script.elapsed() / 1000;
    assert!((600..700).contains(&seconds), "{seconds}");
    // The intervals grow, to spare the server.
    assert!(progress.requests < 6 * 25, "{progress:?}");

    let till = OrderServer::new(move |_, _| refuse());
    let push = till.push(orders(60)).max_wait(Duration::from_secs(100));
    let (all, _) = results(push).await;
    assert_eq!(failed(&all), Vec::from_iter(0..60));
    let error = all[&0].result.as_ref().unwrap_err().error();
    assert_eq!(error.status().unwrap().as_u16(), 429);

    // A caller that disables retries has every request sent once.
    let till = OrderServer::new(move |_, _| refuse());
    let (_, progress) = results(till.push(orders(60)).with(sent_once())).await;
    assert_eq!((progress.requests, progress.failed), (6, 60));
}
