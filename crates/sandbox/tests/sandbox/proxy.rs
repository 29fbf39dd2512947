//! Requests that are forwarded to the real API, and recordings of its responses.

use std::net::SocketAddr;
use std::path::Path;

use scorekit_sandbox::{Fault, Part, Sandbox, StartError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::*;
use crate::http::{call, get, post, send};

const API_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const TOKEN: &str = "ddpat_Zx81mQ+secret/token";

async fn proxy(url: &str, file: Option<&Path>) -> Sandbox {
    let mut builder = Sandbox::builder().proxy(url);
    if let Some(file) = file {
        builder = builder.record(file);
    }
    builder.start().await.expect("the sandbox starts")
}

async fn replay(file: &Path) -> Sandbox {
    let builder = Sandbox::builder().replay(file);
    builder.start().await.expect("the recording is usable")
}

/// Starts a server that sends this response to every request, after the head of it and the request
/// that it got. Returns its address.
async fn raw_server(head: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.ends_with(b"}") {
                let count = stream.read(&mut buffer).await.expect("a request");
                request.extend(&buffer[..count]);
                if count == 0 || request.starts_with(b"GET") && request.ends_with(b"\r\n\r\n") {
                    break;
                }
            }
            let echoed = String::from_utf8(request).expect("text");
            let body = json!({ "echo": echoed, "nested": [{ "app_key": "abc", "key": "k" }] });
            let body = body.to_string();
            let response = format!(
                "HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream
                .write_all(response.as_bytes())
                .await
                .expect("it is read");
        }
    });
    address
}

#[tokio::test]
async fn what_the_real_api_responded_is_replayed_without_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("recording.json");
    let real = Sandbox::start().await.expect("the sandbox starts");
    let through = proxy(&real.url(), Some(&file)).await;
    let mut expected = Vec::new();
    // The list changes between the two requests for it.
    let listed = format!("{RULES}?page%5Bsize%5D=10&include=scorecard");
    let created = rule("On call", "Production");
    for (method, path, body) in [
        ("GET", listed.as_str(), None),
        ("POST", RULES, Some(&created)),
        ("GET", listed.as_str(), None),
        ("DELETE", &format!("{RULES}/{UNKNOWN_ID}"), None),
        ("POST", RULES, Some(&json!({}))),
        ("GET", "/api/v2/users", None),
    ] {
        let response = call(&through, method, path, body).await;
        expected.push((method, path.to_owned(), body.cloned(), response));
    }
    let statuses: Vec<_> = expected.iter().map(|(.., it)| it.status).collect();
    assert_eq!(statuses, [200, 201, 200, 404, 400, 404]);
    assert_eq!(real.requests().len(), 6);
    // The sandbox between them has no resources of its own.
    let rules = get(&through, "/_sandbox/resources/rule").await;
    assert_eq!(rules["resources"], json!([]));
    real.stop().await;
    let gone = call(&through, "GET", &listed, None).await;
    assert_eq!(gone.status, 502, "{gone:?}");
    assert!(gone.text.contains("cannot forward"), "{gone:?}");

    let again = replay(&file).await;
    for _ in 0..2 {
        for (method, path, body, recorded) in &expected {
            let replayed = call(&again, method, path, body.as_ref()).await;
            assert_eq!(replayed.status, recorded.status, "{method} {path}");
            let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            assert_eq!(
                json(&replayed.text),
                json(&recorded.text),
                "{method} {path}"
            );
        }
        // After the last response, it comes again, until the recording starts again.
        let last = get(&again, &listed).await;
        assert_eq!(last["data"].as_array().map(Vec::len), Some(1));
        again.reset(&[Part::Resources]).await.expect("a reset");
    }
    // The order of the parameters and of the properties does not count.
    let swapped = format!("{RULES}?include=scorecard&page%5Bsize%5D=10");
    get(&again, &swapped).await;
    let other = call(&again, "GET", &format!("{RULES}?page%5Bsize%5D=11"), None).await;
    assert_eq!(other.status, 501, "{other:?}");
    assert!(other.text.contains("another query"), "{other:?}");
}

#[tokio::test]
async fn faults_and_limits_apply_to_other_responses() {
    let real = Sandbox::start().await.expect("the sandbox starts");
    let through = proxy(&real.url(), None).await;
    let fault = Fault::status(503).times(1);
    through.add_fault(fault).expect("a fault");
    assert_eq!(call(&through, "GET", RULES, None).await.status, 503);
    assert_eq!(real.requests().len(), 0);
    get(&through, RULES).await;
    let limit = "limit=1,period=60s".parse().expect("a limit");
    through.add_rate_limit(limit).expect("a limit");
    let first = call(&through, "GET", RULES, None).await;
    assert!(
        first.headers.contains("x-ratelimit-remaining: 0"),
        "{first:?}"
    );
    assert_eq!(call(&through, "GET", RULES, None).await.status, 429);
    assert_eq!(real.requests().len(), 2);
}

#[tokio::test]
async fn credentials_reach_the_real_api_and_nothing_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("recording.json");
    let head = "content-type: application/json\r\nset-cookie: session=5e55104c00c1e\r\n\
                x-ratelimit-limit: 7\r\nx-internal: 5e55104c00c1e\r\n";
    let real = raw_server(head).await;
    let through = proxy(&format!("http://{real}"), Some(&file)).await;
    let headers = [
        ("dd-api-key", API_KEY),
        ("authorization", &format!("Bearer {TOKEN}")),
        ("content-type", "application/json"),
        ("cookie", "of=another-program"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let target = format!("{RULES}?api_key={API_KEY}&page=1");
    let body = json!({ "note": format!("my key is {API_KEY}"), "token": "t" });
    let response = send(&through, "POST", &target, &headers, &body.to_string()).await;
    // The real API gets the request as it is, and the client gets the response as it is.
    let echoed = response.expect(200)["echo"]
        .as_str()
        .expect("text")
        .to_owned();
    for part in [API_KEY, TOKEN, &target, &body.to_string()] {
        assert!(echoed.contains(part), "{part}: {echoed}");
    }
    assert!(echoed.contains(&format!("host: {real}")), "{echoed}");
    assert!(!echoed.contains("another-program"), "{echoed}");
    assert!(response.headers.contains("x-ratelimit-limit: 7"));
    assert!(!response.headers.contains("set-cookie"));

    let recording = std::fs::read_to_string(&file).expect("the recording");
    let log = get(&through, "/_sandbox/requests").await.to_string();
    let owned = format!("{:?}", through.requests());
    for (place, text) in [("file", &recording), ("log", &log), ("list", &owned)] {
        for secret in [API_KEY, TOKEN, "another-program"] {
            assert!(!text.contains(secret), "{secret} is in the {place}: {text}");
        }
        assert!(text.contains("my key is [hidden]"), "{place}: {text}");
    }
    assert!(!recording.contains("5e55104c00c1e"), "{recording}");
    let recorded: Value = serde_json::from_str(&recording).expect("JSON");
    let exchange = &recorded["exchanges"][0];
    assert_eq!(exchange["query"], "api_key=[hidden]&page=1");
    assert_eq!(exchange["body"]["token"], "[hidden]");
    assert_eq!(
        exchange["response"]["nested"],
        json!([{ "app_key": "[hidden]", "key": "k" }])
    );
    assert_eq!(exchange["headers"]["x-ratelimit-limit"], "7");

    // The same request with another key has the same response.
    let again = replay(&file).await;
    let other = "ffffffffeeeeeeee";
    let headers = headers.map(|(name, value)| match name.as_str() {
        "dd-api-key" => (name, other.to_owned()),
        _ => (name, value),
    });
    let body = json!({ "token": "t", "note": format!("my key is {other}") });
    let target = format!("{RULES}?page=1&api_key={other}");
    let replayed = send(&again, "POST", &target, &headers, &body.to_string()).await;
    assert_eq!(replayed.status, 200, "{replayed:?}");
}

#[tokio::test]
async fn headers_that_repeat_are_replayed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("recording.json");
    let head = "link: <https://a.example.com>; rel=\"next\"\r\nx-ratelimit-name: a\r\n\
                link: <https://b.example.com>; rel=\"prev\"\r\n";
    let real = raw_server(head).await;
    let through = proxy(&format!("http://{real}"), Some(&file)).await;
    let first = call(&through, "GET", RULES, None).await;
    let again = replay(&file).await;
    for response in [first, call(&again, "GET", RULES, None).await] {
        let links = response.headers.matches("link: <https://").count();
        assert_eq!(links, 2, "{response:?}");
        assert_eq!(response.headers.matches("x-ratelimit-name: ").count(), 1);
    }
}

#[tokio::test]
async fn the_headers_of_one_rate_limit_are_shown() {
    let head = "x-ratelimit-limit: 9\r\nx-ratelimit-remaining: 5\r\nx-ratelimit-name: real\r\n";
    let real = raw_server(head).await;
    for (limit, shown) in [
        (None, ["limit: 9", "remaining: 5", "name: real"]),
        (Some(8), ["limit: 9", "remaining: 5", "name: real"]),
        (
            Some(3),
            ["limit: 3", "remaining: 2", "name: listscorecardrules"],
        ),
    ] {
        let mut builder = Sandbox::builder().proxy(format!("http://{real}"));
        if let Some(limit) = limit {
            let limit = format!("limit={limit},period=60s");
            builder = builder.rate_limit(limit.parse().expect("a limit"));
        }
        let through = builder.start().await.expect("the sandbox starts");
        let response = call(&through, "GET", RULES, None).await;
        for header in shown {
            let header = format!("x-ratelimit-{header}");
            assert!(response.headers.contains(&header), "{header}: {response:?}");
        }
        let remaining = response.headers.matches("x-ratelimit-remaining").count();
        assert_eq!(remaining, 1, "{response:?}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_not_passed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("recording.json");
    let real = raw_server("content-encoding: gzip\r\n").await;
    let through = proxy(&format!("http://{real}"), Some(&file)).await;
    let response = call(&through, "GET", RULES, None).await;
    assert_eq!(response.status, 502, "{response:?}");
    let headers = [("content-encoding".to_owned(), "gzip".to_owned())];
    let response = send(&through, "POST", RULES, &headers, "\u{1f}").await;
    assert_eq!(response.status, 415, "{response:?}");
    let recording = std::fs::read_to_string(&file).expect("the recording");
    let recording: Value = serde_json::from_str(&recording).expect("JSON");
    assert_eq!(recording, json!({ "exchanges": [] }));
}

#[tokio::test]
async fn a_proxy_needs_an_encrypted_address_and_a_replay_a_recording() {
    for (url, problem) in [
        ("http://api.datadoghq.com", "use https"),
        ("api.datadoghq.com", "https://HOST"),
        ("ftp://127.0.0.1", "use https"),
        ("https://key@api.datadoghq.com", "in headers"),
    ] {
        let started = Sandbox::builder().proxy(url).start().await;
        let error = started.expect_err(url);
        assert!(matches!(error, StartError::Proxy { .. }), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("seed.json");
    for (text, problem) in [
        ("{\"calls\": []}", "no list `exchanges`"),
        ("[", "not valid JSON"),
        (
            "{\"exchanges\": [{\"method\": \"GET\", \"path\": \"/\"}]}",
            "`status`",
        ),
        ("{\"exchanges\": [{\"verb\": \"GET\"}]}", "no `verb`"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let error = Sandbox::builder().replay(&file).start().await;
        let error = error.expect_err(text).to_string();
        assert!(error.contains(problem), "{error}");
    }
    let missing = directory.path().join("missing.json");
    let error = Sandbox::builder().replay(missing).start().await;
    assert!(matches!(error, Err(StartError::Replay { .. })));
}

#[tokio::test]
async fn a_sandbox_that_listens_everywhere_names_this_machine() {
    let builder = Sandbox::builder().address([0, 0, 0, 0].into());
    let sandbox = builder.start().await.expect("the sandbox starts");
    assert!(sandbox.url().starts_with("http://127.0.0.1:"));
    assert!(sandbox.address().ip().is_unspecified());
    post(&sandbox, RULES, &rule("On call", "Production"), 201).await;
}
