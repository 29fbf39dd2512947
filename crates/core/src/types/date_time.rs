//! Timestamps and calendar dates, kept as strings.
//!
//! Programs pass most of these on unread. A string is written back unchanged, a malformed timestamp
//! does not fail the whole response, and no time library is required. [`DateTime::parse`] and the
//! features `jiff-1` and `chrono-0.4` convert it when a program needs the instant.

use super::short_string::ShortString;

/// Declares a string newtype. The two types differ in their documentation alone.
macro_rules! string_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ShortString);

        impl $name {
            /// Creates a value from any string. It is not checked, so that no response is lost, and
            /// so that the server decides what it accepts.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into().into())
            }

            /// Returns the string.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Parses the string as a type of any time library.
            ///
            /// # Errors
            ///
            /// Returns the error of that library.
            pub fn parse<T: std::str::FromStr>(&self) -> Result<T, T::Err> {
                self.as_str().parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }

        impl crate::FromJson for $name {
            const MAY_DEVIATE: bool = false;

            fn from_json<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
        }
    };
}

string_type! {
    /// A timestamp, kept as the string that the server sent, which usually has the form of
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6).
    ///
    /// Two values are equal if their strings are: `…T10:00:00Z` and `…T12:00:00+02:00` are the same
    /// instant and different values. The order is that of the strings. It is the order of time for
    /// timestamps in one time zone with the same number of fractional digits.
    ///
    /// ```
    /// use scorekit_core::DateTime;
    ///
    /// let created = DateTime::new("2026-03-01T09:30:00.250Z");
    /// assert_eq!(created.as_str(), "2026-03-01T09:30:00.250Z");
    /// # #[cfg(feature = "jiff-1")]
    /// assert_eq!(jiff::Timestamp::try_from(&created)?.as_millisecond(), 1_772_357_400_250);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DateTime
}

string_type! {
    /// A calendar date, kept as the string that the server sent, which usually has the form
    /// `2026-03-01` (`full-date` of [RFC
    /// 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)).
    ///
    /// Two values are equal if their strings are. The order is that of the strings, which is the
    /// order of time for dates in the form above.
    ///
    /// ```
    /// use scorekit_core::Date;
    ///
    /// assert!(Date::new("2026-03-01") < Date::new("2026-11-01"));
    /// ```
    Date
}

/// Conversions from and to the types of `jiff`.
#[cfg(feature = "jiff-1")]
mod with_jiff {
    use super::{Date, DateTime};

    /// Converts the instant to a string in UTC.
    impl From<jiff::Timestamp> for DateTime {
        fn from(timestamp: jiff::Timestamp) -> Self {
            Self::new(timestamp.to_string())
        }
    }

    /// Returns an error if the string is not an RFC 3339 timestamp.
    impl TryFrom<&DateTime> for jiff::Timestamp {
        type Error = jiff::Error;

        fn try_from(value: &DateTime) -> Result<Self, Self::Error> {
            value.parse()
        }
    }

    impl From<jiff::civil::Date> for Date {
        fn from(date: jiff::civil::Date) -> Self {
            Self::new(date.to_string())
        }
    }

    /// Returns an error if the string is not a date.
    impl TryFrom<&Date> for jiff::civil::Date {
        type Error = jiff::Error;

        fn try_from(value: &Date) -> Result<Self, Self::Error> {
            value.parse()
        }
    }
}

/// Conversions from and to the types of `chrono`.
#[cfg(feature = "chrono-0.4")]
mod with_chrono {
    use chrono::{NaiveDate, ParseError, SecondsFormat, Utc};

    use super::{Date, DateTime};

    /// Converts the instant to a string in UTC, with as many fractional digits as it needs.
    impl From<chrono::DateTime<Utc>> for DateTime {
        fn from(timestamp: chrono::DateTime<Utc>) -> Self {
            Self::new(timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }

    /// Returns an error if the string is not an RFC 3339 timestamp.
    impl TryFrom<&DateTime> for chrono::DateTime<Utc> {
        type Error = ParseError;

        fn try_from(value: &DateTime) -> Result<Self, Self::Error> {
            chrono::DateTime::parse_from_rfc3339(value.as_str()).map(|time| time.to_utc())
        }
    }

    impl From<NaiveDate> for Date {
        fn from(date: NaiveDate) -> Self {
            Self::new(date.to_string())
        }
    }

    /// Returns an error if the string is not a date.
    impl TryFrom<&Date> for NaiveDate {
        type Error = ParseError;

        fn try_from(value: &Date) -> Result<Self, Self::Error> {
            value.parse()
        }
    }
}
