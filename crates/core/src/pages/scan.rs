//! A scanner for JSON that a decoder has accepted. It finds values without building them.

use crate::response::scan::{begin_of, end_of_string, end_of_value};

/// A position in JSON. Every method returns `None` where the text is not JSON.
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Creates a scanner at the first value of `text`, after a byte order mark.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let at = begin_of(text);
        Self { text, at }
    }

    /// Returns the next byte that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Moves past a string, and returns the text between its quotation marks.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at + 1;
        self.at = end_of_string(self.text, self.at)?;
        self.text.get(start..self.at - 1)
    }

    /// Moves past a value, and returns its text.
    pub(super) fn value(&mut self) -> Option<&'a [u8]> {
        self.peek()?;
        let start = self.at;
        self.at = end_of_value(self.text, start)?;
        self.text.get(start..self.at)
    }

    /// Moves past an object. `property` gets the escaped name of each property and must move past
    /// its value.
    pub(super) fn object(
        &mut self,
        mut property: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            if self.peek()? != b'"' {
                return None;
            }
            let name = self.string()?;
            self.take(b':')?;
            self.peek()?;
            property(self, name)?;
            if self.peek()? == b'}' {
                return self.take(b'}');
            }
            self.take(b',')?;
        }
    }

    /// Moves past an array. `element` must move past the element at the position.
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            self.peek()?;
            element(self)?;
            if self.peek()? == b']' {
                return self.take(b']');
            }
            self.take(b',')?;
        }
    }

    /// Moves past `byte`.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }
}

/// Returns true if the escaped `name` is `wanted`.
pub(super) fn is_name(name: &[u8], wanted: &str) -> bool {
    name == wanted.as_bytes()
        || (name.len() > wanted.len()
            && name.contains(&b'\\')
            && unescaped(name).is_some_and(|name| name == wanted))
}

/// Returns a string without its escapes; `None` if they are not Unicode.
pub(super) fn unescaped(escaped: &[u8]) -> Option<String> {
    let mut quoted = Vec::with_capacity(escaped.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(escaped);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).ok()
}
