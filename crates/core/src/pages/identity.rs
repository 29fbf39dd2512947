//! Recognizes items of earlier pages, by 64-bit hashes.
//!
//! An item with an `id` is known by it, together with its `type`, because an item that changed
//! meanwhile is still the same. An id that repeats within a page identifies nothing. Other items
//! are known by their documented properties: a property that the document does not list may change
//! with every response. Different items have different hashes, except for a chance of 2^-64.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::page::{Page, is_null};
use super::scan::{Scanner, is_name, unescaped};

/// The depth to which values are compared without regard to the order of properties. Deeper ones
/// are compared by their text. It bounds the use of the stack.
const MAX_DEPTH: usize = 64;

/// The property `type` of an item.
#[derive(Clone, Copy)]
enum Kind {
    Absent,
    Known(u64),
    /// Neither a string nor an integer.
    Other,
}

/// Returns the hash of an item's id; `None` if the item has none.
fn id_of(item: &[u8]) -> Option<u64> {
    let mut id = None;
    let mut kind = Kind::Absent;
    Scanner::new(item).object(|scanner, name| {
        let text = scanner.value()?;
        if is_name(name, "id") {
            id = hash_of_scalar(text);
        } else if is_name(name, "type") {
            kind = hash_of_scalar(text).map_or(Kind::Other, Kind::Known);
        }
        Some(())
    })?;
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(id?);
    match kind {
        Kind::Absent => {}
        Kind::Known(kind) => hasher.write_u64(kind),
        Kind::Other => return None,
    }
    Some(hasher.finish())
}

/// Returns the hash of a string or an integer.
fn hash_of_scalar(text: &[u8]) -> Option<u64> {
    let is_integer = || {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    (text.starts_with(b"\"") || is_integer()).then(|| {
        let mut hasher = DefaultHasher::new();
        write_scalar(text, &mut hasher);
        hasher.finish()
    })
}

/// Hashes a string, a number or a literal. Escapes in a string make no difference.
fn write_scalar(text: &[u8], hasher: &mut DefaultHasher) {
    let escaped = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
        .filter(|text| text.contains(&b'\\'));
    match escaped.and_then(unescaped) {
        Some(text) => {
            hasher.write_u8(b'"');
            hasher.write(text.as_bytes());
            hasher.write_u8(b'"');
        }
        None => hasher.write(text),
    }
    hasher.write_u8(0);
}

/// The items of all pages so far, 8 bytes each.
#[derive(Default)]
pub(super) struct Seen {
    hashes: HashSet<u64>,
}

/// The comparison of a page with the pages before it.
#[derive(Default)]
pub(super) struct Novelty {
    /// The number of elements that are new or `null`.
    pub(super) fresh: usize,
    /// True if an item is new.
    pub(super) has_new: bool,
    /// The indexes of items with an id of an earlier page, among the items that are not `null`.
    pub(super) repeated: Vec<usize>,
}

impl Seen {
    /// Adds the items of a page, and compares them with those before.
    pub(super) fn add(&mut self, page: &Page<'_>, properties: &[&str]) -> Novelty {
        let ids: Vec<_> = page.elements.iter().map(|text| id_of(text)).collect();
        let mut sorted: Vec<u64> = ids.iter().flatten().copied().collect();
        sorted.sort_unstable();
        let shared: HashSet<u64> = sorted
            .windows(2)
            .filter_map(|pair| match pair {
                [left, right] if left == right => Some(*left),
                _ => None,
            })
            .collect();
        let mut novelty = Novelty::default();
        let mut added = Vec::with_capacity(page.elements.len());
        let mut index = 0;
        for (element, id) in page.elements.iter().zip(ids) {
            if is_null(element) {
                novelty.fresh += 1;
                continue;
            }
            let id = id.filter(|id| !shared.contains(id));
            let hash = id.unwrap_or_else(|| hash_of_content(element, properties));
            if !self.hashes.contains(&hash) {
                novelty.fresh += 1;
                novelty.has_new = true;
                added.push(hash);
            } else if id.is_some() {
                novelty.repeated.push(index);
            }
            index += 1;
        }
        self.hashes.extend(added);
        novelty
    }

    /// Adds the hash of a cursor or link. Returns true if it is new.
    pub(super) fn add_cursor(&mut self, cursor: &impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        "cursor".hash(&mut hasher);
        cursor.hash(&mut hasher);
        self.hashes.insert(hasher.finish())
    }
}

/// Returns the hash of the properties at these JSON pointers; of all properties without pointers.
fn hash_of_content(text: &[u8], pointers: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(b"content");
    let whole = write_value(&mut Scanner::new(text), pointers, 0, &mut hasher);
    if whole.is_none() {
        hasher.write(text);
    }
    hasher.finish()
}

/// Hashes the value at the position, and moves past it. White space, the order of properties, and
/// properties that are `null` make no difference.
fn write_value(
    scanner: &mut Scanner<'_>,
    pointers: &[&str],
    depth: usize,
    hasher: &mut DefaultHasher,
) -> Option<()> {
    match scanner.peek()? {
        b'{' if depth < MAX_DEPTH => {
            let mut sum = 0_u64;
            scanner.object(|scanner, name| {
                let Some(inner) = below(pointers, name) else {
                    return scanner.value().map(drop);
                };
                if scanner.peek()? == b'n' {
                    return scanner.value().map(drop);
                }
                let mut property = DefaultHasher::new();
                match unescaped(name) {
                    Some(name) => name.hash(&mut property),
                    None => name.hash(&mut property),
                }
                write_value(scanner, &inner, depth + 1, &mut property)?;
                sum = sum.wrapping_add(property.finish());
                Some(())
            })?;
            hasher.write_u8(b'{');
            hasher.write_u64(sum);
            Some(())
        }
        b'[' if depth < MAX_DEPTH => {
            hasher.write_u8(b'[');
            scanner.array(|scanner| write_value(scanner, pointers, depth + 1, hasher))?;
            hasher.write_u8(b']');
            Some(())
        }
        _ => {
            write_scalar(scanner.value()?, hasher);
            Some(())
        }
    }
}

/// Returns the pointers below the property `name`, none if everything counts; `None` if the
/// property does not count.
fn below<'a>(pointers: &[&'a str], name: &[u8]) -> Option<Vec<&'a str>> {
    if pointers.is_empty() {
        return Some(Vec::new());
    }
    let mut inner = Vec::new();
    let mut is_found = false;
    for pointer in pointers {
        let pointer = pointer.strip_prefix('/')?;
        let (first, rest) = match pointer.find('/') {
            Some(slash) => pointer.split_at(slash),
            None => (pointer, ""),
        };
        let is_first = if first.contains('~') {
            is_name(name, &first.replace("~1", "/").replace("~0", "~"))
        } else {
            is_name(name, first)
        };
        if is_first {
            is_found = true;
            if rest.is_empty() {
                return Some(Vec::new());
            }
            inner.push(rest);
        }
    }
    is_found.then_some(inner)
}
