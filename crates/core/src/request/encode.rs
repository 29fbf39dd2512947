//! Escapes parameters for URLs, and shortens texts for messages.
//!
//! Paths and queries escape everything outside the unreserved set of [RFC 3986, section
//! 2.3](https://www.rfc-editor.org/rfc/rfc3986#section-2.3). That is more than either needs, so
//! that no URL parser reinterprets a value: the server sees exactly what the caller passed.

use std::fmt::{self, Write};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Appends `text`, escaped.
pub(crate) fn push_escaped(target: &mut String, text: &str) {
    target.extend(utf8_percent_encode(text, &RESERVED));
}

/// Appends `name=value`, escaped, to a query.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    if !target.is_empty() {
        target.push('&');
    }
    push_escaped(target, name);
    target.push('=');
    push_escaped(target, value);
}

/// Returns the text of `value`. Unlike `to_string`, it does not panic if `Display` returns an
/// error.
pub(crate) fn text_of(value: &dyn fmt::Display) -> Result<String, fmt::Error> {
    let mut text = String::new();
    write!(text, "{value}")?;
    Ok(text)
}

/// Returns a duration for a message: in seconds up to two minutes, and in whole minutes above.
pub(crate) fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        ..120 => format!("{duration:?}"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// A piece of a template.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// The name of a placeholder such as `{name}`.
    Name(&'a str),
}

/// Cuts a template into its pieces. A brace that opens no name is text.
pub(crate) fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        let placeholder = rest.strip_prefix('{').map(|inner| inner.split_once('}'));
        if let Some(Some((name, remainder))) = placeholder {
            rest = remainder;
            return Some(Piece::Name(name));
        }
        let end = match placeholder {
            Some(_) => rest.len(),
            None => rest.find('{').unwrap_or(rest.len()),
        };
        let (text, remainder) = rest.split_at(end);
        rest = remainder;
        (!text.is_empty()).then_some(Piece::Text(text))
    })
}

/// Returns true if `text` is free of control characters, so that it cannot begin another header
/// line ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
pub(crate) fn is_header_safe(text: &str) -> bool {
    !text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
}

/// Returns true if a character acts on a terminal instead of being shown. These are control
/// characters, and invisible ones that change the direction of text or hide in it ([UAX
/// #9](https://www.unicode.org/reports/tr9/), [CVE-2021-42574](https://trojansource.codes)).
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Replaces the unprintable characters of a text, except line breaks and tabs.
pub(crate) fn printable(text: String) -> String {
    let is_bad = |it: char| is_unprintable(it) && !matches!(it, '\n' | '\r' | '\t');
    match text.contains(is_bad) {
        true => text.replace(is_bad, "\u{fffd}"),
        false => text,
    }
}

/// Returns the text of `value`, cut after about `limit` bytes.
pub(crate) fn bounded(value: &dyn fmt::Display, limit: usize) -> String {
    struct Bounded {
        text: String,
        limit: usize,
    }
    impl Write for Bounded {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = self.limit.saturating_sub(self.text.len());
            let is_whole = text.len() <= room;
            let fitting = match is_whole {
                true => Some(text),
                false => (0..=room).rev().find_map(|end| text.get(..end)),
            };
            self.text.push_str(fitting.unwrap_or_default());
            is_whole.then_some(()).ok_or(fmt::Error)
        }
    }
    let mut bounded = Bounded {
        text: String::new(),
        limit,
    };
    // The error means that the text is cut.
    let _ = write!(bounded, "{value}");
    bounded.text
}

/// Returns `text` on one line, cut after `limit` characters.
///
/// Unprintable characters and runs of white space become one space, and an ellipsis marks the cut.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || is_unprintable(c)) {
        if word.is_empty() {
            continue;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for character in word.chars() {
            if length >= limit {
                line.push('…');
                return line;
            }
            line.push(character);
            length += 1;
        }
    }
    line
}
