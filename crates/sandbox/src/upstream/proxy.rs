//! The real API: requests are forwarded to it, and its responses are recorded.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};

use super::connect::{Connections, is_loopback};
use super::{Failure, Outgoing, record};
use crate::recorder::Recorder;
use crate::sync::lock;

/// The longest time until the whole response has arrived.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The largest response body, in bytes.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// The headers of a request that are not forwarded: those of the connection, those that the new
/// request has of its own, and those that a browser adds for this machine.
const OWN_REQUEST_HEADERS: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers of a response that are not passed on. Clients of these APIs have no cookies.
const OWN_RESPONSE_HEADERS: [&str; 7] = [
    "connection",
    "content-length",
    "keep-alive",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The connection to the real API.
pub(crate) struct Proxy {
    scheme: Scheme,
    authority: Authority,
    /// The path before that of a request, without the slash at its end.
    prefix: String,
    connections: Connections,
    recorder: Option<Mutex<Recorder>>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proxy({}://{})", self.scheme, self.authority)
    }
}

impl Proxy {
    /// Creates the connection to a base URL. Nothing is sent before the first request.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is not one, or if credentials would cross the network in the
    /// clear.
    pub(crate) fn new(url: &str, recorder: Option<Recorder>) -> Result<Self, String> {
        let parsed: Uri = url.parse().map_err(|error| format!("{error}"))?;
        let parts = parsed.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err("it has no scheme or host; write https://HOST".to_owned());
        };
        if authority.as_str().contains('@') {
            return Err("it has credentials; the client sends them in headers".to_owned());
        }
        let is_encrypted = scheme == Scheme::HTTPS;
        let is_local = scheme == Scheme::HTTP && is_loopback(authority.host());
        if !is_encrypted && !is_local {
            return Err("keys would not be encrypted; use https".to_owned());
        }
        let path = parts.path_and_query.as_ref().map_or("", |it| it.path());
        Ok(Self {
            prefix: path.trim_end_matches('/').to_owned(),
            connections: Connections::new(&scheme, &authority)?,
            scheme,
            authority,
            recorder: recorder.map(Mutex::new),
        })
    }

    /// Forwards a request, and records it with its response.
    pub(super) async fn respond(&self, request: &Outgoing<'_>) -> Result<Response<Bytes>, Failure> {
        let failed = |problem: String| {
            let problem = request.secrets.hide(&problem);
            let address = format!("{}://{}", self.scheme, self.authority);
            Failure::Gateway(format!(
                "cannot forward the request to {address}: {problem}"
            ))
        };
        let outgoing = self.outgoing(request).map_err(failed)?;
        let response = tokio::time::timeout(TIMEOUT, self.fetch(outgoing));
        let late = || failed(format!("no response in {} seconds", TIMEOUT.as_secs()));
        let response = response.await.map_err(|_| late())?.map_err(failed)?;
        if let Some(recorder) = &self.recorder {
            let item = record::recorded(request, &response);
            lock(recorder).add(&item).map_err(Failure::Recorder)?;
        }
        Ok(response)
    }

    fn outgoing(&self, request: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, String> {
        let (prefix, path) = (&self.prefix, request.path);
        let target = match request.query {
            "" => format!("{prefix}{path}"),
            query => format!("{prefix}{path}?{query}"),
        };
        let target = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(target);
        let target = target.build().map_err(|error| error.to_string())?;
        let mut outgoing = Request::new(Full::new(request.body.clone()));
        *outgoing.method_mut() = request.method.clone();
        *outgoing.uri_mut() = target;
        *outgoing.headers_mut() = without(request.headers, &OWN_REQUEST_HEADERS);
        // Secrets could not be found in a compressed body.
        let identity = HeaderValue::from_static("identity");
        outgoing
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, identity);
        Ok(outgoing)
    }

    async fn fetch(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let response = self.connections.request(request).await;
        let response = response.map_err(|error| chain(&error))?;
        let (mut parts, body) = response.into_parts();
        let encoding = parts.headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err("the response is compressed, although it must not be".to_owned());
        }
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| format!("the response cannot be read: {error}"))?;
        parts.headers = without(&parts.headers, &OWN_RESPONSE_HEADERS);
        Ok(Response::from_parts(parts, body.to_bytes()))
    }
}

/// Returns an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Returns the headers without those of these names, and without those that `Connection` names.
fn without(headers: &HeaderMap, names: &[&str]) -> HeaderMap {
    let connection = headers.get_all(header::CONNECTION).iter();
    let listed = connection.filter_map(|value| value.to_str().ok());
    let listed = listed.flat_map(|value| value.split(','));
    let listed: Vec<_> = listed
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    let kept = headers
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()) && !listed.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
