//! Writes YAML that people read and change: short strings are plain, and long texts are blocks.

use serde_json::Value;

use crate::output::{is_unsafe, json_line};

/// Words that YAML readers take for something else than a string.
const WORDS: [&str; 12] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
];

/// Writes a document.
pub(crate) fn write(text: &mut String, document: &Value) {
    match document {
        Value::Object(properties) if properties.is_empty() => text.push_str("{}\n"),
        Value::Array(items) if items.is_empty() => text.push_str("[]\n"),
        document => value(text, document, 0),
    }
}

/// Writes the lines of a mapping or a list.
fn value(text: &mut String, value: &Value, indent: usize) {
    let blanks = " ".repeat(indent);
    match value {
        Value::Object(properties) => {
            for (name, value) in properties {
                text.push_str(&blanks);
                text.push_str(&scalar(&Value::from(name.as_str())));
                text.push(':');
                after_key(text, value, indent);
            }
        }
        Value::Array(items) => {
            for item in items {
                let start = text.len() + indent;
                match item {
                    Value::Object(properties) if !properties.is_empty() => {
                        self::value(text, item, indent + 2);
                        // The first property follows the dash.
                        text.replace_range(start..=start, "-");
                    }
                    item => {
                        text.push_str(&blanks);
                        text.push('-');
                        after_key(text, item, indent);
                    }
                }
            }
        }
        other => {
            text.push_str(&scalar(other));
            text.push('\n');
        }
    }
}

/// Writes a value after its key or dash.
fn after_key(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(properties) if properties.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            text.push('\n');
            self::value(text, value, indent + 2);
        }
        Value::String(content) if is_block(content) => {
            text.push_str(if content.ends_with('\n') {
                " |\n"
            } else {
                " |-\n"
            });
            for line in content.lines() {
                if !line.is_empty() {
                    text.push_str(&" ".repeat(indent + 2));
                    text.push_str(line);
                }
                text.push('\n');
            }
        }
        value => {
            text.push(' ');
            text.push_str(&scalar(value));
            text.push('\n');
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        // JSON leaves what YAML forbids.
        value => escaped(&json_line(value)),
    }
}

/// Escapes the characters that no document of YAML contains
/// (<https://yaml.org/spec/1.2.2/#51-character-set>).
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match is_forbidden(letter) {
            true => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => text.push(letter),
        }
    }
    text
}

fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Returns true if every reader takes a text without quotes for this string.
fn is_plain(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(|it| is_unsafe(it) || is_forbidden(it))
        && !WORDS.contains(&text.to_lowercase().as_str())
}

/// Returns true if a block of lines is the same string.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && !text
            .chars()
            .any(|it| (is_unsafe(it) && it != '\n') || is_forbidden(it))
        && text.lines().all(|line| line.trim_end() == line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let texts = [
            "plain",
            "two words",
            "kind:service AND team:x",
            "a: b",
            "a #b",
            "a#b",
            "",
            " a",
            "a ",
            "yes",
            "No",
            "1",
            "1e3",
            "0x1f",
            "2026-01-01",
            "~",
            "-",
            "- a",
            "a\nb",
            "a\nb\n",
            "\n",
            "a\n\n",
            " a\nb",
            "a\n  b\n\nc",
            "a \nb",
            "\u{1b}[2J",
            "\u{202e}x",
            "'",
            "\"",
            "{a}",
            "[a]",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "?",
            "? a",
            ":",
            "a:",
            "émoji 🔒",
            "🔒",
            "nan",
            ".inf",
            "Infinity",
            "a\tb",
            "a\r\nb",
            "null",
            "---",
            "...",
            "a, b",
            "a\u{85}b",
            "a\u{feff}b",
            "x|y",
            ">",
            "|",
            "=",
            "<<",
        ];
        for text in texts {
            let mut document = json!({ "text": text, "list": [{ "a": text, "b": [text, true] }] });
            // As a key, it merges mappings.
            if text != "<<" {
                document[text] = json!({ "empty": [], "none": {}, "number": 1.5 });
            }
            let mut written = String::new();
            write(&mut written, &document);
            let read = parse(&written).expect("YAML");
            assert_eq!(read.len(), 1);
            assert_eq!(read[0].to_value(), document, "{text:?}: {written}");
        }
    }
}
