//! The steps of every request: route, authenticate, limit, validate, handle, store, check the
//! response. Each request is recorded.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};

use super::apply_fault::apply;
use super::body::Body;
#[cfg(feature = "page")]
use super::page;
use super::parts::Server;
use super::read_body::read_body;
use super::request_log::Recorded;
use super::reset::ConnectionReset;
use super::response::JsonResponse;
use super::response_check::{check_response, is_addition};
use super::through::Through;
use super::{control, cors};
use crate::document::Operation;
use crate::faults::Fault;
use crate::handlers::{self, HandlerResult};
use crate::request::{ApiError, RawRequest, Reason, Route, authenticate, read_call, route};
use crate::seed_calls;
use crate::sync::lock;
use crate::upstream::Secrets;

/// The largest size of the target and headers of a request, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

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
        if let Err(error) = self.allowed_hosts.check(&parts.uri, &parts.headers) {
            return Ok(JsonResponse::error(&error, None).into_http());
        }
        let mut response = match cors::preflight(&parts.method, &parts.headers) {
            Some(response) => response,
            None => self.respond_to(&parts, body).await?,
        };
        cors::allow(&parts.headers, &mut response);
        Ok(response)
    }

    /// Responds to a request from a client that may use the sandbox.
    async fn respond_to<B>(&self, parts: &Parts, body: B) -> Result<Response<Body>, ConnectionReset>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let path = parts.uri.path();
        if head_size(parts) > MAX_HEAD {
            let detail = format!("the headers are larger than the limit of {MAX_HEAD} bytes");
            let error = ApiError::new(Reason::HeadersTooLarge, detail);
            return Ok(JsonResponse::error(&error, None).into_http());
        }
        // The server sends the head of the response alone.
        let is_control = path.starts_with(control::PREFIX);
        let method = match &parts.method {
            &Method::HEAD if !self.documented_only || is_control => &Method::GET,
            method => method,
        };
        #[cfg(feature = "page")]
        if let Some(response) = page::respond(&self.log, method, path) {
            return Ok(response);
        }
        if is_control {
            return Ok(control::respond(self, method, parts, body).await);
        }
        let route = route(&self.document.operations, method, path);
        let secrets = match &self.upstream {
            Some(_) => Secrets::of(&parts.headers, parts.uri.query().unwrap_or_default()),
            None => Secrets::default(),
        };
        let number = self.record(parts, &route, &secrets);
        // The log learns when the request ends, also without a response.
        let recorded = Recorded::new(&self.log, number, &secrets);
        if let Some(upstream) = &self.upstream {
            let through = Through {
                upstream,
                parts,
                number,
                secrets: &secrets,
            };
            let response = self.pass(through, route, body, &recorded).await?;
            recorded.set_response(&response);
            return Ok(response);
        }
        let response = match route {
            Route::Found(operation, path_values) => match read_body(body).await {
                Ok(body) => {
                    recorded.set_body(&body);
                    let request = RawRequest {
                        path,
                        query: parts.uri.query().unwrap_or_default(),
                        headers: &parts.headers,
                        body: &body,
                    };
                    let served = self.serve(number, operation, path_values, &request);
                    let served = async { served.await.into_http() };
                    let response = self.serve_or_fail(number, operation, served).await?;
                    recorded.set_response(&response);
                    return Ok(response);
                }
                Err(error) => JsonResponse::error(&error, Some(operation)),
            },
            Route::WrongMethod { neighbor, allowed } => {
                let takes_head = !self.documented_only;
                JsonResponse::wrong_method(&parts.method, path, neighbor, &allowed, takes_head)
            }
            Route::Unknown { neighbor } => {
                let detail = format!("no path of the document matches {path}");
                JsonResponse::error(&ApiError::new(Reason::NotFound, detail), neighbor)
            }
        };
        let response = response.into_http();
        recorded.set_response(&response);
        Ok(response)
    }

    /// Records a request, and returns its number.
    fn record(&self, parts: &Parts, route: &Route<'_>, secrets: &Secrets) -> u64 {
        let path = secrets.hide(parts.uri.path());
        let query = secrets.hide_query(parts.uri.query().unwrap_or_default());
        let operation = match route {
            Route::Found(operation, _) => Some(*operation),
            _ => None,
        };
        lock(&self.log).record(
            self.time(),
            (&parts.method, &path, &query),
            &parts.headers,
            operation,
        )
    }

    /// Serves a request for an operation, and applies a fault if one is set.
    pub(super) async fn serve_or_fail(
        &self,
        number: u64,
        operation: &Operation,
        serve: impl Future<Output = Response<Body>>,
    ) -> Result<Response<Body>, ConnectionReset> {
        let fault = lock(&self.faults).next_for(&operation.id);
        if let Some(fault) = &fault {
            lock(&self.log).set_fault(number, fault);
        }
        let wait = *lock(&self.latency) + fault.as_ref().map(Fault::wait).unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let served = if fault.as_ref().is_none_or(Fault::lets_through) {
            Some(serve.await)
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
        let adapted = match self.documented_only {
            true => None,
            false => handlers::documented_form(&lock(&self.state), &operation.id, request.body)?,
        };
        let request = &RawRequest {
            body: adapted.as_deref().unwrap_or(request.body),
            ..*request
        };
        let mut call = read_call(self.document, operation, path_values, request)?;
        call.documented_only = self.documented_only;
        call.max_page_size = self.max_page_size;
        if !call.dropped.is_empty() {
            lock(&self.log).set_dropped(number, &call.dropped);
        }
        let Some(handler) = handlers::find(&operation.id) else {
            // A new operation is usable before its behavior is written.
            return Ok(operation.example().cloned());
        };
        let (result, written) = self.change(|state| {
            let result = handlers::handle(handler, state, &call);
            match (&result, &self.recorder, seed_calls::recorded(&call)) {
                (Ok(_), Some(recorder), Some(item)) => {
                    let recorded = lock(recorder).add(&item);
                    recorded.map_err(|problem| ApiError::new(Reason::Internal, problem))?;
                    result
                }
                _ => result,
            }
        });
        let written = self.wait(written).await;
        written.map_err(|problem| ApiError::new(Reason::Internal, problem))?;
        result
    }
}

/// Returns the size of the target and headers of a request, in bytes.
fn head_size(parts: &Parts) -> usize {
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
    let target = parts.uri.path_and_query();
    headers.sum::<usize>() + target.map_or(0, |target| target.as_str().len())
}
