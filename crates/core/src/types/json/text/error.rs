//! The error of the decoder.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeOwned, Deserializer, Expected, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde_json::Value;

use crate::response::json_path::offset_of;

/// The message for a mistake that `serde_json` does not find.
const INVALID: &str = "invalid JSON";

/// An error, of the size of a pointer.
#[derive(Debug)]
pub(super) struct Error(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    kind: Kind,
    /// The offset behind the mistake, once it is known.
    at: Option<usize>,
    /// The first offset at which `serde_json` may report it.
    from: usize,
}

#[derive(Debug)]
enum Kind {
    /// The text is not JSON, or has a number or string that no type takes. `serde_json` reports it,
    /// or this message does where a type takes less than others.
    Invalid(&'static str),
    /// The text is not JSON, in a value that is skipped.
    Skipped,
    /// A value is not one of its type.
    Type(String),
}

impl Error {
    #[cold]
    fn of(kind: Kind, at: Option<usize>) -> Self {
        let from = at.unwrap_or_default();
        Self(Box::new(Mistake { kind, at, from }))
    }

    /// Creates the error of text that is not JSON, at this offset or behind it.
    #[cold]
    pub(super) fn invalid(at: usize) -> Self {
        Self::of(Kind::Invalid(INVALID), Some(at))
    }

    /// Creates the error of text that another type may take.
    #[cold]
    pub(super) fn limit(message: &'static str, at: usize) -> Self {
        Self::of(Kind::Invalid(message), Some(at))
    }

    /// Lets the mistake begin at an earlier offset.
    #[cold]
    pub(super) fn begins_at(mut self, from: usize) -> Self {
        self.0.from = from;
        self
    }

    /// Turns the error of a number into one of a type, because the text around it is JSON.
    #[cold]
    pub(super) fn of_type(mut self) -> Self {
        if let Kind::Invalid(message) = self.0.kind {
            self.0.kind = Kind::Type(message.to_owned());
        }
        self
    }

    /// Turns the error into one of a value that is skipped.
    #[cold]
    pub(super) fn skipped(mut self) -> Self {
        self.0.kind = Kind::Skipped;
        self
    }

    /// Creates the error of a type.
    #[cold]
    pub(super) fn new(message: impl Into<String>, at: usize) -> Self {
        Self::of(Kind::Type(message.into()), Some(at))
    }

    /// Sets the offset, if it is not known.
    #[cold]
    pub(super) fn or_at(mut self, at: usize) -> Self {
        self.set_at(at);
        self
    }

    /// Sets the offset, if it is not known.
    #[cold]
    pub(super) fn set_at(&mut self, at: usize) {
        self.0.at.get_or_insert(at);
    }

    /// Returns the error as `serde_json` reports it.
    #[cold]
    pub(super) fn into_json(self, text: &str) -> serde_json::Error {
        let Mistake { kind, at, from } = *self.0;
        let message = match kind {
            Kind::Invalid(message) => match error_from::<Anything>(text, from) {
                Some(error) => return error,
                // A number that is too large, or half of a character, may precede the mistake in a
                // value that is skipped.
                None => match error_from::<IgnoredAny>(text, from) {
                    Some(error) => return error,
                    None => message.to_owned(),
                },
            },
            Kind::Skipped => match error_from::<IgnoredAny>(text, from) {
                Some(error) => return error,
                None => INVALID.to_owned(),
            },
            Kind::Type(message) => message,
        };
        de::Error::custom(match at {
            Some(at) => with_position(text, at, &message),
            None => message,
        })
    }
}

/// Returns the error of `serde_json`, if it is at this offset or behind it.
fn error_from<T: DeserializeOwned>(text: &str, at: usize) -> Option<serde_json::Error> {
    let error = serde_json::from_str::<T>(text).err()?;
    let place = offset_of(text.as_bytes(), error.line(), error.column());
    (place >= at).then_some(error)
}

/// Any value that some type takes. Nothing of it is stored.
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while let Some(Self) = elements.next_element()? {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while let Some((Self, Self)) = members.next_entry()? {}
        Ok(self)
    }
}

/// Adds the line and column of an offset to a message. `serde_json` takes them from there.
fn with_position(text: &str, at: usize, message: &str) -> String {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let line_begin = memchr::memrchr(b'\n', before).map_or(0, |place| place + 1);
    let column = before.len() - line_begin;
    format!("{message} at line {line} column {column}")
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Invalid(message) => formatter.write_str(message),
            Kind::Skipped => formatter.write_str(INVALID),
            Kind::Type(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    #[cold]
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self::of(Kind::Type(message.to_string()), None)
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = Found(found);
        Self::custom(format_args!("invalid type: {found}, expected {expected}"))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = Found(found);
        Self::custom(format_args!("invalid value: {found}, expected {expected}"))
    }
}

/// A found value in the words of JSON.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unit => formatter.write_str("null"),
            Unexpected::Float(number) => {
                write!(formatter, "floating point `{}`", Value::from(number))
            }
            other => other.fmt(formatter),
        }
    }
}
