//! Pushes at a rate limit: how long what the server refused is held back.

use std::time::Duration;

use super::super::script::{Answer, Step};
use super::order_server::*;

#[tokio::test(start_paused = true)]
async fn the_longest_wait_that_is_asked_for_holds_everything_back() {
    for waits in [[300, 100], [100, 300]] {
        let till = OrderServer::new(move |number, _| match waits.get(number) {
            Some(wait) => {
                let latency = LATENCY * u32::try_from(number + 1).unwrap();
                let answer = Answer::new(429).header("retry-after", *wait);
                Step::After(latency, Box::new(answer.step()))
            }
            None => after(Answer::new(202)),
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
async fn a_batch_is_held_back_no_longer_than_it_may_be_whoever_asks_for_it() {
    // The second batch, which may come back soon, would have to wait for the first one.
    let till = OrderServer::new(|number, _| match number {
        0 => after(Answer::new(429).header("retry-after", 300)),
        1..=3 => after(Answer::new(429).header("retry-after", 100)),
        _ => after(Answer::new(202)),
    });
    let push = till.push(orders(20)).concurrency(2);
    let (all, _) = results(push.max_wait(Duration::from_secs(350))).await;
    assert_eq!(failed(&all).len(), 20);
    assert!(till.script.elapsed() <= 350_000);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_tells_no_time_is_waited_out_but_not_for_ever() {
    let refuse = || after(Answer::new(429));
    let begin = tokio::time::Instant::now();
    let till = OrderServer::new(move |_, _| match begin.elapsed().as_secs() {
        0..600 => refuse(),
        _ => after(Answer::new(202)),
    });
    let (all, progress) = results(till.push(orders(60))).await;
    assert!(failed(&all).is_empty());
    assert_eq!(till.taken(), Vec::from_iter(0..60));
    let seconds = till.script.elapsed() / 1000;
    assert!((600..700).contains(&seconds), "{seconds}");
    // Ever more seldom, so that the server is left alone.
    assert!(progress.requests < 6 * 25, "{progress:?}");

    let till = OrderServer::new(move |_, _| refuse());
    let push = till.push(orders(60)).max_wait(Duration::from_secs(100));
    let (all, _) = results(push).await;
    assert_eq!(failed(&all), Vec::from_iter(0..60));
    let error = all[&0].result.as_ref().unwrap_err().error();
    assert_eq!(error.status().unwrap().as_u16(), 429);

    // Whoever wants every call sent once has it so.
    let till = OrderServer::new(move |_, _| refuse());
    let (_, progress) = results(till.push(orders(60)).with(sent_once())).await;
    assert_eq!((progress.requests, progress.failed), (6, 60));
}
