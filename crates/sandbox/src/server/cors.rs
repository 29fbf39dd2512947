//! Cross-origin requests (CORS) from pages that may use the sandbox.
//!
//! The check of `Host` and `Origin` has rejected all other pages before. See the Fetch standard,
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use super::body::Body;

/// The methods of all operations.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// The time for which a browser keeps the result of a preflight, in seconds. Browsers cap it.
const MAX_AGE: &str = "600";

/// A page asks if it may reach a server on this machine:
/// <https://wicg.github.io/private-network-access/#cors-preflight>.
const REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

/// Returns the response to a preflight; `None` for all other requests.
pub(super) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response<Body>> {
    let is_preflight = *method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let allowed = response.headers_mut();
    let methods = HeaderValue::from_static(METHODS);
    allowed.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    allowed.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    // `*` would not cover `Authorization`.
    if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        allowed.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if headers.contains_key(&REQUEST_PRIVATE_NETWORK) {
        allowed.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    let vary = "origin, access-control-request-headers, access-control-request-private-network";
    allowed.insert(VARY, HeaderValue::from_static(vary));
    Some(response)
}

/// Lets the page that sent a request read the response, with all its headers.
pub(super) fn allow(request: &HeaderMap, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
    let Some(origin) = request.get(ORIGIN) else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    // No request has credentials in the sense of the standard, which are cookies.
    let all = HeaderValue::from_static("*");
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, all);
}
