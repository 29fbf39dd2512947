//! A task and its bookkeeping.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use scorekit::{Client, Error, ErrorKind, Response};

use super::shared::Shared;
use crate::ledger::{Acknowledged, Kind, Ledger, Name, parse_label};
use crate::settings::Sabotage;

/// One call in this many is abandoned, after at most this time.
const CALLS_PER_ABANDONED: u32 = 50;
const MAX_ABANDON_MICROS: u64 = 8_000;

/// One task.
pub(crate) struct Task {
    pub(super) number: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) client: Client,
    pub(super) random: fastrand::Rng,
    pub(super) ledger: Ledger,
    /// The number of names that it has given.
    named: u64,
    /// Items that cannot be deleted, so a task creates few of them.
    pub(super) case_type: Option<String>,
    pub(super) datasets: Vec<String>,
    pub(super) kpis: u64,
    /// Failed creations that [`Sabotage::AssumedWrite`] records as acknowledged.
    pub(super) assumed: Vec<(Kind, Name)>,
}

impl Task {
    pub(crate) fn new(number: u64, seed: u64, shared: &Arc<Shared>) -> Self {
        Self {
            number,
            client: shared.client.clone(),
            shared: Arc::clone(shared),
            random: fastrand::Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(number)),
            ledger: Ledger::default(),
            named: 0,
            case_type: None,
            datasets: Vec::new(),
            kpis: 0,
            assumed: Vec::new(),
        }
    }

    /// Returns a name that no item has yet.
    pub(super) fn name(&mut self) -> Name {
        self.named += 1;
        Name {
            task: self.number,
            number: self.named,
        }
    }

    /// Picks one of the acknowledged items of a kind.
    pub(super) fn pick(&mut self, kind: Kind) -> Option<(Name, Acknowledged)> {
        let count = self.count(kind);
        let index = self.random.usize(0..count.max(1));
        let picked = self.ledger.all(kind).nth(index);
        picked.map(|(name, item)| (name, item.clone()))
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.ledger.all(kind).count()
    }

    /// Records the result of a creation.
    pub(super) fn record_creation(
        &mut self,
        kind: Kind,
        name: Name,
        parent: Option<Name>,
        id: Result<Option<String>, Error>,
    ) {
        let item = |id| Acknowledged {
            id,
            version: Some(0),
            parent,
        };
        match id {
            Ok(Some(id)) => self.ledger.created(kind, name, item(id)),
            Ok(None) => {
                self.shared.report(format!("{kind:?} {name} has no id"));
                self.ledger.not_acknowledged(kind, name, parent);
            }
            Err(error) => {
                self.check_error(&error);
                if self.shared.sabotage == Some(Sabotage::AssumedWrite) {
                    return self.assumed.push((kind, name));
                }
                self.ledger.not_acknowledged(kind, name, parent);
            }
        }
    }

    /// Records the result of a change to this version.
    pub(super) fn record_change<T>(
        &mut self,
        kind: Kind,
        name: Name,
        version: u64,
        response: Result<Response<T>, Error>,
    ) {
        let version = match response {
            Ok(_) => Some(version),
            Err(error) => {
                self.check_error(&error);
                None
            }
        };
        self.ledger.changed(kind, name, version);
    }

    /// Records the result of a deletion.
    pub(super) fn record_deletion(
        &mut self,
        kind: Kind,
        name: Name,
        response: Result<Response<()>, Error>,
    ) {
        match response {
            Ok(_) => self.ledger.deleted(kind, name),
            // An earlier attempt deleted the item, and its response was lost.
            Err(error) if error.attempts() > 1 && status(&error) == Some(404) => {
                self.ledger.deleted(kind, name);
            }
            Err(error) => {
                self.check_error(&error);
                self.ledger.maybe_deleted(kind, name);
            }
        }
    }

    /// Compares the label of an item that was read with the acknowledged version.
    pub(super) fn check_read(&self, kind: Kind, name: Name, label: Result<Option<String>, Error>) {
        let label = match label {
            Ok(label) => label,
            Err(error) => return self.check_error(&error),
        };
        let Some(item) = self.ledger.get(kind, name) else {
            return;
        };
        let parsed = label.as_deref().and_then(parse_label);
        let is_right = parsed.is_some_and(|(read, version)| {
            let versions = version.zip(item.version);
            read == name && versions.is_none_or(|(read, acknowledged)| read == acknowledged)
        });
        if !is_right {
            let version = item.version;
            self.shared.report(format!(
                "{kind:?} {name} has the label {label:?}, but v{version:?} was acknowledged"
            ));
        }
    }

    /// Reports an error that no fault explains.
    pub(super) fn check_error(&self, error: &Error) {
        let is_explained = match error.kind() {
            ErrorKind::Connection | ErrorKind::Timeout => true,
            ErrorKind::Api => matches!(status(error), Some(429 | 500 | 502 | 503)),
            _ => false,
        };
        if !is_explained {
            self.shared.report(error);
        }
    }

    /// Reports an error of reading a list that other tasks change meanwhile. If they add a page of
    /// items at its front, the next page repeats the one before, and the client reports that.
    pub(super) fn check_list_error(&self, error: &Error) {
        if error.kind() != ErrorKind::Incomplete {
            self.check_error(error);
        }
    }

    /// Waits for a call, or now and then abandons it.
    pub(super) async fn maybe_abandon<T>(&mut self, call: impl Future<Output = T>) -> Option<T> {
        if self.random.u32(0..CALLS_PER_ABANDONED) != 0 {
            return Some(call.await);
        }
        let limit = Duration::from_micros(self.random.u64(0..MAX_ABANDON_MICROS));
        tokio::time::timeout(limit, call).await.ok()
    }

    /// Draws a version from a range so large that an item never gets the same one twice.
    pub(super) fn next_version(&mut self) -> u64 {
        self.random.u64(1..1_000_000_000)
    }
}

fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}
