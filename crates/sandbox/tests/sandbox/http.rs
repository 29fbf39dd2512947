//! A minimal HTTP client that can send valid and invalid requests.

use scorekit_sandbox::{Credentials, Sandbox};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response of the sandbox.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) text: String,
}

impl Response {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        assert!(
            self.headers.contains("content-type: application/json"),
            "{self:?}"
        );
        serde_json::from_str(&self.text).expect("the body is JSON")
    }

    /// Checks the status code, and returns the body.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.text.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }
}

/// Returns headers with every key that the sandbox accepts.
pub(crate) fn keys() -> Vec<(String, String)> {
    let Credentials {
        api_key,
        application_key,
        dcycle_api_key,
        ..
    } = Credentials::SANDBOX;
    let keys = [
        ("DD-API-KEY", api_key),
        ("DD-APPLICATION-KEY", application_key),
        ("x-api-key", dcycle_api_key),
    ];
    keys.map(|(name, key)| (name.to_owned(), key.to_owned()))
        .to_vec()
}

/// Sends a request with exactly these headers and this body.
pub(crate) async fn send(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &str,
) -> Response {
    let mut stream = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request is sent");
    let mut bytes = Vec::new();
    stream
        .read_to_end(&mut bytes)
        .await
        .expect("the response is read");
    let text = String::from_utf8(bytes).expect("the response is text");
    let (head, text) = text
        .split_once("\r\n\r\n")
        .expect("the response has a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("the response has a status");
    Response {
        status,
        headers: head.to_ascii_lowercase(),
        text: text.to_owned(),
    }
}

/// Sends a request with valid credentials.
pub(crate) async fn call(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    body: Option<&Value>,
) -> Response {
    let mut headers = keys();
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    send(sandbox, method, target, &headers, &body).await
}

/// Fetches a list or a resource, which must exist.
pub(crate) async fn get(sandbox: &Sandbox, target: &str) -> Value {
    call(sandbox, "GET", target, None).await.expect(200)
}

/// Sends a body, and checks the status code.
pub(crate) async fn post(sandbox: &Sandbox, target: &str, body: &Value, status: u16) -> Value {
    call(sandbox, "POST", target, Some(body))
        .await
        .expect(status)
}

/// Percent-encodes the reserved characters of a query.
pub(crate) fn encoded(text: &str) -> String {
    text.replace('[', "%5B")
        .replace(']', "%5D")
        .replace(' ', "%20")
        .replace(',', "%2C")
}
