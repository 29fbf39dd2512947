//! Start, stop, clock and log of sandboxes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use scorekit_sandbox::{Clock, Sandbox, StartError};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::*;
use crate::http::{get, post};

#[tokio::test]
async fn concurrent_sandboxes_share_nothing() {
    let first = Sandbox::start().await.expect("the first starts");
    let second = Sandbox::start().await.expect("the second starts");
    assert_ne!(first.url(), second.url());
    create_rule(&first, "On call", "Production").await;
    assert_eq!(get(&second, RULES).await["data"], json!([]));
    assert_eq!(second.requests().len(), 1);
}

#[tokio::test]
async fn the_same_calls_get_the_same_responses() {
    let mut responses = Vec::new();
    for _ in 0..2 {
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH).expect("a time");
        let sandbox = Sandbox::builder()
            .clock(clock)
            .start()
            .await
            .expect("the sandbox starts");
        let rule_id = create_rule(&sandbox, "On call", "Production").await;
        let campaign = post(&sandbox, CAMPAIGNS, &campaign("q1", &rule_id), 201).await;
        responses.push((
            campaign,
            post(&sandbox, PROJECTS, &project("SEC"), 201).await,
        ));
    }
    assert_eq!(responses[0], responses[1]);
    assert_eq!(
        responses[0].0["data"]["attributes"]["created_at"],
        "1970-01-01T00:00:00.000Z"
    );
}

/// The number of sandboxes that a test of a free port starts.
const SANDBOXES: usize = 10;

/// The number of them whose port another process may take as soon as it is free.
const TAKEN: usize = 2;

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_loses_its_state() {
    let mut freed = 0;
    for _ in 0..SANDBOXES {
        let sandbox = Sandbox::start().await.expect("the sandbox starts");
        create_rule(&sandbox, "On call", "Production").await;
        let port = sandbox.address().port();
        // An open connection must not delay the stop.
        let idle = TcpStream::connect(sandbox.address())
            .await
            .expect("the sandbox listens");
        sandbox.stop().await;
        if let Ok(again) = Sandbox::builder().port(port).start().await {
            assert_eq!(get(&again, RULES).await["data"], json!([]));
            freed += 1;
        }
        drop(idle);
    }
    assert!(freed >= SANDBOXES - TAKEN, "{freed} of {SANDBOXES}");
}

#[tokio::test]
async fn a_dropped_sandbox_stops_listening() {
    let mut stopped = 0;
    for _ in 0..SANDBOXES {
        let sandbox = Sandbox::start().await.expect("the sandbox starts");
        let address = sandbox.address();
        drop(sandbox);
        // On this runtime's only thread, the aborted task ends while the test yields.
        for _ in 0..1000 {
            if TcpStream::connect(address).await.is_err() {
                stopped += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    assert!(stopped >= SANDBOXES - TAKEN, "{stopped} of {SANDBOXES}");
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_a_solution() {
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
fn a_clock_error_shows_the_time_format() {
    let error = "yesterday".parse::<Clock>().expect_err("no time");
    assert!(
        error.to_string().contains("2026-01-31T08:30:00Z"),
        "{error}"
    );
}

/// Runs the next test in a process that may open enough files: a sandbox has a socket.
#[cfg(unix)]
#[test]
fn a_thousand_sandboxes_run_in_one_process() {
    let program = std::env::current_exe().expect("this program");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 4096; exec \"$0\" \"$@\""])
        .arg(program)
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("lifetime::a_thousand_sandboxes_are_separate")
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("1 passed") && output.status.success(),
        "{text} {output:?}"
    );
}

#[tokio::test]
#[ignore = "needs 4,096 open files; the test before runs it"]
async fn a_thousand_sandboxes_are_separate() {
    let (mut sandboxes, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..1_000 {
        let start = std::time::Instant::now();
        sandboxes.push(Sandbox::start().await.expect("it starts"));
        starts.push(start.elapsed());
    }
    for (index, sandbox) in sandboxes.iter().enumerate() {
        create_rule(sandbox, &format!("rule {index}"), "Production").await;
    }
    for (index, sandbox) in sandboxes.iter().enumerate() {
        let rules = get(sandbox, RULES).await;
        let expected = [json!(format!("rule {index}"))];
        assert_eq!(
            each(&rules, "/attributes/name"),
            expected,
            "sandbox {index}"
        );
    }
    // A figure for a reader, not a limit: the machine may be busy.
    starts.remove(0);
    starts.sort_unstable();
    println!(
        "a start took {:?} (median) to {:?}",
        starts[499], starts[998]
    );
}

#[tokio::test]
async fn two_hundred_sandboxes_run_at_the_same_time() {
    let mut sandboxes = Vec::new();
    for _ in 0..200 {
        sandboxes.push(Arc::new(Sandbox::start().await.expect("it starts")));
    }

    let calls = sandboxes.iter().enumerate().map(|(index, sandbox)| {
        let sandbox = Arc::clone(sandbox);
        tokio::spawn(async move {
            for rule in 0..=index % 3 {
                create_rule(&sandbox, &format!("{index}-{rule}"), "Production").await;
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("the calls succeed");
    }
    for (index, sandbox) in sandboxes.iter().enumerate() {
        let expected: Vec<_> = (0..=index % 3)
            .map(|rule| json!(format!("{index}-{rule}")))
            .collect();
        let rules = get(sandbox, RULES).await;
        assert_eq!(
            each(&rules, "/attributes/name"),
            expected,
            "sandbox {index}"
        );
        assert_eq!(sandbox.requests().len(), expected.len() + 1);
    }
}

#[tokio::test]
async fn a_dropped_sandbox_closes_its_connections() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    // One connection is idle, one is in the middle of a request.
    let mut idle = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    let mut halfway = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    halfway
        .write_all(
            b"POST /api/v2/scorecard/rules HTTP/1.1\r\nhost: localhost\r\n\
              content-length: 10\r\n\r\n{",
        )
        .await
        .expect("half a request is sent");
    // The request has arrived when the log has it.
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(sandbox);
    for stream in [&mut idle, &mut halfway] {
        let mut rest = Vec::new();
        // The connection is closed or reset, but not left open.
        let _ = bounded(stream.read_to_end(&mut rest)).await;
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}

#[tokio::test]
async fn the_clock_can_change_while_the_sandbox_runs() {
    let start: Clock = "2026-01-31T08:30:00Z".parse().expect("a time");
    let sandbox = Sandbox::builder()
        .clock(start.clone())
        .start()
        .await
        .expect("the sandbox starts");
    create_rule(&sandbox, "first", "Production").await;
    sandbox.clock().advance(Duration::from_millis(90_500));
    create_rule(&sandbox, "second", "Production").await;
    // The builder's clock is the same clock, and it can be set back.
    start
        .set(SystemTime::UNIX_EPOCH)
        .expect("a time that a clock can have");
    create_rule(&sandbox, "third", "Production").await;
    let created = each(&get(&sandbox, RULES).await, "/attributes/created_at");
    assert_eq!(
        created,
        [
            "2026-01-31T08:30:00.000Z",
            "2026-01-31T08:31:30.500Z",
            "1970-01-01T00:00:00.000Z"
        ]
    );
    let arrived: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|request| request.time)
        .collect();
    assert_eq!(
        arrived[1].duration_since(arrived[0]).expect("later"),
        Duration::from_millis(90_500)
    );
    assert_eq!(arrived[2], SystemTime::UNIX_EPOCH);
}

#[test]
fn advance_keeps_the_mode_and_stops_at_the_last_year() {
    let running = Clock::system();
    running.advance(Duration::from_secs(60));
    assert_ne!(running, Clock::system());
    let still: Clock = "9999-12-30T00:00:00Z".parse().expect("a time");
    still.advance(Duration::MAX);
    let end = still.clone();
    still.advance(Duration::from_secs(1));
    assert_eq!(still, end);
}

#[tokio::test]
async fn the_request_log_keeps_the_latest_requests() {
    for (most, expected) in [(0, vec![]), (2, vec![4, 5]), (9, vec![1, 2, 3, 4, 5])] {
        let builder = Sandbox::builder().max_recorded_requests(most);
        let sandbox = builder.start().await.expect("the sandbox starts");
        for _ in 0..5 {
            get(&sandbox, RULES).await;
        }
        let records = sandbox.requests();
        let numbers: Vec<u64> = records.iter().map(|record| record.number).collect();
        assert_eq!(numbers, expected, "{most}");
        assert!(records.iter().all(|record| record.status == 200), "{most}");
    }
}
