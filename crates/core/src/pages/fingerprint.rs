//! Recognizes a page that repeats an earlier one, by a hash of its items.
//!
//! The whole body cannot be compared: a total, a link or a time in it may differ although the items
//! are the same. Comparing typed items would need a comparison of every type, and the earlier pages
//! in memory. So the JSON of the items is hashed. The hash covers the `id`s, because an item that
//! changed meanwhile is still the same. If items lack an `id` or share one, it covers everything in
//! them. If an item contains what a type may skip and [`Value`] cannot represent, such as 1e999, it
//! covers the bytes of the items.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Returns the fingerprint of the items at `path` in `body`; `None` if there is no list.
///
/// Equal items have equal fingerprints, independently of white space and the order of properties,
/// unless their bytes are hashed. Different items have different fingerprints, except for a chance
/// of 2^-64.
pub(super) fn fingerprint(body: &[u8], path: &[&str]) -> Option<u64> {
    let mut items = Items::default();
    let seek = Seek {
        path,
        items: &mut items,
    };
    match seek.deserialize(&mut serde_json::Deserializer::from_slice(body)) {
        Ok(()) => items.fingerprint(),
        Err(_) => fingerprint_of_bytes(body, path),
    }
}

/// Returns the fingerprint of the bytes of the items, for a page that its types can read and
/// [`Value`] cannot.
#[cold]
fn fingerprint_of_bytes(body: &[u8], path: &[&str]) -> Option<u64> {
    let is_inside = Cell::new(false);
    let mut items = Counter {
        count: 0,
        is_inside: &is_inside,
    };
    let mut hasher = DefaultHasher::new();
    let reader = HashingReader {
        body,
        is_inside: &is_inside,
        hasher: &mut hasher,
    };
    let seek = Seek {
        path,
        items: &mut items,
    };
    seek.deserialize(&mut serde_json::Deserializer::from_reader(reader))
        .ok()?;
    (items.count > 0).then(|| hasher.finish())
}

/// A consumer of the items of a page.
trait Collect {
    /// The type that an item is decoded into.
    type Item: for<'de> Deserialize<'de>;

    /// Notes that the items begin or end.
    fn set_inside(&mut self, _is_inside: bool) {}

    fn add(&mut self, item: &Self::Item);
}

/// A counter of items that are not decoded.
struct Counter<'a> {
    count: usize,
    is_inside: &'a Cell<bool>,
}

impl Collect for Counter<'_> {
    type Item = IgnoredAny;

    fn set_inside(&mut self, is_inside: bool) {
        self.is_inside.set(is_inside);
    }

    fn add(&mut self, _: &IgnoredAny) {
        self.count += 1;
    }
}

/// A reader that hashes the bytes of the items in a body.
struct HashingReader<'a> {
    body: &'a [u8],
    is_inside: &'a Cell<bool>,
    hasher: &'a mut DefaultHasher,
}

impl io::Read for HashingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One byte at a time, so that the decoder does not read beyond its position.
        let (Some((byte, rest)), Some(place)) = (self.body.split_first(), buffer.first_mut())
        else {
            return Ok(0);
        };
        *place = *byte;
        self.body = rest;
        if self.is_inside.get() {
            self.hasher.write_u8(*byte);
        }
        Ok(1)
    }
}

#[derive(Default)]
struct Items {
    count: usize,
    /// The hashes of the `id`s.
    ids: Vec<u64>,
    contents: DefaultHasher,
}

impl Items {
    fn fingerprint(self) -> Option<u64> {
        let distinct: HashSet<&u64> = self.ids.iter().collect();
        (self.count > 0).then(|| {
            if distinct.len() == self.count {
                let mut hasher = DefaultHasher::new();
                self.ids.hash(&mut hasher);
                hasher.finish()
            } else {
                self.contents.finish()
            }
        })
    }
}

impl Collect for Items {
    type Item = Value;

    fn add(&mut self, item: &Value) {
        self.count += 1;
        item.hash(&mut self.contents);
        if let Some(id) = item.get("id").filter(|id| !id.is_null()) {
            let mut hasher = DefaultHasher::new();
            id.hash(&mut hasher);
            self.ids.push(hasher.finish());
        }
    }
}

/// A visitor that finds the items in a body. One item at a time is in memory.
struct Seek<'a, C> {
    path: &'a [&'a str],
    items: &'a mut C,
}

impl<'de, C: Collect> DeserializeSeed<'de> for Seek<'_, C> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de, C: Collect> Visitor<'de> for Seek<'_, C> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a path to the items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        self.items.set_inside(true);
        while let Some(item) = sequence.next_element::<C::Item>()? {
            self.items.add(&item);
        }
        self.items.set_inside(false);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<(), A::Error> {
        while let Some(name) = properties.next_key::<String>()? {
            match self.path {
                [wanted, path @ ..] if name == *wanted => {
                    let items = &mut *self.items;
                    properties.next_value_seed(Seek { path, items })?;
                }
                _ => {
                    properties.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    fn of(items: &str) -> Option<u64> {
        let body =
            format!(r#"{{"meta": {{"at": 1}}, "result": {{"data": {items}}}, "data": [1]}}"#);
        fingerprint(body.as_bytes(), &["result", "data"])
    }

    #[test]
    fn items_with_equal_ids_are_equal() {
        assert_eq!(
            of(r#"[{"id": "a", "n": 1}, {"id": "b"}]"#),
            of(r#"[{"n": 2, "id": "a"},{"id":"b", "n": null}]"#)
        );
        assert_ne!(of(r#"[{"id": "a"}]"#), of(r#"[{"id": "b"}]"#));
        assert_ne!(of(r#"[{"id": "1"}]"#), of(r#"[{"id": 1}]"#));
        assert_ne!(of(r#"[{"id": "a"}]"#), of(r#"[{"id": "a"}, {"id": "b"}]"#));
    }

    #[test]
    fn shared_ids_are_not_identities() {
        for id in [r#""id": "","#, r#""id": null,"#, ""] {
            let page = |n: u32| of(&format!(r#"[{{{id} "n": {n}}}, {{{id} "n": 9}}]"#));
            assert_eq!(page(1), page(1));
            assert_ne!(page(1), page(2), "{id}");
        }
        assert_ne!(of("[1, 2]"), of("[2, 1]"));
    }

    #[test]
    fn undecodable_items_are_compared_by_their_bytes() {
        for odd in [
            "1e999",
            r#""\ud800""#,
            &("[".repeat(200) + &"]".repeat(200)),
        ] {
            let body = |at: u32, n: u32| {
                let items = format!(r#"[{{"id": {n}, "odd": {odd}}}, {{"id": 2}}]"#);
                format!(r#"{{"meta": {{"at": {at}}}, "data": {items}, "more": {{"at": {at}}}}}"#)
            };
            let of = |body: String| fingerprint(body.as_bytes(), &["data"]);
            assert!(of(body(1, 1)).is_some(), "{odd}");
            assert_eq!(of(body(1, 1)), of(body(2, 1)), "{odd}");
            assert_ne!(of(body(1, 1)), of(body(1, 3)), "{odd}");
        }
    }

    #[test]
    fn a_body_without_a_list_has_no_fingerprint() {
        for items in ["[]", "null", "{}", "1"] {
            assert_eq!(of(items), None, "{items}");
        }
        for body in ["", "[", "null", "{}", r#"{"result": 1}"#] {
            assert_eq!(fingerprint(body.as_bytes(), &["result", "data"]), None);
        }
    }
}
