//! Remembers the rate limits of a client, so that it waits before the server rejects a request.
//!
//! Each limit is a bucket: a number of requests that are left until a reset. A call takes one.
//! Where none is left, it takes a place in the queue for the next period. The places lie apart, so
//! that the calls that wait do not all arrive at the moment of the reset.
//!
//! A server may send a wrong reset, and while nothing is sent, no response can correct it. So
//! resets that make no sense are not remembered. Where the reset is further away than calls wait,
//! one call now and then does not wait: a probe.
//!
//! After a reset, limit and length of the last period count for the next one, until a response
//! describes it. Some servers describe a limit only when they reject a request. So a success
//! without a description ends that guess.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{Operation, RateLimit};

/// The widest gap between calls after a reset. A server that allows fewer calls says so in limit
/// and period.
const WIDEST_GAP: Duration = Duration::from_secs(1);

/// The gap between calls after a reset where the server does not send a limit.
const DEFAULT_GAP: Duration = Duration::from_millis(100);

/// The longest time until a reset that is remembered, unless the period is longer.
const LONGEST_RESET: Duration = Duration::from_secs(60 * 60);

/// The shortest time between two probes.
const MIN_PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// The rate limits of a client and all its clones.
#[derive(Default)]
pub(crate) struct Limiter {
    /// The bucket of each operation, by operation id, once one of its responses had a limit.
    /// Operations that share a limit share its bucket.
    buckets: Mutex<HashMap<&'static str, Arc<Bucket>>>,
}

/// The identity of a limit.
#[derive(PartialEq, Eq)]
enum Key {
    /// The name of the server and its name for the limit.
    Named(&'static str, String),
    /// The id of the operation, where the limit has no name.
    Operation(&'static str),
}

/// A rate limit.
struct Bucket {
    key: Key,
    state: Mutex<State>,
}

/// The contents of a bucket.
struct State {
    /// The calls that may still be sent in this period; `None` if unknown.
    remaining: Option<u64>,
    /// The beginning of the next period.
    reset: Instant,
    /// True if a response said that nothing is left until then.
    is_used_up: bool,
    limit: Option<u64>,
    period: Option<Duration>,
    /// The number of calls that wait for a later period.
    waiting: u64,
    /// The number of calls that have a place in this period and wait for it.
    reserved: u64,
    /// The number of requests without a response yet.
    in_flight: u64,
    /// The number of the period.
    epoch: u64,
    /// The number of responses that described the limit.
    updates: u64,
    /// True if a response has described the present period; otherwise it is a guess.
    is_described: bool,
    /// The time of the last such response, or of the last probe if that was later.
    last_confirmed_at: Instant,
}

/// The place of a call in its rate limit, which it gives back when it is dropped.
pub(crate) struct Reservation {
    bucket: Option<Arc<Bucket>>,
    /// The wait before the request is sent.
    pub(crate) wait: Duration,
    stage: Stage,
    /// The `updates` of the bucket when the request was sent.
    sent_at: u64,
    /// True if the request is a probe.
    is_probe: bool,
}

#[derive(Clone, Copy)]
enum Stage {
    /// The call may be sent at once, and was taken out of the bucket.
    Admitted,
    /// The call waits since this epoch.
    Queued(u64),
    /// The call may be sent at once, though nothing is left in the bucket.
    Probing,
    /// The request was sent.
    Sent,
}

impl Limiter {
    /// Takes a call out of the bucket of its operation, or gives it a place in the queue. The call
    /// waits at most `longest_wait`.
    pub(crate) fn reserve(
        &self,
        operation: &'static Operation,
        longest_wait: Duration,
    ) -> Reservation {
        let mut reservation = Reservation {
            bucket: self.lock().get(operation.id).cloned(),
            wait: Duration::ZERO,
            stage: Stage::Admitted,
            sent_at: 0,
            is_probe: false,
        };
        let Some(bucket) = &reservation.bucket else {
            return reservation;
        };
        let mut state = bucket.lock();
        let now = Instant::now();
        state.advance_period(now);
        match state.remaining {
            Some(0) => {
                let until_reset = state.reset.saturating_duration_since(now);
                let unconfirmed = now.saturating_duration_since(state.last_confirmed_at);
                if until_reset > longest_wait && unconfirmed >= longest_wait.max(MIN_PROBE_INTERVAL)
                {
                    state.last_confirmed_at = now;
                    reservation.stage = Stage::Probing;
                    reservation.is_probe = true;
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

    /// Remembers what a response says about its limit. `wait` is the wait that a 429 asks for.
    ///
    /// Responses to requests that were sent together may arrive in any order. So a shorter wait
    /// replaces a longer one only if the response is a success.
    pub(crate) fn observe(
        &self,
        operation: &'static Operation,
        rate_limit: Option<&RateLimit>,
        wait: Option<Duration>,
        is_success: bool,
    ) {
        let name = rate_limit.and_then(|limit| limit.name.as_deref());
        let reset = wait.or(rate_limit.and_then(|limit| limit.reset));
        let remaining = match wait {
            Some(_) => Some(0),
            None => rate_limit.and_then(|limit| limit.remaining),
        };
        let (Some(reset), Some(remaining)) = (reset, remaining) else {
            return;
        };
        let now = Instant::now();
        let bucket = self.bucket(operation, name, rate_limit.is_none(), now);
        let mut state = bucket.lock();
        state.advance_period(now);
        // A limit of zero cannot be divided into places.
        let limit = rate_limit
            .and_then(|limit| limit.limit)
            .filter(|it| *it > 0);
        state.limit = limit.or(state.limit);
        state.period = rate_limit.and_then(|limit| limit.period).or(state.period);
        let longest = state.period.unwrap_or_default().max(LONGEST_RESET);
        let Some(reset) = now.checked_add(reset).filter(|_| reset <= longest) else {
            return;
        };
        state.updates += 1;
        state.is_described = true;
        state.last_confirmed_at = now;
        if state.is_used_up && !is_success && reset < state.reset {
            return;
        }
        state.reset = reset;
        state.is_used_up = remaining == 0;
        // The server has not counted those yet, except the one of this response.
        let uncounted = state.in_flight.saturating_sub(1) + state.reserved;
        state.remaining = Some(remaining.saturating_sub(uncounted));
    }

    /// Returns the bucket that a response is about: the operation's own, another one with this
    /// name, or a new one. A response that `lacks_limit` is about the limit that the operation
    /// already has.
    fn bucket(
        &self,
        operation: &'static Operation,
        name: Option<&str>,
        lacks_limit: bool,
        now: Instant,
    ) -> Arc<Bucket> {
        let is_meant = |bucket: &Arc<Bucket>| match (&bucket.key, name) {
            (Key::Named(server, known), Some(name)) => {
                known == name && *server == operation.server.name
            }
            (Key::Operation(id), None) => *id == operation.id,
            _ => false,
        };
        // A bucket that no operation uses is freed with its last reservation. So a server that
        // keeps renaming its limits does not fill the memory.
        let mut buckets = self.lock();
        if let Some(own) = buckets.get(operation.id)
            && (lacks_limit || is_meant(own))
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
            updates: 0,
            is_described: false,
            last_confirmed_at: now,
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
    /// Begins the present period, if the known one has ended.
    fn advance_period(&mut self, now: Instant) {
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
        self.is_described = false;
        let passed = now.duration_since(self.reset).as_nanos() / period.as_nanos();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        let gone = limit.saturating_mul(passed.into());
        self.reserved = self.waiting.saturating_sub(gone).min(limit);
        self.waiting = self.waiting.saturating_sub(gone.saturating_add(limit));
        self.remaining = Some(limit - self.reserved);
        let next = period.saturating_mul(passed.saturating_add(1));
        self.reset = self.reset.checked_add(next).unwrap_or(now);
    }

    /// Begins a period of which nothing is known. The next response says how much is left.
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

    /// Returns the time from the reset to the call with this place in the queue.
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
            _ => times(DEFAULT_GAP, place),
        }
    }
}

impl Reservation {
    /// Returns the name of the limit that makes the call wait.
    pub(crate) fn limit_name(&self) -> &str {
        match self.bucket.as_deref().map(|bucket| &bucket.key) {
            Some(Key::Named(_, name)) => name,
            Some(Key::Operation(id)) => id,
            None => "",
        }
    }

    /// Notes that the request is being sent.
    pub(crate) fn begin(&mut self) {
        if let Some(bucket) = &self.bucket {
            let mut state = bucket.lock();
            self.sent_at = state.updates;
            if let Stage::Queued(epoch) = self.stage {
                state.advance_period(Instant::now());
                state.leave(epoch);
            }
            state.in_flight += 1;
        }
        self.stage = Stage::Sent;
    }

    /// Notes that the request succeeded. If no response has described the limit since it was sent,
    /// a guess about the present period is forgotten. So is a reset that a probe has disproved.
    pub(crate) fn succeed(&self) {
        if let Some(bucket) = &self.bucket {
            let mut state = bucket.lock();
            let is_guess = self.is_probe || !state.is_described;
            if is_guess && state.updates == self.sent_at && state.remaining.is_some() {
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
