//! serde's view of JSON text. The errors have the positions of `serde_json`.

use std::str::FromStr;
use std::sync::LazyLock;

use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Number;

use super::Reader;
use super::access::{Elements, Marked, Members, UnitVariant, Variant};
use super::error::Error;
use super::number::Precision;
use super::string::{self, Text};

/// The name of `serde_json`'s type for the text of a value (its feature `raw_value`), which it
/// recognizes as a structure and as a property.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The same for a number with all of its digits (its feature `arbitrary_precision`).
const NUMBER: &str = "$serde_json::private::Number";

/// True if the program has the feature `arbitrary_precision`.
static KEEPS_DIGITS: LazyLock<bool> =
    LazyLock::new(|| Number::from_str("1.10").is_ok_and(|number| number.to_string() == "1.10"));

impl<'de> Reader<'de> {
    /// Reads the colon behind a name.
    #[cfg_attr(not(debug_assertions), inline)]
    pub(super) fn colon(&mut self) -> Result<(), Error> {
        if self.peek() != Some(b':') {
            return Err(self.invalid());
        }
        self.at += 1;
        Ok(())
    }

    /// Sets the position of an error, if it has none.
    #[inline]
    fn placed<T>(&self, read: Result<T, Error>) -> Result<T, Error> {
        match read {
            Ok(value) => Ok(value),
            Err(error) => Err(error.or_at(self.at)),
        }
    }

    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let read = match self.string()? {
            Text::Borrowed(text) => visitor.visit_borrowed_str(text),
            Text::Unescaped(text) => visitor.visit_str(text),
        };
        self.placed(read)
    }

    fn visit_number<V: Visitor<'de>>(
        &mut self,
        visitor: V,
        precision: Precision,
    ) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => {}
            _ => return Err(self.unexpected(&visitor)),
        }
        let read = self.number(precision)?.visit(visitor);
        self.placed(read)
    }

    #[inline]
    fn visit_members<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        self.begin()?;
        let mut read = visitor.visit_map(Members::new(self));
        self.finish(&mut read, b'}');
        read
    }

    #[inline]
    fn visit_elements<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        self.begin()?;
        let mut read = visitor.visit_seq(Elements::new(self));
        self.finish(&mut read, b']');
        read
    }

    /// Reads a value as its text.
    fn visit_raw<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        self.peek();
        let begin = self.at;
        self.skip_value().map_err(Error::skipped)?;
        let text = self.text.get(begin..self.at).unwrap_or_default();
        visitor.visit_map(Marked::new(RAW_VALUE, text))
    }

    /// Reads the number that begins here, for a type that takes any value.
    fn visit_any_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        if !*KEEPS_DIGITS {
            return self.number(Precision::Double)?.visit(visitor);
        }
        let begin = self.at;
        self.skip_number()?;
        let text = self.text.get(begin..self.at).unwrap_or_default();
        visitor.visit_map(Marked::new(NUMBER, text))
    }

    /// Skips a value of any depth.
    fn skip_value(&mut self) -> Result<(), Error> {
        let mut open = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    string::skip(self.text, &mut self.at)?;
                }
                Some(b'-' | b'0'..=b'9') => self.skip_number()?,
                Some(b'n') => self.literal("null")?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(begin @ (b'[' | b'{')) => {
                    self.at += 1;
                    let end = if begin == b'[' { b']' } else { b'}' };
                    if self.peek() == Some(end) {
                        self.at += 1;
                    } else {
                        open.push(end);
                        self.skip_name(end)?;
                        continue;
                    }
                }
                _ => return Err(self.invalid()),
            }
            // Ends what ends here, up to a comma.
            loop {
                let Some(end) = open.last().copied() else {
                    return Ok(());
                };
                let next = self.peek();
                if next == Some(b',') {
                    self.at += 1;
                    self.skip_name(end)?;
                    break;
                }
                if next != Some(end) {
                    return Err(self.invalid());
                }
                self.at += 1;
                open.pop();
            }
        }
    }

    /// Skips a name and its colon, within an object.
    fn skip_name(&mut self, end: u8) -> Result<(), Error> {
        if end == b']' {
            return Ok(());
        }
        if self.peek() != Some(b'"') {
            return Err(self.invalid());
        }
        self.at += 1;
        string::skip(self.text, &mut self.at)?;
        self.colon()
    }
}

macro_rules! numbers {
    ($($method:ident $precision:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.visit_number(visitor, Precision::$precision)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = match self.peek() {
            Some(b'"') => return self.visit_string(visitor),
            Some(b'{') => return self.visit_members(visitor),
            Some(b'[') => return self.visit_elements(visitor),
            Some(b'n') => {
                self.literal("null")?;
                visitor.visit_unit()
            }
            Some(b't') => {
                self.literal("true")?;
                visitor.visit_bool(true)
            }
            Some(b'f') => {
                self.literal("false")?;
                visitor.visit_bool(false)
            }
            Some(b'-' | b'0'..=b'9') => self.visit_any_number(visitor),
            _ => return Err(self.invalid()),
        };
        self.placed(read)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = match self.peek() {
            Some(b't') => self.literal("true").map(|()| true)?,
            Some(b'f') => self.literal("false").map(|()| false)?,
            _ => return Err(self.unexpected(&visitor)),
        };
        let read = visitor.visit_bool(value);
        self.placed(read)
    }

    numbers! {
        deserialize_i8 Double
        deserialize_i16 Double
        deserialize_i32 Double
        deserialize_i64 Double
        deserialize_u8 Double
        deserialize_u16 Double
        deserialize_u32 Double
        deserialize_u64 Double
        deserialize_f32 Single
        deserialize_f64 Double
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.peek();
        let read = visitor.visit_i128(self.large_integer()?);
        self.placed(read)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() == Some(b'-') {
            return Err(self.expected("number out of range"));
        }
        let read = visitor.visit_u128(self.large_integer()?);
        self.placed(read)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => self.visit_string(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read = match self.peek() {
            Some(b'"') => match self.string()? {
                Text::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
                Text::Unescaped(text) => visitor.visit_bytes(text.as_bytes()),
            },
            Some(b'[') => return self.visit_elements(visitor),
            _ => return Err(self.unexpected(&visitor)),
        };
        self.placed(read)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() == Some(b'n') {
            self.literal("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() != Some(b'n') {
            return Err(self.unexpected(&visitor));
        }
        self.literal("null")?;
        let read = visitor.visit_unit();
        self.placed(read)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == RAW_VALUE {
            return self.visit_raw(visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'[') => self.visit_elements(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'{') => self.visit_members(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'[') => self.visit_elements(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => visitor.visit_enum(UnitVariant(self)),
            Some(b'{') => {
                self.begin()?;
                let value = visitor.visit_enum(Variant(self))?;
                self.depth += 1;
                match self.peek() {
                    Some(b'}') => {
                        self.at += 1;
                        Ok(value)
                    }
                    Some(_) => Err(Error::new("expected value", self.at)),
                    None => Err(self.invalid()),
                }
            }
            Some(b'n' | b't' | b'f' | b'-' | b'0'..=b'9' | b'[') => {
                Err(Error::new("expected value", self.at + 1))
            }
            _ => Err(self.invalid()),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip_value().map_err(Error::skipped)?;
        visitor.visit_unit()
    }
}

/// A name, at its quotation mark. A map may have names that are numbers or truth values.
pub(super) struct Name<'a, 'de>(pub(super) &'a mut Reader<'de>);

/// The message for a name that must be a number.
const NOT_NUMERIC: &str = "invalid value: expected key to be a number in quotes";

macro_rules! numeric_names {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let reader = self.0;
            reader.at += 1;
            match reader.byte() {
                Some(b'-' | b'0'..=b'9') => {}
                _ => return Err(Error::new(NOT_NUMERIC, reader.at)),
            }
            let value = reader.$method(visitor).map_err(Error::of_type)?;
            match reader.byte() {
                Some(b'"') => reader.at += 1,
                _ => return Err(Error::new("expected `\"`", reader.at + 1)),
            }
            Ok(value)
        })*
    };
}

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.string()? {
            Text::Borrowed(text) => visitor.visit_borrowed_str(text),
            Text::Unescaped(text) => visitor.visit_str(text),
        }
    }

    numeric_names! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let read: Result<_, Error> = match self.0.string()?.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(de::Error::invalid_type(Unexpected::Str(other), &visitor)),
        };
        read.map_err(|error| error.or_at(self.0.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_bytes(visitor)
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
