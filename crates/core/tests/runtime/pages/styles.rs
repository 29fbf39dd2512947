//! Lists with cursors and links, in the places where vendors put them.

use scorekit_core::{ErrorKind, PageParameter, PageStyle, Pagination};
use serde_json::json;

use super::shop::*;
use crate::*;

const NEXT: PageStyle = PageStyle::Cursor {
    parameter: PageParameter::Query("cursor"),
    next: &["meta", "next"],
};
static CURSOR: Pagination = paging(NEXT);
static IN_BODY: Pagination = Pagination::new(
    PageStyle::Cursor {
        parameter: PageParameter::Body(&["page", "cursor"]),
        next: &["meta", "next"],
    },
    &["data"],
)
.size(PageParameter::Body(&["page", "limit"]))
.max_size(2);
static OFFSET_IN_BODY: Pagination = Pagination::new(
    PageStyle::Offset(PageParameter::Body(&["offset"])),
    &["data"],
)
.size(PageParameter::Body(&["limit"]))
.max_size(2)
.total(&["total"]);
const LINK: PageStyle = PageStyle::Link {
    parameters: &["cursor", "page[size]"],
};
static LINK_HEADER: Pagination = Pagination::new(LINK, &["data"]).link_header();
static LINK_IN_BODY: Pagination = Pagination::new(LINK, &["data"]).next_link(&["links", "next"]);
static HEADER_BESIDE_OFFSET: Pagination = Pagination::new(
    PageStyle::Offset(PageParameter::Query("page[offset]")),
    &["data"],
)
.size(PageParameter::Query("page[size]"))
.max_size(2)
.link_header();

static BY_CURSOR: Operation = operation(Some(&CURSOR));
static BY_CURSOR_IN_BODY: Operation = posted(&IN_BODY);
static BY_OFFSET_IN_BODY: Operation = posted(&OFFSET_IN_BODY);
static BY_LINK_HEADER: Operation = operation(Some(&LINK_HEADER));
static BY_LINK_IN_BODY: Operation = operation(Some(&LINK_IN_BODY));
static BY_OFFSET_AND_HEADER: Operation = operation(Some(&HEADER_BESIDE_OFFSET));

const fn posted(pagination: &'static Pagination) -> Operation {
    Operation::new("SearchOrders", Method::POST, "/orders/search", &DATADOG)
        .security(KEYS)
        .pagination(pagination)
}

/// Returns a page of two orders from `first` on, with a cursor unless it is the third page.
fn page_with_cursor(first: usize) -> String {
    let data = [first, first + 1].map(|id| json!({"id": id}));
    let next = (first < 4).then(|| format!("c{}", first + 2));
    json_page(&json!({"data": data, "meta": {"next": next}}).to_string())
}

#[tokio::test]
async fn cursors_are_followed_until_there_is_none() {
    for ahead in [0, 5] {
        let shop = Shop::new(|asked| {
            page_with_cursor(asked.after("cursor=c").map_or(0, |it| it.parse().unwrap()))
        })
        .await;
        let request = shop.request(&BY_CURSOR).query("filter", &"a");
        let (ids, error) = read(request.clone().orders().prefetch(ahead)).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
        assert_eq!(
            shop.asked(),
            ["filter=a", "filter=a&cursor=c2", "filter=a&cursor=c4"]
        );
        assert_eq!(
            lengths(request.query("cursor", &"c2").pages()).await,
            [2, 2]
        );
    }
}

#[tokio::test]
async fn cursors_stand_in_bodies() {
    let shop = Shop::new(|asked| {
        page_with_cursor(
            asked
                .after(r#""cursor":"c"#)
                .map_or(0, |it| it.parse().unwrap()),
        )
    })
    .await;
    let search = json!({"filter": {"n": 1.5}, "page": {"other": [1]}});
    let request = shop.request(&BY_CURSOR_IN_BODY).json(&search);
    assert_eq!(ids(request).await, [0, 1, 2, 3, 4, 5]);
    let bodies: Vec<Value> = shop
        .asked()
        .iter()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let expected = |cursor: Option<&str>| {
        let mut body = search.clone();
        body["page"]["limit"] = json!(2);
        if let Some(cursor) = cursor {
            body["page"]["cursor"] = json!(cursor);
        }
        body
    };
    assert_eq!(
        bodies,
        [expected(None), expected(Some("c2")), expected(Some("c4"))]
    );
    // Without a body, one is sent.
    let shop = Shop::new(|_| json_page(r#"{"data": [{"id": 1}]}"#)).await;
    assert_eq!(ids(shop.request(&BY_CURSOR_IN_BODY)).await, [1]);
    assert_eq!(shop.asked(), [r#"{"page":{"limit":2}}"#]);
}

#[tokio::test]
async fn offsets_stand_in_bodies() {
    let shop = Shop::new(|asked| {
        let (_, body) = asked.text.split_once('{').unwrap();
        let body: Value = serde_json::from_str(&format!("{{{body}")).unwrap();
        assert_eq!(body["limit"], 2);
        let first = body["offset"].as_u64().unwrap_or(0) as usize;
        page_of((0..5).skip(first).take(2).collect(), Some(5))
    })
    .await;
    let request = shop.request(&BY_OFFSET_IN_BODY).json(&json!({"offset": 1}));
    assert_eq!(ids(request.clone()).await, [1, 2, 3, 4]);
    let (ids, error) = read(request.orders().prefetch(4)).await;
    assert!(error.is_none());
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[tokio::test]
async fn repeated_cursor_ends_the_list() {
    let loops = |cursors: &'static [&'static str]| {
        move |asked: &Asked| {
            let data = [json!({"id": asked.number})];
            let next = cursors[asked.number % cursors.len()];
            json_page(&json!({"data": data, "meta": {"next": next}}).to_string())
        }
    };
    for cursors in [&["a"][..], &["a", "b"], &["a", "b", "c"]] {
        let shop = Shop::new(loops(cursors)).await;
        let (ids, error) = read(shop.request(&BY_CURSOR).orders()).await;
        // The page with the repeated cursor is new.
        assert_eq!(ids, Vec::from_iter(0..=cursors.len()));
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert!(error.to_string().contains("repeats the cursor"), "{error}");
        // The cursor that the caller sets counts as well.
        let shop = Shop::new(loops(cursors)).await;
        let (ids, _) = read(shop.request(&BY_CURSOR).query("cursor", &"a").orders()).await;
        assert_eq!(ids, [0]);
    }
}

#[tokio::test]
async fn endless_cursors_end() {
    // The items repeat.
    let shop = Shop::new(|asked| {
        let next = asked.number;
        json_page(&json!({"data": [{"id": 1}], "meta": {"next": next}}).to_string())
    })
    .await;
    let (ids, error) = read(shop.request(&BY_CURSOR).orders()).await;
    assert_eq!((ids, shop.asked().len()), (vec![1], 2));
    assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
    // There are no items.
    let shop = Shop::new(|asked| {
        let next = format!("c{}", asked.number);
        json_page(&json!({"data": [], "meta": {"next": next}}).to_string())
    })
    .await;
    let (ids, error) = read(shop.request(&BY_CURSOR).orders()).await;
    assert_eq!((ids.len(), shop.asked().len()), (0, 101));
    assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
}

#[tokio::test]
async fn empty_page_with_a_cursor_is_not_the_end() {
    let shop = Shop::new(|asked| match asked.number {
        0 | 2 => json_page(&json!({"data": [], "meta": {"next": asked.number}}).to_string()),
        1 => json_page(r#"{"data": [{"id": 1}], "meta": {"next": "x"}}"#),
        _ => json_page(r#"{"data": [{"id": 3}], "meta": {"next": ""}}"#),
    })
    .await;
    assert_eq!(ids(shop.request(&BY_CURSOR)).await, [1, 3]);
}

/// Follows links to another host: the client takes the known parameters, and calls its own host.
#[tokio::test]
async fn links_give_parameters_but_no_host() {
    for operation in [&BY_LINK_HEADER, &BY_LINK_IN_BODY] {
        let shop = Shop::new(|asked| {
            let first = asked.after("cursor=c").map_or(0, |it| it.parse().unwrap());
            let data = [first, first + 1].map(|id| json!({"id": id}));
            let link = match first {
                0 => "https://evil.example/steal?cursor=c2&token=1&page%5Bsize%5D=7",
                2 => "/other?cursor=c4",
                _ => "",
            };
            let body = json!({"data": data, "links": {"next": link}}).to_string();
            let headers = match link {
                "" => "connection: close\r\nlink: </>; rel=first\r\n".to_owned(),
                _ => format!("connection: close\r\nlink: <{link}>; rel=\"next\"\r\n"),
            };
            http_response("200 OK", &headers, &body)
        })
        .await;
        assert_eq!(
            ids(shop.request(operation).query("filter", &"a")).await,
            [0, 1, 2, 3, 4, 5]
        );
        assert_eq!(
            shop.asked(),
            [
                "filter=a",
                "filter=a&cursor=c2&page[size]=7",
                "filter=a&cursor=c4&page[size]=7",
            ]
        );
    }
}

#[tokio::test]
async fn unusable_links_end_the_list_with_an_error() {
    for link in ["?token=1", "http://[", "?cursor=c1"] {
        let shop = Shop::new(move |asked| {
            let data = [json!({"id": asked.number})];
            json_page(&json!({"data": data, "links": {"next": {"href": link}}}).to_string())
        })
        .await;
        let (ids, error) = read(shop.request(&BY_LINK_IN_BODY).orders()).await;
        assert!(ids.len() <= 2, "{link}");
        assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete, "{link}");
    }
}

#[tokio::test]
async fn header_next_to_an_offset_confirms_the_end() {
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let body = body_of((first..3).take(2), None);
        let relation = if first == 0 { "next" } else { "prev" };
        http_response(
            "200 OK",
            &format!("connection: close\r\nlink: </x>; rel={relation}\r\n"),
            &body,
        )
    })
    .await;
    assert_eq!(ids(shop.request(&BY_OFFSET_AND_HEADER)).await, [0, 1, 2]);
    assert_eq!(shop.asked().len(), 2);
}

/// Reads two operations that return the same type, with their items in different properties.
#[tokio::test]
async fn operations_share_a_response_type() {
    #[derive(serde::Deserialize)]
    struct Both {
        open: Vec<Order>,
        closed: Vec<Order>,
    }
    static OPEN: Pagination = Pagination::new(NEXT, &["open"]);
    static CLOSED: Pagination = Pagination::new(NEXT, &["closed"]);
    static LIST_OPEN: Operation = operation(Some(&OPEN));
    static LIST_CLOSED: Operation = operation(Some(&CLOSED));
    let shop = Shop::new(|asked| {
        let next = (asked.number % 2 == 0).then(|| format!("c{}", asked.number));
        let order = json!({"id": asked.number});
        let meta = json!({"next": next});
        json_page(&json!({"open": [order], "closed": [order, order], "meta": meta}).to_string())
    })
    .await;
    let open = shop.request_as::<Both>(&LIST_OPEN).items(|page| page.open);
    assert_eq!(read(open).await.0, [0, 1]);
    let closed = shop
        .request_as::<Both>(&LIST_CLOSED)
        .items(|page| page.closed);
    assert_eq!(read(closed).await.0, [2, 2, 3, 3]);
}

/// Reads a response that is a list itself.
#[tokio::test]
async fn body_may_be_the_list() {
    static BARE: Pagination =
        Pagination::new(PageStyle::Offset(PageParameter::Query("page[offset]")), &[]);
    static LIST_BARE: Operation = operation(Some(&BARE));
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let items: Vec<_> = (first..3).take(2).map(|id| json!({"id": id})).collect();
        json_page(&json!(items).to_string())
    })
    .await;
    let orders = shop.request_as::<Vec<Order>>(&LIST_BARE).items(|page| page);
    assert_eq!(read(orders).await.0, [0, 1, 2]);
}
