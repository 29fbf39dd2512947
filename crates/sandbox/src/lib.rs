//! A server of the APIs that the scorekit clients speak to, for tests and demos.
//!
//! It serves what the OpenAPI document describes and nothing else: a request that the document does not
//! allow is refused the way the vendor refuses it, and what is created can be listed, fetched and deleted.
//! Nothing is kept after it stops, unless it is given a file.
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
//! - Rate limits ([`RateLimit`]) and faults ([`Fault`]) are there only when asked for.
//!
//! # Features
//!
//! - `command` (on by default): the binary; brings the other two.
//! - `database`: `SandboxBuilder::data`, which keeps the state in a file.
//! - `page`: the API reference at `/`, and the requests as they arrive.

#![forbid(unsafe_code)]

// The example in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod body;
mod builder;
mod call;
mod clock;
mod connection;
mod document;
mod errors;
mod fault;
mod handlers;
mod list;
#[cfg(feature = "page")]
mod page;
mod rate_limit;
mod record;
mod router;
mod schema;
mod security;
mod seed;
mod server;
mod setting;
mod start_error;
mod state;
#[cfg(feature = "database")]
mod store;
mod validate;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use crate::builder::SandboxBuilder;
pub use crate::clock::{Clock, ClockError};
pub use crate::document::DocumentError;
pub use crate::fault::Fault;
pub use crate::rate_limit::RateLimit;
pub use crate::record::RequestRecord;
pub use crate::security::Credentials;
pub use crate::seed::SeedError;
pub use crate::setting::{SettingError, parse_duration};
pub use crate::start_error::StartError;

use crate::server::{Server, lock};

/// How long [`Sandbox::stop`] waits for connections that are still open.
const PATIENCE: Duration = Duration::from_secs(1);

/// A running sandbox. It stops when it is dropped: the port is free and all connections are closed as soon as the runtime
/// gets to it.
pub struct Sandbox {
    address: SocketAddr,
    server: Arc<Server>,
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
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
        SandboxBuilder::default()
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

    /// The clock that the sandbox goes by. Setting it takes effect at once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use scorekit_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), scorekit_sandbox::StartError> {
    /// let sandbox = Sandbox::start().await?;
    /// // … create a maintenance window, then be where it is over:
    /// sandbox.clock().advance(Duration::from_secs(3600));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.server.clock
    }

    /// The requests that arrived, oldest first, answered or not: the latest 10,000, or as many as
    /// [`SandboxBuilder::remembered_requests`] says.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.server.log).all().cloned().collect()
    }

    /// Forgets the requests that arrived, so that [`requests`](Self::requests) tells only of those that follow. What they
    /// created stays.
    pub fn clear_requests(&self) {
        lock(&self.server.log).clear();
    }

    /// Lets something go wrong from now on, after the faults that are set already.
    ///
    /// ```
    /// # use scorekit_sandbox::{Fault, Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.add_fault(Fault::status(503).times(2))?;
    /// // … two calls fail, then:
    /// sandbox.clear_faults();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the fault names an operation that the document does not have or holds a value that is out of its range.
    pub fn add_fault(&self, fault: Fault) -> Result<(), SettingError> {
        fault.check(self.server.document)?;
        lock(&self.server.faults).add(fault);
        Ok(())
    }

    /// Lets nothing go wrong from now on. What a fault is in the middle of goes on.
    pub fn clear_faults(&self) {
        lock(&self.server.faults).clear();
    }

    /// Stops the sandbox and waits until its port is free again. Requests that are being answered have a second to
    /// end. Dropping the sandbox stops it as well, but waits for nothing.
    pub async fn stop(mut self) {
        // If nobody listens any more, the server has stopped already.
        let _ = self.stopping.send(true);
        // A client that keeps a connection open must not keep the sandbox alive.
        if tokio::time::timeout(PATIENCE, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
            // Ends when everything it held is closed; that it was cancelled is meant.
            let _ = (&mut self.task).await;
        }
        #[cfg(feature = "database")]
        if self.server.store.is_some() {
            let server = Arc::clone(&self.server);
            let closed =
                tokio::task::spawn_blocking(move || server.store.as_ref().map(store::Store::close));
            // It fails only if the runtime ends, and then it is closed as well.
            let _ = closed.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
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
