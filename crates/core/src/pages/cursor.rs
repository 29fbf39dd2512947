//! The requests of a list: which comes next, and when the list ends.
//!
//! The cursor does not follow a link of a response. It would let the server choose where the
//! credentials go. Where positions are numbers, a link only says that a page follows. Where the
//! document describes nothing else, the values of the operation's parameters are taken from it.
//!
//! Prefetching guesses the position of a page: it assumes that each page has as many items as the
//! one before. Every page is compared with the position that it should have, and pages at other
//! positions are dropped. So a list reads the same with and without prefetching.

use std::fmt::{self, DebugStruct};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::identity::{Novelty, Seen};
use super::page::{Page, is_null};
use super::position::{End, Position, apply, header_link};
use super::window::Window;
use crate::auth::credentials::ResolvedCredentials;
use crate::request::raw::RawRequest;
use crate::response::by_status;
use crate::response::raw::RawResponse;
use crate::send::pipeline::execute;
use crate::{Error, ErrorKind, Pagination, RawBody};

/// The largest number of consecutive pages without items that a list with cursors may have.
const MAX_EMPTY_PAGES: usize = 100;

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
    /// True if a page has arrived.
    started: bool,
    /// The number of items that are left of the limit.
    left: usize,
    /// The latest number of items in all pages.
    total: Option<i64>,
    /// True if an item with the id of an earlier one is left out.
    drops_repeated: bool,
    /// The items of the pages so far.
    seen: Seen,
    /// The number of consecutive pages without items.
    empty_pages: usize,
    /// The error after the last page.
    failure: Option<Error>,
}

/// The parts of a response that decide about the next page.
pub(crate) struct Received {
    json: Bytes,
    pagination: Option<&'static Pagination>,
    /// The path parameters of the request, which errors name.
    arguments: Option<String>,
    link: Option<String>,
    has_link_header: bool,
    body_offset: usize,
    credentials: Arc<ResolvedCredentials>,
}

/// The part of a page that the caller gets.
pub(crate) struct Returned {
    /// True if the caller gets the page.
    pub(crate) page: bool,
    /// The number of items that are not `null`.
    pub(crate) items: usize,
    /// The indexes of items that were returned with an earlier page, in ascending order.
    pub(crate) repeated: Vec<usize>,
}

impl Returned {
    /// Returns the first `left` of the items that were not returned before.
    pub(crate) fn of<T>(&self, items: Vec<T>, left: usize) -> Vec<T> {
        // A decoder may have left out more than `null`; then no index is certain.
        let mut items = if self.repeated.is_empty() || items.len() != self.items {
            items
        } else {
            let mut repeated = self.repeated.iter().peekable();
            let items = items.into_iter().enumerate();
            items
                .filter(|(index, _)| repeated.next_if_eq(&index).is_none())
                .map(|(_, item)| item)
                .collect()
        };
        items.truncate(left);
        items
    }
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
            total: None,
            drops_repeated: false,
            seen: Seen::default(),
            empty_pages: 0,
            failure: None,
        }
    }

    pub(crate) fn limit(&mut self, items: usize) {
        self.left = items;
    }

    pub(crate) fn prefetch(&mut self, pages: usize) {
        self.prefetch = pages;
    }

    /// Leaves out items with the id of an earlier one.
    pub(crate) fn drop_repeated(&mut self) {
        self.drops_repeated = true;
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    pub(crate) fn total(&self) -> Option<i64> {
        self.total
    }

    /// Ends the list and cancels its requests.
    pub(crate) fn finish(&mut self) {
        self.request = None;
        self.window.clear();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.window.is_empty()
            && self.failure.is_none()
            && (self.request.is_none() || self.left == 0)
    }

    /// Returns the next response; `None` at the end. An error ends the list.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<RawResponse, Error>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        if self.window.is_empty() {
            if self.left == 0 {
                self.finish();
            }
            let Some(request) = &mut self.request else {
                return Poll::Ready(None);
            };
            if self.position.is_none() {
                self.position = Position::begin(request, self.left, &mut self.seen);
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

    /// Moves past a page with this status and these headers, and returns what the caller gets of
    /// it.
    pub(crate) fn advance(
        &mut self,
        received: &Received,
        response: (StatusCode, &HeaderMap),
    ) -> Returned {
        let is_first = !self.started;
        self.started = true;
        let Some(mut position) = self.position.take() else {
            self.finish();
            return Returned {
                page: true,
                items: 0,
                repeated: Vec::new(),
            };
        };
        let page = received.page(&position);
        self.total = page.total;
        let is_empty = page.elements.is_empty();
        let items = page.elements.iter().filter(|it| !is_null(it)).count();
        let novelty = self.compare(&position, &page, is_first);
        let at = position.value;
        let end = position.advance(&page, &novelty);
        let repeated = match self.drops_repeated {
            true => novelty.repeated,
            false => Vec::new(),
        };
        self.left = self.left.saturating_sub(items - repeated.len());
        let outcome = match end {
            _ if self.left == 0 => Ok(false),
            None => Err("is at the last position that a number can hold"),
            Some(End::Confirmed) => Ok(false),
            Some(End::Open) if is_empty => self.goes_past_empty_page(&position),
            Some(End::Open) if !novelty.has_new => Err("has only items of earlier pages"),
            Some(End::Open) => Ok(true),
        };
        self.empty_pages = if is_empty { self.empty_pages + 1 } else { 0 };
        let outcome = outcome.and_then(|goes_on| {
            if goes_on {
                self.request_next(&mut position, &page, is_first)?;
            } else {
                self.finish();
            }
            Ok(())
        });
        if let Err(problem) = outcome {
            self.finish();
            self.failure = Some(received.incomplete(
                self.operation,
                &format!("{} {problem}", position.describe(at)),
                response,
            ));
        }
        self.position = Some(position);
        Returned {
            page: is_first || (!is_empty && novelty.has_new),
            items,
            repeated,
        }
    }

    /// Compares a page with those before.
    fn compare(&mut self, position: &Position, page: &Page<'_>, is_first: bool) -> Novelty {
        if is_first {
            // The items are added once a second page is requested.
            Novelty {
                fresh: page.elements.len(),
                has_new: true,
                repeated: Vec::new(),
            }
        } else {
            self.seen.add(page, position.pagination.properties)
        }
    }

    /// Returns true if the list goes on after a page without items.
    fn goes_past_empty_page(&self, position: &Position) -> Result<bool, &'static str> {
        match position.goes_past_empty_pages() {
            true if self.empty_pages < MAX_EMPTY_PAGES => Ok(true),
            true => Err("is one of many pages without items"),
            false => Ok(false),
        }
    }

    /// Prepares the request of the next page.
    fn request_next(
        &mut self,
        position: &mut Position,
        page: &Page<'_>,
        is_first: bool,
    ) -> Result<(), &'static str> {
        let Some(request) = &mut self.request else {
            return Ok(());
        };
        if is_first {
            self.seen.add(page, position.pagination.properties);
        }
        apply(position.next(page, &mut self.seen), request)?;
        let guessed = self.window.position();
        position.record_guess(guessed.is_none_or(|guessed| guessed == position.value));
        if guessed.is_some_and(|guessed| guessed != position.value) {
            self.window.clear();
        }
        Ok(())
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
            position.set(&mut request, ahead);
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

impl Received {
    /// Takes from a response what decides about the next page.
    pub(crate) fn of(response: &RawResponse) -> Self {
        let pagination = response.operation.pagination;
        Self {
            json: response
                .converted
                .as_ref()
                .unwrap_or(response.body.bytes())
                .clone(),
            pagination,
            arguments: response.arguments.path_text(&response.credentials),
            link: pagination.and_then(|it| header_link(it, &response.headers)),
            has_link_header: response.headers.contains_key(http::header::LINK),
            body_offset: response.converted_offset,
            credentials: Arc::clone(&response.credentials),
        }
    }

    /// Returns the JSON of the items of a page, as slices of its body; empty if a page with `count`
    /// decoded items cannot have them.
    pub(crate) fn elements(&self, count: usize) -> Vec<RawBody> {
        let Some(pagination) = self.pagination else {
            return Vec::new();
        };
        let page = Page::read(by_status::unwrap(&self.json, self.body_offset), pagination);
        let mut elements = page.elements;
        // A decoder leaves out `null`, unless the type of the items has a value for it.
        if elements.len() != count {
            elements.retain(|element| !is_null(element));
        }
        if elements.len() != count {
            return Vec::new();
        }
        let slice = |text: &[u8]| RawBody::new(self.json.slice_ref(text), false, false);
        elements.into_iter().map(slice).collect()
    }

    /// Reads the statements of the page about the list.
    fn page(&self, position: &Position) -> Page<'_> {
        let json = by_status::unwrap(&self.json, self.body_offset);
        let mut page = Page::read(json, position.pagination);
        if position.pagination.link_header {
            page.has_links |= self.has_link_header;
            if page.next_link.is_none() {
                page.next_link.clone_from(&self.link);
            }
        }
        page
    }

    /// Creates the error for a list whose end is not confirmed.
    fn incomplete(
        &self,
        operation: &'static str,
        problem: &str,
        (status, headers): (StatusCode, &HeaderMap),
    ) -> Error {
        let mut headers = headers.clone();
        self.credentials.scrub_headers(&mut headers);
        let message = format!(
            "cannot read the whole list: {problem}; use the items so far, or narrow the list with \
             filters or another page size"
        );
        let arguments = self.arguments.clone();
        Error::new(ErrorKind::Incomplete, message)
            .in_operation(operation)
            .with_arguments(arguments)
            .with_response(status, headers)
    }
}
