//! Unions: values of one of several types (`oneOf` and `anyOf`).
//!
//! The type of a value follows from a property that names it, or from the kind of the value in
//! JSON. Otherwise, the type that keeps the most of the value is chosen. A value of no listed type
//! is kept unchanged, so that a type that a server adds later does not fail the response.

mod best_match;

use std::cell::Cell;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use self::best_match::note_unrecognized;
use crate::response::deviations::{forget_since, mark, note};
use crate::response::json_path::place_and_cause;
use crate::types::json::Json;
use crate::{DeviationKind, FromJson};

/// The kind of a value in JSON, which distinguishes integers from other numbers.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JsonKind {
    /// `true` or `false`.
    Boolean,
    /// A number that is written without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonKind {
    /// Returns true if `value` is of this kind.
    #[must_use]
    pub fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

/// A function that decodes a value as one type of the union `C`, or returns the reason of its
/// failure.
#[doc(hidden)]
pub type Read<C> = fn(&Value) -> Result<C, String>;

/// Decodes `value` as `T`. The reason of a failure has the path within it.
#[doc(hidden)]
pub fn read<T: FromJson, C>(value: &Value, wrap: fn(T) -> C) -> Result<C, String> {
    let read = match MODE.get() {
        DecodeMode::Reason => from_text(value),
        DecodeMode::Value => T::from_json(value).map_err(|error| error.to_string()),
        DecodeMode::Both => {
            let read = {
                let _guard = DecodeMode::Value.begin();
                T::from_json(value)
            };
            read.map_err(|error| {
                let _guard = DecodeMode::Reason.begin();
                match from_text::<T>(value) {
                    Err(reason) => reason,
                    Ok(_) => error.to_string(),
                }
            })
        }
    };
    read.map(wrap)
}

/// Decodes the text of a value, because errors about a value have no position.
fn from_text<T: FromJson>(value: &Value) -> Result<T, String> {
    let text = value.to_string();
    match serde_json::from_str::<Json<T>>(&text) {
        Ok(read) => Ok(read.0),
        Err(error) => Err(place_and_cause(text.as_bytes(), &error)),
    }
}

/// The purpose of decoding a value.
///
/// The outermost union decodes the value and, only if that fails, decodes it again for the reason.
/// If each union within it did both, the time would double with every level.
#[derive(Clone, Copy)]
enum DecodeMode {
    /// The value, and then the reason of a failure.
    Both,
    /// The value, without a reason.
    Value,
    /// The reason of a failure that is known.
    Reason,
}

thread_local! {
    static MODE: Cell<DecodeMode> = const { Cell::new(DecodeMode::Both) };
}

impl DecodeMode {
    /// Sets the mode of this thread until the guard is dropped.
    fn begin(self) -> DecodeModeGuard {
        DecodeModeGuard {
            before: MODE.replace(self),
        }
    }
}

/// A guard that restores the mode before it.
struct DecodeModeGuard {
    before: DecodeMode,
}

impl Drop for DecodeModeGuard {
    fn drop(&mut self) {
        MODE.set(self.before);
    }
}

/// Decodes a union by the string at `pointer`. `find` returns the type for a string.
#[doc(hidden)]
pub fn by_property<'de, D: Deserializer<'de>, C>(
    deserializer: D,
    pointer: &str,
    find: fn(&str) -> Option<Read<C>>,
    unrecognized: fn(Value) -> C,
) -> Result<C, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match value
        .pointer(pointer)
        .and_then(Value::as_str)
        .and_then(find)
    {
        Some(read) => read(&value).map_err(D::Error::custom),
        None => Ok(unlisted(value, unrecognized)),
    }
}

/// Returns the union for a value of no listed type.
fn unlisted<C>(value: Value, unrecognized: fn(Value) -> C) -> C {
    if value.is_null() {
        note(DeviationKind::Null, None);
    }
    unrecognized(value)
}

/// Decodes a union by the kind of the value in JSON.
#[doc(hidden)]
pub fn by_kind<'de, D: Deserializer<'de>, C>(
    deserializer: D,
    kinds: &[(JsonKind, Read<C>)],
    unrecognized: fn(Value) -> C,
) -> Result<C, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let _guard = DecodeMode::Value.begin();
    let is_of = |(kind, _): &&(JsonKind, Read<C>)| kind.is_of(&value);
    let Some((_, read)) = kinds.iter().find(is_of) else {
        return Ok(unlisted(value, unrecognized));
    };
    let before = mark();
    Ok(read(&value).unwrap_or_else(|_| {
        // An array of other items is as unknown as a string in place of an array.
        forget_since(before);
        unrecognized(value)
    }))
}

/// Decodes a union as the type that matches best, the first of several equal ones.
#[doc(hidden)]
pub fn by_best_match<'de, D: Deserializer<'de>, C: Serialize>(
    deserializer: D,
    types: &[ReadExactly<C>],
    unrecognized: fn(Value) -> C,
) -> Result<C, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let _guard = DecodeMode::Value.begin();
    Ok(best_match::best(&value, types).unwrap_or_else(|| unlisted(value, unrecognized)))
}

/// Decodes a value as one type of a union, if it is one. Also returns true if the type is known to
/// keep all of it.
pub(crate) type ReadExactly<C> = fn(&Value) -> Option<(C, bool)>;

/// Decodes `value` as `T`, if it is one.
#[doc(hidden)]
pub fn attempt<T: FromJson, C>(value: &Value, wrap: fn(T) -> C) -> Option<(C, bool)> {
    let found = T::from_json(value).ok()?;
    Some((wrap(found), T::IS_EXACT))
}

/// Declares a union, an enum of types (`oneOf` and `anyOf`,
/// <https://spec.openapis.org/oas/v3.0.3#schema-object>), which keeps values of no listed type.
///
/// The enum has a variant for each type, and `Unrecognized(Value)`, which keeps any other value and
/// writes it back unchanged. It implements `Default`, which is the unrecognized `null`, and serde's
/// traits, and is `#[non_exhaustive]`.
///
/// The words after the name say how the type of a value is found:
///
/// - `by property "/type"`: by the string at this JSON pointer ([RFC
///   6901](https://www.rfc-editor.org/rfc/rfc6901)). A value with a listed string must be of that
///   type; otherwise decoding fails.
/// - `by kind`: by the kind of the value in JSON. The first kind that matches counts. A value that
///   cannot be decoded as the type of its kind is unrecognized.
/// - `by best_match`: by decoding the value as every type. The type that keeps the most of the
///   value and adds the least counts, the first of several equal ones. A type that keeps nothing
///   does not count.
///
/// ```
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct Cat {
///     pub kind: String,
///     pub lives: u8,
/// }
///
/// scorekit_core::json_object! {
///     Cat { kind = "kind" required, lives = "lives" required }
///     unknown properties rejected
/// }
/// scorekit_core::open_union! {
///     /// An animal.
///     pub enum Pet by property "/kind" {
///         /// A cat.
///         Cat(Cat) = ["cat", "kitten"],
///     }
/// }
/// scorekit_core::open_union! {
///     /// One string or several.
///     pub enum Texts by kind {
///         /// One string.
///         One(String) = String,
///         /// Any number of strings.
///         Many(Vec<String>) = Array,
///     }
/// }
///
/// let cat: Pet = serde_json::from_str(r#"{"kind": "kitten", "lives": 7}"#)?;
/// assert_eq!(cat, Pet::Cat(Cat { kind: "kitten".to_owned(), lives: 7 }));
/// let dog: Pet = serde_json::from_str(r#"{"kind": "dog"}"#)?;
/// assert!(matches!(dog, Pet::Unrecognized(_)));
/// assert_eq!(serde_json::to_string(&dog)?, r#"{"kind":"dog"}"#);
/// let texts: Texts = serde_json::from_str(r#"["a", "b"]"#)?;
/// assert_eq!(texts, Texts::Many(vec!["a".to_owned(), "b".to_owned()]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_union {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by property $pointer:literal {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?) = [$($text:literal),+ $(,)?]
            ),+ $(,)?
        }
    ) => {
        $crate::__open_union! {
            $(#[$meta])*
            $visibility enum $name { $($(#[$variant_meta])* $variant($ty),)+ }
            |deserializer| {
                fn find(text: &str) -> ::core::option::Option<$crate::__private::Read<$name>> {
                    match text {
                        $($($text)|+ => ::core::option::Option::Some(|value| {
                            $crate::__private::read::<$ty, _>(value, $name::$variant)
                        }),)+
                        _ => ::core::option::Option::None,
                    }
                }
                $crate::__private::by_property(deserializer, $pointer, find, $name::Unrecognized)
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by kind {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?) = $kind:ident
            ),+ $(,)?
        }
    ) => {
        $crate::__open_union! {
            $(#[$meta])*
            $visibility enum $name { $($(#[$variant_meta])* $variant($ty),)+ }
            |deserializer| {
                $crate::__private::by_kind(
                    deserializer,
                    &[$((
                        $crate::__private::JsonKind::$kind,
                        |value| $crate::__private::read::<$ty, _>(value, $name::$variant),
                    ),)+],
                    $name::Unrecognized,
                )
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by best_match {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?)
            ),+ $(,)?
        }
    ) => {
        $crate::__open_union! {
            $(#[$meta])*
            $visibility enum $name { $($(#[$variant_meta])* $variant($ty),)+ }
            |deserializer| {
                $crate::__private::by_best_match(
                    deserializer,
                    &[$(|value| $crate::__private::attempt::<$ty, _>(value, $name::$variant),)+],
                    $name::Unrecognized,
                )
            }
        }
    };
}

/// Declares the part of [`open_union!`] that does not depend on how a type is found.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_union {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?),
            )+
        }
        |$deserializer:ident| $read:expr
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                $(#[$variant_meta])*
                $variant($ty),
            )+
            /// A value of no type that the API document lists, unchanged.
            Unrecognized($crate::Value),
        }

        impl ::core::default::Default for $name {
            /// Returns the value for one that a server left out: the unrecognized `null`.
            #[inline]
            fn default() -> Self {
                Self::Unrecognized($crate::Value::Null)
            }
        }

        #[allow(deprecated)]
        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => {
                        $crate::__private::Serialize::serialize(value, serializer)
                    })+
                    Self::Unrecognized(value) => {
                        $crate::__private::Serialize::serialize(value, serializer)
                    }
                }
            }
        }

        impl $crate::FromJson for $name {
            const TAKES_NULL: bool = true;

            fn from_json<'de, __Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                <Self as $crate::__private::Deserialize<'de>>::deserialize(deserializer)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            // A name that no schema has, because `$read` may name types.
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                $deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $read
            }
        }
    };
}
