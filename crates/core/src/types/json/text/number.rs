//! Numbers ([RFC 8259, section 6](https://www.rfc-editor.org/rfc/rfc8259#section-6)).

use std::str::FromStr;

use serde::de::{Unexpected, Visitor};

use super::Reader;
use super::error::Error;

/// The precision of a number with a fraction.
#[derive(Clone, Copy)]
pub(super) enum Precision {
    Single,
    Double,
}

/// A number, in the type that serde's visitors expect for it.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Positive(u64),
    Negative(i64),
    /// One with a fraction or an exponent, or an integer of more than 64 bits.
    Float(f64),
}

impl Number {
    #[inline]
    pub(super) fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Positive(number) => visitor.visit_u64(number),
            Self::Negative(number) => visitor.visit_i64(number),
            Self::Float(number) => visitor.visit_f64(number),
        }
    }
}

impl From<Number> for Unexpected<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Positive(number) => Self::Unsigned(number),
            Number::Negative(number) => Self::Signed(number),
            Number::Float(number) => Self::Float(number),
        }
    }
}

impl<'de> Reader<'de> {
    /// Reads the number that begins here.
    pub(super) fn number(&mut self, precision: Precision) -> Result<Number, Error> {
        let begin = self.at;
        let is_negative = self.byte() == Some(b'-');
        self.at += usize::from(is_negative);
        let first = self.at;
        let mut integer = Some(0_u64);
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            integer = integer
                .and_then(|integer| integer.checked_mul(10))
                .and_then(|integer| integer.checked_add(u64::from(digit - b'0')));
            self.at += 1;
        }
        let starts_with_zero = self.text.as_bytes().get(first) == Some(&b'0');
        if self.at == first || (starts_with_zero && self.at > first + 1) {
            return Err(self.not_number(first, starts_with_zero));
        }
        let is_float = matches!(self.byte(), Some(b'.' | b'e' | b'E'));
        match integer {
            Some(integer) if !is_float && !is_negative => return Ok(Number::Positive(integer)),
            // `-0` becomes a float, because integers have no negative zero.
            Some(integer) if !is_float && integer > 0 => {
                if let Some(integer) = 0_i64.checked_sub_unsigned(integer) {
                    return Ok(Number::Negative(integer));
                }
            }
            _ => {}
        }
        self.skip_fraction()?;
        self.float(begin, precision)
    }

    /// Skips the fraction and the exponent of a number.
    fn skip_fraction(&mut self) -> Result<(), Error> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Ok(())
    }

    /// Skips at least one digit.
    fn skip_digits(&mut self) -> Result<(), Error> {
        let first = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == first {
            return Err(self.not_number(first, false));
        }
        Ok(())
    }

    /// Returns the error of a number with no digit at an offset, or with one behind a zero there.
    #[cold]
    fn not_number(&mut self, at: usize, is_behind_zero: bool) -> Error {
        self.at = at + usize::from(is_behind_zero);
        self.expected("invalid number")
    }

    /// Returns the number between an offset and the next byte, rounded to the nearest one of the
    /// precision.
    fn float(&self, begin: usize, precision: Precision) -> Result<Number, Error> {
        let text = self.text.get(begin..self.at).unwrap_or_default();
        let number = match precision {
            Precision::Single => text.parse::<f32>().ok().map(f64::from),
            Precision::Double => text.parse::<f64>().ok(),
        };
        match number {
            Some(number) if number.is_finite() => Ok(Number::Float(number)),
            _ => Err(Error::limit("number out of range", self.at).begins_at(begin + 1)),
        }
    }

    /// Reads an integer of up to 128 bits, at whatever begins here.
    pub(super) fn large_integer<T: FromStr>(&mut self) -> Result<T, Error> {
        let begin = self.at;
        self.skip_integer().map_err(Error::of_type)?;
        let text = self.text.get(begin..self.at).unwrap_or_default();
        text.parse()
            .map_err(|_| Error::new("number out of range", self.at))
    }

    /// Skips an integer.
    fn skip_integer(&mut self) -> Result<(), Error> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let first = self.at;
        self.skip_digits()?;
        let starts_with_zero = self.text.as_bytes().get(first) == Some(&b'0');
        if starts_with_zero && self.at > first + 1 {
            return Err(self.not_number(first, true));
        }
        Ok(())
    }

    /// Skips the number that begins here. Unlike one that is read, it may have any size.
    pub(super) fn skip_number(&mut self) -> Result<(), Error> {
        self.skip_integer()?;
        self.skip_fraction()
    }
}
