//! Servers that return the same items again. Each list ends, and says if items may be missing.

use scorekit_core::ErrorKind;
use serde_json::json;

use super::shop::*;
use crate::*;

/// Reads a list of such a server, and checks that it ends with this error after these requests.
async fn ends_incomplete(
    server: impl Fn(&Asked) -> String + Send + 'static,
    expected: &[usize],
    requests: usize,
) {
    let shop = Shop::new(server).await;
    let (ids, error) = read(shop.request(&LIST).orders()).await;
    assert_eq!(ids, expected);
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    assert_eq!(error.operation(), Some("ListOrders"));
    assert_eq!(shop.asked().len(), requests, "{:?}", shop.asked());
}

#[tokio::test]
async fn server_that_ignores_the_offset_gets_two_requests() {
    ends_incomplete(|_| page_of(vec![0, 1], None), &[0, 1], 2).await;
    ends_incomplete(|_| page_of(vec![0, 1], Some(6)), &[0, 1], 2).await;
    // The message names the page, the problem and the solution.
    let shop = Shop::new(|_| {
        let body = body_of([0, 1], None);
        let id = "connection: close\r\nx-request-id: r-7\r\n";
        http_response("200 OK", id, &body)
    })
    .await;
    let (_, error) = read(shop.request(&LIST).orders()).await;
    let error = error.unwrap();
    assert_eq!(error.request_id(), Some("r-7"));
    assert_eq!(
        error.to_string(),
        "ListOrders: 200 OK: cannot read the whole list: the page at `page[offset]` 2 has only \
         items of earlier pages; use the items so far, or narrow the list with filters or another \
         page size; request id r-7"
    );
}

#[tokio::test]
async fn repeated_page_is_not_an_error_if_the_end_is_confirmed() {
    let shop = Shop::new(|asked| match asked.number {
        // Another item was removed meanwhile.
        0 => page_of(vec![0, 1], Some(3)),
        _ => page_of(vec![0, 1], Some(2)),
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1]);
    assert_eq!(lengths(shop.request(&LIST).pages()).await, [2]);
}

#[tokio::test]
async fn repeated_page_stops_the_list() {
    for repeated in [[2, 3], [0, 1]] {
        let server = move |asked: &Asked| match asked.number {
            0 => page_of(vec![0, 1], None),
            1 => page_of(vec![2, 3], None),
            _ => page_of(repeated.into(), None),
        };
        ends_incomplete(server, &[0, 1, 2, 3], 3).await;
    }
}

#[tokio::test]
async fn shuffled_items_are_known() {
    let server = |asked: &Asked| {
        let mut ids = vec![0, 1, 2, 3, 4];
        ids.rotate_left(asked.number);
        page_of(ids, None)
    };
    ends_incomplete(server, &[0, 1, 2, 3, 4], 2).await;
    // Without ids, too.
    let server = |asked: &Asked| {
        let mut items = vec![
            json!({"id": 0, "key": {"id": 1}}),
            json!({"id": 0, "key": {"id": 2}}),
        ];
        items.rotate_left(asked.number % 2);
        page_with(items)
    };
    let shop = Shop::new(server).await;
    let (ids, error) = read(shop.request(&LIST_BY_CONTENT).orders()).await;
    assert_eq!((ids, shop.asked().len()), (vec![0, 0], 2));
    assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
}

/// Reads pages of which each begins one item after the page before, so most items are known.
#[tokio::test]
async fn moved_window_returns_each_item_once() {
    let server = |asked: &Asked| page_of((asked.number..6).take(2).collect(), Some(6));
    let shop = Shop::new(server).await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3, 4, 5]);
    let shop = Shop::new(server).await;
    assert_eq!(lengths(shop.request(&LIST).pages()).await, [2, 2, 2, 2, 2]);
    // The limit counts the items that the caller gets.
    let shop = Shop::new(server).await;
    let (ids, _) = read(shop.request(&LIST).orders().limit(3)).await;
    assert_eq!((ids, shop.asked().len()), (vec![0, 1, 2], 2));
    // A window that moves within the same five items.
    let server = |asked: &Asked| page_of(vec![asked.number % 5, (asked.number + 1) % 5], None);
    ends_incomplete(server, &[0, 1, 2, 3, 4], 5).await;
}

static BY_CONTENT: scorekit_core::Pagination = paging(scorekit_core::PageStyle::Offset(
    scorekit_core::PageParameter::Query("page[offset]"),
))
.properties(&["/id", "/name", "/tags/name", "/key/id", "/a~1b~0c"])
.max_size(2);
static LIST_BY_CONTENT: Operation = operation(Some(&BY_CONTENT));

#[derive(Debug, serde::Deserialize)]
struct Named {
    data: Vec<Value>,
}

/// Reads values without ids, and returns their number, the error, and the number of requests.
async fn values(server: impl Fn(&Asked) -> String + Send + 'static) -> (usize, ErrorKind, usize) {
    let shop = Shop::new(server).await;
    let mut items = shop
        .request_as::<Named>(&LIST_BY_CONTENT)
        .items(|page| page.data);
    let mut count = 0;
    loop {
        match items.next().await.unwrap() {
            Ok(_) => count += 1,
            Err(error) => return (count, error.kind(), shop.asked().len()),
        }
    }
}

#[tokio::test]
async fn items_without_usable_ids_are_known_by_their_documented_properties() {
    let incomplete = |count| (count, ErrorKind::Incomplete, 2);
    for id in [
        json!(null),
        json!([1]),
        json!(1.5),
        json!({"x": 1}),
        json!("same"),
        json!(0),
    ] {
        let server = move |asked: &Asked| {
            // These are not in the document.
            let at = asked.number;
            page_with(["a", "b"].map(|name| {
                json!({
                    "id": id, "name": name, "at": at, "a/b~c": 1,
                    "tags": [{"name": "x", "at": at}, {"at": at}],
                    "key": {"id": 1, "at": {"at": at}},
                })
            }))
        };
        assert_eq!(values(server).await, incomplete(2));
    }
    // A type that is not a string or an integer makes no identity.
    let server = |asked: &Asked| {
        let at = asked.number;
        page_with(["a", "b"].map(|name| json!({"id": name, "type": [], "name": "n", "at": at})))
    };
    assert_eq!(values(server).await, incomplete(2));
    // Values that are not objects.
    assert_eq!(
        values(|_| page_with([json!("a"), json!([1, {"name": 2}])])).await,
        incomplete(2)
    );
}

#[tokio::test]
async fn items_with_different_documented_properties_are_different() {
    let names = [r#""a""#, r#""b""#, r#""c\u0041""#, r#"["d"]"#, "1"];
    let orders = [
        ("name", 4),
        ("a/b~c", 4),
        // Not documented.
        ("other", 0),
    ];
    for (property, further) in orders {
        let shop = Shop::new(move |asked| {
            let name = names[asked.number.min(4)];
            json_page(&format!(r#"{{"data": [{{"{property}": {name}}}]}}"#))
        })
        .await;
        let request = shop.request_as::<Named>(&LIST_BY_CONTENT);
        let mut items = request.items(|page| page.data);
        let mut count = 0;
        while let Some(Ok(_)) = items.next().await {
            count += 1;
        }
        assert_eq!(count, 1 + further, "{property}");
    }
}

#[tokio::test]
async fn order_escapes_and_nulls_make_no_difference() {
    let server = |asked: &Asked| {
        let items = match asked.number {
            0 => r#"[{"id": null, "name": "x/é", "key": {"id": 1}}]"#,
            _ => r#"[{"key":{"id":1},"n\u0061me" : "x\/\u00e9","tags":null}]"#,
        };
        json_page(&format!(r#"{{"data": {items}}}"#))
    };
    assert_eq!(values(server).await, (1, ErrorKind::Incomplete, 2));
}

/// Distinguishes equal ids by their types.
#[tokio::test]
async fn type_is_part_of_the_id() {
    let shop = Shop::new(|asked| {
        let kind = ["a", "b", "b"][asked.number.min(2)];
        page_with((0..2).map(|id| json!({"id": id, "type": kind})))
    })
    .await;
    let (ids, error) = read(shop.request(&LIST).orders()).await;
    assert_eq!(ids, [0, 1, 0, 1]);
    assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
}

/// Reads from a server that ignores the size as well, and returns other properties each time.
#[tokio::test]
async fn changed_items_with_the_same_ids_are_known() {
    let server = |asked: &Asked| {
        let at = asked.number;
        json_page(&format!(
            r#"{{"at": {at}, "data": [{{"id": 1, "age": {at}}}, {{"id": 2}}, {{"id": 3}}]}}"#
        ))
    };
    ends_incomplete(server, &[1, 2, 3], 2).await;
}

/// Checks that deep nesting does not exhaust the stack.
#[tokio::test]
async fn deep_items_are_compared() {
    let deep = "[".repeat(120) + &"]".repeat(120);
    let server = move |_: &Asked| {
        json_page(&format!(
            r#"{{"data": [{{"name": {deep}}}, {{"name": {deep}, "key": 1}}]}}"#
        ))
    };
    assert_eq!(values(server).await.1, ErrorKind::Incomplete);
}
