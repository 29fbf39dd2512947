//! Lists with prefetched pages: the time of each request, and the same items as without prefetch.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use scorekit_core::{ErrorKind, Items, RetryPolicy};
use tokio::sync::Semaphore;

use super::pages::shop::*;
use super::script::{Script, ScriptedResponse, Step, status};
use super::*;

/// The server's latency for a page.
const LATENCY: Duration = Duration::from_millis(50);

fn argument(request: &reqwest::Request, name: &str) -> Option<usize> {
    let mut pairs = request.url().query_pairs();
    let (_, value) = pairs.find(|(known, _)| known == name)?;
    value.parse().ok()
}

fn offset(request: &reqwest::Request) -> usize {
    argument(request, "page[offset]").unwrap_or(0)
}

fn page(ids: impl IntoIterator<Item = usize>, total: Option<i64>) -> Step {
    let response = ScriptedResponse::new(200).piece(Duration::ZERO, body_of(ids, total));
    Step::After(LATENCY, Box::new(response.step()))
}

/// Creates a server of `orders` orders that respects the requested offset and size, after its
/// latency.
fn honest(orders: usize, tells_total: bool) -> Arc<Script> {
    Script::by(move |request| {
        let size = argument(request, "page[size]").unwrap_or(2);
        let skipped = match argument(request, "page[number]") {
            Some(number) => (number - 1) * size,
            None => offset(request),
        };
        let ids = (0..orders).skip(skipped).take(size);
        page(ids, tells_total.then_some(orders as i64))
    })
}

fn request(script: &Arc<Script>, operation: &'static Operation) -> Request<Orders> {
    // No request goes there, but a client that only calls this machine is built without root
    // certificates.
    let config = keys().base_url("http://127.0.0.1:9");
    let client = script.client(config.retry(RetryPolicy::none()));
    client.request(operation)
}

fn items(script: &Arc<Script>, ahead: usize) -> Items<Order> {
    request(script, &LIST).orders().prefetch(ahead)
}

fn offsets(script: &Script) -> Vec<usize> {
    let asked = script.asked();
    let offset = |asked: &super::script::Asked| {
        let (_, value) = asked.url.query_pairs().find(|(n, _)| n == "page[offset]")?;
        value.parse().ok()
    };
    asked.iter().map(|it| offset(it).unwrap_or(0)).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_up_to_the_total_are_fetched_concurrently() {
    // (pages ahead, the time of the walk)
    for (ahead, milliseconds) in [(0, 450), (1, 450), (2, 250), (4, 150), (8, 100), (99, 100)] {
        let script = honest(18, true);
        let (ids, error) = read(items(&script, ahead)).await;
        assert!(error.is_none());
        assert_eq!(ids, Vec::from_iter(0..18));
        assert_eq!(script.elapsed(), milliseconds, "{ahead}");
        // Items arrive in order, and no request goes past the total.
        assert_eq!(offsets(&script), Vec::from_iter((0..18).step_by(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_total_prefetch_requests_at_most_as_many_pages_as_arrived() {
    let script = honest(100, false);
    let mut pages = request(&script, &LIST).pages().prefetch(4);
    for come in 1..12 {
        pages.next().await.unwrap().unwrap();
        let expected = come + usize::min(come, 4);
        assert_eq!(script.asked().len(), expected, "{come}");
        // The client sends no more requests, however long the caller takes.
        tokio::time::sleep(LATENCY * 9).await;
        assert_eq!(script.asked().len(), expected, "{come}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_past_the_end_are_bounded() {
    for ahead in [1, 3, 8] {
        for orders in 0..30 {
            let script = honest(orders, false);
            let (ids, error) = read(items(&script, ahead)).await;
            assert!(error.is_none());
            assert_eq!(ids, Vec::from_iter(0..orders));
            // The pages that a walk without prefetch needs, with the empty one that shows the end.
            let needed = orders.div_ceil(2) + 1;
            let asked = script.asked().len();
            assert!(asked < needed + usize::min(ahead, needed), "{orders}");
            assert_eq!(script.pending(), 0, "abandoned at the end");
            let distinct: BTreeSet<_> = offsets(&script).into_iter().collect();
            assert_eq!(distinct.len(), asked, "no page is asked for twice");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn prefetch_stops_at_the_limit() {
    for (limit, expected) in [(0, 0), (1, 1), (2, 1), (3, 2), (5, 3), (6, 3)] {
        for tells_total in [false, true] {
            let script = honest(40, tells_total);
            let (ids, _) = read(items(&script, 8).limit(limit)).await;
            assert_eq!(ids, Vec::from_iter(0..limit));
            assert_eq!(script.asked().len(), expected, "{limit}");
            assert_eq!(script.pending(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn out_of_order_pages_are_returned_in_order() {
    let script = Script::by(|request| {
        let first = offset(request);
        // The later the page, the sooner it arrives.
        let ids = [first, first + 1];
        let response = ScriptedResponse::new(200).piece(Duration::ZERO, body_of(ids, Some(10)));
        let latency = Duration::from_millis(100 - 10 * first as u64);
        Step::After(latency, Box::new(response.step()))
    });
    let (ids, _) = read(items(&script, 8)).await;
    assert_eq!(ids, Vec::from_iter(0..10));
    // The first page takes its time, then the slowest of the others.
    assert_eq!(script.elapsed(), 100 + 80);
}

#[tokio::test(start_paused = true)]
async fn page_numbers_are_prefetched() {
    for (operation, orders) in [(&LIST_BY_NUMBER, 18), (&LIST_BY_NUMBER, 17)] {
        let script = honest(orders, true);
        let pages = request(&script, operation).orders().prefetch(8);
        let (ids, error) = read(pages).await;
        assert!(error.is_none());
        assert_eq!(ids, Vec::from_iter(0..orders));
        assert_eq!((script.elapsed(), script.asked().len()), (100, 9));
        let last = script.asked().last().unwrap().url.to_string();
        assert!(last.ends_with("page%5Bnumber%5D=9"), "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_size_and_total_pages_are_fetched_one_at_a_time() {
    let script = honest(7, false);
    let mut pages = request(&script, &LIST_OF_UNKNOWN_SIZE).pages().prefetch(8);
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().data.as_ref().map_or(0, Vec::len);
        // Pages are fetched one at a time, though before the caller needs them.
        assert_eq!(script.pending(), 1);
    }
    assert_eq!((count, script.pending()), (7, 0));
    // A total gives the size of every page except the last one.
    let script = honest(18, true);
    let unknown = request(&script, &LIST_OF_UNKNOWN_SIZE).orders().prefetch(8);
    assert_eq!(read(unknown).await.0, Vec::from_iter(0..18));
    assert_eq!(script.elapsed(), 100);
}

#[tokio::test(start_paused = true)]
async fn error_keeps_its_position_and_is_last() {
    let script = Script::by(|request| match offset(request) {
        // The error arrives before the pages ahead of it.
        4 => status(403),
        first => page([first, first + 1], Some(40)),
    });
    let (ids, error) = read(items(&script, 8)).await;
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!(error.unwrap().kind(), ErrorKind::Api);
    assert_eq!(script.pending(), 0);
}

#[tokio::test(start_paused = true)]
async fn error_past_the_end_is_dropped() {
    let script = Script::by(|request| match offset(request) {
        first @ ..8 => page([first, first + 1], None),
        8 => page([8], None),
        9 => page([], None),
        _ => status(400),
    });
    let (ids, error) = read(items(&script, 8)).await;
    assert_eq!(ids, Vec::from_iter(0..9));
    assert!(error.is_none(), "{error:?}");
    assert!(offsets(&script).contains(&10), "it was asked for");
}

/// Compares the items with and without prefetch, for servers that decide by the offset alone.
#[tokio::test(start_paused = true)]
async fn prefetch_changes_only_the_time() {
    let seed = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&seed);
    let script = Script::by(move |request| {
        let seed = shared.load(Ordering::SeqCst);
        let first = offset(request);
        let mut random = fastrand::Rng::with_seed(seed * 1000 + first as u64);
        let count = match random.u8(..10) {
            0 => 1,
            1 => 3,
            2 if first > 12 => 0,
            _ if first > 60 => 0,
            _ => 2,
        };
        let total = match seed % 4 {
            0 => None,
            1 => Some(24),
            // A list that changes.
            2 => Some(random.i64(10..40)),
            _ => random.bool().then(|| random.i64(-1..30)),
        };
        match random.u8(..40) {
            0 => status(500),
            _ => page(first..first + count, total),
        }
    });
    let request = request(&script, &LIST);
    for number in 0..300 {
        seed.store(number, Ordering::SeqCst);
        let begin = script.elapsed();
        let (expected, failed) = read(request.clone().orders()).await;
        let slow = script.elapsed() - begin;
        for ahead in [1, 2, 7] {
            let begin = script.elapsed();
            let (ids, error) = read(request.clone().orders().prefetch(ahead)).await;
            assert_eq!(ids, expected, "{number} {ahead}");
            let status = error.as_ref().map(Error::status);
            assert_eq!(
                status,
                failed.as_ref().map(Error::status),
                "{number} {ahead}"
            );
            assert!(script.elapsed() - begin <= slow, "{number} {ahead}");
            assert_eq!(script.pending(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changing_list_ends_where_the_latest_page_says() {
    // (the total from the third request on, the items)
    for (later, expected) in [(20, 20), (8, 8), (12, 12)] {
        let asked = AtomicUsize::new(0);
        let script = Script::by(move |request| {
            let orders = match asked.fetch_add(1, Ordering::SeqCst) {
                0..2 => 12,
                _ => later,
            };
            let first = offset(request);
            page((first..orders).take(2), Some(orders as i64))
        });
        let (ids, error) = read(items(&script, 3)).await;
        assert!(error.is_none());
        assert_eq!(ids, Vec::from_iter(0..expected), "{later}");
        let furthest = offsets(&script).into_iter().max().unwrap();
        assert!(furthest < expected.max(12), "nothing past the total");
    }
}

#[tokio::test(start_paused = true)]
async fn moved_items_are_missed_as_without_prefetch() {
    // An item before the third page is removed or added: from then on every offset means another
    // item.
    for (change, ids) in [
        (1_isize, vec![0, 1, 2, 3, 5, 6, 7]),
        (-1, vec![0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        for ahead in [0, 4] {
            let script = Script::by(move |request| {
                let first = offset(request);
                let moved = if first >= 4 { change } else { 0 };
                let list = (0..8).skip(first.saturating_add_signed(moved));
                page(list.take(2), None)
            });
            assert_eq!(read(items(&script, ahead)).await.0, ids, "{ahead}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn requests_continue_while_items_are_buffered() {
    let script = Script::by(|request| {
        let first = offset(request);
        let body = body_of([first, first + 1], Some(12));
        let (head, tail) = body.split_at(5);
        // Each piece of the body arrives only when the client waits for it.
        let response = ScriptedResponse::new(200)
            .piece(LATENCY, head.to_owned())
            .piece(LATENCY, tail.to_owned());
        Step::After(LATENCY, Box::new(response.step()))
    });
    let mut items = items(&script, 3);
    let mut count = 0;
    while let Some(item) = items.next().await {
        assert_eq!(item.unwrap().id, count);
        count += 1;
        tokio::time::sleep(LATENCY * 2).await;
    }
    assert_eq!(count, 12);
    // The first page takes three times the latency. The second one takes a short wait, and then the
    // caller is slower than the server.
    let expected = LATENCY * (3 + 1 + 2 * 12);
    assert!(
        script.elapsed() <= expected.as_millis(),
        "{}",
        script.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn dropped_wait_loses_nothing_and_dropped_stream_cancels_all() {
    let script = honest(40, true);
    let mut items = items(&script, 4);
    let mut ids = Vec::new();
    while ids.len() < 20 {
        match items.next().now_or_never() {
            Some(item) => ids.push(item.unwrap().unwrap().id),
            None => tokio::time::sleep(Duration::from_millis(7)).await,
        }
    }
    assert_eq!(ids, Vec::from_iter(0..20));
    let asked = script.asked().len();
    assert_eq!(asked, 10 + 4);
    assert_ne!(script.pending(), 0);
    drop(items);
    assert_eq!(script.pending(), 0);
    tokio::time::sleep(LATENCY * 9).await;
    assert_eq!(script.asked().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn collect_returns_all_items() {
    let ids = |orders: Vec<Order>| orders.iter().map(|order| order.id).collect::<Vec<_>>();
    for ahead in [0, 8] {
        let all = items(&honest(7, false), ahead).collect_all().await;
        assert_eq!(ids(all.unwrap()), Vec::from_iter(0..7));
        let some = items(&honest(7, true), ahead).limit(3).collect_all().await;
        assert_eq!(ids(some.unwrap()), [0, 1, 2]);
        let broken = Script::by(|request| match offset(request) {
            0 => page([0, 1], None),
            _ => status(403),
        });
        let error = items(&broken, ahead).collect_all().await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 403);
    }
}

/// Runs over sockets: the server sends no response before four requests have arrived.
#[tokio::test]
async fn requests_are_in_flight_together() {
    const AHEAD: usize = 4;
    const ORDERS: usize = 2 + 2 * AHEAD * 3;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let waiting = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (waiting, gate) = (Arc::clone(&waiting), Arc::clone(&gate));
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let target = request.split(' ').nth(1).unwrap();
                let first = target.split("page%5Boffset%5D=").nth(1);
                let first = first.map_or(0, |first| first.parse().unwrap());
                if first > 0 {
                    if (waiting.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(AHEAD) {
                        gate.add_permits(AHEAD);
                    }
                    gate.acquire().await.unwrap().forget();
                }
                let page = page_of(vec![first, first + 1], Some(ORDERS as i64));
                stream.write_all(page.as_bytes()).await.unwrap();
                stream.shutdown().await.ok();
            });
        }
    });
    let client = Client::new(keys().base_url(&url)).unwrap();
    let items = client.request::<Orders>(&LIST).orders().prefetch(AHEAD);
    let (ids, error) = read(items).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids, Vec::from_iter(0..ORDERS));
    server.abort();
}
