//! Pushes that continue from an earlier one by its journal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use scorekit_core::{Delivery, ErrorKind, Journal, ParameterStyle, Push, Stream};

use super::order_server::*;
use super::*;

/// A path without a file; the file is deleted at the end.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = directory.join(format!("{name}-{}.journal", std::process::id()));
        std::fs::remove_file(&path).ok();
        Self(path)
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }

    /// Returns the journal of a push that sends only what failed or is new.
    fn only_failed(&self) -> Journal {
        Journal::new(&self.0).only_failed()
    }
}

impl From<&Place> for Journal {
    fn from(place: &Place) -> Self {
        Self::new(&place.0)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// Pushes with the journal, and returns the indexes that an earlier push finished and those of this
/// one.
async fn earlier_and_now(push: Push<'_>, journal: impl Into<Journal>) -> (Vec<u64>, Vec<u64>) {
    let (results, _) = results(push.journal(journal).unwrap()).await;
    let of = |taken: Delivery| {
        let is_meant =
            |pushed: &&scorekit_core::ItemResult| pushed.result.as_ref().ok() == Some(&taken);
        let meant = results.values().filter(is_meant);
        meant.map(|pushed| pushed.index).collect()
    };
    (of(Delivery::AlreadySent), of(Delivery::Sent))
}

#[tokio::test(start_paused = true)]
async fn failed_and_new_items_are_sent_alone() {
    let place = Place::new("rest");
    let till = OrderServer::picky(false, |number| number == 13 || number == 47);
    let good: Vec<u64> = (0..60).filter(|it| ![13, 47].contains(it)).collect();
    let (earlier, now) = earlier_and_now(till.push(orders(60)), &place).await;
    assert_eq!((earlier, now), (vec![], good.clone()));
    // Failed items are pushed again, and new ones are sent.
    let till = OrderServer::kind();
    let (earlier, now) = earlier_and_now(till.push(orders(65)), place.only_failed()).await;
    assert_eq!((earlier, now), (good, vec![13, 47, 60, 61, 62, 63, 64]));
    assert_eq!(till.taken(), [13, 47, 60, 61, 62, 63, 64]);
    assert_eq!(till.sizes(), [7]);
    // Now nothing remains.
    let till = OrderServer::kind();
    let (earlier, now) = earlier_and_now(till.push(orders(65)), place.only_failed()).await;
    assert_eq!((earlier.len(), now.len(), till.sizes().len()), (65, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn interrupted_push_never_resends_acknowledged_items() {
    let place = Place::new("broken");
    for broken_after in 0..100 {
        std::fs::remove_file(&place.0).ok();
        let till = OrderServer::kind();
        let mut push = till.push(orders(100)).journal(&place.0).unwrap();
        let mut acknowledged = Vec::new();
        for _ in 0..broken_after {
            acknowledged.push(push.next().await.unwrap().index);
        }
        drop(push);
        let again = OrderServer::kind();
        let (earlier, now) = earlier_and_now(again.push(orders(100)), &place).await;
        assert_eq!(earlier.len() + now.len(), 100);
        assert_eq!(again.taken(), now);
        assert!(acknowledged.iter().all(|index| earlier.contains(index)));
    }
}

/// Creates a push of three batches.
fn small(till: &OrderServer) -> Push<'static> {
    till.push(orders(6)).batch_size(2)
}

#[tokio::test(start_paused = true)]
async fn truncated_journal_loses_only_its_last_line() {
    let place = Place::new("torn");
    let (_, now) = earlier_and_now(small(&OrderServer::kind()), &place).await;
    assert_eq!(now.len(), 6);
    let whole = place.text();
    for length in 0..whole.len() {
        std::fs::write(&place.0, &whole[..length]).unwrap();
        let lines = whole[..length].matches('\n').count();
        let known = 2 * lines.saturating_sub(1);
        let till = OrderServer::kind();
        let (earlier, now) = earlier_and_now(small(&till), &place).await;
        assert_eq!((earlier.len(), now.len()), (known, 6 - known), "{length}");
        // The lines that were written after it are whole.
        let (earlier, _) = earlier_and_now(small(&till), place.only_failed()).await;
        assert_eq!(earlier.len(), 6, "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn machine_crash_loses_only_the_last_lines() {
    let place = Place::new("crashed");
    let (_, now) = earlier_and_now(small(&OrderServer::kind()), &place).await;
    assert_eq!(now.len(), 6);
    // The run was interrupted before its last line.
    let whole = place.text().replace("end\n", "");
    let cuts = (0..whole.len()).step_by(37).chain([whole.len()]);
    for (length, tail) in cuts.flat_map(|length| {
        // Blocks that were never written.
        [100, 4096, 70_000].map(|size| (length, vec![0; size]))
    }) {
        let mut content = whole.as_bytes()[..length].to_vec();
        content.extend(tail);
        std::fs::write(&place.0, &content).unwrap();
        let known = 2 * whole[..length].matches('\n').count().saturating_sub(1);
        let till = OrderServer::kind();
        let (earlier, now) = earlier_and_now(small(&till), &place).await;
        assert_eq!((earlier.len(), now.len()), (known, 6 - known), "{length}");
        assert!(!place.text().contains('\0'));
        let (earlier, _) = earlier_and_now(small(&till), place.only_failed()).await;
        assert_eq!(earlier.len(), 6, "{length}");
    }
    // A long line without an end.
    std::fs::write(&place.0, format!("{whole}6 {}", "0".repeat(5000))).unwrap();
    let (earlier, _) = earlier_and_now(small(&OrderServer::kind()), &place).await;
    assert_eq!((earlier.len(), place.text()), (6, whole + "end\n"));
}

/// Returns an order every three seconds, and a pause of two hours before the tenth.
fn slow_orders(count: u64) -> impl Stream<Item = Order> {
    futures_util::stream::unfold(0, move |number| async move {
        let seconds = if number == 9 { 7200 } else { 3 };
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        (number < count).then(|| (order(number), number + 1))
    })
}

#[tokio::test(start_paused = true)]
async fn journal_does_not_delay_slow_items() {
    let place = Place::new("slow");
    earlier_and_now(OrderServer::kind().push(orders(10)), &place).await;
    let till = OrderServer::kind();
    let request = till.request(&PUT_ORDERS);
    let stream = Box::pin(slow_orders(12));
    let push = request.push(&ORDERS, stream);
    let mut push = push.journal(place.only_failed()).unwrap();
    let begin = tokio::time::Instant::now();
    for index in 0..12 {
        let pushed = push.next().await.unwrap();
        assert_eq!(pushed.index, index);
        let expected = if index < 10 {
            Delivery::AlreadySent
        } else {
            Delivery::Sent
        };
        assert_eq!(pushed.result.unwrap(), expected);
        let came = 3 * (index + 1) + if index < 9 { 0 } else { 7197 };
        assert_eq!(begin.elapsed().as_secs(), came, "{index}");
    }
    assert!(push.next().await.is_none());
    assert_eq!(till.taken(), [10, 11]);
}

#[tokio::test(start_paused = true)]
async fn journal_does_not_delay_callers_that_await_each_result() {
    let place = Place::new("interactive");
    earlier_and_now(OrderServer::kind().push(orders(10)), &place).await;
    let till = OrderServer::kind();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let stream = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
    let push = till.request(&PUT_ORDERS).push(&ORDERS, stream);
    let mut push = push.journal(place.only_failed()).unwrap();
    for index in 0..12 {
        // One of the items that an earlier push finished has changed.
        let number = if index == 4 { 400 } else { index };
        sender.send(order(number)).await.unwrap();
        let pushed = tokio::time::timeout(Duration::from_secs(1), push.next()).await;
        let pushed = pushed.expect("nothing comes").unwrap();
        assert_eq!(pushed.index, index);
    }
    drop(sender);
    assert!(push.next().await.is_none());
    assert_eq!(till.taken(), [10, 11, 400]);
}

#[tokio::test(start_paused = true)]
async fn changed_items_are_sent_again() {
    let place = Place::new("changed");
    earlier_and_now(OrderServer::kind().push(orders(50)), &place).await;
    let mut changed: Vec<Order> = orders(50).collect();
    changed[25].text.push('!');
    let till = OrderServer::kind();
    let (earlier, now) =
        earlier_and_now(till.push(changed.clone().into_iter()), place.only_failed()).await;
    // The items of the same batch are not sent again.
    assert_eq!((earlier.len(), now), (49, vec![25]));
    assert_eq!(till.taken(), [25]);
    // The latest entry counts.
    let till = OrderServer::kind();
    let (earlier, _) = earlier_and_now(till.push(changed.into_iter()), place.only_failed()).await;
    assert_eq!(earlier.len(), 50);
    // Other orders, fewer items and other batches lose nothing either.
    let turned: Vec<Order> = orders(45).collect();
    let push = till.push(turned.into_iter().rev()).batch_size(7);
    let (earlier, now) = earlier_and_now(push, place.only_failed()).await;
    // The middle item keeps its index.
    assert_eq!((earlier, now.len()), (vec![22], 44));
}

#[tokio::test(start_paused = true)]
async fn journal_serves_one_push_at_a_time() {
    let place = Place::new("shared");
    let till = OrderServer::kind();
    // Setting the same journal twice is allowed.
    let first = till.push(orders(20)).journal(&place.0).unwrap();
    let mut first = first.journal(&place.0).unwrap();
    first.next().await.unwrap();
    let before = place.text();
    let error = till.push(orders(20)).journal(&place.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    let shown = error.to_string();
    assert!(shown.contains("another push uses it"), "{shown}");
    assert_eq!(place.text(), before);
    drop(first);
    let (earlier, now) = earlier_and_now(till.push(orders(20)), &place).await;
    assert_eq!(earlier.len() + now.len(), 20);
}

#[tokio::test(start_paused = true)]
async fn journal_is_bound_to_every_argument() {
    let till = OrderServer::kind();
    let tags = |tags: &'static [&str]| {
        let request = till.request(&PUT_ORDERS);
        request.query_value("tags", ParameterStyle::FormExploded, tags)
    };
    let of = |organization: &str, request: fn(Request<()>) -> Request<()>| {
        let keys = keys().base_url("http://127.0.0.1:9");
        let whose = Credentials::new().dcycle_organization(organization);
        let client = till.script.client(keys.credentials(whose));
        let body = serde_json::json!({"data": {"type": "orders", "orders": []}});
        request(client.request(&PUT_ORDERS_OF).json(&body))
    };
    let plain =
        |name: &'static str, value: &'static str| till.request(&PUT_ORDERS).query(name, &value);
    let own = |request: Request<()>| request.header("x-organization-id", &"own");
    // (the case, the journal's request, another request, true if they are the same)
    let pairs: [(&str, Request<()>, Request<()>, bool); 9] = [
        ("list", tags(&["a"]), tags(&["b"]), false),
        ("same list", tags(&["a", "b"]), tags(&["a", "b"]), true),
        (
            "list left out",
            till.request(&PUT_ORDERS),
            tags(&["a"]),
            false,
        ),
        (
            "cookie",
            till.request(&PUT_ORDERS).cookie("tray", &"a"),
            till.request(&PUT_ORDERS).cookie("tray", &"b"),
            false,
        ),
        (
            "header in place of a query",
            plain("tags", "a"),
            till.request(&PUT_ORDERS).header("tags", &"a"),
            false,
        ),
        (
            "header list in place of a query list",
            tags(&["tags"]),
            till.request(&PUT_ORDERS)
                .header_value("tags", ParameterStyle::Simple, &["tags=tags"]),
            false,
        ),
        (
            "organization",
            of("org-1", |it| it),
            of("org-2", |it| it),
            false,
        ),
        (
            "same organization",
            of("org-1", |it| it),
            of("org-1", |it| it),
            true,
        ),
        // Settings that are not sent do not matter.
        (
            "organization that is not sent",
            of("org-1", own),
            of("org-2", own),
            true,
        ),
    ];
    for (which, first, second, is_same) in pairs {
        let place = Place::new("arguments");
        earlier_and_now(first.push(&ORDERS, orders(5)), &place).await;
        let push = second.push(&ORDERS, orders(5)).journal(&place.0);
        assert_eq!(push.is_ok(), is_same, "{which}");
    }
}

#[tokio::test(start_paused = true)]
async fn journal_of_another_push_is_rejected() {
    let place = Place::new("another");
    earlier_and_now(OrderServer::kind().push(orders(5)), &place).await;
    let text = place.text();
    let till = OrderServer::kind();
    let elsewhere = till.script.client(keys().base_url("http://127.0.0.1:10"));
    let body = serde_json::json!({"data": {"type": "orders", "orders": []}});
    let other_body = serde_json::json!({"data": {"type": "parcels", "orders": []}});
    let requests = [
        till.request(&ADD_ORDERS),
        till.request(&PUT_ORDERS).json(&other_body),
        till.request(&PUT_ORDERS).query("dry_run", &true),
        elsewhere.request(&PUT_ORDERS).json(&body),
    ];
    for request in requests {
        let push = request.push(&ORDERS, orders(5));
        let error = push.journal(&place.0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let shown = error.to_string();
        assert!(shown.contains("is not the journal of this push"), "{shown}");
    }
    // Nothing is written to a file that is not a journal, or that has an invalid line.
    let title = text.lines().next().unwrap();
    for (content, expected) in [
        ("notes\n".to_owned(), "is not the journal of this push"),
        ("notes".to_owned(), "is not the journal of this push"),
        (
            "score\0\0\0\0notes".to_owned(),
            "is not the journal of this push",
        ),
        (
            format!("score{}notes", "\0".repeat(500)),
            "is not the journal of this push",
        ),
        (format!("{title}\n0 5 zz\n"), "line 2 of the journal"),
        (
            "scorekit-journal 1 PutOrders 0123456789abcdef\n0 5 0123456789abcdef\n".to_owned(),
            "another version of this library wrote it",
        ),
        (
            format!("{title}\n\0\0\0\n0 5 zz\n"),
            "line 2 of the journal",
        ),
    ] {
        std::fs::write(&place.0, &content).unwrap();
        let error = till.push(orders(5)).journal(&place.0).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(place.text(), content, "not changed");
    }
    let error = till.push(orders(5)).journal("/nowhere/at/all").unwrap_err();
    assert!(
        error.to_string().contains("cannot use the journal"),
        "{error}"
    );
    assert!(till.sizes().is_empty());
}
