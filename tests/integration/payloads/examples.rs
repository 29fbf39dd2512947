//! Every example of the document decodes into its type and encodes back to the same JSON, except
//! for optional properties that are `null`.
//!
//! The table of examples and types is generated.

use serde_json::Value;

use super::{Codec, Example, Payload, check_incomplete};
use crate::generated::examples::EXAMPLES;
use scorekit_test_support::{bundle, documented_operations};

fn round_trip(codec: Codec, payload: &Value) -> Result<(), String> {
    let encoded = (codec.round_trip)(&payload.to_string())?;
    let mut expected = payload.clone();
    remove_lost_nulls(&mut expected, &encoded);
    if encoded == expected {
        Ok(())
    } else {
        Err(format!("encodes back to {encoded:#}"))
    }
}

/// Removes the properties that are `null` in a payload and missing in its encoding, because an
/// optional property reads both in the same way.
fn remove_lost_nulls(payload: &mut Value, encoded: &Value) {
    match payload {
        Value::Object(properties) => properties.retain(|name, value| {
            let encoded = encoded.get(name);
            remove_lost_nulls(value, encoded.unwrap_or(&Value::Null));
            !value.is_null() || encoded.is_some()
        }),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                remove_lost_nulls(item, &encoded[index]);
            }
        }
        _ => {}
    }
}

fn check(payload: Payload, value: &Value) -> Result<(), String> {
    match payload {
        Payload::Request(codec) => round_trip(codec, value),
        Payload::Response(codec) => {
            round_trip(codec, value)?;
            match check_incomplete(codec, value)? {
                0 => Err("has no property".to_owned()),
                _ => Ok(()),
            }
        }
        Payload::Error => check_error(value),
    }
}

/// Checks that the payload is an error body in one of the vendors' shapes.
fn check_error(payload: &Value) -> Result<(), String> {
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
        _ => Err("is not an error body".to_owned()),
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
    let has = |name: String| EXAMPLES.iter().any(|example| example.name == name);
    let mut count = 0;
    for operation in documented_operations(&bundle()) {
        let id = &operation.id;
        if operation.object.get("requestBody").is_some() {
            assert!(
                has(format!("{id} request")),
                "{id} has no example of a request"
            );
            count += 1;
        }
        let mut successes = operation
            .statuses()
            .filter(|status| status.starts_with('2'));
        if operation.has_response_body {
            assert!(
                successes.any(|status| has(format!("{id} {status}"))),
                "{id} has no example of a response"
            );
            count += 1;
        }
    }
    assert!(count > 100, "{count} bodies");
}
