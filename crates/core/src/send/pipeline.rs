//! Runs a call: prepares the request, sends it until it succeeds or fails for good, and returns the
//! response.
//!
//! Nothing here is generic and [`execute`] returns a boxed future, so all of it is compiled once,
//! in this crate. A program pays per operation for the decoding alone.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::auth::credentials::ResolvedCredentials;
use crate::client::options::Policies;
use crate::error::attempt::AttemptContext;
use crate::request::encode::{in_words, one_line};
use crate::request::http_request::HttpRequest;
use crate::request::raw::RawRequest;
use crate::request::upload::Upload;
use crate::response::raw::RawResponse;
use crate::send::hooks::{Attempt, Watched};
use crate::send::limiter::Reservation;
use crate::send::retry::AttemptOutcome;
use crate::send::transport::BoxFuture;
use crate::send::{attempt, compression, trace};
use crate::{Error, ErrorKind, RetrySafety};

/// The longest name of a rate limit that a message repeats, in characters.
const LONGEST_NAME: usize = 100;

/// Sends a request and waits for the whole response.
pub(crate) fn execute(request: RawRequest) -> BoxFuture<'static, Result<RawResponse, Error>> {
    Box::pin(async move {
        let operation = request.operation;
        // The timers and sockets below would panic.
        if Handle::try_current().is_err() {
            return Err(no_runtime().in_operation(operation.id));
        }
        let span = trace::call(operation);
        // A future that is awaited by reference is neither moved nor stored twice.
        let outcome = {
            let run = pin!(run(&request));
            run.instrument(span.clone()).await
        };
        match outcome {
            Ok(mut response) => {
                response.arguments = request.into_arguments();
                trace::finish_call(&span, response.attempts, Some(response.status));
                response.span = span;
                Ok(response)
            }
            Err(error) => {
                trace::finish_call(&span, error.attempts(), error.status());
                trace::fail(&span, &error);
                Err(request.complete(error))
            }
        }
    })
}

/// Creates the error of a call outside of a Tokio runtime.
#[cold]
fn no_runtime() -> Error {
    Error::configuration(
        "cannot send the request: no Tokio runtime runs on this thread; call it from a function \
         with #[tokio::main], or within Runtime::block_on of a runtime with enable_all",
    )
}

async fn run(request: &RawRequest) -> Result<RawResponse, Error> {
    let mut call = Call::begin(request).await?;
    loop {
        let reservation = call.wait_for_turn().await?;
        let permit = match &request.shared.permits {
            Some(permits) => Some(Box::pin(call.wait_for_permit(permits)).await?),
            None => None,
        };
        let outcome = {
            let sending = pin!(call.send(reservation, permit));
            sending.await
        };
        match outcome {
            Ok(response) => return Ok(response),
            Err(error) => call.prepare_next(error).await?,
        }
    }
}

/// The latest end among the waits for rate limits that calls have begun, until the push takes it.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Option<Instant>>);

impl Waits {
    fn begin(&self, until: Instant) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = (*latest).max(Some(until));
    }

    /// Returns the latest end of the waits that have begun since the last call.
    pub(crate) fn take(&self) -> Option<Instant> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.take()
    }
}

/// The state of a call between its attempts.
struct Call<'a> {
    request: &'a RawRequest,
    policies: Policies,
    deadline: Instant,
    http_request: HttpRequest,
    /// True if the credential provider may be asked once more after a 401.
    may_refresh: bool,
    attempts: u32,
    /// The wait before the next attempt.
    wait: Duration,
    /// True if the next attempt takes a retry from the budget.
    is_retry: bool,
    last_error: Option<Error>,
}

impl<'a> Call<'a> {
    /// Checks the request and prepares its first attempt.
    async fn begin(request: &'a RawRequest) -> Result<Self, Error> {
        let shared = &request.shared;
        let policies = shared
            .policies
            .with(&request.options)
            .map_err(|problem| Error::invalid_request(format!("CallOptions::{problem}")))?;
        let deadline = deadline_after(policies.timeout);
        request.check()?;
        shared.note_preview(request.operation);
        let credentials = credentials(request, None, deadline).await?;
        let http_request = prepare(request, &policies, &credentials).await?;
        Ok(Self {
            request,
            deadline,
            http_request,
            // Other credentials make no difference to an operation that needs none.
            may_refresh: shared.credentials.may_change() && !request.operation.security.is_empty(),
            attempts: 0,
            wait: Duration::ZERO,
            is_retry: false,
            last_error: None,
            policies,
        })
    }

    /// Waits until the next attempt may be sent, and takes its place in the rate limit.
    ///
    /// Returns the error of the call where the wait is too long or the retry budget is empty.
    async fn wait_for_turn(&mut self) -> Result<Option<Reservation>, Error> {
        let shared = &self.request.shared;
        let longest_wait = self.policies.retry.max_wait.min(self.policies.timeout);
        let reservation = self.policies.wait_for_rate_limits.then(|| {
            let limiter = &shared.limiter;
            limiter.reserve(self.request.operation, longest_wait)
        });
        if let Some(reservation) = &reservation {
            self.wait = self.wait.max(reservation.wait);
        }
        let wait = self.wait;
        if !wait.is_zero()
            && let Some(reason) = too_long(wait, &self.policies, self.deadline)
        {
            let limit = self.last_error.as_ref().and_then(limit_name);
            let reason = format!("{}{reason}", limit.unwrap_or_default());
            let last_error = self.last_error.take();
            let error = last_error.unwrap_or_else(|| rate_limited(reservation.as_ref()));
            return Err(error.with_retry_after(wait).with_note(&reason));
        }
        let rejection = self.last_error.as_ref().and_then(Error::status);
        let was_limited = rejection == Some(StatusCode::TOO_MANY_REQUESTS);
        // This retry will be sent, so take one from the budget.
        let is_retry = self.is_retry;
        let last_error = &mut self.last_error;
        if let Some(error) = last_error.take_if(|_| is_retry && !shared.budget.take()) {
            return Err(error);
        }
        if !wait.is_zero() {
            trace::waiting(wait);
            let sleep = tokio::time::sleep(wait);
            if let Some(waits) = &self.request.waits
                && (was_limited || reservation.as_ref().is_some_and(|it| !it.wait.is_zero()))
            {
                waits.begin(sleep.deadline());
            }
            sleep.await;
        }
        Ok(reservation)
    }

    /// Waits until fewer requests of the client are in flight than it may have.
    ///
    /// Returns the error of the call where that takes longer than is left of its time.
    async fn wait_for_permit(
        &mut self,
        permits: &Arc<Semaphore>,
    ) -> Result<OwnedSemaphorePermit, Error> {
        let start = Instant::now();
        let permit = timeout_at(self.deadline, Arc::clone(permits).acquire_owned()).await;
        self.wait = self.wait.saturating_add(start.elapsed());
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(self.no_permit()),
        }
    }

    /// Returns the error of a call whose time ended while the requests of others were in flight.
    fn no_permit(&mut self) -> Error {
        let reason = "the client has as many requests in flight as \
                      Config::max_concurrent_requests allows; raise it, or CallOptions::timeout";
        match self.last_error.take() {
            Some(error) => error.with_note(&format!("not retried: {reason}")),
            None => {
                let timeout = in_words(self.policies.timeout);
                let message = format!("cannot send the request within {timeout}: {reason}");
                Error::new(ErrorKind::Timeout, message)
                    .with_outcome(AttemptOutcome::NotConnected, RetrySafety::OnlyUnprocessed)
            }
        }
    }

    /// Makes one attempt.
    async fn send(
        &mut self,
        mut reservation: Option<Reservation>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<RawResponse, Error> {
        if let Some(reservation) = &mut reservation {
            reservation.begin();
        }
        let operation = self.request.operation;
        let context = self.attempt_context();
        let span = trace::attempt(
            operation,
            &context.http_request.url,
            self.attempts,
            self.wait,
        );
        let outcome = {
            let hooks = &self.request.shared.hooks;
            let watched = (!hooks.is_empty()).then(|| Watched::begin(hooks, self.attempt(), &span));
            let mut version = None;
            let outcome = {
                let sending = pin!(attempt::send(self.request, &context, &mut version));
                sending.instrument(span.clone()).await
            };
            if let Some(mut watched) = watched {
                watched.finish(&outcome, version);
            }
            outcome
        };
        self.attempts += 1;
        match outcome {
            Ok(mut response) => {
                trace::finish(&span, Some(response.status));
                self.request.shared.budget.refund();
                if let Some(reservation) = &reservation {
                    reservation.succeed();
                }
                response.attempts = self.attempts;
                if let Some(open) = &mut response.open {
                    open.permit = permit;
                }
                Ok(response)
            }
            Err(error) => {
                trace::fail(&span, &error);
                Err(error.with_attempts(self.attempts))
            }
        }
    }

    /// Returns the next attempt, as hooks see it.
    fn attempt(&self) -> Attempt<'_> {
        let is_stream = self.request.upload().is_some();
        let body = self.http_request.body.as_ref().map_or(0, Bytes::len);
        Attempt {
            request: self.request,
            url: &self.http_request.url,
            resend_count: self.attempts,
            wait: self.wait,
            body_size: u64::try_from(body).ok().filter(|_| !is_stream),
        }
    }

    fn attempt_context(&self) -> AttemptContext<'_> {
        let attempt_deadline = deadline_after(self.policies.attempt_timeout);
        AttemptContext {
            operation: self.request.operation,
            shared: &self.request.shared,
            policies: &self.policies,
            http_request: &self.http_request,
            deadline: attempt_deadline.min(self.deadline),
            ends_call: self.deadline <= attempt_deadline,
        }
    }

    /// Prepares the attempt after one that failed, or returns the error where it is final.
    async fn prepare_next(&mut self, error: Error) -> Result<(), Error> {
        if self.request.upload().is_some_and(Upload::is_once) {
            let note = "not retried: the body is a stream that can be sent once; use \
                        Upload::factory";
            return Err(match error.is_retryable() {
                true => error.with_note(note),
                false => error,
            });
        }
        let status = error.status();
        if status == Some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            && let Some(uncompressed) = self.http_request.uncompressed_body.take()
        {
            compression::undo(&mut self.http_request.headers);
            self.http_request.body = Some(uncompressed);
            let gzip = &self.request.shared.gzip;
            gzip.set(self.request.operation.id, false);
            self.retry_at_once(error);
            return Ok(());
        }
        if status == Some(StatusCode::UNAUTHORIZED) && self.may_refresh {
            self.may_refresh = false;
            match self.with_new_credentials().await {
                Ok(http_request) => self.http_request = http_request,
                // The rejection is the error that matters.
                Err(problem) => {
                    return Err(error.with_note(&format!("not retried: {problem}")));
                }
            }
            self.retry_at_once(error);
            return Ok(());
        }
        let may_retry = error.is_retryable()
            && self.attempts < self.policies.retry.max_attempts
            && Instant::now() < self.deadline;
        if !may_retry {
            return Err(error);
        }
        self.is_retry = true;
        // A server that asks for no wait, or whose date has passed, would get all attempts at once.
        let asked_for = error.retry_after().filter(|wait| !wait.is_zero());
        self.wait = asked_for.unwrap_or_else(|| {
            let bound = self.policies.retry.bound(self.attempts - 1);
            (self.request.shared.test_hooks.random)(bound)
        });
        self.last_error = Some(error);
        Ok(())
    }

    /// Sends the request again without a wait and without a retry from the budget.
    fn retry_at_once(&mut self, error: Error) {
        self.wait = Duration::ZERO;
        self.is_retry = false;
        self.last_error = Some(error);
    }

    /// Prepares the request with what the credential provider returns after a rejection.
    async fn with_new_credentials(&self) -> Result<HttpRequest, Error> {
        let rejected = &self.http_request.credentials;
        let credentials = credentials(self.request, Some(rejected), self.deadline).await?;
        prepare(self.request, &self.policies, &credentials).await
    }
}

/// Prepares a request with these credentials. Where they do not suffice, the next call asks the
/// credential provider again.
async fn prepare(
    request: &RawRequest,
    policies: &Policies,
    credentials: &Arc<ResolvedCredentials>,
) -> Result<HttpRequest, Error> {
    let shared = &request.shared;
    let mut prepared = match HttpRequest::new(request, credentials) {
        Ok(prepared) => prepared,
        Err(error) => {
            if credentials.choose(request.operation.security).is_err() {
                shared.credentials.expire(credentials).await;
            }
            return Err(error);
        }
    };
    if let Some(body) = &prepared.body {
        let headers = &mut prepared.headers;
        let wanted = policies.compress_requests;
        if let Some(compressed) = shared
            .gzip
            .compress(request.operation.id, wanted, headers, body)
        {
            prepared.uncompressed_body = prepared.body.replace(compressed);
        }
    }
    Ok(prepared)
}

/// Returns the credentials to use; `rejected` are those that the server has just rejected.
async fn credentials(
    request: &RawRequest,
    rejected: Option<&Arc<ResolvedCredentials>>,
    deadline: Instant,
) -> Result<Arc<ResolvedCredentials>, Error> {
    let cache = &request.shared.credentials;
    if request.operation.security.is_empty() {
        return Ok(cache.fixed());
    }
    match timeout_at(deadline, cache.get(rejected)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            "cannot get credentials: the credential provider did not return within the timeout of \
             the call; raise CallOptions::timeout, or make the provider faster",
        )),
    }
}

/// Returns the instant `duration` from now, at most 30 years away, which the clock can represent.
fn deadline_after(duration: Duration) -> Instant {
    const DECADES: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(duration.min(DECADES)).unwrap_or(now)
}

/// Returns the reason why a call does not wait this long, if there is one.
fn too_long(wait: Duration, policies: &Policies, deadline: Instant) -> Option<String> {
    let longest = policies.retry.max_wait;
    if wait > longest {
        return Some(format!(
            "the next attempt would have to wait {}, longer than RetryPolicy::max_wait ({}) allows",
            in_words(wait),
            in_words(longest)
        ));
    }
    let left = deadline.saturating_duration_since(Instant::now());
    (wait >= left).then(|| {
        format!(
            "the next attempt would have to wait {}, longer than is left of the timeout of the \
             call ({})",
            in_words(wait),
            in_words(policies.timeout)
        )
    })
}

/// Says which rate limit an error is about, if the server named it.
fn limit_name(error: &Error) -> Option<String> {
    let name = error.rate_limit()?.name.as_deref()?;
    let name = one_line(name, LONGEST_NAME);
    let is_limited = error.status() == Some(StatusCode::TOO_MANY_REQUESTS);
    is_limited.then(|| format!("the rate limit {name:?} is used up; "))
}

/// Returns the error of a call that is not sent because the server would reject it.
fn rate_limited(reservation: Option<&Reservation>) -> Error {
    let name = reservation.map(Reservation::limit_name).unwrap_or_default();
    Error::new(
        ErrorKind::Timeout,
        format!(
            "cannot send the request: the rate limit {name:?} is used up; wait, or send it \
             nevertheless with CallOptions::wait_for_rate_limits(false)"
        ),
    )
    .with_outcome(AttemptOutcome::NotConnected, RetrySafety::OnlyUnprocessed)
}
