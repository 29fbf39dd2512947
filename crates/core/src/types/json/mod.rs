//! Decoding of JSON into generated types, leniently for responses.
//!
//! serde alone cannot do it: its `Vec` fails at a `null`, and its `flatten` buffers each object.
//! Generated types implement serde's traits by means of [`FromJson`].

pub(crate) mod data;
pub(crate) mod object;
mod object_macro;
pub(crate) mod text;
pub(crate) mod unknown;
mod values;

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer};

/// A type that JSON is decoded into.
///
/// Within a response, what the document does not allow is tolerated where that loses nothing, and
/// reported by [`Response::deviations`](crate::Response::deviations). Elsewhere it is an error.
///
/// Generated types implement it, by [`json_object!`](crate::json_object),
/// [`open_enum!`](crate::open_enum) and [`open_union!`](crate::open_union). A type of your own can
/// implement it with its `Deserialize`:
///
/// ```
/// use scorekit_core::FromJson;
/// use serde::{Deserialize, Deserializer};
///
/// #[derive(Deserialize)]
/// struct Point {
///     x: f64,
/// }
///
/// impl FromJson for Point {
///     fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         Self::deserialize(deserializer)
///     }
/// }
/// ```
pub trait FromJson: Sized {
    /// True if `null` is a value of the type.
    #[doc(hidden)]
    const TAKES_NULL: bool = false;

    /// True if decoding may note deviations.
    #[doc(hidden)]
    const MAY_DEVIATE: bool = true;

    /// True if the type is a list.
    #[doc(hidden)]
    const IS_LIST: bool = false;

    /// True if a decoded value is encoded as it was.
    #[doc(hidden)]
    const IS_EXACT: bool = false;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not one of this type.
    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Decodes a value into its place, which saves a copy of it.
    #[doc(hidden)]
    fn read_into<'de, D: Deserializer<'de>>(
        place: &mut Option<Self>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        *place = Some(Self::from_json(deserializer)?);
        Ok(())
    }

    /// Returns the value of a missing property, if it may be missing.
    #[doc(hidden)]
    fn missing() -> Option<Self> {
        None
    }

    /// Returns true if the value stands for a missing property, which is not written.
    #[doc(hidden)]
    fn is_missing(&self) -> bool {
        false
    }
}

/// A seed that decodes a value as `T`.
pub(crate) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: FromJson> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::from_json(deserializer)
    }
}

/// A seed that decodes a value into its place.
pub(crate) struct InPlace<'a, T>(pub(crate) &'a mut Option<T>);

impl<'de, T: FromJson> DeserializeSeed<'de> for InPlace<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::read_into(self.0, deserializer)
    }
}

/// A value that implements serde's traits by means of [`FromJson`].
#[doc(hidden)]
pub struct Json<T>(pub T);

impl<'de, T: FromJson> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::from_json(deserializer).map(Self)
    }
}
