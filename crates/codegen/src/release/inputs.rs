//! The inputs of a release: a version and a date.

use std::fmt;
use std::str::FromStr;

use toml_edit::Datetime;

/// A version of the crates, without a suffix such as `-rc.1`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version([u64; 3]);

impl Version {
    /// Returns the requirement that a manifest of a user has, such as `0.1`.
    pub(super) fn requirement(self) -> String {
        let Self([major, minor, _]) = self;
        format!("{major}.{minor}")
    }
}

impl FromStr for Version {
    type Err = String;

    /// Reads `MAJOR.MINOR.PATCH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            let is_plain = part.bytes().all(|byte| byte.is_ascii_digit());
            let is_short = part == "0" || !part.starts_with('0');
            part.parse().ok().filter(|_| is_plain && is_short)
        };
        let numbers: Option<Vec<u64>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some([major, minor, patch]) => Ok(Self([*major, *minor, *patch])),
            _ => Err("it is not a version; write it as 0.2.0".to_owned()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug)]
pub struct Date(toml_edit::Date);

impl FromStr for Date {
    type Err = String;

    /// Reads `YYYY-MM-DD`, which is also the form of a date in TOML.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(Datetime {
                date: Some(date),
                time: None,
                offset: None,
            }) => Ok(Self(date)),
            _ => Err("it is not a date of the calendar; write it as 2026-01-31".to_owned()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
