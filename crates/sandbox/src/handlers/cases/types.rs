//! The types of cases, and their custom attributes.

use serde_json::{Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{delete, existing, resource};
use crate::request::{ApiError, Call, Problem, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("GetAllCaseTypes", |state, _| {
        let types: Vec<_> = state
            .all(Kind::CaseType)
            .map(|case_type| rendered(Kind::CaseType, case_type))
            .collect();
        Ok(Some(json!({ "data": types })))
    }),
    ("CreateCaseType", |state, call| {
        let case_type = Record::new(call.attributes());
        response(Kind::CaseType, &state.insert(Kind::CaseType, case_type))
    }),
    ("UpdateCaseType", |state, call| {
        let id = type_id(state, call)?.to_owned();
        change(state, call, Kind::CaseType, &id)
    }),
    ("DeleteCaseType", delete_type),
    ("GetAllCustomAttributes", |state, _| {
        let attributes = state.all(Kind::CustomAttribute);
        let attributes: Vec<_> = attributes
            .map(|attribute| rendered(Kind::CustomAttribute, attribute))
            .collect();
        Ok(Some(json!({ "data": attributes })))
    }),
    ("GetAllCustomAttributeConfigsByCaseType", list_of_type),
    ("CreateCustomAttributeConfig", create_attribute),
    ("UpdateCustomAttributeConfig", |state, call| {
        let id = attribute_id(state, call)?;
        change(state, call, Kind::CustomAttribute, &id)
    }),
    ("DeleteCustomAttributeConfig", |state, call| {
        let id = attribute_id(state, call)?;
        delete(state, Kind::CustomAttribute, &id)
    }),
];

/// The identifier of the type that every organization has.
pub(in crate::handlers) const STANDARD_TYPE: &str = "00000000-0000-0000-0000-000000000001";

/// Inserts the type that every organization has.
pub(in crate::handlers) fn insert_standard_type(state: &mut State) {
    state.choose_id(Some((Kind::CaseType, STANDARD_TYPE.to_owned())));
    let mut standard = Record::default();
    standard.set("name", "Standard");
    standard.set("description", "The default type of cases.");
    state.insert(Kind::CaseType, standard);
}

/// Changes a type or a custom attribute.
fn change(state: &mut State, call: &Call<'_>, kind: Kind, id: &str) -> HandlerResult {
    let Some(record) = state.get_mut(kind, id) else {
        return Err(ApiError::not_found(kind.name(), id));
    };
    let mut changes = call.attributes();
    // Responses do not have the source of a value or its options.
    changes.retain(|name, _| !["map_from", "type_data"].contains(&name.as_str()));
    record.merge(changes);
    response(kind, record)
}

/// Deletes a type and its attributes. The type is still listed, with the time of deletion, and its
/// cases stay. A second request changes nothing.
fn delete_type(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = call.path_str("case_type_id");
    let now = state.clock.now_text();
    let Some(case_type) = state.get_mut(Kind::CaseType, id) else {
        return Err(ApiError::not_found(Kind::CaseType.name(), id));
    };
    case_type
        .attributes
        .entry(DELETED_AT)
        .or_insert_with(|| now.into());
    state.retain(Kind::CustomAttribute, |attribute| {
        attribute.str("case_type_id") != id
    });
    Ok(None)
}

/// The attribute of a type that holds the time of its deletion.
const DELETED_AT: &str = "deleted_at";

/// Returns true if a type was deleted.
fn is_deleted(case_type: &Record) -> bool {
    case_type.attributes.contains_key(DELETED_AT)
}

/// Checks that the type exists that a value of the body names, and that it was not deleted.
///
/// # Errors
///
/// Returns an error if it does not exist or was deleted.
pub(super) fn open_type(state: &State, id: &str, pointer: &str) -> Result<(), ApiError> {
    match state.get(Kind::CaseType, id) {
        Some(case_type) if !is_deleted(case_type) => Ok(()),
        _ => Err(ApiError::missing_reference(
            pointer,
            Kind::CaseType.name(),
            id,
        )),
    }
}

/// Returns the identifier of the type that a path names. It must exist and not be deleted.
fn type_id<'c>(state: &State, call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.path_str("case_type_id");
    if is_deleted(existing(state, Kind::CaseType, id)?) {
        return Err(ApiError::not_found(Kind::CaseType.name(), id));
    }
    Ok(id)
}

fn list_of_type(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = type_id(state, call)?;
    let attributes = state.all(Kind::CustomAttribute);
    let attributes: Vec<_> = attributes
        .filter(|attribute| attribute.str("case_type_id") == id)
        .map(|attribute| rendered(Kind::CustomAttribute, attribute))
        .collect();
    Ok(Some(json!({ "data": attributes })))
}

fn create_attribute(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let id = type_id(state, call)?;
    let mut attribute = Record::new(call.attributes());
    attribute.set("case_type_id", id);
    let is_same = |other: &Record| {
        other.str("case_type_id") == id && other.str("key") == attribute.str("key")
    };
    if state.find(Kind::CustomAttribute, is_same).is_some() {
        let detail = format!(
            "the type has an attribute `{}`; choose another key",
            attribute.str("key")
        );
        return Err(ApiError::with(
            Reason::Conflict,
            vec![Problem::in_body("/data/attributes/key", detail)],
        ));
    }
    response(
        Kind::CustomAttribute,
        &state.insert(Kind::CustomAttribute, attribute),
    )
}

/// Returns the identifier of the attribute that a path names. It must belong to the type.
fn attribute_id(state: &State, call: &Call<'_>) -> Result<String, ApiError> {
    let of_type = type_id(state, call)?;
    let id = call.path_str("custom_attribute_id");
    let attribute = existing(state, Kind::CustomAttribute, id)?;
    if attribute.str("case_type_id") == of_type {
        Ok(id.to_owned())
    } else {
        Err(ApiError::not_found(Kind::CustomAttribute.name(), id))
    }
}

fn response(kind: Kind, record: &Record) -> HandlerResult {
    Ok(Some(json!({ "data": rendered(kind, record) })))
}

fn rendered(kind: Kind, record: &Record) -> Value {
    let mut attributes = record.attributes.clone();
    if kind == Kind::CaseType {
        attributes.entry(DELETED_AT).or_insert(Value::Null);
    }
    resource(kind, record, attributes)
}
