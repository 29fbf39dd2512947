//! Responses that are read while they arrive: events, lines and downloads.
//!
//! A call of this kind ends with the head of the response. Its deadlines and the limit of the
//! response's size end there, too. After that, [`CallOptions::read_timeout`] limits the pauses, and
//! [`CallOptions::max_response_size`] the size of one event or line. Nothing runs in the
//! background: dropping a stream closes its connection.

mod body;
mod download;
mod event_parser;
mod events;
mod lines;

pub use download::Download;
pub use events::{Event, EventStream};
pub use lines::LineStream;

#[cfg(doc)]
use crate::CallOptions;
use crate::request::raw::RawRequest;
use crate::response::raw::RawResponse;
use crate::send::pipeline::execute;
use crate::{BodyKind, Error, FromJson, Request, Response};
use body::StreamedBody;
use events::EventSource;

/// The media types of lines, best first.
const LINES: &str = "application/x-ndjson, application/jsonl";

impl<T> Request<T> {
    /// Sends the request and returns the events of the response as they arrive, each with its
    /// `data` decoded from JSON. See [`EventStream`].
    ///
    /// The request asks for `text/event-stream`, whatever the operation usually returns. Some
    /// servers also need a property of the request body, such as `"stream": true`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send) until the head of the response has arrived,
    /// and [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a response of another media type.
    pub async fn stream_events<D: FromJson>(self) -> Result<Response<EventStream<D>>, Error> {
        let (response, source) = self.open_events().await?;
        Ok(Response::new(response, EventStream::of_json(source)))
    }

    /// Sends the request and returns the events of the response as they arrive, each with its
    /// `data` as text. See [`EventStream`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`stream_events`](Request::stream_events).
    pub async fn stream_text_events(self) -> Result<Response<EventStream<String>>, Error> {
        let (response, source) = self.open_events().await?;
        Ok(Response::new(response, EventStream::of_text(source)))
    }

    async fn open_events(mut self) -> Result<(RawResponse, EventSource), Error> {
        self.raw.set_accepted("text/event-stream");
        self.raw.is_streamed = true;
        let again = EventSource::may_reconnect(&self.raw).then(|| self.raw.clone());
        let (response, body) = open(self.raw).await?;
        Ok((response, EventSource::new(body, again)?))
    }

    /// Sends the request and returns the JSON values of the response as they arrive, one from each
    /// line. See [`LineStream`].
    ///
    /// Unless the operation returns lines, the request asks for `application/x-ndjson` or
    /// `application/jsonl`. [`accept`](Request::accept) sets another media type.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send) until the head of the response has arrived.
    pub async fn stream_lines<I: FromJson>(mut self) -> Result<Response<LineStream<I>>, Error> {
        let is_usual = self.raw.operation.response == BodyKind::JsonLines;
        if !is_usual && self.raw.accepted().is_none() {
            self.raw.set_accepted(LINES);
        }
        let (response, body) = open(self.raw).await?;
        Ok(Response::new(response, LineStream::new(body)))
    }

    /// Sends the request and returns the body as it arrives. See [`Download`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send) until the head of the response has arrived.
    pub async fn stream_bytes(self) -> Result<Response<Download>, Error> {
        let (response, body) = open(self.raw).await?;
        Ok(Response::new(response, Download::new(body)))
    }
}

/// Sends a request, and returns its response with the open body.
async fn open(mut request: Box<RawRequest>) -> Result<(RawResponse, StreamedBody), Error> {
    request.is_streamed = true;
    let response = execute(*request).await?;
    Ok(StreamedBody::take(response))
}
