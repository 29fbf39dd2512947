//! A successful response that is not decoded yet.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tracing::Span;

use crate::auth::credentials::ResolvedCredentials;
use crate::error::excerpt::{LONGEST_MESSAGE, excerpt_around};
use crate::request::encode::one_line;
use crate::request::raw::Arguments;
use crate::response::by_status;
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
    /// The span of the call, which ends once the response is decoded.
    pub(crate) span: Span,
}

impl RawResponse {
    /// Returns the JSON text to decode.
    pub(crate) fn json(&self) -> &[u8] {
        self.converted.as_deref().unwrap_or(self.body.bytes())
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
        let mut body = by_status::unwrap(self.json(), self.converted_offset).to_vec();
        self.credentials.scrub(&mut body);
        self.credentials.scrub_headers(&mut self.headers);
        let path = path_at(&body, offset);
        let excerpt = excerpt_around(&body, offset);

        let said = error.to_string();
        let cause = self.credentials.scrub_text(said.clone());
        // The decoder repeats values, and a value may be an echoed secret.
        let source = (cause == said).then_some(error);
        let cause = one_line(&without_position(cause), LONGEST_MESSAGE);
        let arguments = self.arguments.path_text();
        let arguments = arguments.map(|text| self.credentials.scrub_text(text));
        let place = match path.char_indices().nth_back(LONGEST_PATH) {
            Some((start, _)) => &format!("…{}", &path[start..]),
            None if path.is_empty() => "top level",
            None => &path,
        };
        let message = match &excerpt {
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
            .with_path((!path.is_empty()).then_some(path));
        let error = match source {
            Some(source) => error.with_source(source),
            None => error,
        };
        trace::fail(&self.span, &error);
        error
    }
}
