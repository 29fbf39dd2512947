//! The state that all tasks share.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorekit::Client;

use crate::memory::{self, Samples};
use crate::outcome::Findings;
use crate::settings::{Limit, Sabotage};

/// The number of findings that are kept for the report.
const MAX_FINDINGS: usize = 20;

/// The number of actions of all tasks between two samples of the memory.
const ACTIONS_PER_SAMPLE: u64 = 20;

/// The memory that one action leaks with [`Sabotage::Leak`], in bytes.
const LEAK: usize = 256 * 1024;

/// The start of a task that is not within an action.
const IDLE: u64 = u64::MAX;

/// The state that all tasks share.
pub(crate) struct Shared {
    pub(super) client: Client,
    pub(super) sabotage: Option<Sabotage>,
    limit: Limit,
    started: Instant,
    /// The time at which each task began its action, in milliseconds since the start, or [`IDLE`].
    busy_since: Vec<AtomicU64>,
    /// The number of actions that have ended.
    actions: AtomicU64,
    findings: Mutex<Findings>,
    memory: Mutex<Samples>,
    leaked: Mutex<Vec<Vec<u8>>>,
}

impl Shared {
    pub(crate) fn new(
        client: Client,
        tasks: u64,
        limit: Limit,
        sabotage: Option<Sabotage>,
    ) -> Arc<Self> {
        Arc::new(Self {
            client,
            sabotage,
            limit,
            started: Instant::now(),
            busy_since: (0..tasks).map(|_| AtomicU64::new(IDLE)).collect(),
            actions: AtomicU64::new(0),
            findings: Mutex::default(),
            memory: Mutex::default(),
            leaked: Mutex::default(),
        })
    }

    /// Tests if a task that has performed `done` actions performs another one.
    pub(super) fn may_act(&self, done: u64) -> bool {
        match self.limit {
            Limit::Time(time) => self.started.elapsed() < time,
            Limit::Actions(count) => done < count,
        }
    }

    pub(super) fn begin_action(&self, task: u64) {
        self.set_busy_since(task, self.now());
    }

    /// Notes the end of an action. Samples memory by the number of actions, because a number of
    /// samples by time would depend on the speed of the machine.
    pub(super) fn end_action(&self, task: u64) {
        self.set_busy_since(task, IDLE);
        let actions = self.actions.fetch_add(1, Ordering::Relaxed) + 1;
        if actions.is_multiple_of(ACTIONS_PER_SAMPLE) {
            lock(&self.memory).add(memory::resident());
        }
    }

    fn set_busy_since(&self, task: u64, since: u64) {
        let index = usize::try_from(task).unwrap_or(usize::MAX);
        if let Some(busy_since) = self.busy_since.get(index) {
            busy_since.store(since, Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    /// Iterates over the tasks within an action, with the time since its start.
    pub(crate) fn busy(&self) -> impl Iterator<Item = Duration> {
        let now = self.now();
        let since = self
            .busy_since
            .iter()
            .map(|since| since.load(Ordering::Relaxed));
        since
            .filter(|since| *since != IDLE)
            .map(move |since| Duration::from_millis(now.saturating_sub(since)))
    }

    pub(crate) fn findings(&self) -> MutexGuard<'_, Findings> {
        lock(&self.findings)
    }

    /// Reports a result that no fault explains.
    pub(super) fn report(&self, finding: impl fmt::Display) {
        let mut findings = self.findings();
        findings.count += 1;
        if findings.shown.len() < MAX_FINDINGS {
            findings.shown.push(finding.to_string());
        }
    }

    /// Returns the samples of this process's memory.
    pub(crate) fn memory(&self) -> Samples {
        lock(&self.memory).clone()
    }

    pub(super) fn leak(&self) {
        lock(&self.leaked).push(vec![1; LEAK]);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
