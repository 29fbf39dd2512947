//! The errors of an attempt that failed.

use std::error::Error as StdError;
use std::io;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::auth::credentials::{Alternative, ResolvedCredentials, variable_of};
use crate::client::options::Policies;
use crate::client::shared::Shared;
use crate::client::url::host_of;
use crate::error::api_error::{self, summarize};
use crate::error::excerpt::{Cause, LONGEST_MESSAGE, excerpt_around};
use crate::error::network::Diagnosis;
use crate::request::encode::one_line;
use crate::request::http_request::HttpRequest;
use crate::send::body::BodyProblem;
use crate::send::retry::AttemptOutcome;
use crate::send::transport::{Stage, TransportError};
use crate::{Error, ErrorKind, Operation, RetrySafety};

/// One attempt: its limits, and what its error has to name.
pub(crate) struct AttemptContext<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) shared: &'a Shared,
    pub(crate) policies: &'a Policies,
    pub(crate) http_request: &'a HttpRequest,
    /// The end of the attempt or of the whole call.
    pub(crate) deadline: Instant,
    /// True if it is the end of the whole call.
    pub(crate) ends_call: bool,
}

impl AttemptContext<'_> {
    /// Creates the error for an attempt without a response.
    pub(crate) fn transport_error(&self, error: TransportError) -> Error {
        let host = host_of(&self.http_request.url);
        let source = Cause::of(&error, &self.http_request.credentials);
        let cause = source.root();
        let url = &self.http_request.url;
        let proxy = self.shared.proxies.of(url);
        if error.stage == Stage::ConnectTimeout {
            let limit = self.policies.connect_timeout;
            let way = proxy.map(|proxy| format!(" through {proxy}"));
            let message = format!(
                "cannot connect to {host}{} within {limit:?}; check the network and the proxy \
                 settings, or raise Config::connect_timeout",
                way.unwrap_or_default()
            );
            return Error::new(ErrorKind::Timeout, message)
                .with_outcome(AttemptOutcome::NotConnected, self.operation.retry)
                .with_source(source);
        }
        let is_encrypted = url.scheme() == "https";
        let Diagnosis {
            kind,
            message,
            outcome,
        } = Diagnosis::of(&error, &host, is_encrypted, proxy, cause);
        Error::new(kind, message)
            .with_outcome(outcome, self.operation.retry)
            .with_source(source)
    }

    /// Creates the error for a request whose body is a stream that failed. It is not retried,
    /// because the cause is on this side.
    pub(crate) fn upload_error(&self, cause: Box<dyn StdError + Send + Sync>) -> Error {
        let host = host_of(&self.http_request.url);
        let source = Cause::of(&*cause, &self.http_request.credentials);
        Error::new(
            ErrorKind::Connection,
            format!("cannot send the request body to {host}: its stream failed: {source}"),
        )
        .with_source(source)
    }

    /// Creates the error for an attempt that ends before its response is complete.
    pub(crate) fn timeout_error(&self) -> Error {
        let host = host_of(&self.http_request.url);
        let (limit, setting) = if self.ends_call {
            (self.policies.timeout, "timeout")
        } else {
            (self.policies.attempt_timeout, "attempt_timeout")
        };
        Error::new(
            ErrorKind::Timeout,
            format!("no complete response from {host} within {limit:?}; raise Config::{setting}"),
        )
        .with_outcome(AttemptOutcome::TimedOut, self.operation.retry)
    }

    /// Creates the error for a successful response whose body cannot be read.
    pub(crate) fn body_error(&self, problem: BodyProblem) -> Error {
        match problem {
            BodyProblem::Deadline => self.timeout_error(),
            problem => {
                let host = host_of(&self.http_request.url);
                let credentials = &self.http_request.credentials;
                body_error(
                    &host,
                    self.policies,
                    self.operation.retry,
                    credentials,
                    problem,
                )
            }
        }
    }

    /// Creates the error for a response whose status is not a success.
    ///
    /// `body` holds as much as was read before `problem`.
    pub(crate) fn api_error(
        &self,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        problem: Option<BodyProblem>,
    ) -> Error {
        let credentials = &self.http_request.credentials;
        // The errors repeat everything, so all of it is searched for secrets.
        let mut body = body.to_vec();
        credentials.scrub(&mut body);
        let errors = api_error::parse(&body);
        let excerpt = excerpt_around(&body, 0, credentials);

        let mut parts = Vec::new();
        if let Some(redirect) = self.redirect(status, &headers) {
            parts.push(redirect);
        } else if errors.is_empty() {
            let begins = excerpt.as_ref();
            parts.extend(begins.map(|text| format!("the body begins `{text}`")));
        } else {
            parts.push(summarize(&errors, status.canonical_reason()));
        }
        let source = match problem {
            Some(BodyProblem::Broken(source)) => {
                parts.push("the body broke off".to_owned());
                Some(Cause::of(&source, credentials))
            }
            Some(BodyProblem::Deadline | BodyProblem::Stalled) => {
                parts.push("the rest of the body did not arrive in time".to_owned());
                None
            }
            // An excerpt is enough.
            Some(BodyProblem::TooLarge) | None => None,
        };
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let keys = credentials.choose(self.operation.security);
            parts.push(self.target());
            parts.extend(keys.ok().map(|keys| hint(&keys)));
            let scopes = self.operation.scopes;
            if status == StatusCode::FORBIDDEN && !scopes.is_empty() {
                parts.push(format!(
                    "the operation needs the scopes {}",
                    scopes.join(", ")
                ));
            }
        }
        parts.extend(self.network_hint(status, &body));
        parts.retain(|part| !part.is_empty());

        let error = Error::new(ErrorKind::Api, joined(parts))
            .with_response(status, headers)
            .with_errors(errors)
            .with_excerpt(excerpt);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }

    /// Says where the request went, and which setting decided on that. A key of another site is the
    /// usual reason for a rejection.
    fn target(&self) -> String {
        let host = host_of(&self.http_request.url);
        match self.shared.origin(self.operation.server) {
            Some(origin) => format!("sent to {host} ({origin})"),
            None => format!("sent to {host}"),
        }
    }

    /// Says what is wrong with the network, if a status can tell.
    fn network_hint(&self, status: StatusCode, body: &[u8]) -> Option<String> {
        let url = &self.http_request.url;
        let has = |text: &[u8]| memchr::memmem::find(body, text).is_some();
        match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Some(match self.shared.proxies.of(url) {
                Some(proxy) => format!(
                    "{proxy} requires a user name and a password; add them to {}",
                    proxy.source
                ),
                None => "a proxy requires a user name and a password; check the base URL and the \
                         proxy settings"
                    .to_owned(),
            }),
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED => Some(
                "this network requires a login; open a page in a browser, and log in".to_owned(),
            ),
            // The texts of nginx and of Go's server.
            StatusCode::BAD_REQUEST
                if url.scheme() == "http"
                    && (has(b"sent to HTTPS port") || has(b"HTTP request to an HTTPS server")) =>
            {
                Some("the server expects TLS on this port; use https".to_owned())
            }
            _ => None,
        }
    }

    /// Describes a redirect, if this is one.
    fn redirect(&self, status: StatusCode, headers: &HeaderMap) -> Option<String> {
        let url = &self.http_request.url;
        let location = headers.get(LOCATION).filter(|_| status.is_redirection())?;
        let target = url.join(location.to_str().ok()?).ok()?;
        let (host, other) = (host_of(url), host_of(&target));
        let is_same = url.host_str() == target.host_str();
        Some(match (is_same, target.scheme() == url.scheme()) {
            (true, true) if host == other => format!(
                "the server redirects to {:?} of the same host; the client does not follow; check \
                 the path of the base URL, and whether a login or a proxy answers instead of the \
                 API",
                one_line(target.path(), LONGEST_MESSAGE)
            ),
            (true, false) if target.scheme() == "https" => format!(
                "the server redirects to {other} over https; the client does not follow; use https \
                 in the base URL"
            ),
            _ => format!(
                "the server redirects to {other}; the client does not follow, so that the \
                 credentials stay with {host}; check the site or the base URL"
            ),
        })
    }
}

/// Creates the error for a connection that broke.
fn broken(host: &str, safety: RetrySafety, source: Cause) -> Error {
    let cause = source.root();
    Error::new(
        ErrorKind::Connection,
        format!("the connection to {host} broke: {cause}"),
    )
    .with_outcome(AttemptOutcome::Broken, safety)
    .with_source(source)
}

/// Creates the error for a body from `host` that cannot be read.
pub(crate) fn body_error(
    host: &str,
    policies: &Policies,
    safety: RetrySafety,
    credentials: &ResolvedCredentials,
    problem: BodyProblem,
) -> Error {
    match problem {
        BodyProblem::Deadline | BodyProblem::Stalled => {
            let limit = policies.read_timeout;
            Error::new(
                ErrorKind::Timeout,
                format!(
                    "{host} sent no further part of its response for {limit:?}; raise \
                     CallOptions::read_timeout"
                ),
            )
            .with_outcome(AttemptOutcome::TimedOut, safety)
        }
        BodyProblem::TooLarge => {
            let limit = policies.max_response_size;
            Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the response has more than {limit} bytes; request smaller pages, or raise \
                     CallOptions::max_response_size"
                ),
            )
        }
        BodyProblem::Broken(source) if is_corrupt(&source) => {
            let source = Cause::of(&source, credentials);
            let message = format!("cannot decompress the response: {}", source.root());
            Error::new(ErrorKind::Decode, message).with_source(source)
        }
        BodyProblem::Broken(source) => broken(host, safety, Cause::of(&source, credentials)),
    }
}

/// Names the credentials to check after the server rejected them.
fn hint(keys: &Alternative<'_>) -> String {
    let names: Vec<&str> = keys
        .iter()
        .map(|(scheme, _)| variable_of(scheme.name).unwrap_or(scheme.name))
        .collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("check {}", names.join(" and ")),
    }
}

/// Returns true if a body is not compressed as its header says.
///
/// reqwest reports this like a broken connection, but there an error of the HTTP library stands
/// between the two. A body that just ends was cut off on the way, and the next one may be whole.
fn is_corrupt(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    // A body that is read as a stream wraps the error once more.
    while let Some(inner) = source.and_then(|it| it.downcast_ref::<reqwest::Error>()) {
        source = inner.source();
    }
    let source = source.and_then(|it| it.downcast_ref::<io::Error>());
    source.is_some_and(|error| {
        matches!(
            error.kind(),
            // gzip reports the first two, brotli and zstd the last.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other
        )
    })
}

/// Joins the parts of a message. A server's part may be a sentence, whose full stop is dropped.
fn joined(mut parts: Vec<String>) -> String {
    let last = parts.len().saturating_sub(1);
    for part in parts.iter_mut().take(last) {
        if part.ends_with('.') && !part.ends_with("..") {
            part.pop();
        }
    }
    parts.join("; ")
}
