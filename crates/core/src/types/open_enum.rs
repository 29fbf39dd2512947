//! String enums that keep values that the document does not list.
//!
//! APIs add values to their enums without notice. With a closed enum, a new value would fail the
//! whole response. An open one keeps the value and writes it back unchanged.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};

use crate::request::encode::one_line;
use crate::types::union::note_unrecognized;

/// The longest value that a message repeats, in characters.
const LONGEST_VALUE: usize = 100;

/// The number of listed values that a message names.
const LISTED_VALUES: usize = 30;

/// A string enum declared with [`open_enum!`](crate::open_enum).
pub trait OpenEnum: Sized {
    /// The values that the API document lists, in its order.
    const VALUES: &'static [&'static str];

    /// Returns the variant of a listed value, without allocation; `None` for any other.
    fn from_known(text: &str) -> Option<Self>;

    /// Returns the variant for unlisted values. It does not search for a listed value;
    /// [`open`](OpenEnum::open) does.
    fn from_unrecognized(text: String) -> Self;

    /// Returns the value as in JSON.
    fn as_str(&self) -> &str;

    /// Returns the variant of any value.
    fn open(text: &str) -> Self {
        Self::from_known(text).unwrap_or_else(|| Self::from_unrecognized(text.to_owned()))
    }
}

/// The error of parsing a value that an enum does not list.
///
/// `Display` names the listed values and the one that is probably meant. A server may know the
/// value although the document does not; `From` creates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlistedValue {
    text: String,
    values: &'static [&'static str],
}

impl UnlistedValue {
    /// Returns the value.
    pub fn value(&self) -> &str {
        &self.text
    }

    /// Returns the values that the API document lists.
    pub fn listed(&self) -> &'static [&'static str] {
        self.values
    }

    /// Returns the listed value that is probably meant, if one is similar.
    pub fn suggestion(&self) -> Option<&'static str> {
        /// The similarity from which a value is suggested, between 0 and 1.
        const SIMILAR: f64 = 0.7;

        let text = self.text.to_lowercase();
        let similarity = |value: &str| strsim::normalized_damerau_levenshtein(&text, value);
        let rated = self
            .values
            .iter()
            .map(|value| (similarity(&value.to_lowercase()), *value));
        let best = rated.max_by(|(left, _), (right, _)| left.total_cmp(right));
        best.filter(|(similarity, _)| *similarity >= SIMILAR)
            .map(|(_, value)| value)
    }
}

impl fmt::Display for UnlistedValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = one_line(&self.text, LONGEST_VALUE);
        write!(formatter, "{text:?} is not a listed value")?;
        for (index, value) in self.values.iter().take(LISTED_VALUES).enumerate() {
            let before = if index == 0 { " (" } else { ", " };
            write!(formatter, "{before}{value:?}")?;
        }
        if !self.values.is_empty() {
            formatter.write_str(if self.values.len() > LISTED_VALUES {
                ", …)"
            } else {
                ")"
            })?;
        }
        match self.suggestion() {
            Some(value) => write!(formatter, "; did you mean {value:?}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnlistedValue {}

/// Parses a listed value. The macro's `FromStr` implementations call it.
#[doc(hidden)]
pub fn parse<E: OpenEnum>(text: &str) -> Result<E, UnlistedValue> {
    E::from_known(text).ok_or_else(|| UnlistedValue {
        text: text.to_owned(),
        values: E::VALUES,
    })
}

struct OpenVisitor<E>(PhantomData<E>);

impl<E: OpenEnum> Visitor<'_> for OpenVisitor<E> {
    type Value = E;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")?;
        for (position, value) in E::VALUES.iter().take(5).enumerate() {
            let before = if position == 0 { " such as" } else { "," };
            write!(formatter, "{before} \"{value}\"")?;
        }
        Ok(())
    }

    fn visit_str<F>(self, text: &str) -> Result<E, F> {
        Ok(E::from_known(text).unwrap_or_else(|| unlisted(text.to_owned())))
    }

    fn visit_string<F>(self, text: String) -> Result<E, F> {
        Ok(E::from_known(&text).unwrap_or_else(|| unlisted(text)))
    }
}

/// Creates the value for a string that the document does not list. A union prefers a type that
/// lists it.
fn unlisted<E: OpenEnum>(text: String) -> E {
    note_unrecognized();
    E::from_unrecognized(text)
}

/// Decodes an open enum. The macro's `Deserialize` implementations call it, so that each is one
/// line.
#[doc(hidden)]
pub fn deserialize<'de, E: OpenEnum, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    deserializer.deserialize_str(OpenVisitor(PhantomData))
}

/// Declares a string enum that keeps values that the document does not list.
///
/// The enum has a unit variant for each listed value, and `Unrecognized(String)`, which keeps any
/// other value and writes it back unchanged. It has `as_str` and `VALUES`, and implements
/// [`OpenEnum`], `Display`, `From<&str>`, `From<String>`, `FromStr`, `AsRef<str>`, comparison with
/// `&str`, and serde's traits. Listed values decode without allocation. Values are ordered as in
/// the document, with unrecognized ones last.
///
/// It is `#[non_exhaustive]`: a value that the document lists later becomes a variant, so do not
/// match on `Unrecognized` with a certain value. Compare with the string (`state == "new"`)
/// instead. `From` creates a value and finds its variant.
///
/// `FromStr` is for values that a person types: an unlisted one is an [`UnlistedValue`] error.
///
/// `Default` is the only value of an enum with one, such as the `type` of a JSON:API resource. For
/// others it is the unrecognized empty string, which stands for a value that a server left out.
///
/// ```
/// scorekit_core::open_enum! {
///     /// The state of a rule's evaluation.
///     pub enum State {
///         /// The rule holds.
///         Pass = "pass",
///         /// The rule does not hold.
///         Fail = "fail",
///     }
/// }
///
/// assert_eq!(State::from("pass"), State::Pass);
/// assert_eq!(State::from("skip"), State::Unrecognized("skip".to_owned()));
/// assert_eq!(serde_json::to_string(&State::from("skip"))?, "\"skip\"");
/// assert_eq!(State::VALUES, ["pass", "fail"]);
/// let error = "passs".parse::<State>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "\"passs\" is not a listed value (\"pass\", \"fail\"); did you mean \"pass\"?",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $(#[$variant_meta:meta])*
            $variant:ident = $text:literal $(,)?
        }
    ) => {
        $crate::__open_enum! {
            $(#[$meta])*
            $visibility enum $name {
                $(#[$variant_meta])*
                $variant = $text,
            }
        }

        #[allow(deprecated)]
        impl ::core::default::Default for $name {
            #[doc = concat!("Returns the only listed value, `", $text, "`.")]
            fn default() -> Self {
                Self::$variant
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident { $($many:tt)* }
    ) => {
        $crate::__open_enum! {
            $(#[$meta])*
            $visibility enum $name { $($many)* }
        }

        impl ::core::default::Default for $name {
            /// Returns the value for one that a server left out: the unrecognized empty string.
            fn default() -> Self {
                Self::Unrecognized(::std::string::String::new())
            }
        }
    };
}

/// Declares the part of [`open_enum!`] that does not depend on the number of values.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident = $text:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                $(#[$variant_meta])*
                $variant,
            )+
            /// A value that the API document does not list, unchanged.
            Unrecognized(::std::string::String),
        }

        #[allow(deprecated)]
        impl $name {
            /// The values that the API document lists, in its order.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// Returns the value as in JSON.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unrecognized(text) => text,
                }
            }
        }

        #[allow(deprecated)]
        impl $crate::OpenEnum for $name {
            const VALUES: &'static [&'static str] = $name::VALUES;

            #[inline]
            fn from_known(text: &str) -> ::core::option::Option<Self> {
                match text {
                    $($text => ::core::option::Option::Some(Self::$variant),)+
                    _ => ::core::option::Option::None,
                }
            }

            #[inline]
            fn from_unrecognized(text: ::std::string::String) -> Self {
                Self::Unrecognized(text)
            }

            #[inline]
            fn as_str(&self) -> &str {
                $name::as_str(self)
            }
        }

        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                <Self as $crate::OpenEnum>::open(text)
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                <Self as $crate::OpenEnum>::open(&text)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::UnlistedValue;

            // Not `Self::Err`: a value may be called `err`.
            #[inline]
            fn from_str(
                text: &str,
            ) -> ::core::result::Result<Self, $crate::UnlistedValue> {
                $crate::__private::parse(text)
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize(deserializer)
            }
        }

        impl $crate::FromJson for $name {
            const MAY_DEVIATE: bool = false;

            fn from_json<'de, D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize(deserializer)
            }
        }
    };
}
