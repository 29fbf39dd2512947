//! The spans of [`tracing`]: one for each call, and one within it for each attempt.
//!
//! Attributes have the names of OpenTelemetry's conventions for HTTP clients
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>). Others begin with `scorekit.`.
//! The URL is the template of the document, because the real one may hold names and keys. Spans
//! hold no bodies, headers or credentials.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use reqwest::Url;
use tracing::field::Empty;
use tracing::{Span, debug, info_span, warn};

use crate::response::deviations::Deviations;
use crate::{Error, ErrorKind, Operation};

/// Creates the span of a call, with its waits and all its attempts.
pub(crate) fn call(operation: &'static Operation) -> Span {
    info_span!(
        target: "scorekit",
        "call",
        otel.name = operation.id,
        otel.kind = "internal",
        scorekit.operation_id = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        http.response.status_code = Empty,
        error.type = Empty,
        scorekit.attempts = Empty,
    )
}

/// Creates the span of one attempt, which OpenTelemetry calls a client span. `resends` counts the
/// attempts before it, and `wait` is the wait just before it.
pub(crate) fn attempt(
    operation: &'static Operation,
    url: &Url,
    resends: u32,
    wait: Duration,
) -> Span {
    info_span!(
        target: "scorekit",
        "attempt",
        otel.name = format_args!("{} {}", operation.method, operation.path),
        otel.kind = "client",
        scorekit.operation_id = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        server.address = url.host_str().unwrap_or_default(),
        server.port = url.port_or_known_default(),
        // The conventions leave it out of the first attempt.
        http.request.resend_count = (resends > 0).then_some(resends),
        scorekit.wait_seconds = wait.as_secs_f64(),
        http.response.status_code = Empty,
        error.type = Empty,
    )
}

/// Records the end of a call.
pub(crate) fn finish_call(span: &Span, attempts: u32, status: Option<StatusCode>) {
    span.record("scorekit.attempts", attempts);
    finish(span, status);
}

/// Records the status of a response.
pub(crate) fn finish(span: &Span, status: Option<StatusCode>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
}

/// Records the error of a call or attempt.
pub(crate) fn fail(span: &Span, error: &Error) {
    finish(span, error.status());
    span.record("error.type", &*error_type(error));
}

/// Returns the attribute `error.type` of an error.
pub(crate) fn error_type(error: &Error) -> Cow<'static, str> {
    let kind = match (error.kind(), error.status()) {
        (ErrorKind::Api, Some(status)) => return status.as_str().to_owned().into(),
        (ErrorKind::Configuration, _) => "configuration",
        (ErrorKind::InvalidRequest, _) => "invalid_request",
        (ErrorKind::Connection, _) => "connection",
        (ErrorKind::Timeout, _) => "timeout",
        (ErrorKind::Api, None) => "api",
        (ErrorKind::Decode, _) => "decode",
        (ErrorKind::TooLarge, _) => "too_large",
        (ErrorKind::Journal, _) => "journal",
        (ErrorKind::Incomplete, _) => "incomplete",
    };
    kind.into()
}

/// Logs a wait before the next attempt.
pub(crate) fn waiting(wait: Duration) {
    debug!(
        target: "scorekit",
        { scorekit.wait_seconds = wait.as_secs_f64() },
        "waiting before the next attempt"
    );
}

/// Logs where a response differs from the document.
pub(crate) fn deviations(span: &Span, deviations: &Deviations) {
    debug!(
        target: "scorekit",
        parent: span,
        { scorekit.deviations = deviations.total },
        "the response differs from the document: {deviations}"
    );
}

/// Warns of the first call of a preview operation by a client.
pub(crate) fn preview(operation: &'static Operation) {
    warn!(
        target: "scorekit",
        { scorekit.operation_id = operation.id },
        "{} is a preview: the vendor may change or remove it without notice",
        operation.id
    );
}
