//! The options of a call, set per client or per call.

use std::time::Duration;

use crate::RetryPolicy;

/// The limits of a call: its time, the size of its response, and its retries.
///
/// [`Config::options`](crate::Config::options) sets them for all calls of a client.
/// [`Request::options`](crate::Request::options) and the `with` method of generated requests set
/// them for one call, and the client's options fill in the rest.
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
    strict_decoding: Option<bool>,
}

impl CallOptions {
    /// Creates options of which none is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time limit of the call, with all retries and waits; 120 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the time limit of each attempt, from connecting to the last byte of the response; 60
    /// seconds by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the time limit for making a connection; 10 seconds by default.
    ///
    /// Calls with another limit than their client use a connection pool of their own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the longest pause within the body of a response; 30 seconds by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = Some(timeout);
        self
    }

    /// Sets the maximum size of a response body in bytes, after decompression; 32 MiB by default. A
    /// larger body is not read and returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = Some(bytes);
        self
    }

    /// Sets the retry policy; [`RetryPolicy::new`] by default.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets whether calls wait while their rate limit is used up; `true` by default.
    ///
    /// The client and all its clones remember how many requests each limit has left and when it
    /// resets (`X-RateLimit-Remaining` and `X-RateLimit-Reset`). A limit is known by
    /// `X-RateLimit-Name`, or else by the operation. Calls wait for the reset and are then sent one
    /// after the other, no faster than limit and period allow. If the wait is longer than
    /// [`RetryPolicy::max_wait`] or the rest of [`timeout`](CallOptions::timeout), the call returns
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) at once.
    ///
    /// A server may send a wrong reset. One that is longer than both the period of the limit
    /// (`X-RateLimit-Period`) and an hour is not remembered. If the reset is further away than
    /// `max_wait` or `timeout`, a call is sent nevertheless whenever the shorter of them has
    /// passed. At most one is sent per second. Its response sets the new wait. If it is a success
    /// without a reset, calls no longer wait.
    pub fn wait_for_rate_limits(mut self, wait: bool) -> Self {
        self.wait_for_rate_limits = Some(wait);
        self
    }

    /// Sets whether bodies of 1 KiB and more are sent in gzip. By default, they are if the last
    /// response of the operation accepts gzip (`Accept-Encoding`).
    ///
    /// With `true`, they are compressed from the first request on, until the server says otherwise.
    /// Ask the vendor first: no operation of the generated clients documents this, and a server
    /// that does not decompress requests reports invalid JSON. After a 415, the request is sent
    /// once more uncompressed, independently of the [`RetryPolicy`], and the client and all its
    /// clones remember that. Compression takes processor time for fewer bytes. It needs the feature
    /// `gzip`.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3>.
    pub fn compress_requests(mut self, compress: bool) -> Self {
        self.compress_requests = Some(compress);
        self
    }

    /// Sets whether a response that differs from the document is an error; `false` by default.
    ///
    /// By default, a required property that is missing reads as empty, `null` in a list of values
    /// is left out, and so on. [`Response::deviations`](crate::Response::deviations) lists them.
    /// With `true`, such a response is an [`ErrorKind::Decode`](crate::ErrorKind::Decode) that
    /// names these paths. Unknown properties and unknown values of enums are not deviations, unless
    /// the document forbids them.
    pub fn strict_decoding(mut self, strict: bool) -> Self {
        self.strict_decoding = Some(strict);
        self
    }

    /// Takes the options that are not set here from `fallback`.
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
            strict_decoding: self.strict_decoding.or(fallback.strict_decoding),
        }
    }
}

/// The options of a call, all of them set.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) max_response_size: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) wait_for_rate_limits: bool,
    /// `None` leaves the decision to the server.
    pub(crate) compress_requests: Option<bool>,
    pub(crate) strict_decoding: bool,
}

/// The defaults of all options.
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
            strict_decoding: false,
        }
    }
}

impl Policies {
    /// Replaces the policies that `options` set. The error names the option that is wrong.
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
            strict_decoding: options.strict_decoding.unwrap_or(self.strict_decoding),
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
            "{option} must be longer than zero, or every call would fail; set a longer duration"
        )),
        Some(duration) => Ok(duration),
        None => Ok(default),
    }
}
