//! The tasks: each creates, changes, reads and deletes things of its own, one after the other, and writes down what it was
//! told about them.

mod cases;
mod inventory;
mod kpi;
mod scorecards;

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorekit::{Client, Error, ErrorKind, Response};

use crate::Sabotage;
use crate::ledger::{Kind, Known, Ledger, Name, read_label};

pub(crate) use inventory::take as take_inventory;

/// How many findings are kept to be shown.
const MOST_FINDINGS: usize = 20;

/// How much a thing leaks that is meant to, in bytes.
const LEAK: usize = 64 * 1024;

/// What all tasks share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) sabotage: Option<Sabotage>,
    /// Set when no further thing is to be begun.
    pub(crate) is_over: AtomicBool,
    started: Instant,
    /// When each task began what it is busy with, in milliseconds since the start.
    busy_since: Vec<AtomicU64>,
    findings: Mutex<Findings>,
    /// What one kind of sabotage fills.
    leaked: Mutex<Vec<Vec<u8>>>,
}

/// What should not have happened.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) count: u64,
    /// The first ones.
    pub(crate) shown: Vec<String>,
}

impl Shared {
    pub(crate) fn new(client: Client, tasks: u64, sabotage: Option<Sabotage>) -> Self {
        Self {
            client,
            sabotage,
            is_over: AtomicBool::new(false),
            started: Instant::now(),
            busy_since: (0..tasks).map(|_| AtomicU64::new(0)).collect(),
            findings: Mutex::default(),
            leaked: Mutex::default(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long each task has been busy with what it does.
    pub(crate) fn busy(&self) -> impl Iterator<Item = Duration> {
        let now = self.now();
        self.busy_since
            .iter()
            .map(move |since| now.saturating_sub(since.load(Ordering::Relaxed)))
            .map(Duration::from_millis)
    }

    pub(crate) fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what should not have happened.
    fn find(&self, finding: impl fmt::Display) {
        let mut findings = self.findings();
        findings.count += 1;
        if findings.shown.len() < MOST_FINDINGS {
            findings.shown.push(finding.to_string());
        }
    }
}

/// One task.
pub(crate) struct Task {
    number: u64,
    shared: Arc<Shared>,
    client: Client,
    random: fastrand::Rng,
    ledger: Ledger,
    /// How many things it has named.
    named: u64,
    /// What cannot be deleted and so is created only so often.
    case_type: Option<String>,
    datasets: Vec<String>,
    kpis: u64,
    /// What one kind of sabotage takes for created.
    assumed: Vec<(Kind, Name)>,
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

    /// Does one thing after the other until there is no time left; gives back what it was told.
    pub(crate) async fn run(mut self) -> Ledger {
        while !self.shared.is_over.load(Ordering::Relaxed) {
            let index = usize::try_from(self.number).unwrap_or(usize::MAX);
            if let Some(since) = self.shared.busy_since.get(index) {
                since.store(self.shared.now(), Ordering::Relaxed);
            }
            match self.shared.sabotage {
                Some(Sabotage::StuckTask) if self.number == 0 && self.named > 5 => {
                    std::future::pending::<()>().await;
                }
                Some(Sabotage::Leak) => {
                    let leaked = &self.shared.leaked;
                    let mut leaked = leaked.lock().unwrap_or_else(PoisonError::into_inner);
                    leaked.push(vec![1; LEAK]);
                }
                _ => {}
            }
            match self.random.u32(0..100) {
                0..22 => self.rules().await,
                22..36 => self.outcomes().await,
                36..56 => self.campaigns().await,
                56..70 => self.projects().await,
                70..84 => self.cases().await,
                84..96 => self.comments().await,
                _ => self.kpi().await,
            }
        }
        for (kind, name) in self.assumed {
            let known = Known {
                id: String::new(),
                version: None,
                parent: None,
            };
            self.ledger.created(kind, name, known);
        }
        self.ledger
    }

    /// A name that nothing has yet.
    fn name(&mut self) -> Name {
        self.named += 1;
        Name {
            task: self.number,
            number: self.named,
        }
    }

    /// One of the things of a kind that exist, by the server's word.
    fn any(&mut self, kind: Kind) -> Option<(Name, Known)> {
        let count = self.count(kind);
        let index = self.random.usize(0..count.max(1));
        let chosen = self.ledger.all(kind).nth(index);
        chosen.map(|(name, known)| (name, known.clone()))
    }

    fn count(&self, kind: Kind) -> usize {
        self.ledger.all(kind).count()
    }

    /// Writes down what became of a creation.
    fn settle_creation(
        &mut self,
        kind: Kind,
        name: Name,
        parent: Option<Name>,
        id: Result<Option<String>, Error>,
    ) {
        let known = |id| Known {
            id,
            version: Some(0),
            parent,
        };
        match id {
            Ok(Some(id)) => self.ledger.created(kind, name, known(id)),
            Ok(None) => {
                self.shared.find(format!("{kind:?} {name} got no id"));
                self.ledger.not_acknowledged(kind, name, parent);
            }
            Err(error) => {
                self.check(&error);
                if self.shared.sabotage == Some(Sabotage::AssumedWrite) {
                    return self.assumed.push((kind, name));
                }
                self.ledger.not_acknowledged(kind, name, parent);
            }
        }
    }

    /// Writes down what became of a change to this version.
    fn settle_change<T>(
        &mut self,
        kind: Kind,
        name: Name,
        version: u64,
        answer: Result<Response<T>, Error>,
    ) {
        let version = match answer {
            Ok(_) => Some(version),
            Err(error) => {
                self.check(&error);
                None
            }
        };
        self.ledger.changed(kind, name, version);
    }

    /// Writes down what became of a deletion.
    fn settle_deletion(&mut self, kind: Kind, name: Name, answer: Result<Response<()>, Error>) {
        match answer {
            Ok(_) => self.ledger.deleted(kind, name),
            // An earlier attempt had its effect, and its answer was lost.
            Err(error) if error.attempts() > 1 && status(&error) == Some(404) => {
                self.ledger.deleted(kind, name);
            }
            Err(error) => {
                self.check(&error);
                self.ledger.perhaps_deleted(kind, name);
            }
        }
    }

    /// Holds what was read of a thing against what was acknowledged.
    fn settle_reading(&self, kind: Kind, name: Name, label: Result<Option<String>, Error>) {
        let label = match label {
            Ok(label) => label,
            Err(error) => return self.check(&error),
        };
        let Some(known) = self.ledger.get(kind, name) else {
            return;
        };
        let read = label.as_deref().and_then(read_label);
        let is_right = read.is_some_and(|(read, version)| {
            let version = version.zip(known.version);
            read == name && version.is_none_or(|(read, known)| read == known)
        });
        if !is_right {
            let version = known.version;
            let finding = format!("{kind:?} {name} reads {label:?}, acknowledged is v{version:?}");
            self.shared.find(finding);
        }
    }

    /// Notes a failure that none of the faults explains.
    fn check(&self, error: &Error) {
        let is_explained = match error.kind() {
            ErrorKind::Connection | ErrorKind::Timeout => true,
            ErrorKind::Api => matches!(status(error), Some(429 | 500 | 502 | 503)),
            _ => false,
        };
        if !is_explained {
            self.shared.find(error);
        }
    }

    /// Waits for a call, or now and then for less than it takes.
    async fn perhaps_abandon<T>(&mut self, call: impl Future<Output = T>) -> Option<T> {
        if self.random.u32(0..50) != 0 {
            return Some(call.await);
        }
        let patience = Duration::from_micros(self.random.u64(0..8_000));
        tokio::time::timeout(patience, call).await.ok()
    }
}

fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}

/// A version that no other change of a thing has, whether it was acknowledged or not; as good as certainly.
fn next_version(random: &mut fastrand::Rng) -> u64 {
    random.u64(1..1_000_000_000)
}
