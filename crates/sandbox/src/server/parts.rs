//! The parts of a sandbox, which its connections, its control API and its owner share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::hosts::AllowedHosts;
use super::request_log::RequestLog;
use crate::clock::{Clock, Mode};
use crate::document::Document;
use crate::faults::{ActiveFaults, Fault};
use crate::rate_limit::{Limiter, RateLimit};
use crate::recorder::Recorder;
#[cfg(feature = "database")]
use crate::state::Database;
use crate::state::{Contents, State};
use crate::upstream::Upstream;

/// The parts of one sandbox.
pub(crate) struct Server {
    pub(crate) document: &'static Document,
    pub(crate) check_responses: bool,
    /// True if the rules and additions of the vendors' servers are off.
    pub(crate) documented_only: bool,
    /// The largest number of items on a page.
    pub(crate) max_page_size: usize,
    pub(crate) clock: Clock,
    /// The hosts that requests may name.
    pub(crate) allowed_hosts: AllowedHosts,
    /// The wait before each response of an operation.
    pub(crate) latency: Mutex<Duration>,
    pub(crate) limiter: Mutex<Limiter>,
    pub(crate) faults: Mutex<ActiveFaults>,
    pub(crate) state: Mutex<State>,
    /// The file of the state, if there is one.
    #[cfg(feature = "database")]
    pub(crate) database: Option<Database>,
    pub(crate) log: Arc<Mutex<RequestLog>>,
    /// The saved states, by name.
    pub(crate) snapshots: Mutex<BTreeMap<String, Snapshot>>,
    /// The source of the responses, if it is not the sandbox's own state.
    pub(crate) upstream: Option<Upstream>,
    /// The file for the calls that change resources, if there is one.
    pub(crate) recorder: Option<Mutex<Recorder>>,
    /// The settings to which a reset returns.
    pub(crate) start: Start,
}

/// The settings at the start.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) seeds: Vec<Value>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_seed: u64,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) latency: Duration,
    pub(crate) clock: Mode,
}

/// A saved state of the resources.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// The time of the sandbox when it was saved.
    pub(crate) time: Timestamp,
    pub(crate) contents: Arc<Contents>,
}
