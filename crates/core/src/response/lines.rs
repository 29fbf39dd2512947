//! Bodies of JSON values, one per line, which are decoded as one list.
//!
//! The values of a JSON text sequence follow a record separator instead
//! ([RFC 7464](https://www.rfc-editor.org/rfc/rfc7464)). JSON cannot begin with it, so the first
//! byte tells the formats apart.

use bytes::Bytes;
use serde::de::IgnoredAny;

/// The byte before each value of a JSON text sequence.
pub(crate) const RECORD: u8 = 0x1e;

/// Returns the byte between the values of a body that begins with `text`; `None` if that is only
/// white space.
pub(crate) fn separator(text: &[u8]) -> Option<u8> {
    match text.trim_ascii_start().first()? {
        &RECORD => Some(RECORD),
        _ => Some(b'\n'),
    }
}

/// A line that is not one JSON value: its error, and its offset in the list.
pub(crate) struct BadLine {
    pub(crate) offset: usize,
    pub(crate) error: serde_json::Error,
}

/// Converts the lines into one list, and returns the first line that is not one value.
///
/// A list would accept the two values of `1,2`, and the one value of the lines `[1` and `2]`.
pub(crate) fn lines_as_json(body: &[u8]) -> (Bytes, Option<BadLine>) {
    let mut list = Vec::with_capacity(body.len() + 2);
    let mut bad = None;
    list.push(b'[');
    let separator = separator(body).unwrap_or(b'\n');
    let lines = body.split(|byte| *byte == separator);
    let lines = lines.map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()) {
        if list.len() > 1 {
            // The line break keeps the line numbers in errors.
            list.extend_from_slice(b",\n");
        }
        if bad.is_none() && !stands_alone(line) {
            bad = serde_json::from_slice::<IgnoredAny>(line)
                .err()
                .map(|error| BadLine {
                    // Before the error, so that the offset is within this line.
                    offset: list.len() + error.column().saturating_sub(1),
                    error,
                });
        }
        list.extend_from_slice(line);
    }
    list.push(b']');
    (list.into(), bad)
}

/// Returns true if a line is one value within a list: its brackets match, and no comma divides it.
/// Decoding the list finds all other errors.
fn stands_alone(line: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = line.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => loop {
                match bytes.next() {
                    Some(b'"') => break,
                    Some(b'\\') => drop(bytes.next()),
                    Some(_) => {}
                    None => return false,
                }
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            b',' if depth == 0 => return false,
            _ => {}
        }
    }
    depth == 0
}
