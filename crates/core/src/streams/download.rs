//! A response of bytes, as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::{FusedStream, Stream};

use super::body::StreamedBody;
use crate::Error;

/// The body of a response as a stream of bytes, in pieces as they arrive.
///
/// [`Request::stream_bytes`](crate::Request::stream_bytes) and the `stream()` method of generated
/// requests create it. It holds one piece at a time, whatever the size of the body.
///
/// ```no_run
/// # use scorekit_core::{Download, Error, Response};
/// # async fn example(response: Response<Download>) -> Result<(), Box<dyn std::error::Error>> {
/// use std::io::Write;
///
/// let mut file = std::fs::File::create("report.pdf")?;
/// let mut download = response.into_inner();
/// while let Some(piece) = download.next().await {
///     file.write_all(&piece?)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// **Limits.** The deadlines of the call and the limit of the size ended with the head of the
/// response. A pause longer than [`CallOptions::read_timeout`](crate::CallOptions::read_timeout) is
/// an [`ErrorKind::Timeout`](crate::ErrorKind::Timeout). Only the time in which the program waits
/// for a piece counts.
///
/// **End.** The stream ends with the body, or with an error as its last element. A body that breaks
/// off is never taken for a whole one. Nothing is requested again. Dropping the stream closes the
/// connection.
#[must_use = "a stream reads nothing until it is polled"]
pub struct Download {
    body: StreamedBody,
    is_ended: bool,
    /// True if it ended with an error.
    is_broken: bool,
}

impl Download {
    pub(super) fn new(body: StreamedBody) -> Self {
        Self {
            body,
            is_ended: false,
            is_broken: false,
        }
    }

    /// Returns the number of bytes that are still to come, if the server announced the length of
    /// the body and did not compress it; `None` after an error.
    pub fn left(&self) -> Option<u64> {
        self.body.left().filter(|_| !self.is_broken)
    }

    /// Returns the next piece of the body; `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call waits for the same piece.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Connection`](crate::ErrorKind::Connection) if the body breaks off,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) after a pause that is too long, and
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it cannot be decompressed. The stream
    /// then ends.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_ended {
            return Poll::Ready(None);
        }
        let piece = ready!(this.body.poll_piece(context));
        if !matches!(piece, Some(Ok(_))) {
            this.is_ended = true;
            this.is_broken = piece.is_some();
            this.body.close();
        }
        Poll::Ready(piece)
    }
}

impl FusedStream for Download {
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Download");
        shown.field("body", &self.body).field("left", &self.left());
        shown.finish()
    }
}
