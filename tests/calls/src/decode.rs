//! The code of the fuzz target `decode`: a client reads the status, headers and body of a response.
//!
//! A workspace test runs it over the corpus and changes of it, for machines without the fuzzer.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit::Client;
use scorekit_core::test_hooks::{TestHooks, Transport, TransportError};
use scorekit_core::{BoxFuture, CallOptions, Config, Credentials, Error, Response, RetryPolicy};
use tokio::runtime::Runtime;

const KEY: &str = "canary-key-0001";

/// The status codes of responses, selected by the second byte of the data.
const STATUSES: [u16; 10] = [200, 201, 202, 204, 400, 401, 404, 409, 429, 500];

/// The headers of responses, selected by the bits of the third byte.
const HEADERS: [(&str, &str); 6] = [
    ("content-type", "application/vnd.api+json"),
    ("retry-after", "3"),
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "784111800"),
    ("x-ratelimit-name", "cases"),
    ("x-request-id", "r-1"),
];

thread_local! {
    static CLIENT: (Client, CannedTransport, Runtime) = {
        let transport = CannedTransport::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        (client(transport.clone()), transport, runtime)
    };
}

/// Sends one call whose response is `data`. The first three bytes select the operation, the status
/// code and the headers; the rest is the body.
///
/// # Panics
///
/// Panics if the status code is lost, or if an error has more than one line or shows the key.
pub fn run(data: &[u8]) {
    let [operation, status, headers, body @ ..] = data else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let headers = HEADERS
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| headers >> bit & 1 == 1)
        .map(|(_, header)| header)
        .collect();
    let canned = CannedResponse {
        status,
        headers,
        body: body.to_vec(),
    };
    let outcome = CLIENT.with(|(client, transport, runtime)| {
        *transport.0.lock().expect("no panic before") = canned;
        runtime.block_on(send(client, *operation))
    });
    match outcome {
        Ok((found, _)) => assert_eq!(found, status),
        Err(error) => {
            let found = error.status().map(|status| status.as_u16());
            assert_eq!(found, Some(status), "{error}");
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
            let mut all = format!(
                "{line}\n{error:?}\n{:?}\n{:?}",
                error.errors(),
                error.json_path()
            );
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                let _ = write!(all, "\n{source}\n{source:?}");
                cause = source.source();
            }
            assert!(!all.contains(KEY), "{all}");
        }
    }
}

/// The status code and the `Debug` output of the value, which must not panic either.
type Outcome = Result<(u16, String), Error>;

async fn send(client: &Client, operation: u8) -> Outcome {
    match operation % 8 {
        0 => summarize(client.scorecards().rules().list().send().await),
        1 => summarize(client.scorecards().outcomes().list().send().await),
        2 => summarize(client.campaigns().list().send().await),
        3 => summarize(client.cases().search().send().await),
        4 => summarize(client.cases().timeline().list("c-1").send().await),
        5 => summarize(client.cases().views().list("p-1").send().await),
        6 => {
            let kpi = scorekit::kpi::types::KpiRequest::new("k");
            summarize(client.kpi().kpis().create("d-1", kpi).send().await)
        }
        _ => summarize(client.cases().get("c-1").send().await),
    }
}

fn summarize<T: std::fmt::Debug>(response: Result<Response<T>, Error>) -> Outcome {
    response.map(|response| (response.status().as_u16(), format!("{response:?}")))
}

/// Creates a client that receives the responses of `transport`. This takes longer than a call, so
/// each thread has one client.
fn client(transport: CannedTransport) -> Client {
    let credentials = Credentials::datadog_keys(KEY, KEY).merge(Credentials::dcycle_key(KEY));
    let config = Config::new()
        .credentials(credentials)
        .base_url("http://127.0.0.1:9")
        // The rate limit of one response must not delay the next call.
        .options(CallOptions::new().wait_for_rate_limits(false))
        .retry(RetryPolicy::none());
    let test_hooks = TestHooks {
        transport: Some(Arc::new(transport)),
        ..TestHooks::default()
    };
    let core = scorekit_core::Client::with_test_hooks(config, test_hooks).expect("a client");
    Client::from(core)
}

/// The next response.
#[derive(Default)]
struct CannedResponse {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

/// A transport with one response.
#[derive(Clone, Default)]
struct CannedTransport(Arc<Mutex<CannedResponse>>);

impl Transport for CannedTransport {
    fn send(
        &self,
        _request: reqwest::Request,
        _connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        let mut canned = self.0.lock().expect("no panic before");
        let mut response = http::Response::builder().status(canned.status);
        for (name, value) in &canned.headers {
            response = response.header(*name, *value);
        }
        let body = std::mem::take(&mut canned.body);
        let response = response.body(body).expect("a response");
        Box::pin(std::future::ready(Ok(response.into())))
    }
}
