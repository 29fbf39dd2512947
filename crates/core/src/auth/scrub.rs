//! Finds the parts of secrets that a server echoes, however it escapes them, and replaces them by
//! asterisks.
//!
//! A part is a run of [`RUN`] characters or more, in any case. Eight characters fit into an
//! integer. So a window of eight slides over the text, and each is looked up in a sorted list of
//! all runs. The cost grows with the text, which is short, and not with the number of secrets.

use secrecy::{ExposeSecret, SecretSlice};

/// The length of the shortest part of a secret that is searched for, in characters. A shorter one
/// would match by accident.
const RUN: usize = 8;

/// The length of the shortest part that is searched for where a text is cut off, in characters.
const MIN_CUT: usize = 4;

/// The number of bytes around an excerpt that decide whether its ends belong to a secret: the
/// escaped form of a run.
pub(crate) const MARGIN: usize = RUN * LONGEST_ESCAPE;

/// The longest escaped form of a character that is understood, in bytes.
const LONGEST_ESCAPE: usize = 12;

/// The ellipsis with which messages mark where they cut a text.
const ELLIPSIS: &[u8] = "…".as_bytes();

/// A byte that no secret contains, because headers carry secrets.
const FOREIGN: u8 = 0xff;

/// The parts of secrets, as integers of up to eight characters in lower case.
pub(crate) struct Runs {
    /// All runs, sorted.
    windows: SecretSlice<u64>,
    /// The beginnings of secrets, sorted.
    beginnings: SecretSlice<u64>,
}

impl Runs {
    /// Collects the parts of all secrets that are long enough.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let long = secrets.map(str::as_bytes).filter(|it| it.len() >= RUN);
        let secrets: Vec<&[u8]> = long.collect();
        // A list that grows would leave copies of secrets in memory.
        let count = secrets.iter().map(|it| it.len() - RUN + 1).sum();
        let mut windows = Vec::with_capacity(count);
        let mut beginnings = Vec::with_capacity(secrets.len() * (RUN - MIN_CUT));
        for secret in secrets {
            windows.extend(secret.windows(RUN).map(packed));
            beginnings.extend((MIN_CUT..RUN).filter_map(|length| secret.get(..length).map(packed)));
        }
        windows.sort_unstable();
        beginnings.sort_unstable();
        Self {
            windows: windows.into(),
            beginnings: beginnings.into(),
        }
    }

    fn is_empty(&self) -> bool {
        self.windows.expose_secret().is_empty()
    }

    fn contains(&self, window: u64) -> bool {
        self.windows.expose_secret().binary_search(&window).is_ok()
    }

    fn begins_with(&self, part: u64) -> bool {
        self.beginnings.expose_secret().binary_search(&part).is_ok()
    }
}

/// Returns up to eight characters in lower case as an integer.
fn packed(characters: &[u8]) -> u64 {
    characters.iter().fold(0, |all, byte| push(all, *byte))
}

/// Appends a character to a window, which loses its first one.
fn push(window: u64, character: u8) -> u64 {
    window << 8 | u64::from(character.to_ascii_lowercase())
}

/// Replaces every part of a secret within `text` by asterisks of the same length.
///
/// `text` is read unchanged, and with the escapes of JSON, URLs, forms, HTML and all of them
/// together. A secret may look like an escape.
pub(crate) fn scrub(text: &mut [u8], secrets: &[&Runs]) {
    let secrets: Vec<&Runs> = secrets
        .iter()
        .copied()
        .filter(|it| !it.is_empty())
        .collect();
    if secrets.is_empty() {
        return;
    }
    let has = |sign: u8| memchr::memchr(sign, text).is_some();
    let (json_escapes, url_escapes, entities) = (has(b'\\'), has(b'%'), has(b'&'));
    let forms: [(bool, Read); 6] = [
        (true, plain),
        (json_escapes, json),
        (url_escapes, percent),
        (has(b'+'), form),
        (entities, html),
        (json_escapes || url_escapes && entities, escaped),
    ];
    let mut echoes = Vec::new();
    for (_, read) in forms.into_iter().filter(|(occurs, _)| *occurs) {
        find(text, read, &secrets, &mut echoes);
    }
    for (start, end) in echoes {
        if let Some(echo) = text.get_mut(start..end) {
            echo.fill(b'*');
        }
    }
}

/// Reads a character with its length at the start of a text that is not empty.
type Read = fn(&[u8]) -> (u8, usize);

/// Finds the parts of secrets within `text`, as ranges of bytes.
fn find(text: &[u8], read: Read, secrets: &[&Runs], echoes: &mut Vec<(usize, usize)>) {
    let mut window = Window::default();
    while let Some(rest) = text.get(window.end..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(ELLIPSIS) {
            window.find_beginning(secrets, echoes);
        }
        let (character, length) = read(rest);
        window.push(character, length);
        if secrets.iter().any(|it| it.contains(window.characters)) {
            echoes.push((window.start_of_last(RUN), window.end));
        }
    }
    window.find_beginning(secrets, echoes);
}

/// The last eight characters of a text.
#[derive(Default)]
struct Window {
    characters: u64,
    /// The offsets of the characters, by their number modulo eight.
    starts: [usize; RUN],
    /// The number of characters so far.
    count: usize,
    /// The offset after the last character.
    end: usize,
}

impl Window {
    fn push(&mut self, character: u8, length: usize) {
        self.characters = push(self.characters, character);
        if let Some(start) = self.starts.get_mut(self.count % RUN) {
            *start = self.end;
        }
        self.count += 1;
        self.end += length;
    }

    /// Returns the offset of the last `length` characters, at most eight.
    fn start_of_last(&self, length: usize) -> usize {
        let number = self.count.saturating_sub(length);
        self.starts.get(number % RUN).copied().unwrap_or_default()
    }

    /// Finds the beginning of a secret at the end of a text, because the rest may be cut off.
    fn find_beginning(&self, secrets: &[&Runs], echoes: &mut Vec<(usize, usize)>) {
        for length in MIN_CUT..RUN {
            let part = self.characters & (u64::MAX >> (8 * (RUN - length)));
            if secrets.iter().any(|it| it.begins_with(part)) {
                echoes.push((self.start_of_last(length), self.end));
            }
        }
    }
}

fn plain(text: &[u8]) -> (u8, usize) {
    (text.first().copied().unwrap_or(FOREIGN), 1)
}

/// Reads the escapes of JSON strings.
fn json(text: &[u8]) -> (u8, usize) {
    match text {
        [b'\\', b'u', digits @ ..] => match number(digits.get(..4), 16) {
            Some(character) => (character, 6),
            None => (b'u', 2),
        },
        [b'\\', character, ..] => (*character, 2),
        _ => plain(text),
    }
}

/// Reads the escapes of URLs.
fn percent(text: &[u8]) -> (u8, usize) {
    match text {
        [b'%', digits @ ..] => match number(digits.get(..2), 16) {
            Some(character) => (character, 3),
            None => plain(text),
        },
        _ => plain(text),
    }
}

/// Reads the escapes of forms, which have a plus sign for a space.
fn form(text: &[u8]) -> (u8, usize) {
    match text {
        [b'+', ..] => (b' ', 1),
        _ => percent(text),
    }
}

/// Reads the escapes of HTML.
fn html(text: &[u8]) -> (u8, usize) {
    let Some(name) = entity(text) else {
        return plain(text);
    };
    let character = match name {
        [b'#', b'x' | b'X', digits @ ..] => number(Some(digits), 16),
        [b'#', digits @ ..] => number(Some(digits), 10),
        b"lt" => Some(b'<'),
        b"gt" => Some(b'>'),
        b"quot" => Some(b'"'),
        b"apos" => Some(b'\''),
        b"amp" => Some(b'&'),
        _ => None,
    };
    match character {
        Some(character) => (character, name.len() + 2),
        None => plain(text),
    }
}

/// Reads the escapes of JSON, URLs and HTML.
fn escaped(text: &[u8]) -> (u8, usize) {
    match text.first() {
        Some(b'\\') => json(text),
        Some(b'%') => percent(text),
        _ => html(text),
    }
}

/// Returns the character with this number. Others than those of ASCII are foreign to secrets.
fn number(digits: Option<&[u8]>, radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits?).ok()?;
    let number = u32::from_str_radix(digits, radix).ok()?;
    Some(u8::try_from(number).unwrap_or(FOREIGN))
}

/// Returns the name between `&` and `;` at the start of `text`.
fn entity(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"&")?;
    let end = rest
        .iter()
        .take(LONGEST_ESCAPE - 1)
        .position(|byte| *byte == b';')?;
    rest.get(..end)
}
