//! Properties of a request that can be left out, set to `null`, or set to a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::FromJson;

/// An optional property that takes `null`: three states, which a server distinguishes.
///
/// In a `PATCH` ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)), the server keeps a property
/// that is absent, removes one that is `null`, and replaces one with a value.
///
/// A value converts into it, and so does an `Option`, whose `None` is [`Absent`](Nullable::Absent).
/// `null` is sent only where [`Null`](Nullable::Null) is written.
///
/// ```
/// use scorekit_core::Nullable;
///
/// let keep: Nullable<String> = Nullable::Absent;
/// let remove: Nullable<String> = Nullable::Null;
/// let replace: Nullable<String> = "2026-12-31".to_owned().into();
/// assert_eq!(replace.as_deref(), Some("2026-12-31"));
/// assert_eq!((keep.is_absent(), remove.is_null()), (true, true));
/// assert_eq!(Nullable::from(None::<String>), keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nullable<T> {
    /// The property is left out.
    #[default]
    Absent,
    /// The property is `null`.
    Null,
    /// The property has this value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns true if the property is left out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns true if the property is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns true if the property has a value.
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }

    /// Returns the value, if there is one.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns the value for changes in place, if there is one.
    pub fn as_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns what the value dereferences to, such as `&str` of a `String`.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: std::ops::Deref,
    {
        self.as_ref().map(T::deref)
    }

    /// Converts into the value, if there is one.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Converts the value, and keeps the other states.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Nullable<U> {
        match self {
            Self::Absent => Nullable::Absent,
            Self::Null => Nullable::Null,
            Self::Value(value) => Nullable::Value(convert(value)),
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    /// Converts `None` into [`Absent`](Nullable::Absent).
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T: FromJson> FromJson for Nullable<T> {
    const TAKES_NULL: bool = true;
    const MAY_DEVIATE: bool = T::MAY_DEVIATE;
    const IS_LIST: bool = T::IS_LIST;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::from_json(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }

    fn missing() -> Option<Self> {
        Some(Self::Absent)
    }

    fn is_missing(&self) -> bool {
        self.is_absent()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    /// Decodes `null` as [`Null`](Nullable::Null). With serde's `default`, a missing property is
    /// [`Absent`](Nullable::Absent).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    /// Writes `null` without a value. Use `skip_serializing_if = "Nullable::is_absent"` to leave
    /// the property out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().serialize(serializer)
    }
}
