//! What happens to batches: filled, sent side by side, split, held back, settled.
//!
//! Nothing here knows the type of an item, only its JSON text, so that all of it is compiled once.

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
use super::journal::{Checksum, Journal};
use super::template::Template;
use super::{Bulk, Progress, PushError, Pushed, Taken};
use crate::request::raw::Call;
use crate::{CallOptions, Error, StatusCode};

/// Who is told of the progress.
pub(super) type Told = Box<dyn FnMut(&Progress) + Send>;

type Pending = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Statuses that always say that a request is refused for what is in it: malformed, too large, not
/// to be worked on ([RFC 9110, section 15.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.5)).
const REFUSALS: [u16; 3] = [400, 413, 422];

/// How long a batch is held back at the least. Where a server says no time, it begins with this and
/// then waits as long as it has waited so far, up to [`LONGEST_GUESS`].
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// How long a batch is held back at a time at the most where a server says no time.
const LONGEST_GUESS: Duration = Duration::from_secs(60);

pub(super) struct Engine {
    pub(super) bulk: &'static Bulk,
    call: Box<Call>,
    template: Template,
    /// What every item fails with: the request is wrong, or the journal broke.
    broken: Option<Arc<Error>>,
    pub(super) most_items: usize,
    pub(super) concurrency: usize,
    pub(super) longest_wait: Duration,
    journal: Option<Journal>,
    /// Items that an earlier push got through and that have not been settled yet.
    earlier: Batch,
    filling: Filling,
    /// To be sent before anything new is read.
    waiting: VecDeque<Batch>,
    running: FuturesUnordered<Sending>,
    /// Nothing is sent before this is over.
    pause: Option<Pin<Box<Sleep>>>,
    settled: VecDeque<Settled>,
    pub(super) progress: Progress,
    pub(super) on_progress: Option<Told>,
}

/// A batch on its way.
struct Sending {
    batch: Option<Batch>,
    pending: Pending,
}

/// A batch whose items are to be handed out.
struct Settled {
    batch: Batch,
    /// The place of the next one.
    next: usize,
    outcome: Result<Taken, Arc<Error>>,
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
    pub(super) fn new(mut call: Box<Call>, bulk: &'static Bulk) -> Self {
        let body = call.body.take();
        let body = body.as_deref().unwrap_or(b"null");
        let (template, broken) = match Template::new(body, bulk.items) {
            Ok(template) => (template, None),
            Err(problem) => {
                let error = Error::invalid_request(problem).in_operation(call.operation.id);
                (Template::default(), Some(Arc::new(error)))
            }
        };
        Self {
            bulk,
            call,
            filling: Filling::new(&template, 0),
            template,
            broken,
            most_items: bulk.maximum_items.max(1),
            concurrency: super::USUAL_CONCURRENCY,
            longest_wait: super::LONGEST_WAIT,
            journal: None,
            earlier: Batch::without_bodies(),
            waiting: VecDeque::new(),
            running: FuturesUnordered::new(),
            pause: None,
            settled: VecDeque::new(),
            progress: Progress::default(),
            on_progress: None,
        }
    }

    pub(super) fn operation(&self) -> &'static str {
        self.call.operation.id
    }

    pub(super) fn options(&mut self, options: CallOptions) {
        let earlier = std::mem::take(&mut self.call.options);
        self.call.options = options.or(earlier);
    }

    pub(super) fn open_journal(&mut self, path: &std::path::Path) -> Result<(), Error> {
        let mut checksum = Checksum::new();
        let operation = self.call.operation;
        let server = self.call.shared.address(operation.server)?;
        checksum.add(server.as_str().as_bytes());
        checksum.add(&self.template.before);
        checksum.add(&self.template.after);
        self.call.identify(|text| checksum.add(text));
        // One that it has already gives its file free.
        self.journal = None;
        self.journal = Some(Journal::open(path, operation.id, checksum.value())?);
        Ok(())
    }

    /// Has a journal that cannot be written.
    #[cfg(test)]
    pub(super) fn break_journal(&mut self) {
        self.journal = Some(Journal::broken());
    }

    /// Whether another item may be read: nothing waits to be sent, and what has been sent and what
    /// has been settled leave room.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.is_empty()
            && self.pause.is_none()
            && self.running.len() < self.concurrency
            && self.running.len() + self.settled.len() < self.concurrency.saturating_mul(2)
    }

    /// Takes the next item, which `write` writes.
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
            self.earlier.add(index);
            if self.earlier.len() >= self.most_items {
                self.settle_earlier();
            }
        } else {
            self.fit();
        }
    }

    /// Settles the items that an earlier push got through and that have been read.
    pub(super) fn settle_earlier(&mut self) {
        if !self.earlier.is_empty() {
            let earlier = std::mem::replace(&mut self.earlier, Batch::without_bodies());
            self.settle(earlier, Ok(Taken::Earlier));
        }
    }

    /// Sends the batch that is being filled once it is full.
    fn fit(&mut self) {
        let bytes = self.filling.bytes(&self.template);
        if bytes > self.bulk.maximum_bytes
            && self.filling.len() > 1
            && let Some(next) = self.filling.split_last(&self.template)
        {
            self.flush();
            self.filling = next;
        }
        if self.filling.len() >= self.most_items {
            self.flush();
        }
    }

    /// Closes the batch that is being filled, so that it is sent although it is not full.
    pub(super) fn flush(&mut self) {
        if self.filling.is_empty() {
            return;
        }
        // The next one is most likely as large.
        let capacity = self.filling.bytes(&self.template);
        let next = Filling::new(&self.template, capacity + capacity / 16);
        let full = std::mem::replace(&mut self.filling, next);
        self.waiting.push_back(full.close(&self.template));
        self.start();
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    /// Whether a batch has been settled whose items have not all been handed out.
    pub(super) fn has_results(&self) -> bool {
        !self.settled.is_empty()
    }

    /// Sends what may be sent.
    fn start(&mut self) {
        while self.pause.is_none() && self.running.len() < self.concurrency {
            let Some(batch) = self.waiting.pop_front() else {
                return;
            };
            let mut call = (*self.call).clone();
            call.body = Some(batch.body());
            let answer = call.execute();
            self.progress.requests += 1;
            self.running.push(Sending {
                batch: Some(batch),
                pending: Box::pin(async move { answer.await.map(drop) }),
            });
        }
    }

    /// Lets everything go on as far as it can.
    pub(super) fn drive(&mut self, context: &mut Context<'_>) {
        loop {
            if let Some(pause) = &mut self.pause
                && pause.as_mut().poll(context).is_ready()
            {
                self.pause = None;
            }
            self.start();
            match Pin::new(&mut self.running).poll_next(context) {
                Poll::Ready(Some((Some(batch), outcome))) => self.finished(batch, outcome),
                Poll::Ready(Some((None, _))) => {}
                Poll::Ready(None) | Poll::Pending => {
                    // A pause that has just begun has to be polled, too.
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

    fn finished(&mut self, mut batch: Batch, outcome: Result<(), Error>) {
        let error = match outcome {
            Ok(()) => {
                match self.record(&batch) {
                    Ok(()) => {
                        batch.forget_body();
                        self.settle(batch, Ok(Taken::Now));
                    }
                    Err(error) => {
                        let error = Arc::new(error.in_operation(self.operation()));
                        self.break_off(&error);
                        self.settle(batch, Err(error));
                    }
                }
                return;
            }
            Err(error) => error,
        };
        if let Some(wait) = self.hold_back(&batch, &error) {
            batch.waited = batch.waited.saturating_add(wait);
            self.waiting.push_front(batch);
            // What another batch has asked for lasts at least as long where it is the longer one.
            if wait > self.pause_left() {
                self.pause = Some(Box::pin(tokio::time::sleep(wait)));
            }
        } else if batch.len() > 1 && self.is_refusal(&error) {
            for part in self.split(&batch, &error).into_iter().rev() {
                self.waiting.push_front(part);
            }
        } else {
            self.settle(batch, Err(Arc::new(error)));
        }
    }

    /// Writes into the journal that a batch was acknowledged.
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

    /// Sends nothing more: what the server takes from now on would be sent again next time.
    fn break_off(&mut self, error: &Error) {
        let unsent = Error::new(
            error.kind(),
            "nothing was sent, for the journal of this push cannot be written any more",
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

    /// How long to hold a batch back, and all others with it: where a rate limit is used up for
    /// longer than a call waits by itself, the end of the push moves, and that is all.
    fn hold_back(&self, batch: &Batch, error: &Error) -> Option<Duration> {
        let was_refused = error.status() == Some(StatusCode::TOO_MANY_REQUESTS);
        let was_limited = error.attempts() == 0 || was_refused;
        let policies = self.call.shared.policies.with(&self.call.options).ok()?;
        let may_wait = was_limited && error.is_retryable() && policies.retry.max_attempts > 1;
        let guess = was_refused.then(|| batch.waited.min(LONGEST_GUESS));
        let asked_for = error.retry_after().or(guess)?.max(SHORTEST_WAIT);
        let wait = asked_for.max(self.pause_left());
        let waited = batch.waited.saturating_add(wait);
        (may_wait && waited <= self.longest_wait).then_some(wait)
    }

    /// How long nothing is sent anyway.
    fn pause_left(&self) -> Duration {
        let end = self.pause.as_ref().map(|pause| pause.deadline());
        end.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Whether an error is about what is in the request, so that part of it may succeed.
    fn is_refusal(&self, error: &Error) -> bool {
        let status = error.status().map(|status| status.as_u16());
        status.is_some_and(|it| REFUSALS.contains(&it) || self.bulk.refusals.contains(&it))
    }

    /// Smaller batches of the same items: those that the server names each alone and the others
    /// together, or else two halves.
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

    /// The place of the item that a JSON pointer leads into.
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

    fn settle(&mut self, batch: Batch, outcome: Result<Taken, Arc<Error>>) {
        let count = batch.len() as u64;
        let counter = match outcome {
            Ok(Taken::Now) => &mut self.progress.taken,
            Ok(Taken::Earlier) => &mut self.progress.earlier,
            Err(_) => &mut self.progress.failed,
        };
        *counter += count;
        self.settled.push_back(Settled {
            batch,
            next: 0,
            outcome,
        });
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(&self.progress);
        }
    }

    /// The result of the next item that has one.
    pub(super) fn take(&mut self) -> Option<Pushed> {
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
                    Err(PushError::new(Arc::clone(error), item, self.bulk.named_by))
                }
            };
            return Some(Pushed { index, result });
        }
    }
}
