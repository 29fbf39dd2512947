//! How one request gets to a server and its answer back: the seam between what the runtime decides
//! and what the network does.
//!
//! Behind [`Transport`] is reqwest, always. The trait is there for the tests of this crate: waits,
//! timeouts and retries can only be asserted exactly under a paused clock, and Tokio's paused clock
//! runs ahead while a real socket is still busy. Everything else is tested over real sockets.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests. Implementations neither repeat nor redirect and set no time limit but the one
/// they are given.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` over a connection that is there or made within `connect_timeout`, and
    /// returns once the head of the answer is there.
    fn send(
        &self,
        request: reqwest::Request,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, Failure>>;
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    pub(crate) stage: Stage,
    source: Box<dyn StdError + Send + Sync>,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There was no connection within the time for it.
    ConnectTimeout,
    /// There was no connection.
    Connect,
    /// The request was sent, in part or as a whole.
    Sent,
}

impl Failure {
    /// A failure at `stage` because of `source`.
    pub fn new(stage: Stage, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            stage,
            source: source.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let stage = match (error.is_connect(), error.is_timeout()) {
            (true, true) => Stage::ConnectTimeout,
            (true, false) => Stage::Connect,
            (false, _) => Stage::Sent,
        };
        // A key may be part of the query.
        Self::new(stage, error.without_url())
    }
}

/// What a client takes from the world around it.
#[derive(Clone)]
pub struct Seams {
    /// Where requests go; the client's own connection pools unless set.
    pub transport: Option<Arc<dyn Transport>>,
    /// Draws a duration between nothing and the given one.
    pub random: fn(Duration) -> Duration,
    /// Tells the time of day.
    pub now: fn() -> SystemTime,
}

impl Default for Seams {
    fn default() -> Self {
        Self {
            transport: None,
            random: |bound| bound.mul_f64(fastrand::f64()),
            now: SystemTime::now,
        }
    }
}
