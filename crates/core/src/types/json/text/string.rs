//! Strings ([RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)).

use super::error::Error;

/// A string: a part of the text, or a copy without its escapes.
pub(super) enum Text<'de, 'a> {
    Borrowed(&'de str),
    Unescaped(&'a str),
}

impl Text<'_, '_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// Reads the rest of a string, which begins at an offset, and moves the offset behind it.
#[cfg_attr(not(debug_assertions), inline)]
pub(super) fn read<'de, 'a>(
    text: &'de str,
    at: &mut usize,
    unescaped: &'a mut String,
) -> Result<Text<'de, 'a>, Error> {
    let begin = *at;
    let end = plain_end(text.as_bytes(), begin);
    if text.as_bytes().get(end) == Some(&b'"')
        && let Some(string) = text.get(begin..end)
    {
        *at = end + 1;
        return Ok(Text::Borrowed(string));
    }
    unescape(text, at, end, unescaped).map(Text::Unescaped)
}

/// Skips the rest of a string. Its escapes need not be characters.
pub(super) fn skip(text: &str, at: &mut usize) -> Result<(), Error> {
    loop {
        *at = plain_end(text.as_bytes(), *at);
        match next(text, at)? {
            b'"' => return Ok(()),
            b'\\' => match next(text, at)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => drop(hex(text, at)?),
                _ => return Err(Error::invalid(*at - 1)),
            },
            _ => return Err(Error::invalid(*at - 1)),
        }
    }
}

/// A word with the highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Returns a word of eight times this byte.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Returns the offset of the next quotation mark, backslash or control character.
#[cfg_attr(not(debug_assertions), inline)]
fn plain_end(text: &[u8], begin: usize) -> usize {
    let mut end = begin;
    // A short string ends in the first two words.
    for _ in 0..2 {
        match word_end(text, end) {
            Some(8) => end += 8,
            Some(within) => return end + within,
            None => return tail_end(text, end),
        }
    }
    long_end(text, end)
}

/// Returns the offset for a string that is not short.
fn long_end(text: &[u8], begin: usize) -> usize {
    let mut end = begin;
    // The compiler makes vector instructions of it.
    while let Some(chunk) = text.get(end..).and_then(<[u8]>::first_chunk::<16>)
        && !chunk
            .iter()
            .fold(false, |any, byte| any | is_special(*byte))
    {
        end += 16;
    }
    loop {
        match word_end(text, end) {
            Some(8) => end += 8,
            Some(within) => return end + within,
            None => return tail_end(text, end),
        }
    }
}

#[cfg_attr(not(debug_assertions), inline)]
fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

/// Returns the position in the next eight bytes, which is 8 if there is none; `None` near the end
/// of the text.
#[cfg_attr(not(debug_assertions), inline)]
fn word_end(text: &[u8], begin: usize) -> Option<usize> {
    let bytes = text.get(begin..)?.first_chunk::<8>()?;
    let word = u64::from_le_bytes(*bytes);
    let zeros = |word: u64| word.wrapping_sub(all(1)) & !word;
    let quotes = zeros(word ^ all(b'"'));
    let escapes = zeros(word ^ all(b'\\'));
    let controls = word.wrapping_sub(all(b' ')) & !word;
    // Only bits behind the first one may be wrong.
    let special = (quotes | escapes | controls) & HIGH;
    #[allow(clippy::cast_possible_truncation, reason = "it is at most 8")]
    Some((special.trailing_zeros() / 8) as usize)
}

/// Returns the offset among the last bytes, which is the length if there is none.
#[cold]
fn tail_end(text: &[u8], begin: usize) -> usize {
    let rest = text.get(begin..).unwrap_or_default();
    let within = rest.iter().position(|byte| is_special(*byte));
    begin + within.unwrap_or(rest.len())
}

/// Reads a string with escapes, which has none before `end`.
fn unescape<'a>(
    text: &str,
    at: &mut usize,
    end: usize,
    unescaped: &'a mut String,
) -> Result<&'a str, Error> {
    unescaped.clear();
    let mut end = end;
    loop {
        unescaped.push_str(text.get(*at..end).unwrap_or_default());
        *at = end;
        match next(text, at)? {
            b'"' => return Ok(unescaped),
            b'\\' => unescaped.push(escaped(text, at)?),
            _ => return Err(Error::invalid(*at - 1)),
        }
        end = plain_end(text.as_bytes(), *at);
    }
}

/// Reads the next byte.
#[cfg_attr(not(debug_assertions), inline)]
fn next(text: &str, at: &mut usize) -> Result<u8, Error> {
    match text.as_bytes().get(*at) {
        Some(byte) => {
            *at += 1;
            Ok(*byte)
        }
        None => Err(Error::invalid(*at)),
    }
}

/// Reads the character behind a backslash.
#[cfg_attr(not(debug_assertions), inline)]
fn escaped(text: &str, at: &mut usize) -> Result<char, Error> {
    Ok(match next(text, at)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => unicode(text, at)?,
        _ => return Err(Error::invalid(*at - 1)),
    })
}

/// Reads the character behind `\u`, which may be in two halves.
fn unicode(text: &str, at: &mut usize) -> Result<char, Error> {
    let begin = *at;
    let first = hex(text, at)?;
    let mut units = vec![first];
    if (0xd800..0xdc00).contains(&first) {
        if next(text, at)? != b'\\' || next(text, at)? != b'u' {
            return Err(Error::invalid(begin));
        }
        units.push(hex(text, at)?);
    }
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => Ok(character),
        _ => Err(Error::invalid(begin)),
    }
}

/// Reads four hexadecimal digits.
fn hex(text: &str, at: &mut usize) -> Result<u16, Error> {
    let begin = *at;
    let digits = text.as_bytes().get(begin..begin + 4).unwrap_or_default();
    let mut unit = 0;
    for digit in digits {
        match char::from(*digit).to_digit(16) {
            #[allow(clippy::cast_possible_truncation, reason = "it is at most 15")]
            Some(digit) => unit = unit << 4 | digit as u16,
            None => return Err(Error::invalid(begin)),
        }
    }
    if digits.len() < 4 {
        return Err(Error::invalid(begin));
    }
    *at = begin + 4;
    Ok(unit)
}
