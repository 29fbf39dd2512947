//! Writes an example of each command, as a line of a shell.
//!
//! A body is written as flags if flags can set all that it requires, with the values of the
//! document's example. Otherwise it comes from a file.

use serde_json::Value;

use super::flags::{Flag, Flags, Place};
use crate::document::node::Node;
use crate::generate::model::Operation;
use crate::generate::workspace_tests::request_example;

/// The number of optional flags in an example.
const OPTIONAL: usize = 8;

/// The longest line of an example. A longer one is broken before each flag.
const WIDTH: usize = 90;

/// The longest value of an optional flag in an example, in characters.
const LONGEST: usize = 60;

/// Returns the example of the command at `path`.
pub(super) fn example(
    document: &Node,
    operation: &Operation,
    path: &[&str],
    flags: &Flags<'_>,
) -> String {
    let mut words = vec![format!("scorekit {}", path.join(" "))];
    let body = request_example(document, operation);
    let is_body = |flag: &&Flag| matches!(flag.place, Place::Body(_));
    let has_flags = flags.flags.iter().any(|flag| is_body(&flag));
    let leaves = body.as_ref().map_or(0, leaves);
    let by_flags = flags.missing.is_empty() && (has_flags || leaves <= flags.constants.len());
    let mut optional = 0;
    for flag in &flags.flags {
        let value = match &flag.place {
            Place::Body(pointer) if by_flags => {
                body.as_ref().and_then(|body| body.pointer(pointer))
            }
            Place::Body(_) => continue,
            Place::Path(_) | Place::Query(_) | Place::Header(_) => None,
        };
        if !flag.required {
            let is_short = |value: &&Value| value.to_string().chars().count() <= LONGEST;
            if optional == OPTIONAL || value.filter(is_short).is_none() {
                continue;
            }
            optional += 1;
        }
        let values = match value.or(flag.example.as_ref()) {
            Some(Value::Array(values)) => values.iter().map(text).collect(),
            Some(Value::Null) | None => vec![fallback(flag)],
            Some(value) => vec![text(value)],
        };
        for value in values {
            let value = quoted(&value);
            words.push(match (&flag.place, flag.kind) {
                (Place::Path(_), _) => value,
                (_, "Boolean") => format!("--{}={value}", flag.name),
                // Otherwise it would be read as a flag.
                _ if value.trim_start_matches('\'').starts_with('-') => {
                    format!("--{}={value}", flag.name)
                }
                _ => format!("--{} {value}", flag.name),
            });
        }
    }
    if operation.request_body.is_some() && !by_flags {
        words.push("--body body.json".to_owned());
    }
    if operation.pagination.is_some() {
        words.push("--all".to_owned());
    }
    let line = words.join(" ");
    match line.chars().count() > WIDTH {
        true => words.join(" \\\n    "),
        false => line,
    }
}

/// Returns the number of scalars in a value.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(properties) => properties.values().map(leaves).sum(),
        _ => 1,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns a value for a flag that has no example.
fn fallback(flag: &Flag) -> String {
    let shout = flag.name.replace('-', "_").to_uppercase();
    match (flag.values.first(), flag.kind) {
        (Some(value), _) => value.clone(),
        (None, "Integer" | "Number") => "1".to_owned(),
        (None, "Boolean") => "true".to_owned(),
        (None, _) => shout,
    }
}

/// Returns a word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+,=".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
