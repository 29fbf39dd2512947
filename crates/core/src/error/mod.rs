//! The error type of the runtime, with its cause, its operation and what to do about it.

pub(crate) mod api_error;
pub(crate) mod attempt;
pub(crate) mod excerpt;
pub(crate) mod network;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::request::encode::one_line;
use crate::send::retry::AttemptOutcome;
use crate::{ApiError, RateLimit, RetrySafety};

/// The longest request id that a message repeats, in characters.
const LONGEST_ID: usize = 100;

/// The headers in which servers and gateways send the id of a request, the most specific first.
const REQUEST_ID_HEADERS: &[&str] = &[
    "x-request-id",
    "dd-request-id",
    "x-dd-request-id",
    "request-id",
    "x-correlation-id",
];

/// An error from a call.
///
/// `Display` shows one line that a person can act on. It has the path parameters of the call, and
/// the id of the request if the server sent one: `GetScorecardCampaign (campaign_id c-1): 404 Not
/// Found: campaign "c-1" not found; request id 7f3a`. Programs match on [`kind`](Error::kind) and
/// [`status`](Error::status). No part of the error shows a credential: where a server echoes eight
/// or more of its characters in a row, asterisks replace them. All texts are bounded, and free of
/// characters that control a terminal. The causes ([`source`](StdError::source)) are copies of the
/// libraries' messages.
///
/// It serializes as an object with `kind`, `operation`, `status`, `request_id`, `message` (the line
/// of `Display`) and `errors`. Values that it lacks are `null`. Headers and bodies are left out.
///
/// The type has the size of a pointer.
///
/// ```
/// use scorekit_core::{Client, Config, ErrorKind};
///
/// let error = Client::new(Config::new().base_url("http://api.example.com")).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.to_string().contains("Config::allow_plain_http"));
/// ```
pub struct Error(Box<Details>);

/// The kind of an [`Error`]. It serializes in snake case, such as `invalid_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "timeout")]
#[doc(alias = "429")]
pub enum ErrorKind {
    /// A setting, environment variable or credential is missing or malformed. Nothing was sent.
    Configuration,
    /// An argument or the body of a request is wrong. Nothing was sent.
    InvalidRequest,
    /// The connection could not be made, or it broke. The server may have processed the request.
    Connection,
    /// The connection, the attempt, the call or a pause in the response took longer than the
    /// [`CallOptions`](crate::CallOptions) allow. The server may have processed the request, unless
    /// [`Error::attempts`] is zero.
    Timeout,
    /// The status of the response is not a success. See [`Error::status`] and [`Error::errors`]. A
    /// redirect is such a status, because the client does not follow it.
    Api,
    /// The status is a success, but the body is not what the API document says. The server has
    /// processed the request.
    Decode,
    /// The status is a success, but the body has more bytes than
    /// [`CallOptions::max_response_size`](crate::CallOptions::max_response_size) allows. The server
    /// has processed the request.
    TooLarge,
    /// The list ended although items may be missing: a page had only items of earlier pages, or a
    /// cursor was used before. The items until then were returned before the error. Such a server
    /// ignores the position, or the list changed while it was read.
    Incomplete,
    /// The [journal](crate::Push::journal) of a push cannot be written, or another push uses it.
    /// The message says whether the item was sent.
    Journal,
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid_request",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Api => "api",
            Self::Decode => "decode",
            Self::TooLarge => "too_large",
            Self::Incomplete => "incomplete",
            Self::Journal => "journal",
        };
        serializer.serialize_unit_variant("ErrorKind", *self as u32, name)
    }
}

struct Details {
    kind: ErrorKind,
    operation: Option<&'static str>,
    arguments: Option<String>,
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
            arguments: None,
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

    /// Sets the path parameters of the call.
    pub(crate) fn with_arguments(mut self, arguments: Option<String>) -> Self {
        self.0.arguments = arguments;
        self
    }

    pub(crate) fn with_response(mut self, status: StatusCode, headers: HeaderMap) -> Self {
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

    pub(crate) fn with_outcome(mut self, outcome: AttemptOutcome, safety: RetrySafety) -> Self {
        self.0.retryable = outcome.may_retry(safety);
        self
    }

    pub(crate) fn with_rate_limit(mut self, rate_limit: Option<RateLimit>) -> Self {
        self.0.rate_limit = rate_limit;
        self
    }

    /// Appends a sentence to the message.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        let message = &mut self.0.message;
        // A server's message may be a sentence.
        if message.ends_with('.') && !message.ends_with("..") {
            message.pop();
        }
        if !message.is_empty() {
            message.push_str("; ");
        }
        message.push_str(note);
        self
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the `operationId` of the call; `None` if the error is not from a call, such as one
    /// about a setting.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the path parameters of the call, such as `rule_id r-1`; `None` if it has none. Long
    /// values are cut, and credentials are replaced by asterisks.
    pub fn arguments(&self) -> Option<&str> {
        self.0.arguments.as_deref()
    }

    /// Returns the status of the response, also if its body could not be read; `None` without a
    /// response.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the headers of the response; empty without a response.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Returns the errors that the server reports, in one form for all vendors. If the body does
    /// not contain any, the list is empty, and [`body_excerpt`](Error::body_excerpt) shows its
    /// beginning.
    pub fn errors(&self) -> &[ApiError] {
        &self.0.errors
    }

    /// Returns about 200 characters of the response body on one line: its beginning, or for
    /// [`ErrorKind::Decode`] the text around the value that cannot be decoded. `None` without a
    /// body.
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body_excerpt.as_deref()
    }

    /// Returns the path to the value that cannot be decoded, such as
    /// `data[3].attributes.created_at`. `None` unless this is an [`ErrorKind::Decode`] about one
    /// value. A path deeper than 128 levels or longer than 4,000 characters lacks its middle (`…`).
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Returns the number of attempts; zero if nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the wait before a retry, which may be longer than the call accepts. The server asks
    /// for it with `Retry-After`, or with the reset of the rate limit of a 429. `None` if the
    /// server sent none.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns true if a retry may succeed and cannot apply a change twice. See
    /// [`RetryPolicy`](crate::RetryPolicy) for the rule.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns the state of the rate limit, if the response has it.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.rate_limit.as_ref()
    }

    /// Returns the id of the request, for a report to the vendor: the first of the headers
    /// `x-request-id`, `dd-request-id`, `x-dd-request-id`, `request-id` and `x-correlation-id`.
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
            formatter.write_str(operation)?;
            if let Some(arguments) = &details.arguments {
                write!(formatter, " ({arguments})")?;
            }
            formatter.write_str(": ")?;
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
        if details.attempts > 1 {
            write!(formatter, "; gave up after {} attempts", details.attempts)?;
        }
        match self.request_id() {
            Some(id) => write!(formatter, "; request id {}", one_line(id, LONGEST_ID)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    /// Shows everything except the headers, which contain cookies. [`Error::headers`] returns them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        formatter
            .debug_struct("Error")
            .field("kind", &details.kind)
            .field("operation", &details.operation)
            .field("arguments", &details.arguments)
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

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Error", 6)?;
        object.serialize_field("kind", &self.kind())?;
        object.serialize_field("operation", &self.operation())?;
        object.serialize_field("status", &self.status().map(|status| status.as_u16()))?;
        object.serialize_field("request_id", &self.request_id())?;
        object.serialize_field("message", &self.to_string())?;
        object.serialize_field("errors", self.errors())?;
        object.end()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
