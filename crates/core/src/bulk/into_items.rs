//! The sources of items: iterators and streams, without a method for each.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

/// A source of items: a `Vec`, an iterator or any other [`IntoIterator`], or a [`Stream`].
///
/// The compiler infers `Kind`. For a type that is both, name it: [`IteratorKind`] or
/// [`StreamKind`].
///
/// ```
/// use scorekit_core::IntoItems;
///
/// fn stream_of<Kind>(items: impl IntoItems<Kind, Item = u32>) {
///     let _stream = items.into_items();
/// }
/// stream_of([1, 2, 3]);
/// ```
pub trait IntoItems<Kind> {
    /// The type of an item.
    type Item;
    /// The stream of the items.
    type Stream: Stream<Item = Self::Item>;

    /// Converts the source into a stream of its items.
    fn into_items(self) -> Self::Stream;
}

/// The kind of an [`IntoItems`] that iterates.
#[derive(Clone, Copy, Debug)]
pub enum IteratorKind {}

/// The kind of an [`IntoItems`] that is a stream.
#[derive(Clone, Copy, Debug)]
pub enum StreamKind {}

impl<I: IntoIterator> IntoItems<IteratorKind> for I {
    type Item = I::Item;
    type Stream = IterStream<I::IntoIter>;

    fn into_items(self) -> Self::Stream {
        IterStream(self.into_iter())
    }
}

impl<S: Stream> IntoItems<StreamKind> for S {
    type Item = S::Item;
    type Stream = S;

    fn into_items(self) -> Self::Stream {
        self
    }
}

/// A stream of the items of an iterator, which is always ready.
#[derive(Clone, Debug)]
pub struct IterStream<I>(I);

// The iterator is never pinned.
impl<I> Unpin for IterStream<I> {}

impl<I: Iterator> Stream for IterStream<I> {
    type Item = I::Item;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.get_mut().0.next())
    }
}
