//! The syntax of faults and rate limits, `OPERATIONS:KEY=VALUE,…`, and its errors.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;

use crate::document::Operation;

/// An error in a fault or a rate limit: a syntax error, a value out of range, or an unknown
/// operation. The message has the correct form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SettingError {
    setting: String,
    problem: String,
    names_unknown_operation: bool,
}

impl SettingError {
    pub(crate) fn new(setting: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self {
            setting: setting.to_string(),
            problem: problem.into(),
            names_unknown_operation: false,
        }
    }

    /// Returns true if the document does not have an operation that the setting names.
    pub(crate) fn names_unknown_operation(&self) -> bool {
        self.names_unknown_operation
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot use `{}`: {}", self.setting, self.problem)
    }
}

impl std::error::Error for SettingError {}

/// A parser of one fault or rate limit.
pub(crate) struct OptionParser<'t> {
    text: &'t str,
    /// The operations before the colon; empty for all operations.
    pub(crate) operations: Vec<String>,
    /// The options after the colon, in their order, with their values.
    pub(crate) options: Vec<(&'t str, Option<&'t str>)>,
}

impl<'t> OptionParser<'t> {
    /// Splits a string into operations and options.
    pub(crate) fn new(text: &'t str) -> Self {
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
        let options = parts(rest).map(|option| match option.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (option, None),
        });
        Self {
            text,
            operations,
            options: options.collect(),
        }
    }

    /// Creates an error about this string.
    pub(crate) fn error(&self, problem: impl Into<String>) -> SettingError {
        SettingError::new(self.text, problem)
    }

    /// Reads the value of an option as a number.
    pub(crate) fn number<N: std::str::FromStr>(
        &self,
        (key, value): (&str, Option<&str>),
        example: &str,
    ) -> Result<N, SettingError> {
        let value = value.unwrap_or_default();
        value.parse().map_err(|_| {
            let is_number = !value.is_empty() && value.bytes().all(|it| it.is_ascii_digit());
            let problem = match is_number {
                true => "is too large; write, for example,",
                false => "must be a number, such as",
            };
            self.error(format!("`{key}` {problem} `{key}={example}`"))
        })
    }

    /// Reads the value of an option as a duration.
    pub(crate) fn duration(
        &self,
        (key, value): (&str, Option<&str>),
    ) -> Result<Duration, SettingError> {
        parse_duration(value.unwrap_or_default()).map_err(|_| {
            self.error(format!(
                "`{key}` must be a duration, such as `{key}=200ms`, `{key}=1.5s` or `{key}=2m`"
            ))
        })
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Reads a duration such as `200ms`, `1.5s` or `2m`, the syntax of faults and rate limits.
///
/// # Errors
///
/// Returns an error if the string is not a duration, or is negative. The message shows the syntax.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let problem = "write a duration such as `200ms`, `1.5s` or `2m`";
    let read: SignedDuration = text
        .parse()
        .map_err(|_| format!("it is not a duration; {problem}"))?;
    Duration::try_from(read).map_err(|_| format!("it is negative; {problem}"))
}

/// Writes a duration as [`parse_duration`] reads it.
pub(crate) fn duration_text(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{duration:#}").replace(' ', "")
}

/// Writes the operations of a fault or a rate limit, with the colon.
pub(crate) fn write_operations(
    formatter: &mut fmt::Formatter<'_>,
    operations: &[String],
) -> fmt::Result {
    if operations.is_empty() {
        return Ok(());
    }
    write!(formatter, "{}:", operations.join(","))
}

/// Checks that the document has all operations that are named.
pub(crate) fn check_operations(
    known: &[Operation],
    named: &[String],
    setting: &impl fmt::Display,
) -> Result<(), SettingError> {
    let has = |name: &String| known.iter().any(|operation| operation.id == *name);
    let Some(unknown) = named.iter().find(|name| !has(name)) else {
        return Ok(());
    };
    // Names that share half of their letters or less are not similar.
    let closest = known
        .iter()
        .map(|operation| (likeness(&operation.id, unknown), &operation.id))
        .max()
        .filter(|(likeness, _)| likeness * 2 > unknown.len());
    let hint = match closest {
        Some((_, id)) => format!("; did you mean `{id}`?"),
        None => "; the sandbox's page lists the operations".to_owned(),
    };
    let problem = format!("the document has no operation `{unknown}`{hint}");
    Err(SettingError {
        names_unknown_operation: true,
        ..SettingError::new(setting, problem)
    })
}

/// Counts the letters that two names share at their start and at their end.
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
