//! Every example payload of the document decodes into its type and encodes back to the same JSON.
//!
//! The table of payloads and types is generated. Error payloads have no generated type: the runtime reads them, and
//! the end-to-end tests see them arrive.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::generated::examples::EXAMPLES;
use scorekit_codegen::Generator;
use scorekit_codegen::document::node::escape_pointer_token;
use scorekit_test_support::{bundle, workspace};

/// An example payload.
pub(crate) struct Example {
    /// The operation, and `request` or the status.
    pub(crate) name: &'static str,
    /// The JSON pointer to the payload in the bundled document.
    pub(crate) pointer: &'static str,
    pub(crate) payload: Payload,
}

/// What a payload is, and what its type makes of it.
#[derive(Clone, Copy)]
pub(crate) enum Payload {
    /// It is sent, and has to be whole.
    Request(ReadBack),
    /// It comes, and need not be whole.
    Answer(ReadBack),
    /// It says what went wrong.
    Error,
}

/// Decodes a JSON text and encodes what came of it.
pub(crate) type ReadBack = fn(&str) -> Result<Value, String>;

/// Reads a text as `T` and gives back what `T` kept of it.
pub(crate) fn read_back<T: Serialize + DeserializeOwned>(text: &str) -> Result<Value, String> {
    let decoded: T =
        serde_json::from_str(text).map_err(|error| format!("does not decode: {error}"))?;
    let encoded =
        serde_json::to_string(&decoded).map_err(|error| format!("does not encode: {error}"))?;
    serde_json::from_str(&encoded).map_err(|error| format!("is no JSON any more: {error}"))
}

/// The payload comes back as it was.
fn round_trip(read_back: ReadBack, payload: &Value) -> Result<(), String> {
    let encoded = read_back(&payload.to_string())?;
    if encoded == *payload {
        Ok(())
    } else {
        Err(format!("comes back as {encoded:#}"))
    }
}

/// The payload decodes without any one of its members and with `null` in its place.
pub(crate) fn may_be_incomplete(read_back: ReadBack, payload: &Value) -> Result<usize, String> {
    let mut places = Vec::new();
    members(payload, String::new(), &mut places);
    for (parent, name) in &places {
        for null in [false, true] {
            let mut incomplete = payload.clone();
            let object = incomplete
                .pointer_mut(parent)
                .and_then(Value::as_object_mut)
                .ok_or_else(|| format!("{parent} is no object"))?;
            if null {
                object.insert(name.clone(), Value::Null);
            } else {
                object.remove(name);
            }
            read_back(&incomplete.to_string()).map_err(|error| {
                let how = if null { "null in" } else { "nothing in" };
                format!("with {how} {parent}/{name}: {error}")
            })?;
        }
    }
    Ok(places.len())
}

fn check(payload: Payload, value: &Value) -> Result<(), String> {
    match payload {
        Payload::Request(read_back) => round_trip(read_back, value),
        Payload::Answer(read_back) => {
            round_trip(read_back, value)?;
            match may_be_incomplete(read_back, value)? {
                0 => Err("has no member to leave out".to_owned()),
                _ => Ok(()),
            }
        }
        Payload::Error => error_body(value),
    }
}

/// Every member of every object within `value`: the pointer to the object, and the name.
fn members(value: &Value, pointer: String, places: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            // The vendor's sign for a map, whose values are no fields.
            for (name, member) in object.iter().filter(|(name, _)| *name != "<any-key>") {
                places.push((pointer.clone(), name.clone()));
                let token = escape_pointer_token(name);
                members(member, format!("{pointer}/{token}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                members(item, format!("{pointer}/{index}"), places);
            }
        }
        _ => {}
    }
}

/// The payload is an error body in one of the vendors' shapes.
fn error_body(payload: &Value) -> Result<(), String> {
    let errors = payload.get("errors").and_then(Value::as_array);
    match errors {
        Some(errors)
            if !errors.is_empty()
                && errors
                    .iter()
                    .all(|error| error.is_string() || error.is_object()) =>
        {
            Ok(())
        }
        None if payload["detail"].is_string() => Ok(()),
        _ => Err("is no error body".to_owned()),
    }
}

#[test]
fn every_example_round_trips() {
    let bundle = bundle();
    let mut failures = Vec::new();
    for Example {
        name,
        pointer,
        payload,
    } in EXAMPLES
    {
        let value = bundle
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{name}: nothing at {pointer}"));
        if let Err(failure) = check(*payload, value) {
            failures.push(format!("{name} ({pointer}) {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_operation_with_a_body_has_an_example() {
    let generation = Generator::for_workspace(workspace())
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let has = |name: String| EXAMPLES.iter().any(|example| example.name == name);
    for operation in generation
        .domains()
        .iter()
        .flat_map(|(domain, _)| &domain.operations)
    {
        if operation.request_body.is_some() {
            assert!(
                has(format!("{} request", operation.id)),
                "{} has no example request",
                operation.id
            );
        }
        let successes = operation
            .statuses
            .iter()
            .filter(|(status, _)| status.starts_with('2'));
        if operation.response_body.is_some() {
            assert!(
                successes
                    .into_iter()
                    .any(|(status, _)| has(format!("{} {status}", operation.id))),
                "{} has no example answer",
                operation.id
            );
        }
    }
}
