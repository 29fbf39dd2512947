//! The HTTP side: every request goes through the same steps — route, authenticate, validate, handle, check
//! the answer — and is recorded.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::document::{Document, Operation};
use crate::errors::{ApiError, Reason};
use crate::handlers;
use crate::router::{Route, route};
use crate::security::authenticate;
use crate::state::State;
use crate::validate::{RawRequest, check_answer, read_call};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// How many requests are remembered; older ones are forgotten.
const MOST_REQUESTS: usize = 10_000;

/// A request that arrived, as [`Sandbox::requests`](crate::Sandbox::requests) tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The method, such as `GET`.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent, without the question mark; empty when there was none.
    pub query: String,
    /// The `operationId` that the request was for, if the document has such an operation.
    pub operation_id: Option<String>,
    /// The status that was answered.
    pub status: u16,
}

/// What one sandbox consists of, shared by its connections.
pub(crate) struct Server {
    pub(crate) document: &'static Document,
    pub(crate) check_responses: bool,
    pub(crate) state: Mutex<State>,
    pub(crate) requests: Mutex<VecDeque<RequestRecord>>,
}

/// An answer before it is turned into HTTP.
struct Reply {
    status: u16,
    body: Option<Value>,
    /// The methods that a path has, when another one was sent.
    allowed: Option<String>,
}

impl Reply {
    fn refusal(error: &ApiError, operation: Option<&Operation>) -> Self {
        let (status, body) = error.answer(operation);
        Self {
            status,
            body: Some(body),
            allowed: None,
        }
    }
}

impl Server {
    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        let (operation, reply) = match route(&self.document.operations, &parts.method, path) {
            Route::Found(operation, path_values) => {
                let reply = match to_bytes(body, LARGEST_BODY).await {
                    Ok(body) => {
                        let request = RawRequest {
                            path,
                            query,
                            headers: &parts.headers,
                            body: &body,
                        };
                        self.serve(operation, path_values, &request)
                    }
                    Err(_) => {
                        let detail = format!(
                            "the body is cut off or larger than the {LARGEST_BODY} bytes that the sandbox reads"
                        );
                        Reply::refusal(&ApiError::new(Reason::TooLarge, detail), Some(operation))
                    }
                };
                (Some(operation), reply)
            }
            Route::WrongMethod { neighbour, allowed } => {
                let allowed = allowed
                    .iter()
                    .map(|method| method.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                let detail = format!("{path} does not take {}; it takes {allowed}", parts.method);
                let refusal = Reply::refusal(
                    &ApiError::new(Reason::MethodNotAllowed, detail),
                    Some(neighbour),
                );
                (
                    None,
                    Reply {
                        allowed: Some(allowed),
                        ..refusal
                    },
                )
            }
            Route::Unknown { neighbour } => {
                let detail = format!("no path of the document matches {path}");
                (
                    None,
                    Reply::refusal(&ApiError::new(Reason::NotFound, detail), neighbour),
                )
            }
        };
        self.record(&parts.method, path, query, operation, reply.status);
        into_http(reply)
    }

    /// Serves a request whose operation is known.
    fn serve(
        &self,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> Reply {
        let reply = match self.handle(operation, path_values, request) {
            Ok(body) => Reply {
                status: operation.success_status(),
                body,
                allowed: None,
            },
            Err(error) => Reply::refusal(&error, Some(operation)),
        };
        if !self.check_responses {
            return reply;
        }
        match check_answer(self.document, operation, reply.status, reply.body.as_ref()) {
            Ok(()) => reply,
            Err(problem) => {
                let detail = format!(
                    "The sandbox's answer to {} with status {} is not as the document says: {problem}. This is a fault of \
                     the sandbox; `check_responses(false)` lets such answers through.",
                    operation.id, reply.status
                );
                Reply::refusal(&ApiError::new(Reason::Internal, detail), Some(operation))
            }
        }
    }

    fn handle(
        &self,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> handlers::Answer {
        authenticate(&operation.security, request.headers)?;
        let call = read_call(self.document, operation, path_values, request)?;
        let handler = handlers::find(&operation.id).ok_or_else(|| {
            ApiError::new(
                Reason::NotImplemented,
                format!("the sandbox does not implement {} yet", operation.id),
            )
        })?;
        handler(&mut lock(&self.state), &call)
    }

    fn record(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        operation: Option<&Operation>,
        status: u16,
    ) {
        let mut requests = lock(&self.requests);
        if requests.len() == MOST_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(RequestRecord {
            method: method.to_string(),
            path: path.to_owned(),
            query: query.to_owned(),
            operation_id: operation.map(|operation| operation.id.clone()),
            status,
        });
    }
}

/// Locks what a sandbox holds. Another request's failure leaves nothing half-done that would matter here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_http(reply: Reply) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(allowed) = reply
        .allowed
        .and_then(|methods| HeaderValue::from_str(&methods).ok())
    {
        headers.insert(header::ALLOW, allowed);
    }
    let body = match reply.body {
        Some(body) => {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the bundled document does not have, so that it works on the day it does: an operation without a
    /// handler, one whose handler answers something else, lists as parameters, and values that may be null.
    const TEXT: &str = r##"{
        "paths": {
            "/later": { "post": {
                "operationId": "Later",
                "parameters": [
                    { "name": "each", "in": "query", "schema": { "type": "array", "items": { "type": "integer" } } },
                    { "name": "joined", "in": "query", "explode": false,
                      "schema": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] } } }
                ],
                "requestBody": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Later" },
                    "example": { "schema": { "$ref": "#/nowhere" } }
                } } },
                "responses": { "200": {} }
            } },
            "/projects": { "get": {
                "operationId": "GetProjects",
                "responses": { "200": { "content": { "application/json": { "schema": { "required": ["nothing"] } } } } }
            } }
        },
        "components": { "schemas": { "Later": {
            "type": "object",
            "properties": {
                "example": { "type": "string", "nullable": true },
                "level": { "type": "integer", "minimum": 1, "exclusiveMinimum": true, "example": "none" }
            }
        } } }
    }"##;

    async fn answer(check_responses: bool, request: Request) -> (u16, String) {
        let document: &'static Document = Box::leak(Box::new(
            Document::parse(TEXT).expect("the document is usable"),
        ));
        let server = Server {
            document,
            check_responses,
            state: Mutex::new(State::default()),
            requests: Mutex::default(),
        };
        let response = server.answer(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), LARGEST_BODY)
            .await
            .expect("the body is there");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn later(query: &str, body: &'static str) -> (u16, String) {
        let request =
            Request::post(format!("/later?{query}")).header("content-type", "application/json");
        answer(true, request.body(Body::from(body)).expect("a request")).await
    }

    #[tokio::test]
    async fn an_operation_without_a_handler_is_named() {
        let (status, body) = later("", "").await;
        assert_eq!(status, 501);
        assert!(body.contains("Later"), "{body}");
    }

    #[tokio::test]
    async fn lists_are_read_item_by_item() {
        for good in ["each=1&each=2", "joined=a,b", "joined=a&each=3"] {
            assert_eq!(later(good, "").await.0, 501, "{good}");
        }
        for bad in [
            "each=1&each=x",
            "each=1,2",
            "joined=a,c",
            "joined=a&joined=b",
        ] {
            assert_eq!(later(bad, "").await.0, 400, "{bad}");
        }
    }

    #[tokio::test]
    async fn schemas_keep_their_openapi_meaning() {
        for good in [r#"{"example": null}"#, r#"{"example": "text", "level": 2}"#] {
            assert_eq!(later("", good).await.0, 501, "{good}");
        }
        for bad in [r#"{"example": 1}"#, r#"{"level": 1}"#, r#"{"level": null}"#] {
            assert_eq!(later("", bad).await.0, 400, "{bad}");
        }
    }

    #[tokio::test]
    async fn an_answer_of_its_own_that_breaks_the_document_is_told() {
        let projects = || {
            Request::get("/projects")
                .body(Body::empty())
                .expect("a request")
        };
        let (status, body) = answer(true, projects()).await;
        assert_eq!(status, 500);
        assert!(
            body.contains("GetProjects") && body.contains("nothing"),
            "{body}"
        );
        assert_eq!(
            answer(false, projects()).await,
            (200, r#"{"data":[]}"#.to_owned())
        );
    }

    #[tokio::test]
    async fn a_body_without_end_is_refused() {
        let request = Request::post("/later").header("content-type", "application/json");
        let body = Body::from(vec![b' '; LARGEST_BODY + 1]);
        let (status, _) = answer(true, request.body(body).expect("a request")).await;
        assert_eq!(status, 413);
    }
}
