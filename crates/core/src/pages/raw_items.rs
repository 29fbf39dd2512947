//! The items of a list together with their JSON as the server sent it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::Items;
use crate::{Error, RawBody};

/// An item of a list, together with its JSON as the server sent it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawItem<T> {
    /// The decoded item.
    pub item: T,
    /// The JSON of the item, with the properties that the API document does not list. It is a part
    /// of the body of the page, whose memory lives as long as the last of its items.
    ///
    /// `None` if the operation has no [`Pagination`](crate::Pagination) that names the place of the
    /// items, or if the program takes other items out of a page.
    pub raw: Option<RawBody>,
}

/// The items of a list with their JSON, as a stream; [`Items::with_raw`] creates it.
///
/// ```no_run
/// # use scorekit_core::{Error, Items};
/// # async fn example(orders: Items<String>) -> Result<(), Error> {
/// let mut orders = orders.with_raw();
/// while let Some(order) = orders.next().await {
///     let order = order?;
///     let priority = order.raw.as_ref().and_then(|raw| raw.pointer("/attributes/priority"));
///     println!("{}: {priority:?}", order.item);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream sends nothing until it is polled"]
pub struct RawItems<T> {
    items: Items<T>,
}

impl<T> RawItems<T> {
    pub(super) fn new(items: Items<T>) -> Self {
        Self { items }
    }

    /// Returns the next item; `None` at the end. See [`Items::next`] for details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Items::next`].
    pub async fn next(&mut self) -> Option<Result<RawItem<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T> Stream for RawItems<T> {
    type Item = Result<RawItem<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let items = &mut self.get_mut().items;
        let item = ready!(Pin::new(&mut *items).poll_next(context));
        Poll::Ready(item.map(|item| {
            let item = item?;
            let raw = items.next_raw();
            Ok(RawItem { item, raw })
        }))
    }
}

impl<T> FusedStream for RawItems<T> {
    fn is_terminated(&self) -> bool {
        self.items.is_terminated()
    }
}

impl<T> fmt::Debug for RawItems<T> {
    /// Shows the operation and the position, never an item or a credential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawItems")
            .field("items", &self.items)
            .finish()
    }
}
