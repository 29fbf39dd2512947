//! A running sandbox.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::SandboxConfig;
use crate::faults::Fault;
use crate::options::SettingError;
use crate::rate_limit::RateLimit;
use crate::request::Credentials;
use crate::server::{Part, RequestRecord, Server, Written};
use crate::start_error::StartError;
#[cfg(feature = "database")]
use crate::state::Database;
use crate::sync::lock;

/// The time that [`Sandbox::stop`] gives to open connections.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A running sandbox. It stops when it is dropped: the runtime then closes the port and all
/// connections.
#[doc(alias = "mock")]
#[doc(alias = "fake")]
#[doc(alias = "test server")]
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

    /// Returns the base URL, such as `http://127.0.0.1:8080`. If the sandbox listens on all
    /// addresses, it is that of this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}")
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
        self.server.add_fault(fault).map(drop)
    }

    /// Adds a rate limit after those that are set.
    ///
    /// # Errors
    ///
    /// Returns an error if the limit has a value out of range, or names an operation that the
    /// document does not have.
    pub fn add_rate_limit(&self, limit: RateLimit) -> Result<(), SettingError> {
        self.server.add_rate_limit(limit).map(drop)
    }

    /// Removes all rate limits, with the numbers of requests that they counted.
    pub fn clear_rate_limits(&self) {
        lock(&self.server.limiter).reset(&[]);
    }

    /// Sets the wait before each response of an operation.
    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.server.latency) = latency;
    }

    /// Returns the address and the keys.
    ///
    /// A client's configuration can be made of the result, for example
    /// `Config::from_variables(|name| config.get(name))` for the scorekit clients.
    #[must_use]
    pub fn config(&self) -> SandboxConfig {
        SandboxConfig::new(self.url())
    }

    /// Brings parts of the sandbox back to its start. The resources are then those of the seeds,
    /// also if the sandbox has a data file.
    ///
    /// ```
    /// # use scorekit_sandbox::{Part, Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start().await?;
    /// // … after a test, for the next one:
    /// sandbox.reset(&Part::ALL).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a seed cannot be applied again, or the data file cannot be written.
    pub async fn reset(&self, parts: &[Part]) -> Result<(), StartError> {
        let written = self.server.reset(parts).map_err(StartError::Seed)?;
        self.wait(written).await
    }

    /// Creates resources in addition to those that exist;
    /// [`SandboxBuilder::seed`](crate::SandboxBuilder::seed) describes the form. If an item is
    /// rejected, none is created.
    ///
    /// # Errors
    ///
    /// Returns an error if an item cannot be created, or the data file cannot be written.
    pub async fn seed(&self, seed: &Value) -> Result<(), StartError> {
        let (_, written) = self.server.seed(seed).map_err(StartError::Seed)?;
        self.wait(written).await
    }

    /// Saves the resources under a name, and replaces a snapshot with this name. Returns false if
    /// there are 100 snapshots already.
    pub fn save_snapshot(&self, name: &str) -> bool {
        self.server.save_snapshot(name).is_some()
    }

    /// Replaces all resources by those of a snapshot. Returns false if it does not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the data file cannot be written.
    pub async fn restore_snapshot(&self, name: &str) -> Result<bool, StartError> {
        match self.server.restore_snapshot(name) {
            Some(written) => self.wait(written).await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn wait(&self, written: Written) -> Result<(), StartError> {
        let written = self.server.wait(written).await;
        written.map_err(StartError::Write)
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
