//! The body of an answer: whole, or in pieces that come one by one and may break off.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

/// The body of an answer.
pub(crate) enum Body {
    /// All of it at once; nothing when it is empty or was taken.
    Whole(Option<Bytes>),
    /// Pieces as they come. An error closes the connection in the middle of the body.
    Pieces {
        /// Where the pieces come from; the body ends when the sender is gone.
        pieces: mpsc::Receiver<io::Result<Bytes>>,
        /// How many bytes are announced and not sent yet; nothing if the length is not known.
        left: Option<u64>,
        /// An error that is told when the pieces before it are on their way.
        broken: Option<io::Error>,
    },
}

impl Body {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }

    /// These bytes, all at once.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::Whole((!bytes.is_empty()).then_some(bytes))
    }

    /// Pieces as they come, of a length in all that may be known.
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
                        // An error drops what was not written yet, which happens while the body is pending.
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
