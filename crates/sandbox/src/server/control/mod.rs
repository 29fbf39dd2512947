//! The control API below `/_sandbox/`. Like the vendors' APIs, it is described by a document,
//! `control.json`, which decides what is accepted and what is sent.

mod handlers;
mod settings;
mod stored;

use std::sync::OnceLock;

use http::request::Parts;
use http::{HeaderValue, Method, Response, header};
use serde_json::Value;

use super::body::Body;
use super::parts::Server;
use super::read_body::read_body;
use super::response::JsonResponse;
use super::response_check::check_response;
use super::steering::Written;
use crate::document::{Document, Operation};
use crate::request::{ApiError, Call, RawRequest, Reason, Route, read_call, route};

/// The text of the control API's document; the generator writes it next to this crate's manifest.
const TEXT: &str = include_str!("../../../control.json");

/// The start of every path of the control API.
pub(super) const PREFIX: &str = "/_sandbox/";

/// The path of the document.
const DOCUMENT_PATH: &str = "/_sandbox/openapi.json";

/// A request to the control API.
struct Request<'a> {
    server: &'a Server,
    call: Call<'a>,
    /// The host and port that the client used.
    host: &'a str,
}

/// The result of a handler: the body of the success, and the changes to wait for.
struct Reply {
    body: Option<Value>,
    written: Option<Written>,
}

type Result<T> = std::result::Result<T, ApiError>;

impl Reply {
    fn json(body: Value) -> Self {
        Self {
            body: Some(body),
            written: None,
        }
    }

    fn empty() -> Self {
        Self {
            body: None,
            written: None,
        }
    }

    /// Waits for changes before the response is sent.
    fn after(mut self, written: Written) -> Self {
        self.written = Some(written);
        self
    }
}

/// Responds to a request for a path below [`PREFIX`].
pub(super) async fn respond<B>(
    server: &Server,
    method: &Method,
    parts: &Parts,
    body: B,
) -> Response<Body>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let path = parts.uri.path();
    let mut response = if *method == Method::GET && path == DOCUMENT_PATH {
        let mut response = Response::new(Body::whole(TEXT));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    } else {
        match document() {
            Ok(document) => operation(server, document, method, parts, body).await,
            Err(problem) => JsonResponse::error(&ApiError::new(Reason::Internal, problem), None),
        }
        .into_http()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// Returns the document, which is parsed once per process.
fn document() -> std::result::Result<&'static Document, String> {
    static DOCUMENT: OnceLock<std::result::Result<Document, String>> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        let mut root: Value = serde_json::from_str(TEXT).map_err(|error| error.to_string())?;
        // The parsers of faults, limits and durations accept more, and their errors say more.
        if let Some(Value::Object(schemas)) = root.pointer_mut("/components/schemas") {
            for name in ["FaultRequest", "RateLimitRequest", "Duration"] {
                if let Some(schema) = schemas.get_mut(name) {
                    remove_patterns(schema);
                }
            }
        }
        Document::parse(&root.to_string()).map_err(|error| error.to_string())
    });
    document.as_ref().map_err(Clone::clone)
}

fn remove_patterns(schema: &mut Value) {
    if let Value::Object(properties) = schema {
        properties.remove("pattern");
        properties.values_mut().for_each(remove_patterns);
    }
}

/// Finds the operation of a request, and calls it.
async fn operation<B>(
    server: &Server,
    document: &Document,
    method: &Method,
    parts: &Parts,
    body: B,
) -> JsonResponse
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let path = parts.uri.path();
    match route(&document.operations, method, path) {
        Route::Found(operation, path_values) => {
            let result = match read_body(body).await {
                Ok(body) => {
                    let raw = RawRequest {
                        path,
                        query: parts.uri.query().unwrap_or_default(),
                        headers: &parts.headers,
                        body: &body,
                    };
                    call(server, document, operation, path_values, &raw).await
                }
                Err(error) => Err(error),
            };
            checked(document, operation, result)
        }
        Route::WrongMethod { neighbor, allowed } => {
            JsonResponse::wrong_method(method, path, neighbor, &allowed, true)
        }
        Route::Unknown { neighbor } => {
            let detail = format!(
                "cannot find {path}: the control API has no such path; {DOCUMENT_PATH} lists them"
            );
            JsonResponse::error(&ApiError::new(Reason::NotFound, detail), neighbor)
        }
    }
}

/// Reads a call and handles it.
async fn call(
    server: &Server,
    document: &Document,
    operation: &Operation,
    path_values: Vec<(String, String)>,
    raw: &RawRequest<'_>,
) -> Result<Option<Value>> {
    let call = read_call(document, operation, path_values, raw)?;
    let host = raw.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let request = Request {
        server,
        call,
        host: host.unwrap_or_default(),
    };
    let reply = match handlers::find(&operation.id) {
        Some(handler) => handler(&request)?,
        None => {
            let detail = format!("the sandbox does not implement {}", operation.id);
            return Err(ApiError::new(Reason::NotImplemented, detail));
        }
    };
    if let Some(written) = reply.written {
        let stored = server.wait(written).await;
        stored.map_err(|problem| ApiError::new(Reason::Internal, problem))?;
    }
    Ok(reply.body)
}

/// Turns a result into a response that the document allows.
fn checked(
    document: &Document,
    operation: &Operation,
    result: Result<Option<Value>>,
) -> JsonResponse {
    let response = match result {
        Ok(body) => JsonResponse {
            status: operation.success_status(),
            body,
            headers: http::HeaderMap::new(),
        },
        Err(error) => JsonResponse::error(&error, Some(operation)),
    };
    match check_response(document, operation, response.status, response.body.as_ref()) {
        Ok(()) => response,
        Err(problem) => {
            let detail = format!(
                "the sandbox's response to {} does not match its document: {problem}",
                operation.id
            );
            JsonResponse::error(&ApiError::new(Reason::Internal, detail), Some(operation))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_control_api_has_a_handler() {
        let document = document().expect("the document is usable");
        let ids = || document.operations.iter().map(|it| it.id.as_str());
        let missing: Vec<_> = ids().filter(|id| handlers::find(id).is_none()).collect();
        assert!(
            missing.is_empty(),
            "operations without a handler: {missing:?}"
        );
        let mut unknown = handlers::names().filter(|name| !ids().any(|id| id == *name));
        assert_eq!(unknown.next(), None, "a handler of no operation");
    }
}
