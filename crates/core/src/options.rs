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

    /// How long making a connection may take; 10 seconds unless set. Of the client's and the call's
    /// the shorter holds.
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

    /// These options, with those of `fallback` for whatever is not set here.
    pub fn or(self, fallback: Self) -> Self {
        Self {
            timeout: self.timeout.or(fallback.timeout),
            attempt_timeout: self.attempt_timeout.or(fallback.attempt_timeout),
            connect_timeout: self.connect_timeout.or(fallback.connect_timeout),
            read_timeout: self.read_timeout.or(fallback.read_timeout),
            max_response_size: self.max_response_size.or(fallback.max_response_size),
            retry: self.retry.or(fallback.retry),
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
