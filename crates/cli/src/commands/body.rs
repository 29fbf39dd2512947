//! The body of a request: a file, with flags and constants over it.

use std::io::Read as _;

use clap::ArgMatches;
use scorekit::runtime::Method;
use serde_json::{Map, Value};

use super::operation::{flag_name, flag_value};
use crate::catalog::{Command, Place};
use crate::exit::Failure;
use crate::interrupt;

/// Returns the body of a command; `None` if it has none, or nothing was given for an optional one.
pub(super) fn of(command: &Command, matches: &ArgMatches) -> Result<Option<Value>, Failure> {
    let Some(described) = &command.body else {
        return Ok(None);
    };
    let file = matches.get_one::<String>("body");
    let mut body = file.map(|file| read(file)).transpose()?;
    for flag in command.flags.iter().filter(|it| it.place == Place::Body) {
        if let Some(value) = flag_value(flag, matches)? {
            let body = body.get_or_insert_with(|| Value::Object(Map::new()));
            set(body, flag.wire, value)
                .ok_or_else(|| Failure::usage(conflict(&flag_name(flag), flag.wire)))?;
        }
    }
    if body.is_none() && !described.required {
        return Ok(None);
    }
    let mut body = body.unwrap_or_else(|| Value::Object(Map::new()));
    for constant in described.constants {
        let (outer, _) = constant.pointer.rsplit_once('/').unwrap_or_default();
        let is_needed = constant.required || body.pointer(outer).is_some_and(Value::is_object);
        if is_needed && body.pointer(constant.pointer).is_none() {
            // A body that is not an object is left to the server.
            let _ = set(&mut body, constant.pointer, Value::from(constant.value));
        }
    }
    Ok(Some(body))
}

/// Returns an error if a required property of the body is missing.
pub(super) fn check_required(command: &Command, body: &Value) -> Result<(), Failure> {
    let flags = command.flags.iter();
    let missing: Vec<String> = flags
        .filter(|flag| flag.place == Place::Body && flag.required)
        .filter(|flag| body.pointer(flag.wire).is_none())
        .map(|flag| format!("--{}", flag_name(flag)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "cannot call {}: required properties are missing: {}",
        command.operation.id,
        missing.join(", ")
    );
    Err(Failure::usage(message).with_help("set these flags, or pass the body with --body"))
}

/// Returns an error if an update has no property. A server may take it for the removal of all.
pub(super) fn check_change(command: &Command, matches: &ArgMatches) -> Result<(), Failure> {
    let operation = command.operation;
    let is_update = operation.method == Method::PUT || operation.method == Method::PATCH;
    let flags = command.flags.iter().filter(|it| it.place == Place::Body);
    let mut names = flags.map(flag_name).chain(["body".to_owned()]);
    if !is_update || names.any(|name| matches.contains_id(&name)) {
        return Ok(());
    }
    let message = format!("cannot call {}: no property is given", operation.id);
    Err(Failure::usage(message).with_help("set the flags of the body, or pass it with --body"))
}

fn conflict(flag: &str, pointer: &str) -> String {
    format!("cannot set --{flag}: something on the way to {pointer} in the body is not an object")
}

/// Reads a JSON file; `-` is standard input.
pub(super) fn read(file: &str) -> Result<Value, Failure> {
    let text = read_bytes(file)?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::usage(format!("cannot read {file}: it is not JSON: {error}")))
}

/// Reads a file; `-` is standard input.
pub(super) fn read_bytes(file: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match file {
        "-" => {
            let _waiting = interrupt::waiting("nothing was sent");
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
        }
        file => std::fs::read(file).map(|content| bytes = content),
    };
    read.map_err(|error| Failure::usage(format!("cannot read {file}: {error}")))?;
    Ok(bytes)
}

/// Sets the property at a JSON pointer, and adds the objects on the way. `None` if something else
/// is on the way.
pub(super) fn set(body: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let tokens = pointer.split('/').skip(1);
    let mut place = body;
    for token in tokens {
        let name = token.replace("~1", "/").replace("~0", "~");
        let object = place.as_object_mut()?;
        place = object
            .entry(name)
            .or_insert_with(|| Value::Object(Map::new()));
    }
    *place = value;
    Some(())
}
