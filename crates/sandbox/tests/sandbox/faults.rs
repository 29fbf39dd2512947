//! The effect of each fault on the wire.

use std::io::ErrorKind;
use std::time::Duration;

use scorekit_sandbox::{Fault, RequestRecord, Sandbox, SettingError, StartError};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::fixture::*;
use crate::http::{get, keys};

const LIST: &str = "ListScorecardRules";
const CREATE: &str = "CreateScorecardRule";

/// The bytes that arrived, and the error that ended the connection, if any.
struct Outcome {
    text: String,
    error: Option<ErrorKind>,
}

impl Outcome {
    fn status_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    fn head_and_body(&self) -> (String, &str) {
        let (head, body) = self.text.split_once("\r\n\r\n").expect("a head");
        (head.to_ascii_lowercase(), body)
    }

    /// Returns the `Content-Length`.
    fn announced(&self) -> usize {
        let (head, _) = self.head_and_body();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        length
            .and_then(|length| length.parse().ok())
            .expect("an announced length")
    }
}

async fn connect(sandbox: &Sandbox, method: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    let mut request = format!(
        "{method} {RULES} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in keys() {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str("content-type: application/json\r\n");
    }
    request.push_str(&format!("\r\n{body}"));
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request is sent");
    stream
}

async fn outcome(sandbox: &Sandbox, method: &str, body: &str) -> Outcome {
    let mut stream = connect(sandbox, method, body).await;
    let (mut bytes, mut error) = (Vec::new(), None);
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(found) => {
                error = Some(found.kind());
                break;
            }
        }
    }
    let text = String::from_utf8(bytes).expect("text");
    Outcome { text, error }
}

async fn create(sandbox: &Sandbox) -> Outcome {
    let body = rule("On call", "Production").to_string();
    outcome(sandbox, "POST", &body).await
}

async fn list(sandbox: &Sandbox) -> Outcome {
    outcome(sandbox, "GET", "").await
}

/// Returns the number of rules, and the requests before that count.
async fn rules(sandbox: &Sandbox) -> (usize, Vec<RequestRecord>) {
    let requests = sandbox.requests();
    sandbox.clear_faults();
    let rules = get(sandbox, RULES).await["data"]
        .as_array()
        .map_or(0, Vec::len);
    (rules, requests)
}

async fn with(fault: Fault) -> Sandbox {
    let builder = Sandbox::builder().fault(fault);
    builder.start().await.expect("the sandbox starts")
}

#[tokio::test]
async fn a_status_fault_has_the_vendors_shape_and_applies_as_often_as_set() {
    let fault = Fault::status(503)
        .on([LIST])
        .times(2)
        .retry_after(Duration::from_millis(1500));
    let sandbox = with(fault).await;
    for _ in 0..2 {
        let failed = list(&sandbox).await;
        assert_eq!(failed.status_line(), "HTTP/1.1 503 Service Unavailable");
        let (head, body) = failed.head_and_body();
        assert!(head.contains("\r\nretry-after: 2"), "{head}");
        assert!(
            head.contains("\r\ncontent-type: application/json"),
            "{head}"
        );
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert!(body["errors"][0].is_string(), "{body}");
    }
    assert_eq!(list(&sandbox).await.status_line(), "HTTP/1.1 200 OK");
    let requests = sandbox.requests();
    let recorded: Vec<_> = requests
        .iter()
        .map(|request| (request.status, request.fault.as_deref()))
        .collect();
    let fault = Some("ListScorecardRules:status=503,count=2,retry-after=1s500ms");
    assert_eq!(recorded, [(503, fault), (503, fault), (200, None)]);
}

#[tokio::test]
async fn a_fault_applies_to_its_operations_only() {
    let sandbox = with(Fault::status(500).on([CREATE])).await;
    assert_eq!(list(&sandbox).await.status_line(), "HTTP/1.1 200 OK");
    assert!(create(&sandbox).await.status_line().contains(" 500 "));
    assert_eq!(rules(&sandbox).await.0, 0);
    let handled = Fault::status(500).on([CREATE]).handled();
    sandbox.add_fault(handled).expect("the fault is set");
    assert!(create(&sandbox).await.status_line().contains(" 500 "));
    assert_eq!(rules(&sandbox).await.0, 1);
}

#[tokio::test]
async fn an_html_fault_is_an_error_page() {
    let sandbox = with(Fault::html(502)).await;
    let failed = list(&sandbox).await;
    assert_eq!(failed.status_line(), "HTTP/1.1 502 Bad Gateway");
    let (head, body) = failed.head_and_body();
    assert!(head.contains("content-type: text/html"), "{head}");
    assert!(body.contains("<h1>502 Bad Gateway</h1>"), "{body}");
    assert_eq!(failed.announced(), body.len());
}

#[tokio::test]
async fn a_cut_off_sends_half_of_the_body() {
    let sandbox = with(Fault::cut_off().on([CREATE])).await;
    let broken = create(&sandbox).await;
    assert_eq!(broken.status_line(), "HTTP/1.1 201 Created");
    let (_, body) = broken.head_and_body();
    assert!(body.starts_with("{\"data\""), "{body}");
    assert_eq!(body.len(), broken.announced() / 2);
    let (count, requests) = rules(&sandbox).await;
    assert_eq!((count, requests[0].status), (1, 201));
}

#[tokio::test]
async fn a_reset_is_not_an_orderly_close() {
    let sandbox = with(Fault::reset().on([CREATE]).times(1)).await;
    let broken = create(&sandbox).await;
    assert_eq!(broken.error, Some(ErrorKind::ConnectionReset));
    assert_eq!(broken.text, "");
    let (count, requests) = rules(&sandbox).await;
    // No response was sent.
    assert_eq!((count, requests[0].status), (0, 0));

    let lost = Fault::reset().on([CREATE]).handled();
    sandbox.add_fault(lost).expect("the fault is set");
    assert_eq!(
        create(&sandbox).await.error,
        Some(ErrorKind::ConnectionReset)
    );
    assert_eq!(rules(&sandbox).await.0, 1);
}

/// Adds up all pauses: the clock advances only when everything waits.
#[tokio::test(start_paused = true)]
async fn a_drip_pauses_before_every_byte() {
    let pause = Duration::from_millis(2);
    let sandbox = with(Fault::drip(pause)).await;
    let start = Instant::now();
    let dripped = list(&sandbox).await;
    let elapsed = start.elapsed();
    assert_eq!(dripped.error, None);
    let (_, body) = dripped.head_and_body();
    assert_eq!(dripped.announced(), body.len());
    serde_json::from_str::<Value>(body).expect("the whole body arrived");
    let bytes = u32::try_from(body.len()).expect("a short body");
    assert_eq!(elapsed, pause * bytes);
}

#[tokio::test(start_paused = true)]
async fn a_delay_holds_back_the_response() {
    let delay = Duration::from_secs(60);
    let sandbox = with(Fault::delay(delay)).await;
    let start = Instant::now();
    assert_eq!(create(&sandbox).await.status_line(), "HTTP/1.1 201 Created");
    assert_eq!(start.elapsed(), delay);
    assert_eq!(rules(&sandbox).await.0, 1);
}

#[tokio::test]
async fn a_request_that_is_cancelled_during_a_delay_has_no_effect() {
    // The delay is longer than any test.
    let sandbox = with(Fault::delay(Duration::from_secs(1_000_000))).await;
    let body = rule("On call", "Production").to_string();
    let stream = connect(&sandbox, "POST", &body).await;
    while sandbox.requests().iter().all(|known| known.fault.is_none()) {
        tokio::task::yield_now().await;
    }
    drop(stream);
    let (count, requests) = rules(&sandbox).await;
    assert_eq!((count, requests[0].status), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn latency_delays_every_response() {
    let latency = Duration::from_secs(30);
    let sandbox = Sandbox::builder().latency(latency).start().await;
    let sandbox = sandbox.expect("the sandbox starts");
    let start = Instant::now();
    for _ in 0..2 {
        let response = list(&sandbox).await;
        assert_eq!(response.status_line(), "HTTP/1.1 200 OK");
    }
    assert_eq!(start.elapsed(), latency * 2);
}

#[tokio::test]
async fn probability_repeats_with_the_seed() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = Sandbox::builder()
            .fault(Fault::status(500).probability(0.5))
            .fault_seed(seed)
            .start()
            .await
            .expect("the sandbox starts");
        let mut failed = Vec::new();
        for _ in 0..40 {
            failed.push(list(&sandbox).await.status_line().contains("500"));
        }
        runs.push(failed);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    let count = runs[0].iter().filter(|failed| **failed).count();
    assert!((10..=30).contains(&count), "{count} of 40");
    for (probability, expected) in [(0.0, " 200 "), (1.0, " 500 ")] {
        let sandbox = with(Fault::status(500).probability(probability)).await;
        assert!(list(&sandbox).await.status_line().contains(expected));
    }
}

#[tokio::test]
async fn the_first_matching_fault_applies() {
    let sandbox = with(Fault::status(500).on([LIST]).times(1)).await;
    let second = Fault::html(502).delayed(Duration::from_millis(1));
    sandbox.add_fault(second).expect("the fault is set");
    assert!(list(&sandbox).await.status_line().contains(" 500 "));
    assert!(list(&sandbox).await.status_line().contains(" 502 "));
    assert!(create(&sandbox).await.status_line().contains(" 502 "));
}

#[test]
fn faults_survive_a_round_trip_as_strings() {
    let faults = [
        Fault::status(503).on([LIST, CREATE]).times(2),
        Fault::html(200).probability(0.25),
        Fault::cut_off().delayed(Duration::from_millis(1500)),
        Fault::reset().handled(),
        Fault::drip(Duration::from_millis(20)),
        Fault::delay(Duration::ZERO + Duration::from_secs(90)),
        Fault::status(429).retry_after(Duration::from_secs(2)),
    ];
    for fault in faults {
        let text = fault.to_string();
        assert_eq!(text.parse(), Ok(fault), "{text}");
    }
    let all: Fault = " * : reset , count=1 ".parse().expect("a fault");
    assert_eq!(all, Fault::reset().times(1));
}

#[tokio::test]
async fn an_invalid_fault_is_reported_with_a_solution() {
    let cases = [
        (
            "ListScorecardRules",
            "`ListScorecardRules` is not an option of a fault; write one of `status=503`",
        ),
        ("ListScorecardRules:", "it has no effect; write one of"),
        (
            "status=503,html=502",
            "it has several effects; write a fault for each",
        ),
        (
            "status=many",
            "`status` must be a number, such as `status=503`",
        ),
        (
            "delay=soon",
            "`delay` must be a duration, such as `delay=200ms`",
        ),
        (
            "delay=-1s",
            "`delay` must be a duration, such as `delay=200ms`",
        ),
        ("reset=1", "`reset` takes no value"),
        ("status=200", "from 400 to 599"),
        ("html=204", "a status code with a body"),
        ("reset,probability=2", "from 0 to 1"),
        ("reset,probability=NaN", "from 0 to 1"),
        ("reset,retry-after=1s", "needs `status` or `html`"),
        (
            "listScorecardRule:reset",
            "did you mean `ListScorecardRules`?",
        ),
        (
            "Nope:reset",
            "no operation `Nope`; the sandbox's page lists the operations",
        ),
    ];
    for (text, expected) in cases {
        let message = match text.parse::<Fault>() {
            Err(error) => error,
            Ok(fault) => start_error(fault).await,
        };
        assert!(message.to_string().contains(expected), "{text}: {message}");
    }
}

async fn start_error(fault: Fault) -> SettingError {
    let error = Sandbox::builder().fault(fault).start().await;
    let error = error.expect_err("the fault is invalid");
    let StartError::Setting(error) = error else {
        unreachable!("{error}");
    };
    error
}
