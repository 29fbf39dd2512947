//! Makes text harmless for a terminal. What a server sent is data: it must not move the cursor,
//! change the title or reverse the direction of text.

use std::fmt::Write as _;
use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// Returns true if a terminal would act on a character instead of showing it. These are the
/// controls of C0 and C1, and the marks that change the direction of text
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
pub(crate) fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}')
        || ('\u{2028}'..='\u{202e}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter)
}

/// Replaces unsafe characters with their escape, such as `\u001b`. Line breaks and tabs stay.
pub(crate) fn clean_text(text: &str) -> String {
    escape(text, |letter| {
        is_unsafe(letter) && letter != '\n' && letter != '\t'
    })
}

/// Replaces line breaks and tabs with a blank, and other unsafe characters with their escape.
pub(crate) fn clean_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|it| {
            if matches!(it, '\n' | '\r' | '\t') {
                ' '
            } else {
                it
            }
        })
        .collect();
    escape(&text, is_unsafe)
}

fn escape(text: &str, is_unsafe: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unsafe(letter) {
            let _ = write!(clean, "\\u{:04x}", u32::from(letter));
        } else {
            clean.push(letter);
        }
    }
    clean
}

/// Returns a value as JSON on one line. Unsafe characters are escaped, so that the value stays the
/// same.
pub(crate) fn json_line(value: &Value) -> String {
    json(value, CompactFormatter)
}

/// Returns a value as indented JSON. See [`json_line`].
pub(crate) fn json_pretty(value: &Value) -> String {
    json(value, PrettyFormatter::new())
}

fn json(value: &Value, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Clean(formatter));
    // Writing a value to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

/// A formatter that escapes what serde_json leaves in a string.
struct Clean<F>(F);

macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $name<W: ?Sized + io::Write>(
            &mut self,
            writer: &mut W,
            $($argument: $type),*
        ) -> io::Result<()> {
            self.0.$name(writer, $($argument),*)
        }
    )*};
}

impl<F: Formatter> Formatter for Clean<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        writer.write_all(escape(fragment, is_unsafe).as_bytes())
    }

    forward! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped_and_json_keeps_its_value() {
        let hostile = "a\u{1b}[2J\u{9b}1m\u{7f}\u{202e}b\u{2028}\n";
        let clean = clean_text(hostile);
        assert_eq!(clean, "a\\u001b[2J\\u009b1m\\u007f\\u202eb\\u2028\n");
        for text in [json_line(&hostile.into()), json_pretty(&hostile.into())] {
            assert!(!text.chars().any(is_unsafe), "{text:?}");
            let value: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(value, hostile);
        }
        assert_eq!(clean_line("a\r\nb\u{7}"), "a  b\\u0007");
    }
}
