//! A decoder of JSON text into any type.
//!
//! It does what `serde_json::from_str` does, with the same values and errors, in less time. It
//! finds the end of a string eight or sixteen bytes at a time, and estimates the length of a list.
//! `serde_json` reads text that is not JSON again, and reports the mistake.
//!
//! Functions without type parameters are inline in optimized builds only. Otherwise, each program
//! would compile them again.
//!
//! Types that read bytes get no half of a character, which `serde_json` gives them.

mod access;
mod deserializer;
mod error;
mod number;
mod string;

use serde::de::{self, DeserializeOwned, Expected, Unexpected};

use self::error::Error;
use self::number::Precision;
use self::string::Text;

/// The number of objects and lists around a value that are too many. It is `serde_json`'s limit,
/// with which no thread's stack overflows.
const TOO_DEEP: u8 = 128;

/// Decodes JSON text.
///
/// # Errors
///
/// Returns the error that `serde_json` returns.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut reader = Reader::new(text);
    match T::deserialize(&mut reader) {
        Ok(value) => match reader.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(error.into_json(text)),
        },
        Err(error) => Err(error.into_json(text)),
    }
}

/// A position in JSON text, from which a value is read.
struct Reader<'de> {
    text: &'de str,
    /// The offset of the next byte.
    at: usize,
    /// The number of objects and lists that may still begin, and one more.
    depth: u8,
    /// The last string with escapes, without them.
    unescaped: String,
}

impl<'de> Reader<'de> {
    fn new(text: &'de str) -> Self {
        Self {
            text,
            at: 0,
            depth: TOO_DEEP,
            unescaped: String::new(),
        }
    }

    /// Returns the next byte.
    #[cfg_attr(not(debug_assertions), inline)]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Returns the next byte after white space
    /// ([RFC 8259, section 2](https://www.rfc-editor.org/rfc/rfc8259#section-2)).
    #[cfg_attr(not(debug_assertions), inline)]
    fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_space(),
        }
    }

    fn peek_after_space(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Reads `null`, `true` or `false`, which begins here.
    fn literal(&mut self, literal: &'static str) -> Result<(), Error> {
        let end = self.at + literal.len();
        if self.text.as_bytes().get(self.at..end) != Some(literal.as_bytes()) {
            return Err(self.invalid());
        }
        self.at = end;
        Ok(())
    }

    /// Reads the string that begins here.
    #[cfg_attr(not(debug_assertions), inline)]
    fn string(&mut self) -> Result<Text<'de, '_>, Error> {
        self.at += 1;
        string::read(self.text, &mut self.at, &mut self.unescaped)
    }

    /// Begins an object or a list.
    #[cfg_attr(not(debug_assertions), inline)]
    fn begin(&mut self) -> Result<(), Error> {
        if self.depth == 1 {
            return Err(Error::limit("recursion limit exceeded", self.at + 1));
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// Returns true in a list that is the whole text, or a property of an object that is.
    fn is_outermost(&self) -> bool {
        self.depth >= TOO_DEEP - 2
    }

    /// Ends an object or a list, whose value is returned in place.
    #[inline]
    fn finish<T>(&mut self, read: &mut Result<T, Error>, end: u8) {
        self.depth += 1;
        if let Err(error) = read {
            self.fail(error, end);
        } else if self.peek() == Some(end) {
            self.at += 1;
        } else {
            *read = Err(self.not_ended(end));
        }
    }

    /// Sets the position of an error in an object or a list.
    #[cold]
    fn fail(&mut self, error: &mut Error, end: u8) {
        self.at += usize::from(self.peek() == Some(end));
        error.set_at(self.at);
    }

    /// Returns the error of a type that did not read all of an object or a list.
    #[cold]
    fn not_ended(&mut self, end: u8) -> Error {
        let message = match (self.peek(), end) {
            (None, _) => return self.invalid(),
            (Some(b','), b'}') => "trailing comma",
            (Some(b','), _) => {
                self.at += 1;
                match self.peek() {
                    Some(b']') => "trailing comma",
                    _ => "trailing characters",
                }
            }
            _ => "trailing characters",
        };
        Error::new(message, (self.at + 1).min(self.text.len()))
    }

    /// Checks that only white space is left.
    fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("trailing characters")),
        }
    }

    /// Returns the error of text that is not JSON, at the next byte or behind it.
    #[cold]
    fn invalid(&self) -> Error {
        self.expected("invalid JSON")
    }

    /// Returns the error of another byte than an expected one.
    #[cold]
    fn expected(&self, message: &'static str) -> Error {
        Error::limit(message, (self.at + 1).min(self.text.len()))
    }

    /// Returns the error of a value of another type.
    #[cold]
    fn unexpected(&mut self, expected: &dyn Expected) -> Error {
        let found = match self.peek() {
            Some(b'n') => self.literal("null").map(|()| Unexpected::Unit),
            Some(b't') => self.literal("true").map(|()| Unexpected::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Unexpected::Bool(false)),
            Some(b'-' | b'0'..=b'9') => self.number(Precision::Double).map(Unexpected::from),
            Some(b'"') => {
                let error = match self.string() {
                    Ok(text) => de::Error::invalid_type(Unexpected::Str(text.as_str()), expected),
                    Err(error) => error,
                };
                return error.or_at(self.at);
            }
            Some(b'[') => Ok(Unexpected::Seq),
            Some(b'{') => Ok(Unexpected::Map),
            _ => Err(self.invalid()),
        };
        let error: Error = match found {
            Ok(found) => de::Error::invalid_type(found, expected),
            Err(error) => error,
        };
        error.or_at(self.at)
    }
}
