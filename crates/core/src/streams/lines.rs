//! A response of JSON values, one on each line, as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::{FusedStream, Stream};

use super::body::StreamedBody;
use crate::response::lines::separator;
use crate::{Error, ErrorKind, FromJson};

/// The values of a response with one JSON value on each line, as a stream.
///
/// [`Request::stream_lines`](crate::Request::stream_lines) and the `stream()` method of generated
/// requests create it. The formats are newline-delimited JSON
/// (<https://github.com/ndjson/ndjson-spec>) and JSON text sequences
/// ([RFC 7464](https://www.rfc-editor.org/rfc/rfc7464)). Empty lines are skipped. It holds one line
/// and one piece of the body at a time.
///
/// ```no_run
/// # use scorekit_core::{Error, LineStream, Response, Value};
/// # async fn example(response: Response<LineStream<Value>>) -> Result<(), Error> {
/// let mut rows = response.into_inner();
/// while let Some(row) = rows.next().await {
///     println!("{}", row?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// **Limits.** The deadlines of the call ended with the head of the response. A pause longer than
/// [`CallOptions::read_timeout`](crate::CallOptions::read_timeout) is an
/// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), and a line with more bytes than
/// [`CallOptions::max_response_size`](crate::CallOptions::max_response_size) an
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
///
/// **Errors.** A line that is not one value is an [`ErrorKind::Decode`](crate::ErrorKind::Decode),
/// and the stream continues with the next line. Every other error is the last element. A line that
/// breaks off is never returned. Nothing is requested again, because the values that were read
/// would be repeated.
///
/// Deviations from the document are logged, and are errors with
/// [`CallOptions::strict_decoding`](crate::CallOptions::strict_decoding).
#[must_use = "a stream reads nothing until it is polled"]
pub struct LineStream<T> {
    lines: Lines,
    value: PhantomData<fn() -> T>,
}

impl<T> LineStream<T> {
    pub(super) fn new(body: StreamedBody) -> Self {
        Self {
            lines: Lines {
                body,
                piece: Bytes::new(),
                begun: Vec::new(),
                separator: None,
                number: 0,
                is_ended: false,
            },
            value: PhantomData,
        }
    }

    /// Returns the next value; `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call waits for the same value.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a line that is not a `T`.
    /// Returns [`ErrorKind::Connection`](crate::ErrorKind::Connection) if the body breaks off, and
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) after a pause that is too long. Returns
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for a line that is too long. After the
    /// last three, the stream ends.
    pub async fn next(&mut self) -> Option<Result<T, Error>>
    where
        T: FromJson,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: FromJson> Stream for LineStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let lines = &mut self.get_mut().lines;
        let line = match ready!(lines.poll(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(line)) => line,
        };
        let value = lines.body.decode(line);
        let number = lines.number;
        Poll::Ready(Some(value.map_err(|error: Error| {
            error.with_note(&format!("this is line {number}"))
        })))
    }
}

impl<T: FromJson> FusedStream for LineStream<T> {
    fn is_terminated(&self) -> bool {
        self.lines.is_ended
    }
}

impl<T> fmt::Debug for LineStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LineStream")
            .field("body", &self.lines.body)
            .field("lines", &self.lines.number)
            .finish()
    }
}

/// The lines of a body. It is not generic, so it is compiled once.
struct Lines {
    body: StreamedBody,
    /// The rest of the latest piece of the body.
    piece: Bytes,
    /// The begin of a line that earlier pieces had.
    begun: Vec<u8>,
    /// The byte between two values, once the first byte of the body has arrived.
    separator: Option<u8>,
    /// The number of the latest line, without empty ones.
    number: u64,
    is_ended: bool,
}

impl Lines {
    /// Returns the next line that is not empty.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            if let Some(line) = self.next_line() {
                self.number += 1;
                return Poll::Ready(Some(Ok(line)));
            }
            if self.is_ended {
                return Poll::Ready(None);
            }
            let limit = self.body.policies().max_response_size;
            if self.begun.len() > limit {
                let error = self.body.fail(too_long(limit));
                return Poll::Ready(self.end(Some(error)));
            }
            match ready!(self.body.poll_piece(context)) {
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(error)) => return Poll::Ready(self.end(Some(error))),
                None => {
                    // The last line may lack its line break.
                    let last = trimmed(std::mem::take(&mut self.begun).into());
                    self.end(None);
                    if last.is_empty() {
                        return Poll::Ready(None);
                    }
                    self.number += 1;
                    return Poll::Ready(Some(Ok(last)));
                }
            }
        }
    }

    /// Closes the stream. A line that broke off is dropped.
    fn end(&mut self, error: Option<Error>) -> Option<Result<Bytes, Error>> {
        self.is_ended = true;
        self.begun = Vec::new();
        self.body.close();
        error.map(Err)
    }

    /// Returns the next whole line of the latest piece that is not empty. Keeps the rest of the
    /// piece.
    fn next_line(&mut self) -> Option<Bytes> {
        if self.separator.is_none() && !self.piece.is_empty() {
            self.separator = separator(&self.piece);
        }
        let separator = self.separator.unwrap_or(b'\n');
        while let Some(end) = memchr::memchr(separator, &self.piece) {
            let mut line = self.piece.split_to(end);
            self.piece.advance(1);
            if !self.begun.is_empty() {
                self.begun.extend_from_slice(&line);
                line = std::mem::take(&mut self.begun).into();
            }
            let line = trimmed(line);
            if !line.is_empty() {
                return Some(line);
            }
        }
        self.begun.extend_from_slice(&self.piece);
        self.piece = Bytes::new();
        None
    }
}

/// Returns a line without white space at its ends, and without a byte order mark before it.
fn trimmed(mut line: Bytes) -> Bytes {
    if line.starts_with(b"\xef\xbb\xbf") {
        line.advance(3);
    }
    let begin = line.len() - line.trim_ascii_start().len();
    line.advance(begin);
    line.truncate(line.trim_ascii_end().len());
    line
}

/// Creates the error for a line that is longer than a response may be.
fn too_long(limit: usize) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!(
            "a line has more than {limit} bytes; raise CallOptions::max_response_size, or read \
             the bytes"
        ),
    )
}
