//! Web pages and clients that attack a sandbox.

use std::num::NonZeroUsize;
use std::time::Duration;

use scorekit_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::*;
use crate::http::{call, get, keys};

/// Sends bytes and returns the response, which ends with the connection.
async fn raw(sandbox: &Sandbox, request: &[u8]) -> String {
    let mut stream = connect(sandbox).await;
    // A server that rejects a request may close before it has read all of it.
    let _ = stream.write_all(request).await;
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    String::from_utf8_lossy(&response).into_owned()
}

async fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address()).await;
    stream.expect("the sandbox listens")
}

/// Returns the status code of a list with these headers, in addition to the keys.
async fn status(sandbox: &Sandbox, method: &str, target: &str, headers: &[&str]) -> u16 {
    let keys = keys().into_iter();
    let keys = keys.map(|(name, key)| format!("{name}: {key}"));
    let headers = headers.iter().map(|header| (*header).to_owned());
    let lines: Vec<_> = headers.chain(keys).collect();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nconnection: close\r\n{}\r\n\r\n",
        lines.join("\r\n")
    );
    let response = raw(sandbox, request.as_bytes()).await;
    let status = response
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok());
    status.unwrap_or_default()
}

#[tokio::test]
async fn only_hosts_that_no_page_can_claim_are_served() {
    let sandbox = Sandbox::builder().allow_host("Sandbox.test").start().await;
    let sandbox = sandbox.expect("the sandbox starts");
    let targets = [
        RULES,
        "/",
        "/_sandbox/requests",
        "/_sandbox/events",
        "/unknown",
    ];
    for host in [
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost:1",
        "LOCALHOST",
        "localhost.",
    ] {
        let host = format!("host: {host}");
        assert_eq!(
            status(&sandbox, "GET", RULES, &[&host]).await,
            200,
            "{host}"
        );
    }
    for host in [
        "[::1]:8080",
        "192.0.2.7",
        "sandbox.test:8080",
        "SANDBOX.TEST",
    ] {
        let host = format!("host: {host}");
        assert_eq!(
            status(&sandbox, "GET", RULES, &[&host]).await,
            200,
            "{host}"
        );
    }
    sandbox.clear_requests();
    for target in targets {
        for host in [
            "host: attacker.example",
            "host: 127.0.0.1.attacker.example",
            "host: localhost.attacker.example",
            "host: attacker.example:8080",
            "host: x@localhost",
            "host: 2130706433",
            "host: ",
            "x: no host",
            "host: localhost\r\nhost: attacker.example",
        ] {
            assert_eq!(
                status(&sandbox, "GET", target, &[host]).await,
                403,
                "{host}"
            );
        }
    }
    let absolute = "http://attacker.example/api/v2/scorecard/rules";
    assert_eq!(
        status(&sandbox, "GET", absolute, &["host: localhost"]).await,
        403
    );
    assert!(
        sandbox.requests().is_empty(),
        "rejected requests are not recorded"
    );
}

#[tokio::test]
async fn pages_of_other_sites_cannot_send_requests() {
    let sandbox = Sandbox::builder().allow_host("app.test").start().await;
    let sandbox = sandbox.expect("the sandbox starts");
    for (host, origin, expected) in [
        ("localhost", "http://localhost:3000", 200),
        ("localhost", "http://127.0.0.1:8080", 200),
        ("127.0.0.1", "http://[::1]:8080", 200),
        ("127.0.0.1", "https://app.test", 200),
        ("192.0.2.7:8080", "http://192.0.2.7:8080", 200),
        ("localhost", "http://192.0.2.7", 403),
        ("localhost", "https://attacker.example", 403),
        ("localhost", "http://localhost.attacker.example", 403),
        ("localhost", "null", 403),
        ("localhost", "localhost.attacker.example", 403),
        ("localhost", "", 403),
    ] {
        let headers = [format!("host: {host}"), format!("origin: {origin}")];
        let headers = headers.each_ref().map(String::as_str);
        assert_eq!(
            status(&sandbox, "GET", RULES, &headers).await,
            expected,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn slow_headers_and_idle_connections_are_closed() {
    let started = Sandbox::builder().header_timeout(Duration::from_millis(50));
    let sandbox = started.start().await.expect("the sandbox starts");
    for begun in ["", "GET / HTTP/1.1\r\nhost: localhost\r\nx: "] {
        // The response ends only because the sandbox closes the connection.
        let response = raw(&sandbox, begun.as_bytes()).await;
        assert!(!response.contains("200 OK"), "{response}");
    }
    let request = format!("GET {RULES} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let kept_alive = raw(&sandbox, request.as_bytes()).await;
    assert!(kept_alive.starts_with("HTTP/1.1 403"), "{kept_alive}");
}

#[tokio::test]
async fn headers_of_any_size_take_little_memory() {
    let started = Sandbox::builder().max_recorded_bytes(1_000_000);
    let sandbox = started.start().await.expect("the sandbox starts");
    let long = format!("x-long: {}", "x".repeat(40_000));
    for _ in 0..50 {
        assert_eq!(
            status(&sandbox, "GET", RULES, &["host: localhost", &long]).await,
            200
        );
    }
    let kept = sandbox.requests();
    assert!((20..25).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last().map(|request| request.number), Some(50));
    let too_long = format!("x-long: {}", "x".repeat(100_000));
    let rejected = status(&sandbox, "GET", RULES, &["host: localhost", &too_long]).await;
    assert_eq!(rejected, 431);
    // The names of ignored properties come from the client, too.
    let names = (0..20_000).map(|number| format!("\"ignored {number}\": 1"));
    let body = format!(
        "{{ \"data\": {{ {} }} }}",
        names.collect::<Vec<_>>().join(", ")
    );
    let body = serde_json::from_str(&body).expect("JSON");
    call(&sandbox, "POST", RULES, Some(&body)).await;
    let recorded = sandbox.requests().pop().expect("a request");
    let dropped: usize = recorded.dropped.iter().map(String::len).sum();
    assert!(dropped > 10_000 && dropped < 64 * 1024, "{dropped}");
}

#[tokio::test]
async fn idle_connections_make_room_for_others() {
    let max = NonZeroUsize::new(8).expect("not zero");
    let started = Sandbox::builder().max_connections(max).start().await;
    let sandbox = started.expect("the sandbox starts");
    let mut idle = Vec::new();
    for _ in 0..100 {
        let mut stream = connect(&sandbox).await;
        // Half of the clients begin a request.
        if idle.len() % 2 == 0 {
            stream.write_all(b"GET / HT").await.expect("it is sent");
        }
        idle.push(stream);
    }
    get(&sandbox, RULES).await;
    for _ in 0..20 {
        get(&sandbox, RULES).await;
    }
    drop(idle);
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    create_rule(&sandbox, "On call", "Production").await;
    let length = call(&sandbox, "GET", RULES, None).await.text.len();
    let head = call(&sandbox, "HEAD", RULES, None).await;
    head.expect(200);
    assert!(head.text.is_empty());
    assert!(
        head.headers.contains(&format!("content-length: {length}")),
        "{head:?}"
    );
    assert_eq!(call(&sandbox, "HEAD", "/unknown", None).await.status, 404);
    let other = call(&sandbox, "HEAD", "/api/v2/scorecard/outcomes/batch", None).await;
    assert_eq!(other.status, 405);
    let wrong = call(&sandbox, "PATCH", RULES, None).await;
    assert!(
        wrong.headers.contains("allow: get, post, head"),
        "{wrong:?}"
    );
    #[cfg(feature = "page")]
    assert_eq!(call(&sandbox, "HEAD", "/", None).await.status, 200);
}
