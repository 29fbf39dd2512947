//! Sends any number of items in as many requests as they need.
//!
//! An operation that takes a list limits how much of it one request takes. [`Bulk`] is data that
//! describes the list and the limits. Items become JSON text in the caller's code, and
//! `bulk/engine.rs` does everything else. It is not generic, so it is compiled once.

mod batch;
mod descriptor;
mod engine;
mod into_items;
mod journal;
mod request;
mod result;
mod template;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::{FusedStream, Stream};
use serde::Serialize;

pub use descriptor::Bulk;
pub use into_items::{IntoItems, IterStream, IteratorKind, StreamKind};
pub use journal::Journal;
pub use result::{Delivery, ItemResult, Progress, PushError, PushReport};

use crate::request::raw::RawRequest;
use crate::{CallOptions, Error};
use engine::Engine;

/// A function that passes the next item to the engine, and returns `false` at the end.
type Source<'a> = Box<dyn FnMut(&mut Context<'_>, &mut Engine) -> Poll<bool> + Send + 'a>;

/// A push: items that are sent to a server, as a stream with one result for each.
///
/// The `push` method of a generated request, the bulk methods of resources and
/// [`Request::push`](crate::Request::push) create it. It is a [`Stream`], so the adapters of
/// `futures` work on it, and has a [`next`](Push::next) of its own, so that none is needed. It does
/// nothing until it is polled.
///
/// **Results.** Each item has exactly one [`ItemResult`] with its index, in the order of
/// completion. An error ends neither the stream nor the sending.
///
/// **Batches.** The push reads items when it has room for them and puts them into batches. A batch
/// has at most as many items as the document or [`batch_size`](Push::batch_size) allows, and no
/// more bytes than the document allows. It may be smaller at the end, or while a stream has no item
/// ready and nothing is in flight. Up to [`concurrency`](Push::concurrency) batches are sent at
/// once, each as a call with the limits and retries of any other. Batches may arrive in any order,
/// so do not send two versions of one thing in one push.
///
/// **Rejected batches.** If the server rejects a batch because of its items (400, 413, 422, and the
/// statuses of the document), the push splits it. Items that the response points at are sent alone
/// and the others together, or else the batch is halved, until only the rejected items fail. That
/// takes at most two requests per item. Any other error (such as 401, 403, 503, a failed connection
/// or a timeout) is the result of every item of the batch.
///
/// **Rate limits.** If a rate limit is used up for longer than a call waits, all batches wait until
/// the server accepts requests again. A batch waits at most an hour, or
/// [`max_wait`](Push::max_wait). If a 429 has no time, the waits begin with a second and grow to a
/// minute. When a wait begins, [`on_progress`](Push::on_progress) is called, and
/// [`Progress::waits_until`] has its end.
///
/// **Cost.** Memory for twice as many batches as are sent at once, independently of the number of
/// items. Each batch in the [`journal`](Push::journal) of earlier pushes takes some forty bytes.
/// Nothing runs in the background: dropping the stream cancels the requests in flight, which the
/// server may still process.
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
#[doc(alias = "upload")]
#[doc(alias = "batch")]
pub struct Push<'a> {
    engine: Engine,
    /// `None` once it has ended.
    source: Option<Source<'a>>,
}

impl<'a> Push<'a> {
    pub(crate) fn new<Kind, I>(request: Box<RawRequest>, bulk: &'static Bulk, items: I) -> Self
    where
        I: IntoItems<Kind>,
        I::Item: Serialize,
        I::Stream: Send + 'a,
    {
        let mut items = Box::pin(items.into_items());
        Self {
            engine: Engine::new(request, bulk),
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

    /// Sets the number of requests in flight; 4 by default. Zero counts as one.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.engine.concurrency = requests.max(1);
        self
    }

    /// Sets the maximum number of items in a request; by default, that of the document. Zero counts
    /// as one.
    pub fn batch_size(mut self, items: usize) -> Self {
        self.engine.max_items = items.max(1);
        self
    }

    /// Sets the total time that a batch waits for rate limits; an hour by default. After that, its
    /// items fail with the error of the last call.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.engine.max_wait = wait;
        self
    }

    /// Sets time limits, retries and other options of each request. The options of the request and
    /// of the client fill in the rest.
    pub fn with(mut self, options: CallOptions) -> Self {
        self.engine.options(options);
        self
    }

    /// Adds a query parameter to each request that the API document does not list. See
    /// [`Request::query_unchecked`](crate::Request::query_unchecked).
    ///
    /// A [`journal`](Push::journal) knows a push by its parameters, headers and body, so call this
    /// before. Otherwise all items fail.
    pub fn query_unchecked(mut self, name: &str, value: impl Display) -> Self {
        self.engine
            .change_request(|request| request.add_unchecked_query(name, &value));
        self
    }

    /// Sets a header of each request that the API document does not list. See
    /// [`Request::header_unchecked`](crate::Request::header_unchecked). Call it before
    /// [`journal`](Push::journal).
    pub fn header_unchecked(mut self, name: &str, value: impl Display) -> Self {
        self.engine
            .change_request(|request| request.set_unchecked_header(name, &value));
        self
    }

    /// Sets a property of the body of each request, around the items, that the API document does
    /// not list. See [`Request::body_unchecked`](crate::Request::body_unchecked). Call it before
    /// [`journal`](Push::journal).
    ///
    /// All items fail if it cannot be set, or if it leads into the list of the items.
    pub fn body_unchecked<V: Serialize + ?Sized>(mut self, place: &str, value: &V) -> Self {
        self.engine
            .change_request(|request| request.set_unchecked_property(place, value));
        self
    }

    /// Sets a function that is called after each batch and when a wait for a rate limit begins, for
    /// example to update a progress bar. The push waits until it returns.
    pub fn on_progress(mut self, callback: impl FnMut(&Progress) + Send + 'static) -> Self {
        self.engine.on_progress = Some(Box::new(callback));
        self
    }

    /// Keeps a journal of the items that the server accepted. If the push is interrupted, the next
    /// push of the same items sends only the rest.
    ///
    /// **It ends with the run.** When the input has ended and the caller has the result of every
    /// item, the run is over. The next push with this file sends everything again, as a nightly job
    /// should. [`Journal::only_failed`] sends only the items that failed, and [`Journal::run`]
    /// names the run, so that tonight's job does not resume last night's.
    ///
    /// The file is created if it does not exist. Each batch appends a line when its response
    /// arrives. A last line without an end is removed, as are zeros at the end. Items that the
    /// interrupted push sent have the result [`Delivery::AlreadySent`].
    ///
    /// The journal knows items by their index and a checksum of their JSON text, so pass the same
    /// items in the same order. Other items are sent again. (A `HashMap` in an item writes its
    /// entries in another order each time; a `BTreeMap` does not.)
    ///
    /// **One file per organization.** A journal belongs to one operation, server, body and set of
    /// arguments, and to one push at a time. Default headers such as
    /// [`dcycle_organization`](crate::Credentials::dcycle_organization) count as arguments if the
    /// operation takes them. Keys and tokens do not, because they change, nor does anything of a
    /// [`CredentialProvider`](crate::CredentialProvider). If two organizations differ in these
    /// alone, the second push leaves out items that only the first organization has.
    ///
    /// After a crash of the program, only the requests in flight are sent again. After a crash of
    /// the machine, the last lines may be missing, and their items are sent again, too. If the
    /// journal cannot be written, the items fail with
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal), and the push sends nothing more.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the file cannot be
    /// opened or is not a regular file. Also returns it if the file is not a journal, is that of
    /// another push, or has the format of another version. Returns
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal) if another push uses it, in this program
    /// or another one, and the file system has locks.
    pub fn journal(mut self, journal: impl Into<Journal>) -> Result<Self, Error> {
        self.engine.open_journal(&journal.into())?;
        Ok(self)
    }

    /// Returns the progress of the push.
    pub fn progress(&self) -> Progress {
        self.engine.progress
    }

    /// Returns the next result; `None` after the results of all items.
    ///
    /// Dropping the future loses nothing: the next call continues to wait.
    pub async fn next(&mut self) -> Option<ItemResult> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Sends all items, and returns the errors in the order of completion with the final progress.
    /// Only the items that failed are kept in memory.
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
    type Item = ItemResult;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ItemResult>> {
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
            engine.settle_already_sent();
            if let Some(pushed) = engine.take() {
                // A caller that counts the results does not ask once more.
                if this.source.is_none() {
                    engine.end_run();
                }
                return Poll::Ready(Some(pushed));
            }
            // The requests that were just started have not been polled yet.
            engine.drive(context);
            if !engine.has_results() {
                if this.source.is_none() && engine.is_idle() {
                    engine.end_run();
                    return Poll::Ready(None);
                }
                return Poll::Pending;
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
