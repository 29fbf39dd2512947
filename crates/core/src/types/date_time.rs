//! Timestamps and calendar dates, kept as the text that came.
//!
//! A client passes most of these on unread. Keeping the text means that what is decoded is encoded
//! again byte for byte, that one malformed timestamp does not lose a whole response, and that no
//! time library is imposed. [`DateTime::parse`] and the features `jiff` and `chrono` read the text
//! when a program needs the instant.

/// Declares a text newtype; the two types here differ in their documentation alone.
macro_rules! text_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Keeps `text` as it is; nothing is checked, so that a server's answer is never lost
            /// and a server's own check has the last word on what is sent.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into().into_boxed_str())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Reads the text as a type of the time library of your choice.
            ///
            /// # Errors
            ///
            /// Whatever that library says about text that it cannot read.
            pub fn parse<T: std::str::FromStr>(&self) -> Result<T, T::Err> {
                self.0.parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::new(text))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into_string()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                *self.0 == **other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Box::deserialize(deserializer).map(Self)
            }
        }
    };
}

text_type! {
    /// A timestamp, as a rule in the form of
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6), kept as the text that came.
    ///
    /// Two values are equal when their texts are: `…T10:00:00Z` and `…T12:00:00+02:00` are the same
    /// instant and different values. Likewise the order is that of the texts, which is the order of
    /// time only among timestamps in one time zone and with the same number of fractional digits.
    ///
    /// ```
    /// use scorekit_core::DateTime;
    ///
    /// let created = DateTime::new("2026-03-01T09:30:00.250Z");
    /// assert_eq!(created.as_str(), "2026-03-01T09:30:00.250Z");
    /// # #[cfg(feature = "jiff")]
    /// assert_eq!(jiff::Timestamp::try_from(&created)?.as_millisecond(), 1_772_357_400_250);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DateTime
}

text_type! {
    /// A calendar date, as a rule in the form `2026-03-01` (`full-date` of
    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)), kept as the text that came.
    ///
    /// Two values are equal when their texts are, and the order is that of the texts, which for
    /// dates in the form above is the order of time.
    ///
    /// ```
    /// use scorekit_core::Date;
    ///
    /// assert!(Date::new("2026-03-01") < Date::new("2026-11-01"));
    /// ```
    Date
}

/// Conversions from and to the types of `jiff`.
#[cfg(feature = "jiff")]
mod with_jiff {
    use super::{Date, DateTime};

    /// Writes the instant in UTC.
    impl From<jiff::Timestamp> for DateTime {
        fn from(timestamp: jiff::Timestamp) -> Self {
            Self::new(timestamp.to_string())
        }
    }

    /// Fails when the text is no RFC 3339 timestamp.
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

    /// Fails when the text is no date.
    impl TryFrom<&Date> for jiff::civil::Date {
        type Error = jiff::Error;

        fn try_from(value: &Date) -> Result<Self, Self::Error> {
            value.parse()
        }
    }
}

/// Conversions from and to the types of `chrono`.
#[cfg(feature = "chrono")]
mod with_chrono {
    use chrono::{NaiveDate, ParseError, SecondsFormat, Utc};

    use super::{Date, DateTime};

    /// Writes the instant in UTC, with as many fractional digits as it needs.
    impl From<chrono::DateTime<Utc>> for DateTime {
        fn from(timestamp: chrono::DateTime<Utc>) -> Self {
            Self::new(timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }

    /// Fails when the text is no RFC 3339 timestamp.
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

    /// Fails when the text is no date.
    impl TryFrom<&Date> for NaiveDate {
        type Error = ParseError;

        fn try_from(value: &Date) -> Result<Self, Self::Error> {
            value.parse()
        }
    }
}
