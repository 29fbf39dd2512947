//! The one error type: what went wrong, in which operation, and what to do about it.

pub(crate) mod api_error;
mod failure;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::send::retry::Ending;
use crate::{ApiError, RateLimit, RetrySafety};

/// Headers in which servers and gateways send the identifier of a request, most telling first.
const REQUEST_ID_HEADERS: &[&str] = &[
    "x-request-id",
    "dd-request-id",
    "x-dd-request-id",
    "request-id",
    "x-correlation-id",
];

/// Why a call failed.
///
/// `Display` is one line that a person can act on, `GetScorecardCampaign: 404 Not Found: campaign
/// "x" not found`. Code branches on [`kind`](Error::kind) and [`status`](Error::status). No part of
/// the error shows a credential: where a server echoes one of eight characters or more, asterisks
/// replace it.
///
/// The type is the size of a pointer, so that a `Result` costs no more than its success.
///
/// ```
/// use scorekit_core::{Client, Config, ErrorKind};
///
/// let error = Client::new(Config::new().base_url("http://api.example.com")).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.to_string().contains("Config::allow_plain_http"));
/// ```
pub struct Error(Box<Details>);

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting, environment variable or credential is missing or malformed. Nothing was sent.
    Configuration,
    /// The arguments of a call make no valid request. Nothing was sent.
    InvalidRequest,
    /// No connection could be made, or it broke. A request that changes something may or may not
    /// have taken effect.
    Connection,
    /// The connection, the attempt, the call or a pause in the answer took longer than the
    /// [`CallOptions`](crate::CallOptions) allow. A request that changes something may or may not
    /// have taken effect, unless [`Error::attempts`] is zero.
    Timeout,
    /// The server answered with a status that is no success; see [`Error::status`] and
    /// [`Error::errors`]. Redirects count, for none is followed.
    Api,
    /// The server reported success, but its answer is not what the API document says. The request
    /// has taken effect.
    Decode,
    /// The server reported success, but its answer has more bytes than
    /// [`CallOptions::max_response_size`](crate::CallOptions::max_response_size) allows. The request
    /// has taken effect.
    TooLarge,
    /// The [journal](crate::Push::journal) of a push cannot be written any more. The item was taken
    /// by the server and not written down, or, as the message says then, not sent. Or another push
    /// uses the journal, and nothing was sent.
    Journal,
}

struct Details {
    kind: ErrorKind,
    operation: Option<&'static str>,
    message: String,
    status: Option<StatusCode>,
    headers: HeaderMap,
    errors: Vec<ApiError>,
    body_excerpt: Option<String>,
    json_path: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    retryable: bool,
    rate_limit: Option<RateLimit>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            operation: None,
            message: message.into(),
            status: None,
            headers: HeaderMap::new(),
            errors: Vec::new(),
            body_excerpt: None,
            json_path: None,
            attempts: 0,
            retry_after: None,
            retryable: false,
            rate_limit: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    pub(crate) fn in_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_answer(mut self, status: StatusCode, headers: HeaderMap) -> Self {
        self.0.status = Some(status);
        self.0.headers = headers;
        self
    }

    pub(crate) fn with_errors(mut self, errors: Vec<ApiError>) -> Self {
        self.0.errors = errors;
        self
    }

    pub(crate) fn with_excerpt(mut self, excerpt: Option<String>) -> Self {
        self.0.body_excerpt = excerpt;
        self
    }

    pub(crate) fn with_path(mut self, path: Option<String>) -> Self {
        self.0.json_path = path;
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    pub(crate) fn with_ending(mut self, ending: Ending, safety: RetrySafety) -> Self {
        self.0.retryable = ending.may_retry(safety);
        self
    }

    pub(crate) fn with_rate_limit(mut self, rate_limit: Option<RateLimit>) -> Self {
        self.0.rate_limit = rate_limit;
        self
    }

    /// Adds to the message.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        if !self.0.message.is_empty() {
            self.0.message.push_str("; ");
        }
        self.0.message.push_str(note);
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The `operationId` of the call that failed; `None` when the failure belongs to no call, such
    /// as a bad setting.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The status of the answer, whenever a server sent one, even if its body could not be read.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The headers of the answer; empty when there was none.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// What the server says is wrong, in one shape whichever body it sent. Empty when the body is
    /// no error document; then [`body_excerpt`](Error::body_excerpt) shows how it begins.
    pub fn errors(&self) -> &[ApiError] {
        &self.0.errors
    }

    /// About 200 characters of the answer's body on one line: its beginning, or for
    /// [`ErrorKind::Decode`] the surroundings of the place that could not be decoded. `None` when
    /// there was no body.
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body_excerpt.as_deref()
    }

    /// The place that could not be decoded, such as `data[3].attributes.created_at`. `None` unless
    /// this is an [`ErrorKind::Decode`] about one place within the document. Of one deeper than 128
    /// levels or longer than 4,000 characters, the middle is left out (`…`).
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// How often the request was sent, the last time included; zero when nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long to wait before trying again: what the server asks for (`Retry-After`, or the reset
    /// of the rate limit of a 429), or the wait that was longer than the call accepts. `None` when
    /// nobody says.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may be made again: the failure is of the kind that passes, and the
    /// operation cannot do a thing twice by it. [`RetryPolicy`](crate::RetryPolicy) has the rule.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The state of the server's rate limit, if the answer told it.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.rate_limit.as_ref()
    }

    /// The identifier that the server gave the request, for a report to its operator: the first of
    /// `x-request-id`, `dd-request-id`, `x-dd-request-id`, `request-id` and `x-correlation-id`
    /// that the answer has.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.0.headers)
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        if let Some(operation) = details.operation {
            write!(formatter, "{operation}: ")?;
        }
        if let Some(status) = details.status {
            formatter.write_str(status.as_str())?;
            if let Some(reason) = status.canonical_reason() {
                write!(formatter, " {reason}")?;
            }
            if !details.message.is_empty() {
                formatter.write_str(": ")?;
            }
        }
        formatter.write_str(&details.message)?;
        match details.attempts {
            0 | 1 => Ok(()),
            attempts => write!(formatter, "; gave up after {attempts} attempts"),
        }
    }
}

impl fmt::Debug for Error {
    /// Leaves the headers out, for cookies are among them; [`Error::headers`] has them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        formatter
            .debug_struct("Error")
            .field("kind", &details.kind)
            .field("operation", &details.operation)
            .field("status", &details.status)
            .field("message", &details.message)
            .field("errors", &details.errors)
            .field("body_excerpt", &details.body_excerpt)
            .field("json_path", &details.json_path)
            .field("attempts", &details.attempts)
            .field("retry_after", &details.retry_after)
            .field("retryable", &details.retryable)
            .field("rate_limit", &details.rate_limit)
            .field("request_id", &self.request_id())
            .field("source", &details.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
