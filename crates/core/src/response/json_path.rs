//! Finds the path to the value that a decode error is about.
//!
//! `serde_json` reports a line and a column. To find a path such as
//! `data[3].attributes.created_at`, this module reads the text up to that position again. That
//! costs nothing until an error occurs and is compiled once. A deserializer that tracks the path,
//! such as `serde_path_to_error`, is compiled again for every response type.

use crate::request::encode::is_unprintable;

/// The longest property name that a path shows, in characters.
const LONGEST_NAME: usize = 60;

/// The number of levels that a path shows at each end. Together they are the depth that the decoder
/// accepts.
const SHOWN_LEVELS: usize = 64;

/// The length of the longest path that is shown completely, in characters.
const LONGEST_PATH: usize = 4000;

/// Returns the offset of a line and column in `body`. Both count from 1, and the column in bytes.
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

/// Removes the line and column from the message of an error. The path replaces them.
pub(crate) fn without_position(mut said: String) -> String {
    if let Some(position) = said.rfind(" at line ") {
        said.truncate(position);
    }
    said
}

/// Returns the message of an error about a part of a response, with the path in that part.
pub(crate) fn place_and_cause(body: &[u8], error: &serde_json::Error) -> String {
    let cause = without_position(error.to_string());
    let path = path_at(body, offset_of(body, error.line(), error.column()));
    if path.is_empty() {
        cause
    } else {
        format!("{cause} (at {path} within it)")
    }
}

/// An object or array around the position.
#[derive(Clone, Copy)]
enum Level<'a> {
    /// With the property's name between its quotation marks, once it is read.
    Object(Option<&'a [u8]>),
    /// With the index of the element.
    Array(usize),
}

/// Returns the path of the innermost value that contains or ends at `offset`; empty for the whole
/// document.
///
/// The decoder skips unknown properties at any depth, so each byte of a body may open a bracket.
/// The path shows the outermost [`SHOWN_LEVELS`] levels and as many of the innermost, with an
/// ellipsis between. It has at most [`LONGEST_PATH`] characters.
pub(crate) fn path_at(body: &[u8], offset: usize) -> String {
    let text = body.get(..offset).unwrap_or(body);
    let depth = depth_of(text);
    // The first of the innermost levels that are shown.
    let resumed = depth.saturating_sub(SHOWN_LEVELS).max(SHOWN_LEVELS);
    let shown = |level: usize| match level {
        _ if level < SHOWN_LEVELS => Some(level),
        _ if level >= resumed => Some(level - resumed + SHOWN_LEVELS),
        _ => None,
    };
    // The levels around the position. Deeper ones, which are closed before it, are not stored.
    let mut levels = [Level::Array(0); 2 * SHOWN_LEVELS];
    let mut open = 0_usize;
    let mut expects_name = false;
    for token in Tokens::of(text) {
        let innermost = match token {
            Token::Begin(_) => Some(open),
            _ => open.checked_sub(1),
        };
        let level = innermost
            .and_then(shown)
            .and_then(|place| levels.get_mut(place));
        match (token, level) {
            (Token::Begin(begun), level) => {
                open += 1;
                expects_name = matches!(begun, Level::Object(_));
                if let Some(level) = level {
                    *level = begun;
                }
            }
            (Token::End, _) => {
                open = open.saturating_sub(1);
                expects_name = false;
            }
            (Token::Next, Some(Level::Object(name))) => {
                *name = None;
                expects_name = true;
            }
            (Token::Next, Some(Level::Array(index))) => *index += 1,
            (Token::Text(text), Some(Level::Object(name))) if expects_name => {
                *name = Some(text);
                expects_name = false;
            }
            (Token::Next | Token::Text(_), _) => {}
        }
    }
    let (outer, inner) = levels.split_at(SHOWN_LEVELS.min(depth));
    let mut path = String::new();
    render(&mut path, outer);
    if resumed > SHOWN_LEVELS {
        path.push('…');
    }
    render(
        &mut path,
        inner
            .get(..depth.saturating_sub(resumed))
            .unwrap_or_default(),
    );
    shortened(path)
}

/// Returns the number of objects and arrays that are open at the end of `text`.
fn depth_of(text: &[u8]) -> usize {
    Tokens::of(text).fold(0, |depth: usize, token| match token {
        Token::Begin(_) => depth + 1,
        Token::End => depth.saturating_sub(1),
        Token::Next | Token::Text(_) => depth,
    })
}

/// A token of JSON that changes the path.
enum Token<'a> {
    /// An object or an array begins.
    Begin(Level<'a>),
    /// One ends.
    End,
    /// A comma.
    Next,
    /// The text between quotation marks.
    Text(&'a [u8]),
}

/// An iterator over the tokens of a text, up to a string without an end.
struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            return Some(match byte {
                b'{' => Token::Begin(Level::Object(None)),
                b'[' => Token::Begin(Level::Array(0)),
                b'}' | b']' => Token::End,
                b',' => Token::Next,
                b'"' => {
                    let length = string_length(rest);
                    let (text, rest) = rest.split_at_checked(length?)?;
                    self.rest = rest.get(1..).unwrap_or_default();
                    Token::Text(text)
                }
                _ => continue,
            });
        }
    }
}

/// Returns the number of bytes before the quotation mark that ends a string, if it ends.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
}

/// Returns the name of a property on one line, shortened for a message.
fn on_one_line(name: &str) -> String {
    let mut line = String::new();
    for (index, character) in name.chars().enumerate() {
        if index == LONGEST_NAME {
            line.push('…');
            break;
        }
        if is_unprintable(character) {
            line.extend(character.escape_unicode());
        } else {
            line.push(character);
        }
    }
    line
}

/// Adds the name of a property to a path.
pub(crate) fn push_name(path: &mut String, name: &str) {
    let name = on_one_line(name);
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

fn render(path: &mut String, levels: &[Level<'_>]) {
    for level in levels {
        match level {
            Level::Object(None) => {}
            Level::Object(Some(name)) => push_name(path, &String::from_utf8_lossy(name)),
            Level::Array(index) => {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
            }
        }
    }
}

/// Returns `path` without its middle, if it is too long.
fn shortened(path: String) -> String {
    let half = LONGEST_PATH / 2;
    match path.char_indices().nth(LONGEST_PATH) {
        None => path,
        Some(_) => {
            let begin: String = path.chars().take(half).collect();
            let start = path.char_indices().nth_back(half - 1);
            let end = start.and_then(|(start, _)| path.get(start..));
            format!("{begin}…{}", end.unwrap_or_default())
        }
    }
}
