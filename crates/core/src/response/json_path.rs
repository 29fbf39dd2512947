//! Finds the place in a JSON text that a decode error is about.
//!
//! `serde_json` reports a line and a column. The place that a person looks for, such as
//! `data[3].attributes.created_at`, follows from them by reading the text up to there once more.
//! That costs nothing until something fails and is compiled once, whereas a deserialiser that
//! tracks the path (as `serde_path_to_error` does) is compiled again for every response type.

/// How much of a member's name a path shows, in characters.
const LONGEST_NAME: usize = 60;

/// How many levels a path shows at each of its ends: together as many as the decoder reads into a type.
const SHOWN_LEVELS: usize = 64;

/// How long a path is, in characters, before its middle is left out.
const LONGEST_PATH: usize = 4000;

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
#[derive(Clone, Copy)]
enum Level<'a> {
    /// With the text of the member's name between its quotation marks, once it is read.
    Object(Option<&'a [u8]>),
    /// With the index of the element.
    Array(usize),
}

/// The path of the innermost value that holds or ends at `offset`; empty for the whole document.
///
/// What no type asks for is skipped however deep it goes, so that a body can open a bracket with each of its bytes. The
/// path names the outermost [`SHOWN_LEVELS`] levels and as many of the innermost, the rest is an ellipsis; it has
/// [`LONGEST_PATH`] characters at most.
pub(crate) fn path_at(body: &[u8], offset: usize) -> String {
    let text = body.get(..offset).unwrap_or(body);
    let depth = depth_of(text);
    // The first place below the outermost levels that is shown again.
    let resumed = depth.saturating_sub(SHOWN_LEVELS).max(SHOWN_LEVELS);
    let shown = |level: usize| match level {
        _ if level < SHOWN_LEVELS => Some(level),
        _ if level >= resumed => Some(level - resumed + SHOWN_LEVELS),
        _ => None,
    };
    // Levels that are open at the place, by where they are shown. Deeper ones, which are closed by then, have no room.
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

/// How many objects and arrays are open at the end of `text`.
fn depth_of(text: &[u8]) -> usize {
    Tokens::of(text).fold(0, |depth: usize, token| match token {
        Token::Begin(_) => depth + 1,
        Token::End => depth.saturating_sub(1),
        Token::Next | Token::Text(_) => depth,
    })
}

/// What of JSON tells where one is.
enum Token<'a> {
    /// An object or an array begins.
    Begin(Level<'a>),
    /// One ends.
    End,
    /// A comma.
    Next,
    /// What stands between quotation marks.
    Text(&'a [u8]),
}

/// The tokens of a text, up to a string without an end.
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

fn render(path: &mut String, levels: &[Level<'_>]) {
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
}

/// `path` without its middle, if it is too long.
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
