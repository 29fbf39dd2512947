//! Fills batches, sends them at the same time, splits rejected ones, and waits for rate limits.
//!
//! The engine knows the JSON text of an item and not its type, so all of it is compiled once.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, Sleep};

use super::batch::{Batch, Filling};
use super::descriptor::Bulk;
use super::journal::{Checksum, Journal, OpenJournal};
use super::request::split_body;
use super::result::{Delivery, ItemResult, Progress, PushError};
use super::template::Template;
use crate::request::raw::RawRequest;
use crate::send::pipeline::{Waits, execute};
use crate::{Error, StatusCode};

/// A function that is called with the progress after each batch.
pub(super) type ProgressCallback = Box<dyn FnMut(&Progress) + Send>;

type Pending = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// The statuses by which every server rejects a request for its content: malformed, too large,
/// unprocessable ([RFC 9110, section 15.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.5)).
const REJECTION_STATUSES: [u16; 3] = [400, 413, 422];

/// The shortest wait of a batch. If the server sends no time, the wait begins with this and then is
/// as long as all waits before, up to [`MAX_GUESS`].
const MIN_WAIT: Duration = Duration::from_secs(1);

/// The longest single wait of a batch if the server sends no time.
const MAX_GUESS: Duration = Duration::from_secs(60);

/// The number of requests in flight by default.
const DEFAULT_CONCURRENCY: usize = 4;

/// The total time that a batch waits for rate limits by default.
const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// The batches of a push.
pub(super) struct Engine {
    pub(super) bulk: &'static Bulk,
    /// The request with everything but the items.
    pub(super) request: Box<RawRequest>,
    pub(super) template: Template,
    /// The error of every item, if the request is wrong or the journal cannot be written.
    pub(super) broken: Option<Arc<Error>>,
    pub(super) max_items: usize,
    pub(super) concurrency: usize,
    pub(super) max_wait: Duration,
    pub(super) journal: Option<OpenJournal>,
    /// The items that an earlier push sent and that are not settled yet.
    already_sent: Batch,
    pub(super) filling: Filling,
    /// The batches to send before more items are read.
    waiting: VecDeque<Batch>,
    running: FuturesUnordered<Sending>,
    /// The waits for rate limits that calls in flight begin.
    waits: Arc<Waits>,
    /// The wait before which nothing is sent.
    pause: Option<Pin<Box<Sleep>>>,
    settled: VecDeque<Settled>,
    pub(super) progress: Progress,
    pub(super) on_progress: Option<ProgressCallback>,
}

/// A batch in flight.
struct Sending {
    batch: Option<Batch>,
    pending: Pending,
}

/// A batch whose results are ready.
struct Settled {
    batch: Batch,
    /// The place of the next item.
    next: usize,
    outcome: Result<Delivery, Arc<Error>>,
}

impl Future for Sending {
    type Output = (Option<Batch>, Result<(), Error>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = ready!(this.pending.as_mut().poll(context));
        Poll::Ready((this.batch.take(), outcome))
    }
}

impl Engine {
    pub(super) fn new(mut request: Box<RawRequest>, bulk: &'static Bulk) -> Self {
        let (template, broken) = match split_body(&mut request, bulk) {
            Ok(template) => (template, None),
            Err(error) => (Template::default(), Some(Arc::new(error))),
        };
        let waits = Arc::<Waits>::default();
        request.waits = Some(Arc::clone(&waits));
        Self {
            bulk,
            request,
            filling: Filling::new(&template, 0),
            template,
            broken,
            max_items: bulk.max_items.max(1),
            concurrency: DEFAULT_CONCURRENCY,
            max_wait: DEFAULT_MAX_WAIT,
            journal: None,
            already_sent: Batch::without_bodies(),
            waiting: VecDeque::new(),
            running: FuturesUnordered::new(),
            waits,
            pause: None,
            settled: VecDeque::new(),
            progress: Progress::default(),
            on_progress: None,
        }
    }

    pub(super) fn operation(&self) -> &'static str {
        self.request.operation.id
    }

    pub(super) fn open_journal(&mut self, journal: &Journal) -> Result<(), Error> {
        let mut checksum = Checksum::new();
        let operation = self.request.operation;
        let server = self.request.shared.address(operation.server)?;
        checksum.add(server.as_str().as_bytes());
        checksum.add(&self.template.before);
        checksum.add(&self.template.after);
        self.request.identify(|text| checksum.add(text));
        // The journal that it already has releases its file.
        self.journal = None;
        self.journal = Some(OpenJournal::open(journal, operation.id, checksum.value())?);
        Ok(())
    }

    /// Ends the run of the journal once the caller has all results.
    pub(super) fn end_run(&mut self) {
        let is_returned = |settled: &Settled| settled.next >= settled.batch.len();
        if self.is_idle()
            && self.settled.iter().all(is_returned)
            && let Some(journal) = &mut self.journal
        {
            journal.end();
        }
    }

    /// Replaces the journal by one that cannot be written.
    #[cfg(test)]
    pub(super) fn break_journal(&mut self) {
        self.journal = Some(OpenJournal::broken());
    }

    /// Returns true if another item may be read: no batch waits, and the batches in flight and
    /// those with results leave room.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.is_empty()
            && self.pause.is_none()
            && self.running.len() < self.concurrency
            && self.running.len() + self.settled.len() < self.concurrency.saturating_mul(2)
    }

    /// Reports that a wait for a rate limit has begun.
    fn report_wait(&mut self, until: Instant) {
        let until = until.into_std();
        let known = self.progress.waits_until;
        if known.is_none_or(|known| known < until) {
            self.progress.waits_until = Some(until);
            self.report();
        }
    }

    /// Calls the caller's function with the progress.
    fn report(&mut self) {
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(&self.progress);
        }
    }

    /// Adds the next item, which `write` writes.
    pub(super) fn add(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), serde_json::Error>,
    ) {
        let index = self.progress.read;
        self.progress.read += 1;
        if let Some(broken) = &self.broken {
            let outcome = Err(Arc::clone(broken));
            self.settle(Batch::without_body(index), outcome);
            return;
        }
        let journal = self.journal.as_mut();
        let known = journal.and_then(|journal| journal.checksum_at(index));
        if let Err(error) = self.filling.write(index, write) {
            let message = format!("the item cannot be written as JSON: {error}");
            let error = Error::invalid_request(message).in_operation(self.operation());
            self.settle(Batch::without_body(index), Err(Arc::new(error)));
            return;
        }
        if known.is_some_and(|known| known == Checksum::of(self.filling.last_item())) {
            self.filling.drop_last(&self.template);
            self.already_sent.add(index);
            if self.already_sent.len() >= self.max_items {
                self.settle_already_sent();
            }
        } else {
            self.flush_if_full();
        }
    }

    /// Settles the items that were read and that an earlier push sent.
    pub(super) fn settle_already_sent(&mut self) {
        if !self.already_sent.is_empty() {
            let batch = std::mem::replace(&mut self.already_sent, Batch::without_bodies());
            self.settle(batch, Ok(Delivery::AlreadySent));
        }
    }

    /// Sends the batch that is being filled once it is full.
    fn flush_if_full(&mut self) {
        let bytes = self.filling.bytes(&self.template);
        if bytes > self.bulk.max_bytes
            && self.filling.len() > 1
            && let Some(next) = self.filling.split_last(&self.template)
        {
            self.flush();
            self.filling = next;
        }
        if self.filling.len() >= self.max_items {
            self.flush();
        }
    }

    /// Sends the batch that is being filled, although it is not full.
    pub(super) fn flush(&mut self) {
        if self.filling.is_empty() {
            return;
        }
        // The next batch is probably as large.
        let capacity = self.filling.bytes(&self.template);
        let next = Filling::new(&self.template, capacity + capacity / 16);
        let full = std::mem::replace(&mut self.filling, next);
        self.waiting.push_back(full.close(&self.template));
        self.start();
    }

    /// Returns true if no batch is in flight or waits.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    /// Returns true if a batch has results that were not returned yet.
    pub(super) fn has_results(&self) -> bool {
        !self.settled.is_empty()
    }

    /// Sends the batches that may be sent.
    fn start(&mut self) {
        while self.pause.is_none() && self.running.len() < self.concurrency {
            let Some(batch) = self.waiting.pop_front() else {
                return;
            };
            let mut request = (*self.request).clone();
            request.body = Some(batch.body());
            let response = execute(request);
            self.progress.requests += 1;
            self.running.push(Sending {
                batch: Some(batch),
                pending: Box::pin(async move { response.await.map(drop) }),
            });
        }
    }

    /// Lets all requests and the wait make progress.
    pub(super) fn drive(&mut self, context: &mut Context<'_>) {
        loop {
            if let Some(pause) = &mut self.pause
                && pause.as_mut().poll(context).is_ready()
            {
                self.pause = None;
            }
            self.start();
            let finished = Pin::new(&mut self.running).poll_next(context);
            if let Some(until) = self.waits.take() {
                self.report_wait(until);
            }
            match finished {
                Poll::Ready(Some((Some(batch), outcome))) => self.finished(batch, outcome),
                Poll::Ready(Some((None, _))) => {}
                Poll::Ready(None) | Poll::Pending => {
                    // A pause that has just begun must be polled, too.
                    let Some(pause) = &mut self.pause else {
                        return;
                    };
                    if pause.as_mut().poll(context).is_pending() {
                        return;
                    }
                    self.pause = None;
                }
            }
        }
    }

    /// Settles a batch, splits it, or makes it wait.
    fn finished(&mut self, mut batch: Batch, outcome: Result<(), Error>) {
        let error = match outcome {
            Ok(()) => {
                match self.record(&batch) {
                    Ok(()) => {
                        batch.forget_body();
                        self.settle(batch, Ok(Delivery::Sent));
                    }
                    Err(error) => {
                        let error = Arc::new(error.in_operation(self.operation()));
                        self.stop(&error);
                        self.settle(batch, Err(error));
                    }
                }
                return;
            }
            Err(error) => error,
        };
        if let Some(wait) = self.backoff_for(&batch, &error) {
            batch.waited = batch.waited.saturating_add(wait);
            self.waiting.push_front(batch);
            // A longer pause for another batch stays.
            if wait > self.pause_left() {
                let pause = tokio::time::sleep(wait);
                let until = pause.deadline();
                self.pause = Some(Box::pin(pause));
                self.report_wait(until);
            }
        } else if batch.len() > 1 && self.is_rejection(&error) {
            for part in self.split(&batch, &error).into_iter().rev() {
                self.waiting.push_front(part);
            }
        } else {
            self.settle(batch, Err(Arc::new(error)));
        }
    }

    /// Records in the journal that the server accepted a batch.
    fn record(&mut self, batch: &Batch) -> Result<(), Error> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        for places in batch.runs() {
            let first = batch.index(places.start).unwrap_or_default();
            let checksums = places.map(|place| Checksum::of(batch.item(place)));
            journal.record(first, checksums)?;
        }
        Ok(())
    }

    /// Stops the push, because the next one would send again what the server accepts from now on.
    fn stop(&mut self, error: &Error) {
        let unsent = Error::new(
            error.kind(),
            "nothing was sent: the journal of this push cannot be written; fix the cause that \
             another item of this push reports, and push again",
        );
        let unsent = Arc::new(unsent.in_operation(self.operation()));
        while let Some(batch) = self.waiting.pop_front() {
            self.settle(batch, Err(Arc::clone(&unsent)));
        }
        let next = Filling::new(&self.template, 0);
        let filling = std::mem::replace(&mut self.filling, next);
        if !filling.is_empty() {
            self.settle(filling.close(&self.template), Err(Arc::clone(&unsent)));
        }
        self.broken = Some(unsent);
    }

    /// Returns the wait before a batch is sent again, which also holds for all others. `None` if
    /// the error is not about a rate limit, or the batch has waited for too long.
    fn backoff_for(&self, batch: &Batch, error: &Error) -> Option<Duration> {
        let was_rejected = error.status() == Some(StatusCode::TOO_MANY_REQUESTS);
        let was_limited = error.attempts() == 0 || was_rejected;
        let policies = self
            .request
            .shared
            .policies
            .with(&self.request.options)
            .ok()?;
        let may_wait = was_limited && error.is_retryable() && policies.retry.max_attempts > 1;
        let guess = was_rejected.then(|| batch.waited.min(MAX_GUESS));
        let asked_for = error.retry_after().or(guess)?.max(MIN_WAIT);
        let wait = asked_for.max(self.pause_left());
        let waited = batch.waited.saturating_add(wait);
        (may_wait && waited <= self.max_wait).then_some(wait)
    }

    /// Returns the rest of the current pause.
    fn pause_left(&self) -> Duration {
        let end = self.pause.as_ref().map(|pause| pause.deadline());
        end.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Returns true if an error is about the items, so that some of them may succeed.
    fn is_rejection(&self, error: &Error) -> bool {
        let status = error.status().map(|status| status.as_u16());
        status.is_some_and(|it| {
            REJECTION_STATUSES.contains(&it) || self.bulk.rejection_statuses.contains(&it)
        })
    }

    /// Splits a batch: the items that the error points at alone and the others together, or else
    /// two halves.
    fn split(&self, batch: &Batch, error: &Error) -> Vec<Batch> {
        let mut named: Vec<usize> = error
            .errors()
            .iter()
            .filter_map(|error| self.place(error.source.as_ref()?.pointer.as_deref()?))
            .filter(|place| *place < batch.len())
            .collect();
        named.sort_unstable();
        named.dedup();
        let all = 0..batch.len();
        let parts: Vec<Vec<usize>> = if named.is_empty() {
            let half = batch.len().div_ceil(2);
            vec![(0..half).collect(), (half..batch.len()).collect()]
        } else {
            let others = all.filter(|place| named.binary_search(place).is_err());
            let mut parts = vec![others.collect()];
            parts.extend(named.iter().map(|place| vec![*place]));
            parts
        };
        batch.parts(&self.template, parts)
    }

    /// Returns the place of the item that a JSON pointer points into.
    fn place(&self, pointer: &str) -> Option<usize> {
        let mut segments = pointer.strip_prefix('/')?.split('/');
        for name in self.bulk.items {
            let segment = segments.next()?.replace("~1", "/").replace("~0", "~");
            if segment != *name {
                return None;
            }
        }
        segments.next()?.parse().ok()
    }

    /// Stores the outcome of a batch.
    fn settle(&mut self, batch: Batch, outcome: Result<Delivery, Arc<Error>>) {
        let count = batch.len() as u64;
        let counter = match outcome {
            Ok(Delivery::Sent) => &mut self.progress.sent,
            Ok(Delivery::AlreadySent) => &mut self.progress.already_sent,
            Err(_) => &mut self.progress.failed,
        };
        *counter += count;
        self.settled.push_back(Settled {
            batch,
            next: 0,
            outcome,
        });
        let now = Instant::now().into_std();
        self.progress.waits_until.take_if(|until| *until <= now);
        self.report();
    }

    /// Returns the result of the next item that has one.
    pub(super) fn take(&mut self) -> Option<ItemResult> {
        loop {
            let settled = self.settled.front_mut()?;
            let place = settled.next;
            settled.next += 1;
            let Some(index) = settled.batch.index(place) else {
                self.settled.pop_front();
                continue;
            };
            let result = match &settled.outcome {
                Ok(taken) => Ok(*taken),
                Err(error) => {
                    let item = settled.batch.item(place);
                    Err(PushError::new(
                        Arc::clone(error),
                        item,
                        self.bulk.identified_by,
                    ))
                }
            };
            return Some(ItemResult { index, result });
        }
    }
}
