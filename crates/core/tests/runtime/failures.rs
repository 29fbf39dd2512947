//! The failures of a call, and the contents of their errors.

use std::time::Duration;

use super::*;
use scorekit_core::{ApiError, ErrorKind, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Returns the first error of a body.
async fn first(body: &str) -> ApiError {
    let error = failure("400 Bad Request", body).await;
    error
        .errors()
        .first()
        .unwrap_or_else(|| panic!("{body}: {error}"))
        .clone()
}

#[tokio::test]
async fn every_error_body_shape_becomes_one_type() {
    let details = [
        (r#"{"errors": ["text"]}"#, "text"),
        (r#"{"errors": "text"}"#, "text"),
        (r#"{"errors": {"detail": "text"}}"#, "text"),
        (r#"{"error": "text"}"#, "text"),
        (r#"{"error": {"message": "text"}}"#, "text"),
        (r#"{"detail": "text"}"#, "text"),
        (r#"{"detail": {"message": "text"}}"#, "text"),
        (r#"{"message": "text"}"#, "text"),
        (r#"["text"]"#, "text"),
        (r#"[{"detail": "text"}]"#, "text"),
        (r#""text""#, "text"),
        (r#"{"errors": [null, 3, {"detail": "text"}]}"#, "text"),
    ];
    for (body, detail) in details {
        assert_eq!(first(body).await.detail.as_deref(), Some(detail), "{body}");
    }
}

#[tokio::test]
async fn json_api_properties_are_kept() {
    let body = r#"{"errors": [
        {"title": "Bad", "detail": "d", "status": 400, "code": "E7", "id": "1",
         "source": {"pointer": "/data/attributes/name", "parameter": "p", "header": "h"},
         "meta": {"limit": 3}},
        {"title": "Worse", "status": "409", "code": 12, "detail": null}
    ]}"#;
    let error = failure("400 Bad Request", body).await;
    let [first, second] = error.errors() else {
        panic!("{error:?}");
    };
    assert_eq!(first.title.as_deref(), Some("Bad"));
    assert_eq!(first.status.as_deref(), Some("400"));
    assert_eq!(first.code.as_deref(), Some("E7"));
    let source = first.source.clone().unwrap();
    assert_eq!(source.pointer.as_deref(), Some("/data/attributes/name"));
    assert_eq!(source.parameter.as_deref(), Some("p"));
    assert_eq!(source.header.as_deref(), Some("h"));
    assert_eq!(first.meta.as_ref().unwrap()["limit"], 3);
    assert_eq!(second.status.as_deref(), Some("409"));
    assert_eq!(second.code.as_deref(), Some("12"));
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 400 Bad Request: Bad: d (parameter p) (header h) (body \
         /data/attributes/name); Worse"
    );
}

#[tokio::test]
async fn validation_errors_name_the_path() {
    let body = r#"{"detail": [{"loc": ["body", "items", 0, "a/b"], "msg": "field required"},
                              {"loc": ["query", "page"], "msg": "too large"}]}"#;
    let error = failure("422 Unprocessable Entity", body).await;
    assert_eq!(
        error.errors()[0]
            .source
            .as_ref()
            .unwrap()
            .pointer
            .as_deref(),
        Some("/items/0/a~1b")
    );
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 422 Unprocessable Entity: field required (body /items/0/a~1b); \
         too large (parameter page)"
    );
}

#[tokio::test]
async fn unknown_error_bodies_keep_the_status() {
    let html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\u{1b}[31m";
    let error = failure("502 Bad Gateway", html).await;
    assert_eq!(error.status(), Some(StatusCode::BAD_GATEWAY));
    assert!(error.errors().is_empty());
    let excerpt = "<html> <head><title>502 Bad Gateway</title></head> [31m";
    assert_eq!(error.body_excerpt(), Some(excerpt));
    assert_eq!(
        error.to_string(),
        format!("GetRule (rule_id r-1): 502 Bad Gateway: the body begins `{excerpt}`")
    );

    let error = failure("503 Service Unavailable", "").await;
    assert_eq!(error.body_excerpt(), None);
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 503 Service Unavailable"
    );

    let truncated = "HTTP/1.1 500 Internal Server Error\r\nx-request-id: r7\r\n\
                     content-length: 99\r\n\r\n{\"errors\": [";
    let server = Canned::new(truncated).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.body_excerpt(), Some("{\"errors\": ["));
    assert_eq!(error.request_id(), Some("r7"));
    assert!(error.to_string().contains("the body broke off"), "{error}");

    for body in [
        "{}",
        "[]",
        "null",
        "7",
        r#"{"data": {"id": "1"}}"#,
        &"[".repeat(5000),
    ] {
        let error = failure("418 I'm a teapot", body).await;
        assert!(error.errors().is_empty(), "{body}: {error:?}");
        assert_eq!(error.status(), Some(StatusCode::IM_A_TEAPOT));
    }
    let error = failure("599 Whatever", "").await;
    assert_eq!(error.to_string(), "GetRule (rule_id r-1): 599");
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Page {
    data: Vec<Item>,
    #[serde(rename = "odd.name")]
    odd: Option<std::collections::BTreeMap<String, u8>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Item {
    id: String,
    attributes: Attributes,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Attributes {
    created_at: String,
    score: Option<f64>,
    tags: Option<Vec<bool>>,
}

async fn decode_failure<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> Error {
    let server = Canned::json("200 OK", body).await;
    let client = server.client(keys());
    let request = client.request::<T>(&GET_RULE).path("rule_id", &1);
    request.send().await.unwrap_err()
}

#[tokio::test]
async fn decode_errors_name_the_path() {
    let body = "{\"data\": [\n {\"id\": \"1\", \"attributes\": {\"created_at\": \"x\"}},\n \
                {\"id\": \"2\", \"attributes\": {\"created_at\": 5}}]}";
    let error = decode_failure::<Page>(body).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert_eq!(error.json_path(), Some("data[1].attributes.created_at"));
    let text = error.to_string();
    let begins = "GetRule (rule_id 1): 200 OK: cannot decode data[1].attributes.created_at: \
                  invalid type: integer `5`, expected a string; near `";
    assert!(text.starts_with(begins), "{text}");
    assert!(std::error::Error::source(&error).is_some());

    // This path is more precise than that of `serde_path_to_error`, which names the whole document.
    let error = decode_failure::<Page>(r#"{"data": [], "data": []}"#).await;
    assert_eq!(error.json_path(), Some("data"));

    let error = decode_failure::<Page>("").await;
    assert!(error.to_string().ends_with("the body is empty"), "{error}");
    assert_eq!(error.json_path(), None);
}

/// Compares the paths with those of `serde_path_to_error`, which decodes once more.
#[tokio::test]
async fn decode_paths_match_serde_path_to_error() {
    let bodies = [
        r#"{"data":[{"id":"1","attributes":{"created_at":"x","score":"high"}}]}"#,
        r#"{"data":[{"id":"1","attributes":{"created_at":"x","tags":[true,false,"\"]}{"]}}]}"#,
        r#"{"data":[{"id":"a\"b,[{","attributes":{"score":1}}]}"#,
        r#"{"data":[{"id":"1","attributes":{"created_at":"x"}},{"id":"2"}]}"#,
        r#"{"data":[{"id":"1","attributes":{"created_at":"x"}},{"id":null}]}"#,
        r#"{"data":[{"id":"1","attributes":[]}]}"#,
        r#"{"data":{"id":"1"}}"#,
        r#"{"data":[{"id":{"a":[1,2]}}]}"#,
        r#"{"data":[ "text" ]}"#,
        r#"{"data":[],"odd.name":{"k":300}}"#,
        r#"{"data":[],"extra":[{"a":1},[2,3]],"odd.name":{"k":1,"m":true}}"#,
        r#"{"data":[{"id":"1","attributes":{"created_at":"x","score":1e999}}]}"#,
        r#"{"odd.name":null}"#,
        r#"[]"#,
        r#""text""#,
    ];
    for body in bodies {
        for body in [
            body.to_owned(),
            body.replace(':', " :\n\t").replace(',', "\r\n, "),
        ] {
            let mut deserializer = serde_json::Deserializer::from_str(&body);
            let expected = serde_path_to_error::deserialize::<_, Page>(&mut deserializer)
                .unwrap_err()
                .path()
                .to_string()
                .replace("odd.name", "[\"odd.name\"]");
            let error = decode_failure::<Page>(&body).await;
            assert_eq!(
                error.json_path().unwrap_or("."),
                expected,
                "{body}: {error}"
            );
        }
    }
}

/// Checks property names that the server chooses.
#[tokio::test]
async fn decode_paths_are_one_short_line() {
    for (name, shown) in [
        ("a\u{7f}b\u{85}c", r#"["a\u{7f}b\u{85}c"]"#.to_owned()),
        ("a\u{2028}b", r#"["a\u{2028}b"]"#.to_owned()),
        (&"long".repeat(1000), format!("{}…", "long".repeat(15))),
    ] {
        let body = format!("{{\"data\":[],\"extra\":{{\"{name}\": nil}}}}");
        let error = decode_failure::<Page>(&body).await;
        let text = error.to_string();
        assert!(!text.contains(char::is_control), "{text:?}");
        let path = error.json_path().unwrap();
        assert_eq!(path, format!("extra.{shown}").replace(".[", "["));
    }
    let body = format!("{}nil", r#"{"deep and":"#.repeat(100));
    let error = decode_failure::<Value>(&body).await;
    assert_eq!(error.json_path().unwrap().len(), 100 * 12);
    let text = error.to_string();
    assert!(text.contains("cannot decode …eep and\"][\"deep"), "{text}");
    assert!(text.chars().count() < 1000, "{text}");
}

/// Checks that a path that is deeper than any type shows its ends. Closed brackets change neither
/// end.
#[tokio::test]
async fn decode_paths_leave_out_the_middle() {
    let ends = |outer: &str, inner: &str| format!("extra{}…{}", outer.repeat(63), inner.repeat(64));
    for (begin, level, expected) in [
        ("", "[".repeat(300), ends("[0]", "[0]")),
        ("", "[7,".repeat(300), ends("[1]", "[1]")),
        (
            "",
            r#"[{"a":"#.repeat(100),
            format!("extra{}[0]…[0].a{}", "[0].a".repeat(31), "[0].a".repeat(31)),
        ),
        (
            &("[".repeat(500) + &"]".repeat(500) + ","),
            r#""b":["#.to_owned(),
            "b[0]".to_owned(),
        ),
        ("", "[".repeat(127), format!("extra{}", "[0]".repeat(127))),
    ] {
        let begin = if begin.is_empty() {
            "{\"extra\":".to_owned()
        } else {
            format!("{{\"a\":{begin}")
        };
        let error = decode_failure::<Page>(&format!("{begin}{level}nil")).await;
        let path = error.json_path().unwrap();
        assert!(path == expected, "{path}, expected {expected}");
    }
    let long = r#"{"a name that is longer than what is shown of it, which is sixty characters":"#;
    let error = decode_failure::<Page>(&format!("{{\"extra\":{}nil", long.repeat(120))).await;
    assert_eq!(error.json_path().unwrap().chars().count(), 4001);
}

#[tokio::test]
async fn truncated_and_trailing_json_is_a_decode_error() {
    let whole = r#"{"data":[{"id":"1","attributes":{"created_at":"é","tags":[true]}}]}"#;
    for length in (0..whole.len()).step_by(7) {
        let part = String::from_utf8_lossy(&whole.as_bytes()[..length]).into_owned();
        assert_eq!(
            decode_failure::<Page>(&part).await.kind(),
            ErrorKind::Decode,
            "{part}"
        );
    }
    let error = decode_failure::<Page>(&whole[..30]).await;
    assert_eq!(error.json_path(), Some("data[0]"), "{error}");
    let error = decode_failure::<Page>(&format!("{whole} x")).await;
    assert_eq!(error.json_path(), None);
    assert!(error.to_string().contains("trailing characters"), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let location = "location: https://elsewhere.example:8443/login?next=1\r\n";
    let server = Canned::new(http_response("302 Found", location, "")).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(StatusCode::FOUND));
    let text = error.to_string();
    assert!(
        text.contains("302 Found: the server redirects to elsewhere.example:8443; "),
        "{text}"
    );
}

#[tokio::test]
async fn broken_connection_is_a_connection_error() {
    let server = Canned::new("").await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);

    let server = Canned::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[tokio::test]
async fn slow_response_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = once().base_url(&url).timeout(Duration::from_millis(50));
    let error = get_rule(&Client::new(config).unwrap())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let text = error.to_string();
    let says = "within 50ms; raise Config::timeout";
    assert!(text.contains(says), "{text}");
}

#[tokio::test]
async fn errors_hide_credentials() {
    let echo = format!(r#"{{"errors": ["{API_KEY} is not valid for {APPLICATION_KEY}"]}}"#);
    let error = failure("403 Forbidden", &echo).await;
    assert_no_canary(&everything(&error));
    assert!(
        error.to_string().contains("*** is not valid for ***"),
        "{error}"
    );

    let error = failure("500 Internal Server Error", &format!("<p>{API_KEY}</p>")).await;
    assert_no_canary(&everything(&error));

    let error = decode_failure::<Vec<u8>>(&format!("\"{API_KEY}\"")).await;
    assert_no_canary(&everything(&error));

    // JSON and URLs can escape a character in several ways.
    let escaped: String = API_KEY
        .bytes()
        .map(|byte| format!("\\u{byte:04x}"))
        .collect();
    let mixed = API_KEY.replacen('c', "\\u0063", 1);
    let percent: String = API_KEY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for echo in [escaped, mixed, percent] {
        for (status, body) in [
            ("403 Forbidden", format!(r#"{{"errors": ["{echo}"]}}"#)),
            ("502 Bad Gateway", format!(r#"{{"errors": ["{echo}"#)),
            (
                "400 Bad Request",
                format!(r#"{{"errors": [{{"meta": {{"key": "{echo}"}}}}]}}"#),
            ),
        ] {
            let error = failure(status, &body).await;
            let shown = everything(&error);
            assert_no_canary(&shown);
            assert!(
                shown.contains("********") && !shown.contains(&echo),
                "{shown}"
            );
        }
        let error = decode_failure::<Vec<u8>>(&format!("\"{echo}\"")).await;
        assert!(!everything(&error).contains(&echo));
        assert_no_canary(&everything(&error));
    }

    let config = || {
        let odd = Credentials::scheme("queryKey", TOKEN)
            .merge(Credentials::scheme("cookieKey", TOKEN))
            .merge(Credentials::scheme("basic", format!("user:{TOKEN}")));
        Config::new().credentials(odd)
    };
    let server = Canned::new("").await;
    let client = server.client(config());
    let error = client.request::<Value>(&ODD_KEYS).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_no_canary(&everything(&error));
    let config = config()
        .base_url("http://127.0.0.1:1")
        .retry(scorekit_core::RetryPolicy::none());
    let client = Client::new(config).unwrap();
    let error = client.request::<Value>(&ODD_KEYS).send().await.unwrap_err();
    assert_no_canary(&everything(&error));
}

#[tokio::test]
async fn every_part_of_an_error_hides_credentials() {
    let headers = format!(
        "x-request-id: {API_KEY}\r\nx-ratelimit-name: {API_KEY}\r\nx-ratelimit-reset: 1\r\n\
         location: https://{API_KEY}.example/\r\n"
    );
    let cut_off = format!(r#"{{"errors": ["{}"#, &API_KEY[..12]);
    let html = format!(
        "<p>{}</p>",
        API_KEY.replacen('-', "&#x2D;", 1).replace('-', "&#45;")
    );
    let nested = format!(r#"{{"data": [{{"attributes": {{"{API_KEY}": nil}}}}]}}"#);
    for (status, body) in [
        ("302 Found", "{}"),
        ("429 Too Many Requests", "{}"),
        ("500 Internal Server Error", &cut_off),
        ("502 Bad Gateway", &html),
        ("200 OK", &nested),
    ] {
        let server = Canned::new(http_response(status, &headers, body)).await;
        let error = get_rule(&server.client(keys())).send().await.unwrap_err();
        let shown = format!(
            "{} {:?} {:?} {:?}",
            everything(&error),
            error.headers(),
            error.json_path(),
            error.rate_limit()
        );
        assert!(!shown.contains("canary-"), "{status}: {shown}");
        assert!(!shown.contains("canary&#"), "{status}: {shown}");
        assert_eq!(error.request_id(), Some("*".repeat(API_KEY.len()).as_str()));
    }

    // HTML has names for some characters.
    let secret = "<canary>&\"'0000";
    let config = Config::new().credentials(Credentials::datadog_bearer(secret));
    let echo = "&lt;canary&gt;&amp;&quot;&apos;0000";
    let server = Canned::json("403 Forbidden", &format!("<p>{echo}</p>")).await;
    let error = get_rule(&server.client(config)).send().await.unwrap_err();
    let hidden = format!("<p>{}</p>", "*".repeat(echo.len()));
    assert_eq!(error.body_excerpt(), Some(hidden.as_str()));
}

#[test]
fn errors_are_small_send_and_sync() {
    fn travels<T: std::error::Error + Send + Sync + 'static>() {}
    travels::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
