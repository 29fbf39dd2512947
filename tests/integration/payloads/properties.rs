//! Random payloads from the schemas of the document: types keep every value that the document
//! allows, and unknown properties.
//!
//! There are payloads for the body of every operation, so every generated type is tested. They are
//! the same in every run. With `PROPTEST_CASES` set, each run makes that many other payloads of
//! each body. A failure prints the smallest payload that fails.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::test_runner::TestError;
use serde_json::{Map, Number, Value};

use super::{Payload, check_incomplete};
use crate::generated::examples::EXAMPLES;
use scorekit_test_support::{bundle, runner};

/// The number of payloads of each body, unless `PROPTEST_CASES` is set.
const CASES: u32 = 8;

/// The depth from which payloads leave out optional values.
const MAX_DEPTH: usize = 7;

/// A payload, and the part of it that its type keeps.
#[derive(Clone, Debug)]
struct Sent {
    sent: Value,
    kept: Value,
}

impl Sent {
    /// Creates a payload that its type keeps whole.
    fn whole(value: Value) -> Self {
        Self {
            kept: value.clone(),
            sent: value,
        }
    }
}

/// The payloads to make.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    /// Payloads that the document allows.
    Strict,
    /// Payloads with `null` for missing properties, unknown properties, and unknown enum values.
    Lenient,
}

/// Makes payloads from the schemas of the document.
struct Maker<'a> {
    document: &'a Value,
    strictness: Strictness,
    /// Any string. `any::<String>()` would parse its regular expression for each string.
    string: BoxedStrategy<String>,
    /// Any JSON.
    json: BoxedStrategy<Value>,
}

impl<'a> Maker<'a> {
    fn new(document: &'a Value, strictness: Strictness) -> Self {
        let string = proptest::string::string_regex("\\PC*").expect("an expression");
        let string = string.boxed();
        Self {
            document,
            strictness,
            json: json(&string),
            string,
        }
    }

    fn payload(&self, schema: &Value, depth: usize) -> BoxedStrategy<Sent> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(&reference[1..]).expect("a target");
            return self.payload(target, depth);
        }
        if let Some([part]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.payload(part, depth);
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            return self.union(variants, depth);
        }
        if let Some(values) = schema["enum"].as_array() {
            let known = proptest::sample::select(values.clone()).prop_map(Sent::whole);
            return match self.strictness {
                Strictness::Strict => known.boxed(),
                Strictness::Lenient => prop_oneof![known, self.text()].boxed(),
            };
        }
        match schema["type"].as_str() {
            Some("string") => self.text(),
            Some("boolean") => any::<bool>()
                .prop_map(|value| Sent::whole(value.into()))
                .boxed(),
            Some("integer") if schema["format"] == "int32" => any::<i32>()
                .prop_map(|value| Sent::whole(value.into()))
                .boxed(),
            Some("integer") => any::<i64>()
                .prop_map(|value| Sent::whole(value.into()))
                .boxed(),
            Some("number") => number().prop_map(Sent::whole).boxed(),
            Some("array") if depth >= MAX_DEPTH => {
                Just(Sent::whole(Value::Array(Vec::new()))).boxed()
            }
            Some("array") => self.array(&schema["items"], depth),
            Some("object") if schema["properties"].is_object() => self.object(schema, depth),
            Some("object") if schema["additionalProperties"].is_object() => {
                self.map(&schema["additionalProperties"], depth)
            }
            Some("object") => {
                proptest::collection::btree_map(self.string.clone(), self.json.clone(), 0..4)
                    .prop_map(|entries| Sent::whole(Value::Object(Map::from_iter(entries))))
                    .boxed()
            }
            None => self.json.clone().prop_map(Sent::whole).boxed(),
            Some(other) => panic!("{other} is not a known type"),
        }
    }

    fn text(&self) -> BoxedStrategy<Sent> {
        let string = self.string.clone();
        string.prop_map(|text| Sent::whole(text.into())).boxed()
    }

    fn union(&self, variants: &[Value], depth: usize) -> BoxedStrategy<Sent> {
        let variants: Vec<_> = variants
            .iter()
            .filter(|variant| depth < MAX_DEPTH || !is_container(variant))
            .map(|variant| self.payload(variant, depth + 1))
            .collect();
        proptest::strategy::Union::new(variants)
            .prop_map(|Sent { sent, kept }| {
                if keeps_something(&sent, &kept) {
                    Sent { sent, kept }
                } else {
                    // A value without properties of any variant is kept whole.
                    Sent::whole(sent)
                }
            })
            .boxed()
    }

    fn array(&self, items: &Value, depth: usize) -> BoxedStrategy<Sent> {
        proptest::collection::vec(self.payload(items, depth + 1), 0..4)
            .prop_map(|items| Sent {
                sent: items.iter().map(|item| item.sent.clone()).collect(),
                kept: items.into_iter().map(|item| item.kept).collect(),
            })
            .boxed()
    }

    fn map(&self, values: &Value, depth: usize) -> BoxedStrategy<Sent> {
        let values = self.payload(values, depth + 1);
        let end = if depth < MAX_DEPTH { 4 } else { 1 };
        proptest::collection::btree_map(self.string.clone(), values, 0..end)
            .prop_map(|entries| {
                let part = |value: fn(&Sent) -> &Value| {
                    let entries = entries.iter();
                    entries
                        .map(|(name, entry)| (name.clone(), value(entry).clone()))
                        .collect()
                };
                Sent {
                    sent: Value::Object(part(|entry| &entry.sent)),
                    kept: Value::Object(part(|entry| &entry.kept)),
                }
            })
            .boxed()
    }

    fn object(&self, schema: &Value, depth: usize) -> BoxedStrategy<Sent> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object().expect("properties");
        let entries: Vec<BoxedStrategy<Option<(String, Sent)>>> = properties
            .iter()
            .map(|(name, property)| {
                let is_required = required.iter().any(|known| known == name);
                if depth >= MAX_DEPTH && !is_required {
                    return Just(None).boxed();
                }
                let name = name.clone();
                let present = self
                    .payload(property, depth + 1)
                    .prop_map(move |value| Some((name.clone(), value)));
                if is_required {
                    return present.boxed();
                }
                prop_oneof![1 => Just(None), 2 => present].boxed()
            })
            .collect();
        let known: HashSet<String> = properties.keys().cloned().collect();
        let names: Vec<String> = properties.keys().cloned().collect();
        let unknown = match self.strictness {
            Strictness::Strict => Just(Vec::new()).boxed(),
            Strictness::Lenient => {
                proptest::collection::vec((self.string.clone(), self.json.clone()), 0..3).boxed()
            }
        };
        let nulls = match self.strictness {
            Strictness::Strict => Just(vec![false; names.len()]).boxed(),
            Strictness::Lenient => proptest::collection::vec(any::<bool>(), names.len()).boxed(),
        };
        (entries, unknown, nulls)
            .prop_map(move |(entries, unknown, nulls)| {
                let (mut sent, mut kept) = (Map::new(), Map::new());
                for ((entry, name), null) in entries.into_iter().zip(&names).zip(nulls) {
                    match entry {
                        Some((name, value)) => {
                            sent.insert(name.clone(), value.sent);
                            kept.insert(name, value.kept);
                        }
                        None if null => {
                            sent.insert(name.clone(), Value::Null);
                        }
                        None => {}
                    }
                }
                for (name, value) in unknown {
                    if !known.contains(&name) {
                        sent.insert(name.clone(), value.clone());
                        kept.insert(name, value);
                    }
                }
                Sent {
                    sent: Value::Object(sent),
                    kept: Value::Object(kept),
                }
            })
            .boxed()
    }
}

fn is_container(schema: &Value) -> bool {
    schema.get("$ref").is_some() || schema["type"] == "object" || schema["type"] == "array"
}

/// Makes finite numbers.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        any::<i32>().prop_map(Number::from),
    ]
    .prop_map(Value::Number)
}

/// Makes any JSON with these strings.
fn json(string: &BoxedStrategy<String>) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        any::<i64>().prop_map(Value::from),
        string.clone().prop_map(Value::String),
    ];
    let string = string.clone();
    leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map(string.clone(), inner, 0..3)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
    .boxed()
}

/// Returns true if the type of a union keeps any part of a value.
fn keeps_something(sent: &Value, kept: &Value) -> bool {
    match (sent, kept) {
        (Value::Object(sent), Value::Object(kept)) => {
            let left = |(name, value): (&String, &Value)| {
                let kept = kept.get(name);
                value.is_null() || kept.is_some_and(|kept| keeps_something(value, kept))
            };
            sent.is_empty() || sent.iter().any(left)
        }
        (Value::Array(sent), Value::Array(kept)) => {
            let mut pairs = sent.iter().zip(kept);
            sent.is_empty() || pairs.any(|(sent, kept)| keeps_something(sent, kept))
        }
        _ => true,
    }
}

/// Returns true if two values are the same in any notation of their numbers.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}

/// Runs `property` with payloads of every body, and panics with those for which it fails.
fn for_every_body(strictness: Strictness, property: impl Fn(Payload, Sent) -> Result<(), String>) {
    let document = bundle();
    let maker = Maker::new(&document, strictness);
    let (mut bodies, mut failures) = (HashSet::new(), Vec::new());
    for example in EXAMPLES {
        if matches!(example.payload, Payload::Error) {
            continue;
        }
        let content = example.pointer.rfind("/example").expect("an example");
        let pointer = format!("{}/schema", &example.pointer[..content]);
        if !bodies.insert(pointer.clone()) {
            continue;
        }
        let schema = document.pointer(&pointer).expect("a schema");
        let outcome = runner(CASES).run(&maker.payload(schema, 0), |payload| {
            property(example.payload, payload).map_err(TestCaseError::fail)
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(reason, payload)) => {
                failures.push(format!("{}: {}\n{reason}", example.name, payload.sent))
            }
            Err(TestError::Abort(reason)) => failures.push(format!("{}: {reason}", example.name)),
        }
    }
    assert!(bodies.len() > 100, "{} bodies", bodies.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Removes the properties that were sent as `null` and need not be kept. A request keeps them where
/// the document allows `null`.
fn drop_sent_nulls(found: &mut Value, sent: &Value, kept: &Value) {
    match (found, sent, kept) {
        (Value::Object(found), Value::Object(sent), Value::Object(kept)) => {
            found.retain(|name, value| {
                !value.is_null() || kept.contains_key(name) || !sent.contains_key(name)
            });
            for (name, value) in found {
                if let (Some(sent), Some(kept)) = (sent.get(name), kept.get(name)) {
                    drop_sent_nulls(value, sent, kept);
                }
            }
        }
        (Value::Array(found), Value::Array(sent), Value::Array(kept)) => {
            for ((found, sent), kept) in found.iter_mut().zip(sent).zip(kept) {
                drop_sent_nulls(found, sent, kept);
            }
        }
        _ => {}
    }
}

fn check_round_trip(payload: Payload, Sent { sent, kept }: &Sent) -> Result<(), String> {
    let (Payload::Request(codec) | Payload::Response(codec)) = payload else {
        return Ok(());
    };
    let mut found = (codec.round_trip)(&sent.to_string())?;
    drop_sent_nulls(&mut found, sent, kept);
    if is_same(&found, kept) {
        Ok(())
    } else {
        Err(format!("encodes back to {found}"))
    }
}

#[test]
fn documented_payloads_round_trip() {
    for_every_body(Strictness::Strict, |payload, sent| {
        check_round_trip(payload, &sent)
    });
}

#[test]
fn undocumented_values_are_accepted() {
    for_every_body(Strictness::Lenient, |payload, sent| {
        check_round_trip(payload, &sent)
    });
}

#[test]
fn responses_may_be_incomplete() {
    for_every_body(Strictness::Strict, |payload, sent| match payload {
        Payload::Response(codec) => check_incomplete(codec, &sent.sent).map(drop),
        _ => Ok(()),
    });
}
