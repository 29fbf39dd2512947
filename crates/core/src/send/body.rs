//! Reads the body of a response within limits of time and size.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

/// The memory that is reserved for an announced length at most, in bytes. A longer body has to
/// arrive first.
const MAX_RESERVED: usize = 1024 * 1024;

/// The limits of reading a body.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    /// When the attempt ends.
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

/// Reads a body up to the allowed size. Returns it with the reason why it is not complete, if it is
/// not.
pub(crate) async fn read(
    response: &mut reqwest::Response,
    limits: BodyLimits,
) -> (Bytes, Option<BodyProblem>) {
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    // Most bodies arrive in one piece, which then needs no copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let problem = loop {
        let stalled = Instant::now().checked_add(limits.read_timeout);
        let limit = stalled.map_or(limits.deadline, |stalled| stalled.min(limits.deadline));
        let mut chunk = match timeout_at(limit, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => break Some(BodyProblem::Broken(error.without_url())),
            Err(_) if limit == limits.deadline => break Some(BodyProblem::Deadline),
            Err(_) => break Some(BodyProblem::Stalled),
        };
        let length = first.len() + rest.len();
        let room = limits.size.saturating_sub(length);
        let too_large = chunk.len() > room;
        chunk.truncate(room);
        if length == 0 {
            first = chunk;
        } else {
            if rest.is_empty() {
                let expected = announced.min(limits.size).min(MAX_RESERVED);
                rest.reserve(expected.max(length + chunk.len()));
                rest.extend_from_slice(&first);
                first = Bytes::new();
            }
            rest.extend_from_slice(&chunk);
        }
        if too_large {
            break Some(BodyProblem::TooLarge);
        }
    };
    let body = if rest.is_empty() {
        first
    } else {
        rest.freeze()
    };
    (body, problem)
}
