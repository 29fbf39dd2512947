//! The requests on the wire, byte by byte. It is a program of its own, so that `cargo xtask review`
//! builds the clients and the calls, and nothing else.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first error"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use scorekit::Client;
use scorekit_calls::{Calls, Sent};
use scorekit_test_support::{
    assert_same_names, assert_snapshots, bundle, documented_operations, workspace,
};

/// Headers that every request has, or that depend on the connection.
const COMMON_HEADERS: [&str; 5] = [
    "accept",
    "accept-encoding",
    "content-length",
    "host",
    "user-agent",
];

/// Calls every operation with the required and with all values, by its method of the client and by
/// that of the resource. One snapshot per resource has the request line, the query, the headers and
/// the body.
#[tokio::test]
async fn every_operation_with_required_and_with_all_values() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let client = Client::builder()
        .base_url(&url)
        .api_key("API KEY")
        .application_key("APPLICATION KEY")
        .dcycle_api_key("DCYCLE KEY")
        .build()
        .expect("a client");
    let mut by_resource: BTreeMap<String, String> = BTreeMap::new();
    let mut called = BTreeSet::new();
    for calls in scorekit_calls::calls(&client) {
        let Calls {
            domain,
            resource,
            operation,
            plain,
            by_resource: of_resource,
        } = calls;
        let plain = arrived(&listener, plain).await;
        if let Some(of_resource) = of_resource {
            assert_eq!(
                arrived(&listener, of_resource).await,
                plain,
                "{operation}: the method of the resource sends a different request"
            );
        }
        let text = by_resource
            .entry(format!("{domain}.{resource}"))
            .or_default();
        match &plain[..] {
            [minimal, maximal] if minimal == maximal => {
                let _ = writeln!(text, "======== {operation}\n{minimal}");
            }
            [minimal, maximal] => {
                let _ = writeln!(
                    text,
                    "======== {operation}, nothing optional\n{minimal}\n\
                     ======== {operation}, everything\n{maximal}"
                );
            }
            _ => panic!("{operation}: {plain:?}"),
        }
        called.insert(operation.to_owned());
    }
    let operations = documented_operations(&bundle()).into_iter();
    let documented = operations.map(|operation| operation.id).collect();
    assert_same_names(&called, &documented, "run `cargo xtask generate`");
    let by_resource: Vec<_> = by_resource.into_iter().collect();
    assert_snapshots(
        &workspace().join("tests/integration/snapshots/wire"),
        &by_resource,
    );
}

/// Sends the calls and returns the requests that arrive.
async fn arrived(listener: &TcpListener, calls: [Sent; 2]) -> Vec<String> {
    let mut arrived = Vec::new();
    for call in calls {
        // One request arrives, even if the client cannot decode the response.
        let (_, request) = tokio::join!(call, async {
            let (mut socket, _) = listener.accept().await.expect("a connection");
            let request = read_request(&mut socket).await;
            let response = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                            content-length: 2\r\n\
                          connection: close\r\n\r\n{}";
            socket
                .write_all(response.as_bytes())
                .await
                .expect("a response");
            request
        });
        arrived.push(format_request(&request));
    }
    arrived
}

/// Reads a request: its head and the number of body bytes that the head announces.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().expect("a length"));
            if body.len() >= length {
                return text.into_owned();
            }
        }
        let count = socket.read_buf(&mut request).await.expect("bytes");
        assert_ne!(count, 0, "the connection ended: {request:?}");
    }
}

/// Formats a request for review: a line per query parameter and header, the body indented.
fn format_request(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default();
    let target = line.strip_suffix(" HTTP/1.1").expect("a request line");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut text = format!("{path}\n");
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let _ = writeln!(text, "  ?{parameter}");
    }
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !COMMON_HEADERS.contains(name))
        .collect();
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    if !body.is_empty() {
        let body: serde_json::Value = serde_json::from_str(body).expect("a JSON body");
        let body = serde_json::to_string_pretty(&body).expect("JSON");
        let _ = writeln!(text, "{body}");
    }
    text
}

#[tokio::test]
async fn a_request_has_the_documented_headers_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let request = read_request(&mut socket).await;
        socket
            .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            .await
            .expect("a response");
        request
    });
    let client = Client::builder()
        .base_url(&url)
        .api_key("key")
        .application_key("other")
        .build()
        .expect("a client");
    let call = client.scorecards().delete_scorecard_rule("a b/ü").send();
    call.await.expect("a response");
    let request = server.await.expect("a request");
    let mut lines = request.lines();
    assert_eq!(
        lines.next(),
        Some("DELETE /api/v2/scorecard/rules/a%20b%2F%C3%BC HTTP/1.1")
    );
    let names: BTreeSet<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_lowercase())
        .collect();
    let expected = [
        "accept",
        "accept-encoding",
        "dd-api-key",
        "dd-application-key",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
}
