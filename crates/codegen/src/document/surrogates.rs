//! Changes the text of a file before the YAML parser reads it, and converts its places back.
//!
//! Surrogate pairs of a file that is JSON are joined.
//! JSON writes a character beyond the first 65,536 as two escapes, `\ud83d\ude00` (RFC 8259,
//! section 7). YAML has one escape for it, and its parser rejects the two.
//!
//! Lines inside brackets are indented more than the key before the brackets. YAML requires that
//! (<https://yaml.org/spec/1.2.2/#chapter-7-flow-style-productions>), but most parsers do not, and
//! many documents close their JSON examples at the indentation of the key. The same holds for the
//! further lines of quoted strings, and for the white space before a comment.

use std::borrow::Cow;

use crate::collections::HashMap;

/// The length of a pair of escapes, and of the escape that stands for both.
const PAIR: usize = 12;
const JOINED: usize = 10;

/// The number of corrections. Each costs a run of the parser.
const MOST_CORRECTED: usize = 32;
/// The number of spaces by which such a line is indented.
const INDENTATION: usize = 16;

/// A string whose surrogate pairs are joined.
#[derive(Debug)]
pub struct Joined<'a> {
    /// The text for the YAML parser.
    pub text: Cow<'a, str>,
    /// The places of the joined pairs, in order. Lines count from 1, columns from 0.
    places: Vec<(usize, usize)>,
    /// The number of spaces that were added to lines.
    added: HashMap<usize, usize>,
    /// The number of corrections.
    corrected: usize,
    /// True if the lines that begin with a closing bracket are indented.
    closes_deeper: bool,
}

impl<'a> Joined<'a> {
    /// Joins the pairs of a text that is JSON.
    pub fn of(text: &'a str) -> Self {
        let mut joined = Self {
            text: Cow::Borrowed(text),
            places: Vec::new(),
            added: HashMap::default(),
            corrected: 0,
            closes_deeper: false,
        };
        // Outside JSON, a backslash may be an ordinary character.
        if text
            .trim_start_matches('\u{feff}')
            .trim_start()
            .starts_with('{')
        {
            joined.join(text);
        }
        joined
    }

    fn join(&mut self, text: &'a str) {
        let mut rest = text;
        let mut done = String::new();
        let (mut line, mut column) = (1, 0);
        let mut pass = |part: &str, done: &mut String| {
            done.push_str(part);
            match part.rsplit_once('\n') {
                Some((lines, last)) => {
                    line += 1 + lines.matches('\n').count();
                    column = last.chars().count();
                }
                None => column += part.chars().count(),
            }
            (line, column)
        };
        while let Some(at) = rest.find('\\') {
            let (before, escapes) = rest.split_at(at);
            let place = pass(before, &mut done);
            let length = match pair(escapes) {
                Some(character) => {
                    self.places.push(place);
                    pass(&format!("\\U{:08X}", u32::from(character)), &mut done);
                    PAIR
                }
                None => {
                    // Skip the backslash and the character that it escapes, which may be another
                    // backslash.
                    let length = escapes.chars().take(2).map(char::len_utf8).sum();
                    pass(escapes.get(..length).unwrap_or_default(), &mut done);
                    length
                }
            };
            rest = escapes.get(length..).unwrap_or_default();
        }
        if !self.places.is_empty() {
            done.push_str(rest);
            self.text = Cow::Owned(done);
        }
    }

    /// Corrects what the parser rejects at a place and other parsers take. Returns false for
    /// any other problem, and after too many corrections. Lines count from 1, columns from 0.
    pub fn correct(&mut self, problem: &str, line: usize, column: usize) -> bool {
        self.corrected += 1;
        if self.corrected > MOST_CORRECTED {
            return false;
        }
        match problem {
            "invalid indentation" | "invalid indentation in flow construct" => {
                self.indent(line);
                true
            }
            "invalid indentation in quoted scalar" => self.indent_quoted(line, column).is_some(),
            "comments must be separated from other tokens by whitespace" => {
                self.separate(line, column).is_some()
            }
            _ => false,
        }
    }

    /// Returns the offset of a place.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let lines = self.text.split_inclusive('\n').take(line - 1);
        let start = lines.map(str::len).sum::<usize>();
        let mut characters = self.text.get(start..)?.char_indices();
        Some(start + characters.nth(column)?.0)
    }

    /// Inserts a space before the comment at a place.
    fn separate(&mut self, line: usize, column: usize) -> Option<()> {
        let at = self.offset(line, column)?;
        self.text.to_mut().insert(at, ' ');
        Some(())
    }

    /// Indents the further lines of the quoted string at a place. Their indentation is not part of
    /// the string.
    fn indent_quoted(&mut self, line: usize, column: usize) -> Option<()> {
        let start = self.offset(line, column)?;
        let quoted = self.text.get(start..)?;
        let length = quoted_length(quoted)?;
        let quoted = quoted.get(..length)?;
        let mut indented = String::with_capacity(quoted.len());
        for (number, content) in (line..).zip(quoted.split_inclusive('\n')) {
            if number > line && !content.trim().is_empty() {
                let added = column + 1;
                *self.added.entry(number).or_default() += added;
                indented.extend(std::iter::repeat_n(' ', added));
            }
            indented.push_str(content);
        }
        if indented == quoted {
            return None;
        }
        self.text
            .to_mut()
            .replace_range(start..start + length, &indented);
        Some(())
    }

    /// Indents `line`, which the parser rejects because of its indentation. The first time, indents
    /// every line that begins with a closing bracket.
    fn indent(&mut self, line: usize) {
        let is_first = !self.closes_deeper;
        self.closes_deeper = true;
        let mut text = String::with_capacity(self.text.len() + INDENTATION);
        let mut depth_before = 0;
        for (number, content) in (1..).zip(self.text.split_inclusive('\n')) {
            let inner = content.trim_start_matches(' ');
            let depth = content.len() - inner.len();
            let added = if is_first && inner.starts_with(['}', ']']) {
                (depth_before + 1_usize).saturating_sub(depth)
            } else if number == line && !is_first {
                INDENTATION
            } else {
                0
            };
            if added > 0 {
                *self.added.entry(number).or_default() += added;
                text.extend(std::iter::repeat_n(' ', added));
            }
            text.push_str(content);
            if !inner.trim().is_empty() {
                depth_before = depth;
            }
        }
        // A first line without a bracket is indented by the next call.
        self.text = Cow::Owned(text);
    }

    /// Converts a column of the joined string to the column in the file. Columns count from 0.
    pub fn column(&self, line: usize, column: usize) -> usize {
        let before = self.places.partition_point(|place| *place < (line, column));
        let of_lines_before = self.places.partition_point(|(other, _)| *other < line);
        let added = self.added.get(&line).copied().unwrap_or_default();
        (column + (before - of_lines_before) * (PAIR - JOINED)).saturating_sub(added)
    }
}

/// Returns the length of the quoted string at the start of `text`, with its quotes.
fn quoted_length(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    let (_, quote) = characters.next()?;
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote {
            let is_pair =
                quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
            if !is_pair {
                return Some(at + character.len_utf8());
            }
            characters.next();
        }
    }
    None
}

/// Returns the character of the pair of escapes at the start of `text`.
fn pair(text: &str) -> Option<char> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(text.get(..6)?)?, unit(text.get(6..PAIR)?)?];
    let mut characters = char::decode_utf16(units);
    let character = characters.next()?.ok()?;
    // Two escapes that each stand for a whole character are not a pair.
    characters.next().is_none().then_some(character)
}
