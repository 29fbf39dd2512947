//! Finds and replaces values in JSON text without decoding it.
//!
//! It finds places in the text, so that a part of a body is a slice and not a copy. `serde_json`
//! can do that with its feature `raw_value`, which makes every [`serde_json::Value`] slower to
//! decode. All functions accept any bytes: where the text is not JSON, they find nothing or
//! something else, and never panic.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;
use serde::de::IgnoredAny;

/// The byte order mark that some servers send before JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An object or an array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// A property of an object, or an element of an array.
struct Entry {
    /// The place of the property's name between its quotation marks.
    name: Range<usize>,
    /// The offset of the first byte of the value.
    begin: usize,
    /// The offset after the last byte of the value; `None` if the text ends before.
    end: Option<usize>,
}

/// An iterator over the entries of an object or an array.
struct Entries<'a> {
    text: &'a [u8],
    container: Container,
    position: usize,
    /// The number of entries so far.
    count: usize,
    is_finished: bool,
}

impl<'a> Entries<'a> {
    /// Returns the entries of the value at `begin`; `None` if it is neither an object nor an array.
    fn at(text: &'a [u8], begin: usize) -> Option<Self> {
        let position = skip_space(text, begin);
        let container = match text.get(position)? {
            b'{' => Container::Object,
            b'[' => Container::Array,
            _ => return None,
        };
        Some(Self {
            text,
            container,
            position: position + 1,
            count: 0,
            is_finished: false,
        })
    }

    /// Returns the last property of this name, or the element with this index.
    fn find(&mut self, step: &str) -> Option<Entry> {
        match self.container {
            Container::Array => self.nth(index(step)?),
            Container::Object => {
                let text = self.text;
                let is_named = |entry: &Entry| name_is(text, &entry.name, step);
                // The decoder also keeps the last of several properties of one name.
                self.filter(is_named).last()
            }
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.is_finished {
            return None;
        }
        let text = self.text;
        let mut position = skip_space(text, self.position);
        self.position = position;
        match text.get(position)? {
            b'}' | b']' => {
                self.is_finished = true;
                return None;
            }
            b',' => position = skip_space(text, position + 1),
            _ => {}
        }
        let mut name = position..position;
        if self.container == Container::Object {
            let end = end_of_string(text, position)?;
            name = position + 1..end - 1;
            let colon = skip_space(text, end);
            if text.get(colon) != Some(&b':') {
                return None;
            }
            position = skip_space(text, colon + 1);
        }
        let end = end_of_value(text, position);
        self.count += 1;
        match end {
            Some(end) => self.position = end,
            None => self.is_finished = true,
        }
        let begin = position;
        Some(Entry { name, begin, end })
    }
}

/// Returns the offset of the first byte that is not white space.
fn skip_space(text: &[u8], begin: usize) -> usize {
    let rest = text.get(begin..).unwrap_or_default();
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let space = rest.iter().position(|byte| !is_space(byte));
    begin + space.unwrap_or(rest.len())
}

/// Returns the offset after the string that begins at `begin`.
pub(crate) fn end_of_string(text: &[u8], begin: usize) -> Option<usize> {
    if text.get(begin) != Some(&b'"') {
        return None;
    }
    let mut at = begin + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Returns the offset after the value that begins at `begin`; `None` if the text ends before.
pub(crate) fn end_of_value(text: &[u8], begin: usize) -> Option<usize> {
    match text.get(begin)? {
        b'"' => end_of_string(text, begin),
        b'{' | b'[' => end_of_container(text, begin),
        _ => {
            let is_end =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            let length = text.get(begin..)?.iter().position(is_end)?;
            (length > 0).then_some(begin + length)
        }
    }
}

/// Returns the offset after the object or array that begins at `begin`.
fn end_of_container(text: &[u8], begin: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut position = begin;
    loop {
        match text.get(position)? {
            b'"' => {
                position = end_of_string(text, position)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        position += 1;
        if depth == 0 {
            return Some(position);
        }
    }
}

/// Returns the index that a step of a path names: digits without leading zeros
/// ([RFC 6901, section 4](https://www.rfc-editor.org/rfc/rfc6901#section-4)).
fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    is_plain.then(|| step.parse().ok()).flatten()
}

/// Returns true if the name at this place is `expected`.
fn name_is(text: &[u8], name: &Range<usize>, expected: &str) -> bool {
    let Some(name_text) = text.get(name.clone()) else {
        return false;
    };
    if !name_text.contains(&b'\\') {
        return name_text == expected.as_bytes();
    }
    let quoted = text.get(name.start.saturating_sub(1)..name.end + 1);
    let decoded = quoted.and_then(|quoted| serde_json::from_slice::<String>(quoted).ok());
    decoded.is_some_and(|decoded| decoded == expected)
}

/// Returns the offset after a byte order mark.
pub(crate) fn begin_of(text: &[u8]) -> usize {
    match text.starts_with(BYTE_ORDER_MARK) {
        true => BYTE_ORDER_MARK.len(),
        false => 0,
    }
}

/// Splits a JSON pointer into its steps; `None` if it is not one
/// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
pub(crate) fn steps(pointer: &str) -> Option<Vec<Cow<'_, str>>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let steps = pointer.strip_prefix('/')?.split('/');
    Some(
        steps
            .map(|step| match step.contains('~') {
                true => Cow::Owned(step.replace("~1", "/").replace("~0", "~")),
                false => Cow::Borrowed(step),
            })
            .collect(),
    )
}

/// Returns the place of the value that the steps lead to.
pub(crate) fn find(text: &[u8], steps: &[impl AsRef<str>]) -> Option<Range<usize>> {
    let begin = skip_space(text, begin_of(text));
    let whole = begin..text.trim_ascii_end().len().max(begin);
    let mut found = (begin, Some(whole.end));
    for step in steps {
        let entry = Entries::at(text, found.0)?.find(step.as_ref())?;
        found = (entry.begin, entry.end);
    }
    Some(found.0..found.1?)
}

/// Returns a JSON text in which another JSON text replaces the value that the steps lead to.
/// Everything else is unchanged. Missing objects on the way are added.
///
/// # Errors
///
/// Returns the problem, the end of a sentence, if the text is not a JSON object. So it does if the
/// steps lead through a value that is not an object.
pub(crate) fn set(
    text: &[u8],
    steps: &[impl AsRef<str>],
    value: &[u8],
) -> Result<Vec<u8>, &'static str> {
    let is_json = serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let mut place = skip_space(text, 0)..text.trim_ascii_end().len();
    if !is_json || text.get(place.start) != Some(&b'{') {
        return Err("needs a body that is a JSON object; set that first");
    }
    let mut left = steps.iter().map(AsRef::as_ref);
    // The comma and the name before the new text.
    let mut before = Vec::new();
    for step in left.by_ref() {
        if text.get(place.clone()) == Some(b"null") {
            push_name(&mut before, "{", step);
            return Ok(spliced(text, place, before, left, value, true));
        }
        let Some(mut entries) = Entries::at(text, place.start) else {
            return Err("leads through a value that is neither an object nor an array");
        };
        let container = entries.container;
        match entries.find(step) {
            Some(entry) => place = entry.begin..entry.end.unwrap_or(entry.begin),
            None if container == Container::Array => {
                return Err("leads to an element that the array does not have");
            }
            None => {
                let separator = if entries.count > 0 { "," } else { "" };
                push_name(&mut before, separator, step);
                let end = entries.position..entries.position;
                return Ok(spliced(text, end, before, left, value, false));
            }
        }
    }
    Ok(spliced(text, place, before, left, value, false))
}

/// Appends the name of a property with what precedes it.
fn push_name(text: &mut Vec<u8>, before: &str, name: &str) {
    text.extend_from_slice(before.as_bytes());
    let name = serde_json::Value::from(name).to_string();
    text.extend_from_slice(name.as_bytes());
    text.push(b':');
}

/// Replaces a place of `text`. The new text is `before`, the value within an object for each step
/// that is left, and a bracket if `before` has opened an object.
fn spliced<'a>(
    text: &[u8],
    place: Range<usize>,
    before: Vec<u8>,
    steps: impl Iterator<Item = &'a str>,
    value: &[u8],
    is_open: bool,
) -> Vec<u8> {
    let mut result = text.get(..place.start).unwrap_or_default().to_vec();
    result.extend(before);
    let mut open = usize::from(is_open);
    for step in steps {
        push_name(&mut result, "{", step);
        open += 1;
    }
    result.extend_from_slice(value);
    result.extend(std::iter::repeat_n(b'}', open));
    result.extend_from_slice(text.get(place.end..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{find, set, steps};

    fn found<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
        text.get(find(text.as_bytes(), &steps(pointer)?)?)
    }

    #[test]
    fn values_are_found_by_pointer() {
        let text = "\u{feff} {\"a\": [1, {\"b/c\" : null , \"~\":\"x\\\"]\"}], \"a\\u0062\":-1.5e3,\
                    \"\":[],\"d\":1,\"d\" :  2 } ";
        for (pointer, expected) in [
            ("/a/0", Some("1")),
            ("/a/1/b~1c", Some("null")),
            ("/a/1/~0", Some("\"x\\\"]\"")),
            ("/ab", Some("-1.5e3")),
            ("/", Some("[]")),
            ("/d", Some("2")),
            ("/a/2", None),
            ("/a/01", None),
            ("/a/+1", None),
            ("/a/-", None),
            ("/a/0/x", None),
            ("/e", None),
            ("a", None),
        ] {
            assert_eq!(found(text, pointer), expected, "{pointer}");
        }
        assert_eq!(found(" 12 ", ""), Some("12"));
    }

    #[test]
    fn values_before_the_end_of_a_cut_body_are_found() {
        let text = r#"{"a":{"b":12,"c":34"#;
        assert_eq!(found(text, "/a/b"), Some("12"));
        assert_eq!(found(text, "/a/c"), None);
        assert_eq!(found(text, "/a"), None);
    }

    #[test]
    fn values_are_replaced_and_added() {
        for (text, pointer, expected) in [
            ("{}", "/a", r#"{"a":1}"#),
            (r#"{ "a" : 2 }"#, "/a", r#"{ "a" : 1 }"#),
            (r#"{"b":2.50}"#, "/a", r#"{"b":2.50,"a":1}"#),
            (
                r#"{"b":{"c":[]}}"#,
                "/b/d/e",
                r#"{"b":{"c":[],"d":{"e":1}}}"#,
            ),
            (r#"{"b":null}"#, "/b/d/e", r#"{"b":{"d":{"e":1}}}"#),
            (r#"{"b":[{},{}]}"#, "/b/1/\"", r#"{"b":[{},{"\"":1}]}"#),
        ] {
            let changed = set(text.as_bytes(), &steps(pointer).unwrap(), b"1").unwrap();
            assert_eq!(String::from_utf8(changed).unwrap(), expected);
        }
        for (text, pointer) in [("[]", "/0"), ("", "/a"), ("{", "/a"), ("{}}", "/a")] {
            let problem = set(text.as_bytes(), &steps(pointer).unwrap(), b"1").unwrap_err();
            assert!(problem.starts_with("needs a body"), "{text}");
        }
        let problem = set(br#"{"a":1}"#, &["a", "b"], b"1").unwrap_err();
        assert!(problem.starts_with("leads through"), "{problem}");
        let problem = set(br#"{"a":[]}"#, &["a", "0"], b"1").unwrap_err();
        assert!(problem.starts_with("leads to"), "{problem}");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[\"\\\\/~a-c\\[\\]{},: ]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[\"\\\\/~a-c0-3]{0,3}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Returns the pointers to all values.
    fn pointers(value: &Value, own: &str, all: &mut Vec<String>) {
        all.push(own.to_owned());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointers(item, &format!("{own}/{index}"), all);
                }
            }
            Value::Object(properties) => {
                for (name, item) in properties {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    pointers(item, &format!("{own}/{name}"), all);
                }
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn every_value_of_any_json_is_found_and_replaced(
            value in any_json(), is_pretty in any::<bool>(),
        ) {
            let value = json!({"root": value});
            let text = match is_pretty {
                true => serde_json::to_string_pretty(&value).unwrap(),
                false => value.to_string(),
            };
            let mut all = Vec::new();
            pointers(&value, "", &mut all);
            for pointer in all {
                let expected = value.pointer(&pointer).unwrap();
                let part: Value = serde_json::from_str(found(&text, &pointer).unwrap()).unwrap();
                prop_assert_eq!(&part, expected, "{}", pointer);
                let path = steps(&pointer).unwrap();
                if !pointer.is_empty() {
                    let changed = set(text.as_bytes(), &path, b"{\"new\":[]}").unwrap();
                    let mut wanted = value.clone();
                    *wanted.pointer_mut(&pointer).unwrap() = json!({"new": []});
                    prop_assert_eq!(serde_json::from_slice::<Value>(&changed).unwrap(), wanted);
                }
            }
        }

        #[test]
        fn any_bytes_are_scanned_without_a_panic(
            text in "[\\[\\]{}\",:\\\\ a0\u{feff}]{0,30}", pointer in "[/~a0]{0,6}",
        ) {
            if let Some(steps) = steps(&pointer) {
                find(text.as_bytes(), &steps);
                let _ = set(text.as_bytes(), &steps, b"1");
            }
        }
    }
}
