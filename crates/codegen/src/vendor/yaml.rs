//! YAML as people write it in `spec/`: block style, short lists in one line, long texts folded.

use serde_json::Value;

/// The width of a line in `spec/`.
const WIDTH: usize = 100;

/// Returns the lines of a mapping with one entry, indented by `indent`.
pub(super) fn entry(name: &str, value: &Value, indent: usize, quote: char) -> Vec<String> {
    let mut lines = Vec::new();
    write_entry(name, value, indent, quote, &mut lines);
    lines
}

/// Returns the lines of an item of a list whose dash is indented by `indent`.
pub(super) fn item(value: &Value, indent: usize, quote: char) -> Vec<String> {
    let mut lines = Vec::new();
    write_item(value, indent, quote, &mut lines);
    lines
}

fn write_entry(name: &str, value: &Value, indent: usize, quote: char, lines: &mut Vec<String>) {
    let head = format!("{}{}:", " ".repeat(indent), string(name, quote));
    match value {
        Value::Object(members) if !members.is_empty() => {
            lines.push(head);
            for (name, member) in members {
                write_entry(name, member, indent + 2, quote, lines);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let flow = flow(items, quote).map(|flow| format!("{head} {flow}"));
            match flow.filter(|line| line.chars().count() <= WIDTH) {
                Some(line) => lines.push(line),
                None => {
                    lines.push(head);
                    for item in items {
                        write_item(item, indent + 2, quote, lines);
                    }
                }
            }
        }
        Value::String(text) => {
            let line = format!("{head} {}", string(text, quote));
            if line.chars().count() <= WIDTH || !is_foldable(text) {
                lines.push(line);
                return;
            }
            lines.push(format!("{head} >-"));
            let indent = " ".repeat(indent + 2);
            let options = textwrap::Options::new(WIDTH)
                .initial_indent(&indent)
                .subsequent_indent(&indent)
                .break_words(false);
            lines.extend(
                textwrap::wrap(text, options)
                    .into_iter()
                    .map(|line| line.into_owned()),
            );
        }
        other => lines.push(format!("{head} {}", scalar(other, quote))),
    }
}

fn write_item(value: &Value, indent: usize, quote: char, lines: &mut Vec<String>) {
    let dash = format!("{}- ", " ".repeat(indent));
    let Value::Object(members) = value else {
        lines.push(format!("{dash}{}", scalar(value, quote)));
        return;
    };
    let first = lines.len();
    for (name, member) in members {
        write_entry(name, member, indent + 2, quote, lines);
    }
    match lines.get_mut(first) {
        Some(line) => line.replace_range(..indent + 2, &dash),
        None => lines.push(format!("{dash}{{}}")),
    }
}

/// Returns a list of scalars in one line, or `None` if an item is not a scalar.
pub(super) fn flow(items: &[Value], quote: char) -> Option<String> {
    let is_scalar = |item: &Value| !item.is_object() && !item.is_array();
    if !items.iter().all(is_scalar) {
        return None;
    }
    let items: Vec<_> = items.iter().map(|item| scalar(item, quote)).collect();
    Some(format!("[{}]", items.join(", ")))
}

/// Returns a scalar, or an empty collection, in one line.
pub(super) fn scalar(value: &Value, quote: char) -> String {
    match value {
        Value::String(text) => string(text, quote),
        // JSON is YAML.
        other => other.to_string(),
    }
}

/// Returns true if folding keeps a text: it has one line, and each pair of words one blank.
fn is_foldable(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ") == text
}

/// Returns a string without quotes if that means the same, and else in quotes.
fn string(text: &str, quote: char) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let is_simple = !text.contains(['\'', '"', '\\']) && !text.contains(char::is_control);
    match is_simple {
        true => format!("{quote}{text}{quote}"),
        false => Value::from(text).to_string(),
    }
}

/// Returns true if YAML reads an unquoted text as this string.
fn is_plain(text: &str) -> bool {
    let starts = |text: &str| {
        let first = text.chars().next();
        first.is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '/' | '_' | '$'))
    };
    let is_word = |text: &str| {
        let lower = text.to_ascii_lowercase();
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&lower.as_str())
    };
    starts(text)
        && !is_word(text)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains([',', '[', ']', '#', '"', '\''])
        && !text.contains(char::is_control)
}
