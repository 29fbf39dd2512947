//! The members of objects, the elements of lists, and the variants of enums.

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::Reader;
use super::deserializer::Name;
use super::error::Error;

/// The members of an object that has begun.
pub(super) struct Members<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl<'a, 'de> Members<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>) -> Self {
        Self {
            reader,
            is_first: true,
        }
    }

    /// Moves to the next name, if there is one.
    #[cfg_attr(not(debug_assertions), inline)]
    fn has_next(&mut self) -> Result<bool, Error> {
        let is_first = std::mem::take(&mut self.is_first);
        let rest = self.reader.text.as_bytes().get(self.reader.at..);
        // Without white space, as most servers write it.
        match rest {
            Some([b',', b'"', ..]) if !is_first => {
                self.reader.at += 1;
                Ok(true)
            }
            Some([b'"', ..]) if is_first => Ok(true),
            Some([b'}', ..]) => Ok(false),
            _ => self.has_next_after_space(is_first),
        }
    }

    fn has_next_after_space(&mut self, is_first: bool) -> Result<bool, Error> {
        let mut next = self.reader.peek();
        if next == Some(b'}') {
            return Ok(false);
        }
        if !is_first {
            if next != Some(b',') {
                return Err(self.reader.expected("expected `,` or `}`"));
            }
            self.reader.at += 1;
            next = self.reader.peek();
        }
        match next {
            Some(b'"') => Ok(true),
            _ => Err(self.reader.invalid()),
        }
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.has_next()? {
            true => seed.deserialize(Name(self.reader)).map(Some),
            false => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.reader.colon()?;
        seed.deserialize(&mut *self.reader)
    }
}

/// The elements of a list that has begun.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
    /// The offset of the first element.
    begin: usize,
}

impl<'a, 'de> Elements<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>) -> Self {
        Self {
            begin: reader.at,
            reader,
            is_first: true,
        }
    }

    /// Moves to the next element, if there is one.
    fn has_next(&mut self) -> Result<bool, Error> {
        let next = self.reader.peek();
        if next == Some(b']') {
            return Ok(false);
        }
        if self.is_first {
            self.is_first = false;
        } else if next == Some(b',') {
            self.reader.at += 1;
            if self.reader.peek() == Some(b']') {
                return Err(self.reader.invalid());
            }
        } else {
            return Err(self.reader.expected("expected `,` or `]`"));
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match self.has_next()? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }

    /// Estimates the number of further elements, after the first one, of a list that is most of the
    /// text.
    fn size_hint(&self) -> Option<usize> {
        if self.is_first || !self.reader.is_outermost() {
            return None;
        }
        let rest = self.reader.text.len() - self.reader.at;
        rest.checked_div(self.reader.at - self.begin)
    }
}

/// A map of one text, by whose name `serde_json` recognizes it.
pub(super) struct Marked<'a> {
    name: Option<&'static str>,
    text: &'a str,
}

impl<'a> Marked<'a> {
    pub(super) fn new(name: &'static str, text: &'a str) -> Self {
        let name = Some(name);
        Self { name, text }
    }
}

impl<'de> MapAccess<'de> for Marked<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let name = self.name.take();
        name.map(|name| seed.deserialize(name.into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.text.into_deserializer())
    }
}

/// A variant that is an object of one member.
pub(super) struct Variant<'a, 'de>(pub(super) &'a mut Reader<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        match self.0.peek() {
            Some(b'"') => {}
            Some(b'}') => return Err(Error::new("expected value", self.0.at + 1)),
            _ => return Err(self.0.invalid()),
        }
        let variant = seed.deserialize(Name(self.0));
        let variant = variant.map_err(|error| error.or_at(self.0.at))?;
        self.0.colon()?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_struct("", fields, visitor)
    }
}

/// A variant that is a string.
pub(super) struct UnitVariant<'a, 'de>(pub(super) &'a mut Reader<'de>);

impl<'de> EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(&mut *self.0)?, self))
    }
}

impl<'de> VariantAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(not_unit(&"newtype variant"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(not_unit(&"tuple variant"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(not_unit(&"struct variant"))
    }
}

#[cold]
fn not_unit(expected: &dyn de::Expected) -> Error {
    de::Error::invalid_type(Unexpected::UnitVariant, expected)
}
