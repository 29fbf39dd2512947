//! What a client remembers of its rate limits, so that it waits instead of being refused.
//!
//! Each limit is a bucket: how many requests are left until when. A call takes one out. Where none
//! is left, it takes a place in the queue for the next period, and the places lie apart, so that the
//! calls which wait do not all arrive at the moment of the reset.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Operation, RateLimit};

/// How far apart calls arrive after a reset, at most; a server that allows less says so in limit and
/// period.
const WIDEST_GAP: Duration = Duration::from_secs(1);

/// How far apart calls arrive after a reset where the server does not say how many it allows.
const USUAL_GAP: Duration = Duration::from_millis(100);

/// The rate limits of a client and all its clones.
#[derive(Default)]
pub(crate) struct Limiter {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The bucket of each operation, once an answer of it told a limit, by operation id.
    keys: HashMap<&'static str, Key>,
    buckets: HashMap<Key, Bucket>,
}

/// What a limit is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// The server and the name it gave the limit.
    Named(&'static str, String),
    /// The operation, where the limit has no name.
    Operation(&'static str),
}

/// One limit.
struct Bucket {
    /// How many calls may still go in this period; `None` where nobody knows.
    remaining: Option<u64>,
    /// When the next period begins.
    reset: Instant,
    limit: Option<u64>,
    period: Option<Duration>,
    /// How many calls wait for a later period.
    waiting: u64,
    /// How many calls have a place in this period and wait for it.
    reserved: u64,
    /// How many requests have been sent and not been answered.
    in_flight: u64,
    /// Counts the periods.
    epoch: u64,
}

/// The place of a call. Given back when it is dropped.
pub(crate) struct Reservation<'a> {
    limiter: &'a Limiter,
    key: Option<Key>,
    /// How long to wait before the request is sent.
    pub(crate) wait: Duration,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    /// May go at once, and was taken out of the bucket.
    Admitted,
    /// Waits, since this epoch.
    Queued(u64),
    /// Was sent.
    Sent,
}

impl Limiter {
    /// Takes a call out of the bucket of its operation, or gives it a place in the queue.
    pub(crate) fn reserve(&self, operation: &'static Operation) -> Reservation<'_> {
        let mut state = self.lock();
        let key = state.keys.get(operation.id).cloned();
        let mut reservation = Reservation {
            limiter: self,
            wait: Duration::ZERO,
            stage: Stage::Admitted,
            key,
        };
        let Some(bucket) = state.bucket(reservation.key.as_ref()) else {
            return reservation;
        };
        let now = Instant::now();
        bucket.roll(now);
        match &mut bucket.remaining {
            Some(0) => {
                let until_reset = bucket.reset.saturating_duration_since(now);
                reservation.wait = until_reset.saturating_add(bucket.gap(bucket.waiting));
                reservation.stage = Stage::Queued(bucket.epoch);
                bucket.waiting += 1;
            }
            Some(remaining) => *remaining -= 1,
            None => {}
        }
        reservation
    }

    /// Remembers what an answer says. `wait` is how long a refusal (429) asks to stay away.
    pub(crate) fn observe(
        &self,
        operation: &'static Operation,
        told: Option<&RateLimit>,
        wait: Option<Duration>,
    ) {
        let name = told.and_then(|limit| limit.name.clone());
        let reset = wait.or(told.and_then(|limit| limit.reset));
        let remaining = match wait {
            Some(_) => Some(0),
            None => told.and_then(|limit| limit.remaining),
        };
        let (Some(reset), Some(remaining)) = (reset, remaining) else {
            return;
        };
        let now = Instant::now();
        let Some(reset) = now.checked_add(reset) else {
            return;
        };
        let mut state = self.lock();
        // A refusal without a name is about the limit that the operation had.
        let key = match (name, state.keys.get(operation.id)) {
            (Some(name), _) => Key::Named(operation.server.name, name),
            (None, Some(known)) if told.is_none() => known.clone(),
            (None, _) => Key::Operation(operation.id),
        };
        if state.keys.get(operation.id) != Some(&key) {
            state.keys.insert(operation.id, key.clone());
            // A server that gives limits new names must not fill the memory.
            let State { keys, buckets } = &mut *state;
            buckets.retain(|known, _| keys.values().any(|used| used == known));
        }
        let bucket = state.buckets.entry(key).or_insert(Bucket {
            remaining: None,
            reset: now,
            limit: None,
            period: None,
            waiting: 0,
            reserved: 0,
            in_flight: 0,
            epoch: 0,
        });
        bucket.roll(now);
        bucket.limit = told.and_then(|limit| limit.limit).or(bucket.limit);
        bucket.period = told.and_then(|limit| limit.period).or(bucket.period);
        bucket.reset = reset;
        // The server has not seen those yet. The request that this answers is one of them.
        let on_their_way = bucket.in_flight.saturating_sub(1) + bucket.reserved;
        bucket.remaining = Some(remaining.saturating_sub(on_their_way));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bucket(&mut self, key: Option<&Key>) -> Option<&mut Bucket> {
        self.buckets.get_mut(key?)
    }
}

impl Bucket {
    /// Begins the present period, if it is not the known one any more.
    fn roll(&mut self, now: Instant) {
        if now < self.reset || self.remaining.is_none() {
            return;
        }
        self.epoch += 1;
        let (Some(limit), Some(period)) = (self.limit, self.period.filter(|it| !it.is_zero()))
        else {
            // The next answer says how many there are.
            self.remaining = None;
            self.reserved = self.reserved.saturating_add(self.waiting);
            self.waiting = 0;
            return;
        };
        let passed = now.duration_since(self.reset).as_nanos() / period.as_nanos();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        let gone = limit.saturating_mul(passed.into());
        self.reserved = self.waiting.saturating_sub(gone).min(limit);
        self.waiting = self.waiting.saturating_sub(gone.saturating_add(limit));
        self.remaining = Some(limit - self.reserved);
        let next = period.saturating_mul(passed.saturating_add(1));
        self.reset = self.reset.checked_add(next).unwrap_or(now);
    }

    /// How long after the reset the call with this place in the queue is sent.
    fn gap(&self, place: u64) -> Duration {
        let times = |duration: Duration, count: u64| {
            duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
        };
        match (self.limit, self.period) {
            (Some(limit), Some(period)) if limit > 0 => {
                let within = u32::try_from(limit).unwrap_or(u32::MAX);
                let gap = (period / within).min(WIDEST_GAP);
                times(period, place / limit).saturating_add(times(gap, place % limit))
            }
            _ => times(USUAL_GAP, place),
        }
    }
}

impl Reservation<'_> {
    /// The name of the limit that makes the call wait.
    pub(crate) fn limit_name(&self) -> &str {
        match &self.key {
            Some(Key::Named(_, name)) => name,
            Some(Key::Operation(id)) => id,
            None => "",
        }
    }

    /// The request is being sent.
    pub(crate) fn begin(&mut self) {
        let mut state = self.limiter.lock();
        if let Some(bucket) = state.bucket(self.key.as_ref()) {
            if let Stage::Queued(epoch) = self.stage {
                bucket.roll(Instant::now());
                bucket.leave(epoch);
            }
            bucket.in_flight += 1;
        }
        self.stage = Stage::Sent;
    }
}

impl Bucket {
    /// Takes a call out of the queue that it has been in since `epoch`.
    fn leave(&mut self, epoch: u64) {
        let queue = if epoch == self.epoch {
            &mut self.waiting
        } else {
            &mut self.reserved
        };
        *queue = queue.saturating_sub(1);
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        let Some(bucket) = state.bucket(self.key.as_ref()) else {
            return;
        };
        match self.stage {
            Stage::Sent => bucket.in_flight = bucket.in_flight.saturating_sub(1),
            Stage::Queued(epoch) => bucket.leave(epoch),
            Stage::Admitted => {
                if let Some(remaining) = &mut bucket.remaining {
                    *remaining += 1;
                }
            }
        }
    }
}
