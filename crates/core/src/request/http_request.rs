//! Checks and assembles an HTTP request: URL, headers and body.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;
use secrecy::ExposeSecret;

use crate::auth::credentials::{Alternative, ResolvedCredentials, header_value};
use crate::request::encode::{Piece, pieces, push_escaped, push_query};
use crate::request::part::{self, multipart};
use crate::request::raw::{Place, RawRequest};
use crate::{BodyKind, Error, Request, SecurityLocation};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The longest path and the longest query, in bytes: far more than servers accept.
const MAX_TARGET: usize = 16 * 1024 * 1024;

/// A request that is ready to be sent, any number of times.
pub(crate) struct HttpRequest {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// The body before compression, if `body` is compressed.
    pub(crate) uncompressed_body: Option<Bytes>,
    /// All credentials of the client, including those that this request does not send.
    pub(crate) credentials: Arc<ResolvedCredentials>,
}

impl RawRequest {
    /// Returns the path with the values of its parameters.
    pub(crate) fn filled_path(&self) -> Result<String, Error> {
        let path = self.check().and_then(|()| filled(self, ""));
        path.map_err(|error| self.complete(error))
    }

    /// Returns the HTTP request without credentials.
    pub(crate) fn without_credentials(&self) -> Result<http::Request<Bytes>, Error> {
        let credentials = self.shared.credentials.fixed();
        let assembled = self
            .check()
            .and_then(|()| HttpRequest::with_keys(self, &credentials, &Vec::new()))
            .map_err(|error| self.complete(error))?;
        let mut request = http::Request::new(assembled.body.unwrap_or_default());
        let url = http::Uri::try_from(assembled.url.as_str()).map_err(|error| {
            let error = Error::invalid_request("the URL is not valid; check its parameters")
                .with_source(error);
            self.complete(error)
        })?;
        *request.method_mut() = self.operation.method.clone();
        *request.uri_mut() = url;
        *request.headers_mut() = assembled.headers;
        Ok(request)
    }
}

impl<T> Request<T> {
    /// Assembles the HTTP request without its credentials, and sends nothing.
    ///
    /// It has the method, URL, headers and body that [`send`](Request::send) would send, before
    /// compression. It lacks the headers and query parameters of the operation's [security
    /// schemes](crate::Operation::security), `Accept-Encoding` and `User-Agent`. A request without
    /// a body has an empty one. The client needs no credentials for it.
    ///
    /// ```
    /// # use scorekit_core::{Client, Config, Method, Operation, Server, Value};
    /// # static SERVER: Server = Server::new("shop", "https://api.example.com");
    /// # static LIST: Operation = Operation::new("ListOrders", Method::GET, "/orders", &SERVER);
    /// # let client = Client::new(Config::new())?;
    /// let request = client.request::<Value>(&LIST).query("status", &"open").to_http()?;
    /// assert_eq!(request.uri(), "https://api.example.com/orders?status=open");
    /// # Ok::<(), scorekit_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send) that precede sending, except missing
    /// credentials.
    pub fn to_http(&self) -> Result<http::Request<Bytes>, Error> {
        self.raw.without_credentials()
    }
}

impl HttpRequest {
    /// Checks and assembles a request. It needs no network.
    pub(crate) fn new(
        request: &RawRequest,
        credentials: &Arc<ResolvedCredentials>,
    ) -> Result<Self, Error> {
        let keys = credentials.choose(request.operation.security)?;
        Self::with_keys(request, credentials, &keys)
    }

    /// Checks and assembles a request with these keys, which may be none.
    fn with_keys(
        request: &RawRequest,
        credentials: &Arc<ResolvedCredentials>,
        keys: &Alternative<'_>,
    ) -> Result<Self, Error> {
        let url = url(request, keys)?;
        request.shared.check_site(&url, request.operation)?;
        request.shared.check_proxy(&url)?;
        let (body, media_type) = content(request)?;
        let mut headers = HeaderMap::new();
        put_parameters(&mut headers, request, credentials)?;
        if body.is_some() || request.upload().is_some() {
            headers.insert(CONTENT_TYPE, media_type);
        }
        for (name, value) in request.unchecked_headers() {
            headers.insert(name, value.clone());
        }
        let cookies: Vec<&str> = pairs(request, Place::Cookie).collect();
        // The parts of an exploded value are cookies of their own.
        let cookies = cookies.join("; ").replace('&', "; ");
        put_keys(&mut headers, keys, cookies)?;
        Ok(Self {
            url,
            headers,
            body,
            uncompressed_body: None,
            credentials: Arc::clone(credentials),
        })
    }
}

/// Returns the escaped texts for a place of pairs. An exploded list without items has none.
fn pairs(request: &RawRequest, place: Place) -> impl Iterator<Item = &str> {
    let texts = request.encoded(place).map(|(_, text)| text);
    texts.filter(|text| !text.is_empty())
}

fn url(request: &RawRequest, keys: &Alternative<'_>) -> Result<Url, Error> {
    let operation = request.operation;
    let mut url = request.shared.address(operation.server)?;
    let path = filled(request, url.path())?;
    let query = query(request, keys);
    if path.len().max(query.len()) > MAX_TARGET {
        return Err(Error::invalid_request(format!(
            "the URL would be longer than {MAX_TARGET} bytes, which no server accepts; shorten \
             the parameters"
        )));
    }
    // Host and scheme are parsed already, so path and query cannot change them.
    url.set_path(&path);
    if !query.is_empty() {
        url.set_query(Some(&query));
    }
    Ok(url)
}

/// Splits the path of an operation from the query that every request of it has.
fn fixed_query(path: &str) -> (&str, &str) {
    path.split_once('?').unwrap_or((path, ""))
}

/// Returns the path of a request below the path `base`, with the values of its parameters.
fn filled(request: &RawRequest, base: &str) -> Result<String, Error> {
    let (template, _) = fixed_query(request.operation.path);
    let mut path = String::with_capacity(128);
    path.push_str(base.trim_end_matches('/'));
    if !template.starts_with('/') {
        path.push('/');
    }
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => path.push_str(text),
            Piece::Name(name) => {
                let is_named = |(known, _): &(&str, &str)| *known == name;
                if let Some((_, text)) = request.encoded(Place::Path).find(is_named) {
                    path.push_str(text);
                } else if let Some((_, value)) = request.plain(Place::Path).find(is_named) {
                    push_escaped(&mut path, value);
                } else {
                    return Err(Error::invalid_request(format!(
                        "the path parameter {name:?} has no value; set it"
                    )));
                }
            }
        }
    }
    Ok(path)
}

fn query(request: &RawRequest, keys: &Alternative<'_>) -> String {
    let (_, fixed) = fixed_query(request.operation.path);
    let mut query = fixed.to_owned();
    let unchecked = request.unchecked_query();
    let is_checked = |name: &str| !unchecked.iter().any(|(other, _)| other == name);
    for (name, value) in request.plain(Place::Query) {
        if query.is_empty() {
            query.reserve(128);
        }
        if is_checked(name) {
            push_query(&mut query, name, value);
        }
    }
    for (name, text) in request.encoded(Place::Query) {
        if text.is_empty() || !is_checked(name) {
            continue;
        }
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(text);
    }
    for (name, value) in unchecked {
        push_query(&mut query, name, value);
    }
    for (scheme, key) in keys {
        if let SecurityLocation::Query(name) = scheme.location {
            push_query(&mut query, name, key.secret.expose_secret());
        }
    }
    query
}

/// Returns the body and its media type.
fn content(request: &RawRequest) -> Result<(Option<Bytes>, HeaderValue), Error> {
    let header = |text: &str| HeaderValue::from_str(text).unwrap_or(OCTETS);
    let has_fields = request.encoded(Place::Form).next().is_some();
    if request.has_unchecked_properties() && request.upload().is_some() {
        return Err(Error::invalid_request(
            "the body is a stream and has no JSON properties; leave Request::body_unchecked out",
        ));
    }
    if request.has_unchecked_properties() && (has_fields || !request.parts().is_empty()) {
        return Err(Error::invalid_request(
            "the body is a form and has no JSON properties; leave Request::body_unchecked out",
        ));
    }
    if let Some(boundary) = request.boundary() {
        return Ok((None, header(&part::media_type(boundary))));
    }
    if !request.parts().is_empty() {
        let (body, media_type) = multipart(request.parts());
        return Ok((Some(body), header(&media_type)));
    }
    if has_fields {
        let fields: Vec<&str> = pairs(request, Place::Form).collect();
        return Ok((Some(fields.join("&").into()), FORM));
    }
    let media_type = request.media_type().map_or(JSON, header);
    let body = request.whole_body().map_err(Error::invalid_request)?;
    Ok((body, media_type))
}

/// Adds the headers that the caller, the operation and the default headers set.
fn put_parameters(
    headers: &mut HeaderMap,
    request: &RawRequest,
    credentials: &ResolvedCredentials,
) -> Result<(), Error> {
    let accept = request
        .accepted()
        .and_then(|listed| HeaderValue::from_str(listed).ok())
        .unwrap_or_else(|| accepted(request.operation.response));
    headers.insert(ACCEPT, accept);
    for (name, value) in credentials.default_headers(request.operation) {
        headers.insert(name, value.clone());
    }
    let arguments = request.plain(Place::Header);
    for (name, value) in arguments.chain(request.encoded(Place::Header)) {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
            Error::invalid_request(format!("{name:?} is not a header name")).with_source(error)
        })?;
        let value = header_value(value)
            .map_err(|problem| Error::invalid_request(format!("the header {name:?} {problem}")))?;
        headers.insert(header, value);
    }
    Ok(())
}

/// Returns the media types that the client can decode.
fn accepted(response: BodyKind) -> HeaderValue {
    match response {
        BodyKind::Json | BodyKind::Empty => JSON,
        BodyKind::Text => HeaderValue::from_static("text/*, */*;q=0.5"),
        BodyKind::Bytes => HeaderValue::from_static("*/*"),
        BodyKind::Events => HeaderValue::from_static("text/event-stream"),
        BodyKind::JsonLines => {
            HeaderValue::from_static("application/x-ndjson, application/jsonl, */*;q=0.5")
        }
        BodyKind::ByStatus(_) => HeaderValue::from_static("application/json, */*;q=0.5"),
    }
}

/// Adds the keys that headers carry, and the cookies.
fn put_keys(
    headers: &mut HeaderMap,
    keys: &Alternative<'_>,
    mut cookies: String,
) -> Result<(), Error> {
    for (scheme, key) in keys {
        match scheme.location {
            SecurityLocation::Header(name) => {
                let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
                    let message = format!("{name:?} of {} is not a header name", scheme.name);
                    Error::configuration(message).with_source(error)
                })?;
                headers.insert(header, key.plain.clone());
            }
            SecurityLocation::Bearer => {
                headers.insert(AUTHORIZATION, key.bearer.clone());
            }
            SecurityLocation::Basic => {
                let value = key.basic.clone().ok_or_else(|| {
                    Error::configuration(format!(
                        "the secret of {} must have the form user:password",
                        scheme.name
                    ))
                })?;
                headers.insert(AUTHORIZATION, value);
            }
            SecurityLocation::Cookie(name) => {
                if !cookies.is_empty() {
                    cookies.push_str("; ");
                }
                cookies.push_str(name);
                cookies.push('=');
                cookies.push_str(key.secret.expose_secret());
            }
            SecurityLocation::Query(_) => {}
        }
    }
    if !cookies.is_empty() {
        let mut value = header_value(&cookies)
            .map_err(|problem| Error::configuration(format!("the cookie {problem}")))?;
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
    Ok(())
}
