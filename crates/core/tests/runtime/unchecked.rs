//! Tests of what a request carries although the document does not list it, and of the trait that
//! all requests share, over real HTTP.

use std::collections::BTreeMap;

use scorekit_core::{
    ApiRequest, CallOptions, Client, ErrorKind, Method, Operation, PageParameter, PageStyle,
    Pagination, Request, Response, RetryPolicy, Value,
};
use serde_json::json;

use crate::push::journal::Place;
use crate::push::order_server::{ORDERS, OrderServer, PUT_ORDERS, failed, orders, results};
use crate::{
    API_KEY, CREATE_RULE, Canned, DCYCLE, Error, GET_RULE, ODD_KEYS, assert_no_canary, get_rule,
    keys, once,
};

static LIST_PAGES: Pagination = Pagination::new(
    PageStyle::Offset(PageParameter::Query("page[offset]")),
    &["data"],
)
.size(PageParameter::Query("page[size]"))
.max_size(10);
static LIST: Operation =
    Operation::new("List", Method::GET, "/list", &DCYCLE).pagination(&LIST_PAGES);

async fn sent(change: impl FnOnce(Request<Value>) -> Request<Value>) -> String {
    let server = Canned::json("200 OK", "{}").await;
    let client = server.client(once());
    let request = client
        .request::<Value>(&CREATE_RULE)
        .json(&json!({"b": 2.0, "a": {"x": null}}));
    change(request).send().await.unwrap();
    server.seen().await
}

async fn rejected(request: Request<Value>) -> String {
    let error = request.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.attempts(), 0);
    error.to_string()
}

fn client() -> Client {
    Client::new(once().base_url("http://127.0.0.1:9")).unwrap()
}

#[tokio::test]
async fn unlisted_parameters_and_headers_are_sent() {
    let seen = sent(|request| {
        request
            .query("known", &1)
            .query("kept", &"a")
            .query_unchecked("new[]", "a&b")
            .query_unchecked("new[]", 2)
            .query_unchecked("known", true)
            .header_unchecked("X-New", "first")
            .header_unchecked("x-new", "last")
            .header_unchecked("accept", "application/vnd.new+json")
            .header_unchecked("content-type", "application/vnd.api+json")
    })
    .await;
    assert!(
        seen.starts_with("POST /api/v2/rules?kept=a&new%5B%5D=a%26b&new%5B%5D=2&known=true HTTP"),
        "{seen}"
    );
    for line in [
        "x-new: last",
        "accept: application/vnd.new+json",
        "content-type: application/vnd.api+json",
    ] {
        let name = line.split(": ").next().unwrap();
        let named: Vec<_> = seen.lines().filter(|it| it.starts_with(name)).collect();
        assert!(named.contains(&line), "{seen}");
        assert_eq!(
            named
                .iter()
                .filter(|it| it.starts_with(&format!("{name}:")))
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn unlisted_properties_are_sent_in_the_body() {
    let seen = sent(|request| {
        request
            .body_unchecked("new", &BTreeMap::from([("n", 1)]))
            .body_unchecked("/a/x/y~1z", "deep")
            .body_unchecked("/new/n", &2)
    })
    .await;
    let (_, body) = seen.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        json!({"a": {"x": {"y/z": "deep"}}, "b": 2.0, "new": {"n": 2}})
    );
    // What was set otherwise keeps its text, such as that of a number.
    assert!(seen.contains("2.0"), "{seen}");
    // The body may be set later.
    let seen = sent(|request| request.body_unchecked("a", &1).json(&json!({}))).await;
    assert!(seen.ends_with(r#"{"a":1}"#), "{seen}");
}

#[tokio::test]
async fn a_body_without_a_place_for_a_property_is_rejected() {
    let create = || client().request::<Value>(&CREATE_RULE);
    for request in [
        create().body_unchecked("a", &1),
        create().json(&json!([1])).body_unchecked("a", &1),
        create().json("text").body_unchecked("/a/b", &1),
        create().content("text/plain", "{}").body_unchecked("a", &1),
        create().form().body_unchecked("a", &1),
    ] {
        let message = rejected(request).await;
        assert!(
            message.contains("needs a body that is a JSON object"),
            "{message}"
        );
    }
    let request = create().multipart().part("a", "b").body_unchecked("a", &1);
    assert!(rejected(request).await.contains("the body is a form"));
    let request = create().json(&json!({"a": 1})).body_unchecked("/a/b", &1);
    assert!(
        rejected(request)
            .await
            .contains(r#""a.b" leads through a value"#)
    );
    let request = create().json(&json!({})).body_unchecked("", &1);
    assert!(rejected(request).await.contains("has no name"));
    let request = create()
        .json(&json!({}))
        .body_unchecked("a", &BTreeMap::from([((1, 2), 3)]));
    assert!(rejected(request).await.contains("as JSON"));
}

#[tokio::test]
async fn credentials_and_the_connection_cannot_be_changed() {
    for name in [
        "Authorization",
        "proxy-authorization",
        "COOKIE",
        "dd-api-key",
        "DD-APPLICATION-KEY",
        "Host",
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "content-encoding",
        "accept-encoding",
        "Expect",
    ] {
        let message = rejected(get_rule(&client()).header_unchecked(name, "mine")).await;
        assert!(message.contains(name), "{message}");
    }
    let odd = client()
        .request::<Value>(&ODD_KEYS)
        .query_unchecked("key[]", "mine");
    let message = rejected(odd).await;
    assert!(
        message.contains(r#""key[]" carries a credential"#),
        "{message}"
    );
    for (name, value) in [
        ("x-a", "a\r\nx-b: c"),
        ("x-a", "\0"),
        ("x a", "b"),
        ("", "b"),
    ] {
        rejected(get_rule(&client()).header_unchecked(name, value)).await;
    }
    rejected(get_rule(&client()).query_unchecked("", "a")).await;
}

#[tokio::test]
async fn values_of_unlisted_headers_do_not_show() {
    let request = get_rule(&client())
        .header_unchecked("x-own-key", API_KEY)
        .body_unchecked("/secret", API_KEY)
        .query_unchecked("own", API_KEY);
    let shown = format!("{request:?}");
    assert_no_canary(&shown);
    assert!(shown.contains("x-own-key"), "{shown}");
}

#[tokio::test]
async fn unlisted_position_of_a_list_is_its_position() {
    let server = Canned::json("200 OK", r#"{"data": [1]}"#).await;
    let client = server.client(once());
    let request = client.request::<Page>(&LIST);
    let request = request
        .query_unchecked("page[offset]", 7)
        .query_unchecked("new", 1);
    let items = request
        .items(|page| page.data)
        .limit(1)
        .collect_all()
        .await
        .unwrap();
    assert_eq!(items, [1]);
    let seen = server.seen().await;
    assert!(
        seen.starts_with("GET /list?page%5Boffset%5D=7&page%5Bsize%5D=1&new=1 "),
        "{seen}"
    );
}

#[derive(serde::Deserialize)]
struct Page {
    data: Vec<u64>,
}

/// A request type in the form of generated ones.
struct GetRule(Request<Value>);

scorekit_core::api_request!(GetRule, Value, send);

/// Sends any request, and returns what the trait says about it.
async fn described<R: ApiRequest>(request: R) -> (String, Result<Response<R::Response>, Error>) {
    let operation = request.operation();
    let path = request.path().unwrap();
    let text = format!(
        "{} {} {} {path}",
        operation.id, operation.method, operation.path
    );
    let options = CallOptions::new().retry(RetryPolicy::none());
    let request = request
        .with(options)
        .query_unchecked("q", 1)
        .header_unchecked("x-h", 2);
    (text, request.send().await)
}

#[tokio::test]
async fn programs_are_generic_over_requests() {
    let text = "GetRule GET /api/v2/rules/{rule_id} /api/v2/rules/r%2F1";
    let server = Canned::json("200 OK", r#"{"id": 5}"#).await;
    let client = server.client(keys());
    let request = GetRule(client.request(&GET_RULE).path("rule_id", &"r/1"));
    let task = tokio::spawn(described(request));
    let (said, response) = task.await.unwrap();
    assert_eq!(said, text);
    assert_eq!(response.unwrap()["id"], 5);
    let seen = server.seen().await;
    assert!(
        seen.starts_with("GET /api/v2/rules/r%2F1?q=1 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("x-h: 2"), "{seen}");

    let server = Canned::json("404 Not Found", "{}").await;
    let request = server
        .client(keys())
        .request::<Value>(&GET_RULE)
        .path("rule_id", &"r/1");
    let (said, response) = described(request).await;
    assert_eq!(said, text);
    assert_eq!(response.unwrap_err().attempts(), 1);
}

#[test]
fn path_of_a_request_that_lacks_an_argument_is_an_error() {
    for request in [
        client().request::<Value>(&GET_RULE),
        get_rule(&client()).path("rule_id", &".."),
    ] {
        let error = ApiRequest::path(&request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.operation(), Some("GetRule"));
    }
}

#[tokio::test(start_paused = true)]
async fn pushes_send_unlisted_values_with_every_batch() {
    let server = OrderServer::kind();
    let request = server
        .request(&PUT_ORDERS)
        .body_unchecked("/data/first", &1);
    let push = request
        .push(&ORDERS, orders(25))
        .query_unchecked("dry_run", true)
        .header_unchecked("x-batch", "nightly")
        .body_unchecked("/data/attributes/new", &json!([2]))
        .body_unchecked("source", "test");
    let (results, progress) = results(push).await;
    assert_eq!((results.len(), progress.requests), (25, 3));
    assert_eq!(server.taken(), Vec::from_iter(0..25));
    for load in server.loads.lock().unwrap().iter() {
        assert_eq!(load.body["data"]["first"], 1);
        assert_eq!(load.body["data"]["type"], "orders");
        assert_eq!(load.body["data"]["attributes"], json!({"new": [2]}));
        assert_eq!(load.body["source"], "test");
    }
    for asked in server.script.asked() {
        assert_eq!(asked.url.query(), Some("dry_run=true"));
        assert_eq!(asked.headers["x-batch"], "nightly");
    }
}

#[tokio::test(start_paused = true)]
async fn pushes_with_wrong_unlisted_values_send_nothing() {
    let server = OrderServer::kind();
    let place = Place::new("unchecked-late");
    let push = || server.push(orders(3));
    for (push, cause) in [
        (push().header_unchecked("host", "x"), "set by the client"),
        (push().body_unchecked("/data/type/x", &1), "leads through"),
        (push().body_unchecked("/data/orders", &[1]), "must be empty"),
        (
            push().journal(&place.0).unwrap().query_unchecked("a", 1),
            "before Push::journal",
        ),
    ] {
        let (results, _) = results(push).await;
        assert_eq!(failed(&results), [0, 1, 2]);
        let error = results[&0].result.as_ref().unwrap_err();
        assert_eq!(error.error().kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(cause), "{error}");
    }
    assert!(server.script.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn journal_knows_pushes_by_their_unlisted_values() {
    let server = OrderServer::kind();
    let place = Place::new("unchecked");
    let push = |value: u64| server.push(orders(3)).query_unchecked("run", value);
    let (_, progress) = results(push(1).journal(&place.0).unwrap()).await;
    assert_eq!(progress.sent, 3);
    let error = push(2).journal(&place.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let with_header = push(1).header_unchecked("x-a", 1).journal(&place.0);
    assert_eq!(with_header.unwrap_err().kind(), ErrorKind::Configuration);
    let with_property = push(1).body_unchecked("a", &1).journal(&place.0);
    assert_eq!(with_property.unwrap_err().kind(), ErrorKind::Configuration);
}
