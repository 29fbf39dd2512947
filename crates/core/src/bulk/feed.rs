//! What items may come from: an iterator or a stream, without a method for each.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

/// Where items come from: anything that iterates, such as a `Vec`, an iterator or a range, or a
/// [`Stream`].
///
/// `How` is found by the compiler. Should a type be both, name it: [`Iterated`] or [`Streamed`].
pub trait Feed<How> {
    /// What comes.
    type Item;
    /// How it comes.
    type Stream: Stream<Item = Self::Item>;

    /// The items, one after the other.
    fn into_feed(self) -> Self::Stream;
}

/// [`Feed`] from what iterates.
#[derive(Clone, Copy, Debug)]
pub enum Iterated {}

/// [`Feed`] from a stream.
#[derive(Clone, Copy, Debug)]
pub enum Streamed {}

impl<I: IntoIterator> Feed<Iterated> for I {
    type Item = I::Item;
    type Stream = Iterating<I::IntoIter>;

    fn into_feed(self) -> Self::Stream {
        Iterating(self.into_iter())
    }
}

impl<S: Stream> Feed<Streamed> for S {
    type Item = S::Item;
    type Stream = S;

    fn into_feed(self) -> Self::Stream {
        self
    }
}

/// An iterator as a stream that always has its next item ready.
#[derive(Clone, Debug)]
pub struct Iterating<I>(I);

// The iterator is never pinned.
impl<I> Unpin for Iterating<I> {}

impl<I: Iterator> Stream for Iterating<I> {
    type Item = I::Item;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.get_mut().0.next())
    }
}
