//! Finds the secrets that a server echoes, however it escapes them, and replaces them by asterisks.

/// The length of the shortest secret that is searched for, in bytes. A shorter one would match by
/// accident.
const MIN_SECRET: usize = 8;

/// The length of the shortest part of a secret that is searched for at the end of a text, in bytes.
const MIN_PART: usize = 4;

/// Replaces every occurrence of `secret` within `text` by asterisks of the same length.
pub(super) fn scrub(text: &mut [u8], secret: &[u8]) {
    if secret.len() < MIN_SECRET {
        return;
    }
    let mut position = 0;
    while let Some(rest) = text.get_mut(position..).filter(|rest| !rest.is_empty()) {
        match echo_length(rest, secret).and_then(|length| rest.get_mut(..length)) {
            Some(echo) => {
                echo.fill(b'*');
                position += echo.len();
            }
            None => position += 1,
        }
    }
}

/// Returns the number of bytes at the start of `text` that stand for `secret`, however escaped.
fn echo_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut length = 0;
    for (count, byte) in secret.iter().enumerate() {
        let rest = text.get(length..)?;
        if rest.is_empty() {
            return (count >= MIN_PART).then_some(length);
        }
        length += character_length(rest, *byte)?;
    }
    Some(length)
}

/// Returns the number of bytes at the start of `text` that stand for `character`.
fn character_length(text: &[u8], character: u8) -> Option<usize> {
    let is_number = |digits: Option<&[u8]>, radix| {
        let digits = std::str::from_utf8(digits.unwrap_or_default()).unwrap_or_default();
        u32::from_str_radix(digits, radix) == Ok(character.into())
    };
    match text {
        [first, ..] if *first == character => Some(match entity(text) {
            // An ampersand, escaped for HTML.
            Some(name @ b"amp") => name.len() + 2,
            _ => 1,
        }),
        [b'\\', b'u', digits @ ..] if is_number(digits.get(..4), 16) => Some(6),
        [b'\\', escaped, ..] if *escaped == character => Some(2),
        [b'%', digits @ ..] if is_number(digits.get(..2), 16) => Some(3),
        [b'&', ..] => {
            let name = entity(text)?;
            let is_character = match name {
                [b'#', b'x' | b'X', digits @ ..] => is_number(Some(digits), 16),
                [b'#', digits @ ..] => is_number(Some(digits), 10),
                b"lt" => character == b'<',
                b"gt" => character == b'>',
                b"quot" => character == b'"',
                b"apos" => character == b'\'',
                _ => false,
            };
            is_character.then_some(name.len() + 2)
        }
        _ => None,
    }
}

/// Returns the name between `&` and `;` at the start of `text`.
fn entity(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"&")?;
    let end = rest.iter().take(8).position(|byte| *byte == b';')?;
    rest.get(..end)
}
