//! Sends a request once and reads its response.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, StatusCode, Version};
use tokio::time::timeout_at;
use tracing::Span;

use crate::client::url::host_of;
use crate::error::attempt::AttemptContext;
use crate::request::raw::{Arguments, RawRequest};
use crate::response::by_status;
use crate::response::lines::{BadLine, lines_as_json};
use crate::response::raw::{OpenBody, RawResponse};
use crate::send::body::{self, BodyLimits, BodyProblem};
use crate::send::rate_limit::{RateLimit, retry_after};
use crate::send::retry::AttemptOutcome;
use crate::{BodyKind, Error, RawBody};

/// The JSON that stands for a body that the client does not decode.
const NULL: &[u8] = b"null";

/// The JSON that stands for a missing body where other responses of the operation have one.
const EMPTY_OBJECT: &[u8] = b"{}";

/// The size up to which the body of an error is read, in bytes.
const MAX_ERROR_BODY_SIZE: usize = 256 * 1024;

/// The size up to which a body is read that the document does not list, in bytes.
const MAX_UNLISTED_BODY_SIZE: usize = 64 * 1024;

/// Sends the request once and returns its response, or the error of the attempt. Stores the version
/// of HTTP once the head of a response has arrived.
pub(crate) async fn send(
    request: &RawRequest,
    context: &AttemptContext<'_>,
    version: &mut Option<Version>,
) -> Result<RawResponse, Error> {
    let mut response = exchange(request, context).await?;
    *version = Some(response.version());
    let head = Head::take(request, context, &mut response);
    let limits = BodyLimits {
        deadline: context.deadline,
        read_timeout: context.policies.read_timeout,
        size: context.policies.max_response_size,
    };
    if head.status.is_success() && request.is_streamed {
        Ok(open(context, head, response))
    } else if head.status.is_success() {
        read_success(context, head, response, limits).await
    } else {
        Err(read_failure(context, head, response, limits).await)
    }
}

/// Sends the request and waits for the head of the response.
async fn exchange(
    request: &RawRequest,
    context: &AttemptContext<'_>,
) -> Result<reqwest::Response, Error> {
    let http_request = context.http_request;
    let method = request.operation.method.clone();
    let mut outgoing = reqwest::Request::new(method, http_request.url.clone());
    outgoing.headers_mut().clone_from(&http_request.headers);
    // This runs within the span of the attempt.
    let trace = request.shared.trace_context.as_ref();
    if let Some(trace) = trace.and_then(|source| source()) {
        trace.write(outgoing.headers_mut());
    }
    let mut failure = None;
    if let Some(upload) = request.upload() {
        let (body, its_failure) = upload.open()?;
        *outgoing.body_mut() = Some(reqwest::Body::wrap(body));
        failure = Some(its_failure);
    } else if let Some(body) = &http_request.body {
        *outgoing.body_mut() = Some(body.clone().into());
    }
    let transport = &request.shared.transport;
    let sending = transport.send(outgoing, context.policies.connect_timeout);
    match timeout_at(context.deadline, sending).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(match failure.and_then(|failure| failure.take()) {
            Some(cause) => context.upload_error(cause),
            None => context.transport_error(error),
        }),
        Err(_) => Err(context.timeout_error()),
    }
}

/// The head of a response.
struct Head {
    status: StatusCode,
    headers: HeaderMap,
    rate_limit: Option<RateLimit>,
    /// The wait that `Retry-After` asks for.
    retry_after: Option<Duration>,
    /// The wait that any header asks for.
    wait: Option<Duration>,
}

impl Head {
    /// Takes the head of a response, and remembers what it says about limits and compression.
    fn take(
        request: &RawRequest,
        context: &AttemptContext<'_>,
        response: &mut reqwest::Response,
    ) -> Self {
        let shared = &request.shared;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        if context.http_request.body.is_some() {
            shared.gzip.observe(request.operation.id, &headers);
        }
        let now = (shared.test_hooks.now)();
        let mut rate_limit = RateLimit::read(&headers, now);
        if let Some(limit) = &mut rate_limit {
            // Messages repeat the name.
            let credentials = &context.http_request.credentials;
            limit.name = limit.name.take().map(|name| credentials.scrub_text(name));
        }
        let retry_after = retry_after(&headers, now);
        let is_limited = status == StatusCode::TOO_MANY_REQUESTS;
        // A limit that is not used up resets without a wait.
        let reset = rate_limit.as_ref().and_then(|limit| limit.reset);
        let wait = retry_after.or(reset.filter(|_| is_limited));
        shared.limiter.observe(
            request.operation,
            rate_limit.as_ref(),
            wait.filter(|_| is_limited),
            status.is_success(),
        );
        Self {
            status,
            headers,
            rate_limit,
            retry_after,
            wait,
        }
    }
}

/// Reads the body of a response whose status is an error.
async fn read_failure(
    context: &AttemptContext<'_>,
    head: Head,
    mut response: reqwest::Response,
    mut limits: BodyLimits,
) -> Error {
    let Head {
        status,
        mut headers,
        rate_limit,
        retry_after,
        wait,
    } = head;
    context.http_request.credentials.scrub_headers(&mut headers);
    limits.size = MAX_ERROR_BODY_SIZE;
    let (body, problem) = body::read(&mut response, limits).await;
    let outcome = match retry_after {
        Some(_) => AttemptOutcome::StatusWithRetryAfter(status.as_u16()),
        None => AttemptOutcome::Status(status.as_u16()),
    };
    let error = context
        .api_error(status, headers, &body, problem)
        .with_outcome(outcome, context.operation.retry)
        .with_rate_limit(rate_limit);
    match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// Returns a successful response whose body is read as a stream.
fn open(context: &AttemptContext<'_>, head: Head, response: reqwest::Response) -> RawResponse {
    let open = OpenBody {
        body: response.into(),
        host: host_of(&context.http_request.url),
        policies: context.policies.clone(),
        permit: None,
    };
    RawResponse {
        open: Some(Box::new(open)),
        ..raw_response(context, head, RawBody::new(Bytes::new(), false, false))
    }
}

/// Returns a response that is decoded from its body.
fn raw_response(context: &AttemptContext<'_>, head: Head, body: RawBody) -> RawResponse {
    RawResponse {
        credentials: Arc::clone(&context.http_request.credentials),
        operation: context.operation,
        arguments: Arguments::default(),
        status: head.status,
        headers: head.headers,
        body,
        converted: None,
        converted_offset: 0,
        rate_limit: head.rate_limit,
        attempts: 1,
        has_mark: false,
        is_strict: context.policies.strict_decoding,
        deviations: None,
        span: Span::none(),
        open: None,
    }
}

/// Reads the body of a successful response.
async fn read_success(
    context: &AttemptContext<'_>,
    head: Head,
    mut response: reqwest::Response,
    limits: BodyLimits,
) -> Result<RawResponse, Error> {
    let status = head.status;
    let kind = by_status::kind_of(context.operation.response, status);
    let (body, is_cut) = if kind == BodyKind::Empty {
        body::read_arrived(&mut response, MAX_UNLISTED_BODY_SIZE).await
    } else {
        let announced = response.content_length();
        let max_size = u64::try_from(limits.size).unwrap_or(u64::MAX);
        let (read, problem) = match announced {
            Some(length) if length > max_size => (Bytes::new(), Some(BodyProblem::TooLarge)),
            _ => body::read(&mut response, limits).await,
        };
        if let Some(problem) = problem {
            let mut headers = head.headers;
            context.http_request.credentials.scrub_headers(&mut headers);
            return Err(context
                .body_error(problem)
                .with_response(status, headers)
                .with_rate_limit(head.rate_limit));
        }
        (read, false)
    };
    let mut text = body.clone();
    let has_mark = strip_mark(kind, &mut text);
    let mut decodable = Decodable::new(context.operation.response, status, &text);
    if has_mark {
        decodable.json.get_or_insert(text);
    }
    let body = RawBody::new(body, kind == BodyKind::JsonLines, is_cut);
    let response = RawResponse {
        converted: decodable.json,
        converted_offset: decodable.offset,
        has_mark,
        ..raw_response(context, head, body)
    };
    match decodable.bad_line {
        None => Ok(response),
        Some(BadLine { offset, error }) => Err(response.decode_error_at(offset, error)),
    }
}

/// The JSON text that the response type is decoded from.
struct Decodable {
    /// `None` if it is the body as it was received.
    json: Option<Bytes>,
    /// The number of bytes before the body in `json`.
    offset: usize,
    /// The first line that is not one JSON value, which the list of all lines would hide.
    bad_line: Option<BadLine>,
}

impl Decodable {
    fn new(kind: BodyKind, status: StatusCode, body: &Bytes) -> Self {
        let mut bad_line = None;
        let (json, offset) = if let BodyKind::ByStatus(responses) = kind {
            let (json, offset) = by_status::wrap(responses, status, body.clone(), |kind, body| {
                as_json(kind, status, &body, &mut bad_line).unwrap_or(body)
            });
            (Some(json), offset)
        } else {
            (as_json(kind, status, body, &mut bad_line), 0)
        };
        Self {
            json,
            offset,
            bad_line,
        }
    }
}

/// Returns a body as JSON; `None` if that is the body itself. Stores the first bad line of a body
/// of lines in `bad_line`.
fn as_json(
    kind: BodyKind,
    status: StatusCode,
    body: &Bytes,
    bad_line: &mut Option<BadLine>,
) -> Option<Bytes> {
    match kind {
        BodyKind::Empty => Some(Bytes::from_static(NULL)),
        BodyKind::Text | BodyKind::Events => Some(text_as_json(body)),
        BodyKind::JsonLines => {
            let (list, problem) = lines_as_json(body);
            *bad_line = problem;
            Some(list)
        }
        BodyKind::Json if body.is_empty() && may_be_empty(status) => {
            Some(Bytes::from_static(EMPTY_OBJECT))
        }
        _ => None,
    }
}

/// Removes a byte order mark from a body of JSON. Returns true if the body had one ([RFC 8259,
/// section 8.1](https://www.rfc-editor.org/rfc/rfc8259#section-8.1)).
fn strip_mark(kind: BodyKind, body: &mut Bytes) -> bool {
    let is_json = !matches!(kind, BodyKind::Text | BodyKind::Events | BodyKind::Bytes);
    let has_mark = is_json && body.starts_with(b"\xef\xbb\xbf");
    if has_mark {
        body.advance(3);
    }
    has_mark
}

/// Returns a text as a JSON string. Bytes that are not UTF-8 are replaced, because the text is for
/// people.
fn text_as_json(body: &[u8]) -> Bytes {
    let text = serde_json::Value::from(String::from_utf8_lossy(body));
    text.to_string().into()
}

/// Returns true if a response with this status may lack a body ([RFC 9110, section
/// 15.3](https://www.rfc-editor.org/rfc/rfc9110#section-15.3)).
fn may_be_empty(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::ACCEPTED | StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT
    )
}
