//! The values of custom attributes, which the type of a case defines.

use serde_json::{Map, Value};

use crate::request::ApiError;
use crate::state::{Kind, Record, State};

/// The attribute of a case that holds the values, by key.
const VALUES: &str = "custom_attributes";

/// Returns the definition of a custom attribute of a case's type.
pub(super) fn definition<'s>(state: &'s State, case: &Record, key: &str) -> Option<&'s Record> {
    let type_id = case.str("type_id");
    state.find(Kind::CustomAttribute, |attribute| {
        attribute.str("key") == key && attribute.str("case_type_id") == type_id
    })
}

/// Checks the values of a new case: its type must define each, and each must match its definition.
///
/// # Errors
///
/// Returns an error if a value is not defined or does not match.
pub(super) fn check_all(state: &State, case: &Record) -> Result<(), ApiError> {
    let values = case.attributes.get(VALUES).and_then(Value::as_object);
    for (key, value) in values.into_iter().flatten() {
        let pointer = format!("/data/attributes/{VALUES}/{}", escape(key));
        match definition(state, case, key) {
            Some(definition) => check(definition, value, &pointer)?,
            None => {
                return Err(ApiError::invalid_body(
                    pointer,
                    format!("the case type has no custom attribute `{key}`; define it first"),
                ));
            }
        }
    }
    Ok(())
}

/// Escapes a key for a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Checks a value against the definition of its attribute.
///
/// # Errors
///
/// Returns an error if the value does not match.
pub(super) fn check(definition: &Record, sent: &Value, pointer: &str) -> Result<(), ApiError> {
    let (key, kind) = (definition.str("key"), definition.str("type"));
    let is_multi = definition.attributes.get("is_multi") == Some(&Value::Bool(true));
    let invalid = |property: &str, detail: String| {
        Err(ApiError::invalid_body(
            format!("{pointer}/{property}"),
            detail,
        ))
    };
    if sent["type"] != kind {
        let detail = format!("`{key}` is a {kind} attribute; send `{kind}`");
        return invalid("type", detail);
    }
    if sent["is_multi"] != is_multi {
        let detail = format!("`is_multi` of the attribute `{key}` is {is_multi}; send that");
        return invalid("is_multi", detail);
    }
    let value = &sent["value"];
    let fits = |value: &Value| value.is_number() == (kind == "NUMBER");
    let all_fit = match value {
        Value::Array(values) => is_multi && values.iter().all(fits),
        value => !is_multi && fits(value),
    };
    if all_fit {
        return Ok(());
    }
    invalid(
        "value",
        format!("{value} is not a value of the {kind} attribute `{key}`"),
    )
}

/// Returns true if a case has a value for an attribute.
pub(super) fn is_set(case: &Record, key: &str) -> bool {
    let values = case.attributes.get(VALUES);
    values.is_some_and(|values| values.get(key).is_some())
}

/// Changes the values of a case.
pub(super) fn change_values(case: &mut Record, change: impl FnOnce(&mut Map<String, Value>)) {
    let mut values = match case.attributes.remove(VALUES) {
        Some(Value::Object(values)) => values,
        _ => Map::new(),
    };
    change(&mut values);
    case.set(VALUES, values);
}
