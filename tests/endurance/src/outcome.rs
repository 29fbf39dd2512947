//! The results of a run, which the checks compare.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::client_counts::ClientCounts;
use crate::ledger::{Ledger, StoredItem};
use crate::memory::Samples;
use crate::server::ServerCounts;

/// The results of a run.
pub(crate) struct Outcome {
    /// The time in which the tasks made calls.
    pub(crate) elapsed: Duration,
    /// The calls and attempts that the client counted, by operation.
    pub(crate) sent: BTreeMap<String, ClientCounts>,
    /// The requests that the server counted.
    pub(crate) received: ServerCounts,
    pub(crate) ledger: Ledger,
    /// The items that the server stores at the end.
    pub(crate) stored: Vec<StoredItem>,
    pub(crate) findings: Findings,
    pub(crate) client_memory: Samples,
    pub(crate) server_memory: Samples,
    /// The number of tasks that did not end.
    pub(crate) stuck: usize,
    /// The longest time that one action took.
    pub(crate) longest_action: Duration,
    /// The number of background tasks that outlived the client.
    pub(crate) left_over: usize,
}

/// Results that no fault explains.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) shown: Vec<String>,
}
