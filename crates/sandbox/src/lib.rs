//! An in-memory server of the APIs that the scorekit clients speak to, for tests and demos.
//!
//! It serves what the OpenAPI document describes and nothing else: a request that the document does not
//! allow is refused the way the vendor refuses it, and what is created can be listed, fetched and deleted.
//! Nothing is kept after it stops.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), scorekit_sandbox::StartError> {
//! use scorekit_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::start().await?;
//! let credentials = sandbox.credentials();
//! // Point a client at `sandbox.url()` with `credentials.api_key` and `credentials.application_key` …
//! for request in sandbox.requests() {
//!     println!("{} {} -> {}", request.method, request.path, request.status);
//! }
//! # let _ = credentials;
//! # Ok(())
//! # }
//! ```
//!
//! # Behaviour worth knowing
//!
//! - Credentials are checked, see [`Credentials::SANDBOX`].
//! - Query parameters that the document does not list are refused, as are bodies that break their schema.
//! - Identifiers depend only on the order of creation; with a fixed [`Clock`], whole answers repeat.
//! - Scores are computed when asked for. As there is no catalog, the team of a score is the owner of a rule.
//! - Dcycle's assignments cannot be created through the document; any identifier counts as one.

#![forbid(unsafe_code)]

// The example in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod call;
mod clock;
mod document;
mod errors;
mod handlers;
mod list;
mod router;
mod schema;
mod security;
mod server;
mod state;
mod validate;

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use crate::clock::{Clock, ClockError};
pub use crate::document::DocumentError;
pub use crate::security::Credentials;
pub use crate::server::RequestRecord;

use crate::document::Document;
use crate::server::{Server, lock};

/// How long [`Sandbox::stop`] waits for connections that are still open.
const PATIENCE: Duration = Duration::from_secs(1);

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    server: Arc<Server>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

/// How a sandbox is to be started; see [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    clock: Clock,
    check_responses: bool,
}

/// Why a sandbox cannot start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The bundled document is broken.
    Document(DocumentError),
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says about it.
        source: std::io::Error,
    },
}

impl Sandbox {
    /// Starts a sandbox on a free port of the loopback interface. Several of them live side by side and
    /// share nothing.
    ///
    /// # Errors
    ///
    /// If no port can be listened on.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Settings for a sandbox, all of which have a default.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            port: 0,
            clock: Clock::system(),
            check_responses: true,
        }
    }

    /// The base URL, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The credentials that are accepted.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::SANDBOX
    }

    /// The requests that arrived, oldest first; only the latest 10 000 are remembered.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.server.requests).iter().cloned().collect()
    }

    /// Stops the sandbox and waits until its port is free again. Dropping it stops it as well, but does not
    /// wait.
    pub async fn stop(mut self) {
        self.signal_stop();
        if let Some(mut task) = self.task.take() {
            // A client that keeps a connection open must not keep the sandbox alive.
            if tokio::time::timeout(PATIENCE, &mut task).await.is_err() {
                task.abort();
            }
        }
    }

    fn signal_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // If nobody listens any more, the server has stopped already.
            let _ = stop.send(());
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.signal_stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl SandboxBuilder {
    /// Listens on this port instead of a free one; 0 means a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Takes the time of created records from this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether the sandbox checks its own answers against the document, which it does unless told
    /// otherwise. An answer that does not pass becomes a 500 that says why.
    #[must_use]
    pub fn check_responses(mut self, check: bool) -> Self {
        self.check_responses = check;
        self
    }

    /// Starts the sandbox. It needs a Tokio runtime, on which it then runs.
    ///
    /// # Errors
    ///
    /// If the port cannot be listened on, for instance because something else does.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let document = Document::bundled().map_err(StartError::Document)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let server = Arc::new(Server {
            document,
            check_responses: self.check_responses,
            state: Mutex::new(handlers::initial(self.clock)),
            requests: Mutex::new(VecDeque::new()),
        });
        let shared = Arc::clone(&server);
        let router = Router::new().fallback(move |request: Request| {
            let server = Arc::clone(&shared);
            async move { server.answer(request).await }
        });
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // The sender going away means the same as a message.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move {
            // `axum::serve` retries what fails and returns only when told to stop.
            let _ = serving.await;
        });
        Ok(Sandbox {
            address,
            server,
            stop: Some(stop),
            task: Some(task),
        })
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => {
                write!(formatter, "the sandbox cannot use its document: {error}")
            }
            Self::Listen { address, source } => {
                write!(
                    formatter,
                    "the sandbox cannot listen on {address}: {source}; choose another port, or 0 for a free one"
                )
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Document(error) => Some(error),
            Self::Listen { source, .. } => Some(source),
        }
    }
}
