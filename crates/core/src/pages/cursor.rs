//! The position in a list of pages: which request comes next, and when the list ends.
//!
//! The cursor does not follow `links.next` of a response. A link may be relative, may be absent
//! where pages remain, or may name other parameters than the operation has (the example of the
//! outcomes does). It would also let the server choose where the credentials go. Position and size
//! say the same.
//!
//! Prefetching guesses the position of a page: it assumes that each page has as many items as the
//! one before. Every page is compared with the position that it should have, and pages at other
//! positions are dropped. So a list reads the same with and without prefetching.

use std::collections::HashSet;
use std::fmt::{self, DebugStruct};
use std::task::{Context, Poll, ready};

use super::fingerprint::fingerprint;
use super::window::Window;
use crate::request::raw::{Place, RawRequest};
use crate::response::raw::RawResponse;
use crate::send::pipeline::execute;
use crate::{Error, PageStyle, Pagination};

/// The position in a list, and the requests of its pages.
pub(crate) struct PageCursor {
    operation: &'static str,
    /// The request of the next page; `None` once the list has ended.
    request: Option<Box<RawRequest>>,
    /// The pages that were requested and are not returned yet.
    window: Window,
    /// The number of pages to request before they are asked for.
    prefetch: usize,
    /// `None` until the first page is requested, and for an operation that does not page.
    position: Option<Position>,
    /// Whether a page has arrived.
    started: bool,
    /// The number of items that are left of the limit.
    left: usize,
    /// The fingerprints of the pages so far, 8 bytes each.
    seen: HashSet<u64>,
}

/// The position of the next page in the list.
struct Position {
    pagination: &'static Pagination,
    /// The value of the position parameter.
    value: i64,
    /// The number of items before the page; `None` if the caller begins at a page of unknown size.
    before: Option<i64>,
    /// The number of items of a full page; `None` if only the server knows.
    size: Option<i64>,
    /// The number of items of the latest page.
    count: i64,
    /// The latest total, if it tells the end of the list.
    total: Option<i64>,
    /// The number of consecutive pages at the guessed position.
    confirmed_guesses: usize,
    /// Whether a page was not at the guessed position.
    has_missed: bool,
}

impl PageCursor {
    pub(crate) fn new(first: Box<RawRequest>) -> Self {
        Self {
            operation: first.operation.id,
            request: Some(first),
            window: Window::default(),
            prefetch: 0,
            position: None,
            started: false,
            left: usize::MAX,
            seen: HashSet::new(),
        }
    }

    pub(crate) fn limit(&mut self, items: usize) {
        self.left = items;
    }

    pub(crate) fn prefetch(&mut self, pages: usize) {
        self.prefetch = pages;
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Ends the list and cancels its requests.
    pub(crate) fn finish(&mut self) {
        self.request = None;
        self.window.clear();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.window.is_empty() && (self.request.is_none() || self.left == 0)
    }

    /// Returns the next response; `None` at the end. An error ends the list.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<RawResponse, Error>>> {
        if self.window.is_empty() {
            if self.left == 0 {
                self.finish();
            }
            let Some(request) = &mut self.request else {
                return Poll::Ready(None);
            };
            if self.position.is_none() {
                self.position = Position::begin(request, self.left);
            }
            let position = self.position.as_ref().map_or(0, |position| position.value);
            self.window.push(position, execute((**request).clone()));
        }
        let outcome = ready!(self.window.poll_front(context));
        if let Some(Err(_)) = &outcome {
            self.finish();
        }
        Poll::Ready(outcome)
    }

    /// Lets the requests in flight make progress.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if !self.window.is_empty() {
            self.window.drive(context);
        }
    }

    /// Moves past a page of `count` items, and returns whether the caller gets it.
    pub(crate) fn advance(&mut self, count: usize, total: Option<i64>, body: &[u8]) -> bool {
        let is_first = !self.started;
        self.started = true;
        self.left = self.left.saturating_sub(count);
        let has_next = match &mut self.position {
            Some(position) if self.left > 0 => position.advance(count, total),
            _ => false,
        };
        let is_repeated = match &self.position {
            // A list of one page needs no fingerprint.
            Some(position) if count > 0 && (has_next || !is_first) => {
                let page = fingerprint(body, position.pagination.items);
                page.is_some_and(|page| !self.seen.insert(page))
            }
            _ => false,
        };
        match (&mut self.position, &mut self.request) {
            (Some(position), Some(request)) if has_next && !is_repeated => {
                let guessed = self.window.position();
                position.record_guess(guessed.is_none_or(|guessed| guessed == position.value));
                if guessed.is_some_and(|guessed| guessed != position.value) {
                    self.window.clear();
                }
                request.set(Place::Query, position.pagination.position, &position.value);
            }
            _ => self.finish(),
        }
        is_first || (count > 0 && !is_repeated)
    }

    /// Requests pages before the caller asks for them.
    pub(crate) fn prefetch_pages(&mut self, context: &mut Context<'_>) {
        let (Some(position), Some(request)) = (&self.position, &self.request) else {
            return;
        };
        let room = self.prefetch.min(position.max_prefetch());
        while self.window.len() < room {
            let Some(ahead) = position.position_after(self.window.len(), self.left) else {
                break;
            };
            let mut request = request.clone();
            request.set(Place::Query, position.pagination.position, &ahead);
            self.window.push(ahead, execute(*request));
        }
        self.drive(context);
    }

    /// Adds the fields that `Debug` shows.
    pub(crate) fn describe(&self, shown: &mut DebugStruct<'_, '_>) -> fmt::Result {
        let position = self.position.as_ref().map(|position| position.value);
        shown
            .field("operation", &self.operation)
            .field("position", &position)
            .field("in_flight_or_ahead", &self.window.len())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl Position {
    /// Returns the first position of a list of which at most `left` items are read.
    fn begin(request: &mut RawRequest, left: usize) -> Option<Self> {
        let pagination = request.operation.pagination?;
        let first = match pagination.style {
            PageStyle::Offset => 0,
            PageStyle::Page { first } => first,
        };
        let argument = |name: &str| {
            let mut arguments = request.plain(Place::Query);
            let (_, value) = arguments.find(|(known, _)| *known == name)?;
            Some(value.parse::<i64>().ok())
        };
        let position = argument(pagination.position);
        let size = match (argument(pagination.size), pagination.max_size) {
            // A server may silently shorten a page that is larger than it allows.
            (Some(own), maximum) => own.map(|own| own.min(maximum.unwrap_or(own))),
            (None, Some(maximum)) => {
                let size = maximum.min(i64::try_from(left).unwrap_or(maximum));
                request.set(Place::Query, pagination.size, &size);
                Some(size)
            }
            (None, None) => None,
        };
        let size = size.filter(|size| *size > 0);
        let position = position.flatten().unwrap_or(first).max(first);
        let before = match pagination.style {
            PageStyle::Offset => Some(position),
            PageStyle::Page { .. } if position == first => Some(0),
            PageStyle::Page { .. } => {
                size.and_then(|size| position.checked_sub(first)?.checked_mul(size))
            }
        };
        Some(Self {
            pagination,
            value: position,
            before,
            size,
            count: 0,
            total: None,
            confirmed_guesses: 0,
            has_missed: false,
        })
    }

    /// Moves past a page of `count` items, and returns whether items may remain.
    fn advance(&mut self, count: usize, total: Option<i64>) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.count = count;
        self.before = self.before.and_then(|before| before.checked_add(count));
        let step = match self.pagination.style {
            PageStyle::Offset => count,
            PageStyle::Page { .. } => 1,
        };
        let Some(position) = self.value.checked_add(step) else {
            return false;
        };
        self.value = position;
        // A total below the number of items of this page is wrong.
        let total = total.filter(|total| *total >= count);
        self.total = total.filter(|_| self.before.is_some());
        let remains = match (total, self.before) {
            (Some(total), Some(before)) => before < total,
            _ => self.size.is_none_or(|size| count >= size),
        };
        count > 0 && remains
    }

    /// Records whether the guess of the next position was right.
    fn record_guess(&mut self, was_right: bool) {
        if was_right {
            self.confirmed_guesses = self.confirmed_guesses.saturating_add(1);
        } else {
            self.confirmed_guesses = 1;
            self.has_missed = true;
        }
    }

    /// Returns the number of pages that may be requested ahead: any number with a total that was
    /// right so far, because none is past the end, and otherwise no more than have arrived.
    fn max_prefetch(&self) -> usize {
        match self.total {
            Some(_) if !self.has_missed => usize::MAX,
            _ => self.confirmed_guesses,
        }
    }

    /// Returns the position of the page `pages` after the next one, if it is known and the limit of
    /// `left` items reaches it.
    fn position_after(&self, pages: usize, left: usize) -> Option<i64> {
        if pages == 0 {
            return Some(self.value);
        }
        let pages = i64::try_from(pages).ok()?;
        let items = self.count.checked_mul(pages)?;
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        if items >= left {
            return None;
        }
        if let (Some(total), Some(before)) = (self.total, self.before)
            && before.checked_add(items)? >= total
        {
            return None;
        }
        match self.pagination.style {
            // Without size and total, any page may be the last, and the next may begin anywhere.
            PageStyle::Offset if self.size.is_none() && self.total.is_none() => None,
            PageStyle::Offset => self.value.checked_add(items),
            PageStyle::Page { .. } => self.value.checked_add(pages),
        }
    }
}
