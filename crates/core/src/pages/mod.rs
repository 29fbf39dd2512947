//! Lists that a server returns page by page, as one stream.
//!
//! [`Pagination`](crate::Pagination) is data that describes how an operation pages. `position.rs`
//! decides which page comes next and what a page says about the end, `identity.rs` recognizes items
//! of earlier pages, and `cursor.rs` sends the requests. They read the JSON of a page and are not
//! generic, so they are compiled once.

mod cursor;
pub(crate) mod descriptor;
mod identity;
mod link;
mod page;
mod parameter;
mod position;
mod raw_items;
mod scan;
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
use crate::response::json::decode_page;
use crate::response::raw::RawResponse;
use crate::{Error, RawBody, Response};
use cursor::{PageCursor, Received};
pub use raw_items::{RawItem, RawItems};

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
/// - after a page that is the last one by its total, its number of pages, its flag or its missing
///   cursor,
/// - after a page that is not full and has links, but none to a next page,
/// - at a page without items; with cursors, only if it has no cursor,
/// - after [`limit`](Pages::limit),
/// - at the first error, which is its last element,
/// - at a page with only items of earlier pages, which is left out. Unless that page is the last
///   one by its statements, an [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete) follows:
///   such a server ignores the position, and items may be missing. A repeated cursor also causes
///   this error.
///
/// A page that is not full does not end the list by itself, because servers limit the size of a
/// page without notice. Without a statement about the end, one more page is requested.
///
/// Items are known by their `id`, with their `type` if they have one. Items without an id, or with
/// an id that repeats within a page, are known by their documented properties. Each item takes 8
/// bytes of memory until the end.
///
/// The first page is always returned, later ones only if they have items. Items that the server
/// moves while the list is read may be missed, as with any offset, or read twice.
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

    /// Returns the number of items in all pages, as the latest page states it; `None` before the
    /// first page, and if the document or the server does not state it.
    pub fn total(&self) -> Option<i64> {
        self.cursor.total()
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
    /// **Requests.** The first page is requested alone. If the response has a total or the number
    /// of pages, pages are requested up to that and none past it. Otherwise no more pages are
    /// requested ahead than have arrived, so a list costs at most twice the requests that it costs
    /// without prefetching. No page is requested past the limit. If positions count items and the
    /// size of a page is unknown, one page is requested at a time, before it is asked for. A list
    /// with cursors or links, too, is read one page at a time.
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
        T: DeserializeOwned,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: DeserializeOwned> Stream for Pages<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let cursor = &mut self.get_mut().cursor;
        loop {
            let response = match ready!(cursor.poll(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(response)) => response,
            };
            let received = Received::of(&response);
            let page = match decode_page::<T>(response) {
                Ok(page) => page,
                Err(error) => {
                    cursor.finish();
                    return Poll::Ready(Some(Err(error)));
                }
            };
            let returned = cursor.advance(&received, (page.status(), page.headers()));
            cursor.prefetch_pages(context);
            if returned.page {
                return Poll::Ready(Some(Ok(page)));
            }
        }
    }
}

impl<T: DeserializeOwned> FusedStream for Pages<T> {
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
/// it. It reads the pages in the way of [`Pages`], whose documentation describes position, size and
/// end, and returns their items in order. An item with the id of an item of an earlier page is left
/// out.
///
/// ```no_run
/// # use scorekit_core::{Error, Items};
/// # async fn example(mut orders: Items<String>) -> Result<(), Error> {
/// while let Some(order) = orders.next().await {
///     println!("{}", order?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream sends nothing until it is polled"]
#[doc(alias = "pagination")]
#[doc(alias = "paginate")]
pub struct Items<T> {
    cursor: PageCursor,
    decode: Box<Decode<T>>,
    items: vec::IntoIter<T>,
    /// The JSON of `items`; `None` unless the caller wants it.
    raw: Option<vec::IntoIter<RawBody>>,
}

/// A function that decodes a page and takes its items out.
type Decode<T> = dyn Fn(RawResponse) -> Result<Response<Vec<T>>, Error> + Send + Sync;

impl<T> Items<T> {
    pub(crate) fn new<P: DeserializeOwned + 'static>(
        first: Box<RawRequest>,
        list: impl Fn(P) -> Vec<T> + Send + Sync + 'static,
    ) -> Self {
        let mut cursor = PageCursor::new(first);
        cursor.drop_repeated();
        Self {
            cursor,
            decode: Box::new(move |response| Ok(decode_page::<P>(response)?.map(&list))),
            items: Vec::new().into_iter(),
            raw: None,
        }
    }

    /// Returns the number of items in the whole list, as the latest page states it; `None` before
    /// the first page, and if the document or the server does not state it.
    pub fn total(&self) -> Option<i64> {
        self.cursor.total()
    }

    /// Ends the stream after `items` items, and requests only the pages that they need; with 0,
    /// nothing is sent.
    ///
    /// Unless the request sets a page size, no page is requested that is larger than the limit.
    pub fn limit(mut self, items: usize) -> Self {
        self.cursor.limit(items);
        self
    }

    /// Requests up to `pages` pages ahead at the same time. See [`Pages::prefetch`] for details.
    ///
    /// ```no_run
    /// # use scorekit_core::{Error, Items};
    /// # async fn example(orders: Items<String>) -> Result<(), Error> {
    /// let mut orders = orders.prefetch(8);
    /// while let Some(order) = orders.next().await {
    ///     println!("{}", order?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.cursor.prefetch(pages);
        self
    }

    /// Returns each item together with its JSON as the server sent it, which has the properties
    /// that the API document does not list. See [`RawItem`].
    ///
    /// Call [`limit`](Items::limit) and [`prefetch`](Items::prefetch) before. It takes a second
    /// look at the text of each page, and copies nothing.
    pub fn with_raw(mut self) -> RawItems<T> {
        self.raw = Some(Vec::new().into_iter());
        RawItems::new(self)
    }

    /// Returns the JSON of the item that was returned last.
    fn next_raw(&mut self) -> Option<RawBody> {
        self.raw.as_mut()?.next()
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
    pub async fn collect_all(mut self) -> Result<Vec<T>, Error> {
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
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let cursor = &mut this.cursor;
        loop {
            if let Some(item) = this.items.next() {
                // Requests of the next pages make progress between two items, too.
                cursor.drive(context);
                return Poll::Ready(Some(Ok(item)));
            }
            let response = match ready!(cursor.poll(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(response)) => response,
            };
            let received = Received::of(&response);
            let mut page = match (this.decode)(response) {
                Ok(page) => page,
                Err(error) => {
                    cursor.finish();
                    return Poll::Ready(Some(Err(error)));
                }
            };
            // The page may have more items than are left of the limit.
            let left = cursor.left();
            let returned = cursor.advance(&received, (page.status(), page.headers()));
            cursor.prefetch_pages(context);
            if returned.page {
                let items = std::mem::take(page.value_mut());
                if let Some(raw) = &mut this.raw {
                    let elements = received.elements(items.len());
                    *raw = returned.of(elements, left).into_iter();
                }
                this.items = returned.of(items, left).into_iter();
            }
        }
    }
}

impl<T> FusedStream for Items<T> {
    fn is_terminated(&self) -> bool {
        self.items.as_slice().is_empty() && self.cursor.is_finished()
    }
}

// The requests in flight are boxed, so the items need not be pinned.
impl<T> Unpin for Items<T> {}

impl<T> fmt::Debug for Items<T> {
    /// Shows the operation and the position, never a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Items");
        shown.field("at_hand", &self.items.len());
        self.cursor.describe(&mut shown)
    }
}
