//! A response of events, as they arrive, and the connections that continue it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use tokio::time::{Sleep, sleep};

use super::body::StreamedBody;
use super::event_parser::{EventParser, RawEvent};
use crate::error::excerpt::LONGEST_SAID;
use crate::request::encode::{bounded, in_words, one_line};
use crate::request::raw::RawRequest;
use crate::response::raw::RawResponse;
use crate::send::pipeline::execute;
use crate::send::transport::BoxFuture;
use crate::{Error, ErrorKind, FromJson};

/// The media type of a stream of events.
const MEDIA_TYPE: &str = "text/event-stream";

/// The data of the last event of many streams of JSON, such as those of OpenAI.
const DONE: &[u8] = b"[DONE]";

/// The wait before a new connection unless the server asks for another. The standard suggests a few
/// seconds.
const DEFAULT_WAIT: Duration = Duration::from_secs(3);

/// An event of an [`EventStream`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<T> {
    /// The type; `message` if the server names none.
    pub event: String,
    /// The latest id that the server has sent, with this event or an earlier one.
    pub id: Option<String>,
    /// The data.
    pub data: T,
}

/// The events of a response, as a stream.
///
/// [`Request::stream_events`](crate::Request::stream_events) and generated requests create it: the
/// method `send()` if the operation returns nothing else, else `stream()`. The format is that of
/// the standard (<https://html.spec.whatwg.org/multipage/server-sent-events.html>). It holds one
/// event and one piece of the body at a time.
///
/// ```no_run
/// # use scorekit_core::{Error, EventStream, Response, Value};
/// # async fn example(response: Response<EventStream<Value>>) -> Result<(), Error> {
/// let mut events = response.into_inner();
/// while let Some(event) = events.next().await {
///     let event = event?;
///     println!("{}: {}", event.event, event.data);
/// }
/// # Ok(())
/// # }
/// ```
///
/// **End.** The stream ends with the body, and at an event whose data is `[DONE]`, where the data
/// is JSON. An event that breaks off is dropped.
///
/// **Reconnection.** A `GET` is repeated when the body ends or breaks off, or after a pause that is
/// too long. This needs an `id` or a `retry` from the server, which can then continue. The new
/// request names the latest id (`Last-Event-ID`). It is sent after the wait that the server asks
/// for (`retry`), or else after 3 seconds. Connections without an event are followed by longer and
/// longer waits, as the [`RetryPolicy`](crate::RetryPolicy) has them. A response with status 204
/// ends the stream. [`reconnect`](EventStream::reconnect) changes that. Other methods are never
/// sent again, because that could apply a change twice.
///
/// **Limits.** The deadlines of the call ended with the head of the response. A pause longer than
/// [`CallOptions::read_timeout`](crate::CallOptions::read_timeout), 30 seconds by default, is an
/// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout). The standard advises servers to send a
/// comment every 15 seconds; raise the limit for a server that does not. An event with more bytes
/// than [`CallOptions::max_response_size`](crate::CallOptions::max_response_size) is an
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
///
/// **Errors.** Data that is not a `T` is an [`ErrorKind::Decode`](crate::ErrorKind::Decode), and
/// the stream continues with the next event. Every other error is the last element. Deviations
/// from the document are logged, and are errors with
/// [`CallOptions::strict_decoding`](crate::CallOptions::strict_decoding).
///
/// Dropping the stream closes its connection.
#[must_use = "a stream reads nothing until it is polled"]
pub struct EventStream<T> {
    source: Box<EventSource>,
    decode: fn(&StreamedBody, Bytes) -> Result<T, Error>,
}

impl<T: FromJson> EventStream<T> {
    pub(super) fn of_json(mut source: EventSource) -> Self {
        source.ends_at_done = true;
        Self {
            source: Box::new(source),
            decode: StreamedBody::decode,
        }
    }
}

impl EventStream<String> {
    pub(super) fn of_text(source: EventSource) -> Self {
        Self {
            source: Box::new(source),
            decode: |_, data| Ok(String::from_utf8_lossy(&data).into_owned()),
        }
    }
}

impl<T> EventStream<T> {
    /// Sets whether the request is sent again when the stream ends or breaks off: always, as
    /// browsers do, or never. By default, it is if the server has sent an `id` or a `retry`, and
    /// the [`RetryPolicy`](crate::RetryPolicy) allows more than one attempt.
    ///
    /// It has no effect unless the method of the operation is `GET`.
    pub fn reconnect(mut self, reconnect: bool) -> Self {
        self.source.reconnect = Some(reconnect);
        self
    }

    /// Returns the latest id that the server has sent. A new request can continue after it, with
    /// `header_unchecked("Last-Event-ID", id)`.
    pub fn last_event_id(&self) -> Option<&str> {
        self.source.parser.last_id().filter(|id| !id.is_empty())
    }

    /// Returns the next event; `None` at the end.
    ///
    /// Dropping the future loses nothing: the next call waits for the same event.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) for data that is not a `T`. Where
    /// the stream cannot continue, the last element is the error of the body, such as
    /// [`ErrorKind::Connection`](crate::ErrorKind::Connection), or that of the new request.
    pub async fn next(&mut self) -> Option<Result<Event<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T> Stream for EventStream<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        Poll::Ready(match ready!(this.source.poll(context)) {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(RawEvent { event, id, data })) => {
                let data = (this.decode)(&this.source.body, data);
                Some(data.map(|data| Event { event, id, data }))
            }
        })
    }
}

impl<T> FusedStream for EventStream<T> {
    fn is_terminated(&self) -> bool {
        matches!(self.source.state, State::Ended)
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventStream")
            .field("body", &self.source.body)
            .finish_non_exhaustive()
    }
}

/// The events of a response. It is not generic, so it is compiled once.
pub(super) struct EventSource {
    body: StreamedBody,
    /// The rest of the latest piece of the body.
    piece: Bytes,
    parser: EventParser,
    state: State,
    /// The request for a new connection, if there may be one.
    again: Option<Box<RawRequest>>,
    /// True if the caller wants new connections; `None` leaves the decision to the server.
    reconnect: Option<bool>,
    /// The number of connections without an event since the latest event.
    in_vain: u32,
    ends_at_done: bool,
}

enum State {
    Reading,
    /// The wait before a new connection.
    Waiting(Pin<Box<Sleep>>),
    Connecting(BoxFuture<'static, Result<RawResponse, Error>>),
    Ended,
}

impl EventSource {
    /// Returns true if a request may be sent again when its events end.
    pub(super) fn may_reconnect(request: &RawRequest) -> bool {
        request.operation.method == Method::GET
    }

    /// Reads the events of a response. `again` is the request for a new connection.
    pub(super) fn new(body: StreamedBody, again: Option<Box<RawRequest>>) -> Result<Self, Error> {
        check_media_type(&body)?;
        let state = match body.head.status {
            StatusCode::NO_CONTENT => State::Ended,
            _ => State::Reading,
        };
        Ok(Self {
            piece: Bytes::new(),
            parser: EventParser::new(body.policies().max_response_size),
            state,
            again,
            reconnect: None,
            in_vain: 0,
            ends_at_done: false,
            body,
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RawEvent, Error>>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Waiting(wait) => {
                    ready!(wait.as_mut().poll(context));
                    self.state = match self.request() {
                        Some(request) => State::Connecting(execute(request)),
                        None => State::Ended,
                    };
                }
                State::Connecting(response) => {
                    let response = ready!(response.as_mut().poll(context));
                    if let Err(error) = response.and_then(|response| self.connected(response)) {
                        self.end();
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                State::Reading => match self.parser.next(&mut self.piece) {
                    Ok(Some(event)) if self.ends_at_done && event.data == DONE => self.end(),
                    Ok(Some(event)) => {
                        self.in_vain = 0;
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Ok(None) => match ready!(self.body.poll_piece(context)) {
                        Some(Ok(piece)) => self.piece = piece,
                        Some(Err(error)) => {
                            if let Some(error) = self.interrupted(Some(error)) {
                                return Poll::Ready(Some(Err(error)));
                            }
                        }
                        None => {
                            if let Some(error) = self.interrupted(None) {
                                return Poll::Ready(Some(Err(error)));
                            }
                        }
                    },
                    Err(_) => {
                        let error = self.body.fail(too_long(self.body.policies()));
                        self.end();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }

    /// Decides what follows a body that ended, or broke off with `error`. Returns the error with
    /// which the stream ends, if it does.
    fn interrupted(&mut self, error: Option<Error>) -> Option<Error> {
        let is_temporary = error
            .as_ref()
            .is_none_or(|error| matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout));
        let can_continue = self.parser.last_id().is_some() || self.parser.retry().is_some();
        let policy = &self.body.policies().retry;
        let wanted = self
            .reconnect
            .unwrap_or(can_continue && policy.max_attempts > 1);
        if self.again.is_none() || !is_temporary || !wanted {
            self.end();
            return error;
        }
        let asked = self.parser.retry();
        if let Some(wait) = asked.filter(|wait| *wait > policy.max_wait) {
            let reason = format!(
                "cannot connect again: the server asks for a wait of {}, longer than \
                 RetryPolicy::max_wait ({}) allows",
                in_words(wait),
                in_words(policy.max_wait)
            );
            let error = match error {
                Some(error) => error.with_note(&reason),
                None => self.body.fail(Error::new(ErrorKind::Timeout, reason)),
            };
            self.end();
            return Some(error.with_retry_after(wait));
        }
        let backoff = match self.in_vain.checked_sub(1) {
            Some(retry) => policy.bound(retry),
            None => Duration::ZERO,
        };
        let wait = asked.unwrap_or(DEFAULT_WAIT).max(backoff);
        self.in_vain = self.in_vain.saturating_add(1);
        self.body.close();
        self.parser.restart();
        self.state = State::Waiting(Box::pin(sleep(wait)));
        None
    }

    /// Returns the request for a new connection, which names the latest id.
    fn request(&self) -> Option<RawRequest> {
        let mut request = self.again.as_deref()?.clone();
        if let Some(id) = self.parser.last_id().filter(|id| !id.is_empty()) {
            request.set_unchecked_header("last-event-id", &id);
        }
        Some(request)
    }

    /// Continues with the response to a new connection.
    fn connected(&mut self, response: RawResponse) -> Result<(), Error> {
        let (_, body) = StreamedBody::take(response);
        check_media_type(&body)?;
        self.body = body;
        self.piece = Bytes::new();
        match self.body.head.status {
            StatusCode::NO_CONTENT => self.end(),
            _ => self.state = State::Reading,
        }
        Ok(())
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.piece = Bytes::new();
        self.body.close();
    }
}

/// Returns an error if a response says that it has no events. One that says nothing may have some.
fn check_media_type(body: &StreamedBody) -> Result<(), Error> {
    let said = body.head.headers.get(CONTENT_TYPE);
    let Some(said) = said.and_then(|it| it.to_str().ok()) else {
        return Ok(());
    };
    let essence = said.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(MEDIA_TYPE) || body.head.status == StatusCode::NO_CONTENT {
        return Ok(());
    }
    let said = body
        .head
        .credentials
        .scrub_text(bounded(&essence, LONGEST_SAID));
    let said = one_line(&said, 100);
    Err(body.fail(Error::new(
        ErrorKind::Decode,
        format!(
            "cannot read events: the response has the media type {said:?}, not {MEDIA_TYPE}; ask \
             for events as the vendor documents, or read the body with another method"
        ),
    )))
}

/// Creates the error for an event that is longer than a response may be.
fn too_long(policies: &crate::client::options::Policies) -> Error {
    let limit = policies.max_response_size;
    Error::new(
        ErrorKind::TooLarge,
        format!("an event has more than {limit} bytes; raise CallOptions::max_response_size"),
    )
}
