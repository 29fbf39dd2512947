//! Decoding of values that are not objects of the document.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::{Map, Value};

use super::{FromJson, InPlace, Seed};
use crate::DeviationKind;
use crate::response::deviations::{Segment, add_segment, is_response, mark, note};

/// Implements the trait for types without leniency of their own.
macro_rules! plain {
    ($($ty:ty: $is_exact:literal),+) => {
        $(
            impl FromJson for $ty {
                const MAY_DEVIATE: bool = false;
                const IS_EXACT: bool = $is_exact;

                fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::deserialize(deserializer)
                }
            }
        )+
    };
}

plain!(bool: true, f32: false, f64: false, String: true);

impl FromJson for Value {
    const TAKES_NULL: bool = true;
    const MAY_DEVIATE: bool = false;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl FromJson for () {
    const TAKES_NULL: bool = true;
    const MAY_DEVIATE: bool = false;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    const TAKES_NULL: bool = T::TAKES_NULL;
    const MAY_DEVIATE: bool = T::MAY_DEVIATE;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::from_json(deserializer).map(Self::new)
    }

    fn missing() -> Option<Self> {
        T::missing().map(Self::new)
    }

    fn is_missing(&self) -> bool {
        T::is_missing(self)
    }
}

impl<T: FromJson> FromJson for Option<T> {
    const TAKES_NULL: bool = true;
    const MAY_DEVIATE: bool = T::MAY_DEVIATE;
    const IS_LIST: bool = T::IS_LIST;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = None;
        deserializer.deserialize_option(OptionVisitor(&mut value))?;
        Ok(value)
    }

    fn read_into<'de, D: Deserializer<'de>>(
        place: &mut Option<Self>,
        deserializer: D,
    ) -> Result<(), D::Error> {
        deserializer.deserialize_option(OptionVisitor(place.insert(None)))
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn is_missing(&self) -> bool {
        self.is_none()
    }
}

/// Decodes a value into its place, which is empty.
struct OptionVisitor<'a, T>(&'a mut Option<T>);

impl<'de, T: FromJson> Visitor<'de> for OptionVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::read_into(self.0, deserializer)
    }
}

/// The largest number up to which an `f64` holds every integer.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Implements the trait for integers, which responses may write as `1.0`.
macro_rules! integers {
    ($($ty:ty: $deserialize:ident),+) => {
        $(
            impl FromJson for $ty {
                fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Integer;

                    impl Visitor<'_> for Integer {
                        type Value = $ty;

                        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                            formatter.write_str(stringify!($ty))
                        }

                        fn visit_i64<E: Error>(self, number: i64) -> Result<$ty, E> {
                            <$ty>::try_from(number).map_err(|_| {
                                E::invalid_value(Unexpected::Signed(number), &self)
                            })
                        }

                        fn visit_u64<E: Error>(self, number: u64) -> Result<$ty, E> {
                            <$ty>::try_from(number).map_err(|_| {
                                E::invalid_value(Unexpected::Unsigned(number), &self)
                            })
                        }

                        fn visit_f64<E: Error>(self, number: f64) -> Result<$ty, E> {
                            integer(number)
                                .and_then(|number| <$ty>::try_from(number).ok())
                                .ok_or_else(|| E::invalid_type(Unexpected::Float(number), &self))
                        }
                    }

                    deserializer.$deserialize(Integer)
                }
            }
        )+
    };
}

integers!(
    i8: deserialize_i8, i16: deserialize_i16, i32: deserialize_i32, i64: deserialize_i64,
    u8: deserialize_u8, u16: deserialize_u16, u32: deserialize_u32, u64: deserialize_u64
);

/// Returns the integer that a response wrote with a fraction of zero, and notes that.
fn integer(number: f64) -> Option<i64> {
    let is_exact = number.trunc() == number && number.abs() <= MAX_EXACT;
    if !is_exact || !is_response() {
        return None;
    }
    note(DeviationKind::Fraction, None);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and is in range"
    )]
    Some(number as i64)
}

impl<T: FromJson> FromJson for Vec<T> {
    const IS_LIST: bool = true;

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List(PhantomData))
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: FromJson> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let is_lenient = !T::TAKES_NULL && is_response();
        let mut list = Vec::new();
        let mut is_estimated = false;
        for index in 0.. {
            let before = mark();
            let mut element = None;
            let is_read = match is_lenient {
                true => elements.next_element_seed(NotNull(&mut element))?,
                false => elements.next_element_seed(InPlace(&mut element))?,
            };
            if is_read.is_none() {
                break;
            }
            if index == 0
                && let Some(more) = elements.size_hint()
            {
                reserve(&mut list, more);
                is_estimated = true;
            }
            if let Some(element) = element {
                list.push(element);
            }
            if mark() != before {
                add_segment(before, Segment::Index(index));
            }
        }
        if is_estimated && list.capacity() / 2 > list.len() {
            list.shrink_to_fit();
        }
        Ok(list)
    }
}

/// The largest memory that is reserved for a list before its elements are read, in bytes.
const MAX_RESERVED: usize = 1 << 20;

/// Reserves memory for more elements of a list, because a growing list is copied several times.
fn reserve<T>(list: &mut Vec<T>, more: usize) {
    let most = MAX_RESERVED / size_of::<T>().max(1);
    list.reserve_exact(more.saturating_add(1).min(most));
}

/// Reads an element into its place. `null` is noted and left out.
struct NotNull<'a, T>(&'a mut Option<T>);

impl<'de, T: FromJson> DeserializeSeed<'de> for NotNull<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: FromJson> Visitor<'de> for NotNull<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        note(DeviationKind::NullElement, None);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        note(DeviationKind::NullElement, None);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::read_into(self.0, deserializer)
    }
}

/// A map of values.
pub(crate) trait Values: Default {
    type Value: FromJson;

    /// Adds a value; a later one of the same name replaces it.
    fn put(&mut self, name: String, value: Self::Value);
}

impl<T: FromJson> Values for BTreeMap<String, T> {
    type Value = T;

    fn put(&mut self, name: String, value: T) {
        self.insert(name, value);
    }
}

impl Values for Map<String, Value> {
    type Value = Value;

    fn put(&mut self, name: String, value: Value) {
        self.insert(name, value);
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_map(deserializer)
    }
}

impl FromJson for Map<String, Value> {
    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_map(deserializer)
    }
}

struct MapVisitor<M>(PhantomData<M>);

/// Decodes a map, or an empty array of a response.
fn read_map<'de, M: Values, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let visitor = MapVisitor(PhantomData);
    match is_response() {
        // A decoder that expects a map would reject the array at once.
        true => deserializer.deserialize_any(visitor),
        false => deserializer.deserialize_map(visitor),
    }
}

impl<'de, M: Values> Visitor<'de> for MapVisitor<M> {
    type Value = M;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<M, A::Error> {
        let mut map = M::default();
        while let Some(name) = entries.next_key::<String>()? {
            if is_response() {
                if let Ok((name, value)) = value_or_null::<M::Value, A>(name, &mut entries)? {
                    map.put(name, value);
                }
            } else {
                map.put(name, entries.next_value_seed(Seed::new())?);
            }
        }
        Ok(map)
    }

    /// Reads an empty array as an empty map, because some languages write it like that.
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<M, A::Error> {
        if is_response() && elements.next_element::<serde::de::IgnoredAny>()?.is_none() {
            note(DeviationKind::EmptyArray, None);
            return Ok(M::default());
        }
        Err(A::Error::invalid_type(Unexpected::Seq, &self))
    }
}

/// Reads the value of the property `name`. Returns the name alone for a `null` that is not a value
/// of the type, and notes it.
pub(crate) fn value_or_null<'de, T: FromJson, A: MapAccess<'de>>(
    name: String,
    entries: &mut A,
) -> Result<Result<(String, T), String>, A::Error> {
    let before = mark();
    let value = if T::TAKES_NULL {
        Some(entries.next_value_seed(Seed::<T>::new())?)
    } else {
        entries.next_value_seed(Seed::<Option<T>>::new())?
    };
    let Some(value) = value else {
        let segment = Segment::Name(name.clone().into());
        note(DeviationKind::NullValue, Some(segment));
        return Ok(Err(name));
    };
    if T::MAY_DEVIATE && mark() != before {
        add_segment(before, Segment::Name(name.clone().into()));
    }
    Ok(Ok((name, value)))
}
