//! Every example payload of the document decodes into its type and encodes back to the same JSON.
//!
//! The table of payloads and types is generated. Error payloads have no generated type: the runtime reads them, and
//! the end-to-end tests see them arrive.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::generated::examples::EXAMPLES;
use crate::support::{bundle, workspace};

/// An example payload.
pub(crate) struct Example {
    /// The operation, and `request` or the status.
    pub(crate) name: &'static str,
    /// The JSON pointer to the payload in the bundled document.
    pub(crate) pointer: &'static str,
    /// Asserts what must hold for the payload.
    pub(crate) check: fn(&Value) -> Result<(), String>,
}

/// The payload decodes into `T` and encodes back to itself.
pub(crate) fn round_trip<T: Serialize + DeserializeOwned>(payload: &Value) -> Result<(), String> {
    let decoded: T = serde_json::from_value(payload.clone())
        .map_err(|error| format!("does not decode: {error}"))?;
    let encoded =
        serde_json::to_value(&decoded).map_err(|error| format!("does not encode: {error}"))?;
    if encoded == *payload {
        Ok(())
    } else {
        Err(format!("comes back as {encoded:#}"))
    }
}

/// The payload round-trips, and decodes without any one of its members and with `null` in its place.
pub(crate) fn answer<T: Serialize + DeserializeOwned>(payload: &Value) -> Result<(), String> {
    round_trip::<T>(payload)?;
    let mut places = Vec::new();
    members(payload, String::new(), &mut places);
    if places.is_empty() {
        return Err("has no member to leave out".to_owned());
    }
    for (parent, name) in places {
        for null in [false, true] {
            let mut incomplete = payload.clone();
            let object = incomplete
                .pointer_mut(&parent)
                .and_then(Value::as_object_mut)
                .ok_or_else(|| format!("{parent} is no object"))?;
            if null {
                object.insert(name.clone(), Value::Null);
            } else {
                object.remove(&name);
            }
            serde_json::from_value::<T>(incomplete).map_err(|error| {
                let how = if null { "with null in" } else { "without" };
                format!("does not decode {how} {parent}/{name}: {error}")
            })?;
        }
    }
    Ok(())
}

/// Every member of every object within `value`: the pointer to the object, and the name.
fn members(value: &Value, pointer: String, places: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            // The vendor's sign for a map, whose values are no fields.
            for (name, member) in object.iter().filter(|(name, _)| *name != "<any-key>") {
                places.push((pointer.clone(), name.clone()));
                let token = name.replace('~', "~0").replace('/', "~1");
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
pub(crate) fn error_body(payload: &Value) -> Result<(), String> {
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
        check,
    } in EXAMPLES
    {
        let payload = bundle
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{name}: nothing at {pointer}"));
        if let Err(failure) = check(payload) {
            failures.push(format!("{name} ({pointer}) {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_operation_with_a_body_has_an_example() {
    let (generated, _) =
        xtask::generate::plan(&workspace()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let has = |name: String| EXAMPLES.iter().any(|example| example.name == name);
    for operation in generated
        .crates
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
