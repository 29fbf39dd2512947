//! Answers of JSON values in lines of their own, which are decoded as one list.

use bytes::Bytes;
use serde::de::IgnoredAny;

/// Why a line is no value of its own, and where in the list.
pub(crate) struct BadLine {
    pub(crate) offset: usize,
    pub(crate) error: serde_json::Error,
}

/// The lines as one list of what they hold, and the first one that is not one value: a list would
/// take the two of `1,2`, and the one that `[1` and `2]` make together.
pub(crate) fn lines_as_json(body: &[u8]) -> (Bytes, Option<BadLine>) {
    let mut list = Vec::with_capacity(body.len() + 2);
    let mut bad = None;
    list.push(b'[');
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()) {
        if list.len() > 1 {
            // The line break keeps the positions that errors name.
            list.extend_from_slice(b",\n");
        }
        if bad.is_none() && !stands_alone(line) {
            bad = serde_json::from_slice::<IgnoredAny>(line)
                .err()
                .map(|error| BadLine {
                    // Before what does not belong there, so that it is still this line's.
                    offset: list.len() + error.column().saturating_sub(1),
                    error,
                });
        }
        list.extend_from_slice(line);
    }
    list.push(b']');
    (list.into(), bad)
}

/// Whether a line stays what it is between others: what it opens it closes, and no comma parts it.
/// All else that may be wrong with it is found by decoding the list.
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
