//! The requests on the wire, and their successful responses.

use super::*;
use scorekit_core::{ErrorKind, ParameterStyle, StatusCode};

#[tokio::test]
async fn request_has_only_documented_parts() {
    let server = Canned::json("200 OK", "{}").await;
    let host = server.url.trim_start_matches("http://").to_owned();
    let client = server.client(keys().user_agent("probe/1.0"));
    let request = client
        .request::<Value>(&CREATE_RULE)
        .json(&serde_json::json!({"name": "ä"}));
    request.send().await.unwrap();

    let seen = server.seen().await;
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /api/v2/rules HTTP/1.1");
    lines.sort_unstable();
    // The header lists every supported encoding, and is absent without one.
    let compressions = [
        ("gzip", cfg!(feature = "gzip")),
        ("br", cfg!(feature = "brotli")),
        ("zstd", cfg!(feature = "zstd")),
    ];
    let accepted = lines
        .iter()
        .find_map(|line| line.strip_prefix("accept-encoding: "));
    let mut accepted: Vec<&str> = accepted.map_or(Vec::new(), |list| list.split(',').collect());
    accepted.iter_mut().for_each(|name| *name = name.trim());
    accepted.sort_unstable();
    let mut expected: Vec<&str> = compressions
        .iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| *name)
        .collect();
    expected.sort_unstable();
    assert_eq!(accepted, expected);
    lines.retain(|line| !line.starts_with("accept-encoding: "));
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        lines,
        [
            "accept: application/json",
            "content-length: 13",
            "content-type: application/json",
            &format!("dd-api-key: {API_KEY}"),
            &format!("dd-application-key: {APPLICATION_KEY}"),
            &format!("host: {host}"),
            &format!("user-agent: scorekit/{version} probe/1.0"),
        ]
    );
    assert_eq!(body, "{\"name\":\"ä\"}");
}

#[tokio::test]
async fn paths_and_queries_are_escaped_and_the_last_value_wins() {
    let server = Canned::json("200 OK", "{}").await;
    let client = Client::new(keys().base_url(&format!("{}/prefix/", server.url))).unwrap();
    let request = client
        .request::<Value>(&GET_RULE)
        .path("rule_id", &"a/../b?c#d%2e é-._~")
        .query("page[size]", &10)
        .query("filter", &"x&y=z +'")
        .query("page[size]", &25);
    request.send().await.unwrap();
    let seen = server.seen().await;
    assert_eq!(
        seen.lines().next().unwrap(),
        "GET /prefix/api/v2/rules/a%2F..%2Fb%3Fc%23d%252e%20%C3%A9-._~\
         ?page%5Bsize%5D=25&filter=x%26y%3Dz%20%2B%27 HTTP/1.1"
    );
    assert!(!seen.contains("content-type"));
}

#[tokio::test]
async fn first_complete_security_alternative_is_used() {
    let server = Canned::json("200 OK", "{}").await;
    let credentials = Credentials::scheme(datadog::API_KEY_AUTH, API_KEY)
        .merge(Credentials::datadog_bearer(TOKEN));
    let client = server.client(Config::new().credentials(credentials));
    get_rule(&client).send().await.unwrap();
    let seen = server.seen().await;
    assert!(
        seen.contains(&format!("authorization: Bearer {TOKEN}\r\n")),
        "{seen}"
    );
    assert!(
        !seen.contains(API_KEY),
        "a key that was not asked for was sent"
    );
}

#[tokio::test]
async fn query_cookie_and_basic_credentials_are_sent() {
    let server = Canned::json("200 OK", "{}").await;
    let credentials = Credentials::scheme("queryKey", "q&1")
        .merge(Credentials::scheme("cookieKey", "c1"))
        .merge(Credentials::scheme("basic", "Aladdin:open sesame"));
    let client = server.client(Config::new().credentials(credentials));
    client.request::<Value>(&ODD_KEYS).send().await.unwrap();
    let seen = server.seen().await;
    assert!(
        seen.starts_with("GET /values?key%5B%5D=q%261 HTTP/1.1"),
        "{seen}"
    );
    assert!(seen.contains("cookie: session=c1\r\n"), "{seen}");
    // The example of RFC 7617, section 2.
    assert!(
        seen.contains("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn default_headers_are_sent_where_listed_and_the_call_overrides_them() {
    let config = || {
        let context = Credentials::new()
            .dcycle_organization("org-1")
            .dcycle_user("user-1");
        keys().credentials(context)
    };
    let server = Canned::json("200 OK", "{}").await;
    let client = server.client(config());
    let request = client
        .request::<Value>(&LIST_VALUES)
        .header("x-user-id", &"user-2");
    request.send().await.unwrap();
    let seen = server.seen().await;
    assert!(seen.contains("x-organization-id: org-1\r\n"), "{seen}");
    assert!(seen.contains("x-user-id: user-2\r\n"), "{seen}");
    assert!(!seen.contains("user-1"), "{seen}");
    assert!(
        !seen.contains("canary"),
        "keys were sent that no alternative asks for"
    );

    let server = Canned::json("200 OK", "{}").await;
    get_rule(&server.client(config())).send().await.unwrap();
    assert!(!server.seen().await.contains("x-organization-id"));
}

#[tokio::test]
async fn one_server_can_be_overridden_alone() {
    let server = Canned::json("200 OK", "{}").await;
    let config = Config::new()
        .base_url("https://nowhere.invalid")
        .server_url(dcycle::SERVER, &server.url);
    let client = Client::new(config).unwrap();
    client.request::<Value>(&LIST_VALUES).send().await.unwrap();
    assert!(server.seen().await.starts_with("GET /values HTTP/1.1"));
}

#[tokio::test]
async fn arguments_that_address_another_operation_are_rejected() {
    // No server listens on port 1: sending would cause another kind of error.
    let client = Client::new(keys().base_url("http://127.0.0.1:1")).unwrap();
    for (value, says) in [("", "empty"), (".", "dot segment"), ("..", "dot segment")] {
        let request = client.request::<()>(&DELETE_RULE).path("rule_id", &value);
        let error = request.send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.operation(), Some("DeleteRule"));
        let text = error.to_string();
        assert!(
            text.contains(": the path parameter \"rule_id\" is"),
            "{text}"
        );
        assert!(text.contains(says), "{text}");
    }
    let error = client.request::<()>(&DELETE_RULE).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DeleteRule: the path parameter \"rule_id\" has no value; set it"
    );
}

#[tokio::test]
async fn other_invalid_arguments_are_rejected() {
    struct Unwritable;
    impl std::fmt::Display for Unwritable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }
    let client = Client::new(keys().base_url("http://127.0.0.1:1")).unwrap();
    let unserialisable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let requests = [
        (
            get_rule(&client).header("x-user-id", &"a\r\nb: c"),
            "header \"x-user-id\"",
        ),
        (
            get_rule(&client).header("x user", &"a"),
            "not a header name",
        ),
        (get_rule(&client).query("filter", &Unwritable), "\"filter\""),
        (
            get_rule(&client).json(&unserialisable),
            "cannot write the body as JSON",
        ),
    ];
    for (request, says) in requests {
        let error = request.clone().send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn empty_response_type_ignores_the_body() {
    for raw in [
        http_response("202 Accepted", "", "<html>queued</html>"),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        // The body breaks off, but the outcome was known before it.
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_owned(),
    ] {
        let server = Canned::new(raw).await;
        let client = server.client(keys());
        let request = client.request::<()>(&DELETE_RULE).path("rule_id", &"r-1");
        let response = request.send().await.unwrap();
        assert!(response.status().is_success());
        response.into_inner();
    }
}

#[tokio::test]
async fn response_has_status_headers_and_value() {
    let raw = http_response("201 Created", "x-request-id: abc\r\n", "{\"data\": [1, 2]}");
    let server = Canned::new(raw).await;
    let response = get_rule(&server.client(keys())).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["x-request-id"], "abc");
    assert_eq!(response.request_id(), Some("abc"));
    assert_eq!(response["data"][1], 2);
    assert_eq!(
        response
            .clone()
            .map(|value| value["data"][0].clone())
            .into_inner(),
        1
    );
    assert!(format!("{response:?}").contains("201"));
}

#[test]
fn requests_are_send_and_static() {
    fn travels<T: Send + 'static>(_: &T) {}
    struct NeitherCloneNorDebug;
    let client = Client::new(keys()).unwrap();
    let request = client
        .request::<NeitherCloneNorDebug>(&GET_RULE)
        .path("rule_id", &String::from("r-1"));
    travels(&request);
    travels(&get_rule(&client).send());
    let shown = format!("{:?}", request.clone());
    assert!(
        shown.contains("GetRule") && shown.contains("r-1"),
        "{shown}"
    );
    assert_no_canary(&shown);
}

#[tokio::test]
async fn response_may_lack_a_body_if_its_status_allows_it() {
    struct Page {
        data: Vec<u8>,
    }
    scorekit_core::json_object! {
        Page { data = "data" or_default }
        unknown properties rejected
    }
    for (raw, data) in [
        (http_response("202 Accepted", "", ""), vec![]),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), vec![]),
        (
            http_response("202 Accepted", "", "{\"data\": [1]}"),
            vec![1],
        ),
        (
            http_response("200 OK", "", "{\"data\": null, \"more\": 1}"),
            vec![],
        ),
    ] {
        let server = Canned::new(raw).await;
        let client = server.client(keys());
        let request = client.request::<Page>(&GET_RULE).path("rule_id", &1);
        assert_eq!(request.send().await.unwrap().into_inner().data, data);
    }
}

#[tokio::test]
async fn empty_exploded_list_is_omitted() {
    let none: &[String] = &[];
    let exploded = ParameterStyle::FormExploded;
    let server = Canned::json("200 OK", "{}").await;
    let client = server.client(keys());
    let request = client.request::<Value>(&CREATE_RULE);
    let request = request
        .query_value("tags", exploded, none)
        .query("q", &0)
        .field("tags", exploded, none)
        .field("a", ParameterStyle::Form, &1)
        .field("more", exploded, none)
        .cookie_value("list", exploded, none)
        .cookie("b", &2);
    request.send().await.unwrap();
    let seen = server.seen().await;
    assert!(
        seen.starts_with("POST /api/v2/rules?q=0 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("\r\ncookie: b=2\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\na=1"), "{seen}");

    // An empty form is still a form, and an absent cookie sends no header.
    let server = Canned::json("200 OK", "{}").await;
    let client = server.client(keys());
    let request = client.request::<Value>(&CREATE_RULE);
    let request = request.field("tags", exploded, none);
    let request = request.cookie_value("list", exploded, none);
    request.send().await.unwrap();
    let seen = server.seen().await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    assert!(seen.contains(form), "{seen}");
    assert!(seen.ends_with("\r\n\r\n"), "{seen}");
    assert!(!seen.contains("cookie"), "{seen}");
}
