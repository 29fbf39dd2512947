//! The steps of every request: route, authenticate, limit, validate, handle, store, check the
//! response. Each request is recorded.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Limited};

use super::apply_fault::apply;
use super::body::Body;
use super::hosts::AllowedHosts;
#[cfg(feature = "page")]
use super::page;
use super::request_log::RequestLog;
use super::reset::ConnectionReset;
use super::response::JsonResponse;
use super::response_check::{check_response, is_addition};
use crate::clock::Clock;
use crate::document::{Document, Operation};
use crate::faults::{ActiveFaults, Fault};
use crate::handlers::{self, HandlerResult};
use crate::rate_limit::Limiter;
#[cfg(feature = "database")]
use crate::request::Call;
use crate::request::{ApiError, RawRequest, Reason, Route, authenticate, read_call, route};
use crate::state::State;
#[cfg(feature = "database")]
use crate::state::{Database, PendingWrite};
use crate::sync::lock;

/// The largest request body that is read, in bytes.
pub(super) const MAX_BODY: usize = 16 * 1024 * 1024;

/// The largest size of the target and headers of a request, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// The longest time in which a request body arrives.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// The parts of one sandbox, shared by its connections.
pub(crate) struct Server {
    pub(crate) document: &'static Document,
    pub(crate) check_responses: bool,
    /// True if the rules and additions of the vendors' servers are off.
    pub(crate) documented_only: bool,
    /// The largest number of items on a page.
    pub(crate) max_page_size: usize,
    pub(crate) clock: Clock,
    /// The hosts that requests may name.
    pub(crate) allowed_hosts: AllowedHosts,
    /// The wait before each response of an operation.
    pub(crate) latency: Duration,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) faults: Mutex<ActiveFaults>,
    pub(crate) state: Mutex<State>,
    /// The file of the state, if there is one.
    #[cfg(feature = "database")]
    pub(crate) database: Option<Database>,
    pub(crate) log: Arc<Mutex<RequestLog>>,
}

impl Server {
    /// Responds to one request.
    pub(crate) async fn respond<B>(
        &self,
        request: Request<B>,
    ) -> Result<Response<Body>, ConnectionReset>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        if let Err(error) = self.allowed_hosts.check(&parts.uri, &parts.headers) {
            return Ok(JsonResponse::error(&error, None).into_http());
        }
        if head_size(&parts) > MAX_HEAD {
            let detail = format!("the headers are larger than the limit of {MAX_HEAD} bytes");
            let error = ApiError::new(Reason::HeadersTooLarge, detail);
            return Ok(JsonResponse::error(&error, None).into_http());
        }
        // The server sends the head of the response alone.
        let method = match &parts.method {
            &Method::HEAD if !self.documented_only => &Method::GET,
            method => method,
        };
        #[cfg(feature = "page")]
        if let Some(response) = page::respond(&self.log, method, path) {
            return Ok(response);
        }
        let route = route(&self.document.operations, method, path);
        let number = self.record(&parts, &route);
        let response = match route {
            Route::Found(operation, path_values) => match read_body(body).await {
                Ok(body) => {
                    lock(&self.log).set_body(number, &body);
                    let request = RawRequest {
                        path,
                        query: parts.uri.query().unwrap_or_default(),
                        headers: &parts.headers,
                        body: &body,
                    };
                    return self
                        .serve_or_fail(number, operation, path_values, &request)
                        .await;
                }
                Err(error) => JsonResponse::error(&error, Some(operation)),
            },
            Route::WrongMethod { neighbor, allowed } => {
                self.wrong_method(&parts.method, path, neighbor, &allowed)
            }
            Route::Unknown { neighbor } => {
                let detail = format!("no path of the document matches {path}");
                JsonResponse::error(&ApiError::new(Reason::NotFound, detail), neighbor)
            }
        };
        lock(&self.log).set_status(number, response.status);
        Ok(response.into_http())
    }

    /// Creates the response for a path that has other methods only.
    fn wrong_method(
        &self,
        method: &Method,
        path: &str,
        neighbor: &Operation,
        allowed: &[&Method],
    ) -> JsonResponse {
        let mut allowed: Vec<_> = allowed.iter().map(|method| method.as_str()).collect();
        if allowed.contains(&"GET") && !self.documented_only {
            allowed.push("HEAD");
        }
        let allowed = allowed.join(", ");
        let detail = format!("{path} does not take {method}; send {allowed}");
        let error = ApiError::new(Reason::MethodNotAllowed, detail);
        let mut response = JsonResponse::error(&error, Some(neighbor));
        if let Ok(allowed) = HeaderValue::from_str(&allowed) {
            response.headers.insert(header::ALLOW, allowed);
        }
        response
    }

    /// Records a request, and returns its number.
    fn record(&self, parts: &Parts, route: &Route<'_>) -> u64 {
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        let operation = match route {
            Route::Found(operation, _) => Some(*operation),
            _ => None,
        };
        lock(&self.log).record(
            SystemTime::from(self.clock.now()),
            (&parts.method, path, query),
            &parts.headers,
            operation,
        )
    }

    /// Serves a request for an operation, and applies a fault if one is set.
    async fn serve_or_fail(
        &self,
        number: u64,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> Result<Response<Body>, ConnectionReset> {
        let fault = lock(&self.faults).next_for(&operation.id);
        if let Some(fault) = &fault {
            lock(&self.log).set_fault(number, fault);
        }
        let wait = self.latency + fault.as_ref().map(Fault::wait).unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let served = if fault.as_ref().is_none_or(Fault::lets_through) {
            let response = self.serve(number, operation, path_values, request).await;
            Some(response.into_http())
        } else {
            None
        };
        let response = match (fault, served) {
            (None, Some(served)) => served,
            (Some(fault), served) => {
                let mut response = apply(&fault, operation, served).await?;
                if fault.replaces_response() {
                    let (status, wait) = (response.status().as_u16(), fault.retry_after_seconds());
                    let limiter = lock(&self.limiter);
                    let limit = limiter.headers_of_fault(operation, self.clock.now(), status, wait);
                    response.headers_mut().extend(limit);
                }
                response
            }
            // Without a fault, every request is served.
            (None, None) => return Err(ConnectionReset),
        };
        lock(&self.log).set_status(number, response.status().as_u16());
        Ok(response)
    }

    /// Serves a request for an operation, and checks the response.
    async fn serve(
        &self,
        number: u64,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
    ) -> JsonResponse {
        let mut headers = HeaderMap::new();
        let response = match self
            .handle(number, operation, path_values, request, &mut headers)
            .await
        {
            Ok(body) => JsonResponse {
                status: operation.success_status(),
                body,
                headers,
            },
            Err(error) => JsonResponse {
                headers,
                ..self.error(&error, operation)
            },
        };
        if !self.check_responses {
            return response;
        }
        let body = response.body.as_ref();
        match check_response(self.document, operation, response.status, body) {
            Ok(()) => response,
            Err(_) if !self.documented_only && is_addition(operation, response.status, body) => {
                response
            }
            Err(problem) => {
                let detail = format!(
                    "The sandbox's response to {} with status {} does not match the document: \
                     {problem}. This is a bug of the sandbox; `check_responses(false)` allows such \
                     responses.",
                    operation.id, response.status
                );
                JsonResponse::error(&ApiError::new(Reason::Internal, detail), Some(operation))
            }
        }
    }

    /// Creates the response for an error of an operation, as the vendor's server sends it.
    fn error(&self, error: &ApiError, operation: &Operation) -> JsonResponse {
        let mut response = JsonResponse::error(error, Some(operation));
        if !self.documented_only
            && let Some(body) = error.as_objects(operation, response.status)
        {
            response.body = Some(body);
        }
        response
    }

    /// Checks a request and calls the operation's handler.
    async fn handle(
        &self,
        number: u64,
        operation: &Operation,
        path_values: Vec<(String, String)>,
        request: &RawRequest<'_>,
        headers: &mut HeaderMap,
    ) -> HandlerResult {
        authenticate(&operation.security, request.headers)?;
        let limit = lock(&self.limiter).count(operation, self.clock.now());
        if let Some(limit) = limit {
            *headers = limit.headers;
            if let Some(detail) = limit.exceeded {
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
                "header `Content-Encoding` is {encoding:?}, but no operation of the document takes \
                 compressed bodies; send the body uncompressed"
            );
            return Err(ApiError::new(Reason::Compressed, detail));
        }
        let mut call = read_call(self.document, operation, path_values, request)?;
        call.documented_only = self.documented_only;
        call.max_page_size = self.max_page_size;
        if !call.dropped.is_empty() {
            lock(&self.log).set_dropped(number, &call.dropped);
        }
        let handler = handlers::find(&operation.id).ok_or_else(|| {
            ApiError::new(
                Reason::NotImplemented,
                format!("the sandbox does not implement {}", operation.id),
            )
        })?;
        #[cfg(not(feature = "database"))]
        return handlers::handle(handler, &mut lock(&self.state), &call);
        #[cfg(feature = "database")]
        {
            let (result, pending) = self.handle_and_write(handler, &call);
            if let (Some(pending), Some(database)) = (pending, &self.database) {
                database
                    .wait(pending)
                    .await
                    .map_err(|problem| ApiError::new(Reason::Internal, problem))?;
            }
            result
        }
    }

    /// Handles a call and sends its changes to the database, in the order of the calls.
    #[cfg(feature = "database")]
    fn handle_and_write(
        &self,
        handler: handlers::Handler,
        call: &Call<'_>,
    ) -> (HandlerResult, Option<PendingWrite>) {
        let mut state = lock(&self.state);
        let result = handlers::handle(handler, &mut state, call);
        let pending = self.database.as_ref().and_then(|database| {
            let changes = state.take_changes();
            (!changes.is_empty()).then(|| database.write(changes))
        });
        (result, pending)
    }
}

/// Returns the size of the target and headers of a request, in bytes.
fn head_size(parts: &Parts) -> usize {
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
    let target = parts.uri.path_and_query();
    headers.sum::<usize>() + target.map_or(0, |target| target.as_str().len())
}

/// Reads a request body.
pub(super) async fn read_body<B>(body: B) -> Result<Bytes, ApiError>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let whole = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Err(_) => {
            let detail = format!(
                "the request body did not arrive within {} seconds",
                BODY_TIMEOUT.as_secs()
            );
            Err(ApiError::new(Reason::Timeout, detail))
        }
        Ok(Err(_)) => {
            let detail = format!(
                "the request body is cut off, or larger than the limit of {MAX_BODY} bytes"
            );
            Err(ApiError::new(Reason::TooLarge, detail))
        }
    }
}
