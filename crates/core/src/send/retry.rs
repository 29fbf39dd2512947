//! What is sent again, how long after, and how often all calls of a client together.
//!
//! [`RULES`] is the whole of what is safe. How long to wait is the server's to say; where it does
//! not, the waits grow and are drawn at random, so that clients which failed together do not come
//! back together (Marc Brooker, "Exponential Backoff And Jitter",
//! <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::RetrySafety;

/// How an attempt ended, as far as that decides whether the request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// No connection was made, so nothing of the request left this machine.
    NotConnected,
    /// The connection broke, or the answer never came to its end.
    Broken,
    /// The attempt took too long.
    TimedOut,
    /// The server answered with this status.
    Status(u16),
    /// The server answered with this status and said in `Retry-After` when to come back.
    StatusWithRetryAfter(u16),
}

/// Who may send a request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// Everyone: the server did not act on the request.
    Always,
    /// Operations of which two requests have the effect of one.
    Idempotent,
}

/// After which endings a request is sent again. What is not here is final.
///
/// Reasons: a 429 refuses the request before it is worked on (RFC 6585, section 4), and so does a
/// 503 that says when to come back (RFC 9110, section 15.6.4). Any other 5xx may come from a gateway
/// behind which the request was worked on, and a connection that broke says nothing at all.
const RULES: &[(Ending, Again)] = &[
    (Ending::NotConnected, Again::Always),
    (Ending::Broken, Again::Idempotent),
    (Ending::TimedOut, Again::Idempotent),
    (Ending::Status(429), Again::Always),
    (Ending::Status(502), Again::Idempotent),
    (Ending::Status(503), Again::Idempotent),
    (Ending::StatusWithRetryAfter(503), Again::Always),
    (Ending::Status(504), Again::Idempotent),
];

impl Ending {
    /// Whether a request of an operation that is this safe may be sent again.
    pub(crate) fn may_retry(self, safety: RetrySafety) -> bool {
        let rule = |ending| RULES.iter().find(|(known, _)| *known == ending);
        let rule = match self {
            // A line of its own wins over that of the status.
            Self::StatusWithRetryAfter(status) => rule(self).or_else(|| rule(Self::Status(status))),
            _ => rule(self),
        };
        match rule {
            Some((_, Again::Always)) => true,
            Some((_, Again::Idempotent)) => safety == RetrySafety::Idempotent,
            None => false,
        }
    }
}

/// How often a call is tried, and how long it waits in between.
///
/// A request is sent again after a failed connection, a 429 and a 503 that says when to come back;
/// where two requests have the effect of one (`GET`, `PUT`, `DELETE` and what the API document
/// marks), also after a connection that broke, an attempt that took too long, a 502, a 503 and a
/// 504. Everything else is final.
///
/// The wait is what the server asks for (`Retry-After`, or for a used up rate limit
/// `X-RateLimit-Reset`). Without that it is drawn between nothing and a bound that begins at
/// [`base_delay`](RetryPolicy::base_delay) and doubles up to [`max_delay`](RetryPolicy::max_delay).
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
    /// Four attempts, waits drawn below 0.5, 1 and 2 seconds, at most 60 seconds where the server
    /// says how long, and a budget of 100 retries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every call is sent once.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// How often a request is sent, the first time included; 4 unless set. Zero counts as one.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The bound of the first wait; 0.5 seconds unless set. It doubles with every further wait.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// What the bound of a wait grows to; 20 seconds unless set. It does not shorten what a server
    /// asks for.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The longest wait that a call accepts, whoever asks for it; 60 seconds unless set. Where more
    /// is asked for, the call fails at once and
    /// [`Error::retry_after`](crate::Error::retry_after) says how long it would have been.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How many retries a client and all its clones have in stock; 100 unless set. A retry takes
    /// one, a successful call puts a fifth of one back. While the stock is empty, failures are
    /// final, so that an outage is not made worse by everybody asking again.
    ///
    /// The stock belongs to the client: in [`CallOptions`](crate::CallOptions) this setting has no
    /// effect.
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// The bound of the wait before the `retry`-th retry, counted from zero.
    pub(crate) fn bound(&self, retry: u32) -> Duration {
        let factor = 2_u32.checked_pow(retry).unwrap_or(u32::MAX);
        self.base_delay.saturating_mul(factor).min(self.max_delay)
    }
}

/// How many successful calls pay for one retry.
const CALLS_PER_RETRY: u32 = 5;

/// The retries that a client and its clones have in stock: a token bucket.
pub(crate) struct RetryBudget {
    /// In fifths of a retry.
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

    /// Takes one retry out, if there is one.
    pub(crate) fn take(&self) -> bool {
        let left = |tokens: u32| tokens.checked_sub(CALLS_PER_RETRY);
        self.tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }

    /// A call succeeded.
    pub(crate) fn pay(&self) {
        let more = |tokens: u32| (tokens < self.capacity).then(|| tokens + 1);
        // Full already: nothing to do.
        let _ = self
            .tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }
}
