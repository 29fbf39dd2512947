//! The settings of a sandbox, and its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::document::Document;
use crate::server::Server;
use crate::{Sandbox, StartError, connection, handlers};

/// How a sandbox is to be started; see [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    clock: Clock,
    check_responses: bool,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::system(),
            check_responses: true,
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
            clock: self.clock.clone(),
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
