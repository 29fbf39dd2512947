//! Runs the rows of the matrix: over sockets, with every kind of credential, and under a paused
//! clock.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt, stream};
use scorekit_core::UnknownMap;
use scorekit_core::test_hooks::TestHooks;
use scorekit_core::{CallOptions, Client, Config, Error, Operation, Response, RetryPolicy, Value};

use super::row::{Outcome, Row, SCALE};
use super::rows::{bodies, connections, contents, headers, redirects, successes};
use super::secrets::{DELETE, GET, KINDS, Kind, POST, PUT, all_of, assert_clean};
use super::server::{Act, Faulty};
use super::statuses::{error_bodies, rate_limits, statuses};
use super::{alone, trusted};
use crate::script::{Script, noon};

/// The time after which a call hangs. It detects a call that never ends, and is far longer than any
/// call takes on a busy machine. The paused clock asserts the exact times.
const HANGS: Duration = Duration::from_secs(120);

/// The size limit of a response.
const LARGEST: usize = 1024 * 1024;

/// The factors by which the limits and waits of timed rows are longer, in turn, until a row holds.
/// The first limits are so short that a machine that stalls for half a second reaches them early,
/// before the headers for instance. With the last ones, it has to stall for ten seconds.
const PATIENCE: [u32; 3] = [1, 4, 16];

/// The most bytes that the system buffers between two sockets on this machine.
const SOCKETS: usize = 16 * 1024 * 1024;

/// The response type of the operations of the matrix.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    id: String,
    unknown: UnknownMap,
}

scorekit_core::json_object! {
    Rule { id = "id" or_default }
    unknown properties in unknown
}

/// Returns all rows. `elsewhere` is an address that must receive no request.
pub(crate) fn rows(elsewhere: &str) -> Vec<Row> {
    let mut rows = connections();
    rows.extend(headers());
    rows.extend(bodies());
    rows.extend(contents());
    rows.extend(super::compressed::compressed());
    rows.extend(successes());
    rows.extend(redirects(elsewhere));
    rows.extend(rate_limits());
    rows.extend(error_bodies());
    rows.extend(statuses());
    rows
}

/// Returns each operation with its expected outcome.
fn calls(row: &Row) -> [(&'static Operation, &Outcome); 4] {
    [
        (&GET, &row.idempotent),
        (&POST, &row.creating),
        (&PUT, &row.idempotent),
        (&DELETE, &row.without_body),
    ]
}

/// Sets the limits and waits of the matrix. They are the defaults of a client, divided by `SCALE`
/// and multiplied by `patience` where a row tests them.
fn settings(config: Config, is_timed: bool, patience: u32) -> Config {
    let faster = |seconds| Duration::from_secs(seconds) * patience / SCALE;
    let config = config.options(CallOptions::new().max_response_size(LARGEST));
    let policy = RetryPolicy::new().base_delay(Duration::from_millis(500) * patience / SCALE);
    if is_timed {
        let limits = CallOptions::new()
            .timeout(faster(120))
            .attempt_timeout(faster(60))
            .read_timeout(faster(30));
        config.options(limits).retry(policy)
    } else {
        // The error reports a wait that the server requests; the client does not wait.
        config.retry(policy.max_wait(Duration::from_millis(100)))
    }
}

/// Returns the request body of a `PUT` and a `POST`.
fn content() -> Value {
    serde_json::json!({"name": "rule", "text": "é\u{1f980}".repeat(5000)})
}

async fn send(client: &Client, operation: &'static Operation) -> Result<Response<Rule>, Error> {
    match operation.id {
        "Delete" => {
            let request = client.request::<()>(operation).path("rule_id", &"r-1");
            let response = request.send().await?;
            Ok(response.map(|()| Rule::default()))
        }
        "Get" => {
            client
                .request(operation)
                .path("rule_id", &"r-1")
                .send()
                .await
        }
        _ => {
            let request = client.request(operation).path("rule_id", &"r-1");
            request.json(&content()).send().await
        }
    }
}

/// A row, an operation and its outcome.
type Case<'a> = (&'a Row, (&'static Operation, &'a Outcome));

/// A prepared call over real sockets.
struct Trial<'a> {
    row: &'a Row,
    operation: &'static Operation,
    patience: u32,
    expected: Outcome,
    kind: &'a Kind,
    server: Faulty,
    client: Client,
}

impl<'a> Trial<'a> {
    async fn new((row, (operation, expected)): Case<'a>, kind: &'a Kind, patience: u32) -> Self {
        let server = Faulty::slower(&row.acts, patience).await;
        let test_hooks = TestHooks {
            random: |bound| bound,
            now: noon,
            ..TestHooks::default()
        };
        let config = settings(
            (kind.config)().base_url(&server.url),
            row.is_timed(),
            patience,
        );
        Self {
            row,
            operation,
            patience,
            expected: expected.clone(),
            kind,
            server,
            client: Client::with_test_hooks(config, test_hooks).unwrap(),
        }
    }

    /// Makes the calls of the row, and asserts every property of the last one.
    async fn run(self) {
        let Self {
            row,
            operation,
            patience,
            mut expected,
            kind,
            server,
            client,
        } = self;
        let what = format!("{} {}, {}", operation.id, row.name, kind.name);
        for _ in 1..row.calls {
            let first = send(&client, operation).await;
            assert!(first.is_ok(), "{what}: {first:?}");
            // The client learns of the closed connection when the runtime polls its sockets.
            while row.closes_between_calls() && server.closed() == 0 {
                tokio::task::yield_now().await;
            }
            for _ in 0..500 {
                tokio::task::yield_now().await;
            }
        }
        let before = server.seen().len();
        let begin = Instant::now();
        let outcome = send(&client, operation).await;
        let elapsed = begin.elapsed();

        let attempts = match &outcome {
            Ok(response) => response.attempts(),
            Err(error) => error.attempts(),
        };
        let found = Outcome {
            kind: outcome.as_ref().err().map(Error::kind),
            status: match &outcome {
                Ok(response) => Some(response.status().as_u16()),
                Err(error) => error.status().map(|status| status.as_u16()),
            },
            attempts,
            took: expected.took,
            retry_after: outcome.as_ref().err().and_then(Error::retry_after),
        };
        if expected.retry_after.is_some() {
            // This is longer than the client waits.
            expected.attempts = 1;
        }
        // The provider is called again, and its credentials are rejected again.
        let is_refused = expected.status == Some(401) && kind.rotates();
        if is_refused {
            expected.attempts = 2;
        }
        let is_retried = expected.attempts > 1;
        if row.is_timed() && (1..expected.attempts).contains(&attempts) {
            // Each attempt took longer than on an idle machine, so the whole call had time for
            // fewer. The paused clock asserts the number.
            expected.attempts = attempts;
        }
        assert_eq!(found, expected, "{what}: {outcome:?}");
        if let Err(error) = &outcome {
            let retryable = expected.retry_after.is_some() || is_retried && !is_refused;
            assert_eq!(error.is_retryable(), retryable, "{what}: {error}");
            assert_eq!(error.operation(), Some(operation.id));
        }

        // The call does not end before its limits and waits allow.
        let least = match (expected.retry_after, row.is_timed()) {
            (None, true) => expected.took * patience / SCALE,
            _ => Duration::ZERO,
        };
        assert!(least <= elapsed && elapsed < HANGS, "{what}: {elapsed:?}");

        assert_received(
            &server,
            before,
            attempts as usize,
            (row, operation, kind),
            &what,
        );

        let shown = match outcome {
            Ok(response) => format!("{response:?}"),
            Err(error) => all_of(error),
        };
        assert_clean(&shown, &what);
    }
}

/// Asserts that the server received every attempt, each with the whole request, after `earlier`
/// requests.
fn assert_received(
    server: &Faulty,
    earlier: usize,
    attempts: usize,
    (row, operation, kind): (&Row, &Operation, &Kind),
    what: &str,
) {
    let seen = server.seen();
    if matches!(row.acts[..], [Act::Closed]) {
        assert_eq!(server.connections(), 0, "{what}");
    } else {
        assert_eq!(seen.len() - earlier, attempts, "{what}");
        assert!(server.connections() <= seen.len(), "{what}");
    }
    let body = match operation.id {
        "Put" | "Post" => serde_json::to_vec(&content()).unwrap(),
        _ => Vec::new(),
    };
    for request in &seen {
        assert_eq!(
            request.target(),
            format!("{} /api/v2/rules/r-1", operation.method),
            "{what}"
        );
        assert!(request.body == body, "{what}: {} bytes", request.body.len());
        assert_eq!(request.secrets().len(), kind.secrets, "{what}");
    }
    let most = attempts * (LARGEST + SOCKETS);
    assert!(
        server.written() <= most,
        "{what}: {} bytes",
        server.written()
    );
}

/// Asserts that a call has the outcome of its row.
async fn holds(trial: Trial<'_>) -> bool {
    AssertUnwindSafe(trial.run()).catch_unwind().await.is_ok()
}

/// Runs every row over sockets, with one kind of credential and the given number of operations.
pub(crate) async fn run(kind: &Kind, operations: usize) {
    let elsewhere = Faulty::new(&[Act::Closed, Act::Closed]).await;
    let rows: Vec<Row> = rows(&elsewhere.url)
        .into_iter()
        .filter(Row::is_possible)
        .collect();
    let cases = |is_timed| {
        let rows = rows.iter().filter(move |row| row.is_timed() == is_timed);
        rows.flat_map(|row| {
            let calls = calls(row).into_iter().take(operations);
            calls.map(move |call| (row, call))
        })
    };
    // Rows that depend on time run first, while the processor is idle. They start together, once
    // all are prepared.
    let mut timed: Vec<Case<'_>> = cases(true).collect();
    for patience in PATIENCE {
        let prepared = stream::iter(&timed).then(|case| Trial::new(*case, kind, patience));
        let prepared: Vec<Trial<'_>> = prepared.collect().await;
        let ended = join_all(prepared.into_iter().map(holds)).await;
        let mut ended = ended.into_iter();
        timed.retain(|_| ended.next() == Some(false));
    }
    let others = stream::iter(cases(false)).map(|case| Trial::new(case, kind, 1).then(holds));
    let ended: Vec<bool> = others.buffer_unordered(8).collect().await;
    let failures = timed.len() + ended.iter().filter(|holds| !**holds).count();
    // Each failure is printed, so that one run shows them all.
    assert_eq!(failures, 0, "rows do not hold");
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
}

#[test]
fn every_row_takes_the_documented_time() {
    alone("faults::matrix::under_a_paused_clock");
}

/// Checks the times of the table to the millisecond.
#[tokio::test(start_paused = true)]
#[ignore = "run by the test above"]
async fn under_a_paused_clock() {
    trusted();
    let mut count = 0;
    for row in rows("https://elsewhere.example") {
        if !row.scripted {
            continue;
        }
        for (operation, expected) in calls(&row) {
            let script = Script::new(row.steps());
            let client = script.client((KINDS[0].config)());
            let outcome = send(&client, operation).await;
            let found = match &outcome {
                Ok(response) => Outcome {
                    attempts: response.attempts(),
                    ..Outcome::new(None, Some(response.status().as_u16()))
                },
                Err(error) => Outcome {
                    attempts: error.attempts(),
                    retry_after: error.retry_after(),
                    ..Outcome::new(Some(error.kind()), error.status().map(|it| it.as_u16()))
                },
            };
            let took = Duration::from_millis(u64::try_from(script.elapsed()).unwrap());
            let found = Outcome { took, ..found };
            assert_eq!(
                &found, expected,
                "{} {}: {outcome:?}",
                operation.id, row.name
            );
            assert_eq!(script.asked().len(), expected.attempts as usize);
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}
