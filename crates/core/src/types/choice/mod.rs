//! Values that are of one of several types, as `oneOf` and `anyOf` describe them.
//!
//! Which type a value is of is read off a member that names it, off its kind in JSON, or, where neither tells, off what
//! becomes of it in each type. A value of none of them is kept as it came: what a server adds tomorrow must not cost
//! the answer.

mod fit;

use std::cell::Cell;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use self::fit::note_unlisted;
use crate::response::json_path::place_and_cause;

/// What a value is in JSON, where a number without a fraction is told from one with.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JsonKind {
    /// `true` or `false`.
    Boolean,
    /// A number that is written without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl JsonKind {
    /// Whether `value` is of this kind.
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

/// Reads a value as one of the types of `C`, or fails with the reason.
#[doc(hidden)]
pub type Read<C> = fn(&Value) -> Result<C, String>;

/// Reads `value` as `T`; the reason of a failure names the place inside of it.
#[doc(hidden)]
pub fn read<T: DeserializeOwned, C>(value: &Value, wrap: fn(T) -> C) -> Result<C, String> {
    let read = match PURPOSE.get() {
        Purpose::Reason => from_text(value),
        Purpose::Value => T::deserialize(value).map_err(|error| error.to_string()),
        Purpose::Both => {
            let read = {
                let _guard = Purpose::Value.begin();
                T::deserialize(value)
            };
            read.map_err(|error| {
                let _guard = Purpose::Reason.begin();
                match from_text::<T>(value) {
                    Err(reason) => reason,
                    Ok(_) => error.to_string(),
                }
            })
        }
    };
    read.map(wrap)
}

/// A value knows no positions; its text does.
fn from_text<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    let text = value.to_string();
    serde_json::from_str(&text).map_err(|error| place_and_cause(text.as_bytes(), &error))
}

/// What a value is read for. The outermost choice reads it for itself and, only if that fails, once more for the
/// reason. Were each choice inside of it to do both, the time would double with every level.
#[derive(Clone, Copy)]
enum Purpose {
    /// For itself, and then for the reason of a failure.
    Both,
    /// For itself: nobody is told the reason, at least not yet.
    Value,
    /// For the reason of a failure that is known.
    Reason,
}

thread_local! {
    static PURPOSE: Cell<Purpose> = const { Cell::new(Purpose::Both) };
}

impl Purpose {
    /// What is read on this thread is read for this, as long as the guard is there.
    fn begin(self) -> PurposeGuard {
        PurposeGuard {
            before: PURPOSE.replace(self),
        }
    }
}

/// Restores the purpose that there was before.
struct PurposeGuard {
    before: Purpose,
}

impl Drop for PurposeGuard {
    fn drop(&mut self) {
        PURPOSE.set(self.before);
    }
}

/// Reads a choice whose types are told apart by the text at `pointer`: `find` knows what each stands for.
#[doc(hidden)]
pub fn by_member<'de, D: Deserializer<'de>, C>(
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
        None => Ok(unrecognized(value)),
    }
}

/// Reads a choice whose types are told apart by what they are in JSON.
#[doc(hidden)]
pub fn by_kind<'de, D: Deserializer<'de>, C>(
    deserializer: D,
    kinds: &[(JsonKind, Read<C>)],
    unrecognized: fn(Value) -> C,
) -> Result<C, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let _guard = Purpose::Value.begin();
    let is_of = |(kind, _): &&(JsonKind, Read<C>)| kind.is_of(&value);
    match kinds.iter().find(is_of) {
        // A list of something else is as unknown as a text is where a list is expected.
        Some((_, read)) => Ok(read(&value).unwrap_or_else(|_| unrecognized(value))),
        None => Ok(unrecognized(value)),
    }
}

/// Reads a choice as the type that keeps the most of the value, the first of several that do.
#[doc(hidden)]
pub fn by_fit<'de, D: Deserializer<'de>, C: Serialize>(
    deserializer: D,
    types: &[fn(&Value) -> Option<C>],
    unrecognized: fn(Value) -> C,
) -> Result<C, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let _guard = Purpose::Value.begin();
    Ok(fit::best(&value, types).unwrap_or_else(|| unrecognized(value)))
}

/// Reads `value` as `T`, if it is one.
#[doc(hidden)]
pub fn attempt<T: DeserializeOwned, C>(value: &Value, wrap: fn(T) -> C) -> Option<C> {
    T::deserialize(value).ok().map(wrap)
}

/// Declares an enum of types, one of which a value is of (`oneOf` and `anyOf`,
/// <https://spec.openapis.org/oas/v3.0.3#schema-object>).
///
/// The enum gets a variant for each type and a catch-all, `Unrecognized(Value)`, which keeps a value of none of them and
/// writes it back unchanged. It has `Default`, which is the unrecognised `null`, and serde's traits, and is
/// `#[non_exhaustive]`.
///
/// How the types are told apart stands behind the name:
///
/// - `by member "/type"`: by the text that this JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) leads
///   to. A value with a text that is listed has to be of that type; a failure to read it is an error.
/// - `by kind`: by what the value is in JSON; the first kind that it is of counts. A value that cannot be read as the
///   type of its kind is unrecognised.
/// - `by fit`: every type is tried, and the one counts that keeps the most of the value and adds the least to it, the
///   first of several. One that keeps nothing does not count.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// pub struct Cat {
///     pub lives: u8,
/// }
///
/// scorekit_core::choice! {
///     /// What lives in a house.
///     pub enum Pet by member "/kind" {
///         /// It purrs.
///         Cat(Cat) = ["cat", "kitten"],
///     }
/// }
/// scorekit_core::choice! {
///     /// A text or several.
///     pub enum Texts by kind {
///         /// One.
///         One(String) = String,
///         /// Any number.
///         Many(Vec<String>) = Array,
///     }
/// }
///
/// let cat: Pet = serde_json::from_str(r#"{"kind": "kitten", "lives": 7}"#)?;
/// assert_eq!(cat, Pet::Cat(Cat { lives: 7 }));
/// let dog: Pet = serde_json::from_str(r#"{"kind": "dog"}"#)?;
/// assert!(matches!(dog, Pet::Unrecognized(_)));
/// assert_eq!(serde_json::to_string(&dog)?, r#"{"kind":"dog"}"#);
/// let texts: Texts = serde_json::from_str(r#"["a", "b"]"#)?;
/// assert_eq!(texts, Texts::Many(vec!["a".to_owned(), "b".to_owned()]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by member $pointer:literal {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?) = [$($text:literal),+ $(,)?]
            ),+ $(,)?
        }
    ) => {
        $crate::__choice! {
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
                $crate::__private::by_member(deserializer, $pointer, find, $name::Unrecognized)
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
        $crate::__choice! {
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
        $visibility:vis enum $name:ident by fit {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident($ty:ty $(,)?)
            ),+ $(,)?
        }
    ) => {
        $crate::__choice! {
            $(#[$meta])*
            $visibility enum $name { $($(#[$variant_meta])* $variant($ty),)+ }
            |deserializer| {
                $crate::__private::by_fit(
                    deserializer,
                    &[$(|value| $crate::__private::attempt::<$ty, _>(value, $name::$variant),)+],
                    $name::Unrecognized,
                )
            }
        }
    };
}

/// The part of [`choice!`] that does not depend on how the types are told apart.
#[doc(hidden)]
#[macro_export]
macro_rules! __choice {
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
            /// A value of no type that the API document lists, kept as it came.
            Unrecognized($crate::Value),
        }

        impl ::core::default::Default for $name {
            /// No value: what stands where a server leaves a required one out.
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
                    $(Self::$variant(value) => $crate::__private::Serialize::serialize(value, serializer),)+
                    Self::Unrecognized(value) => $crate::__private::Serialize::serialize(value, serializer),
                }
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            // A name that no schema has: what stands in `$read` may name types.
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                $deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $read
            }
        }
    };
}
