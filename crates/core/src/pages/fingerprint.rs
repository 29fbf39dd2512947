//! Tells a page that was there before by its items.
//!
//! The whole body would not do: a total, a link or a time in it may differ although the items are the
//! same. Nor would comparing typed items, which would ask every type for a comparison and keep the
//! page before in memory. So the JSON text of the items becomes one number: from the items' `id`s, as
//! an item that changed meanwhile is still the same, or from everything they hold where the items of
//! the page have no `id` or share one.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The fingerprint of the items that stand at `path` in `body`; `None` where there is no list.
///
/// Equal items give equal fingerprints, whatever the white space and the order of members. Different
/// ones give different fingerprints but for a chance of 2^-64.
pub(super) fn fingerprint(body: &[u8], path: &[&str]) -> Option<u64> {
    let mut items = Items::default();
    let seek = Seek {
        path,
        items: &mut items,
    };
    seek.deserialize(&mut serde_json::Deserializer::from_slice(body))
        .ok()?;
    let distinct: HashSet<&u64> = items.ids.iter().collect();
    (items.count > 0).then(|| {
        if distinct.len() == items.count {
            let mut hasher = DefaultHasher::new();
            items.ids.hash(&mut hasher);
            hasher.finish()
        } else {
            items.contents.finish()
        }
    })
}

#[derive(Default)]
struct Items {
    count: usize,
    /// The hashes of the `id`s that there are.
    ids: Vec<u64>,
    contents: DefaultHasher,
}

impl Items {
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
struct Seek<'a> {
    path: &'a [&'a str],
    items: &'a mut Items,
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the way to the items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while let Some(item) = sequence.next_element::<Value>()? {
            self.items.add(&item);
        }
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
    fn where_there_is_no_list_there_is_no_fingerprint() {
        for items in ["[]", "null", "{}", "1"] {
            assert_eq!(of(items), None, "{items}");
        }
        for body in ["", "[", "null", "{}", r#"{"result": 1}"#] {
            assert_eq!(fingerprint(body.as_bytes(), &["result", "data"]), None);
        }
    }
}
