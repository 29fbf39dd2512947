//! The functions that change a running sandbox. [`Sandbox`](crate::Sandbox) and the control API
//! call them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use super::parts::{Server, Snapshot, Start};
use crate::clock::Clock;
use crate::document::Document;
use crate::faults::{ActiveFault, Fault};
use crate::options::SettingError;
use crate::rate_limit::RateLimit;
use crate::realistic::realistic_seed;
use crate::seed::SeedError;
#[cfg(feature = "database")]
use crate::state::PendingWrite;
use crate::state::{Contents, Differences, State};
use crate::sync::lock;
use crate::{handlers, seed};

/// The name of the built-in seed.
const REALISTIC: &str = "realistic";

/// The largest number of snapshots.
pub(crate) const MAX_SNAPSHOTS: usize = 100;

/// A part of a sandbox that can be reset; see [`Sandbox::reset`](crate::Sandbox::reset).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// The clock.
    Clock,
    /// The faults, with the numbers of requests that they still apply to.
    Faults,
    /// The wait before each response.
    Latency,
    /// The rate limits, with the numbers of requests that they counted.
    RateLimits,
    /// The recorded requests. The numbers of later ones continue.
    Requests,
    /// The resources, with the numbers that identifiers depend on.
    Resources,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::Clock,
        Self::Faults,
        Self::Latency,
        Self::RateLimits,
        Self::Requests,
        Self::Resources,
    ];

    /// Returns the name of the part in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Faults => "faults",
            Self::Latency => "latency",
            Self::RateLimits => "rate_limits",
            Self::Requests => "requests",
            Self::Resources => "resources",
        }
    }
}

/// Changes that are on their way to the file of a sandbox, if it has one.
#[must_use = "the changes may not be on the disk before they are awaited"]
pub(crate) struct Written(#[cfg(feature = "database")] Option<PendingWrite>);

/// The number of created resources by the list of the seed.
pub(crate) type Created = BTreeMap<String, usize>;

impl Server {
    /// Waits until changes are on the disk.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be written.
    pub(crate) async fn wait(&self, written: Written) -> Result<(), String> {
        #[cfg(feature = "database")]
        if let (Some(pending), Some(database)) = (written.0, &self.database) {
            return database.wait(pending).await;
        }
        #[cfg(not(feature = "database"))]
        let Written() = written;
        Ok(())
    }

    /// Changes the state, and sends the changes to the file.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> (T, Written) {
        let mut state = lock(&self.state);
        let result = change(&mut state);
        #[cfg(feature = "database")]
        let written = Written(self.database.as_ref().and_then(|database| {
            let changes = state.take_changes();
            (!changes.is_empty()).then(|| database.write(changes))
        }));
        #[cfg(not(feature = "database"))]
        let written = Written();
        (result, written)
    }

    /// Resets parts of the sandbox to the start.
    ///
    /// # Errors
    ///
    /// Returns an error if a seed cannot be applied again. The resources then stay.
    pub(crate) fn reset(&self, parts: &[Part]) -> Result<Written, SeedError> {
        // The clock comes first, because seeded resources have its time.
        if parts.contains(&Part::Clock) {
            self.clock.set_mode(self.start.clock);
        }
        let mut written = None;
        if parts.contains(&Part::Resources) {
            if let Some(upstream) = &self.upstream {
                upstream.rewind();
            }
            let start = initial_state(self.document, &self.clock, &self.start.seeds)?;
            let ((), pending) = self.change(|state| state.replace(start.contents()));
            written = Some(pending);
        }
        let start = &self.start;
        for part in parts {
            match part {
                Part::Clock | Part::Resources => {}
                Part::Faults => lock(&self.faults).reset(start.fault_seed, &start.faults),
                Part::Latency => *lock(&self.latency) = start.latency,
                Part::RateLimits => lock(&self.limiter).reset(&start.rate_limits),
                Part::Requests => lock(&self.log).clear(),
            }
        }
        Ok(written.unwrap_or_else(|| self.change(|_| ()).1))
    }

    /// Creates the resources of a seed, or none of them.
    ///
    /// # Errors
    ///
    /// Returns an error if an item cannot be created.
    pub(crate) fn seed(&self, seed: &Value) -> Result<(Created, Written), SeedError> {
        let (result, written) = self.change(|state| {
            let before = state.contents();
            let result = seed::apply(self.document, state, seed);
            if result.is_err() {
                state.replace(before);
            }
            result
        });
        result?;
        let lists = seed.as_object().into_iter().flatten();
        let counts =
            lists.map(|(name, items)| (name.clone(), items.as_array().map_or(0, Vec::len)));
        Ok((counts.collect(), written))
    }

    /// Creates the resources of a built-in seed. Returns `None` if there is none with this name.
    ///
    /// # Errors
    ///
    /// Returns an error if an item cannot be created.
    pub(crate) fn seed_named(&self, name: &str) -> Option<Result<(Created, Written), SeedError>> {
        (name == REALISTIC).then(|| self.seed(&realistic_seed()))
    }

    /// Adds a fault after those that are set.
    ///
    /// # Errors
    ///
    /// Returns an error if the fault has a value out of range or an unknown operation.
    pub(crate) fn add_fault(&self, fault: Fault) -> Result<ActiveFault, SettingError> {
        fault.check(self.document)?;
        Ok(lock(&self.faults).add(fault))
    }

    /// Adds a rate limit after those that are set, and returns its number.
    ///
    /// # Errors
    ///
    /// Returns an error if the limit has a value out of range or an unknown operation.
    pub(crate) fn add_rate_limit(&self, limit: RateLimit) -> Result<u64, SettingError> {
        limit.check(self.document)?;
        Ok(lock(&self.limiter).add(limit))
    }

    /// Saves the resources under a name. Returns `None` if there are too many snapshots.
    pub(crate) fn save_snapshot(&self, name: &str) -> Option<Snapshot> {
        let mut snapshots = lock(&self.snapshots);
        if snapshots.len() >= MAX_SNAPSHOTS && !snapshots.contains_key(name) {
            return None;
        }
        let snapshot = Snapshot {
            time: self.clock.now(),
            contents: Arc::new(lock(&self.state).contents()),
        };
        snapshots.insert(name.to_owned(), snapshot.clone());
        Some(snapshot)
    }

    /// Replaces the resources by those of a snapshot. Returns `None` if it does not exist.
    pub(crate) fn restore_snapshot(&self, name: &str) -> Option<Written> {
        let contents = self.snapshot_contents(name)?;
        let ((), written) = self.change(|state| state.replace((*contents).clone()));
        Some(written)
    }

    /// Returns the differences from a snapshot to another one, or to the present state. An error is
    /// the name of a snapshot that does not exist.
    pub(crate) fn diff_snapshot(
        &self,
        name: &str,
        other: Option<&str>,
    ) -> Result<Differences, String> {
        let find = |name: &str| self.snapshot_contents(name).ok_or_else(|| name.to_owned());
        let before = find(name)?;
        let after = match other {
            Some(other) => find(other)?,
            None => Arc::new(lock(&self.state).contents()),
        };
        Ok(before.differences(&after))
    }

    fn snapshot_contents(&self, name: &str) -> Option<Arc<Contents>> {
        let snapshots = lock(&self.snapshots);
        let snapshot = snapshots.get(name)?;
        Some(Arc::clone(&snapshot.contents))
    }

    /// Returns the time of the sandbox.
    pub(crate) fn time(&self) -> SystemTime {
        self.clock.time()
    }
}

impl Start {
    /// Returns the state with which a sandbox starts.
    ///
    /// # Errors
    ///
    /// Returns an error if a seed cannot be applied.
    pub(crate) fn state(&self, document: &Document, clock: &Clock) -> Result<State, SeedError> {
        initial_state(document, clock, &self.seeds)
    }
}

fn initial_state(document: &Document, clock: &Clock, seeds: &[Value]) -> Result<State, SeedError> {
    let mut state = handlers::initial(clock.clone());
    for seed in seeds {
        seed::apply(document, &mut state, seed)?;
    }
    Ok(state)
}
