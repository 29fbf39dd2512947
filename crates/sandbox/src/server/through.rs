//! Requests that an upstream responds to: the real API, or a recording of it.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response};
use serde_json::json;

use super::body::Body;
use super::parts::Server;
use super::read_body::read_body;
use super::request_log::Recorded;
use super::reset::ConnectionReset;
use super::response::JsonResponse;
use crate::document::Operation;
use crate::request::{ApiError, Reason, Route};
use crate::sync::lock;
use crate::upstream::{Failure, Outgoing, RATE_LIMIT, Secrets, Upstream};

/// A request on its way to an upstream.
#[derive(Clone, Copy)]
pub(super) struct Through<'r> {
    pub(super) upstream: &'r Upstream,
    pub(super) parts: &'r Parts,
    pub(super) number: u64,
    pub(super) secrets: &'r Secrets,
}

impl Server {
    /// Passes a request to the upstream. Faults, delays and rate limits apply to operations of the
    /// document, and everything else is passed as well.
    pub(super) async fn pass<B>(
        &self,
        through: Through<'_>,
        route: Route<'_>,
        body: B,
        recorded: &Recorded<'_>,
    ) -> Result<Response<Body>, ConnectionReset>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let operation = match &route {
            Route::Found(operation, _) => Some(*operation),
            _ => None,
        };
        let body = match read_body(body).await {
            Ok(body) => body,
            Err(error) => return Ok(JsonResponse::error(&error, operation).into_http()),
        };
        recorded.set_body(&body);
        match operation {
            Some(operation) => {
                let served = self.limited(through, operation, &body);
                self.serve_or_fail(through.number, operation, served).await
            }
            None => Ok(responded(through, &body).await),
        }
    }

    /// Passes a request unless a rate limit is used up.
    async fn limited(
        &self,
        through: Through<'_>,
        operation: &Operation,
        body: &Bytes,
    ) -> Response<Body> {
        let limit = lock(&self.limiter).count(operation, self.clock.now());
        let Some(limit) = limit else {
            return responded(through, body).await;
        };
        if let Some(detail) = limit.exceeded {
            let error = ApiError::new(Reason::TooManyRequests, detail);
            let mut response = JsonResponse::error(&error, Some(operation));
            response.headers = limit.headers;
            return response.into_http();
        }
        let mut response = responded(through, body).await;
        show_tighter(response.headers_mut(), limit.headers);
        response
    }
}

/// Keeps the headers of the limit that has fewer requests left: that of the real API, or ours.
fn show_tighter(theirs: &mut HeaderMap, ours: HeaderMap) {
    let left = |headers: &HeaderMap| {
        let value = headers.get("x-ratelimit-remaining")?;
        value.to_str().ok()?.trim().parse::<u64>().ok()
    };
    if let (Some(real), Some(own)) = (left(theirs), left(&ours))
        && real <= own
    {
        return;
    }
    let names = theirs
        .keys()
        .filter(|it| it.as_str().starts_with(RATE_LIMIT));
    let names: Vec<_> = names.cloned().collect();
    for name in names {
        theirs.remove(name);
    }
    theirs.extend(ours);
}

/// Returns the response of the upstream, or an error in its place.
async fn responded(through: Through<'_>, body: &Bytes) -> Response<Body> {
    let parts = through.parts;
    if parts.headers.contains_key(http::header::CONTENT_ENCODING) {
        // Secrets could not be found in a compressed body.
        let mut response = failed(415, "Unsupported Media Type", "send the body uncompressed");
        let identity = http::HeaderValue::from_static("identity");
        let headers = response.headers_mut();
        headers.insert(http::header::ACCEPT_ENCODING, identity);
        return response;
    }
    let request = Outgoing {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        #[cfg(feature = "proxy")]
        headers: &parts.headers,
        body,
        secrets: through.secrets,
    };
    match through.upstream.respond(&request).await {
        Ok(response) => response.map(Body::whole),
        Err(Failure::NotRecorded(detail)) => failed(501, "Not Implemented", &detail),
        #[cfg(feature = "proxy")]
        Err(Failure::Gateway(detail)) => failed(502, "Bad Gateway", &detail),
        #[cfg(feature = "proxy")]
        Err(Failure::Recorder(detail)) => failed(500, "Internal Server Error", &detail),
    }
}

/// Returns an error of the sandbox.
fn failed(status: u16, title: &str, detail: &str) -> Response<Body> {
    let error = json!({ "status": status.to_string(), "title": title, "detail": detail });
    let response = JsonResponse {
        status,
        body: Some(json!({ "errors": [error] })),
        headers: HeaderMap::new(),
    };
    response.into_http()
}
