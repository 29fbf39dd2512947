//! Dates and times as people write them: `2026-12-31`, `in 2 weeks`, `tomorrow`, `next friday`.
//!
//! The library is that of the `date` of uutils, which reads what GNU's `date --date` reads
//! (<https://www.gnu.org/software/coreutils/manual/html_node/Date-input-formats.html>). A date
//! without a time is midnight in the time zone of the machine.

use jiff::civil::Date;
use jiff::{Timestamp, Unit, Zoned};
use serde_json::Value;

use crate::exit::Failure;

/// The words that clear a date.
const CLEAR: [&str; 2] = ["null", "none"];

/// Returns a date as year, month and day; `null` for a word that clears it.
pub(super) fn date(name: &str, text: &str) -> Result<Value, Failure> {
    if CLEAR.contains(&text) {
        return Ok(Value::Null);
    }
    if text.parse::<Date>().is_ok() && text.len() == "2026-12-31".len() {
        return Ok(Value::from(text));
    }
    let time = read(name, text, Zoned::now())?;
    Ok(Value::from(time.date().to_string()))
}

/// Returns a time of RFC 3339; `null` for a word that clears it. One that is written so is kept.
pub(in crate::commands) fn time(name: &str, text: &str) -> Result<Value, Failure> {
    if CLEAR.contains(&text) {
        return Ok(Value::Null);
    }
    if text.parse::<Timestamp>().is_ok() {
        return Ok(Value::from(text));
    }
    let time = read(name, text, Zoned::now())?.timestamp();
    let time = time.round(Unit::Second).unwrap_or(time);
    Ok(Value::from(time.to_string()))
}

fn read(name: &str, text: &str, now: Zoned) -> Result<Zoned, Failure> {
    let wrong = || {
        Failure::usage(format!("cannot read {name} {text:?}: it is not a date"))
            .with_help("write a date such as 2026-12-31, 'in 2 weeks' or 2026-12-31T08:30:00Z")
    };
    let words = text.trim();
    let words = words.strip_prefix("in ").unwrap_or(words).trim();
    // The library reads an empty text as today, and a number as an hour.
    let is_number = words.chars().all(|it| it.is_ascii_digit());
    if is_number || words.chars().count() > 60 {
        return Err(wrong());
    }
    let parsed = parse_datetime::parse_datetime_at_date(now, words);
    parsed.ok().and_then(|it| it.into_zoned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        let now: Zoned = "2026-01-31T08:30:00[UTC]".parse().expect("a time");
        let time = read("--due-date", text, now).ok()?;
        Some(time.timestamp().to_string())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("in 2 weeks", "2026-02-14T08:30:00Z"),
            ("2 weeks", "2026-02-14T08:30:00Z"),
            ("in 1 month", "2026-03-03T08:30:00Z"),
            ("tomorrow", "2026-02-01T08:30:00Z"),
            ("2026-12-31", "2026-12-31T00:00:00Z"),
            ("2026-12-31 17:00", "2026-12-31T17:00:00Z"),
            ("3 days ago", "2026-01-28T08:30:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", " ", "in", "5", "soon", "2026-13-01", &"1".repeat(100)] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
