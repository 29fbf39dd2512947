//! Finds the place in a JSON text that a decode error is about.
//!
//! `serde_json` reports a line and a column. The place that a person looks for, such as
//! `data[3].attributes.created_at`, follows from them by reading the text up to there once more.
//! That costs nothing until something fails and is compiled once, whereas a deserialiser that
//! tracks the path (as `serde_path_to_error` does) is compiled again for every response type.

/// How much of a member's name a path shows, in characters.
const LONGEST_NAME: usize = 60;

/// The offset into `body` that a line and column (both from 1, the column in bytes) stand for.
pub(crate) fn offset_of(body: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        let rest = body.get(start..).unwrap_or_default();
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(position) => start += position + 1,
            None => break,
        }
    }
    start.saturating_add(column).min(body.len())
}

/// What an error about `body` says, without the position, which nobody can look up: the path says it better.
pub(crate) fn without_position(mut said: String) -> String {
    if let Some(position) = said.rfind(" at line ") {
        said.truncate(position);
    }
    said
}

/// What is wrong with a part of an answer, and where in that part.
pub(crate) fn place_and_cause(body: &[u8], error: &serde_json::Error) -> String {
    let cause = without_position(error.to_string());
    let path = path_at(body, offset_of(body, error.line(), error.column()));
    if path.is_empty() {
        cause
    } else {
        format!("{cause} (at {path} inside of it)")
    }
}

/// One object or array that is open at the place.
enum Level<'a> {
    /// With the text of the member's name between its quotation marks, once it is read.
    Object(Option<&'a [u8]>),
    /// With the index of the element.
    Array(usize),
}

/// The path of the innermost value that holds or ends at `offset`; empty for the whole document.
pub(crate) fn path_at(body: &[u8], offset: usize) -> String {
    let text = body.get(..offset).unwrap_or(body);
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut expects_name = false;
    let mut position = 0;
    while let Some(byte) = text.get(position) {
        position += 1;
        match byte {
            b'{' => {
                levels.push(Level::Object(None));
                expects_name = true;
            }
            b'[' => {
                levels.push(Level::Array(0));
                expects_name = false;
            }
            b'}' | b']' => {
                levels.pop();
                expects_name = false;
            }
            b',' => match levels.last_mut() {
                Some(Level::Object(name)) => {
                    *name = None;
                    expects_name = true;
                }
                Some(Level::Array(index)) => *index += 1,
                None => {}
            },
            b'"' => {
                let Some(length) = string_length(text.get(position..).unwrap_or_default()) else {
                    break;
                };
                if expects_name && let Some(Level::Object(name)) = levels.last_mut() {
                    *name = text.get(position..position + length);
                    expects_name = false;
                }
                position += length + 1;
            }
            _ => {}
        }
    }
    render(&levels)
}

/// How many bytes stand before the quotation mark that ends a string, if it ends.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
}

/// The name of a member that a server chose, as short as a message can hold.
fn on_one_line(name: &str) -> String {
    let mut line = String::new();
    for (index, character) in name.chars().enumerate() {
        if index == LONGEST_NAME {
            line.push('…');
            break;
        }
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            line.extend(character.escape_unicode());
        } else {
            line.push(character);
        }
    }
    line
}

fn render(levels: &[Level<'_>]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object(None) => {}
            Level::Object(Some(name)) => {
                let name = on_one_line(&String::from_utf8_lossy(name));
                if name.is_empty() || name.contains(['.', '[', ']', ' ', '\\']) {
                    path.push_str("[\"");
                    path.push_str(&name);
                    path.push_str("\"]");
                } else {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&name);
                }
            }
            Level::Array(index) => {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
            }
        }
    }
    path
}
