//! The settings of a sandbox, and its start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::document::Document;
use crate::faults::{ActiveFaults, Fault};
use crate::rate_limit::{Limiter, RateLimit};
use crate::recorder::Recorder;
use crate::sandbox::Sandbox;
use crate::server::{
    AllowedHosts, DEFAULT_MAX_RECORDED, DEFAULT_MAX_RECORDED_BYTES, Limits, RequestLog, Server,
    Start, serve,
};
use crate::start_error::StartError;
#[cfg(feature = "database")]
use crate::state::Database;
use crate::state::State;
use crate::upstream::{Replay, Upstream};

/// The settings of a sandbox, all with defaults; see [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    host: IpAddr,
    port: u16,
    clock: Clock,
    check_responses: bool,
    documented_only: bool,
    max_page_size: usize,
    latency: Duration,
    rate_limits: Vec<RateLimit>,
    faults: Vec<Fault>,
    fault_seed: u64,
    seeds: Vec<Value>,
    max_recorded_requests: usize,
    max_recorded_bytes: usize,
    allowed_hosts: Vec<String>,
    limits: Limits,
    record: Option<PathBuf>,
    #[cfg(feature = "proxy")]
    proxy: Option<String>,
    replay: Option<PathBuf>,
    #[cfg(feature = "database")]
    data: Option<PathBuf>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            clock: Clock::system(),
            check_responses: true,
            documented_only: false,
            max_page_size: usize::MAX,
            latency: Duration::ZERO,
            rate_limits: Vec::new(),
            faults: Vec::new(),
            fault_seed: 0,
            seeds: Vec::new(),
            max_recorded_requests: DEFAULT_MAX_RECORDED,
            max_recorded_bytes: DEFAULT_MAX_RECORDED_BYTES,
            allowed_hosts: Vec::new(),
            limits: Limits::default(),
            record: None,
            #[cfg(feature = "proxy")]
            proxy: None,
            replay: None,
            #[cfg(feature = "database")]
            data: None,
        }
    }
}

impl SandboxBuilder {
    /// Sets the address on which the sandbox listens. By default, only programs on this machine can
    /// reach it. In a container, `0.0.0.0` lets other containers reach it; they name it by its host
    /// name, which [`allow_host`](Self::allow_host) allows.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.host = address;
        self
    }

    /// Sets the port. 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the clock. The default shows the system's time. To change it later, keep a clone, or
    /// use [`Sandbox::clock`].
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets whether the sandbox checks its own responses against the document, which is the
    /// default. A response that breaks the document becomes a 500 with the reason.
    #[must_use]
    pub fn check_responses(mut self, check: bool) -> Self {
        self.check_responses = check;
        self
    }

    /// Limits the sandbox to what the document says. By default, it also follows the vendors'
    /// servers where they differ. Datadog's errors with 400, 404 and 409 are objects even where the
    /// document has strings. UpdateScorecardOutcomes responds with a body. Some values that the
    /// document allows are rejected, such as identifiers that are not UUIDs. The README lists all
    /// of these.
    #[must_use]
    pub fn documented_only(mut self, documented_only: bool) -> Self {
        self.documented_only = documented_only;
        self
    }

    /// Sets the largest number of items on a page of a list. By default, the document's maximum
    /// applies. Servers limit pages without notice, and a client must not take such a page for the
    /// last one.
    #[must_use]
    pub fn max_page_size(mut self, items: NonZeroUsize) -> Self {
        self.max_page_size = items.get();
        self
    }

    /// Delays every response of an operation, in addition to a fault's delay.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Adds a rate limit. If several cover an operation, the first one counts.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limits.push(limit);
        self
    }

    /// Adds a fault. [`Sandbox::add_fault`] adds one later.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Sets the seed for faults with a [probability](Fault::probability). The default is 0. The
    /// same seed and the same order of requests give the same faults.
    #[must_use]
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.fault_seed = seed;
        self
    }

    /// Creates resources before the first request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), scorekit_sandbox::StartError> {
    /// use scorekit_sandbox::Sandbox;
    /// use serde_json::json;
    ///
    /// let sandbox = Sandbox::builder()
    ///     .seed(json!({
    ///         "rules": [{
    ///             "id": "on-call",
    ///             "attributes": { "name": "Has on-call", "scorecard_name": "Production" },
    ///         }],
    ///         "outcomes": [{
    ///             "rule_id": "on-call",
    ///             "entity_reference": "service:checkout",
    ///             "state": "pass",
    ///         }],
    ///     }))
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The seed is an object with a list for each kind of resource: `rules`, `outcomes`,
    /// `campaigns`, `projects`, `case_types`, `custom_attributes`, `cases`, `comments`,
    /// `notification_rules`, `automation_rules`, `views`, `maintenance_windows`, `datasets`, `kpis`
    /// and `dataset_campaigns`. The list `calls` has requests that are handled afterwards, such as
    /// `{"operation": "ArchiveCase", "path": {"case_id": …}}`. A request also has `query`,
    /// `headers` and `body`. [`realistic_seed`](crate::realistic_seed) returns a large seed.
    ///
    /// Each item has the properties that its create operation takes: `attributes` and
    /// `relationships` for JSON:API, or the properties themselves for outcomes and Dcycle's
    /// resources. The `id` is optional. Parameters of the operation's path are properties, too:
    /// `case_type_id`, `project_id`, `case_id` or `dataset_id`. Several seeds are applied in order.
    #[must_use]
    pub fn seed(mut self, seed: Value) -> Self {
        self.seeds.push(seed);
        self
    }

    /// Sets the number of the latest requests that are kept for [`Sandbox::requests`] and the page.
    /// The default is 10,000. A record takes some kilobytes, its headers up to 64 KiB, and its body
    /// up to 64 KiB; see [`max_recorded_bytes`](Self::max_recorded_bytes).
    #[must_use]
    pub fn max_recorded_requests(mut self, max: usize) -> Self {
        self.max_recorded_requests = max;
        self
    }

    /// Sets the size of the requests that are kept, in bytes. The default is 64 MiB. The oldest
    /// ones are removed first.
    #[must_use]
    pub fn max_recorded_bytes(mut self, max: usize) -> Self {
        self.max_recorded_bytes = max;
        self
    }

    /// Allows requests for a host name, such as `sandbox` in a network of containers, and requests
    /// from pages of this host. By default, `Host` must be an IP address or `localhost`. Otherwise,
    /// any web page could use the sandbox by pointing a name of its own at this machine. `Origin`
    /// must be a loopback address, `localhost` or the host of the request.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Sets the largest number of open connections. The default is 1,024, and less if the system
    /// does not allow that many open files. When all are open, the connection that has been idle
    /// for the longest time is closed for a new one.
    #[must_use]
    pub fn max_connections(mut self, max: NonZeroUsize) -> Self {
        self.limits.connections = max.get();
        self
    }

    /// Sets the longest time in which the line and the headers of a request arrive. The connection
    /// is then closed, as is one without a request for this time. The default is 30 seconds.
    #[must_use]
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.limits.header_timeout = timeout;
        self
    }

    /// Keeps the calls that change resources in a new file, which is a seed: a sandbox that starts
    /// with the same seeds, and then this one, has the same resources with the same identifiers.
    /// Calls that are rejected or only read are not kept, and neither are credentials.
    #[must_use]
    pub fn record(mut self, file: impl Into<PathBuf>) -> Self {
        self.record = Some(file.into());
        self
    }

    /// Forwards requests to the real API at a base URL, such as `https://api.datadoghq.com`. The
    /// client sends its real credentials, and the sandbox passes them on. Faults, the latency and
    /// rate limits of the sandbox apply; resources, checks and credentials of the sandbox do not.
    ///
    /// With [`record`](Self::record), the file keeps the requests and the responses for
    /// [`replay`](Self::replay). Neither the file nor [`Sandbox::requests`] has a credential: the
    /// values of headers and parameters with keys are removed wherever they occur, and so are the
    /// values of properties such as `api_key` or `token`. Shorter ones than 8 bytes, and encoded
    /// ones, stay. Only encrypted connections are opened, except to this machine.
    #[cfg(feature = "proxy")]
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Responds from a recording of the real API, without a network. Requests are found by method,
    /// path, query and body, and get their responses in the order of the recording, then the last
    /// one again. Others get a 501. Credentials are not checked. A reset of the resources starts
    /// the recording again.
    #[must_use]
    pub fn replay(mut self, file: impl Into<PathBuf>) -> Self {
        self.replay = Some(file.into());
        self
    }

    /// Keeps the resources in a file, which is created if it does not exist. The next sandbox with
    /// the file has the same resources, even after a crash: a change is on the disk before the
    /// response is sent. Seeds are applied only to a new file.
    ///
    /// The clock, limits, faults and recorded requests are not kept. Only one sandbox at a time can
    /// have the file open.
    #[cfg(feature = "database")]
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Starts the sandbox. It runs on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is in use, or if a seed or the data file cannot be used. Also
    /// returns one for a fault or a rate limit with a value out of range, or with an unknown
    /// operation.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        self.started().await
    }

    /// Starts the sandbox. The future is boxed, so the server is compiled in this crate alone; the
    /// body of an `async fn` is compiled in every program that awaits it.
    fn started(self) -> Pin<Box<dyn Future<Output = Result<Sandbox, StartError>> + Send>> {
        Box::pin(self.start_server())
    }

    async fn start_server(self) -> Result<Sandbox, StartError> {
        let document = Document::bundled().map_err(StartError::Document)?;
        let mut faults = ActiveFaults::default();
        for fault in &self.faults {
            fault.check(document).map_err(StartError::Setting)?;
        }
        faults.reset(self.fault_seed, &self.faults);
        for limit in &self.rate_limits {
            limit.check(document).map_err(StartError::Setting)?;
        }
        let limiter = Limiter::new(&self.rate_limits);
        let start = Start {
            seeds: self.seeds,
            faults: self.faults,
            fault_seed: self.fault_seed,
            rate_limits: self.rate_limits,
            latency: self.latency,
            clock: self.clock.mode(),
        };
        let seeded = || -> Result<State, StartError> {
            let state = start.state(document, &self.clock);
            state.map_err(StartError::Seed)
        };
        #[cfg(feature = "database")]
        let (state, database) = match self.data {
            Some(file) => {
                let (state, database) = restored(&self.clock, file, seeded).await?;
                (state, Some(database))
            }
            None => (seeded()?, None),
        };
        #[cfg(not(feature = "database"))]
        let state = seeded()?;
        let (upstream, recorder) = sources(
            #[cfg(feature = "proxy")]
            self.proxy,
            self.replay,
            self.record,
        )?;
        let address = SocketAddr::new(self.host, self.port);
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let server = Arc::new(Server {
            document,
            check_responses: self.check_responses,
            documented_only: self.documented_only,
            max_page_size: self.max_page_size,
            clock: self.clock,
            allowed_hosts: AllowedHosts::new(&self.allowed_hosts),
            latency: Mutex::new(self.latency),
            limiter: Mutex::new(limiter),
            faults: Mutex::new(faults),
            state: Mutex::new(state),
            #[cfg(feature = "database")]
            database,
            log: Arc::new(Mutex::new(RequestLog::new(
                self.max_recorded_requests,
                self.max_recorded_bytes,
            ))),
            snapshots: Mutex::default(),
            upstream,
            recorder: recorder.map(Mutex::new),
            start,
        });
        let (stopping, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, Arc::clone(&server), self.limits, stopped));
        Ok(Sandbox::new(address, server, stopping, task))
    }
}

impl Sandbox {
    /// Starts a sandbox on a free port of the loopback interface. Several sandboxes can run at the
    /// same time, and share nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns the default settings.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }
}

/// Returns the source of the responses, if it is not the sandbox itself, and the recorder of calls
/// that change resources.
fn sources(
    #[cfg(feature = "proxy")] proxy: Option<String>,
    replay: Option<PathBuf>,
    record: Option<PathBuf>,
) -> Result<(Option<Upstream>, Option<Recorder>), StartError> {
    let create = |file: PathBuf, list: &str| {
        let created = Recorder::create(&file, list);
        created.map_err(|problem| StartError::Record { file, problem })
    };
    #[cfg(feature = "proxy")]
    if let Some(url) = proxy {
        if replay.is_some() {
            let problem = "a recording is replayed without it".to_owned();
            return Err(StartError::Proxy { url, problem });
        }
        let recorder = record.map(|file| create(file, crate::upstream::LIST));
        let proxy = crate::upstream::Proxy::new(&url, recorder.transpose()?);
        let proxy = proxy.map_err(|problem| StartError::Proxy { url, problem })?;
        return Ok((Some(Upstream::Proxy(Box::new(proxy))), None));
    }
    let upstream = match replay {
        Some(file) => {
            let replay = Replay::open(&file);
            let replay = replay.map_err(|problem| StartError::Replay { file, problem })?;
            Some(Upstream::Replay(replay))
        }
        None => None,
    };
    let recorder = record.map(|file| create(file, crate::seed::CALLS));
    Ok((upstream, recorder.transpose()?))
}

/// Opens the data file, and returns the state in it. A new file gets the seeded state.
#[cfg(feature = "database")]
async fn restored(
    clock: &Clock,
    file: PathBuf,
    seeded: impl FnOnce() -> Result<State, StartError>,
) -> Result<(State, Database), StartError> {
    let error = |problem| StartError::Data {
        file: file.clone(),
        problem,
    };
    let path = file.clone();
    // Opening the file blocks.
    let opened = tokio::task::spawn_blocking(move || Database::open(&path)).await;
    let (database, entries) = opened
        .unwrap_or_else(|_| Err("the runtime is stopping".to_owned()))
        .map_err(error)?;
    if !entries.is_empty() {
        let state = State::read(clock.clone(), entries).map_err(error)?;
        return Ok((state, database));
    }
    let mut state = seeded()?;
    state.start_journal();
    let pending = database.write(state.take_changes());
    database.wait(pending).await.map_err(error)?;
    Ok((state, database))
}
