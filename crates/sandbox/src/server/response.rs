//! JSON responses.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;

use super::body::Body;
use crate::document::Operation;
use crate::request::{ApiError, Reason};

/// A response before it is turned into HTTP.
pub(crate) struct JsonResponse {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    pub(crate) headers: HeaderMap,
}

impl JsonResponse {
    /// Creates the response that an operation's vendor would send for an error.
    pub(crate) fn error(error: &ApiError, operation: Option<&Operation>) -> Self {
        let (status, body) = error.status_and_body(operation);
        Self {
            status,
            body: Some(body),
            headers: HeaderMap::new(),
        }
    }

    /// Creates the response for a path that has other methods only. `takes_head` is
    /// true if `HEAD` is answered like `GET`.
    pub(crate) fn wrong_method(
        method: &Method,
        path: &str,
        neighbor: &Operation,
        allowed: &[&Method],
        takes_head: bool,
    ) -> Self {
        let mut allowed: Vec<_> = allowed.iter().map(|method| method.as_str()).collect();
        if allowed.contains(&"GET") && takes_head {
            allowed.push("HEAD");
        }
        let allowed = allowed.join(", ");
        let detail = format!("{path} does not take {method}; send {allowed}");
        let error = ApiError::new(Reason::MethodNotAllowed, detail);
        let mut response = Self::error(&error, Some(neighbor));
        if let Ok(allowed) = HeaderValue::from_str(&allowed) {
            response.headers.insert(header::ALLOW, allowed);
        }
        response
    }

    /// Turns the response into HTTP.
    pub(crate) fn into_http(self) -> Response<Body> {
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
