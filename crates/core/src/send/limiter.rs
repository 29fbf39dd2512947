//! What a client remembers of its rate limits, so that it waits instead of being refused.
//!
//! Each limit is a bucket: how many requests are left until when. A call takes one out. Where none
//! is left, it takes a place in the queue for the next period, and the places lie apart, so that the
//! calls which wait do not all arrive at the moment of the reset.
//!
//! What a server says may be wrong, and as long as nothing is sent, no answer can put it right. So
//! resets that make no sense are not remembered, and where the reset is further away than calls wait
//! for, one of them now and then does not wait: a probe.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Operation, RateLimit};

/// How far apart calls arrive after a reset, at most; a server that allows less says so in limit and
/// period.
const WIDEST_GAP: Duration = Duration::from_secs(1);

/// How far apart calls arrive after a reset where the server does not say how many it allows.
const USUAL_GAP: Duration = Duration::from_millis(100);

/// The longest time until a reset that is remembered, where the period is not longer.
const LONGEST_RESET: Duration = Duration::from_secs(60 * 60);

/// How much time lies between two probes at least, however short calls wait.
const SHORTEST_PROBING: Duration = Duration::from_secs(1);

/// The rate limits of a client and all its clones.
#[derive(Default)]
pub(crate) struct Limiter {
    /// The bucket of each operation, once an answer of it told a limit, by operation id. Operations
    /// that share a limit share its bucket.
    buckets: Mutex<HashMap<&'static str, Arc<Bucket>>>,
}

/// What a limit is known by.
#[derive(PartialEq, Eq)]
enum Key {
    /// The server and the name it gave the limit.
    Named(&'static str, String),
    /// The operation, where the limit has no name.
    Operation(&'static str),
}

/// One limit.
struct Bucket {
    key: Key,
    state: Mutex<State>,
}

/// How full a bucket is.
struct State {
    /// How many calls may still go in this period; `None` where nobody knows.
    remaining: Option<u64>,
    /// When the next period begins.
    reset: Instant,
    /// Whether an answer said that nothing is left until then.
    is_used_up: bool,
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
    /// Counts the answers that told something.
    answers: u64,
    /// When the last of them came, or a probe was sent since.
    asked: Instant,
}

/// The place of a call. Given back when it is dropped.
pub(crate) struct Reservation {
    bucket: Option<Arc<Bucket>>,
    /// How long to wait before the request is sent.
    pub(crate) wait: Duration,
    stage: Stage,
    /// Of a probe, how many answers had told something before it.
    probes: Option<u64>,
}

#[derive(Clone, Copy)]
enum Stage {
    /// May go at once, and was taken out of the bucket.
    Admitted,
    /// Waits, since this epoch.
    Queued(u64),
    /// May go at once, though nothing is left in the bucket.
    Probing,
    /// Was sent.
    Sent,
}

impl Limiter {
    /// Takes a call out of the bucket of its operation, or gives it a place in the queue. `patience`
    /// is how long the call waits at most.
    pub(crate) fn reserve(&self, operation: &'static Operation, patience: Duration) -> Reservation {
        let mut reservation = Reservation {
            bucket: self.lock().get(operation.id).cloned(),
            wait: Duration::ZERO,
            stage: Stage::Admitted,
            probes: None,
        };
        let Some(bucket) = &reservation.bucket else {
            return reservation;
        };
        let mut state = bucket.lock();
        let now = Instant::now();
        state.roll(now);
        match state.remaining {
            Some(0) => {
                let until_reset = state.reset.saturating_duration_since(now);
                let unasked = now.saturating_duration_since(state.asked);
                if until_reset > patience && unasked >= patience.max(SHORTEST_PROBING) {
                    state.asked = now;
                    reservation.stage = Stage::Probing;
                    reservation.probes = Some(state.answers);
                    drop(state);
                    return reservation;
                }
                reservation.wait = until_reset.saturating_add(state.gap(state.waiting));
                reservation.stage = Stage::Queued(state.epoch);
                state.waiting += 1;
            }
            Some(remaining) => state.remaining = Some(remaining - 1),
            None => {}
        }
        drop(state);
        reservation
    }

    /// Remembers what an answer says. `wait` is how long a refusal (429) asks to stay away. Of answers to requests that
    /// were sent at the same time, the last one may say less than those before it: that nothing is left for so long is
    /// taken back by a success alone.
    pub(crate) fn observe(
        &self,
        operation: &'static Operation,
        told: Option<&RateLimit>,
        wait: Option<Duration>,
        is_success: bool,
    ) {
        let name = told.and_then(|limit| limit.name.as_deref());
        let reset = wait.or(told.and_then(|limit| limit.reset));
        let remaining = match wait {
            Some(_) => Some(0),
            None => told.and_then(|limit| limit.remaining),
        };
        let (Some(reset), Some(remaining)) = (reset, remaining) else {
            return;
        };
        let now = Instant::now();
        let bucket = self.bucket(operation, name, told.is_none(), now);
        let mut state = bucket.lock();
        state.roll(now);
        // A limit of nothing is none that places could be given out by.
        let limit = told.and_then(|limit| limit.limit).filter(|it| *it > 0);
        state.limit = limit.or(state.limit);
        state.period = told.and_then(|limit| limit.period).or(state.period);
        let longest = state.period.unwrap_or_default().max(LONGEST_RESET);
        let Some(reset) = now.checked_add(reset).filter(|_| reset <= longest) else {
            return;
        };
        state.answers += 1;
        state.asked = now;
        if state.is_used_up && !is_success && reset < state.reset {
            return;
        }
        state.reset = reset;
        state.is_used_up = remaining == 0;
        // The server has not seen those yet. The request that this answers is one of them.
        let on_their_way = state.in_flight.saturating_sub(1) + state.reserved;
        state.remaining = Some(remaining.saturating_sub(on_their_way));
    }

    /// The bucket that an answer tells of: the operation's own, another one that has this name, or a
    /// new one. An answer that `tells_nothing` is about whichever limit the operation had.
    fn bucket(
        &self,
        operation: &'static Operation,
        name: Option<&str>,
        tells_nothing: bool,
        now: Instant,
    ) -> Arc<Bucket> {
        let is_meant = |bucket: &Arc<Bucket>| match (&bucket.key, name) {
            (Key::Named(server, known), Some(name)) => {
                known == name && *server == operation.server.name
            }
            (Key::Operation(id), None) => *id == operation.id,
            _ => false,
        };
        // A bucket that no operation has any more goes with its last reservation, so that a server
        // which gives limits new names does not fill the memory.
        let mut buckets = self.lock();
        if let Some(own) = buckets.get(operation.id)
            && (tells_nothing || is_meant(own))
        {
            return Arc::clone(own);
        }
        let shared = buckets.values().find(|bucket| is_meant(bucket)).cloned();
        let bucket = shared.unwrap_or_else(|| {
            let key = match name {
                Some(name) => Key::Named(operation.server.name, name.to_owned()),
                None => Key::Operation(operation.id),
            };
            Arc::new(Bucket::new(key, now))
        });
        buckets.insert(operation.id, Arc::clone(&bucket));
        bucket
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<&'static str, Arc<Bucket>>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn new(key: Key, now: Instant) -> Self {
        let state = State {
            remaining: None,
            reset: now,
            is_used_up: false,
            limit: None,
            period: None,
            waiting: 0,
            reserved: 0,
            in_flight: 0,
            epoch: 0,
            answers: 0,
            asked: now,
        };
        Self {
            key,
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Begins the present period, if it is not the known one any more.
    fn roll(&mut self, now: Instant) {
        if now < self.reset || self.remaining.is_none() {
            return;
        }
        let (Some(limit), Some(period)) = (self.limit, self.period.filter(|it| !it.is_zero()))
        else {
            self.forget();
            return;
        };
        self.epoch += 1;
        self.is_used_up = false;
        let passed = now.duration_since(self.reset).as_nanos() / period.as_nanos();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        let gone = limit.saturating_mul(passed.into());
        self.reserved = self.waiting.saturating_sub(gone).min(limit);
        self.waiting = self.waiting.saturating_sub(gone.saturating_add(limit));
        self.remaining = Some(limit - self.reserved);
        let next = period.saturating_mul(passed.saturating_add(1));
        self.reset = self.reset.checked_add(next).unwrap_or(now);
    }

    /// Begins a period of which nothing is known: the next answer says how much is left.
    fn forget(&mut self) {
        self.epoch += 1;
        self.is_used_up = false;
        self.remaining = None;
        self.reserved = self.reserved.saturating_add(self.waiting);
        self.waiting = 0;
    }

    /// Takes a call out of the queue that it has been in since `epoch`.
    fn leave(&mut self, epoch: u64) {
        let queue = if epoch == self.epoch {
            &mut self.waiting
        } else {
            &mut self.reserved
        };
        *queue = queue.saturating_sub(1);
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

impl Reservation {
    /// The name of the limit that makes the call wait.
    pub(crate) fn limit_name(&self) -> &str {
        match self.bucket.as_deref().map(|bucket| &bucket.key) {
            Some(Key::Named(_, name)) => name,
            Some(Key::Operation(id)) => id,
            None => "",
        }
    }

    /// The request is being sent.
    pub(crate) fn begin(&mut self) {
        if let Some(bucket) = &self.bucket {
            let mut state = bucket.lock();
            if let Stage::Queued(epoch) = self.stage {
                state.roll(Instant::now());
                state.leave(epoch);
            }
            state.in_flight += 1;
        }
        self.stage = Stage::Sent;
    }

    /// The request succeeded. If it was a probe and no answer has told anything since, then what was
    /// believed is wrong.
    pub(crate) fn succeed(&self) {
        if let (Some(bucket), Some(answers)) = (&self.bucket, self.probes) {
            let mut state = bucket.lock();
            if state.answers == answers {
                state.forget();
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(bucket) = &self.bucket else {
            return;
        };
        let mut state = bucket.lock();
        match self.stage {
            Stage::Sent => state.in_flight = state.in_flight.saturating_sub(1),
            Stage::Queued(epoch) => state.leave(epoch),
            Stage::Probing => {}
            Stage::Admitted => {
                if let Some(remaining) = &mut state.remaining {
                    *remaining += 1;
                }
            }
        }
    }
}
