//! Responses that do not come from the sandbox's own resources: those of the real API, to which
//! requests are forwarded, and those of a recording of it.

#[cfg(feature = "proxy")]
mod connect;
mod exchange;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(feature = "proxy")]
mod record;
mod replay;
mod secrets;

use bytes::Bytes;
use http::{Method, Response};

pub(crate) use exchange::RATE_LIMIT;
#[cfg(feature = "proxy")]
pub(crate) use proxy::Proxy;
pub(crate) use replay::Replay;
pub(crate) use secrets::Secrets;

/// The name of the list in a recording.
pub(crate) const LIST: &str = "exchanges";

/// The source of the responses.
#[derive(Debug)]
pub(crate) enum Upstream {
    /// The real API.
    #[cfg(feature = "proxy")]
    Proxy(Box<Proxy>),
    /// A recording.
    Replay(Replay),
}

/// A request to an upstream.
pub(crate) struct Outgoing<'r> {
    pub(crate) method: &'r Method,
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    #[cfg(feature = "proxy")]
    pub(crate) headers: &'r http::HeaderMap,
    pub(crate) body: &'r Bytes,
    /// The credentials of the request, which no file gets.
    pub(crate) secrets: &'r Secrets,
}

impl Upstream {
    /// Returns the response to a request.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is none.
    pub(crate) async fn respond(&self, request: &Outgoing<'_>) -> Result<Response<Bytes>, Failure> {
        match self {
            #[cfg(feature = "proxy")]
            Self::Proxy(proxy) => proxy.respond(request).await,
            Self::Replay(replay) => replay.respond(request),
        }
    }

    /// Starts a recording again.
    pub(crate) fn rewind(&self) {
        match self {
            #[cfg(feature = "proxy")]
            Self::Proxy(_) => {}
            Self::Replay(replay) => replay.rewind(),
        }
    }
}

/// The reason why an upstream has no response.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The real API cannot be reached, or its response cannot be read.
    #[cfg(feature = "proxy")]
    Gateway(String),
    /// The recording has no such request.
    NotRecorded(String),
    /// The exchange cannot be recorded.
    #[cfg(feature = "proxy")]
    Recorder(String),
}
