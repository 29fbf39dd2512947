//! Pushes of many items in many requests: the batches, the results, and the other items when some
//! are rejected.

mod held_back;
pub(crate) mod journal;
mod killed;
pub(crate) mod order_server;
mod runs;
mod waits;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use scorekit_core::test_hooks::Stage;
use scorekit_core::{Bulk, Delivery, ErrorKind};

use super::script::{ScriptedResponse, Step, status};
use super::*;
use order_server::*;

#[tokio::test(start_paused = true)]
async fn every_item_is_sent_once_and_has_one_result() {
    for count in [0, 1, 9, 10, 11, 95] {
        let till = OrderServer::kind();
        let (results, progress) = results(till.push(orders(count))).await;
        assert!(
            results
                .values()
                .all(|it| matches!(it.result, Ok(Delivery::Sent)))
        );
        assert_eq!(till.taken(), Vec::from_iter(0..count));
        let requests = count.div_ceil(10);
        assert_eq!((progress.read, progress.requests), (count, requests));
        // Every batch except the last is full, in order, and has everything else that the request
        // sets.
        let loads = till.loads.lock().unwrap();
        assert_eq!(loads.len() as u64, requests);
        for (number, load) in (0..).zip(loads.iter()) {
            let last = u64::min(number * 10 + 10, count);
            assert_eq!(load.numbers, Vec::from_iter(number * 10..last));
            assert_eq!(load.body["data"]["type"], "orders");
            let first = serde_json::to_value(order(number * 10)).unwrap();
            assert_eq!(load.body["data"]["orders"][0], first);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn batch_stays_within_the_byte_limit() {
    static SMALL: Bulk = Bulk::new(&["data", "orders"], 10, 150);
    let till = OrderServer::kind();
    let mut all: Vec<Order> = orders(40).collect();
    all[17].text = "x".repeat(500);
    let push = till.request(&PUT_ORDERS).push(&SMALL, all);
    let (results, _) = results(push).await;
    assert!(failed(&results).is_empty());
    assert_eq!(till.taken(), Vec::from_iter(0..40));
    let loads = till.loads.lock().unwrap();
    for load in loads.iter() {
        // An item that is too large for any batch is sent alone.
        let is_large = load.numbers == [17];
        assert!(load.bytes <= 150 || is_large, "{:?}", load.numbers);
        assert!(load.numbers.len() > 1 || is_large || load.numbers == [16] || load.numbers == [39]);
    }
}

#[tokio::test(start_paused = true)]
async fn requests_run_concurrently() {
    // (the concurrency, the time of 40 requests)
    for (concurrency, milliseconds) in [
        (None, 500),
        (Some(0), 2000),
        (Some(1), 2000),
        (Some(8), 250),
    ] {
        let till = OrderServer::kind();
        let mut push = till.push(orders(400));
        if let Some(concurrency) = concurrency {
            push = push.concurrency(concurrency);
        }
        let mut most = 0;
        while let Some(pushed) = push.next().await {
            pushed.result.unwrap();
            most = most.max(till.script.pending());
        }
        assert_eq!(till.script.elapsed(), milliseconds, "{concurrency:?}");
        assert!(most <= concurrency.unwrap_or(4).max(1));
        assert_eq!(till.taken().len(), 400);
    }
}

#[tokio::test(start_paused = true)]
async fn results_arrive_in_order_of_completion() {
    let till = OrderServer::new(|number, _| {
        let latency = LATENCY * u32::try_from(3 - number).unwrap();
        Step::After(latency, Box::new(status(202)))
    });
    let push = till.push(orders(30));
    let indexes: Vec<u64> = push.map(|pushed| pushed.index).collect().await;
    let expected = Vec::from_iter((20..30).chain(10..20).chain(0..10));
    assert_eq!(indexes, expected);
}

#[tokio::test(start_paused = true)]
async fn push_reads_only_as_many_items_as_fit() {
    let read = Arc::new(AtomicU64::new(0));
    let counted = |read: &Arc<AtomicU64>| {
        let read = Arc::clone(read);
        orders(u64::MAX).inspect(move |_| {
            read.fetch_add(1, Ordering::SeqCst);
        })
    };
    // The push has read the items of the requests in flight, and as many whose results are not
    // returned yet.
    let most = 4 * 2 * 10;
    let till = OrderServer::kind();
    let mut push = till.push(counted(&read));
    assert_eq!(read.load(Ordering::SeqCst), 0, "before anybody asks");
    for handed_out in 1..1000 {
        push.next().await.unwrap().result.unwrap();
        assert!(read.load(Ordering::SeqCst) <= handed_out + most);
        // A caller that pauses does not increase that number.
        if handed_out % 100 == 0 {
            tokio::time::sleep(LATENCY * 9).await;
        }
    }
    drop(push);
    assert_eq!(till.script.pending(), 0, "dropping abandons all");
    // A server that does not respond.
    read.store(0, Ordering::SeqCst);
    let till = OrderServer::new(|_, _| Step::Silence);
    let mut push = till.push(counted(&read));
    for _ in 0..10 {
        assert!(push.next().now_or_never().is_none());
    }
    assert_eq!(read.load(Ordering::SeqCst), 4 * 10);
}

#[tokio::test(start_paused = true)]
async fn dropped_wait_loses_nothing() {
    let till = OrderServer::kind();
    let mut push = till.push(orders(100));
    let mut indexes = BTreeSet::new();
    loop {
        match push.next().now_or_never() {
            Some(Some(pushed)) => assert!(indexes.insert(pushed.index)),
            Some(None) => break,
            None => tokio::time::sleep(Duration::from_millis(7)).await,
        }
    }
    assert_eq!(indexes, (0..100).collect());
    assert_eq!(till.taken(), Vec::from_iter(0..100));
}

#[tokio::test(start_paused = true)]
async fn rejected_batch_is_split_down_to_the_invalid_item() {
    for (name, bad) in [
        ("none", &[][..]),
        ("one", &[37]),
        ("first and last", &[0, 99]),
        ("neighbours", &[4, 5, 6, 23]),
        ("a whole batch", &[40, 41, 42, 43, 44, 45, 46, 47, 48, 49]),
    ] {
        for precise in [false, true] {
            let till = OrderServer::picky(precise, move |number| bad.contains(&number));
            let (results, progress) = results(till.push(orders(100))).await;
            assert_eq!(failed(&results), bad, "{name}");
            let good: Vec<u64> = (0..100).filter(|it| !bad.contains(it)).collect();
            assert_eq!(till.taken(), good, "{name}: each once");
            for index in bad {
                let error = results[index].result.as_ref().unwrap_err();
                assert_eq!(error.error().status().unwrap().as_u16(), 400);
                let item: Value = serde_json::from_str(error.item()).unwrap();
                assert_eq!(item["number"], *index);
                let shown = error.to_string();
                assert!(
                    shown.starts_with(&format!("number: {index}: PutOrders: 400")),
                    "{shown}"
                );
                // Each was rejected alone.
                let loads = till.loads.lock().unwrap();
                assert!(loads.iter().any(|load| load.numbers == [*index]));
            }
            let batches: BTreeSet<u64> = bad.iter().map(|index| index / 10).collect();
            let most = match precise {
                // Each batch sends the valid items once, and each invalid item once.
                true => 10 + batches.len() + bad.len(),
                false => 10 + batches.len() * 18,
            };
            assert!(progress.requests <= most as u64, "{name}: {progress:?}");
        }
    }
}

/// Checks that each item has its own result, for any invalid items and any pointers.
#[tokio::test(start_paused = true)]
async fn splitting_is_correct_for_any_pointers() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let share = random.f64();
        let bad: BTreeSet<u64> = (0..60).filter(|_| random.f64() < share).collect();
        let known = bad.clone();
        let till = OrderServer::new(move |number, load| {
            if !load.numbers.iter().any(|it| known.contains(it)) {
                return after(ScriptedResponse::new(202));
            }
            let mut random = fastrand::Rng::with_seed(seed * 1000 + number as u64);
            // Some pointers are right, some are wrong and some are missing.
            let places: Vec<usize> = (0..random.usize(..4)).map(|_| random.usize(..14)).collect();
            let mut response = rejection(&places);
            if random.bool() {
                response = ScriptedResponse::new(*random.choice(&[400, 409, 413, 422]).unwrap());
            }
            after(response)
        });
        let (results, progress) = results(till.push(orders(60))).await;
        assert_eq!(failed(&results), Vec::from_iter(bad.clone()), "{seed}");
        let good: Vec<u64> = (0..60).filter(|it| !bad.contains(it)).collect();
        assert_eq!(till.taken(), good, "{seed}");
        assert!(progress.requests < 2 * 60, "{seed}: {progress:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn error_not_about_items_applies_to_the_whole_batch() {
    type Failing = fn() -> Step;
    let failing: [(Failing, ErrorKind); 7] = [
        (|| after(ScriptedResponse::new(401)), ErrorKind::Api),
        (|| after(ScriptedResponse::new(403)), ErrorKind::Api),
        (|| after(ScriptedResponse::new(404)), ErrorKind::Api),
        (|| after(ScriptedResponse::new(500)), ErrorKind::Api),
        (|| Step::Fail(Stage::Connect), ErrorKind::Connection),
        (|| Step::Fail(Stage::Sent), ErrorKind::Connection),
        (|| Step::Silence, ErrorKind::Timeout),
    ];
    for (step, kind) in failing {
        let till = OrderServer::new(move |_, load| match load.numbers[0] {
            20 => step(),
            _ => after(ScriptedResponse::new(202)),
        });
        let push = till.request(&ADD_ORDERS).push(&ORDERS, orders(50));
        let (results, progress) = results(push.with(sent_once())).await;
        assert_eq!(failed(&results), Vec::from_iter(20..30));
        for index in 20..30 {
            let error = results[&index].result.as_ref().unwrap_err();
            assert_eq!(error.error().kind(), kind);
        }
        assert_eq!(till.taken().len(), 40);
        assert_eq!((till.sizes().len(), progress.requests), (5, 5), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn safe_batches_are_retried() {
    // (the operation, how often the second batch is sent)
    for (operation, expected) in [(&PUT_ORDERS, 3), (&ADD_ORDERS, 1)] {
        let sent = AtomicU64::new(0);
        let till = OrderServer::new(move |_, load| {
            if load.numbers[0] == 10 && sent.fetch_add(1, Ordering::SeqCst) < 2 {
                return Step::Fail(Stage::Sent);
            }
            after(ScriptedResponse::new(202))
        });
        let (results, progress) = results(till.request(operation).push(&ORDERS, orders(30))).await;
        let sent = till.sizes().len() - 2;
        assert_eq!(sent, expected);
        // The call makes the retry.
        assert_eq!(progress.requests, 3);
        assert_eq!(failed(&results).is_empty(), operation.id == "PutOrders");
    }
}

#[tokio::test(start_paused = true)]
async fn exhausted_rate_limit_delays_the_push_and_loses_nothing() {
    let limited = |response: ScriptedResponse| {
        response
            .header("x-ratelimit-limit", 2)
            .header("x-ratelimit-period", 300)
            .header("x-ratelimit-name", "orders")
    };
    let till = OrderServer::new(move |number, _| {
        let left = 1 - number % 2;
        let response = limited(ScriptedResponse::new(202))
            .header("x-ratelimit-remaining", left)
            .header("x-ratelimit-reset", 300);
        after(response)
    });
    let (results, _) = results(till.push(orders(60)).concurrency(1)).await;
    assert!(failed(&results).is_empty());
    assert_eq!(till.taken(), Vec::from_iter(0..60));
    // Two requests in each five minutes, which is longer than a call waits by itself, and no 429.
    assert_eq!(till.sizes().len(), 6);
    let seconds = till.script.elapsed() / 1000;
    assert!((600..=604).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn push_waits_out_429s_up_to_a_bound() {
    let refuse = || after(ScriptedResponse::new(429).header("retry-after", 600));
    let begin = tokio::time::Instant::now();
    let till = OrderServer::new(move |_, _| match begin.elapsed().as_secs() {
        0..1500 => refuse(),
        _ => after(ScriptedResponse::new(202)),
    });
    let (all, _) = results(till.push(orders(60))).await;
    assert!(failed(&all).is_empty());
    assert_eq!(till.taken(), Vec::from_iter(0..60));
    assert_eq!(till.script.elapsed() / 1000, 1800);

    let till = OrderServer::new(move |_, _| refuse());
    let push = till.push(orders(60)).max_wait(Duration::from_secs(1300));
    let (all, _) = results(push).await;
    assert_eq!(failed(&all), Vec::from_iter(0..60));
    let error = all[&0].result.as_ref().unwrap_err().error();
    assert_eq!(error.status().unwrap().as_u16(), 429);

    // A caller that disables retries has every request sent once.
    let till = OrderServer::new(move |_, _| refuse());
    let (_, progress) = results(till.push(orders(60)).with(sent_once())).await;
    assert_eq!((progress.requests, progress.failed), (6, 60));
}

#[tokio::test(start_paused = true)]
async fn unserializable_item_fails_alone() {
    struct Odd(u64);
    impl serde::Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 % 4 {
                3 => Err(serde::ser::Error::custom("odd")),
                _ => order(self.0).serialize(serializer),
            }
        }
    }
    let till = OrderServer::kind();
    let push = till.request(&PUT_ORDERS).push(&ORDERS, (0..40).map(Odd));
    let (results, _) = results(push).await;
    assert_eq!(failed(&results), Vec::from_iter((3..40).step_by(4)));
    let error = results[&3].result.as_ref().unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        error.to_string(),
        "PutOrders: the item cannot be written as JSON: odd"
    );
    assert_eq!(till.taken().len(), 30);
}

#[tokio::test(start_paused = true)]
async fn invalid_request_sends_nothing() {
    let till = OrderServer::kind();
    let body = serde_json::json!({"data": {"orders": [order(0)]}});
    let request = till.client().request::<()>(&PUT_ORDERS).json(&body);
    let (all, _) = results(request.push(&ORDERS, orders(200))).await;
    assert_eq!(failed(&all).len(), 200);
    let error = all[&7].result.as_ref().unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("data.orders"), "{error}");
    // An error that only a call detects is the result of its items.
    let request = till.request(&PUT_ORDERS).header("x y", &"");
    let (all, _) = results(request.push(&ORDERS, orders(20))).await;
    assert_eq!(failed(&all).len(), 20);
    assert!(till.sizes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn idle_stream_does_not_delay_received_items() {
    let till = OrderServer::kind();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(100);
    let stream = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
    let mut push = till.request(&PUT_ORDERS).push(&ORDERS, stream);
    is_a_stream(&push);
    assert!(push.next().now_or_never().is_none());
    for number in 0..3 {
        sender.send(order(number)).await.unwrap();
    }
    // No request is in flight: the received items are sent.
    assert!(push.next().now_or_never().is_none());
    assert_eq!(till.sizes(), [3]);
    for number in 3..5 {
        sender.send(order(number)).await.unwrap();
    }
    // A request is in flight: the received items wait for more, but only until it ends.
    assert!(push.next().now_or_never().is_none());
    assert_eq!(till.sizes(), [3]);
    for index in 0..5 {
        assert_eq!(push.next().await.unwrap().index, index);
    }
    assert_eq!(till.sizes(), [3, 2]);
    assert!(push.next().now_or_never().is_none());
    drop(sender);
    assert!(push.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn progress_is_reported_and_the_report_lists_failures() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let till = OrderServer::picky(true, |number| number % 25 == 3);
    let push = till.push(orders(100));
    let push = push.on_progress(move |progress| log.lock().unwrap().push(*progress));
    let shown = format!("{push:?}");
    assert!(shown.contains("PutOrders"), "{shown}");
    assert_no_canary(&shown);
    let report = push.finish().await;
    let failures: Vec<u64> = report.failures.iter().map(|(index, _)| *index).collect();
    assert_eq!(BTreeSet::from_iter(failures), [3, 28, 53, 78].into());
    assert_eq!((report.progress.sent, report.progress.failed), (96, 4));
    let told = told.lock().unwrap();
    let settled = |progress: &scorekit_core::Progress| progress.sent + progress.failed;
    assert!(told.is_sorted_by_key(settled));
    assert_eq!(told.last(), Some(&report.progress));
}

/// Runs over sockets: connections stay open, bodies arrive in pieces, and the counts are the same.
#[tokio::test]
async fn each_item_arrives_once_over_sockets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::<u64>::new()));
    let log = Arc::clone(&taken);
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let (_, body) = request.split_once("\r\n\r\n").unwrap();
                let load = Load::read(body.as_bytes());
                let status = match load.numbers.iter().any(|number| number % 333 == 7) {
                    true => "422 Unprocessable Content",
                    false => {
                        log.lock().unwrap().extend(&load.numbers);
                        "202 Accepted"
                    }
                };
                let response = http_response(status, "connection: close\r\n", "");
                stream.write_all(response.as_bytes()).await.unwrap();
                stream.shutdown().await.ok();
            });
        }
    });
    let client = Client::new(keys().base_url(&url)).unwrap();
    let push = client
        .request::<()>(&PUT_ORDERS)
        .push(&ORDERS, orders(1000));
    let (results, _) = results(push.batch_size(50)).await;
    assert_eq!(failed(&results), [7, 340, 673]);
    let mut taken = taken.lock().unwrap().clone();
    taken.sort_unstable();
    let good: Vec<u64> = (0..1000).filter(|number| number % 333 != 7).collect();
    assert_eq!(taken, good);
    server.abort();
}
