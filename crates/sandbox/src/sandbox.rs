//! A running sandbox.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::faults::Fault;
use crate::options::SettingError;
use crate::request::Credentials;
use crate::server::{RequestRecord, Server};
#[cfg(feature = "database")]
use crate::state::Database;
use crate::sync::lock;

/// The time that [`Sandbox::stop`] gives to open connections.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A running sandbox. It stops when it is dropped: the runtime then closes the port and all
/// connections.
pub struct Sandbox {
    address: SocketAddr,
    server: Arc<Server>,
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn new(
        address: SocketAddr,
        server: Arc<Server>,
        stopping: watch::Sender<bool>,
        task: JoinHandle<()>,
    ) -> Self {
        Self {
            address,
            server,
            stopping,
            task,
        }
    }

    /// Returns the base URL, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address on which the sandbox listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the credentials that the sandbox accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::SANDBOX
    }

    /// Returns the clock of the sandbox. Changes take effect at once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use scorekit_sandbox::Sandbox;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), scorekit_sandbox::StartError> {
    /// let sandbox = Sandbox::start().await?;
    /// // … create a maintenance window, then move past its end:
    /// sandbox.clock().advance(Duration::from_secs(3600));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.server.clock
    }

    /// Returns the requests that arrived, oldest first, with or without a response. There are at
    /// most 10,000, or
    /// [`SandboxBuilder::max_recorded_requests`](crate::SandboxBuilder::max_recorded_requests), and
    /// fewer if they are larger than
    /// [`SandboxBuilder::max_recorded_bytes`](crate::SandboxBuilder::max_recorded_bytes).
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.server.log).all().cloned().collect()
    }

    /// Clears the list of [`requests`](Self::requests). The resources that they created stay.
    pub fn clear_requests(&self) {
        lock(&self.server.log).clear();
    }

    /// Adds a fault after those that are set.
    ///
    /// ```
    /// # use scorekit_sandbox::{Fault, Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.add_fault(Fault::status(503).times(2))?;
    /// // … two calls fail; remove the fault before others do:
    /// sandbox.clear_faults();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the fault has a value out of range, or names an operation that the
    /// document does not have.
    pub fn add_fault(&self, fault: Fault) -> Result<(), SettingError> {
        fault.check(self.server.document)?;
        lock(&self.server.faults).add(fault);
        Ok(())
    }

    /// Removes all faults. Requests that a fault is delaying are still affected.
    pub fn clear_faults(&self) {
        lock(&self.server.faults).clear();
    }

    /// Stops the sandbox and waits until its port is free. Requests in progress have a second to
    /// finish. Dropping the sandbox also stops it, without a wait.
    pub async fn stop(mut self) {
        // It fails only if the server has stopped already.
        let _ = self.stopping.send(true);
        // A client can keep a connection open.
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
            // The result is the cancellation.
            let _ = (&mut self.task).await;
        }
        #[cfg(feature = "database")]
        if self.server.database.is_some() {
            let server = Arc::clone(&self.server);
            let closed = tokio::task::spawn_blocking(move || {
                server.database.as_ref().map(Database::close);
            });
            // It fails only if the runtime ends, which closes the file, too.
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
