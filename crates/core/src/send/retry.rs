//! Decides which requests are retried, after what wait, and how many retries a client has.
//!
//! [`RULES`] lists every failure after which a retry is safe. The server says how long to wait.
//! Where it does not, the waits grow and are random. So clients that failed together do not retry
//! together (Marc Brooker, "Exponential Backoff And Jitter",
//! <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::RetrySafety;

/// The outcome of an attempt that failed, as far as it decides on a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptOutcome {
    /// No connection was made, so no byte of the request left this machine.
    NotConnected,
    /// The connection broke before the response was complete.
    Broken,
    /// The network or a setting is wrong, so a retry ends like this attempt.
    Misconfigured,
    /// The attempt took too long.
    TimedOut,
    /// The response has this status.
    Status(u16),
    /// The response has this status and a `Retry-After` header.
    StatusWithRetryAfter(u16),
}

/// The operations that a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RetryScope {
    /// All operations, because the server did not process the request.
    All,
    /// Operations of which two requests have the effect of one.
    Idempotent,
}

/// The outcomes after which a request is retried. All others are final.
///
/// A server that responds with 429 has not processed the request (RFC 6585, section 4). Neither has
/// one that responds with 503 and `Retry-After` (RFC 9110, section 15.6.4). Any other 5xx may come
/// from a gateway whose server processed the request, and so may a connection that broke.
const RULES: &[(AttemptOutcome, RetryScope)] = &[
    (AttemptOutcome::NotConnected, RetryScope::All),
    (AttemptOutcome::Broken, RetryScope::Idempotent),
    (AttemptOutcome::TimedOut, RetryScope::Idempotent),
    (AttemptOutcome::Status(429), RetryScope::All),
    (AttemptOutcome::Status(502), RetryScope::Idempotent),
    (AttemptOutcome::Status(503), RetryScope::Idempotent),
    (AttemptOutcome::StatusWithRetryAfter(503), RetryScope::All),
    (AttemptOutcome::Status(504), RetryScope::Idempotent),
];

impl AttemptOutcome {
    /// Returns true if an operation of this safety may be retried after this outcome.
    pub(crate) fn may_retry(self, safety: RetrySafety) -> bool {
        let rule = |outcome| RULES.iter().find(|(known, _)| *known == outcome);
        let rule = match self {
            // A rule for the header wins over the rule for the status.
            Self::StatusWithRetryAfter(status) => rule(self).or_else(|| rule(Self::Status(status))),
            _ => rule(self),
        };
        match rule {
            Some((_, RetryScope::All)) => true,
            Some((_, RetryScope::Idempotent)) => safety == RetrySafety::Idempotent,
            None => false,
        }
    }
}

/// The number of attempts of a call, and the waits between them.
///
/// Every request is retried after a connection that could not be made, a 429, and a 503 with
/// `Retry-After`. Idempotent requests are `GET`, `PUT`, `DELETE` and those that the API document
/// marks. They are also retried after a connection that broke, an attempt that timed out, a 502, a
/// 503 and a 504. All other failures are final.
///
/// The wait is what the server asks for: `Retry-After`, or `X-RateLimit-Reset` of a rate limit that
/// is used up. Without these headers, or if they ask for no wait, it is random, between zero and a
/// bound. The bound begins at [`base_delay`](RetryPolicy::base_delay) and doubles up to
/// [`max_delay`](RetryPolicy::max_delay).
///
/// ```
/// use std::time::Duration;
/// use scorekit_core::{Config, RetryPolicy};
///
/// let patient = RetryPolicy::new().max_attempts(8).max_wait(Duration::from_secs(300));
/// let config = Config::new().retry(patient);
/// let never_again = Config::new().retry(RetryPolicy::none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a client or a call"]
#[doc(alias = "backoff")]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    pub(crate) max_wait: Duration,
    pub(crate) budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(20),
            max_wait: Duration::from_secs(60),
            budget: 100,
        }
    }
}

impl RetryPolicy {
    /// Creates the default policy: 4 attempts, random waits below 0.5, 1 and 2 seconds, and a
    /// budget of 100 retries. It accepts waits of up to 60 seconds if the server asks for them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a policy without retries.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first; 4 by default. Zero counts as one.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the bound of the first wait; 0.5 seconds by default. It doubles with every further
    /// wait.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the maximum that the bound of a wait grows to; 20 seconds by default. It does not
    /// shorten a wait that the server asks for.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the longest wait that a call accepts; 60 seconds by default. Where the server asks for
    /// more, the call fails at once, and [`Error::retry_after`](crate::Error::retry_after) returns
    /// the wait.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets the budget of retries that a client and all its clones share; 100 by default. A retry
    /// takes one from it, and a successful call adds a fifth of one. While the budget is empty,
    /// failures are final, so that retries do not prolong an outage.
    ///
    /// The budget belongs to the client: in [`CallOptions`](crate::CallOptions) this setting has no
    /// effect.
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// Returns the bound of the wait before the `retry`-th retry, counted from zero.
    pub(crate) fn bound(&self, retry: u32) -> Duration {
        let factor = 2_u32.checked_pow(retry).unwrap_or(u32::MAX);
        self.base_delay.saturating_mul(factor).min(self.max_delay)
    }
}

/// The number of successful calls that earn one retry.
const CALLS_PER_RETRY: u32 = 5;

/// The retries that a client and its clones have left: a token bucket.
pub(crate) struct RetryBudget {
    /// In units of `1 / CALLS_PER_RETRY` of a retry.
    tokens: AtomicU32,
    capacity: u32,
}

impl RetryBudget {
    pub(crate) fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(CALLS_PER_RETRY);
        Self {
            tokens: AtomicU32::new(capacity),
            capacity,
        }
    }

    /// Takes one retry and returns `true`, or returns `false` if none is left.
    pub(crate) fn take(&self) -> bool {
        let left = |tokens: u32| tokens.checked_sub(CALLS_PER_RETRY);
        self.tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }

    /// Adds what a successful call earns.
    pub(crate) fn refund(&self) {
        let more = |tokens: u32| (tokens < self.capacity).then(|| tokens + 1);
        // The update fails if the budget is full, which is fine.
        let _ = self
            .tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }
}
