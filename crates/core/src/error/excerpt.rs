//! Excerpts of bodies and causes, as short as an error can repeat them.

use std::error::Error as StdError;
use std::fmt;

use crate::auth::credentials::ResolvedCredentials;
use crate::auth::scrub::MARGIN;
use crate::request::encode::{bounded, one_line};

/// The length of an excerpt, in characters.
const EXCERPT: usize = 200;

/// The longest message of a library that an error repeats, in characters.
pub(crate) const LONGEST_MESSAGE: usize = 300;

/// The number of bytes of a message that are read to repeat it: so many that a secret at the cut
/// is found.
pub(crate) const LONGEST_SAID: usize = LONGEST_MESSAGE * 4 + MARGIN;

/// The largest number of causes below one another.
const MAX_CAUSES: usize = 8;

/// Returns the text around `offset` on one line, without secrets; `None` if it is white space only.
pub(crate) fn excerpt_around(
    body: &[u8],
    offset: usize,
    credentials: &ResolvedCredentials,
) -> Option<String> {
    let start = offset.saturating_sub(EXCERPT / 2);
    let before = MARGIN.min(start);
    let rest = body.get(start - before..).unwrap_or_default();
    // A character has up to four bytes, so the window holds enough of any text. The margins show
    // whether its ends belong to a secret.
    let mut window = rest
        .get(..before + EXCERPT * 4 + MARGIN)
        .unwrap_or(rest)
        .to_vec();
    credentials.scrub(&mut window);
    let window = window.get(before..).unwrap_or_default();
    let window = window.get(..EXCERPT * 4).unwrap_or(window);
    let text = String::from_utf8_lossy(window);
    // The window cuts characters in two at its ends.
    let text = one_line(text.trim_matches(char::REPLACEMENT_CHARACTER), EXCERPT);
    match (text.is_empty(), start) {
        (true, _) => None,
        (false, 0) => Some(text),
        (false, _) => Some(format!("…{text}")),
    }
}

/// The cause of an error as text: bounded, on one line and without secrets.
///
/// The errors of libraries hold what a server sent, of any length.
#[derive(Debug)]
pub(crate) struct Cause {
    message: String,
    source: Option<Box<Self>>,
}

impl Cause {
    /// Copies the messages of an error and its sources.
    pub(crate) fn of(error: &dyn StdError, credentials: &ResolvedCredentials) -> Self {
        let errors = std::iter::successors(Some(error), |error| {
            let error: &dyn StdError = *error;
            error.source()
        });
        let messages = errors.take(MAX_CAUSES).map(|error| {
            let message = credentials.scrub_text(bounded(&error, LONGEST_SAID));
            one_line(&message, LONGEST_MESSAGE)
        });
        let mut messages: Vec<String> = messages.collect();
        let mut cause = Self::new(messages.pop().unwrap_or_default());
        while let Some(message) = messages.pop() {
            cause = Self {
                message,
                source: Some(Box::new(cause)),
            };
        }
        cause
    }

    /// Creates a cause with a message that has no secrets.
    pub(crate) fn new(message: String) -> Self {
        Self {
            message,
            source: None,
        }
    }

    /// Returns the message of the innermost error, which names the reason that a person can act
    /// on.
    pub(crate) fn root(&self) -> &str {
        let mut cause = self;
        while let Some(source) = &cause.source {
            cause = source;
        }
        &cause.message
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}
