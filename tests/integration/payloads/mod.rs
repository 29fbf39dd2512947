//! The payloads of the document against their generated types: examples, random payloads from
//! schemas, and changed payloads of the fuzzer's corpus.

mod examples;
mod fuzzing;
mod properties;

use scorekit_codegen::document::node::escape_pointer_token;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An example payload.
pub(crate) struct Example {
    /// The operation, and `request` or the status code.
    pub(crate) name: &'static str,
    /// The JSON pointer to the payload in the bundled document.
    pub(crate) pointer: &'static str,
    pub(crate) payload: Payload,
}

/// The role of a payload, with the functions of its type.
#[derive(Clone, Copy)]
pub(crate) enum Payload {
    /// A request body, which must be complete.
    Request(Codec),
    /// A successful response, which may be incomplete.
    Response(Codec),
    /// An error response. The runtime reads these, so there is no generated type.
    Error,
}

/// The functions of a payload's type.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    decode: fn(&str) -> Result<(), String>,
    round_trip: fn(&str) -> Result<Value, String>,
}

/// Returns the functions of `T`.
pub(crate) const fn codec<T: Serialize + DeserializeOwned>() -> Codec {
    Codec {
        decode: |json| decode::<T>(json).map(drop),
        round_trip: |json| {
            let decoded: T = decode(json)?;
            let encoded = serde_json::to_string(&decoded)
                .map_err(|error| format!("cannot encode: {error}"))?;
            serde_json::from_str(&encoded).map_err(|error| format!("is not JSON: {error}"))
        },
    }
}

fn decode<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    // As the client decodes responses.
    scorekit_core::test_hooks::decode(json.as_bytes())
        .map_err(|error| format!("cannot decode: {error}"))
}

/// Decodes a response without each of its properties, and with `null` in place of each. Returns the
/// number of properties.
fn check_incomplete(codec: Codec, response: &Value) -> Result<usize, String> {
    let mut properties = Vec::new();
    find_properties(response, String::new(), &mut properties);
    let mut response = response.clone();
    for (parent, name) in &properties {
        let value = object(&mut response, parent)?.insert(name.clone(), Value::Null);
        (codec.decode)(&response.to_string())
            .map_err(|error| format!("with null in {parent}/{name}: {error}"))?;
        object(&mut response, parent)?.remove(name);
        (codec.decode)(&response.to_string())
            .map_err(|error| format!("without {parent}/{name}: {error}"))?;
        object(&mut response, parent)?.insert(name.clone(), value.unwrap_or_default());
    }
    Ok(properties.len())
}

fn object<'a>(value: &'a mut Value, pointer: &str) -> Result<&'a mut Map<String, Value>, String> {
    let object = value.pointer_mut(pointer).and_then(Value::as_object_mut);
    object.ok_or_else(|| format!("{pointer} is not an object"))
}

/// Lists the properties of every object within `value`, as the pointer to the object and the name.
fn find_properties(value: &Value, pointer: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            // The vendor writes `<any-key>` for a map, whose values are not properties.
            for (name, property) in object.iter().filter(|(name, _)| *name != "<any-key>") {
                found.push((pointer.clone(), name.clone()));
                let token = escape_pointer_token(name);
                find_properties(property, format!("{pointer}/{token}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_properties(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}
