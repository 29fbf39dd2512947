//! The HTTP side: every request goes through the same steps — route, authenticate, validate, handle, check
//! the answer — and is recorded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use crate::body::Body;
#[cfg(feature = "database")]
use crate::call::Call;
use crate::clock::Clock;
use crate::connection::Reset;
use crate::document::{Document, Operation};
use crate::errors::{ApiError, Reason};
use crate::fault::{self, Fault, Faults};
use crate::handlers;
#[cfg(feature = "page")]
use crate::page;
use crate::rate_limit::Limiter;
use crate::record::Log;
use crate::router::{Route, route};
use crate::security::authenticate;
use crate::state::State;
#[cfg(feature = "database")]
use crate::store::{Store, Stored};
use crate::validate::{RawRequest, check_answer, read_call};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What one sandbox consists of, shared by its connections.
pub(crate) struct Server {
    pub(crate) document: &'static Document,
    pub(crate) check_responses: bool,
    pub(crate) clock: Clock,
    /// How long every answer of an operation is held back.
    pub(crate) latency: Duration,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) state: Mutex<State>,
    /// Where the state is written down, if it is.
    #[cfg(feature = "database")]
    pub(crate) store: Option<Store>,
    pub(crate) log: Mutex<Log>,
}

/// An answer before it is turned into HTTP.
struct Reply {
    status: u16,
    body: Option<Value>,
    headers: HeaderMap,
}

impl Reply {
    fn refusal(error: &ApiError, operation: Option<&Operation>) -> Self {
        let (status, body) = error.answer(operation);
        Self {
            status,
            body: Some(body),
            headers: HeaderMap::new(),
        }
    }

    fn into_http(self) -> Response<Body> {
        let mut headers = self.headers;
        let body = match self.body {
            Some(body) => {
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
                Body::whole(body.to_string())
            }
            None => Body::empty(),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response
    }
}

impl Server {
    /// Answers one request.
    pub(crate) async fn answer<B>(
        self: &Arc<Self>,
        request: Request<B>,
    ) -> Result<Response<Body>, Reset>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        #[cfg(feature = "page")]
        if let Some(answer) = page::answer(self, &parts.method, path) {
            return Ok(answer);
        }
        let route = route(&self.document.operations, &parts.method, path);
        let number = lock(&self.log).arrived(
            SystemTime::from(self.clock.now()),
            (&parts.method, path, query),
            &parts.headers,
            match &route {
                Route::Found(operation, _) => Some(operation),
                _ => None,
            },
        );
        let reply = match route {
            Route::Found(operation, path_values) => match read_body(body).await {
                Ok(body) => {
                    lock(&self.log).body(number, &body);
                    let request = RawRequest {
                        path,
                        query,
                        headers: &parts.headers,
                        body: &body,
                    };
                    return self
                        .serve_or_fail(number, operation, path_values, &request)
                        .await;
                }
                Err(error) => Reply::refusal(&error, Some(operation)),
            },
            Route::WrongMethod { neighbour, allowed } => {
                let allowed: Vec<_> = allowed.iter().map(|method| method.as_str()).collect();
                let allowed = allowed.join(", ");
                let detail = format!("{path} does not take {}; it takes {allowed}", parts.method);
                let error = ApiError::new(Reason::MethodNotAllowed, detail);
                let mut refusal = Reply::refusal(&error, Some(neighbour));
                if let Ok(allowed) = HeaderValue::from_str(&allowed) {
                    refusal.headers.insert(header::ALLOW, allowed);
                }
                refusal
            }
            Route::Unknown { neighbour } => {
                let detail = format!("no path of the document matches {path}");
                Reply::refusal(&ApiError::new(Reason::NotFound, detail), neighbour)
            }
        };
        lock(&self.log).answered(number, reply.status);
        Ok(reply.into_http())
    }

    /// Serves a request whose operation is known, unless a fault happens to it.
    async fn serve_or_fail(
        &self,
        number: u64,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> Result<Response<Body>, Reset> {
        let fault = lock(&self.faults).draw(&operation.id);
        if let Some(fault) = &fault {
            lock(&self.log).failed(number, fault);
        }
        let wait = self.latency + fault.as_ref().map(Fault::wait).unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let right = if fault.as_ref().is_none_or(Fault::lets_through) {
            let reply = self.serve(operation, path_values, request).await;
            Some(reply.into_http())
        } else {
            None
        };
        let answer = match (fault, right) {
            (None, Some(right)) => right,
            (Some(fault), right) => fault::apply(&fault, operation, right).await?,
            // A request is kept from being served by a fault alone.
            (None, None) => return Err(Reset),
        };
        lock(&self.log).answered(number, answer.status().as_u16());
        Ok(answer)
    }

    /// Serves a request whose operation is known.
    async fn serve(
        &self,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> Reply {
        let mut headers = HeaderMap::new();
        let reply = match self
            .handle(operation, path_values, request, &mut headers)
            .await
        {
            Ok(body) => Reply {
                status: operation.success_status(),
                body,
                headers,
            },
            Err(error) => Reply {
                headers,
                ..Reply::refusal(&error, Some(operation))
            },
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

    async fn handle(
        &self,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
        headers: &mut HeaderMap,
    ) -> handlers::Answer {
        authenticate(&operation.security, request.headers)?;
        let verdict = lock(&self.limiter).count(operation, self.clock.now());
        if let Some(verdict) = verdict {
            *headers = verdict.headers;
            if let Some(detail) = verdict.refusal {
                return Err(ApiError::new(Reason::TooManyRequests, detail));
            }
        }
        if let Some(encoding) = request.headers.get(header::CONTENT_ENCODING)
            && encoding != "identity"
        {
            headers.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            );
            let detail = format!(
                "header `Content-Encoding` is {encoding:?}, but the document says of no operation that it takes compressed \
                 bodies; send the body as it is"
            );
            return Err(ApiError::new(Reason::Compressed, detail));
        }
        let call = read_call(self.document, operation, path_values, request)?;
        let handler = handlers::find(&operation.id).ok_or_else(|| {
            ApiError::new(
                Reason::NotImplemented,
                format!("the sandbox does not implement {} yet", operation.id),
            )
        })?;
        #[cfg(not(feature = "database"))]
        return handler(&mut lock(&self.state), &call);
        #[cfg(feature = "database")]
        {
            let (answer, stored) = self.handle_and_keep(handler, &call);
            if let (Some(stored), Some(store)) = (stored, &self.store) {
                store
                    .wait(stored)
                    .await
                    .map_err(|problem| ApiError::new(Reason::Internal, problem))?;
            }
            answer
        }
    }

    /// Handles a call and hands what it changed to the store before another one can change it again.
    #[cfg(feature = "database")]
    fn handle_and_keep(
        &self,
        handler: handlers::Handler,
        call: &Call<'_>,
    ) -> (handlers::Answer, Option<Stored>) {
        let mut state = lock(&self.state);
        let answer = handler(&mut state, call);
        let stored = self.store.as_ref().and_then(|store| {
            let changes = state.take_changes();
            (!changes.is_empty()).then(|| store.keep(changes))
        });
        (answer, stored)
    }
}

/// Reads all of a request's body.
async fn read_body<B>(body: B) -> Result<Bytes, ApiError>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(_) => {
            let detail = format!(
                "the body is cut off or larger than the {LARGEST_BODY} bytes that the sandbox reads"
            );
            Err(ApiError::new(Reason::TooLarge, detail))
        }
    }
}

/// Locks what a sandbox holds. Another request's failure leaves nothing half-done that would matter here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
                "responses": { "200": {}, "400": { "content": { "application/json": { "schema": {} } } } }
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

    async fn answer(check_responses: bool, request: Request<Body>) -> (u16, String) {
        let document: &'static Document = Box::leak(Box::new(
            Document::parse(TEXT).expect("the document is usable"),
        ));
        let server = Arc::new(Server {
            document,
            check_responses,
            clock: Clock::system(),
            latency: Duration::ZERO,
            limiter: Mutex::default(),
            faults: Mutex::default(),
            state: Mutex::new(State::default()),
            #[cfg(feature = "database")]
            store: None,
            log: Mutex::new(Log::new(10)),
        });
        let response = server.answer(request).await.expect("no fault is set");
        let status = response.status().as_u16();
        let body = read_body(response.into_body())
            .await
            .expect("the body is there");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn later(query: &str, body: &'static str) -> (u16, String) {
        let request =
            Request::post(format!("/later?{query}")).header("content-type", "application/json");
        answer(true, request.body(Body::whole(body)).expect("a request")).await
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
        let body = Body::whole(vec![b' '; LARGEST_BODY + 1]);
        let (status, _) = answer(true, request.body(body).expect("a request")).await;
        assert_eq!(status, 413);
    }
}
