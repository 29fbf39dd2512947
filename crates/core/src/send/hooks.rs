//! Code of a program that runs before and after each attempt.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};
use reqwest::Url;
use tokio::time::Instant;
use tracing::Span;

use crate::error::request_id;
use crate::request::raw::RawRequest;
use crate::response::raw::RawResponse;
use crate::send::trace;
use crate::{Error, RateLimit};

/// Code of a program that runs before and after each attempt of a client's calls.
///
/// [`Config::hook`](crate::Config::hook) adds one. It runs in the task of the call, within the span
/// of the attempt, so it must return quickly. It changes nothing that is sent. A retried call has
/// several attempts, and a stream an attempt for each connection, which ends with the head of the
/// response.
///
/// A hook can record metrics by the names of
/// [OpenTelemetry](https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#http-client). The
/// attributes have these names, too, so they can be passed on as labels:
///
/// ```
/// use scorekit_core::{Attempt, AttemptHook, AttemptResult, Config};
///
/// struct Metrics;
///
/// impl AttemptHook for Metrics {
///     fn before(&self, attempt: &Attempt<'_>) {
///         let labels = attempt.attributes();
///         // In place of these functions, call the library that the program uses.
///         add_to_counter("http.client.active_requests", 1, labels);
///     }
///
///     fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
///         add_to_counter("http.client.active_requests", -1, attempt.attributes());
///         let labels = attempt.attributes().chain(result.attributes());
///         let seconds = result.duration().as_secs_f64();
///         record_in_histogram("http.client.request.duration", seconds, labels);
///     }
/// }
///
/// let config = Config::new().hook(Metrics);
/// # use scorekit_core::AttributeValue;
/// # type Label<'a> = (&'static str, AttributeValue<'a>);
/// # fn add_to_counter<'a>(_: &str, _: i64, _: impl Iterator<Item = Label<'a>>) {}
/// # fn record_in_histogram<'a>(_: &str, _: f64, _: impl Iterator<Item = Label<'a>>) {}
/// ```
#[doc(alias = "interceptor")]
#[doc(alias = "middleware")]
#[doc(alias = "metrics")]
pub trait AttemptHook: Send + Sync + 'static {
    /// Runs before the request is sent, after all waits.
    fn before(&self, attempt: &Attempt<'_>) {
        let _ = attempt;
    }

    /// Runs after the attempt, once for each [`before`](AttemptHook::before), also if the program
    /// dropped the call.
    fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
        let _ = (attempt, result);
    }
}

/// The value of an attribute of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributeValue<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// An integer.
    Number(i64),
}

impl fmt::Display for AttributeValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(formatter),
            Self::Number(number) => number.fmt(formatter),
        }
    }
}

fn text(text: &str) -> Option<AttributeValue<'_>> {
    Some(AttributeValue::Text(text.into()))
}

fn number<'a>(number: impl Into<i64>) -> Option<AttributeValue<'a>> {
    Some(AttributeValue::Number(number.into()))
}

/// An attempt, as a hook sees it. It has no credential. Only [`to_http`](Attempt::to_http) shows
/// arguments, headers and the body.
pub struct Attempt<'a> {
    pub(crate) request: &'a RawRequest,
    pub(crate) url: &'a Url,
    pub(crate) resend_count: u32,
    pub(crate) wait: Duration,
    pub(crate) body_size: Option<u64>,
}

/// Shows no argument, header or body.
impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attempt")
            .field("operation", &self.operation_id())
            .field("resend_count", &self.resend_count)
            .field("wait", &self.wait)
            .field("body_size", &self.body_size)
            .finish_non_exhaustive()
    }
}

impl Attempt<'_> {
    /// Returns the id of the operation in the document, such as `ListOutcomes`.
    pub fn operation_id(&self) -> &'static str {
        self.request.operation.id
    }

    /// Returns the method of the request.
    pub fn method(&self) -> &Method {
        &self.request.operation.method
    }

    /// Returns the path in the document, without arguments, such as `/api/v2/rules/{rule_id}`.
    pub fn url_template(&self) -> &'static str {
        self.request.operation.path
    }

    /// Returns the host name or address of the server.
    pub fn server_address(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Returns the port of the server.
    pub fn server_port(&self) -> Option<u16> {
        self.url.port_or_known_default()
    }

    /// Returns the number of earlier attempts of the call.
    pub fn resend_count(&self) -> u32 {
        self.resend_count
    }

    /// Returns the wait just before this attempt: for a retry, a rate limit, or the requests of
    /// other calls ([`Config::max_concurrent_requests`](crate::Config::max_concurrent_requests)).
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Returns the size of the request body in bytes, as it is sent; `None` for a stream.
    pub fn request_body_size(&self) -> Option<u64> {
        self.body_size
    }

    /// Assembles the HTTP request without its credentials, as
    /// [`Request::to_http`](crate::Request::to_http) does. That takes time, so only a log that
    /// shows requests should call it. The body may have data that a log must not keep.
    ///
    /// # Errors
    ///
    /// Returns an error if the request cannot be assembled without credentials.
    pub fn to_http(&self) -> Result<http::Request<Bytes>, Error> {
        self.request.without_credentials()
    }

    /// Returns the attributes by OpenTelemetry's names: `http.request.method`, `server.address`,
    /// `server.port`, `url.scheme` and `url.template`.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, AttributeValue<'_>)> {
        [
            ("http.request.method", text(self.method().as_str())),
            ("server.address", text(self.server_address())),
            ("server.port", self.server_port().and_then(number)),
            ("url.scheme", text(self.url.scheme())),
            ("url.template", text(self.url_template())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The result of an attempt, as a hook sees it.
pub struct AttemptResult<'a> {
    duration: Duration,
    version: Option<Version>,
    outcome: Outcome<'a>,
}

enum Outcome<'a> {
    Response(&'a RawResponse),
    Error(&'a Error),
    Cancelled,
}

impl AttemptResult<'_> {
    /// Returns the time from the beginning of the request to the end of the response, or to its
    /// head if it is a stream.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns the status code, if the head of a response arrived.
    pub fn status(&self) -> Option<StatusCode> {
        match self.outcome {
            Outcome::Response(response) => Some(response.status),
            Outcome::Error(error) => error.status(),
            Outcome::Cancelled => None,
        }
    }

    /// Returns the headers of the response, if there are any. Those of an error have no credential.
    pub fn headers(&self) -> Option<&HeaderMap> {
        match self.outcome {
            Outcome::Response(response) => Some(&response.headers),
            Outcome::Error(error) => error.status().map(|_| error.headers()),
            Outcome::Cancelled => None,
        }
    }

    /// Returns the id of the request, if the server sent one.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers()?)
    }

    /// Returns the rate limit of the operation, if the server described it.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        match self.outcome {
            Outcome::Response(response) => response.rate_limit.as_ref(),
            Outcome::Error(error) => error.rate_limit(),
            Outcome::Cancelled => None,
        }
    }

    /// Returns the error of the attempt, which the call may yet retry. A response that cannot be
    /// decoded is no error of its attempt.
    pub fn error(&self) -> Option<&Error> {
        match self.outcome {
            Outcome::Error(error) => Some(error),
            Outcome::Response(_) | Outcome::Cancelled => None,
        }
    }

    /// Returns true if the program dropped the call before the attempt ended.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.outcome, Outcome::Cancelled)
    }

    /// Returns OpenTelemetry's `error.type`: the status code of an error's response, else a word
    /// such as `timeout`, `connection` or `cancelled`. It is `None` for a success.
    pub fn error_type(&self) -> Option<Cow<'static, str>> {
        match self.outcome {
            Outcome::Response(_) => None,
            Outcome::Error(error) => Some(trace::error_type(error)),
            Outcome::Cancelled => Some("cancelled".into()),
        }
    }

    /// Returns the attributes by OpenTelemetry's names, if known: `http.response.status_code`,
    /// `error.type` and `network.protocol.version`.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, AttributeValue<'_>)> {
        let version = match self.version {
            Some(Version::HTTP_10) => text("1.0"),
            Some(Version::HTTP_11) => text("1.1"),
            Some(Version::HTTP_2) => text("2"),
            _ => None,
        };
        let status = self.status().and_then(|status| number(status.as_u16()));
        let error_type = self.error_type().map(AttributeValue::Text);
        [
            ("http.response.status_code", status),
            ("error.type", error_type),
            ("network.protocol.version", version),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Shows neither headers nor the body.
impl fmt::Debug for AttemptResult<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AttemptResult")
            .field("duration", &self.duration)
            .field("status", &self.status())
            .field("error_type", &self.error_type())
            .finish_non_exhaustive()
    }
}

/// The hooks of a client, in the order in which they were set.
pub(crate) type Hooks = Vec<Arc<dyn AttemptHook>>;

/// An attempt for which the hooks have run `before`. Dropping it runs `after`.
pub(crate) struct Watched<'a> {
    hooks: &'a Hooks,
    attempt: Attempt<'a>,
    start: Instant,
    span: Span,
}

impl<'a> Watched<'a> {
    /// Runs the hooks before an attempt.
    pub(crate) fn begin(hooks: &'a Hooks, attempt: Attempt<'a>, span: &Span) -> Box<Self> {
        span.in_scope(|| {
            for hook in hooks {
                hook.before(&attempt);
            }
        });
        Box::new(Self {
            hooks,
            attempt,
            start: Instant::now(),
            span: span.clone(),
        })
    }

    /// Runs the hooks after the attempt, and not again when this is dropped.
    pub(crate) fn finish(
        &mut self,
        outcome: &Result<RawResponse, Error>,
        version: Option<Version>,
    ) {
        let outcome = match outcome {
            Ok(response) => Outcome::Response(response),
            Err(error) => Outcome::Error(error),
        };
        self.end(outcome, version);
        self.hooks = const { &Vec::new() };
    }

    fn end(&self, outcome: Outcome<'_>, version: Option<Version>) {
        let result = AttemptResult {
            duration: self.start.elapsed(),
            version,
            outcome,
        };
        self.span.in_scope(|| {
            for hook in self.hooks.iter().rev() {
                hook.after(&self.attempt, &result);
            }
        });
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.hooks.is_empty() {
            self.end(Outcome::Cancelled, None);
        }
    }
}
