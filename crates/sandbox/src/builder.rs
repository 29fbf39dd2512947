//! The settings of a sandbox, and its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::document::Document;
use crate::fault::{Fault, Faults};
use crate::rate_limit::{Limiter, RateLimit};
use crate::server::Server;
use crate::{Sandbox, StartError, connection, handlers};

/// How a sandbox is to be started; see [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    clock: Clock,
    check_responses: bool,
    latency: Duration,
    rate_limits: Vec<RateLimit>,
    faults: Vec<Fault>,
    fault_seed: u64,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::system(),
            check_responses: true,
            latency: Duration::ZERO,
            rate_limits: Vec::new(),
            faults: Vec::new(),
            fault_seed: 0,
        }
    }
}

impl SandboxBuilder {
    /// Listens on this port instead of a free one; 0 means a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Goes by this clock instead of the system's. The caller may keep a clone of it, or use [`Sandbox::clock`].
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

    /// Holds every answer of an operation back for this time, on top of what a fault's delay asks for.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Limits how often operations may be called. Of several limits that cover an operation, the first one counts.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limits.push(limit);
        self
    }

    /// Lets something go wrong from the start; see [`Sandbox::add_fault`] for later.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Decides which requests are met by faults with a [probability](Fault::probability); 0 unless told otherwise. The same
    /// seed and the same order of requests give the same faults.
    #[must_use]
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.fault_seed = seed;
        self
    }

    /// Starts the sandbox. It needs a Tokio runtime, on which it then runs.
    ///
    /// # Errors
    ///
    /// If the port cannot be listened on, for instance because something else does, or if a fault or a rate limit names an
    /// operation that the document does not have or holds a value that is out of its range.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let document = Document::bundled().map_err(StartError::Document)?;
        let mut faults = Faults::new(self.fault_seed);
        for fault in self.faults {
            fault.check(document).map_err(StartError::Setting)?;
            faults.add(fault);
        }
        for limit in &self.rate_limits {
            limit.check(document).map_err(StartError::Setting)?;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let server = Arc::new(Server {
            document,
            check_responses: self.check_responses,
            clock: self.clock.clone(),
            latency: self.latency,
            limiter: Mutex::new(Limiter::new(self.rate_limits)),
            faults: Mutex::new(faults),
            state: Mutex::new(handlers::initial(self.clock)),
            log: Mutex::default(),
        });
        let (stopping, stopped) = watch::channel(false);
        let task = tokio::spawn(connection::serve(listener, Arc::clone(&server), stopped));
        Ok(Sandbox {
            address,
            server,
            stopping,
            task,
        })
    }
}
