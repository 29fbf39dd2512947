//! The policies of a call: set per client, overridden per call.

use std::time::Duration;

use crate::RetryPolicy;

/// How long a call may take, how large its answer may be and how often it is tried.
///
/// [`Config::options`](crate::Config::options) sets them for all calls of a client,
/// [`Request::options`](crate::Request::options) and the `with` method of generated requests for
/// one; whatever a call does not set is the client's.
///
/// ```
/// use std::time::Duration;
/// use scorekit_core::{CallOptions, Config, RetryPolicy};
///
/// let config = Config::new().options(CallOptions::new().timeout(Duration::from_secs(20)));
/// let for_one_call = CallOptions::new()
///     .attempt_timeout(Duration::from_secs(5))
///     .retry(RetryPolicy::new().max_attempts(2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "options do nothing until they are given to a client or a call"]
pub struct CallOptions {
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    max_response_size: Option<usize>,
    retry: Option<RetryPolicy>,
    wait_for_rate_limits: Option<bool>,
    compress_requests: Option<bool>,
}

impl CallOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the call may take as a whole, retries and waits included; 120 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long each attempt may take, from connecting to the last byte of the answer; 60 seconds
    /// unless set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long making a connection may take; 10 seconds unless set.
    ///
    /// Calls with another limit than their client's have connections of their own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long the body of an answer may stand still once it has begun; 30 seconds unless set.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = Some(timeout);
        self
    }

    /// How many bytes the body of an answer may have, counted after decompression; 32 MiB unless
    /// set. More ends in [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge), without being read.
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = Some(bytes);
        self
    }

    /// What is tried again, and when; [`RetryPolicy::new`] unless set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Whether to wait where the server's last answers say that a request would be refused; on
    /// unless set.
    ///
    /// The client and all its clones remember how many requests each limit has left and when it
    /// resets (`X-RateLimit-Remaining` and `X-RateLimit-Reset`), by `X-RateLimit-Name` or else by
    /// operation. Calls that find nothing left wait for the reset and then go one after the other,
    /// no faster than limit and period allow. A wait longer than
    /// [`RetryPolicy::max_wait`] or the rest of [`timeout`](CallOptions::timeout) ends in
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) at once.
    ///
    /// No wait is believed for ever, for a server may be wrong. One that is longer than the period
    /// of the limit (`X-RateLimit-Period`) and than an hour is not remembered, so that it keeps no
    /// other call from being sent. Where the reset is longer away than `max_wait` or `timeout`, one
    /// call is sent nevertheless each time that the shorter of them has passed (at most one per
    /// second), and its answer tells how long to wait from now on; if it is a success that says
    /// nothing of a reset, nobody waits any more.
    pub fn wait_for_rate_limits(mut self, wait: bool) -> Self {
        self.wait_for_rate_limits = Some(wait);
        self
    }

    /// Whether bodies of 1 KiB and more are sent in gzip. Unless set, those of operations are whose
    /// server said that it takes them, with `Accept-Encoding` in its latest answer.
    ///
    /// With `true` they are from the first request on, until the server says otherwise: where nobody
    /// documents it (as for all operations of the generated clients), ask first, for a server that
    /// knows no compressed requests finds broken JSON in them. What is refused with 415 is sent once
    /// more as it was, whatever the [`RetryPolicy`] says, and the client and all its clones remember
    /// that. It costs processor time for fewer bytes, and has no effect without the feature `gzip`.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3>.
    pub fn compress_requests(mut self, compress: bool) -> Self {
        self.compress_requests = Some(compress);
        self
    }

    /// These options, with those of `fallback` for whatever is not set here.
    pub fn or(self, fallback: Self) -> Self {
        Self {
            timeout: self.timeout.or(fallback.timeout),
            attempt_timeout: self.attempt_timeout.or(fallback.attempt_timeout),
            connect_timeout: self.connect_timeout.or(fallback.connect_timeout),
            read_timeout: self.read_timeout.or(fallback.read_timeout),
            max_response_size: self.max_response_size.or(fallback.max_response_size),
            retry: self.retry.or(fallback.retry),
            wait_for_rate_limits: self.wait_for_rate_limits.or(fallback.wait_for_rate_limits),
            compress_requests: self.compress_requests.or(fallback.compress_requests),
        }
    }
}

/// The options of a call with nothing left open.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) max_response_size: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) wait_for_rate_limits: bool,
    /// `None` where the server decides.
    pub(crate) compress_requests: Option<bool>,
}

/// What holds where neither the client nor the call says anything.
impl Default for Policies {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            attempt_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            max_response_size: 32 * 1024 * 1024,
            retry: RetryPolicy::default(),
            wait_for_rate_limits: true,
            compress_requests: None,
        }
    }
}

impl Policies {
    /// These policies with what `options` say differently, or the option that is wrong.
    pub(crate) fn with(&self, options: &CallOptions) -> Result<Self, String> {
        Ok(Self {
            timeout: positive(options.timeout, self.timeout, "timeout")?,
            attempt_timeout: positive(
                options.attempt_timeout,
                self.attempt_timeout,
                "attempt_timeout",
            )?,
            connect_timeout: positive(
                options.connect_timeout,
                self.connect_timeout,
                "connect_timeout",
            )?,
            read_timeout: positive(options.read_timeout, self.read_timeout, "read_timeout")?,
            max_response_size: options.max_response_size.unwrap_or(self.max_response_size),
            retry: options.retry.clone().unwrap_or_else(|| self.retry.clone()),
            wait_for_rate_limits: options
                .wait_for_rate_limits
                .unwrap_or(self.wait_for_rate_limits),
            compress_requests: options.compress_requests.or(self.compress_requests),
        })
    }
}

fn positive(
    duration: Option<Duration>,
    default: Duration,
    option: &str,
) -> Result<Duration, String> {
    match duration {
        Some(Duration::ZERO) => Err(format!(
            "{option} is zero, so every call would fail; give it a longer duration"
        )),
        Some(duration) => Ok(duration),
        None => Ok(default),
    }
}
