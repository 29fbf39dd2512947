//! Decoding of JSON:API's envelope around a value or a list
//! (<https://jsonapi.org/format/1.1/#document-top-level>). Other properties are ignored.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::FromJson;
use super::object::{DATA, NO_INDEX, Reader, or_default, required};

/// A response around one value, which must not be missing.
pub(crate) struct Data<T>(pub(crate) T);

/// A response around a list, which is empty if it is missing or `null`.
pub(crate) struct DataList<T>(pub(crate) Vec<T>);

impl<'de, T: FromJson> Deserialize<'de> for Data<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Envelope::<Self>(PhantomData))
    }
}

impl<'de, T: FromJson> Deserialize<'de> for DataList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Envelope::<Self>(PhantomData))
    }
}

struct Envelope<E>(PhantomData<E>);

impl<'de, T: FromJson> Visitor<'de> for Envelope<Data<T>> {
    type Value = Data<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("struct Data")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Data<T>, A::Error> {
        let data = read(map, required::read)?;
        required::finish(data, DATA).map(Data)
    }
}

impl<'de, T: FromJson> Visitor<'de> for Envelope<DataList<T>> {
    type Value = DataList<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("struct DataList")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DataList<T>, A::Error> {
        let data = read(map, or_default::read)?;
        or_default::finish(data, DATA).map(DataList)
    }
}

/// Reads the property `data`.
fn read<'de, T, A: MapAccess<'de>>(
    mut map: A,
    read_data: impl Fn(&Reader, &mut A, &mut Option<T>) -> Result<(), A::Error>,
) -> Result<Option<T>, A::Error> {
    let mut data = None;
    let mut reader = Reader::new(&[DATA], |name| if name == DATA { 0 } else { NO_INDEX });
    while let Some(key) = reader.next_key(&mut map)? {
        match key {
            NO_INDEX => drop(map.next_value::<IgnoredAny>()?),
            _ => read_data(&reader, &mut map, &mut data)?,
        }
    }
    Ok(data)
}
