//! The body of a response, piece by piece, with a limit of the pauses.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body;
use tokio::time::{Instant, Sleep, sleep};

use crate::client::options::Policies;
use crate::error::attempt::body_error;
use crate::response::deviations::Recording;
use crate::response::json::read;
use crate::response::raw::{OpenBody, RawResponse};
use crate::send::body::BodyProblem;
use crate::types::json::Json;
use crate::{Error, FromJson};

/// The body of a response, piece by piece.
pub(super) struct StreamedBody {
    /// The response without its body, which every error names.
    pub(super) head: RawResponse,
    open: OpenBody,
    /// The end of the pause, if the body is waited for.
    pause: Pin<Box<Sleep>>,
    is_waiting: bool,
}

impl StreamedBody {
    /// Takes the open body of a response. Returns it with the rest of the response.
    pub(super) fn take(mut response: RawResponse) -> (RawResponse, Self) {
        let open = response.open.take().map_or_else(OpenBody::empty, |it| *it);
        let head = response.with_body(Bytes::new());
        let body = Self {
            head,
            pause: Box::pin(sleep(open.policies.read_timeout)),
            open,
            is_waiting: false,
        };
        (response, body)
    }

    pub(super) fn policies(&self) -> &Policies {
        &self.open.policies
    }

    /// Returns the number of bytes that are left, if the server announced it.
    pub(super) fn left(&self) -> Option<u64> {
        self.open.body.size_hint().exact()
    }

    /// Returns the next piece, or `None` at the end of the body.
    ///
    /// Only the time counts as a pause in which the caller waits: one that takes its time with a
    /// piece loses nothing.
    pub(super) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.open.body).poll_frame(context) else {
                if !self.is_waiting {
                    let now = Instant::now();
                    let end = now.checked_add(self.open.policies.read_timeout);
                    self.pause.as_mut().reset(end.unwrap_or(now));
                    self.is_waiting = true;
                }
                ready!(self.pause.as_mut().poll(context));
                return Poll::Ready(Some(Err(self.problem(BodyProblem::Stalled))));
            };
            self.is_waiting = false;
            match frame {
                None => {
                    self.open.permit = None;
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    let problem = BodyProblem::Broken(error.without_url());
                    return Poll::Ready(Some(Err(self.problem(problem))));
                }
                // Trailers are not read.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) if !piece.is_empty() => return Poll::Ready(Some(Ok(piece))),
                    _ => {}
                },
            }
        }
    }

    /// Drops what is left of the body, which closes the connection unless it was read to its end.
    pub(super) fn close(&mut self) {
        self.open.body = reqwest::Body::default();
        self.open.permit = None;
    }

    /// Creates the error for a body that cannot be read to its end.
    fn problem(&self, problem: BodyProblem) -> Error {
        let safety = self.head.operation.retry;
        let OpenBody { host, policies, .. } = &self.open;
        let credentials = &self.head.credentials;
        self.fail(body_error(host, policies, safety, credentials, problem))
    }

    /// Completes and records an error of this response.
    pub(super) fn fail(&self, error: Error) -> Error {
        self.head.complete(error)
    }

    /// Decodes a value of the body.
    pub(super) fn decode<T: FromJson>(&self, json: Bytes) -> Result<T, Error> {
        let recording = Recording::begin();
        match read::<Json<T>>(&json) {
            Ok(value) => {
                let deviations = recording.finish();
                if deviations.total > 0 {
                    self.head.with_body(json).note_deviations(deviations)?;
                }
                Ok(value.0)
            }
            Err(error) => {
                drop(recording);
                Err(self.head.with_body(json).decode_error(error))
            }
        }
    }
}

impl fmt::Debug for StreamedBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StreamedBody")
            .field("operation", &self.head.operation.id)
            .field("status", &self.head.status)
            .finish_non_exhaustive()
    }
}
