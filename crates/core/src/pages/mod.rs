//! A list that a server hands out page by page, read as one stream.
//!
//! How an operation pages is data ([`Pagination`](crate::Pagination)), and where its answer keeps the
//! items is the only thing that generated code adds ([`Paged`]). Everything that decides what is sent
//! and when the list ends stands in `pages/walk.rs`, which is not generic and so compiled once.

mod fingerprint;
mod walk;
mod window;

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::{FusedStream, Stream};
use serde::de::DeserializeOwned;

use crate::request::decode;
use crate::{Error, Request, Response};
use walk::Walk;

/// An answer that is one page of a list.
///
/// Generated code implements it for the answers of operations that page; programs need it only for
/// an operation that no generated client has.
pub trait Paged {
    /// What the list holds.
    type Item;

    /// The items of this page; `None` where the answer leaves them out, which counts as no items.
    fn items(&mut self) -> Option<&mut Vec<Self::Item>>;

    /// How many items all pages hold together; `None` where the answer does not say.
    fn total(&self) -> Option<i64> {
        None
    }
}

impl<T: Paged> Request<T> {
    /// Reads the page that this request asks for and those that follow, one answer at a time; see
    /// [`Pages`].
    pub fn pages(self) -> Pages<T> {
        Pages {
            walk: Walk::new(self.call),
            page: PhantomData,
        }
    }

    /// Reads the items of the page that this request asks for and of those that follow; see
    /// [`Items`].
    pub fn items(self) -> Items<T> {
        Items {
            pages: self.pages(),
            items: Vec::new().into_iter(),
        }
    }
}

/// The pages of a list, as a stream of answers.
///
/// Made by the `pages()` of a generated request or by [`Request::pages`]. It is a [`Stream`], so that
/// the adapters of `futures` work on it, and has a [`next`](Pages::next) of its own, so that none is
/// needed.
///
/// **Where it begins.** At the position that the request asks for, or else at the server's first page.
/// A page has the size that the request asks for, or else the largest that the document allows, or
/// else the server's own. Everything else of the request, filters for instance, goes along with every
/// page.
///
/// **Where it ends.** After a page that is not full, unless its total says that items remain (a
/// server may hold less on a page than it is asked for); at the total, as the latest page gives it;
/// at a page without items; after [`limit`](Pages::limit); and at the first error, which is the
/// stream's last element. A page whose items were all on an earlier one, in the same order, ends it,
/// too, and is left out: the server ignores the position, or has come to its last page and repeats
/// it. Items that the server moves while the list is being read may be missed or come twice, as with
/// any offset. The first page is always handed out, later ones only if they hold something.
///
/// **What it costs.** One request per page, sent when the page is asked for and not earlier, with the
/// time limits of any other call; [`prefetch`](Pages::prefetch) changes that. One page is in memory at
/// a time. Dropping the future of [`next`](Pages::next) loses nothing; dropping the stream abandons
/// the requests in flight and sends no more.
#[must_use = "a stream sends nothing until it is polled"]
pub struct Pages<T> {
    walk: Walk,
    page: PhantomData<fn() -> T>,
}

impl<T> Pages<T> {
    /// Asks for no further page once `items` items have come. No page is cut, so a few more may come;
    /// with 0, nothing is sent.
    ///
    /// Unless the request sets a page size, no page is asked to hold more than that.
    pub fn limit(mut self, items: usize) -> Self {
        self.walk.limit(items);
        self
    }

    /// Fetches up to `pages` pages ahead of the one that was handed out last, side by side, and hands
    /// them out in the order of the list; with 0, as without this, each page is asked for when it is
    /// wanted.
    ///
    /// **What comes out** is what comes out without it. Each page has to begin where the one before
    /// ended, as if they had been asked for one after the other; where the server holds less or more
    /// on a page than on the one before, what was asked for at another position is given up and asked
    /// for again. While items are added to the list or removed from it, a walk by position may miss
    /// some or see some twice; fetching ahead neither adds to that nor takes away, and the shorter
    /// time helps. The first error is handed out in its place, after all pages before it.
    ///
    /// **What is asked for.** The first page alone. Then, where the answers tell a total, pages up to
    /// that total and none past it. Where they do not, only the page that is not full shows the end,
    /// so requests past it cannot be told beforehand: there are never more pages asked for ahead than
    /// have come, so that a list of one page costs nothing more, and any list less than twice its
    /// pages. No page is asked for that is not needed for the limit. Where pages are counted by their
    /// items and the size of a page is known neither from the request, the document nor a total, they
    /// are fetched one at a time, though the next one before it is wanted.
    ///
    /// **What it costs.** Up to `pages` answers in memory, and as many requests at once, all of which
    /// count against rate limits as usual. They go on whenever the stream is polled, and stand still
    /// between, for nothing runs in the background; dropping the stream abandons them.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.walk.prefetch(pages);
        self
    }

    /// The next page; `None` at the end.
    ///
    /// Nothing is lost when the future is dropped: the next one goes on waiting for the same page.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`]. The stream has ended then; a new one may begin where this one
    /// broke off.
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
        let walk = &mut self.get_mut().walk;
        let answer = match ready!(walk.poll(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(answer)) => answer,
        };
        let body = answer.body.clone();
        let mut page = match decode::<T>(answer) {
            Ok(page) => page,
            Err(error) => {
                walk.finish();
                return Poll::Ready(Some(Err(error)));
            }
        };
        let count = page.value_mut().items().map_or(0, |items| items.len());
        let wanted = walk.arrived(count, page.total(), &body);
        walk.look_ahead(context);
        Poll::Ready(wanted.then_some(Ok(page)))
    }
}

impl<T: Paged + DeserializeOwned> FusedStream for Pages<T> {
    fn is_terminated(&self) -> bool {
        self.walk.is_finished()
    }
}

impl<T> fmt::Debug for Pages<T> {
    /// Shows the operation and the position, never a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.walk.describe(&mut formatter.debug_struct("Pages"))
    }
}

/// The items of a list, as a stream.
///
/// Made by the `items()` of a generated request or by [`Request::items`]. It reads [`Pages`], with all
/// that is said there, and hands out their items in order.
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
    /// Ends the stream after `items` items, and asks for no page that is not needed for them; with 0,
    /// nothing is sent.
    ///
    /// Unless the request sets a page size, no page is asked to hold more than that.
    pub fn limit(mut self, items: usize) -> Self {
        self.pages = self.pages.limit(items);
        self
    }

    /// Fetches up to `pages` pages ahead of the one whose items are being handed out;
    /// [`Pages::prefetch`] says what that asks for and what comes out.
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

    /// All items in one list, in order, or as many as [`limit`](Items::limit) allows.
    ///
    /// All of them are in memory at once, so set a limit where nobody knows how long the list is.
    /// With [`prefetch`](Items::prefetch) it takes a fraction of the time.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`]: the first one ends the list, and what came before it is dropped.
    /// Where that is of use, read with [`next`](Items::next) instead.
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

    /// The next item; `None` at the end.
    ///
    /// Nothing is lost when the future is dropped: the next one goes on waiting for the same item.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`]. The stream has ended then; a new one may begin where this one
    /// broke off.
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
                // Whatever the caller does between two items, the pages to come go on.
                this.pages.walk.drive(context);
                return Poll::Ready(Some(Ok(item)));
            }
            // The page to come is counted against the limit, and may hold more than is left of it.
            let left = this.pages.walk.left();
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

// Nothing is pinned inside: the request in flight is boxed.
impl<T: Paged> Unpin for Items<T> {}

impl<T: Paged> fmt::Debug for Items<T> {
    /// Shows the operation and the position, never a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Items");
        shown.field("at_hand", &self.items.len());
        self.pages.walk.describe(&mut shown)
    }
}
