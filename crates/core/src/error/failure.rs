//! Turns whatever ends a call into an [`Error`] that a person can act on.

use std::error::Error as StdError;
use std::io;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

use crate::auth::credentials::{Alternative, variable_of};
use crate::client::config::host_of;
use crate::error::api_error::{self, summarize};
use crate::request::encode::one_line;
use crate::request::raw::{Call, Prepared};
use crate::response::json_path::{offset_of, path_at, without_position};
use crate::response::status_body;
use crate::send::body::BodyProblem;
use crate::send::pipeline::{Answer, Attempt};
use crate::send::retry::Ending;
use crate::send::trace;
use crate::send::transport::{Failure, Stage};
use crate::{Error, ErrorKind};

/// How much of a body an error shows, in characters.
const EXCERPT: usize = 200;

/// How much of the path to a value a message shows, in characters; the end says most.
const LONGEST_PLACE: usize = 200;

/// The longest message of a library that an error repeats, in characters.
const LONGEST_MESSAGE: usize = 300;

impl Call {
    /// The error for an attempt without an answer.
    pub(crate) fn transport_error(&self, failure: Failure, attempt: &Attempt<'_>) -> Error {
        let host = host_of(&attempt.prepared.url);
        let cause = root_cause(&failure);
        let limit = attempt.policies.connect_timeout;
        let (kind, ending, message) = match failure.stage {
            Stage::ConnectTimeout => (
                ErrorKind::Timeout,
                Ending::NotConnected,
                format!(
                    "no connection to {host} within {limit:?}; check the network and the proxy \
                     settings, or raise Config::connect_timeout"
                ),
            ),
            Stage::Connect => (
                ErrorKind::Connection,
                Ending::NotConnected,
                format!("cannot connect to {host}: {cause}; check the address and the network"),
            ),
            Stage::Sent => (
                ErrorKind::Connection,
                Ending::Broken,
                format!("the connection to {host} broke: {cause}"),
            ),
        };
        Error::new(kind, message)
            .with_ending(ending, self.operation.retry)
            .with_source(failure)
    }

    /// The error for an attempt that is over before its answer is there.
    pub(crate) fn timeout_error(&self, attempt: &Attempt<'_>) -> Error {
        let host = host_of(&attempt.prepared.url);
        let (limit, setting) = if attempt.is_last_moment {
            (attempt.policies.timeout, "timeout")
        } else {
            (attempt.policies.attempt_timeout, "attempt_timeout")
        };
        Error::new(
            ErrorKind::Timeout,
            format!("no whole answer from {host} within {limit:?}; raise Config::{setting}"),
        )
        .with_ending(Ending::TimedOut, self.operation.retry)
    }

    /// The error for a successful answer whose body could not be read.
    pub(crate) fn body_error(&self, problem: BodyProblem, attempt: &Attempt<'_>) -> Error {
        let host = host_of(&attempt.prepared.url);
        match problem {
            BodyProblem::Deadline => self.timeout_error(attempt),
            BodyProblem::Silent => {
                let limit = attempt.policies.read_timeout;
                Error::new(
                    ErrorKind::Timeout,
                    format!(
                        "{host} sent nothing more of its answer for {limit:?}; raise \
                         CallOptions::read_timeout"
                    ),
                )
                .with_ending(Ending::TimedOut, self.operation.retry)
            }
            BodyProblem::TooLarge => {
                let limit = attempt.policies.max_response_size;
                Error::new(
                    ErrorKind::TooLarge,
                    format!(
                        "the answer has more than {limit} bytes; ask for smaller pages, or raise \
                         CallOptions::max_response_size"
                    ),
                )
            }
            BodyProblem::Broken(source) if is_corrupt(&source) => {
                let cause = root_cause(&source);
                Error::new(
                    ErrorKind::Decode,
                    format!("the answer cannot be decompressed: {cause}"),
                )
                .with_source(source)
            }
            BodyProblem::Broken(source) => {
                self.transport_error(Failure::new(Stage::Sent, source), attempt)
            }
        }
    }

    /// The error for an answer whose status is no success. `body` is as much of it as could be
    /// read, until `broken`.
    pub(crate) fn api_error(
        &self,
        prepared: &Prepared,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        problem: Option<BodyProblem>,
    ) -> Error {
        let mut body = body.to_vec();
        prepared.keyring.scrub(&mut body);
        let errors = api_error::parse(&body);
        let excerpt = excerpt_around(&body, 0);

        let mut parts = Vec::new();
        let target = headers
            .get(LOCATION)
            .and_then(|location| prepared.url.join(location.to_str().ok()?).ok());
        if status.is_redirection()
            && let Some(target) = target
        {
            parts.push(format!(
                "the server redirects to {}, which is not followed, so that the credentials stay \
                 with {}; check the site or the base URL",
                host_of(&target),
                host_of(&prepared.url)
            ));
        } else if errors.is_empty() {
            parts.extend(
                excerpt
                    .as_ref()
                    .map(|text| format!("the body begins `{text}`")),
            );
        } else {
            parts.push(summarize(&errors, status.canonical_reason()));
        }
        let source = match problem {
            Some(BodyProblem::Broken(source)) => Some(source),
            // An excerpt is enough.
            Some(BodyProblem::TooLarge) | None => None,
            Some(BodyProblem::Deadline | BodyProblem::Silent) => {
                parts.push("the rest of the body did not come in time".to_owned());
                None
            }
        };
        if source.is_some() {
            parts.push("the body broke off".to_owned());
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let keys = prepared.keyring.choose(self.operation.security);
            parts.extend(keys.ok().map(|keys| hint(&keys)));
        }
        parts.retain(|part| !part.is_empty());

        let error = Error::new(ErrorKind::Api, parts.join("; "))
            .with_answer(status, headers)
            .with_errors(errors)
            .with_excerpt(excerpt);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl Answer {
    /// The error for a body that is not what the document says.
    pub(crate) fn decode_error(self, error: serde_json::Error) -> Error {
        let offset = offset_of(&self.body, error.line(), error.column());
        let offset = offset.saturating_sub(self.wrapping);
        self.decode_error_at(offset, error)
    }

    /// [`decode_error`](Answer::decode_error) for an error that does not know its place in the body.
    pub(crate) fn decode_error_at(mut self, offset: usize, error: serde_json::Error) -> Error {
        let mut body = status_body::unwrap(&self.body, self.wrapping).to_vec();
        self.keyring.scrub(&mut body);
        self.keyring.scrub_headers(&mut self.headers);
        let path = path_at(&body, offset);
        let excerpt = excerpt_around(&body, offset);

        let said = error.to_string();
        let cause = self.keyring.scrub_text(said.clone());
        // The decoder repeats values, and a value may be an echoed secret.
        let source = (cause == said).then_some(error);
        let cause = one_line(&without_position(cause), LONGEST_MESSAGE);
        let place = match path.char_indices().nth_back(LONGEST_PLACE) {
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
            .with_answer(self.status, self.headers)
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

/// Which credentials to check when the server refuses them.
fn hint(keys: &Alternative<'_>) -> String {
    let names: Vec<&str> = keys
        .iter()
        .map(|(scheme, _)| variable_of(scheme.name).unwrap_or(scheme.name))
        .collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("check {}", names.join(" and ")),
    }
}

/// The innermost error, which names the reason that a person can act on.
fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    one_line(&cause.to_string(), LONGEST_MESSAGE)
}

/// Whether what came is not compressed as the answer announces. reqwest reports it in the same way as
/// a connection that broke, but there an error of the HTTP library stands between the two. Where the
/// text just ends, it was cut off on the way, and the next one may be whole.
fn is_corrupt(error: &reqwest::Error) -> bool {
    let source = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    source.is_some_and(|error| {
        matches!(
            error.kind(),
            // gzip reports the first two, brotli and zstd the last.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other
        )
    })
}

/// What stands around `offset`, on one line; `None` when there is nothing but white space.
fn excerpt_around(body: &[u8], offset: usize) -> Option<String> {
    let start = offset.saturating_sub(EXCERPT / 2);
    let window = body.get(start..).unwrap_or_default();
    // Four bytes are the longest character, so that the window holds enough of any text.
    let window = window.get(..EXCERPT * 4).unwrap_or(window);
    let text = String::from_utf8_lossy(window);
    // Characters that the window cuts in two.
    let text = one_line(text.trim_matches(char::REPLACEMENT_CHARACTER), EXCERPT);
    match (text.is_empty(), start) {
        (true, _) => None,
        (false, 0) => Some(text),
        (false, _) => Some(format!("…{text}")),
    }
}
