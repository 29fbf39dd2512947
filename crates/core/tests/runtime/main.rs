//! Tests of the runtime through its public API: hand-written operations against a loopback server
//! with canned bytes. They share one binary, so that it links once.

#![forbid(unsafe_code)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows tests, but not their helpers"
)]

mod arguments;
mod compression;
mod decoders;
mod deviations;
mod envelopes;
mod error_text;
mod failures;
mod faults;
mod http2;
mod limits;
mod lines;
mod networks;
mod pages;
mod prefetch;
mod properties;
mod providers;
mod push;
mod rate_limits;
mod raw;
mod retries;
mod script;
mod secrets;
mod serialized;
mod settings;
mod spans;
mod streams;
mod types;
mod unchecked;
mod unions;
mod watch;
mod wire;

use scorekit_core::{
    BodyKind, Client, Config, Credentials, Error, Method, Operation, Request, RetryPolicy,
    RetrySafety, SecurityLocation, SecurityScheme, Server, ServerVariable, Value, datadog, dcycle,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The secrets that must appear only on the wire.
const API_KEY: &str = "canary-api-key-0001";
const APPLICATION_KEY: &str = "canary-app-key-0002";
const TOKEN: &str = "canary-token-0003";

static DATADOG: Server = Server::new(datadog::SERVER, "https://api.{site}")
    .variables(&[ServerVariable::new("site", "datadoghq.com")]);
static DCYCLE: Server = Server::new(dcycle::SERVER, "http://api.dcycle.example/v1/");

static API_KEY_AUTH: SecurityScheme = SecurityScheme::new(
    datadog::API_KEY_AUTH,
    SecurityLocation::Header("DD-API-KEY"),
);
static APP_KEY_AUTH: SecurityScheme = SecurityScheme::new(
    datadog::APP_KEY_AUTH,
    SecurityLocation::Header("DD-APPLICATION-KEY"),
);
static AUTH_Z: SecurityScheme = SecurityScheme::new(datadog::AUTH_Z, SecurityLocation::Bearer);
static QUERY_KEY: SecurityScheme =
    SecurityScheme::new("queryKey", SecurityLocation::Query("key[]"));
static COOKIE_KEY: SecurityScheme =
    SecurityScheme::new("cookieKey", SecurityLocation::Cookie("session"));
static BASIC: SecurityScheme = SecurityScheme::new("basic", SecurityLocation::Basic);

static GET_RULE: Operation =
    Operation::new("GetRule", Method::GET, "/api/v2/rules/{rule_id}", &DATADOG)
        .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH], &[&AUTH_Z]]);
static DELETE_RULE: Operation = Operation::new(
    "DeleteRule",
    Method::DELETE,
    "/api/v2/rules/{rule_id}",
    &DATADOG,
)
.security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH], &[&AUTH_Z]])
.response(BodyKind::Empty);
static CREATE_RULE: Operation =
    Operation::new("CreateRule", Method::POST, "/api/v2/rules", &DATADOG)
        .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]]);
static LIST_VALUES: Operation = Operation::new("ListValues", Method::GET, "/values", &DCYCLE)
    .headers(&["x-organization-id", "X-User-Id"]);
static ODD_KEYS: Operation = Operation::new("OddKeys", Method::GET, "/values", &DCYCLE)
    .security(&[&[&QUERY_KEY, &COOKIE_KEY, &BASIC]]);

/// Creates a configuration with two keys and the defaults.
fn keys() -> Config {
    Config::new().credentials(Credentials::datadog_keys(API_KEY, APPLICATION_KEY))
}

/// Creates a configuration with two keys and without retries.
fn once() -> Config {
    keys().retry(RetryPolicy::none())
}

/// A server that sends canned bytes on one connection and returns the request.
struct Canned {
    url: String,
    seen: JoinHandle<String>,
}

impl Canned {
    async fn new(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            stream.write_all(&response).await.unwrap();
            stream.shutdown().await.ok();
            request
        });
        Self { url, seen }
    }

    /// Starts a server that sends a status line and a body.
    async fn json(status: &str, body: &str) -> Self {
        Self::new(http_response(status, "", body)).await
    }

    fn client(&self, config: Config) -> Client {
        // It accepts one connection.
        let config = config.retry(RetryPolicy::none());
        Client::new(config.base_url(&self.url)).unwrap()
    }

    async fn seen(self) -> String {
        self.seen.await.unwrap()
    }
}

fn http_response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// Reads one request: its head, then as much body as the head announces.
async fn read_request(stream: &mut TcpStream) -> String {
    try_read_request(stream).await.unwrap()
}

/// Reads a request with its body; `None` if there is no more.
async fn try_read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(text.into_owned());
            }
        }
        let count = stream.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        request.extend_from_slice(&buffer[..count]);
    }
}

/// Returns the error of a rule request to a server that sends a status line and a body.
async fn failure(status: &str, body: &str) -> Error {
    let server = Canned::json(status, body).await;
    get_rule(&server.client(keys())).send().await.unwrap_err()
}

fn get_rule(client: &Client) -> Request<Value> {
    client.request(&GET_RULE).path("rule_id", &"r-1")
}

/// Returns all text of an error that a person may see, its sources included.
fn everything(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n{:?}", error.body_excerpt());
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text.push_str(&format!("\n{source}\n{source:?}"));
        cause = source.source();
    }
    text
}

fn assert_no_canary(text: &str) {
    for secret in [API_KEY, APPLICATION_KEY, TOKEN] {
        assert!(!text.contains(secret), "{secret} shows in {text}");
    }
}
