//! The position in a list: the next page, and what the pages say about the end.

use http::HeaderMap;
use serde_json::Value;

use super::identity::{Novelty, Seen};
use super::page::Page;
use super::{link, parameter};
use crate::request::raw::{Place, RawRequest};
use crate::{PageParameter, PageStyle, Pagination};

/// The position of the next page in the list.
pub(super) struct Position {
    pub(super) pagination: &'static Pagination,
    /// The value of the position parameter, or the number of pages before the page if positions are
    /// cursors.
    pub(super) value: i64,
    /// The value for the first page.
    first: i64,
    /// The number of items before the first page that is read; `None` if the caller begins at a
    /// page of unknown size.
    skipped: Option<i64>,
    /// The number of items read so far, without repeated ones.
    read: i64,
    /// The number of items of a full page; `None` if only the server knows.
    size: Option<i64>,
    /// The number of items of the latest page.
    count: i64,
    /// The latest total, if it tells the end of the list.
    total: Option<i64>,
    /// The latest number of pages, if it tells the end of the list.
    page_count: Option<i64>,
    /// The number of consecutive pages at the guessed position.
    confirmed_guesses: usize,
    /// True if a page was not at the guessed position.
    has_missed: bool,
}

/// The statement of a page about the end of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The page is the last one.
    Confirmed,
    /// A further page may exist.
    Open,
}

/// The way to the next page.
pub(super) enum Next {
    /// A value of the position parameter.
    Value(PageParameter, Value),
    /// Values of query parameters.
    Values(Vec<(&'static str, String)>),
    /// The response has a cursor or link that was used before or names no parameter.
    Unusable(&'static str),
}

impl Position {
    /// Returns the first position of a list of which at most `left` items are read, and sets the
    /// page size.
    pub(super) fn begin(request: &mut RawRequest, left: usize, seen: &mut Seen) -> Option<Self> {
        let pagination = request.operation.pagination?;
        if let PageStyle::Cursor { parameter, .. } = pagination.style
            && let Some(cursor) = parameter::get(request, parameter)
        {
            seen.add_cursor(&text_of(&cursor));
        }
        let (first, start) = match pagination.style {
            PageStyle::Offset(it) => (0, parameter::get_integer(request, it)),
            PageStyle::Page { parameter, first } => {
                (first, parameter::get_integer(request, parameter))
            }
            PageStyle::Cursor { .. } | PageStyle::Link { .. } => (0, None),
        };
        let size = Self::choose_size(request, pagination, left).filter(|size| *size > 0);
        let value = start.flatten().unwrap_or(first).max(first);
        let skipped = match pagination.style {
            PageStyle::Offset(_) => Some(value),
            PageStyle::Page { .. } if value == first => Some(0),
            PageStyle::Page { .. } => {
                size.and_then(|size| value.checked_sub(first)?.checked_mul(size))
            }
            PageStyle::Cursor { .. } | PageStyle::Link { .. } => None,
        };
        Some(Self {
            pagination,
            value,
            first,
            skipped,
            read: 0,
            size,
            count: 0,
            total: None,
            page_count: None,
            confirmed_guesses: 0,
            has_missed: false,
        })
    }

    /// Returns the size of a full page: the caller's, or else the document's maximum, which is then
    /// set, or else the document's default.
    fn choose_size(request: &mut RawRequest, pagination: &Pagination, left: usize) -> Option<i64> {
        let maximum = pagination.max_size;
        let size = pagination.size?;
        match (parameter::get_integer(request, size), maximum) {
            // A server may silently shorten a page that is larger than it allows.
            (Some(own), maximum) => own.map(|own| own.min(maximum.unwrap_or(own))),
            (None, Some(maximum)) => {
                let chosen = maximum.min(i64::try_from(left).unwrap_or(maximum));
                parameter::set(request, size, &Value::from(chosen));
                Some(chosen)
            }
            (None, None) => pagination.default_size,
        }
    }

    /// Moves past a page. Returns true if it is the last one, and `None` if no number can hold the
    /// next position.
    pub(super) fn advance(&mut self, page: &Page<'_>, novelty: &Novelty) -> Option<End> {
        let count = i64::try_from(page.elements.len()).unwrap_or(i64::MAX);
        let is_first = self.count == 0;
        self.count = count;
        self.read = self
            .read
            .saturating_add(i64::try_from(novelty.fresh).unwrap_or(i64::MAX));
        if is_first && self.size.is_some_and(|size| count < size) {
            // The server's pages are smaller than expected, so fewer items are before the first.
            if let (PageStyle::Page { .. }, Some(0..)) = (self.pagination.style, self.skipped) {
                self.skipped = (self.value - self.first).checked_mul(count);
            }
        }
        // A total below the number of items of this page is wrong.
        let total = page.total.filter(|total| *total >= count);
        self.total = total.filter(|_| self.skipped.is_some());
        self.page_count = match self.pagination.style {
            PageStyle::Page { .. } => page.page_count.filter(|pages| *pages > 0),
            _ => None,
        };
        let end = self.end(page, novelty.has_new);
        let step = match self.pagination.style {
            PageStyle::Offset(_) => count,
            _ => 1,
        };
        self.value = self.value.checked_add(step)?;
        Some(end)
    }

    /// Returns what the page says about the end. A link to a further page and the number of pages
    /// count only if the page brings something new.
    fn end(&self, page: &Page<'_>, has_new: bool) -> End {
        let confirmed = |it: bool| if it { End::Confirmed } else { End::Open };
        let is_linked = match self.pagination.style {
            PageStyle::Cursor { .. } => return confirmed(page.cursor.is_none()),
            PageStyle::Link { .. } => return confirmed(page.next_link.is_none()),
            _ => page.next_link.is_some(),
        };
        if let Some(has_more) = page.has_more {
            return confirmed(!has_more);
        }
        if is_linked && has_new {
            return End::Open;
        }
        if let (Some(total), Some(skipped)) = (self.total, self.skipped) {
            return confirmed(skipped.saturating_add(self.read) >= total);
        }
        // A server that ignores the number of the page returns the same page for the last one.
        if let Some(pages) = self.page_count.filter(|_| has_new) {
            return confirmed(self.value.saturating_sub(self.first) >= pages - 1);
        }
        let is_short = self.size.is_some_and(|size| self.count < size);
        confirmed(is_short && page.has_links && !is_linked)
    }

    /// Returns the way to the next page.
    pub(super) fn next(&self, page: &Page<'_>, seen: &mut Seen) -> Next {
        match self.pagination.style {
            PageStyle::Offset(parameter) | PageStyle::Page { parameter, .. } => {
                Next::Value(parameter, Value::from(self.value))
            }
            PageStyle::Cursor { parameter, .. } => {
                let cursor = page.cursor.clone().unwrap_or_default();
                if seen.add_cursor(&text_of(&cursor)) {
                    Next::Value(parameter, cursor)
                } else {
                    Next::Unusable("repeats the cursor of an earlier page")
                }
            }
            PageStyle::Link { parameters } => {
                let link = page.next_link.as_deref().unwrap_or_default();
                let values = link::values(link, parameters);
                if values.is_empty() {
                    Next::Unusable(
                        "has a link to the next page without a parameter of the operation",
                    )
                } else if seen.add_cursor(&values) {
                    Next::Values(values)
                } else {
                    Next::Unusable("repeats the link of an earlier page")
                }
            }
        }
    }

    /// Sets the position of the page ahead at `value`, which is not a cursor.
    pub(super) fn set(&self, request: &mut RawRequest, value: i64) {
        if let PageStyle::Offset(parameter) | PageStyle::Page { parameter, .. } =
            self.pagination.style
        {
            parameter::set(request, parameter, &Value::from(value));
        }
    }

    /// Returns true if an empty page may have pages after it.
    pub(super) fn goes_past_empty_pages(&self) -> bool {
        matches!(
            self.pagination.style,
            PageStyle::Cursor { .. } | PageStyle::Link { .. }
        )
    }

    /// Returns the position in words.
    pub(super) fn describe(&self, value: i64) -> String {
        let name = |parameter: PageParameter| match parameter {
            PageParameter::Query(name) => name.to_owned(),
            PageParameter::Body(path) => path.join("."),
        };
        match self.pagination.style {
            PageStyle::Offset(parameter) | PageStyle::Page { parameter, .. } => {
                format!("the page at `{}` {value}", name(parameter))
            }
            _ => format!("page {}", value.saturating_add(1)),
        }
    }

    /// Records the result of the guess of the next position.
    pub(super) fn record_guess(&mut self, was_right: bool) {
        if was_right {
            self.confirmed_guesses = self.confirmed_guesses.saturating_add(1);
        } else {
            self.confirmed_guesses = 1;
            self.has_missed = true;
        }
    }

    /// Returns the number of pages that may be requested ahead. With a total that was right so far,
    /// it is any number, because none is past the end. Otherwise it is the number that has arrived.
    pub(super) fn max_prefetch(&self) -> usize {
        match self.total.or(self.page_count) {
            Some(_) if !self.has_missed => usize::MAX,
            _ => self.confirmed_guesses,
        }
    }

    /// Returns the position of the page `pages` after the next one, if it is known and the limit of
    /// `left` items reaches it.
    pub(super) fn position_after(&self, pages: usize, left: usize) -> Option<i64> {
        if pages == 0 {
            return Some(self.value);
        }
        let pages = i64::try_from(pages).ok()?;
        let items = self.count.checked_mul(pages)?;
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        if items >= left {
            return None;
        }
        if let (Some(total), Some(skipped)) = (self.total, self.skipped)
            && skipped.checked_add(self.read)?.checked_add(items)? >= total
        {
            return None;
        }
        match self.pagination.style {
            // Without size and total, any page may be the last, and the next may begin anywhere.
            PageStyle::Offset(_) if self.size.is_none() && self.total.is_none() => None,
            PageStyle::Offset(_) => self.value.checked_add(items),
            PageStyle::Page { .. } => {
                let position = self.value.checked_add(pages)?;
                let is_past = |count| position.saturating_sub(self.first) >= count;
                (!self.page_count.is_some_and(is_past)).then_some(position)
            }
            PageStyle::Cursor { .. } | PageStyle::Link { .. } => None,
        }
    }
}

/// Returns a cursor as it stands in a query.
fn text_of(cursor: &Value) -> String {
    match cursor {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Sets the way to the next page in a request.
pub(super) fn apply(next: Next, request: &mut RawRequest) -> Result<(), &'static str> {
    match next {
        Next::Value(parameter, value) => parameter::set(request, parameter, &value),
        Next::Values(values) => {
            for (name, value) in values {
                request.set(Place::Query, name, &value);
            }
        }
        Next::Unusable(problem) => return Err(problem),
    }
    Ok(())
}

/// Returns the link to the next page in the headers, where the document says so.
pub(super) fn header_link(pagination: &Pagination, headers: &HeaderMap) -> Option<String> {
    pagination.link_header.then(|| link::next_in(headers))?
}
