//! JSON responses.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::body::Body;
use crate::document::Operation;
use crate::request::ApiError;

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
