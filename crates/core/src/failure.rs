//! Turns whatever ends a call into an [`Error`] that a person can act on.

use std::error::Error as StdError;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};

use crate::api_error::{self, summarize};
use crate::config::host_of;
use crate::credentials::{Alternative, variable_of};
use crate::encode::one_line;
use crate::json_path::{offset_of, path_at};
use crate::pipeline::{Answer, Call, Prepared};
use crate::{Error, ErrorKind};

/// How much of a body an error shows, in characters.
const EXCERPT: usize = 200;

/// The longest message of a library that an error repeats, in characters.
const LONGEST_MESSAGE: usize = 300;

impl Call {
    /// The error for a call that got no whole answer.
    pub(crate) fn transport_error(&self, error: reqwest::Error, url: &Url) -> Error {
        // A key may be part of the query.
        let error = error.without_url();
        let host = host_of(url);
        let (kind, message) = if error.is_timeout() && error.is_connect() {
            let limit = self.shared.connect_timeout.min(self.shared.timeout);
            (
                ErrorKind::Timeout,
                format!(
                    "no connection to {host} within {limit:?}; check the network and the proxy \
                     settings, or raise Config::connect_timeout"
                ),
            )
        } else if error.is_timeout() {
            let limit = self.shared.timeout;
            (
                ErrorKind::Timeout,
                format!("no whole answer from {host} within {limit:?}; raise Config::timeout"),
            )
        } else if error.is_connect() {
            let cause = root_cause(&error);
            (
                ErrorKind::Connection,
                format!("cannot connect to {host}: {cause}; check the address and the network"),
            )
        } else {
            let cause = root_cause(&error);
            (
                ErrorKind::Connection,
                format!("the connection to {host} broke: {cause}"),
            )
        };
        Error::new(kind, message).with_source(error)
    }

    /// The error for an answer whose status is no success. `body` is as much of it as could be
    /// read, until `broken`.
    pub(crate) fn api_error(
        &self,
        prepared: &Prepared,
        status: StatusCode,
        headers: HeaderMap,
        mut body: Vec<u8>,
        broken: Option<reqwest::Error>,
    ) -> Error {
        self.shared.keyring.scrub(&mut body);
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
        if broken.is_some() {
            parts.push("the body broke off".to_owned());
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            parts.push(prepared.hint.clone());
        }
        parts.retain(|part| !part.is_empty());

        let error = Error::new(ErrorKind::Api, parts.join("; "))
            .with_answer(status, headers)
            .with_errors(errors)
            .with_excerpt(excerpt);
        match broken {
            Some(source) => error.with_source(source.without_url()),
            None => error,
        }
    }
}

impl Answer {
    /// The error for a body that is not what the document says.
    pub(crate) fn decode_error(self, error: serde_json::Error) -> Error {
        let offset = offset_of(&self.body, error.line(), error.column());
        let path = path_at(&self.body, offset);
        let mut body = self.body.to_vec();
        self.shared.keyring.scrub(&mut body);
        let excerpt = excerpt_around(&body, offset);

        let said = error.to_string();
        let mut cause = self.shared.keyring.scrub_text(said.clone());
        // The decoder repeats values, and a value may be an echoed secret.
        let source = (cause == said).then_some(error);
        // The path says it better.
        if let Some(position) = cause.rfind(" at line ") {
            cause.truncate(position);
        }
        let cause = one_line(&cause, LONGEST_MESSAGE);
        let place = if path.is_empty() { "top level" } else { &path };
        let message = match &excerpt {
            Some(excerpt) => format!("cannot decode {place}: {cause}; near `{excerpt}`"),
            None => format!("cannot decode {place}: {cause}; the body is empty"),
        };
        let error = Error::new(ErrorKind::Decode, message)
            .in_operation(self.operation.id)
            .with_answer(self.status, self.headers)
            .with_excerpt(excerpt)
            .with_path((!path.is_empty()).then_some(path));
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// Which credentials to check when the server refuses them.
pub(crate) fn hint(keys: &Alternative<'_>) -> String {
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
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    one_line(&cause.to_string(), LONGEST_MESSAGE)
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
