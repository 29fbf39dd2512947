//! The small language of faults and rate limits, `OPERATIONS:KEY=VALUE,…`, and the errors of such settings.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;

use crate::document::Operation;

/// A fault or a rate limit that cannot be, because its text says nothing that the sandbox understands, a value is out of
/// its range, or the document has no such operation. The message says what can be written instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SettingError {
    setting: String,
    problem: String,
}

impl SettingError {
    pub(crate) fn new(setting: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self {
            setting: setting.to_string(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.setting, self.problem)
    }
}

impl std::error::Error for SettingError {}

/// A setting's text, taken apart.
pub(crate) struct Words<'t> {
    text: &'t str,
    /// The operations before the colon; none at all for all of them.
    pub(crate) operations: Vec<String>,
    /// The words after it, in their order, with their values.
    pub(crate) words: Vec<(&'t str, Option<&'t str>)>,
}

impl<'t> Words<'t> {
    /// Takes a text apart.
    pub(crate) fn read(text: &'t str) -> Self {
        let (operations, rest) = match text.split_once(':') {
            Some((operations, rest)) => (parts(operations).collect(), rest),
            None => (Vec::new(), text),
        };
        let operations: Vec<&str> = operations;
        let operations = if operations == ["*"] {
            Vec::new()
        } else {
            operations.into_iter().map(str::to_owned).collect()
        };
        let words = parts(rest).map(|word| match word.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (word, None),
        });
        Self {
            text,
            operations,
            words: words.collect(),
        }
    }

    /// An error of this text.
    pub(crate) fn error(&self, problem: impl Into<String>) -> SettingError {
        SettingError::new(self.text, problem)
    }

    /// A word's value as a number.
    pub(crate) fn number<N: std::str::FromStr>(
        &self,
        (key, value): (&str, Option<&str>),
        example: &str,
    ) -> Result<N, SettingError> {
        let value = value.unwrap_or_default();
        value
            .parse()
            .map_err(|_| self.error(format!("`{key}` takes a number such as `{key}={example}`")))
    }

    /// A word's value as a duration.
    pub(crate) fn duration(
        &self,
        (key, value): (&str, Option<&str>),
    ) -> Result<Duration, SettingError> {
        parse_duration(value.unwrap_or_default()).map_err(|_| {
            self.error(format!(
                "`{key}` takes a time such as `{key}=200ms`, `{key}=1.5s` or `{key}=2m`"
            ))
        })
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Reads a duration such as `200ms`, `1.5s` or `2m`, as the words of faults and rate limits take it.
///
/// # Errors
///
/// If the text is no duration or a negative one; the message says how they are written.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let problem = "write a time such as `200ms`, `1.5s` or `2m`";
    let read: SignedDuration = text
        .parse()
        .map_err(|error| format!("{error}; {problem}"))?;
    Duration::try_from(read).map_err(|_| format!("it is negative; {problem}"))
}

/// A duration as [`parse_duration`] reads it.
pub(crate) fn duration_text(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{duration:#}").replace(' ', "")
}

/// Writes the operations of a setting as they stand before its words.
pub(crate) fn write_operations(
    formatter: &mut fmt::Formatter<'_>,
    operations: &[String],
) -> fmt::Result {
    if operations.is_empty() {
        return Ok(());
    }
    write!(formatter, "{}:", operations.join(","))
}

/// Checks that the document has the operations that a setting names.
pub(crate) fn check_operations(
    known: &[Operation],
    named: &[String],
    setting: &impl fmt::Display,
) -> Result<(), SettingError> {
    let has = |name: &String| known.iter().any(|operation| operation.id == *name);
    let Some(unknown) = named.iter().find(|name| !has(name)) else {
        return Ok(());
    };
    // With half of it in common or less, a name would be anybody's guess.
    let closest = known
        .iter()
        .map(|operation| (likeness(&operation.id, unknown), &operation.id))
        .max()
        .filter(|(likeness, _)| likeness * 2 > unknown.len());
    let hint = match closest {
        Some((_, id)) => format!("; did you mean `{id}`?"),
        None => "; the operations are listed on the sandbox's page".to_owned(),
    };
    Err(SettingError::new(
        setting,
        format!("the document has no operation `{unknown}`{hint}"),
    ))
}

/// How many letters two names share at their beginnings and their ends.
fn likeness(first: &str, second: &str) -> usize {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    let same = |(one, other): &(char, char)| one == other;
    let start = first.chars().zip(second.chars()).take_while(same).count();
    let end = first
        .chars()
        .rev()
        .zip(second.chars().rev())
        .take_while(same)
        .count();
    start + end
}
