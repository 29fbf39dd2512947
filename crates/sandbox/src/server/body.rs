//! The body of a response: whole, or in pieces that can end with an error.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

/// The body of a response.
pub(crate) enum Body {
    /// The whole body; `None` if it is empty or was sent.
    Whole(Option<Bytes>),
    /// A stream of pieces. An error closes the connection in the middle of the body.
    Pieces {
        /// The pieces. The body ends when the sender is dropped.
        pieces: mpsc::Receiver<io::Result<Bytes>>,
        /// The bytes that are announced and not yet sent; `None` if the length is not known.
        left: Option<u64>,
        /// An error that is returned after the pieces before it are sent.
        broken: Option<io::Error>,
    },
}

impl Body {
    /// Creates an empty body.
    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }

    /// Creates a body that is sent at once.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::Whole((!bytes.is_empty()).then_some(bytes))
    }

    /// Returns the bytes of a body that is sent at once.
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => bytes.as_ref(),
            Self::Pieces { .. } => None,
        }
    }

    /// Creates a body from a stream of pieces. `left` is its length, if known.
    pub(crate) fn pieces(pieces: mpsc::Receiver<io::Result<Bytes>>, left: Option<u64>) -> Self {
        Self::Pieces {
            pieces,
            left,
            broken: None,
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces {
                pieces,
                left,
                broken,
            } => {
                if let Some(error) = broken.take() {
                    return Poll::Ready(Some(Err(error)));
                }
                match ready!(pieces.poll_recv(context)) {
                    Some(Ok(bytes)) => {
                        if let Some(left) = left {
                            *left = left.saturating_sub(bytes.len() as u64);
                        }
                        Poll::Ready(Some(Ok(Frame::data(bytes))))
                    }
                    Some(Err(error)) => {
                        // The error would drop bytes that hyper has not written. It writes them
                        // while the body is pending.
                        *broken = Some(error);
                        context.waker().wake_by_ref();
                        Poll::Pending
                    }
                    None => Poll::Ready(None),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Pieces { left, .. } => left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
