//! Whatever the document allows to be sent or answered, its Rust type keeps; and whatever else a server sends beside it
//! does no harm.
//!
//! The payloads are made at random from the schemas of the bundled document, for the body of every operation, so that
//! every generated type is among them. They are the same in every run; with `PROPTEST_CASES` set, that many of each
//! body are others in every run, and a failure prints the smallest payload it finds.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::test_runner::TestError;
use serde_json::{Map, Number, Value};

use crate::examples::{Payload, may_be_incomplete};
use crate::generated::examples::EXAMPLES;
use scorekit_test_support::{bundle, runner};

/// How many payloads of each body a run makes unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 16;

/// How deep a payload nests before it leaves out what it can.
const DEEPEST: usize = 7;

/// A payload as it is sent, and what its type keeps of it.
#[derive(Clone, Debug)]
struct Sent {
    sent: Value,
    kept: Value,
}

impl Sent {
    /// A payload that comes back as it is.
    fn whole(value: Value) -> Self {
        Self {
            kept: value.clone(),
            sent: value,
        }
    }
}

/// What servers send.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// What the document allows.
    Exact,
    /// The same with `null` for what is left out, members that no schema names, and values that no enum lists.
    Loose,
}

/// Makes payloads of the document's schemas.
#[derive(Clone, Copy)]
struct Maker<'a> {
    document: &'a Value,
    manner: Manner,
}

impl Maker<'_> {
    fn payload(self, schema: &Value, depth: usize) -> BoxedStrategy<Sent> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(&reference[1..]).expect("a target");
            return self.payload(target, depth);
        }
        if let Some([part]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.payload(part, depth);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let choices: Vec<_> = choices
                .iter()
                .filter(|choice| depth < DEEPEST || !is_container(choice))
                .map(|choice| self.payload(choice, depth + 1))
                .collect();
            return proptest::strategy::Union::new(choices)
                .prop_map(|Sent { sent, kept }| {
                    if keeps_something(&sent, &kept) {
                        Sent { sent, kept }
                    } else {
                        // What has nothing of any variant is kept as it came.
                        Sent::whole(sent)
                    }
                })
                .boxed();
        }
        if let Some(values) = schema["enum"].as_array() {
            let known = proptest::sample::select(values.clone()).prop_map(Sent::whole);
            return match self.manner {
                Manner::Exact => known.boxed(),
                Manner::Loose => prop_oneof![known, text()].boxed(),
            };
        }
        match schema["type"].as_str() {
            Some("string") => text().boxed(),
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
            Some("array") if depth >= DEEPEST => {
                Just(Sent::whole(Value::Array(Vec::new()))).boxed()
            }
            Some("array") => {
                proptest::collection::vec(self.payload(&schema["items"], depth + 1), 0..4)
                    .prop_map(|items| Sent {
                        sent: items.iter().map(|item| item.sent.clone()).collect(),
                        kept: items.into_iter().map(|item| item.kept).collect(),
                    })
                    .boxed()
            }
            Some("object") if schema["properties"].is_object() => self.object(schema, depth),
            Some("object") if schema["additionalProperties"].is_object() => {
                let values = self.payload(&schema["additionalProperties"], depth + 1);
                let most = if depth < DEEPEST { 4 } else { 1 };
                proptest::collection::btree_map(any::<String>(), values, 0..most)
                    .prop_map(|entries| {
                        let of = |value: fn(&Sent) -> &Value| {
                            let pairs = entries.iter();
                            pairs
                                .map(|(name, entry)| (name.clone(), value(entry).clone()))
                                .collect()
                        };
                        Sent {
                            sent: Value::Object(of(|entry| &entry.sent)),
                            kept: Value::Object(of(|entry| &entry.kept)),
                        }
                    })
                    .boxed()
            }
            Some("object") => proptest::collection::btree_map(any::<String>(), json(), 0..4)
                .prop_map(|entries| Sent::whole(Value::Object(Map::from_iter(entries))))
                .boxed(),
            None => json().prop_map(Sent::whole).boxed(),
            Some(other) => panic!("what is a {other}?"),
        }
    }

    fn object(self, schema: &Value, depth: usize) -> BoxedStrategy<Sent> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object().expect("properties");
        let members: Vec<BoxedStrategy<Option<(String, Sent)>>> = properties
            .iter()
            .map(|(name, property)| {
                let is_required = required.iter().any(|known| known == name);
                if depth >= DEEPEST && !is_required {
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
        let unknown = match self.manner {
            Manner::Exact => Just(Vec::new()).boxed(),
            Manner::Loose => proptest::collection::vec((any::<String>(), json()), 0..3).boxed(),
        };
        let nulls = match self.manner {
            Manner::Exact => Just(vec![false; names.len()]).boxed(),
            Manner::Loose => proptest::collection::vec(any::<bool>(), names.len()).boxed(),
        };
        (members, unknown, nulls)
            .prop_map(move |(members, unknown, nulls)| {
                let (mut sent, mut kept) = (Map::new(), Map::new());
                for ((member, name), null) in members.into_iter().zip(&names).zip(nulls) {
                    match member {
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
                        sent.insert(name, value);
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

fn text() -> impl Strategy<Value = Sent> {
    any::<String>().prop_map(|text| Sent::whole(text.into()))
}

/// Any number that is a finite one in JSON.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        any::<i32>().prop_map(Number::from),
    ]
    .prop_map(Value::Number)
}

/// Any JSON.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map(any::<String>(), inner, 0..3)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Whether anything of a value that is one of several is left in its type.
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

/// Whether two values are the same but for how they write their numbers.
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

/// Runs `property` with payloads of every body, and says for which ones it does not hold.
fn for_every_body(manner: Manner, property: impl Fn(Payload, Sent) -> Result<(), String>) {
    let document = bundle();
    let maker = Maker {
        document: &document,
        manner,
    };
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

fn comes_back(payload: Payload, Sent { sent, kept }: &Sent) -> Result<(), String> {
    let (Payload::Request(read_back) | Payload::Answer(read_back)) = payload else {
        return Ok(());
    };
    let found = read_back(&sent.to_string())?;
    if is_same(&found, kept) {
        Ok(())
    } else {
        Err(format!("comes back as {found}"))
    }
}

#[test]
fn encoding_undoes_decoding() {
    for_every_body(Manner::Exact, |payload, sent| comes_back(payload, &sent));
}

#[test]
fn types_survive_what_no_document_lists() {
    for_every_body(Manner::Loose, |payload, sent| comes_back(payload, &sent));
}

#[test]
fn answers_may_be_incomplete() {
    for_every_body(Manner::Exact, |payload, sent| match payload {
        Payload::Answer(read_back) => may_be_incomplete(read_back, &sent.sent).map(|_| ()),
        _ => Ok(()),
    });
}
