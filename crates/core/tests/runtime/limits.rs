//! Limits of time and size.

use std::time::{Duration, Instant};

use scorekit_core::test_hooks::Stage;
use scorekit_core::{CallOptions, ErrorKind, RetryPolicy, StatusCode};

use super::script::{End, Script, ScriptedResponse, Step, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Returns the error of a call, and its duration in milliseconds.
async fn fails(config: Config, step: Step) -> (Error, u128) {
    let script = Script::new([step]);
    let error = get_rule(&script.client(config)).send().await.unwrap_err();
    assert_eq!(script.pending(), 0);
    (error, script.elapsed())
}

#[tokio::test(start_paused = true)]
async fn attempt_ends_at_its_timeout() {
    let (error, elapsed) = fails(once(), Step::Silence).await;
    assert_eq!((error.kind(), elapsed), (ErrorKind::Timeout, 60_000));
    assert_eq!(error.status(), None);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): no complete response from api.datadoghq.com within 60s; raise \
         Config::attempt_timeout"
    );

    // A body that keeps arriving is cut off as well, and the status is kept.
    let mut drip = ScriptedResponse::new(200);
    for _ in 0..100 {
        drip = drip.piece(SECOND, " ");
    }
    let (error, elapsed) = fails(once(), drip.step()).await;
    assert_eq!((error.kind(), elapsed), (ErrorKind::Timeout, 60_000));
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[tokio::test(start_paused = true)]
async fn call_ends_at_its_timeout() {
    let (error, elapsed) = fails(keys(), Step::Silence).await;
    assert_eq!((error.kind(), elapsed), (ErrorKind::Timeout, 120_000));
    assert_eq!(error.attempts(), 2);
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): no complete response from api.datadoghq.com within 120s; raise \
         Config::timeout; gave up after 2 attempts"
    );

    // The wait before an attempt counts.
    let config = keys()
        .timeout(SECOND * 10)
        .retry(RetryPolicy::new().base_delay(SECOND * 6));
    let script = Script::new([Step::Fail(Stage::Connect), Step::Silence]);
    let error = get_rule(&script.client(config)).send().await.unwrap_err();
    assert_eq!((error.attempts(), script.elapsed()), (2, 10_000));
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn silent_body_ends_at_the_read_timeout() {
    let silent = ScriptedResponse::new(200)
        .piece(Duration::ZERO, "{")
        .piece(SECOND, "  ")
        .end(End::Silent);
    let (error, elapsed) = fails(once(), silent.step()).await;
    assert_eq!((error.kind(), elapsed), (ErrorKind::Timeout, 31_000));
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(
        error
            .to_string()
            .contains("no further part of its response for 30s"),
        "{error}"
    );

    // A shorter pause does not fail the call.
    let slow = ScriptedResponse::new(200)
        .piece(SECOND * 29, "{")
        .piece(SECOND * 29, "}")
        .step();
    let script = Script::new([slow]);
    get_rule(&script.client(once())).send().await.unwrap();
    assert_eq!(script.elapsed(), 58_000);
}

#[tokio::test(start_paused = true)]
async fn error_with_an_endless_body_keeps_its_status() {
    for (end, says, took) in [
        (End::Silent, "did not arrive in time", 30_000),
        (End::Broken, "the body broke off", 0),
    ] {
        let response = ScriptedResponse::new(404)
            .header("x-request-id", "r7")
            .piece(Duration::ZERO, "no such rule")
            .end(end);
        let (error, elapsed) = fails(keys(), response.step()).await;
        assert_eq!((error.kind(), elapsed), (ErrorKind::Api, took));
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
        assert_eq!(error.body_excerpt(), Some("no such rule"));
        assert_eq!(error.request_id(), Some("r7"));
        assert!(error.to_string().contains(says), "{error}");
    }

    // A body that is too large does not lose the status either.
    let response = ScriptedResponse::new(500).piece(Duration::ZERO, "<p>".repeat(1_000_000));
    let (error, _) = fails(once(), response.step()).await;
    assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert!(error.body_excerpt().unwrap().starts_with("<p><p>"));
}

#[tokio::test(start_paused = true)]
async fn limits_are_set_per_client_and_per_call() {
    let config = once()
        .attempt_timeout(SECOND * 7)
        .connect_timeout(SECOND * 3);
    let script = Script::new([Step::Silence]);
    let client = script.client(config);
    get_rule(&client).send().await.unwrap_err();
    assert_eq!(script.elapsed(), 7000);
    assert_eq!(script.asked()[0].connect_timeout, SECOND * 3);

    let options = CallOptions::new()
        .attempt_timeout(SECOND * 5)
        .connect_timeout(SECOND * 2);
    let error = get_rule(&client).options(options).send().await.unwrap_err();
    assert_eq!(script.elapsed(), 7000 + 5000);
    assert_eq!(script.asked()[1].connect_timeout, SECOND * 2);
    assert!(error.to_string().contains("within 5s"), "{error}");

    let options = CallOptions::new().timeout(SECOND);
    get_rule(&client).options(options).send().await.unwrap_err();
    assert_eq!(script.elapsed(), 7000 + 5000 + 1000);

    let response = ScriptedResponse::new(200).end(End::Silent).step();
    let script = Script::new([response]);
    let options = CallOptions::new().read_timeout(SECOND * 4);
    let request = get_rule(&script.client(once())).options(options);
    request.send().await.unwrap_err();
    assert_eq!(script.elapsed(), 4000);
}

#[tokio::test(start_paused = true)]
async fn limits_that_let_no_call_succeed_are_rejected() {
    let script = Script::new([success()]);
    let client = script.client(keys());
    let zero = Duration::ZERO;
    for (options, name) in [
        (CallOptions::new().timeout(zero), "timeout"),
        (CallOptions::new().attempt_timeout(zero), "attempt_timeout"),
        (CallOptions::new().connect_timeout(zero), "connect_timeout"),
        (CallOptions::new().read_timeout(zero), "read_timeout"),
    ] {
        let error = Client::new(keys().options(options.clone())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let begins = format!("Config::{name} must be longer than zero");
        assert!(error.to_string().starts_with(&begins), "{error}");

        let error = get_rule(&client).options(options).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.attempts(), 0);
        let begins = format!("GetRule (rule_id r-1): CallOptions::{name} must be longer than zero");
        assert!(error.to_string().starts_with(&begins), "{error}");
    }
    assert!(script.asked().is_empty());

    // The longest duration.
    let options = CallOptions::new()
        .timeout(Duration::MAX)
        .attempt_timeout(Duration::MAX)
        .read_timeout(Duration::MAX);
    get_rule(&client).options(options).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_cancels_the_call() {
    let script = Script::new([Step::Silence]);
    let call = tokio::spawn(get_rule(&script.client(keys())).send());
    tokio::time::sleep(SECOND).await;
    assert_eq!(script.pending(), 1);
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(script.pending(), 0);
    tokio::time::sleep(SECOND * 600).await;
    assert_eq!(script.asked().len(), 1);

    // This also holds while the call waits for the next attempt.
    let script = Script::new([ScriptedResponse::new(429).header("retry-after", 10).step()]);
    let call = tokio::spawn(get_rule(&script.client(keys())).send());
    tokio::time::sleep(SECOND * 5).await;
    call.abort();
    tokio::time::sleep(SECOND * 600).await;
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn too_large_response_is_not_read() {
    let small = || CallOptions::new().max_response_size(10);
    let whole = ScriptedResponse::new(200).piece(Duration::ZERO, "[1,2,3]   ");
    let script = Script::new([whole.clone().step()]);
    let request = get_rule(&script.client(keys())).options(small());
    request.send().await.unwrap();

    for response in [
        whole.clone().piece(Duration::ZERO, " ").end(End::Silent),
        ScriptedResponse::new(200)
            .piece(Duration::ZERO, "[1,2,3]    ")
            .end(End::Silent),
    ] {
        let (error, elapsed) = fails(keys().options(small()), response.step()).await;
        assert_eq!((error.kind(), elapsed), (ErrorKind::TooLarge, 0));
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert_eq!(error.attempts(), 1);
        assert!(!error.is_retryable());
        assert_eq!(
            error.to_string(),
            "GetRule (rule_id r-1): 200 OK: the response has more than 10 bytes; request smaller \
             pages, or raise CallOptions::max_response_size"
        );
    }
}

/// Runs over a real socket: the client does not wait for a body that is announced as too large.
#[tokio::test]
async fn announced_size_over_the_limit_fails_immediately() {
    let raw = "HTTP/1.1 200 OK\r\ncontent-length: 33554433\r\n\r\n{";
    let server = Canned::new(raw).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

/// Checks that a handshake that never ends counts as connecting.
#[tokio::test]
async fn connect_timeout_is_set_per_client_and_per_call() {
    const SHORT: Duration = Duration::from_millis(50);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let plain = once().base_url(&url);
    let short = CallOptions::new().connect_timeout(SHORT);
    let none = CallOptions::new();
    // A call's limit can also be longer than the client's.
    let longer = CallOptions::new().connect_timeout(SHORT * 4);
    for (config, options, limit) in [
        (plain.clone(), short, SHORT),
        (plain.clone().connect_timeout(SHORT), none, SHORT),
        (plain.connect_timeout(SHORT), longer, SHORT * 4),
    ] {
        let client = Client::new(config).unwrap();
        let begin = Instant::now();
        let error = get_rule(&client).options(options).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        // No machine is so fast that a limit ends early. If the limit had no effect, the message of
        // another one would follow.
        assert!(begin.elapsed() >= limit, "{:?}", begin.elapsed());
        let text = format!("within {limit:?}; check the network and the proxy settings");
        assert!(error.to_string().contains(&text), "{error}");
        assert!(error.is_retryable());
    }
}

/// Returns a response with compressed `content` as raw bytes.
#[cfg(feature = "gzip")]
fn gzipped(status: &str, content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, content).unwrap();
    let body = encoder.finish().unwrap();
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), &body].concat()
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_responses_are_read() {
    let server = Canned::new(gzipped("200 OK", br#"{"a": 1}"#)).await;
    let response = get_rule(&server.client(keys())).send().await.unwrap();
    assert_eq!(response["a"], 1);
    let seen = server.seen().await;
    assert!(seen.contains("accept-encoding: "), "{seen}");

    let raw = gzipped("404 Not Found", br#"{"errors": ["no such rule"]}"#);
    let server = Canned::new(raw).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 404 Not Found: no such rule"
    );
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn decompression_bomb_is_an_error() {
    let bomb = gzipped("200 OK", &vec![b' '; 40 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    let server = Canned::new(bomb).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn wrongly_compressed_body_keeps_the_status() {
    let raw = |status| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n\
             <html>no gzip at all.."
        )
    };
    let server = Canned::new(raw("200 OK")).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(
        error.to_string().contains("cannot decompress the response"),
        "{error}"
    );

    let server = Canned::new(raw("503 Service Unavailable")).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));

    // The connection breaks in the middle.
    let whole = gzipped("200 OK", &vec![b' '; 100_000]);
    let server = Canned::new(&whole[..whole.len() - 20]).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn compression_is_not_requested_without_the_feature() {
    let server = Canned::json("200 OK", "{}").await;
    get_rule(&server.client(keys())).send().await.unwrap();
    assert!(!server.seen().await.contains("accept-encoding"));
}
