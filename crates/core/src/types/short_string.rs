//! A string that needs no allocation if it is short, for the timestamps of responses.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The longest string in place, in bytes: a timestamp with nanoseconds in UTC. The type then takes
/// 32 bytes.
const MAX_SHORT: usize = 30;

/// A string that does not change.
#[derive(Clone)]
pub(crate) enum ShortString {
    Short { length: u8, bytes: [u8; MAX_SHORT] },
    Long(Box<str>),
}

impl ShortString {
    /// Returns a string in place, if it is short enough.
    #[inline]
    fn short(text: &str) -> Option<Self> {
        let mut bytes = [0; MAX_SHORT];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).ok()?;
        Some(Self::Short { length, bytes })
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        match self {
            // The bytes come from a string, so the default is never returned.
            Self::Short { length, bytes } => bytes
                .get(..usize::from(*length))
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

impl Default for ShortString {
    fn default() -> Self {
        Self::Short {
            length: 0,
            bytes: [0; MAX_SHORT],
        }
    }
}

impl From<&str> for ShortString {
    #[inline]
    fn from(text: &str) -> Self {
        Self::short(text).unwrap_or_else(|| Self::Long(text.into()))
    }
}

impl From<String> for ShortString {
    #[inline]
    fn from(text: String) -> Self {
        Self::short(&text).unwrap_or_else(|| Self::Long(text.into_boxed_str()))
    }
}

impl From<ShortString> for String {
    fn from(text: ShortString) -> Self {
        match text {
            ShortString::Short { .. } => text.as_str().to_owned(),
            ShortString::Long(text) => text.into_string(),
        }
    }
}

impl fmt::Debug for ShortString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}

impl PartialEq for ShortString {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ShortString {}

impl PartialOrd for ShortString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShortString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for ShortString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<'de> Deserialize<'de> for ShortString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = ShortString;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<ShortString, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<ShortString, E> {
        Ok(text.into())
    }
}
