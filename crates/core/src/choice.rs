//! Values that are of one of several types, as `oneOf` and `anyOf` describe them.
//!
//! Which type a value is of is read off a member that names it, off its kind in JSON, or, where neither tells, off what
//! becomes of it in each type. A value of none of them is kept as it came: what a server adds tomorrow must not cost
//! the answer.

use std::cell::Cell;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::json_path::place_and_cause;

/// How many types are tried for one value and everything inside it. A choice inside a choice multiplies the attempts,
/// and an answer may nest them as deep as it likes.
const MOST_ATTEMPTS: u32 = 10_000;

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
    match T::deserialize(value) {
        Ok(found) => Ok(wrap(found)),
        // A value knows no positions; its text does, and nobody hurries any more.
        Err(error) => {
            let text = value.to_string();
            Err(match serde_json::from_str::<T>(&text) {
                Err(error) => place_and_cause(text.as_bytes(), &error),
                Ok(_) => error.to_string(),
            })
        }
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
    Ok(best_fit(&value, types).unwrap_or_else(|| unrecognized(value)))
}

/// Reads `value` as `T`, if it is one.
#[doc(hidden)]
pub fn attempt<T: DeserializeOwned, C>(value: &Value, wrap: fn(T) -> C) -> Option<C> {
    T::deserialize(value).ok().map(wrap)
}

/// How well a type fits a value.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Fit {
    /// How many of its texts, numbers and the like are still there.
    kept: usize,
    /// How many are others, or were not there before, or are of an enum that does not list them.
    strange: usize,
}

impl Fit {
    fn is_better_than(self, other: Self) -> bool {
        self.kept > other.kept || (self.kept == other.kept && self.strange < other.strange)
    }

    fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.strange += other.strange;
    }
}

fn best_fit<C: Serialize>(value: &Value, types: &[fn(&Value) -> Option<C>]) -> Option<C> {
    let _guard = Attempts::begin();
    let whole = fit(value, value);
    let mut best: Option<(Fit, C)> = None;
    for read in types {
        if !Attempts::take() {
            break;
        }
        let before = UNLISTED.get();
        let Some(found) = read(value) else { continue };
        let unlisted = UNLISTED.get().saturating_sub(before);
        let Ok(again) = serde_json::to_value(&found) else {
            continue;
        };
        let mut fit = fit(value, &again);
        fit.strange += unlisted;
        if fit.kept > 0
            && best
                .as_ref()
                .is_none_or(|(best, _)| fit.is_better_than(*best))
        {
            best = Some((fit, found));
        }
        if fit == whole {
            break;
        }
    }
    best.map(|(_, found)| found)
}

/// What of `value` is still there in `again`.
fn fit(value: &Value, again: &Value) -> Fit {
    let mut sum = Fit::default();
    match (value, again) {
        (Value::Object(members), Value::Object(again)) if !members.is_empty() => {
            for (name, member) in members {
                match again.get(name) {
                    Some(again) => sum.add(fit(member, again)),
                    // Leaving it out says the same.
                    None if member.is_null() => sum.kept += 1,
                    None => {}
                }
            }
            let is_new = |name: &&String| !members.contains_key(*name);
            sum.strange += again.keys().filter(is_new).count();
        }
        (Value::Array(items), Value::Array(again)) if !items.is_empty() => {
            for (item, again) in items.iter().zip(again) {
                sum.add(fit(item, again));
            }
            sum.strange += again.len().saturating_sub(items.len());
        }
        (Value::Number(number), Value::Number(again)) if number != again => {
            let same = number.as_f64() == again.as_f64();
            sum.kept = usize::from(same);
            sum.strange = 1;
        }
        // The empty object and the empty list, in which a member may have appeared.
        (Value::Object(_), Value::Object(again)) => {
            sum.kept = 1;
            sum.strange = again.len();
        }
        _ if value == again => sum.kept = 1,
        _ => sum.strange = 1,
    }
    sum
}

thread_local! {
    /// How many values were read into enums that do not list them.
    static UNLISTED: Cell<usize> = const { Cell::new(0) };
    /// How many attempts are left to the choice that is being read, if one is.
    static ATTEMPTS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Takes note of a value that its enum does not list.
#[doc(hidden)]
pub fn note_unlisted() {
    UNLISTED.set(UNLISTED.get().wrapping_add(1));
}

/// The attempts of the outermost choice that is being read; whatever is inside it shares them.
struct Attempts {
    is_outermost: bool,
}

impl Attempts {
    fn begin() -> Self {
        let is_outermost = ATTEMPTS.get().is_none();
        if is_outermost {
            ATTEMPTS.set(Some(MOST_ATTEMPTS));
        }
        Self { is_outermost }
    }

    /// Whether there was one left.
    fn take() -> bool {
        let left = ATTEMPTS.get().unwrap_or(0);
        ATTEMPTS.set(Some(left.saturating_sub(1)));
        left > 0
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        if self.is_outermost {
            ATTEMPTS.set(None);
        }
    }
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
