//! The settings of a sandbox, and its start.

use std::net::{Ipv4Addr, SocketAddr};
#[cfg(feature = "database")]
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::document::Document;
use crate::fault::{Fault, Faults};
use crate::rate_limit::{Limiter, RateLimit};
use crate::record::{Log, MOST_REQUESTS};
use crate::server::Server;
use crate::state::State;
#[cfg(feature = "database")]
use crate::store::Store;
use crate::{Sandbox, StartError, connection, handlers, seed};

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
    seeds: Vec<Value>,
    remembered: usize,
    #[cfg(feature = "database")]
    data: Option<PathBuf>,
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
            seeds: Vec::new(),
            remembered: MOST_REQUESTS,
            #[cfg(feature = "database")]
            data: None,
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

    /// Creates these resources before the first request. The seed is an object with a list per kind: `rules`, `outcomes`,
    /// `campaigns`, `projects`, `case_types`, `custom_attributes`, `cases`, `comments`, `notification_rules`,
    /// `automation_rules`, `views`, `maintenance_windows`, `datasets`, `kpis` and `dataset_campaigns`.
    ///
    /// A resource is what its create operation takes: `attributes` and `relationships` (JSON:API), or the members themselves
    /// (outcomes and Dcycle's). With an `id` it gets that one, else one that depends on the order. Where the operation's path
    /// names another resource, the item does: `case_type_id`, `project_id`, `case_id` or `dataset_id`. Several seeds are
    /// worked off one after the other.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), scorekit_sandbox::StartError> {
    /// use scorekit_sandbox::Sandbox;
    /// use serde_json::json;
    ///
    /// let sandbox = Sandbox::builder()
    ///     .seed(json!({
    ///         "rules": [{ "id": "on-call", "attributes": { "name": "Has on-call", "scorecard_name": "Production" } }],
    ///         "outcomes": [{ "rule_id": "on-call", "entity_reference": "service:checkout", "state": "pass" }],
    ///     }))
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: Value) -> Self {
        self.seeds.push(seed);
        self
    }

    /// Remembers so many requests for [`Sandbox::requests`] and the page, the latest ones; 10,000 unless told otherwise. A
    /// request takes some kilobytes, and its body up to 64 KiB.
    #[must_use]
    pub fn remembered_requests(mut self, most: usize) -> Self {
        self.remembered = most;
        self
    }

    /// Keeps what there is in this file, which is made if it does not exist. The next sandbox with it goes on where this one
    /// ended, however it ended: what a request changed is on the disk before the request is answered. Seeds are left out
    /// when the file holds something already.
    ///
    /// Clock, limits, faults and the record of requests are not kept. One sandbox at a time can have the file.
    #[cfg(feature = "database")]
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Starts the sandbox. It needs a Tokio runtime, on which it then runs.
    ///
    /// # Errors
    ///
    /// If the port cannot be listened on, for instance because something else does, or if a fault or a rate limit names an
    /// operation that the document does not have or holds a value that is out of its range, or if a seed or the file of
    /// the data cannot be used.
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
        let plant = |state: &mut State| {
            let mut seeds = self.seeds.iter();
            seeds.try_for_each(|seed| seed::plant(document, state, seed).map_err(StartError::Seed))
        };
        #[cfg(feature = "database")]
        let (state, store) = match self.data {
            Some(file) => {
                let (state, store) = restored(&self.clock, file, plant).await?;
                (state, Some(store))
            }
            None => {
                let mut state = handlers::initial(self.clock.clone());
                plant(&mut state)?;
                (state, None)
            }
        };
        #[cfg(not(feature = "database"))]
        let state = {
            let mut state = handlers::initial(self.clock.clone());
            plant(&mut state)?;
            state
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let server = Arc::new(Server {
            document,
            check_responses: self.check_responses,
            clock: self.clock,
            latency: self.latency,
            limiter: Mutex::new(Limiter::new(self.rate_limits)),
            faults: Mutex::new(faults),
            state: Mutex::new(state),
            #[cfg(feature = "database")]
            store,
            log: Mutex::new(Log::new(self.remembered)),
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

/// What a file holds, or what there is at the start, which is then in the file.
#[cfg(feature = "database")]
async fn restored(
    clock: &Clock,
    file: PathBuf,
    plant: impl FnOnce(&mut State) -> Result<(), StartError>,
) -> Result<(State, Store), StartError> {
    let error = |problem| StartError::Data {
        file: file.clone(),
        problem,
    };
    let path = file.clone();
    // It waits for the disk.
    let opened = tokio::task::spawn_blocking(move || Store::open(&path)).await;
    let (store, entries) = opened
        // The database stops at what nobody can have written but a damaged disk, or somebody else.
        .unwrap_or_else(|_| Err("it is damaged; remove it, or choose another file".to_owned()))
        .map_err(error)?;
    if !entries.is_empty() {
        let state = State::read(clock.clone(), entries).map_err(error)?;
        return Ok((state, store));
    }
    let mut state = handlers::initial(clock.clone());
    plant(&mut state)?;
    state.keep_journal();
    let stored = store.keep(state.take_changes());
    store.wait(stored).await.map_err(error)?;
    Ok((state, store))
}
