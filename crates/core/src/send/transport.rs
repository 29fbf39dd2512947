//! The boundary between the runtime and the network.
//!
//! [`Transport`] is always reqwest, except in the tests of this crate. Waits, timeouts and retries
//! can be asserted exactly only under a paused clock, and Tokio's paused clock runs ahead while a
//! real socket is busy. All other tests use real sockets.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to send requests, without retries, redirects and time limits other than the given one.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` over an open connection or one that is made within `connect_timeout`, and
    /// returns once the head of the response has arrived.
    fn send(
        &self,
        request: reqwest::Request,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>>;
}

/// The reason why there is no response.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) stage: Stage,
    source: Box<dyn StdError + Send + Sync>,
}

/// The stage that a request reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No connection was made within the time limit.
    ConnectTimeout,
    /// No connection was made.
    Connect,
    /// The request was sent, in part or completely.
    Sent,
}

impl TransportError {
    /// Creates an error at `stage` with its cause.
    pub fn new(stage: Stage, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            stage,
            source: source.into(),
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let stage = match (error.is_connect(), error.is_timeout()) {
            (true, true) => Stage::ConnectTimeout,
            (true, false) => Stage::Connect,
            (false, _) => Stage::Sent,
        };
        // The URL may hold a key in its query.
        Self::new(stage, error.without_url())
    }
}

/// The network, the clock and the random numbers of a client, which tests replace.
#[derive(Clone)]
pub struct TestHooks {
    /// The network; by default, the client's own connection pools.
    pub transport: Option<Arc<dyn Transport>>,
    /// Returns a random duration between zero and the given one.
    pub random: fn(Duration) -> Duration,
    /// Returns the time of day.
    pub now: fn() -> SystemTime,
}

impl Default for TestHooks {
    fn default() -> Self {
        Self {
            transport: None,
            random: |bound| bound.mul_f64(fastrand::f64()),
            now: SystemTime::now,
        }
    }
}
