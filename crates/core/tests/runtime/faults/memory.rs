//! Size limits: a too large response fails before it is in memory. The tests check the peak memory
//! of a process of their own.

use scorekit_core::ErrorKind::{Api, TooLarge};
use scorekit_core::{CallOptions, Client, Error, ErrorKind, RetryPolicy, Value};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::compressed::{bomb, encoded};
use super::rows::raw_response;
use super::secrets::{GET, KINDS};
use super::server::{Act, Body, End, Faulty};
use super::{alone, trusted};
use crate::{get_rule, once, read_request};

const MIB: usize = 1024 * 1024;

/// The memory that the largest response of 32 MiB may take: its own size, and the same again for
/// the decoded value.
const MOST: usize = 64 * MIB;

#[test]
fn too_large_response_does_not_fill_memory() {
    for case in [
        "announced",
        "unannounced",
        "error",
        #[cfg(feature = "gzip")]
        "gzip",
        #[cfg(feature = "brotli")]
        "brotli",
        #[cfg(feature = "zstd")]
        "zstd",
    ] {
        let printed = alone(&format!("faults::memory::{case}"));
        let peak = printed.lines().find(|line| line.contains("MiB more"));
        println!("{case}: {}", peak.unwrap_or(&printed));
    }
}

/// Returns the peak memory of this process in bytes, or `None` if the system does not report it.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Makes a call with the default limits, and asserts its error and its memory.
async fn costs_little(act: Act, kind: ErrorKind) {
    trusted();
    let server = Faulty::new(&[act]).await;
    let config = (KINDS[0].config)().base_url(&server.url);
    let client = Client::new(config.retry(RetryPolicy::none())).unwrap();
    let before = peak();
    let outcome = client.request::<Value>(&GET).path("rule_id", &"r-1").send();
    let outcome = outcome.await;
    let after = peak();
    assert_eq!(
        outcome.as_ref().err().map(Error::kind),
        Some(kind),
        "{outcome:?}"
    );
    if let (Some(before), Some(after)) = (before, after) {
        let cost = after - before;
        println!("{} MiB more", cost / MIB);
        assert!(cost < MOST, "{} MiB more", cost / MIB);
    }
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn announced() {
    costs_little(
        raw_response("200 OK", Body::Announced(400 * MIB)).act(),
        TooLarge,
    )
    .await;
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn unannounced() {
    costs_little(
        raw_response("200 OK", Body::Chunked(400 * MIB)).act(),
        TooLarge,
    )
    .await;
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn error() {
    let raw = raw_response("500 Internal Server Error", Body::Chunked(400 * MIB));
    costs_little(raw.act(), Api).await;
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn gzip() {
    let act = encoded("gzip", bomb("gzip", 400), End::KeepAlive);
    costs_little(act, TooLarge).await;
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn brotli() {
    let act = encoded("br", bomb("br", 400), End::KeepAlive);
    costs_little(act, TooLarge).await;
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn zstd() {
    let act = encoded("zstd", bomb("zstd", 400), End::KeepAlive);
    costs_little(act, TooLarge).await;
}

#[test]
fn announced_length_is_not_allocated_up_front() {
    println!("{}", alone("faults::memory::announced_and_allowed"));
}

/// Checks that an announced but unsent body does not end the program where any length is allowed.
#[tokio::test]
#[ignore = "run by the test above"]
async fn announced_and_allowed() {
    trusted();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 1_u64 << 46);
        stream.write_all(head.as_bytes()).await.unwrap();
        // The second piece is sent once the client, on the same thread, has had many turns to take
        // the first one, which is taken unchanged.
        for piece in ["{", "}"] {
            stream.write_all(piece.as_bytes()).await.unwrap();
            for _ in 0..500 {
                tokio::task::yield_now().await;
            }
        }
    });
    let options = CallOptions::new().max_response_size(usize::MAX);
    let client = Client::new(once().base_url(&url).options(options)).unwrap();
    let before = peak();
    let error = get_rule(&client).send().await.unwrap_err();
    server.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(
            after - before < 8 * MIB,
            "{} MiB more",
            (after - before) / MIB
        );
    }
}

#[test]
fn text_that_is_not_json_takes_little_memory() {
    for case in ["brackets", "cut_list"] {
        println!("{case}: {}", alone(&format!("faults::memory::{case}")));
    }
}

/// A type that keeps nothing.
#[derive(Debug, serde::Deserialize)]
struct Lenient {
    #[serde(default, rename = "name")]
    _name: String,
    #[serde(default, rename = "list")]
    _list: Vec<serde::de::IgnoredAny>,
}

/// Decodes a body of 10 MiB of a repeated text, which is not JSON, and returns the error. Checks
/// the memory of the response and of the decoder.
async fn not_json(begin: &str, repeated: &str) -> Error {
    const MOST: usize = 50 * MIB;

    trusted();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{begin}");
    let block = repeated.repeat(MIB / repeated.len());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..10 {
            stream.write_all(block.as_bytes()).await.unwrap();
        }
    });
    let client = Client::new(once().base_url(&url)).unwrap();
    let before = peak();
    let request = client.request::<Lenient>(&GET).path("rule_id", &"r-1");
    let error = request.send().await.unwrap_err();
    server.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    if let (Some(before), Some(after)) = (before, peak()) {
        println!("{} MiB more", (after - before) / MIB);
        assert!(after - before < MOST, "{} MiB more", (after - before) / MIB);
    }
    error
}

/// Deep unknown properties are skipped at any depth, so the path of the error may be that deep.
#[tokio::test]
#[ignore = "run by the test above"]
async fn brackets() {
    let error = not_json("{\"unknown\":", "[").await;
    let expected = format!("unknown{}…{}", "[0]".repeat(63), "[0]".repeat(64));
    assert_eq!(error.json_path().unwrap(), expected);
}

/// The mistake is found by reading the text again, of which nothing is kept.
#[tokio::test]
#[ignore = "run by the test above"]
async fn cut_list() {
    let error = not_json("{\"list\":[1", ",1").await;
    assert!(
        error.to_string().contains("EOF while parsing a list"),
        "{error}"
    );
}
