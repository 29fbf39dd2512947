//! Any number of items sent in as many requests as they take.
//!
//! An operation that takes a list takes only so much of it in one request. How its list stands in the
//! body and how much goes in is data ([`Bulk`]); the items become JSON text in the program that has
//! them, and everything else stands in `bulk/engine.rs`, which is not generic and so compiled once.

mod batch;
mod engine;
mod feed;
mod journal;
mod template;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::{FusedStream, Stream};
use serde::Serialize;
use serde_json::Value;

pub use feed::{Feed, Iterated, Iterating, Streamed};

use crate::request::encode::one_line;
use crate::{CallOptions, Error, Request};
use engine::Engine;

/// How many requests of a push are on their way at once unless it is told otherwise.
const USUAL_CONCURRENCY: usize = 4;

/// How long a batch is held back for rate limits altogether unless the push is told otherwise.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The longest value of a member that the name of an item repeats, in characters.
const LONGEST_NAME: usize = 100;

/// The list of items in the request body of an operation.
///
/// It is for operations that apply all items of a request or, with a status code that says so, none:
/// [`Push`] retries parts of a rejected request.
///
/// ```
/// use scorekit_core::Bulk;
///
/// static ORDERS: Bulk = Bulk::new(&["data", "orders"], 100, 1024 * 1024)
///     .refusals(&[409])
///     .named_by(&["number"]);
/// # let _ = &ORDERS;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Bulk {
    /// The path to the items in the body: a property of it, a property of that, and so on.
    pub items: &'static [&'static str],
    /// The largest number of items in a request.
    pub maximum_items: usize,
    /// The largest size of a request body in bytes. An item that is larger is sent alone.
    pub maximum_bytes: usize,
    /// More status codes for a rejected request; see [`refusals`](Self::refusals()).
    pub refusals: &'static [u16],
    /// The properties that identify an item; see [`named_by`](Self::named_by()).
    pub named_by: &'static [&'static str],
}

impl Bulk {
    /// Creates a description of the list at the path `items` of the body.
    pub const fn new(
        items: &'static [&'static str],
        maximum_items: usize,
        maximum_bytes: usize,
    ) -> Self {
        Self {
            items,
            maximum_items,
            maximum_bytes,
            refusals: &[],
            named_by: &[],
        }
    }

    /// Sets the status codes besides 400, 413 and 422 with which the server rejects a whole request
    /// because of some of its items.
    #[must_use]
    pub const fn refusals(mut self, status_codes: &'static [u16]) -> Self {
        self.refusals = status_codes;
        self
    }

    /// Sets the properties that identify an item in messages.
    #[must_use]
    pub const fn named_by(mut self, properties: &'static [&'static str]) -> Self {
        self.named_by = properties;
        self
    }
}

impl<T> Request<T> {
    /// Sends `items` with as many requests like this one as they take; see [`Push`]. The list of
    /// this request's body has to be empty.
    pub fn push<'a, How, F>(self, bulk: &'static Bulk, items: F) -> Push<'a>
    where
        F: Feed<How>,
        F::Item: Serialize,
        F::Stream: Send + 'a,
    {
        let mut items = Box::pin(items.into_feed());
        Push {
            engine: Engine::new(self.call, bulk),
            source: Some(Box::new(move |context, engine| {
                items.as_mut().poll_next(context).map(|item| match item {
                    None => false,
                    Some(item) => {
                        engine.add(|body| serde_json::to_writer(body, &item));
                        true
                    }
                })
            })),
        }
    }
}

/// Takes the next item to the engine; `false` at the end.
type Source<'a> = Box<dyn FnMut(&mut Context<'_>, &mut Engine) -> Poll<bool> + Send + 'a>;

/// Items on their way to a server, as a stream with one result for each.
///
/// Made by the `push` of a generated request, by the methods of its resource that say so, or by
/// [`Request::push`]. It is a [`Stream`], so that the adapters of `futures` work on it, and has a
/// [`next`](Push::next) of its own, so that none is needed. Nothing happens until it is polled.
///
/// **What comes out.** For each item that went in one [`Pushed`], in the order of completion, with the
/// item's index: nothing is lost and nothing reported twice. One failure ends neither the stream nor
/// the sending.
///
/// **What goes out.** Items are read when there is room for them, and put into batches: as many as the
/// document or [`batch`](Push::batch) allows, and no more bytes. The last one may be smaller, and so is
/// one that waits for a stream that has nothing ready while nothing is under way. Up to
/// [`concurrency`](Push::concurrency) batches are on their way at once, each a call with the limits
/// and retries of any other, so within the rate limits that the server tells. Two batches may arrive
/// in any order: do not name one thing twice in one push.
///
/// **What becomes of a refused batch.** Where the server refuses a batch for what is in it (400, 413,
/// 422, and what the document says), its items go again in smaller ones: those that the answer points
/// at each alone and the others together, or else one half and the other, until the culprit stands
/// alone and the rest has gone through. That takes no more than two requests per item of the batch.
/// An error that is not about items (a status such as 401, 403 or 503, no connection, a timeout) is
/// the result of every item of the batch.
///
/// **What happens at a limit.** Where a rate limit is used up for longer than a call waits by itself,
/// everything that is to be sent waits until the server takes requests again, an hour for each batch
/// unless [`longest_wait`](Push::longest_wait) says otherwise. Where the server refuses for the rate
/// (429) and says no time, the waits begin with a second and grow to a minute.
///
/// **What it costs.** Memory for twice as many batches as may be on their way at once, however long the
/// input is, and some forty bytes for each batch that a [`journal`](Push::journal) has of earlier
/// pushes. All of it happens while the stream is polled, and nothing in the background: dropping it
/// abandons what is on its way, of which nobody knows then what the server took.
///
/// ```no_run
/// # use scorekit_core::{Error, Push};
/// # async fn example(push: Push<'_>) -> Result<(), Error> {
/// let mut push = push.concurrency(8).journal("outcomes.journal")?;
/// while let Some(pushed) = push.next().await {
///     if let Err(error) = pushed.result {
///         eprintln!("item {}: {error}", pushed.index);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a push sends nothing until it is polled"]
pub struct Push<'a> {
    engine: Engine,
    /// `None` once it has ended.
    source: Option<Source<'a>>,
}

impl Push<'_> {
    /// How many requests are on their way at once; 4 unless set. Zero counts as one.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.engine.concurrency = requests.max(1);
        self
    }

    /// How many items a request holds at the most, in place of what the document says. Zero counts
    /// as one.
    pub fn batch(mut self, items: usize) -> Self {
        self.engine.most_items = items.max(1);
        self
    }

    /// How long a batch may be held back for used up rate limits altogether; an hour unless set.
    /// Then its items fail with what the last call says.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.engine.longest_wait = wait;
        self
    }

    /// Sets time limits, retries and the like for each request; whatever is not set is the request's
    /// own or the client's.
    pub fn with(mut self, options: CallOptions) -> Self {
        self.engine.options(options);
        self
    }

    /// Has `tell` called whenever a batch is settled, for example to move a progress bar. It should
    /// return soon, for the push waits for it.
    pub fn on_progress(mut self, tell: impl FnMut(&Progress) + Send + 'static) -> Self {
        self.engine.on_progress = Some(Box::new(tell));
        self
    }

    /// Keeps a journal at `path` of what was acknowledged, so that the next push of the same items
    /// sends only the rest: what failed, and what was never sent or never answered.
    ///
    /// The file is begun if it is not there, and only ever added to, a line per batch as soon as its
    /// answer has come; a last line that broke off is removed, as are zeros at the end. What an earlier
    /// push got through comes out as [`Taken::Earlier`].
    ///
    /// Items are known by their index and a checksum of their JSON text: hand in the same items in the
    /// same order. Where that is not so, the items concerned are sent again. (A `HashMap` in an item
    /// writes its members in another order each time; a `BTreeMap` does not.)
    ///
    /// **One file per organization.** A journal belongs to one operation, server, body and set of
    /// arguments, and to one push at a time. Default headers such as
    /// [`dcycle_organization`](crate::Credentials::dcycle_organization) are arguments where the
    /// operation takes them. Keys and tokens are not, for they are replaced from time to time, nor is
    /// anything that a [`CredentialProvider`](crate::CredentialProvider) says: of two organizations
    /// that differ in these alone, the second would have items left out that only the first was sent.
    ///
    /// After a crash of the program, however sudden, only what was on its way is sent again. After a
    /// crash of the machine, the last lines may be missing, and then their items are sent again, too.
    /// If the journal cannot be written any more, the items concerned fail with
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal), and the push sends nothing more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) where the file cannot be opened,
    /// is no journal, is the journal of another push, or was written by a version that wrote it otherwise.
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal) where another push uses it, in this program or
    /// in another one; file systems without locks cannot tell.
    pub fn journal(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.engine.open_journal(path.as_ref())?;
        Ok(self)
    }

    /// How far the push is.
    pub fn progress(&self) -> Progress {
        self.engine.progress
    }

    /// The next result; `None` when every item has had its own.
    ///
    /// Nothing is lost when the future is dropped: the next one goes on waiting.
    pub async fn next(&mut self) -> Option<Pushed> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Pushes everything and gives back what failed, in the order in which it did, with how much did
    /// not. Only what failed is kept in memory.
    pub async fn finish(mut self) -> PushReport {
        let mut failures = Vec::new();
        while let Some(pushed) = self.next().await {
            if let Err(error) = pushed.result {
                failures.push((pushed.index, error));
            }
        }
        PushReport {
            progress: self.progress(),
            failures,
        }
    }
}

impl Stream for Push<'_> {
    type Item = Pushed;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Pushed>> {
        let this = self.get_mut();
        let engine = &mut this.engine;
        loop {
            engine.drive(context);
            while let Some(source) = &mut this.source
                && engine.has_room()
            {
                match source(context, engine) {
                    Poll::Ready(true) => {}
                    Poll::Ready(false) => {
                        this.source = None;
                        engine.flush();
                    }
                    Poll::Pending => {
                        if engine.is_idle() {
                            engine.flush();
                        }
                        break;
                    }
                }
            }
            engine.settle_earlier();
            if let Some(pushed) = engine.take() {
                return Poll::Ready(Some(pushed));
            }
            // What was started just now has not been polled yet.
            engine.drive(context);
            if !engine.has_results() {
                return match &this.source {
                    None if engine.is_idle() => Poll::Ready(None),
                    _ => Poll::Pending,
                };
            }
        }
    }
}

impl FusedStream for Push<'_> {
    fn is_terminated(&self) -> bool {
        self.source.is_none() && self.engine.is_idle() && !self.engine.has_results()
    }
}

impl fmt::Debug for Push<'_> {
    /// Shows the operation and the progress, never an item or a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Push")
            .field("operation", &self.engine.operation())
            .field("progress", &self.engine.progress)
            .finish_non_exhaustive()
    }
}

/// What became of one item of a [`Push`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pushed {
    /// Its place in the input, from 0.
    pub index: u64,
    /// Whether the server took it.
    pub result: Result<Taken, PushError>,
}

/// When the server took an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Taken {
    /// During this push.
    Now,
    /// During an earlier one, by its journal.
    Earlier,
}

/// How far a [`Push`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many items have been read.
    pub read: u64,
    /// How many of them the server took.
    pub taken: u64,
    /// How many of them the server took during an earlier push.
    pub earlier: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many calls have been made; the retries of a call count with it.
    pub requests: u64,
}

/// What became of a [`Push`] as a whole.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PushReport {
    /// How many items there were, and what became of them.
    pub progress: Progress,
    /// The index of each item that failed, and why.
    pub failures: Vec<(u64, PushError)>,
}

/// Why an item was not taken, and which one it is.
///
/// `Display` is one line: what names the item, and the error of the call. Items that failed together
/// share that error.
#[derive(Clone)]
pub struct PushError(Box<Refused>);

#[derive(Clone)]
struct Refused {
    error: Arc<Error>,
    item: String,
    named_by: &'static [&'static str],
}

impl PushError {
    fn new(error: Arc<Error>, item: &[u8], named_by: &'static [&'static str]) -> Self {
        let item = String::from_utf8_lossy(item).into_owned();
        Self(Box::new(Refused {
            error,
            item,
            named_by,
        }))
    }

    /// The error of the call that the item went with last.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The JSON text of the item; empty where it was never written, because it cannot be or because
    /// nothing is sent any more.
    pub fn item(&self) -> &str {
        &self.0.item
    }

    /// What tells the item from others, such as `rule_id: "r-1", entity_reference: "service:web"`.
    /// Empty where nothing does.
    pub fn name(&self) -> String {
        let Ok(item) = serde_json::from_str::<Value>(self.item()) else {
            return String::new();
        };
        let text = |value: &Value| one_line(&value.to_string(), LONGEST_NAME);
        if self.0.named_by.is_empty() && !item.is_object() {
            return text(&item);
        }
        let named = |name: &&str| Some(format!("{name}: {}", text(item.get(*name)?)));
        let names: Vec<String> = self.0.named_by.iter().filter_map(named).collect();
        names.join(", ")
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        if !name.is_empty() {
            write!(formatter, "{name}: ")?;
        }
        self.0.error.fmt(formatter)
    }
}

impl fmt::Debug for PushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushError")
            .field("item", &self.item())
            .field("error", self.error())
            .finish()
    }
}

impl std::error::Error for PushError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0.error)
    }
}
