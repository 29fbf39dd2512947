//! Tells a page that was there before by its items.
//!
//! The whole body would not do: a total, a link or a time in it may differ although the items are the
//! same. Nor would comparing typed items, which would ask every type for a comparison and keep the
//! page before in memory. So the JSON text of the items becomes one number: from the items' `id`s, as
//! an item that changed meanwhile is still the same, or from everything they hold where the items of
//! the page have no `id` or share one. Where an item holds what a type may skip and no value can hold,
//! such as 1e999, the bytes in which the items came become the number.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The fingerprint of the items that stand at `path` in `body`; `None` where there is no list.
///
/// Equal items give equal fingerprints, whatever the white space and the order of members, unless
/// their bytes have to do. Different ones give different fingerprints but for a chance of 2^-64.
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

/// The fingerprint of the bytes in which the items came, for a page that its types can read and [`Value`] cannot.
#[cold]
fn fingerprint_of_bytes(body: &[u8], path: &[&str]) -> Option<u64> {
    let is_inside = Cell::new(false);
    let mut items = Passed {
        count: 0,
        is_inside: &is_inside,
    };
    let mut hasher = DefaultHasher::new();
    let watched = Watched {
        body,
        is_inside: &is_inside,
        hasher: &mut hasher,
    };
    let seek = Seek {
        path,
        items: &mut items,
    };
    seek.deserialize(&mut serde_json::Deserializer::from_reader(watched))
        .ok()?;
    (items.count > 0).then(|| hasher.finish())
}

/// What becomes of the items of a page.
trait Collect {
    /// What an item is read as.
    type Item: for<'de> Deserialize<'de>;

    /// The items begin or are over.
    fn pass(&mut self, _is_inside: bool) {}

    fn add(&mut self, item: &Self::Item);
}

/// Items of which only the bytes count.
struct Passed<'a> {
    count: usize,
    is_inside: &'a Cell<bool>,
}

impl Collect for Passed<'_> {
    type Item = IgnoredAny;

    fn pass(&mut self, is_inside: bool) {
        self.is_inside.set(is_inside);
    }

    fn add(&mut self, _: &IgnoredAny) {
        self.count += 1;
    }
}

/// A body that is read byte by byte, of which those inside the items are hashed.
struct Watched<'a> {
    body: &'a [u8],
    is_inside: &'a Cell<bool>,
    hasher: &'a mut DefaultHasher,
}

impl io::Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // No more than the decoder asks for to know where it is: it looks at one byte at a time.
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
    /// The hashes of the `id`s that there are.
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

/// Goes down to the items without keeping anything else; an item at a time is in memory.
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
        formatter.write_str("the way to the items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        self.items.pass(true);
        while let Some(item) = sequence.next_element::<C::Item>()? {
            self.items.add(&item);
        }
        self.items.pass(false);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match self.path {
                [wanted, path @ ..] if name == *wanted => {
                    let items = &mut *self.items;
                    members.next_value_seed(Seek { path, items })?;
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
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
    fn items_with_the_same_ids_are_the_same() {
        assert_eq!(
            of(r#"[{"id": "a", "n": 1}, {"id": "b"}]"#),
            of(r#"[{"n": 2, "id": "a"},{"id":"b", "n": null}]"#)
        );
        assert_ne!(of(r#"[{"id": "a"}]"#), of(r#"[{"id": "b"}]"#));
        assert_ne!(of(r#"[{"id": "1"}]"#), of(r#"[{"id": 1}]"#));
        assert_ne!(of(r#"[{"id": "a"}]"#), of(r#"[{"id": "a"}, {"id": "b"}]"#));
    }

    #[test]
    fn ids_that_tell_nothing_apart_do_not_count() {
        for id in [r#""id": "","#, r#""id": null,"#, ""] {
            let page = |n: u32| of(&format!(r#"[{{{id} "n": {n}}}, {{{id} "n": 9}}]"#));
            assert_eq!(page(1), page(1));
            assert_ne!(page(1), page(2), "{id}");
        }
        assert_ne!(of("[1, 2]"), of("[2, 1]"));
    }

    #[test]
    fn items_that_cannot_be_read_are_told_apart_by_their_bytes() {
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
    fn where_there_is_no_list_there_is_no_fingerprint() {
        for items in ["[]", "null", "{}", "1"] {
            assert_eq!(of(items), None, "{items}");
        }
        for body in ["", "[", "null", "{}", r#"{"result": 1}"#] {
            assert_eq!(fingerprint(body.as_bytes(), &["result", "data"]), None);
        }
    }
}
