//! The way of a call: prepare it, send it until it succeeds or fails for good, read the answer.
//!
//! Nothing here is generic and [`Call::execute`] returns a boxed future, so that all of it is
//! compiled once, in this crate; a program pays per operation for the decoding alone.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::auth::credentials::Keyring;
use crate::client::options::Policies;
use crate::request::raw::{Call, Prepared};
use crate::response::lines::{BadLine, lines_as_json};
use crate::response::status_body;
use crate::send::body::{self, BodyLimits};
use crate::send::compression;
use crate::send::limiter::Reservation;
use crate::send::rate_limit::{RateLimit, retry_after};
use crate::send::retry::Ending;
use crate::send::trace;
use crate::{BodyKind, Error, ErrorKind, Operation, RetrySafety};

/// What an answer without a useful body is decoded from.
const NULL: &[u8] = b"null";

/// What an answer that has no body where others of its operation do is decoded from.
const NOTHING: &[u8] = b"{}";

/// How much of the body of an error is read.
const ERROR_BODY_SIZE: usize = 256 * 1024;

/// A successful answer that is not decoded yet.
pub(crate) struct Answer {
    /// The credentials it was asked for with.
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How much of the body stands before what the server sent; the status, where it says what the body is.
    pub(crate) wrapping: usize,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) attempts: u32,
    /// The span of the call, which is not over before the answer is decoded.
    pub(crate) span: Span,
}

/// One attempt: what it may take, and what its failure has to tell.
pub(crate) struct Attempt<'a> {
    pub(crate) policies: &'a Policies,
    pub(crate) prepared: &'a Prepared,
    /// When this attempt is over, or the whole call.
    pub(crate) deadline: Instant,
    /// Whether it is the whole call that is over then.
    pub(crate) is_last_moment: bool,
}

impl Call {
    /// Sends the call and waits for the whole answer.
    pub(crate) fn execute(
        self,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'static>> {
        Box::pin(async move {
            let operation = self.operation;
            let span = trace::call(operation);
            // What is awaited by reference is neither moved nor stored twice.
            let run = pin!(self.run());
            match run.instrument(span.clone()).await {
                Ok(mut answer) => {
                    trace::finish_call(&span, answer.attempts, Some(answer.status));
                    answer.span = span;
                    Ok(answer)
                }
                Err(error) => {
                    trace::finish_call(&span, error.attempts(), error.status());
                    trace::fail(&span, &error);
                    Err(error.in_operation(operation.id))
                }
            }
        })
    }

    async fn run(&self) -> Result<Answer, Error> {
        let policies = self
            .shared
            .policies
            .with(&self.options)
            .map_err(|problem| Error::invalid_request(format!("CallOptions::{problem}")))?;
        let deadline = after(policies.timeout);
        self.check()?;
        self.shared.note_preview(self.operation);
        let compressed = |mut prepared| {
            let (takers, wanted) = (&self.shared.takers, policies.compress_requests);
            takers.compress(&mut prepared, self.operation.id, wanted);
            prepared
        };
        let keyring = self.keyring(None, deadline).await?;
        let mut prepared = compressed(self.prepare_with(&keyring).await?);
        // Other credentials make no difference to an operation that needs none.
        let mut may_ask_again =
            self.shared.vault.may_change() && !self.operation.security.is_empty();
        let patience = policies.retry.max_wait.min(policies.timeout);
        let mut attempts = 0;
        let mut wait = Duration::ZERO;
        let mut last: Option<Error> = None;
        // Whether the next round costs a retry.
        let mut is_retry = false;
        loop {
            let mut place = policies
                .wait_for_rate_limits
                .then(|| self.shared.limiter.reserve(self.operation, patience));
            wait = place.as_ref().map_or(wait, |place| wait.max(place.wait));
            if !wait.is_zero()
                && let Some(reason) = too_long(wait, &policies, deadline)
            {
                let error = last.unwrap_or_else(|| rate_limited(place.as_ref()));
                return Err(error.with_retry_after(wait).with_note(&reason));
            }
            // Nothing keeps it from being made any more: what is not made is not paid for.
            if let Some(error) = last.take_if(|_| is_retry && !self.shared.budget.take()) {
                return Err(error);
            }
            if !wait.is_zero() {
                trace::waiting(wait);
                tokio::time::sleep(wait).await;
            }
            if let Some(place) = &mut place {
                place.begin();
            }
            let attempt = Attempt::new(&policies, &prepared, deadline);
            let span = trace::attempt(self.operation, &prepared.url, attempts, wait);
            attempts += 1;
            let outcome = {
                let sending = pin!(self.attempt(&attempt));
                sending.instrument(span.clone()).await
            };
            let error = match outcome {
                Ok(mut answer) => {
                    trace::finish(&span, Some(answer.status));
                    self.shared.budget.pay();
                    if let Some(place) = &place {
                        place.succeed();
                    }
                    answer.attempts = attempts;
                    return Ok(answer);
                }
                Err(error) => {
                    trace::fail(&span, &error);
                    error.with_attempts(attempts)
                }
            };
            drop(span);
            if error.status() == Some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                && compression::undo(&mut prepared)
            {
                self.shared.takers.set(self.operation.id, false);
                (wait, is_retry) = (Duration::ZERO, false);
                last = Some(error);
                continue;
            }
            let refused = error.status() == Some(StatusCode::UNAUTHORIZED);
            if refused && may_ask_again {
                may_ask_again = false;
                let answer = match self.keyring(Some(&prepared.keyring), deadline).await {
                    Ok(keyring) => self.prepare_with(&keyring).await,
                    Err(problem) => Err(problem),
                };
                match answer {
                    Ok(again) => prepared = compressed(again),
                    // The refusal is what matters.
                    Err(problem) => {
                        let note = format!("it was not sent again: {problem}");
                        return Err(error.with_note(&note));
                    }
                }
                (wait, is_retry) = (Duration::ZERO, false);
                last = Some(error);
                continue;
            }
            let may_retry = error.is_retryable()
                && attempts < policies.retry.max_attempts
                && Instant::now() < deadline;
            if !may_retry {
                return Err(error);
            }
            is_retry = true;
            wait = error
                .retry_after()
                .unwrap_or_else(|| (self.shared.seams.random)(policies.retry.bound(attempts - 1)));
            last = Some(error);
        }
    }

    /// What is sent with these credentials. Where they are not enough, the next call asks for others.
    async fn prepare_with(&self, keyring: &Arc<Keyring>) -> Result<Prepared, Error> {
        let prepared = self.prepare(keyring);
        if prepared.is_err() && keyring.choose(self.operation.security).is_err() {
            self.shared.vault.expire(keyring).await;
        }
        prepared
    }

    /// The credentials to use; `refused` are those that the server has just refused.
    async fn keyring(
        &self,
        refused: Option<&Arc<Keyring>>,
        deadline: Instant,
    ) -> Result<Arc<Keyring>, Error> {
        if self.operation.security.is_empty() {
            return Ok(self.shared.vault.fixed());
        }
        match timeout_at(deadline, self.shared.vault.keyring(refused)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::new(
                ErrorKind::Timeout,
                "the credential provider did not answer within the timeout of the call",
            )),
        }
    }

    /// Sends the request once.
    async fn attempt(&self, attempt: &Attempt<'_>) -> Result<Answer, Error> {
        let url = &attempt.prepared.url;
        let mut request = reqwest::Request::new(self.operation.method.clone(), url.clone());
        request.headers_mut().clone_from(&attempt.prepared.headers);
        if let Some(body) = &attempt.prepared.body {
            *request.body_mut() = Some(body.clone().into());
        }
        let connect_timeout = attempt.policies.connect_timeout;
        let sending = self.shared.transport.send(request, connect_timeout);
        let mut response = match timeout_at(attempt.deadline, sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(failure)) => return Err(self.transport_error(failure, attempt)),
            Err(_) => return Err(self.timeout_error(attempt)),
        };

        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        if attempt.prepared.body.is_some() {
            self.shared.takers.observe(self.operation.id, &headers);
        }
        let keyring = &attempt.prepared.keyring;
        let now = (self.shared.seams.now)();
        let mut rate_limit = RateLimit::read(&headers, now);
        if let Some(limit) = &mut rate_limit {
            // Messages repeat it.
            limit.name = limit.name.take().map(|name| keyring.scrub_text(name));
        }
        let told = retry_after(&headers, now);
        // A limit that is not used up resets without anybody having to wait for it.
        let reset = rate_limit.as_ref().and_then(|limit| limit.reset);
        let refused = status == StatusCode::TOO_MANY_REQUESTS;
        let wait = told.or(reset.filter(|_| refused));
        self.shared.limiter.observe(
            self.operation,
            rate_limit.as_ref(),
            wait.filter(|_| refused),
            status.is_success(),
        );
        let mut limits = BodyLimits {
            deadline: attempt.deadline,
            read_timeout: attempt.policies.read_timeout,
            size: attempt.policies.max_response_size,
        };
        if !status.is_success() {
            keyring.scrub_headers(&mut headers);
            limits.size = ERROR_BODY_SIZE;
            let (body, problem) = body::read(&mut response, limits).await;
            let ending = match told {
                Some(_) => Ending::StatusWithRetryAfter(status.as_u16()),
                None => Ending::Status(status.as_u16()),
            };
            let error = self
                .api_error(attempt.prepared, status, headers, &body, problem)
                .with_ending(ending, self.operation.retry)
                .with_rate_limit(rate_limit);
            return Err(match wait {
                Some(wait) => error.with_retry_after(wait),
                None => error,
            });
        }
        let mut wrapping = 0;
        let mut bad_line = None;
        let body = match self.operation.response {
            BodyKind::Empty => Bytes::from_static(NULL),
            kind => {
                let announced = response.content_length();
                let (body, problem) = match announced {
                    Some(length) if length > u64::try_from(limits.size).unwrap_or(u64::MAX) => {
                        (Bytes::new(), Some(body::BodyProblem::TooLarge))
                    }
                    _ => body::read(&mut response, limits).await,
                };
                if let Some(problem) = problem {
                    keyring.scrub_headers(&mut headers);
                    return Err(self
                        .body_error(problem, attempt)
                        .with_answer(status, headers)
                        .with_rate_limit(rate_limit));
                }
                if let BodyKind::ByStatus(bodies) = kind {
                    let (whole, before) = status_body::wrap(bodies, status, body, |kind, body| {
                        as_json(kind, status, body, &mut bad_line)
                    });
                    wrapping = before;
                    whole
                } else {
                    as_json(kind, status, body, &mut bad_line)
                }
            }
        };
        let answer = Answer {
            keyring: Arc::clone(keyring),
            operation: self.operation,
            status,
            headers,
            body,
            wrapping,
            rate_limit,
            attempts: 1,
            span: Span::none(),
        };
        match bad_line {
            None => Ok(answer),
            Some(BadLine { offset, error }) => Err(answer.decode_error_at(offset, error)),
        }
    }
}

impl<'a> Attempt<'a> {
    fn new(policies: &'a Policies, prepared: &'a Prepared, call_deadline: Instant) -> Self {
        let own_deadline = after(policies.attempt_timeout);
        Self {
            policies,
            prepared,
            deadline: own_deadline.min(call_deadline),
            is_last_moment: call_deadline <= own_deadline,
        }
    }
}

/// A body as JSON. What the list of lines would hide of them is in `bad_line`.
fn as_json(
    kind: BodyKind,
    status: StatusCode,
    body: Bytes,
    bad_line: &mut Option<BadLine>,
) -> Bytes {
    match kind {
        BodyKind::Empty => Bytes::from_static(NULL),
        BodyKind::Text => text_as_json(&body),
        BodyKind::JsonLines => {
            let (list, problem) = lines_as_json(&body);
            *bad_line = problem;
            list
        }
        BodyKind::Json if body.is_empty() && may_be_empty(status) => Bytes::from_static(NOTHING),
        _ => body,
    }
}

/// A text as what JSON decodes into it. Bytes that are no UTF-8 are replaced: the text is for people.
fn text_as_json(body: &[u8]) -> Bytes {
    let text = serde_json::Value::from(String::from_utf8_lossy(body));
    text.to_string().into()
}

/// Statuses that say that there is nothing to read
/// ([RFC 9110, section 15.3](https://www.rfc-editor.org/rfc/rfc9110#section-15.3)).
fn may_be_empty(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::ACCEPTED | StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT
    )
}

/// The instant that far away, or one that nobody lives to see.
fn after(duration: Duration) -> Instant {
    const DECADES: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(duration.min(DECADES)).unwrap_or(now)
}

/// Why a call does not wait this long.
fn too_long(wait: Duration, policies: &Policies, deadline: Instant) -> Option<String> {
    let longest = policies.retry.max_wait;
    if wait > longest {
        return Some(format!(
            "the next attempt would have to wait {wait:?}, longer than RetryPolicy::max_wait \
             ({longest:?}) allows"
        ));
    }
    let left = deadline.saturating_duration_since(Instant::now());
    (wait >= left).then(|| {
        format!(
            "the next attempt would have to wait {wait:?}, longer than is left of the timeout of \
             the call ({:?})",
            policies.timeout
        )
    })
}

/// The error of a call that its client did not even send, because the server would have refused it.
fn rate_limited(place: Option<&Reservation>) -> Error {
    let name = place.map(Reservation::limit_name).unwrap_or_default();
    Error::new(
        ErrorKind::Timeout,
        format!(
            "the rate limit {name:?} is used up, nothing was sent; wait, or have the server asked \
             nevertheless with CallOptions::wait_for_rate_limits(false)"
        ),
    )
    .with_ending(Ending::NotConnected, RetrySafety::OnlyUnprocessed)
}

impl Answer {
    /// The JSON text to decode.
    pub(crate) fn json(&self) -> &[u8] {
        &self.body
    }
}
