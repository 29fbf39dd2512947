//! Reads the body of an answer within limits of time and size.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

/// How much memory an announced length is trusted with, in bytes: what announces more has to send it first.
const MOST_RESERVED: usize = 1024 * 1024;

/// How long and how large a body may be.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    /// When the attempt is over.
    pub(crate) deadline: Instant,
    /// How long nothing may come.
    pub(crate) read_timeout: Duration,
    /// How many bytes it may have, after decompression.
    pub(crate) size: usize,
}

/// Why a body was not read to its end.
pub(crate) enum BodyProblem {
    /// The attempt was over.
    Deadline,
    /// Nothing came for too long.
    Silent,
    /// It has more bytes than allowed.
    TooLarge,
    /// The connection broke, or what came could not be decompressed.
    Broken(reqwest::Error),
}

/// What there is of a body, up to the allowed size, and why there is no more.
pub(crate) async fn read(
    response: &mut reqwest::Response,
    limits: BodyLimits,
) -> (Bytes, Option<BodyProblem>) {
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    // Most bodies come in one piece, which then needs no copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let problem = loop {
        let silence = Instant::now().checked_add(limits.read_timeout);
        let limit = silence.map_or(limits.deadline, |silence| silence.min(limits.deadline));
        let mut chunk = match timeout_at(limit, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => break Some(BodyProblem::Broken(error.without_url())),
            Err(_) if limit == limits.deadline => break Some(BodyProblem::Deadline),
            Err(_) => break Some(BodyProblem::Silent),
        };
        let length = first.len() + rest.len();
        let room = limits.size.saturating_sub(length);
        let too_large = chunk.len() > room;
        chunk.truncate(room);
        if length == 0 {
            first = chunk;
        } else {
            if rest.is_empty() {
                let expected = announced.min(limits.size).min(MOST_RESERVED);
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
