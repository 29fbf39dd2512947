//! Starting, stopping and living side by side.

use std::time::{Duration, Instant, SystemTime};

use scorekit_sandbox::{Clock, Sandbox, StartError};
use serde_json::json;
use tokio::net::TcpStream;

use crate::fixture::*;
use crate::http::{get, post};

#[tokio::test]
async fn sandboxes_live_side_by_side_and_share_nothing() {
    let first = Sandbox::start().await.expect("the first starts");
    let second = Sandbox::start().await.expect("the second starts");
    assert_ne!(first.url(), second.url());
    create_rule(&first, "On call", "Production").await;
    assert_eq!(get(&second, RULES).await["data"], json!([]));
    assert_eq!(second.requests().len(), 1);
}

#[tokio::test]
async fn the_same_calls_get_the_same_answers() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH).expect("a time");
        let sandbox = Sandbox::builder()
            .clock(clock)
            .start()
            .await
            .expect("the sandbox starts");
        let rule_id = create_rule(&sandbox, "On call", "Production").await;
        let campaign = post(&sandbox, CAMPAIGNS, &campaign("q1", &rule_id), 201).await;
        answers.push((
            campaign,
            post(&sandbox, PROJECTS, &project("SEC"), 201).await,
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(
        answers[0].0["data"]["attributes"]["created_at"],
        "1970-01-01T00:00:00.000Z"
    );
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_forgets() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    create_rule(&sandbox, "On call", "Production").await;
    let port = sandbox.address().port();
    // A connection that a client keeps open must not keep the sandbox alive.
    let idle = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    sandbox.stop().await;
    let again = Sandbox::builder()
        .port(port)
        .start()
        .await
        .expect("the port is free");
    assert_eq!(get(&again, RULES).await["data"], json!([]));
    drop(idle);
}

#[tokio::test]
async fn a_dropped_sandbox_stops_listening() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let address = sandbox.address();
    drop(sandbox);
    let deadline = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "{address} still listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_way_out() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let error = Sandbox::builder()
        .port(sandbox.address().port())
        .start()
        .await
        .expect_err("the port is in use");
    assert!(matches!(error, StartError::Listen { .. }));
    assert!(error.to_string().contains("choose another port"), "{error}");
}

#[test]
fn a_clock_says_how_times_are_written() {
    let error = "yesterday".parse::<Clock>().expect_err("no time");
    assert!(
        error.to_string().contains("2026-01-31T08:30:00Z"),
        "{error}"
    );
}
