//! Reads the body of a response within limits of time and size.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

/// The memory that is reserved for an announced length at most, in bytes. A longer body has to
/// arrive first.
const MAX_RESERVED: usize = 1024 * 1024;

/// The number of turns that the connection's task gets while a body is read without waiting. A
/// piece of a body has 8 KiB or more, and a task on another thread may need some turns for one.
const CONNECTION_TURNS: u32 = 32;

/// The limits of reading a body.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    /// The end of the attempt.
    pub(crate) deadline: Instant,
    /// The longest pause between two pieces of the body.
    pub(crate) read_timeout: Duration,
    /// The maximum size in bytes, after decompression.
    pub(crate) size: usize,
}

/// The reason why a body was not read to its end.
pub(crate) enum BodyProblem {
    /// The attempt ended.
    Deadline,
    /// No piece arrived for too long.
    Stalled,
    /// The body has more bytes than allowed.
    TooLarge,
    /// The connection broke, or the body cannot be decompressed.
    Broken(reqwest::Error),
}

/// The pieces of a body that have arrived.
#[derive(Default)]
struct Pieces {
    /// Most bodies arrive in one piece, which then needs no copy.
    first: Bytes,
    rest: BytesMut,
}

impl Pieces {
    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Adds a piece, up to a total of `size` bytes. Returns true if that cuts it. `expected` is the
    /// announced length of the body.
    fn add(&mut self, mut piece: Bytes, size: usize, expected: usize) -> bool {
        let length = self.len();
        let room = size.saturating_sub(length);
        let is_cut = piece.len() > room;
        piece.truncate(room);
        if length == 0 {
            self.first = piece;
        } else {
            if self.rest.is_empty() {
                let expected = expected.min(size).min(MAX_RESERVED);
                self.rest.reserve(expected.max(length + piece.len()));
                self.rest.extend_from_slice(&self.first);
                self.first = Bytes::new();
            }
            self.rest.extend_from_slice(&piece);
        }
        is_cut
    }

    fn into_body(self) -> Bytes {
        match self.rest.is_empty() {
            true => self.first,
            false => self.rest.freeze(),
        }
    }
}

/// Returns the announced length of a body; zero if none is announced.
fn announced(response: &reqwest::Response) -> usize {
    usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX)
}

/// Reads a body up to the allowed size. Returns it with the reason why it is not complete, if it is
/// not.
pub(crate) async fn read(
    response: &mut reqwest::Response,
    limits: BodyLimits,
) -> (Bytes, Option<BodyProblem>) {
    let announced = announced(response);
    let mut pieces = Pieces::default();
    let problem = loop {
        let stalled = Instant::now().checked_add(limits.read_timeout);
        let limit = stalled.map_or(limits.deadline, |stalled| stalled.min(limits.deadline));
        let chunk = match timeout_at(limit, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => break Some(BodyProblem::Broken(error.without_url())),
            Err(_) if limit == limits.deadline => break Some(BodyProblem::Deadline),
            Err(_) => break Some(BodyProblem::Stalled),
        };
        if pieces.add(chunk, limits.size, announced) {
            break Some(BodyProblem::TooLarge);
        }
    };
    (pieces.into_body(), problem)
}

/// Reads up to `size` bytes of a body that have already arrived. Returns them, and whether the end
/// of the body is missing.
///
/// It waits for nothing and does not fail. The connection's task hands over one piece at a time, so
/// that task gets a bounded number of turns.
pub(crate) async fn read_arrived(response: &mut reqwest::Response, size: usize) -> (Bytes, bool) {
    let announced = announced(response);
    let mut pieces = Pieces::default();
    let mut turns = CONNECTION_TURNS;
    let is_cut = loop {
        let polled = {
            let mut chunk = pin!(response.chunk());
            poll_fn(|context| Poll::Ready(chunk.as_mut().poll(context))).await
        };
        match polled {
            Poll::Ready(Ok(Some(chunk))) => {
                if pieces.add(chunk, size, announced) {
                    break true;
                }
            }
            Poll::Ready(Ok(None)) => break false,
            Poll::Ready(Err(_)) => break true,
            Poll::Pending if turns == 0 => break true,
            Poll::Pending => {
                turns -= 1;
                tokio::task::yield_now().await;
            }
        }
    };
    (pieces.into_body(), is_cut)
}
