//! Paged lists: the requests, their order, and the end of the list.

mod any_server;
mod ends;
mod repeats;
pub(crate) mod shop;
mod styles;

use futures_util::FutureExt;
use scorekit_core::{CallOptions, ErrorKind, RetryPolicy, Stream};

use super::*;
use shop::*;

#[tokio::test]
async fn short_page_without_confirmation_is_followed_by_another() {
    let shop = Shop::honest(5, false).await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3, 4]);
    assert_eq!(
        shop.asked(),
        [
            "page[size]=2",
            "page[size]=2&page[offset]=2",
            "page[size]=2&page[offset]=4",
            "page[size]=2&page[offset]=5",
        ]
    );
}

#[tokio::test]
async fn empty_page_ends_the_list_and_is_not_returned() {
    let shop = Shop::honest(4, false).await;
    assert_eq!(lengths(shop.request(&LIST).pages()).await, [2, 2]);
    assert_eq!(shop.asked().len(), 3);
    assert_eq!(shop.asked()[2], "page[size]=2&page[offset]=4");
}

#[tokio::test]
async fn total_ends_the_list() {
    let shop = Shop::honest(4, true).await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3]);
    assert_eq!(shop.asked().len(), 2);
    // The total also counts the items that the caller skips.
    let request = shop.request(&LIST).query("page[offset]", &3);
    assert_eq!(ids(request).await, [3]);
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn without_a_known_size_the_total_or_an_empty_page_ends_the_list() {
    let shop = Shop::honest(3, true).await;
    assert_eq!(ids(shop.request(&LIST_OF_UNKNOWN_SIZE)).await, [0, 1, 2]);
    assert_eq!(shop.asked(), ["", "page[offset]=2"]);
    let shop = Shop::honest(3, false).await;
    assert_eq!(ids(shop.request(&LIST_OF_UNKNOWN_SIZE)).await, [0, 1, 2]);
    assert_eq!(shop.asked(), ["", "page[offset]=2", "page[offset]=3"]);
}

#[tokio::test]
async fn callers_offset_size_and_filters_apply_to_every_page() {
    let shop = Shop::honest(9, false).await;
    let request = shop
        .request(&LIST_OF_UNKNOWN_SIZE)
        .query("page[offset]", &2)
        .query("filter", &"a")
        .query("page[size]", &3);
    assert_eq!(ids(request).await, [2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(
        shop.asked(),
        [
            "page[offset]=2&filter=a&page[size]=3",
            "page[offset]=5&filter=a&page[size]=3",
            "page[offset]=8&filter=a&page[size]=3",
            "page[offset]=9&filter=a&page[size]=3",
        ]
    );
}

#[tokio::test]
async fn page_numbers_are_used_if_the_document_says_so() {
    let shop = Shop::honest(5, false).await;
    assert_eq!(ids(shop.request(&LIST_BY_NUMBER)).await, [0, 1, 2, 3, 4]);
    assert_eq!(
        shop.asked(),
        [
            "page[size]=2",
            "page[size]=2&page[number]=2",
            "page[size]=2&page[number]=3",
            "page[size]=2&page[number]=4",
        ]
    );
    // The pages before the first requested one count against the total.
    let shop = Shop::honest(6, true).await;
    let request = shop.request(&LIST_BY_NUMBER).query("page[number]", &2);
    assert_eq!(ids(request).await, [2, 3, 4, 5]);
    assert_eq!(shop.asked().len(), 2);
}

#[tokio::test]
async fn limit_ends_the_list() {
    // The limit, the items, the pages, and the requested size.
    for (limit, items, pages, size) in [
        (0, 0, &[][..], ""),
        (1, 1, &[1], "page[size]=1"),
        (2, 2, &[2], "page[size]=2"),
        (3, 3, &[2, 2], "page[size]=2"),
        (4, 4, &[2, 2], "page[size]=2"),
        (99, 7, &[2, 2, 2, 1], "page[size]=2"),
    ] {
        let shop = Shop::honest(7, false).await;
        let (found, _) = read(shop.request(&LIST).orders().limit(limit)).await;
        assert_eq!(found, Vec::from_iter(0..items));
        let asked = shop.asked();
        // A list that ends before its limit ends with an empty page.
        let empty = usize::from(limit > 7);
        assert_eq!(asked.len(), pages.len() + empty, "{asked:?}");
        assert_eq!(asked.first().map_or("", String::as_str), size);
        assert_eq!(
            lengths(shop.request(&LIST).pages().limit(limit)).await,
            pages
        );
    }
    // A size that the caller set is kept.
    let shop = Shop::honest(7, false).await;
    let request = shop.request(&LIST).query("page[size]", &2);
    assert_eq!(read(request.orders().limit(1)).await.0, [0]);
    assert_eq!(shop.asked(), ["page[size]=2"]);
}

/// Checks repeated pages for any items. A type skips unknown properties with any contents, so the
/// page is valid and may be repeated.
#[tokio::test]
async fn repeated_page_is_detected_for_any_items() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for odd in ["1e999", r#""\ud800""#, &deep] {
        let items = [2, 3].map(|id| format!(r#"{{"id": {id}, "odd": {odd}}}"#));
        let items = items.join(", ");
        let shop = Shop::new(move |asked| {
            // The rest of the response may differ each time.
            let body = format!(r#"{{"at": {}, "data": [{items}]}}"#, asked.number);
            http_response("200 OK", "connection: close\r\n", &body)
        })
        .await;
        let (ids, error) = read(shop.request(&LIST).orders()).await;
        assert_eq!((ids, shop.asked().len()), (vec![2, 3], 2));
        assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
    }
}

#[tokio::test]
async fn error_is_one_item_and_the_last() {
    for (broken, kind) in [
        (
            http_response("500 Oops", "connection: close\r\n", ""),
            ErrorKind::Api,
        ),
        (
            http_response("200 OK", "connection: close\r\n", r#"{"data": 1}"#),
            ErrorKind::Decode,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            ErrorKind::Connection,
        ),
    ] {
        let shop = Shop::new(move |asked| match asked.number {
            0 => page_of(vec![0, 1], None),
            1 => broken.clone(),
            _ => page_of(vec![2, 3], None),
        })
        .await;
        // A request whose body breaks off may be retried, and would then arrive whole.
        let once = CallOptions::new().retry(RetryPolicy::none());
        let (ids, error) = read(shop.request(&LIST).options(once).orders()).await;
        assert_eq!(ids, [0, 1]);
        let error = error.unwrap();
        assert_eq!(
            (error.kind(), error.operation()),
            (kind, Some("ListOrders"))
        );
        assert_eq!(shop.asked().len(), 2);
    }
    // An invalid request is an item as well, and nothing is sent.
    let shop = Shop::honest(1, true).await;
    let request = shop.request(&LIST).header("x y", &"");
    let (_, error) = read(request.orders()).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::InvalidRequest);
    assert!(shop.asked().is_empty());
}

#[tokio::test]
async fn empty_list_is_one_page_without_items() {
    for body in [r#"{"data": [], "total": 0}"#, r#"{"data": null}"#, "{}"] {
        let shop = Shop::new(|_| http_response("200 OK", "connection: close\r\n", body)).await;
        assert!(ids(shop.request(&LIST)).await.is_empty());
        assert_eq!(lengths(shop.request(&LIST).pages()).await, [0]);
        assert_eq!(shop.asked().len(), 2, "{body}");
    }
}

#[tokio::test]
async fn latest_total_counts() {
    // (the totals in the pages, the requested pages)
    for (totals, expected) in [
        (&[Some(4), Some(6), Some(6)][..], 3),
        (&[Some(8), Some(4), Some(4)], 2),
        (&[None, Some(4)], 2),
        // These totals are ignored because the page itself holds more.
        (&[Some(-1), Some(0), Some(1), Some(8)], 4),
    ] {
        let shop = Shop::new(move |asked| {
            let first = asked.number * 2;
            page_of(vec![first, first + 1], totals[asked.number])
        })
        .await;
        assert_eq!(ids(shop.request(&LIST)).await.len(), expected * 2);
        assert_eq!(shop.asked().len(), expected, "{totals:?}");
    }
}

#[tokio::test]
async fn short_page_before_the_total_does_not_end_the_list() {
    // The server returns one item on a page, whatever the requested size.
    let shop = Shop::new(|asked| page_of(vec![asked.get("page[offset]", 0)], Some(3))).await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2]);
    assert_eq!(shop.asked().len(), 3);
    // A total that is never reached.
    let shop = Shop::new(|asked| match asked.number {
        0 => page_of(vec![0], Some(9)),
        _ => page_of(vec![], Some(9)),
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0]);
    assert_eq!(shop.asked().len(), 2);
}

#[tokio::test]
async fn page_of_the_maximum_size_is_full() {
    // The server allows two, and the client requests nine.
    let shop = Shop::new(|asked| {
        let page = (0..5).skip(asked.get("page[offset]", 0)).take(2).collect();
        page_of(page, None)
    })
    .await;
    let request = shop.request(&LIST).query("page[size]", &9);
    assert_eq!(ids(request).await, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn odd_positions_and_sizes_end_the_list() {
    for (name, value) in [
        ("page[offset]", i64::MAX.to_string()),
        ("page[offset]", "-3".to_owned()),
        ("page[offset]", "x".to_owned()),
        ("page[size]", "0".to_owned()),
        ("page[size]", i64::MIN.to_string()),
    ] {
        let shop = Shop::new(|_| page_of(vec![0, 1], None)).await;
        let request = shop.request(&LIST).query(name, &value);
        let (ids, error) = read(request.orders()).await;
        assert_eq!(ids, [0, 1], "{name}={value}");
        assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
        let first = &shop.asked()[0];
        assert!(first.contains(&format!("{name}={value}")), "{first}");
    }
}

#[tokio::test]
async fn unpaged_operation_is_one_page() {
    let shop = Shop::honest(2, false).await;
    assert_eq!(ids(shop.request(&ALL_AT_ONCE)).await, [0, 1]);
    assert_eq!(shop.asked(), [""]);
}

#[tokio::test]
async fn pages_are_requested_only_when_needed() {
    let shop = Shop::honest(5, false).await;
    let mut items = shop.request(&LIST).orders();
    assert!(shop.asked().is_empty());
    for id in 0..2 {
        assert_eq!(items.next().await.unwrap().unwrap().id, id);
    }
    // If another request were in flight, the server would respond to it before this one.
    let marker = shop.request(&ALL_AT_ONCE).query("marker", &1);
    marker.clone().send().await.unwrap();
    assert_eq!(shop.asked(), ["page[size]=2", "marker=1"]);
    drop(items);
    marker.send().await.unwrap();
    assert_eq!(shop.asked(), ["page[size]=2", "marker=1", "marker=1"]);
}

#[tokio::test]
async fn dropped_wait_loses_nothing() {
    let shop = Shop::honest(3, false).await;
    let mut items = shop.request(&LIST).orders();
    assert_eq!(items.next().await.unwrap().unwrap().id, 0);
    assert_eq!(items.next().await.unwrap().unwrap().id, 1);
    shop.responses.forget_permits(1000);
    for _ in 0..3 {
        assert!(items.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    shop.responses.add_permits(1);
    assert_eq!(items.next().await.unwrap().unwrap().id, 2);
    shop.responses.add_permits(1);
    assert!(items.next().await.is_none());
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn dropping_the_stream_cancels_the_request_in_flight() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(keys().base_url(&url)).unwrap();
    let mut pages = client.request::<Orders>(&LIST).pages();
    let (mut stream, _) = tokio::select! {
        accepted = listener.accept() => accepted.unwrap(),
        page = pages.next() => panic!("{page:?}"),
    };
    tokio::select! {
        _ = read_request(&mut stream) => {}
        page = pages.next() => panic!("{page:?}"),
    }
    drop(pages);
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

/// Checks for any sizes that the stream is the list from the offset on, up to the limit.
#[tokio::test]
async fn stream_returns_the_list() {
    for orders in [0, 1, 2, 3, 6, 7] {
        for tells_total in [false, true] {
            let shop = Shop::honest(orders, tells_total).await;
            for (size, offset, limit) in [(1, 0, 3), (2, 1, 9), (3, 0, 9), (3, 5, 1), (4, 9, 9)] {
                shop.asked.lock().unwrap().clear();
                let request = shop
                    .request(&LIST_OF_UNKNOWN_SIZE)
                    .query("page[size]", &size)
                    .query("page[offset]", &offset);
                let (found, error) = read(request.orders().limit(limit)).await;
                assert!(error.is_none(), "{error:?} {:?}", shop.asked());
                let expected: Vec<_> = (0..orders).skip(offset).take(limit).collect();
                assert_eq!(
                    found, expected,
                    "{orders} {tells_total} {size} {offset} {limit}"
                );
            }
        }
    }
}

#[tokio::test]
async fn streams_are_send_and_hide_secrets() {
    fn travels<T: Stream + Send + Unpin + 'static>(_: &T) {}
    let shop = Shop::honest(1, false).await;
    let mut pages = shop.request(&LIST).pages();
    travels(&pages);
    let items = shop.request(&LIST).orders();
    travels(&items);
    for shown in [format!("{pages:?}"), format!("{items:?}")] {
        assert!(shown.contains("ListOrders"), "{shown}");
        assert_no_canary(&shown);
    }
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!((page.status().as_u16(), page.total), (200, None));
    assert_no_canary(&format!("{pages:?}"));
}
