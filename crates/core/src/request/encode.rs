//! Turns parameters into the text of a URL.
//!
//! Everything outside the unreserved set of
//! [RFC 3986, section 2.3](https://www.rfc-editor.org/rfc/rfc3986#section-2.3) is escaped, in paths
//! and queries alike. That is more than either needs, and it means that a URL parser finds nothing
//! to reinterpret: the server sees exactly what the caller passed.

use std::fmt::{self, Write};

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

/// The text of `value`. Unlike `to_string`, it does not panic when `Display` reports an error.
pub(crate) fn text_of(value: &dyn fmt::Display) -> Result<String, fmt::Error> {
    let mut text = String::new();
    write!(text, "{value}")?;
    Ok(text)
}

/// Replaces every `{name}` of `template` by what `lookup` appends for `name`.
///
/// A brace that opens no name is kept as it stands. Stops at the first error of `lookup`.
pub(crate) fn fill<E>(
    target: &mut String,
    template: &str,
    mut lookup: impl FnMut(&mut String, &str) -> Result<(), E>,
) -> Result<(), E> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, remainder)) = after.split_once('}') else {
            break;
        };
        target.push_str(before);
        lookup(target, name)?;
        rest = remainder;
    }
    target.push_str(rest);
    Ok(())
}

/// Whether `text` may stand in a header value: no control character, so that no value can start a
/// line of its own ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
pub(crate) fn is_header_safe(text: &str) -> bool {
    !text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
}

/// `text` on one line: control characters and runs of white space become one space, and what
/// follows the first `limit` characters an ellipsis.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
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
