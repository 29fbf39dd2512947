//! JSON writes a character beyond the first 65,536 as two escapes, `\ud83d\ude00` (RFC 8259,
//! section 7). YAML has one escape for it and its parser refuses the two, so they are joined before
//! it reads a file that is JSON.

use std::borrow::Cow;

/// The length of a pair of escapes, and of the escape that stands for both.
const PAIR: usize = 12;
const JOINED: usize = 10;

/// A text whose pairs are joined.
pub(super) struct Joined<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where in it a joined pair stands: its line, from 1, and its column, from 0, in order.
    places: Vec<(usize, usize)>,
}

impl<'a> Joined<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut joined = Self {
            text: Cow::Borrowed(text),
            places: Vec::new(),
        };
        // Elsewhere a backslash may be one and no more.
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
                    // The backslash and what it escapes, which may be another one.
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

    /// The column that a place of the joined text, its column from 0, has in the file.
    pub(super) fn column(&self, line: usize, column: usize) -> usize {
        let before = self.places.partition_point(|place| *place < (line, column));
        let of_lines_before = self.places.partition_point(|(other, _)| *other < line);
        column + (before - of_lines_before) * (PAIR - JOINED)
    }
}

/// The character of the pair of escapes that `text` begins with.
fn pair(text: &str) -> Option<char> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(text.get(..6)?)?, unit(text.get(6..PAIR)?)?];
    let mut characters = char::decode_utf16(units);
    let character = characters.next()?.ok()?;
    // Two characters of their own are no pair.
    characters.next().is_none().then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_joined_and_nothing_else_is() {
        let joined = Joined::of("{\n \"a\": \"\\ud83d\\ude00 é\\uD83D\\uDE00\", \"b\": 1}");
        assert_eq!(
            joined.text,
            "{\n \"a\": \"\\U0001F600 é\\U0001F600\", \"b\": 1}"
        );
        // Before the first, between the two and after both.
        assert_eq!(
            [7, 18, 31].map(|column| joined.column(2, column)),
            [7, 20, 35]
        );
        assert_eq!(joined.column(3, 7), 7);
        for text in [
            "{\"a\": \"\\\\ud83d\\\\ude00\"}",
            "{\"a\": \"\\ud83d\"}",
            "{\"a\": \"\\ud83d\\n\\ude00\"}",
            "{\"a\": \"\\u00e9\\u00e8\"}",
            "{\"a\": \"\\u+83d\\u+e00\\",
            "{\"a\": \"\\",
            "a: '\\ud83d\\ude00'",
        ] {
            assert_eq!(Joined::of(text).text, text);
        }
    }
}
