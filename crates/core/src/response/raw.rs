//! A successful response that is not decoded yet.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;

use crate::auth::credentials::ResolvedCredentials;
use crate::client::options::Policies;
use crate::error::excerpt::{Cause, LONGEST_MESSAGE, LONGEST_SAID, excerpt_around};
use crate::request::encode::{bounded, one_line};
use crate::request::raw::Arguments;
use crate::response::by_status;
use crate::response::deviations::{DeviationKind, Deviations, Recording};
use crate::response::json_path::{offset_of, path_at, without_position};
use crate::send::trace;
use crate::{Error, ErrorKind, Operation, RateLimit, RawBody};

/// The longest end of a path that a message shows, in characters.
const LONGEST_PATH: usize = 200;

/// A successful response that is not decoded yet.
pub(crate) struct RawResponse {
    /// The credentials of its request.
    pub(crate) credentials: Arc<ResolvedCredentials>,
    pub(crate) operation: &'static Operation,
    /// The arguments of its request.
    pub(crate) arguments: Arguments,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body as it was received.
    pub(crate) body: RawBody,
    /// The JSON text to decode, if it is not the body.
    pub(crate) converted: Option<Bytes>,
    /// The number of bytes in `converted` before those that the server sent: the status, where the
    /// status decides on the body's type.
    pub(crate) converted_offset: usize,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) attempts: u32,
    /// True if a byte order mark came before the body.
    pub(crate) has_mark: bool,
    /// True if deviations from the document are errors.
    pub(crate) is_strict: bool,
    /// The deviations from the document, once the body is decoded.
    pub(crate) deviations: Option<Box<Deviations>>,
    /// The span of the call, which ends once the response is decoded.
    pub(crate) span: Span,
    /// The body, if it is read as a stream.
    pub(crate) open: Option<Box<OpenBody>>,
}

/// A body that is not read yet, and what its errors name.
pub(crate) struct OpenBody {
    pub(crate) body: reqwest::Body,
    pub(crate) host: String,
    pub(crate) policies: Policies,
    /// The place of the stream among the concurrent requests, if their number is limited.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
}

impl OpenBody {
    /// Returns a body without bytes.
    pub(crate) fn empty() -> Self {
        Self {
            body: reqwest::Body::default(),
            host: String::new(),
            policies: Policies::default(),
            permit: None,
        }
    }
}

impl RawResponse {
    /// Returns the JSON text to decode.
    pub(crate) fn json(&self) -> &[u8] {
        self.converted.as_deref().unwrap_or(self.body.bytes())
    }

    /// Returns this response with another body, such as a part of its own.
    pub(crate) fn with_body(&self, body: Bytes) -> Self {
        Self {
            credentials: Arc::clone(&self.credentials),
            operation: self.operation,
            arguments: self.arguments.clone(),
            status: self.status,
            headers: self.headers.clone(),
            body: RawBody::new(body, false, false),
            converted: None,
            converted_offset: 0,
            rate_limit: self.rate_limit.clone(),
            attempts: self.attempts,
            has_mark: false,
            is_strict: self.is_strict,
            deviations: None,
            span: self.span.clone(),
            open: None,
        }
    }

    /// Completes and records an error of this response that is not about a value of its body.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let mut headers = self.headers.clone();
        self.credentials.scrub_headers(&mut headers);
        let error = error
            .in_operation(self.operation.id)
            .with_arguments(self.arguments.path_text(&self.credentials))
            .with_response(self.status, headers)
            .with_attempts(self.attempts)
            .with_rate_limit(self.rate_limit.clone());
        trace::fail(&self.span, &error);
        error
    }

    /// Returns the JSON to decode instead of an empty body: `empty` in place of the body. `None` if
    /// the body is not empty. In strict mode, an empty body is decoded as it is.
    pub(crate) fn instead_of_empty(&self, empty: Option<&'static str>) -> Option<Vec<u8>> {
        let empty = empty.filter(|_| !self.is_strict)?;
        let (start, end) = self.json().split_at_checked(self.converted_offset)?;
        // What the status adds around the body ends with a bracket.
        let is_empty = end.len() == usize::from(self.converted_offset > 0);
        is_empty.then(|| [start, empty.as_bytes(), end].concat())
    }

    /// Notes that the body is empty. The properties that a value then lacks are not listed.
    pub(crate) fn note_empty(&mut self, recording: Recording) {
        drop(recording);
        let deviations = Deviations::of_body(DeviationKind::EmptyBody);
        trace::deviations(&self.span, &deviations);
        self.deviations = Some(Box::new(deviations));
    }

    /// Stores and logs the deviations from the document. In strict mode, they are an error.
    pub(crate) fn note_deviations(&mut self, mut deviations: Deviations) -> Result<(), Error> {
        if self.has_mark {
            deviations.add_first(DeviationKind::ByteOrderMark);
        }
        if deviations.total == 0 {
            return Ok(());
        }
        // The server may have echoed a secret as a name.
        for deviation in &mut deviations.listed {
            deviation.change_path(|path| self.credentials.scrub_text(path));
        }
        trace::deviations(&self.span, &deviations);
        if self.is_strict {
            return Err(self.strict_error(&deviations));
        }
        self.deviations = Some(Box::new(deviations));
        Ok(())
    }

    /// Creates the error for a response that strict decoding rejects.
    fn strict_error(&mut self, deviations: &Deviations) -> Error {
        let path = deviations.listed.first().map(|first| first.path());
        let path = path.filter(|path| !path.is_empty()).map(str::to_owned);
        let mut headers = std::mem::take(&mut self.headers);
        self.credentials.scrub_headers(&mut headers);
        let message = format!(
            "cannot decode the response strictly: {deviations}; report this to the vendor, or \
             allow it with CallOptions::strict_decoding(false)"
        );
        let error = Error::new(ErrorKind::Decode, message)
            .in_operation(self.operation.id)
            .with_response(self.status, headers)
            .with_attempts(self.attempts)
            .with_rate_limit(self.rate_limit.take())
            .with_path(path);
        trace::fail(&self.span, &error);
        error
    }

    /// Creates the error for an empty body in place of a value.
    pub(crate) fn empty_error(self) -> Error {
        let error = match serde_json::from_str::<serde::de::IgnoredAny>("") {
            Err(error) => error,
            Ok(_) => serde::de::Error::custom("the body is empty"),
        };
        self.decode_error(error)
    }

    /// Creates the error for a body that is not what the document says.
    pub(crate) fn decode_error(self, error: serde_json::Error) -> Error {
        let offset = offset_of(self.json(), error.line(), error.column());
        let offset = offset.saturating_sub(self.converted_offset);
        self.decode_error_at(offset, error)
    }

    /// Creates the [`decode_error`](Self::decode_error) for an error that does not know its
    /// position.
    pub(crate) fn decode_error_at(mut self, offset: usize, error: serde_json::Error) -> Error {
        self.credentials.scrub_headers(&mut self.headers);
        // A body may have many megabytes, so only what is shown is searched for secrets.
        let body = by_status::unwrap(self.json(), self.converted_offset);
        let path = self.credentials.scrub_text(path_at(body, offset));
        let excerpt = excerpt_around(body, offset, &self.credentials);
        // The decoder repeats values, of any length, and a value may be an echoed secret.
        let said = self.credentials.scrub_text(bounded(&error, LONGEST_SAID));
        let cause = one_line(&without_position(said), LONGEST_MESSAGE);
        let (line, column) = (error.line(), error.column());
        let source = Cause::new(format!("{cause} at line {line} column {column}"));
        let arguments = self.arguments.path_text(&self.credentials);
        let place = match path.char_indices().nth_back(LONGEST_PATH) {
            Some((start, _)) => &format!("…{}", &path[start..]),
            None if path.is_empty() => "top level",
            None => &path,
        };
        let message = match &excerpt {
            Some(excerpt) if body.trim_ascii_start().starts_with(b"<") => format!(
                "cannot decode the response: it is a page of HTML or XML, not JSON, which a login \
                 or a proxy of this network may have sent; open a page in a browser, and check the \
                 base URL and the proxy settings; near `{excerpt}`"
            ),
            Some(excerpt) => format!("cannot decode {place}: {cause}; near `{excerpt}`"),
            None => format!("cannot decode {place}: {cause}; the body is empty"),
        };
        let error = Error::new(ErrorKind::Decode, message)
            .in_operation(self.operation.id)
            .with_arguments(arguments)
            .with_response(self.status, self.headers)
            .with_attempts(self.attempts)
            .with_rate_limit(self.rate_limit)
            .with_excerpt(excerpt)
            .with_path((!path.is_empty()).then_some(path))
            .with_source(source);
        trace::fail(&self.span, &error);
        error
    }
}
