//! Decoding and encoding of objects with the properties of a table.
//!
//! [`json_object!`](crate::json_object) expands to a loop over the properties and to a line per
//! field. The rest is here and compiled per type of a field, not per object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::unknown::UnknownMap;
use super::values::{Values, value_or_null};
use super::{FromJson, InPlace};
use crate::DeviationKind;
use crate::response::deviations::{
    Segment, add_segment, is_response, keeps_unknown, mark, note, note_missing_list,
};

/// An object with the properties of a table.
#[doc(hidden)]
pub trait JsonObject: Sized {
    /// The name of the type, for error messages.
    const NAME: &'static str;
    /// The names of the properties, in the order of the document.
    const NAMES: &'static [&'static str];

    /// Returns the index of a name among [`NAMES`](Self::NAMES), or [`NO_INDEX`].
    fn find(name: &str) -> usize;

    /// Reads the properties into the object's place.
    fn read<'de, A: MapAccess<'de>>(
        place: &mut Option<Self>,
        properties: A,
    ) -> Result<(), A::Error>;

    /// Writes the properties.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Decodes an object.
#[doc(hidden)]
pub fn object_from_json<'de, T: JsonObject, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut object = None;
    object_read_into(&mut object, deserializer)?;
    object.ok_or_else(|| D::Error::custom("the object was not read"))
}

/// Decodes an object into its place.
#[doc(hidden)]
pub fn object_read_into<'de, T: JsonObject, D: Deserializer<'de>>(
    place: &mut Option<T>,
    deserializer: D,
) -> Result<(), D::Error> {
    deserializer.deserialize_map(ObjectVisitor(place))
}

/// Encodes an object.
#[doc(hidden)]
pub fn object_to_json<T: JsonObject, S: Serializer>(
    object: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.write(&mut map)?;
    map.end()
}

/// It has no `visit_seq`, so an array of the values by position is an error.
struct ObjectVisitor<'a, T>(&'a mut Option<T>);

impl<'de, T: JsonObject> Visitor<'de> for ObjectVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("struct ")?;
        formatter.write_str(T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, properties: A) -> Result<(), A::Error> {
        T::read(self.0, properties)
    }
}

/// The position in an object that is being read.
#[doc(hidden)]
pub struct Reader {
    names: &'static [&'static str],
    find: FindName,
    /// The index of the property that is being read.
    index: usize,
    /// The last name that is not in the table.
    unknown: String,
}

impl Reader {
    pub fn new(names: &'static [&'static str], find: FindName) -> Self {
        Self {
            names,
            find,
            index: 0,
            unknown: String::new(),
        }
    }

    /// Reads the next name: the index of a property of the table, or [`NO_INDEX`] for another name,
    /// which [`take_unknown`](Self::take_unknown) returns.
    #[inline]
    pub(super) fn next_key<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
    ) -> Result<Option<usize>, A::Error> {
        let index = map.next_key_seed(KeySeed {
            find: self.find,
            unknown: &mut self.unknown,
        })?;
        // No property follows the last one, and an unknown one is not in the table.
        self.index = index.unwrap_or(NO_INDEX);
        Ok(index)
    }

    /// Returns the last name that is not in the table.
    #[cold]
    fn take_unknown(&mut self) -> String {
        std::mem::take(&mut self.unknown)
    }

    #[cold]
    fn add_segment(&self, before: usize) {
        add_segment(before, Segment::Name(self.name().into()));
    }

    /// Returns the name of the property that is being read.
    fn name(&self) -> &'static str {
        self.names.get(self.index).copied().unwrap_or_default()
    }

    /// Reads the value of the current property. If it cannot deviate, nothing is looked up.
    #[inline]
    fn value<'de, 'a, T: FromJson, A: MapAccess<'de>, S: DeserializeSeed<'de, Value = ()>>(
        &self,
        map: &mut A,
        slot: &'a mut Option<T>,
        seed: impl FnOnce(&'a mut Option<T>) -> S,
        may_deviate: bool,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(A::Error::duplicate_field(self.name()));
        }
        let before = if may_deviate { mark() } else { 0 };
        map.next_value_seed(seed(slot))?;
        if may_deviate && mark() != before {
            self.add_segment(before);
        }
        Ok(())
    }
}

/// Returns the index of a name in a table, or [`NO_INDEX`]. The compiler turns the `match` of a
/// table into a few comparisons of numbers.
pub(super) type FindName = fn(&str) -> usize;

/// The index of a name that is not in the table.
pub const NO_INDEX: usize = usize::MAX;

/// Reads a name as its index. A name that is not in the table is stored.
struct KeySeed<'a> {
    find: FindName,
    unknown: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = usize;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("field identifier")
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<usize, E> {
        let index = (self.find)(name);
        if index == NO_INDEX {
            name.clone_into(self.unknown);
        }
        Ok(index)
    }
}

/// The property of the items of a list
/// ([JSON:API, top level](https://jsonapi.org/format/1.1/#document-top-level)).
pub(super) const DATA: &str = "data";

/// Notes that a required property is missing.
#[cold]
fn note_missing<T: FromJson>(name: &'static str) {
    if T::IS_LIST {
        note_missing_list();
    }
    note(DeviationKind::Missing, Some(Segment::Name(name.into())));
}

/// Objects that keep unknown properties.
#[doc(hidden)]
pub mod open {
    use super::*;

    /// Returns the index of the next property of the table, and keeps those before it.
    #[inline]
    pub fn next<'de, A: MapAccess<'de>>(
        reader: &mut Reader,
        map: &mut A,
        unknown: &mut UnknownMap,
    ) -> Result<Option<usize>, A::Error> {
        loop {
            match reader.next_key(map)? {
                Some(NO_INDEX) => keep(reader.take_unknown(), map, unknown)?,
                index => return Ok(index),
            }
        }
    }

    /// Keeps a property, or drops it in an attempt.
    #[cold]
    fn keep<'de, A: MapAccess<'de>>(
        name: String,
        map: &mut A,
        unknown: &mut UnknownMap,
    ) -> Result<(), A::Error> {
        if keeps_unknown() {
            let value = map.next_value::<Value>()?;
            unknown.get_mut().insert(name, value);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    /// Writes the unknown properties.
    pub fn write<M: SerializeMap>(
        names: &[&str],
        map: &mut M,
        unknown: &UnknownMap,
    ) -> Result<(), M::Error> {
        for (name, value) in unknown.get() {
            if !names.contains(&name.as_str()) {
                map.serialize_entry(name, value)?;
            }
        }
        Ok(())
    }
}

/// Objects whose schema forbids other properties.
#[doc(hidden)]
pub mod closed {
    use super::*;

    /// Returns the index of the next property of the table. Another one is an error, or a deviation
    /// of a response.
    pub fn next<'de, A: MapAccess<'de>>(
        reader: &mut Reader,
        map: &mut A,
    ) -> Result<Option<usize>, A::Error> {
        loop {
            match reader.next_key(map)? {
                Some(NO_INDEX) => {
                    let name = reader.take_unknown();
                    if !is_response() {
                        return Err(A::Error::unknown_field(&name, reader.names));
                    }
                    map.next_value::<IgnoredAny>()?;
                    let segment = Segment::Name(name.into());
                    note(DeviationKind::UnknownProperty, Some(segment));
                }
                index => return Ok(index),
            }
        }
    }
}

/// Objects with a map of other properties.
#[doc(hidden)]
pub mod mapped {
    use super::*;

    /// Returns the index of the next property of the table, and puts those before it into the map.
    /// A `null` that is not a value of the map becomes an unknown property.
    #[allow(
        private_bounds,
        reason = "only maps of the standard library implement it"
    )]
    pub fn next<'de, A: MapAccess<'de>, V: Values>(
        reader: &mut Reader,
        map: &mut A,
        values: &mut V,
        unknown: &mut UnknownMap,
    ) -> Result<Option<usize>, A::Error> {
        loop {
            match reader.next_key(map)? {
                Some(NO_INDEX) => {
                    let name = reader.take_unknown();
                    match value_or_null::<V::Value, A>(name, map)? {
                        Ok((name, value)) => values.put(name, value),
                        Err(name) if keeps_unknown() => {
                            unknown.get_mut().insert(name, Value::Null);
                        }
                        Err(_) => {}
                    }
                }
                index => return Ok(index),
            }
        }
    }

    /// Writes the other properties.
    pub fn write<'a, M: SerializeMap, V: Serialize + 'a>(
        map: &mut M,
        values: impl IntoIterator<Item = (&'a String, V)>,
    ) -> Result<(), M::Error> {
        for (name, value) in values {
            map.serialize_entry(name, &value)?;
        }
        Ok(())
    }
}

/// Objects whose map of other properties takes `null`.
#[doc(hidden)]
pub mod free {
    use super::*;

    /// Returns the index of the next property of the table, and puts those before it into the map.
    #[allow(
        private_bounds,
        reason = "only maps of the standard library implement it"
    )]
    pub fn next<'de, A: MapAccess<'de>, V: Values>(
        reader: &mut Reader,
        map: &mut A,
        values: &mut V,
    ) -> Result<Option<usize>, A::Error> {
        mapped::next(reader, map, values, &mut UnknownMap::default())
    }
}

/// Properties that may be missing.
#[doc(hidden)]
pub mod optional {
    use super::*;

    pub fn read<'de, T: FromJson, A: MapAccess<'de>>(
        reader: &Reader,
        map: &mut A,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        reader.value(map, slot, InPlace, T::MAY_DEVIATE)
    }

    pub fn finish<T: FromJson, E: Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
        if T::IS_LIST && slot.is_none() && name == DATA {
            note_missing_list();
        }
        slot.or_else(T::missing)
            .ok_or_else(|| E::missing_field(name))
    }

    pub fn write<T: FromJson + Serialize, M: SerializeMap>(
        map: &mut M,
        name: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        if value.is_missing() {
            return Ok(());
        }
        map.serialize_entry(name, value)
    }
}

/// Properties that must not be missing.
#[doc(hidden)]
pub mod required {
    use super::*;

    pub use super::optional::read;

    pub fn finish<T: FromJson, E: Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
        if slot.is_none() {
            note_missing::<T>(name);
        }
        optional::finish(slot, name)
    }

    pub fn write<T: Serialize, M: SerializeMap>(
        map: &mut M,
        name: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        map.serialize_entry(name, value)
    }
}

/// Required properties of responses, which read as the default of their type where they are missing
/// or `null`.
#[doc(hidden)]
pub mod or_default {
    use super::*;

    pub use super::required::write;

    pub fn read<'de, T: FromJson + Default, A: MapAccess<'de>>(
        reader: &Reader,
        map: &mut A,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        if T::TAKES_NULL {
            return reader.value(map, slot, InPlace, T::MAY_DEVIATE);
        }
        // `null` deviates.
        reader.value(map, slot, OrDefault, true)
    }

    pub fn finish<T: FromJson + Default, E>(slot: Option<T>, name: &'static str) -> Result<T, E> {
        Ok(slot.unwrap_or_else(|| {
            note_missing::<T>(name);
            T::default()
        }))
    }

    /// Reads `null` as the default, and notes that.
    struct OrDefault<'a, T>(&'a mut Option<T>);

    impl<'de, T: FromJson + Default> DeserializeSeed<'de> for OrDefault<'_, T> {
        type Value = ();

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_option(self)
        }
    }

    impl<'de, T: FromJson + Default> Visitor<'de> for OrDefault<'_, T> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value")
        }

        fn visit_none<E>(self) -> Result<(), E> {
            note(DeviationKind::Null, None);
            *self.0 = Some(T::default());
            Ok(())
        }

        fn visit_unit<E: Error>(self) -> Result<(), E> {
            self.visit_none()
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            T::read_into(self.0, deserializer)
        }
    }
}
