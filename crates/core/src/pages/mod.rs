//! Lists that a server returns page by page, read as one stream.
//!
//! [`Pagination`](crate::Pagination) is data that describes how an operation pages, and generated
//! code implements [`Paged`] for its response. `pages/cursor.rs` decides which page comes next and
//! when the list ends. It is not generic, so it is compiled once.

mod cursor;
mod fingerprint;
mod window;

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::{FusedStream, Stream};
use serde::de::DeserializeOwned;

use crate::request::raw::RawRequest;
use crate::response::json::decode;
use crate::{Error, RawBody, Response};
use cursor::PageCursor;

/// A response that is one page of a list.
///
/// Generated code implements it for the responses of operations that page. Programs need it only
/// for an operation that no generated client has.
pub trait Paged {
    /// The type of the items.
    type Item;

    /// Returns the items of this page; `None` if the response lacks the list, which counts as
    /// empty.
    fn items(&mut self) -> Option<&mut Vec<Self::Item>>;

    /// Returns the number of items in all pages; `None` if the response lacks it.
    fn total(&self) -> Option<i64> {
        None
    }
}

/// The pages of a list, as a stream of responses.
///
/// The `pages()` method of a generated request and [`Request::pages`](crate::Request::pages) create
/// it. It is a [`Stream`], so the adapters of `futures` work on it, and has a [`next`](Pages::next)
/// of its own, so that none is needed.
///
/// **Position and size.** It begins at the position that the request sets, or else at the first
/// page. A page has the size that the request sets, or else the maximum of the document, or else
/// the server's default. All other parameters of the request, such as filters, are sent with every
/// page.
///
/// **End.** The stream ends
///
/// - after a page that is not full, unless its total says that items remain,
/// - at the total of the latest page,
/// - at a page without items,
/// - after [`limit`](Pages::limit),
/// - at the first error, which is its last element,
/// - at a page that repeats the items of an earlier page in the same order, which is left out. Such
///   a server ignores the position, or repeats its last page.
///
/// The first page is always returned, later ones only if they have items. Items that the server
/// moves while the list is read may be missed or read twice, as with any offset.
///
/// **Cost.** One request per page, sent when the page is asked for, with the time limits of any
/// other call; [`prefetch`](Pages::prefetch) changes that. One page is in memory at a time.
/// Dropping the future of [`next`](Pages::next) loses nothing. Dropping the stream cancels its
/// requests.
#[must_use = "a stream sends nothing until it is polled"]
pub struct Pages<T> {
    cursor: PageCursor,
    page: PhantomData<fn() -> T>,
}

impl<T> Pages<T> {
    pub(crate) fn new(first: Box<RawRequest>) -> Self {
        Self {
            cursor: PageCursor::new(first),
            page: PhantomData,
        }
    }

    /// Requests no further page once `items` items have been read; with 0, nothing is sent.
    ///
    /// Pages are not cut, so the last one may exceed the limit. Unless the request sets a page
    /// size, no page is requested that is larger than the limit.
    pub fn limit(mut self, items: usize) -> Self {
        self.cursor.limit(items);
        self
    }

    /// Requests up to `pages` pages ahead at the same time, and returns them in the order of the
    /// list. With 0, the default, each page is requested when it is asked for.
    ///
    /// **Result.** The pages are the same as without prefetching. Each page must begin where the
    /// one before ended. If the server returns a page of another size, the pages ahead are dropped
    /// and requested again at the right position. If the list changes meanwhile, items may be
    /// missed or read twice, as without prefetching. The first error is returned after all pages
    /// before it.
    ///
    /// **Requests.** The first page is requested alone. If the response has a total, pages are
    /// requested up to that total and none past it. Without a total, only a page that is not full
    /// shows the end, so no more pages are requested ahead than have arrived. A list of one page
    /// then costs one request, and any list less than twice its pages. No page is requested past
    /// the limit. If positions count items, and neither the request, the document nor a total gives
    /// the size of a page, one page is requested at a time, before it is asked for.
    ///
    /// **Cost.** Up to `pages` responses in memory and as many requests at once, which count
    /// against rate limits. Requests make progress only while the stream is polled, because nothing
    /// runs in the background. Dropping the stream cancels them.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.cursor.prefetch(pages);
        self
    }

    /// Returns the next page; `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call waits for the same page.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Request::send`](crate::Request::send). The stream then ends, and a
    /// new one can begin at the same position.
    pub async fn next(&mut self) -> Option<Result<Response<T>, Error>>
    where
        T: Paged + DeserializeOwned,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Paged + DeserializeOwned> Stream for Pages<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let cursor = &mut self.get_mut().cursor;
        let response = match ready!(cursor.poll(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(response)) => response,
        };
        let mut page = match decode::<T>(response) {
            Ok(page) => page,
            Err(error) => {
                cursor.finish();
                return Poll::Ready(Some(Err(error)));
            }
        };
        let count = page.value_mut().items().map_or(0, |items| items.len());
        let body = page.raw().map(RawBody::bytes);
        let body = body.map(|body| &body[..]).unwrap_or_default();
        let is_returned = cursor.advance(count, page.total(), body);
        cursor.prefetch_pages(context);
        Poll::Ready(is_returned.then_some(Ok(page)))
    }
}

impl<T: Paged + DeserializeOwned> FusedStream for Pages<T> {
    fn is_terminated(&self) -> bool {
        self.cursor.is_finished()
    }
}

impl<T> fmt::Debug for Pages<T> {
    /// Shows the operation and the position, never a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cursor.describe(&mut formatter.debug_struct("Pages"))
    }
}

/// The items of a list, as a stream.
///
/// The `items()` method of a generated request and [`Request::items`](crate::Request::items) create
/// it. It reads [`Pages`] and returns their items in order.
///
/// ```no_run
/// # use scorekit_core::{Error, Items, Paged};
/// # async fn example<T>(mut orders: Items<T>) -> Result<(), Error>
/// # where T: Paged<Item = String> + serde::de::DeserializeOwned {
/// while let Some(order) = orders.next().await {
///     println!("{}", order?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream sends nothing until it is polled"]
pub struct Items<T: Paged> {
    pages: Pages<T>,
    items: vec::IntoIter<T::Item>,
}

impl<T: Paged> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        Self {
            pages,
            items: Vec::new().into_iter(),
        }
    }

    /// Ends the stream after `items` items, and requests only the pages that they need; with 0,
    /// nothing is sent.
    ///
    /// Unless the request sets a page size, no page is requested that is larger than the limit.
    pub fn limit(mut self, items: usize) -> Self {
        self.pages = self.pages.limit(items);
        self
    }

    /// Requests up to `pages` pages ahead at the same time. See [`Pages::prefetch`] for details.
    ///
    /// ```no_run
    /// # use scorekit_core::{Error, Items, Paged};
    /// # async fn example<T>(orders: Items<T>) -> Result<(), Error>
    /// # where T: Paged<Item = String> + serde::de::DeserializeOwned {
    /// let mut orders = orders.prefetch(8);
    /// while let Some(order) = orders.next().await {
    ///     println!("{}", order?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.pages = self.pages.prefetch(pages);
        self
    }

    /// Returns all items in one list, in order, up to [`limit`](Items::limit).
    ///
    /// All of them are in memory at once, so set a limit for a list of unknown length. With
    /// [`prefetch`](Items::prefetch) it takes a fraction of the time.
    ///
    /// # Errors
    ///
    /// Returns the first of the errors of [`Request::send`](crate::Request::send) and drops the
    /// items before it. [`next`](Items::next) returns them.
    pub async fn collect_all(mut self) -> Result<Vec<T::Item>, Error>
    where
        T: DeserializeOwned,
    {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(items)
    }

    /// Returns the next item; `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call waits for the same item.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Request::send`](crate::Request::send). The stream then ends, and a
    /// new one can begin at the same position.
    pub async fn next(&mut self) -> Option<Result<T::Item, Error>>
    where
        T: DeserializeOwned,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Paged + DeserializeOwned> Stream for Items<T> {
    type Item = Result<T::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.items.next() {
                // Requests of the next pages make progress between two items, too.
                this.pages.cursor.drive(context);
                return Poll::Ready(Some(Ok(item)));
            }
            // The next page may have more items than are left of the limit.
            let left = this.pages.cursor.left();
            match ready!(Pin::new(&mut this.pages).poll_next(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(mut page)) => {
                    let items = page.value_mut().items().map(std::mem::take);
                    let mut items = items.unwrap_or_default();
                    items.truncate(left);
                    this.items = items.into_iter();
                }
            }
        }
    }
}

impl<T: Paged + DeserializeOwned> FusedStream for Items<T> {
    fn is_terminated(&self) -> bool {
        self.items.as_slice().is_empty() && self.pages.is_terminated()
    }
}

// The requests in flight are boxed, so the items need not be pinned.
impl<T: Paged> Unpin for Items<T> {}

impl<T: Paged> fmt::Debug for Items<T> {
    /// Shows the operation and the position, never a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Items");
        shown.field("at_hand", &self.items.len());
        self.pages.cursor.describe(&mut shown)
    }
}
