//! The pages that were requested and are not returned yet, in the order of the list.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;

use crate::Error;
use crate::response::raw::RawResponse;

type Outcome = Result<RawResponse, Error>;
type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Requests that run at the same time, and the responses that have arrived before their turn.
#[derive(Default)]
pub(super) struct Window {
    running: FuturesUnordered<Numbered>,
    pages: VecDeque<Page>,
    /// The number of the first of `pages`. Pages are numbered in the order of their requests,
    /// including those that were cancelled.
    first: u64,
}

struct Page {
    position: i64,
    /// `None` until the response has arrived.
    outcome: Option<Outcome>,
}

/// A request and the number of its page.
struct Numbered {
    number: u64,
    pending: Pending,
}

impl Future for Numbered {
    type Output = (u64, Outcome);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = ready!(this.pending.as_mut().poll(context));
        Poll::Ready((this.number, outcome))
    }
}

impl Window {
    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Returns the position of the first page.
    pub(super) fn position(&self) -> Option<i64> {
        self.pages.front().map(|page| page.position)
    }

    /// Adds the request of the page at `position`, which the next [`drive`](Window::drive) sends.
    pub(super) fn push(&mut self, position: i64, pending: Pending) {
        let number = self.first + self.pages.len() as u64;
        self.running.push(Numbered { number, pending });
        let outcome = None;
        self.pages.push_back(Page { position, outcome });
    }

    /// Lets every request make progress.
    pub(super) fn drive(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some((number, outcome))) =
            Pin::new(&mut self.running).poll_next(context)
        {
            let place = usize::try_from(number - self.first);
            if let Some(page) = place.ok().and_then(|place| self.pages.get_mut(place)) {
                page.outcome = Some(outcome);
            }
        }
    }

    /// Returns the first page; `None` if none was requested.
    pub(super) fn poll_front(&mut self, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        self.drive(context);
        match self.pages.front_mut() {
            None => Poll::Ready(None),
            Some(page) => match page.outcome.take() {
                None => Poll::Pending,
                Some(outcome) => {
                    self.pages.pop_front();
                    self.first += 1;
                    Poll::Ready(Some(outcome))
                }
            },
        }
    }

    /// Cancels all requests.
    pub(super) fn clear(&mut self) {
        self.running = FuturesUnordered::new();
        self.first += self.pages.len() as u64;
        self.pages.clear();
    }
}
