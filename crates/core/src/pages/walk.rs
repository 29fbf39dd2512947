//! The way through the pages of a list: which request comes next, and when the list has ended.
//!
//! `links.next` of an answer is not followed. It may be relative, absent where pages remain, or name
//! other parameters than the operation takes (the outcomes' own example does), and a link is the
//! server's word on where the credentials go next. Position and size say the same and are ours.

use std::collections::HashSet;
use std::fmt::{self, DebugStruct};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::fingerprint::fingerprint;
use crate::call::{Call, Place};
use crate::pipeline::Answer;
use crate::{Error, PageStyle, Pagination};

type Pending = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

pub(crate) struct Walk {
    operation: &'static str,
    /// The call of the page to come; `None` once no further one is to be sent.
    call: Option<Box<Call>>,
    /// The call that was sent and is not answered yet.
    pending: Option<Pending>,
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
}

impl Walk {
    pub(crate) fn new(call: Box<Call>) -> Self {
        Self {
            operation: call.operation.id,
            call: Some(call),
            pending: None,
            course: None,
            started: false,
            left: usize::MAX,
            seen: HashSet::new(),
        }
    }

    pub(crate) fn limit(&mut self, items: usize) {
        self.left = items;
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Sends nothing more.
    pub(crate) fn finish(&mut self) {
        self.call = None;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.pending.is_none() && (self.call.is_none() || self.left == 0)
    }

    /// The answer that comes next; `None` at the end. An error is the end as well.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Answer, Error>>> {
        let pending = match &mut self.pending {
            Some(pending) => pending,
            None => {
                if self.left == 0 {
                    self.finish();
                }
                let Some(call) = &mut self.call else {
                    return Poll::Ready(None);
                };
                if self.course.is_none() {
                    self.course = Course::begin(call, self.left);
                }
                self.pending.insert((**call).clone().execute())
            }
        };
        let outcome = ready!(pending.as_mut().poll(context));
        self.pending = None;
        if outcome.is_err() {
            self.finish();
        }
        Poll::Ready(Some(outcome))
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
        match (&self.course, &mut self.call) {
            (Some(course), Some(call)) if more && !is_repeated => {
                let name = course.pagination.position;
                call.set(Place::Query, name, &course.position);
            }
            _ => self.finish(),
        }
        is_first || (count > 0 && !is_repeated)
    }

    /// What `Debug` shows.
    pub(crate) fn describe(&self, shown: &mut DebugStruct<'_, '_>) -> fmt::Result {
        let position = self.course.as_ref().map(|course| course.position);
        shown
            .field("operation", &self.operation)
            .field("position", &position)
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
        })
    }

    /// Moves on behind a page of `count` items. Gives back whether anything may be there.
    fn advance(&mut self, count: usize, total: Option<i64>) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
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
        let remains = match (total, self.before) {
            (Some(total), Some(before)) => before < total,
            _ => self.size.is_none_or(|size| count >= size),
        };
        count > 0 && remains
    }
}
