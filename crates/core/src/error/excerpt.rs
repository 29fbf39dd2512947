//! Excerpts of bodies and causes, as short as an error can repeat them.

use std::error::Error as StdError;

use crate::request::encode::one_line;

/// The length of an excerpt, in characters.
const EXCERPT: usize = 200;

/// The longest message of a library that an error repeats, in characters.
pub(crate) const LONGEST_MESSAGE: usize = 300;

/// Returns the text around `offset` on one line; `None` if it is white space only.
pub(crate) fn excerpt_around(body: &[u8], offset: usize) -> Option<String> {
    let start = offset.saturating_sub(EXCERPT / 2);
    let window = body.get(start..).unwrap_or_default();
    // A character has up to four bytes, so the window holds enough of any text.
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

/// Returns the message of the innermost error, which names the reason that a person can act on.
pub(crate) fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    one_line(&cause.to_string(), LONGEST_MESSAGE)
}
