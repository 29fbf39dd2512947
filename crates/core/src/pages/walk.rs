//! The way through the pages of a list: which request comes next, and when the list has ended.
//!
//! `links.next` of an answer is not followed. It may be relative, absent where pages remain, or name
//! other parameters than the operation takes (the outcomes' own example does), and a link is the
//! server's word on where the credentials go next. Position and size say the same and are ours.
//!
//! Pages that are fetched ahead are asked for by a guess: that each holds as many items as the one
//! before. What is handed out does not depend on the guess, for every page is held against the
//! position that it should have, one page at a time, and what was asked for at another position is
//! given up. So a list reads the same with and without fetching ahead, however the server behaves.

use std::collections::HashSet;
use std::fmt::{self, DebugStruct};
use std::task::{Context, Poll, ready};

use super::fingerprint::fingerprint;
use super::window::Window;
use crate::request::raw::{Call, Place};
use crate::send::pipeline::Answer;
use crate::{Error, PageStyle, Pagination};

pub(crate) struct Walk {
    operation: &'static str,
    /// The call of the page to come; `None` once no further one is to be sent.
    call: Option<Box<Call>>,
    /// What was sent and is not handed out yet.
    window: Window,
    /// How many pages may be asked for while the caller has not asked for them.
    ahead: usize,
    /// `None` until the first page is asked for, and for an operation that does not page.
    course: Option<Course>,
    /// Whether a page has come.
    started: bool,
    /// How many more items are wanted.
    left: usize,
    /// The fingerprints of the pages so far, 8 bytes each.
    seen: HashSet<u64>,
}

/// Where in the list the page to come lies.
struct Course {
    pagination: &'static Pagination,
    /// The position that asks for it.
    position: i64,
    /// How many items of the list come before it; `None` where the caller begins at a page of
    /// unknown size.
    before: Option<i64>,
    /// How many items it holds when it is full; `None` where only the server knows.
    size: Option<i64>,
    /// How many items the latest page held.
    count: i64,
    /// The latest total, as far as it says where the list ends.
    total: Option<i64>,
    /// How many pages in a row were where they had been expected.
    trust: usize,
    /// Whether a page was not where it had been expected.
    surprised: bool,
}

impl Walk {
    pub(crate) fn new(call: Box<Call>) -> Self {
        Self {
            operation: call.operation.id,
            call: Some(call),
            window: Window::default(),
            ahead: 0,
            course: None,
            started: false,
            left: usize::MAX,
            seen: HashSet::new(),
        }
    }

    pub(crate) fn limit(&mut self, items: usize) {
        self.left = items;
    }

    pub(crate) fn prefetch(&mut self, pages: usize) {
        self.ahead = pages;
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Sends nothing more, and gives up what has been sent.
    pub(crate) fn finish(&mut self) {
        self.call = None;
        self.window.clear();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.window.is_empty() && (self.call.is_none() || self.left == 0)
    }

    /// The answer that comes next; `None` at the end. An error is the end as well.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Answer, Error>>> {
        if self.window.is_empty() {
            if self.left == 0 {
                self.finish();
            }
            let Some(call) = &mut self.call else {
                return Poll::Ready(None);
            };
            if self.course.is_none() {
                self.course = Course::begin(call, self.left);
            }
            let position = self.course.as_ref().map_or(0, |course| course.position);
            self.window.push(position, (**call).clone().execute());
        }
        let outcome = ready!(self.window.poll_front(context));
        if let Some(Err(_)) = &outcome {
            self.finish();
        }
        Poll::Ready(outcome)
    }

    /// Lets what has been asked for ahead go on.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if !self.window.is_empty() {
            self.window.drive(context);
        }
    }

    /// Takes note of the page that has come: `count` items of `total`, in `body`. Gives back whether
    /// to hand it out.
    pub(crate) fn arrived(&mut self, count: usize, total: Option<i64>, body: &[u8]) -> bool {
        let is_first = !self.started;
        self.started = true;
        self.left = self.left.saturating_sub(count);
        let more = match &mut self.course {
            Some(course) if self.left > 0 => course.advance(count, total),
            _ => false,
        };
        let is_repeated = match &self.course {
            // A list of one page costs nothing here.
            Some(course) if count > 0 && (more || !is_first) => {
                let page = fingerprint(body, course.pagination.items);
                page.is_some_and(|page| !self.seen.insert(page))
            }
            _ => false,
        };
        match (&mut self.course, &mut self.call) {
            (Some(course), Some(call)) if more && !is_repeated => {
                let guessed = self.window.position();
                course.learn(guessed.is_none_or(|guessed| guessed == course.position));
                if guessed.is_some_and(|guessed| guessed != course.position) {
                    self.window.clear();
                }
                call.set(Place::Query, course.pagination.position, &course.position);
            }
            _ => self.finish(),
        }
        is_first || (count > 0 && !is_repeated)
    }

    /// Asks for what may be fetched before the caller wants it.
    pub(crate) fn look_ahead(&mut self, context: &mut Context<'_>) {
        let (Some(course), Some(call)) = (&self.course, &self.call) else {
            return;
        };
        let room = self.ahead.min(course.room());
        while self.window.len() < room {
            let Some(position) = course.position_after(self.window.len(), self.left) else {
                break;
            };
            let mut call = call.clone();
            call.set(Place::Query, course.pagination.position, &position);
            self.window.push(position, call.execute());
        }
        self.drive(context);
    }

    /// What `Debug` shows.
    pub(crate) fn describe(&self, shown: &mut DebugStruct<'_, '_>) -> fmt::Result {
        let position = self.course.as_ref().map(|course| course.position);
        shown
            .field("operation", &self.operation)
            .field("position", &position)
            .field("in_flight_or_ahead", &self.window.len())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl Course {
    /// The beginning of a list of which `left` items are wanted, from what the caller asked for.
    fn begin(call: &mut Call, left: usize) -> Option<Self> {
        let pagination = call.operation.pagination?;
        let first = match pagination.style {
            PageStyle::Offset => 0,
            PageStyle::Page { first } => first,
        };
        let argument = |name: &str| {
            let (_, value) = call.query.iter().find(|(known, _)| *known == name)?;
            Some(value.parse::<i64>().ok())
        };
        let position = argument(pagination.position);
        let size = match (argument(pagination.size), pagination.maximum_size) {
            // A server that is asked for more than it allows may hold back the rest in silence.
            (Some(own), maximum) => own.map(|own| own.min(maximum.unwrap_or(own))),
            (None, Some(maximum)) => {
                let size = maximum.min(i64::try_from(left).unwrap_or(maximum));
                call.set(Place::Query, pagination.size, &size);
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
            position,
            before,
            size,
            count: 0,
            total: None,
            trust: 0,
            surprised: false,
        })
    }

    /// Moves on behind a page of `count` items. Gives back whether anything may be there.
    fn advance(&mut self, count: usize, total: Option<i64>) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.count = count;
        self.before = self.before.and_then(|before| before.checked_add(count));
        let step = match self.pagination.style {
            PageStyle::Offset => count,
            PageStyle::Page { .. } => 1,
        };
        let Some(position) = self.position.checked_add(step) else {
            return false;
        };
        self.position = position;
        // A total below what this page alone holds, or below zero, says nothing.
        let total = total.filter(|total| *total >= count);
        self.total = total.filter(|_| self.before.is_some());
        let remains = match (total, self.before) {
            (Some(total), Some(before)) => before < total,
            _ => self.size.is_none_or(|size| count >= size),
        };
        count > 0 && remains
    }

    /// Takes note of whether the page to come lies where it was guessed to lie.
    fn learn(&mut self, was_expected: bool) {
        if was_expected {
            self.trust = self.trust.saturating_add(1);
        } else {
            self.trust = 1;
            self.surprised = true;
        }
    }

    /// How many pages may be asked for ahead: with a total that has held so far any number, for none
    /// is past the end, and otherwise no more than have come.
    fn room(&self) -> usize {
        match self.total {
            Some(_) if !self.surprised => usize::MAX,
            _ => self.trust,
        }
    }

    /// The position of the page that lies `pages` behind the one to come, if that is known and
    /// anything of it may be wanted of the `left` items.
    fn position_after(&self, pages: usize, left: usize) -> Option<i64> {
        if pages == 0 {
            return Some(self.position);
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
            // Without size and total, any page may be the last, and the next one may begin anywhere.
            PageStyle::Offset if self.size.is_none() && self.total.is_none() => None,
            PageStyle::Offset => self.position.checked_add(items),
            PageStyle::Page { .. } => self.position.checked_add(pages),
        }
    }
}
