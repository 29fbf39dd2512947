//! Types of cases, and the custom attributes that a type gives its cases.

use serde_json::{Value, json};

use super::super::{Answer, Entry, delete, existing, resource};
use super::merge;
use crate::call::Call;
use crate::errors::{ApiError, Problem, Reason};
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
        let case_type = sent(call);
        answer(Kind::CaseType, &state.insert(Kind::CaseType, case_type))
    }),
    ("UpdateCaseType", |state, call| {
        let id = call.path_text("case_type_id");
        change(state, call, Kind::CaseType, id)
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

/// The type that every organization has.
pub(in crate::handlers) fn seed(state: &mut State) {
    let mut standard = Record::default();
    standard.set("name", "Standard");
    standard.set(
        "description",
        "The type of cases that need nothing of their own.",
    );
    state.insert(Kind::CaseType, standard);
}

fn sent(call: &Call<'_>) -> Record {
    Record {
        attributes: call.attributes(),
        ..Record::default()
    }
}

fn change(state: &mut State, call: &Call<'_>, kind: Kind, id: &str) -> Answer {
    let Some(record) = state.get_mut(kind, id) else {
        return Err(ApiError::not_found(kind.name(), id));
    };
    let mut changes = call.attributes();
    // Where a value comes from, and what may be chosen, is no part of what is answered.
    changes.retain(|name, _| !["map_from", "type_data"].contains(&name.as_str()));
    merge(&mut record.attributes, changes);
    let record = record.clone();
    answer(kind, &record)
}

/// A type takes its attributes along. That a type is in use keeps it.
fn delete_type(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.path_text("case_type_id").to_owned();
    if state.all(Kind::Case).any(|case| case.text("type_id") == id) {
        return Err(ApiError::new(
            Reason::Conflict,
            "there are cases of this type; it cannot be deleted",
        ));
    }
    state.retain(Kind::CustomAttribute, |attribute| {
        attribute.text("case_type_id") != id
    });
    delete(state, Kind::CaseType, &id)
}

/// The type that a path names.
fn type_id<'c>(state: &State, call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.path_text("case_type_id");
    existing(state, Kind::CaseType, id).map(|_| id)
}

fn list_of_type(state: &mut State, call: &Call<'_>) -> Answer {
    let id = type_id(state, call)?;
    let attributes = state.all(Kind::CustomAttribute);
    let attributes: Vec<_> = attributes
        .filter(|attribute| attribute.text("case_type_id") == id)
        .map(|attribute| rendered(Kind::CustomAttribute, attribute))
        .collect();
    Ok(Some(json!({ "data": attributes })))
}

fn create_attribute(state: &mut State, call: &Call<'_>) -> Answer {
    let id = type_id(state, call)?;
    let mut attribute = sent(call);
    attribute.set("case_type_id", id);
    let is_same = |other: &Record| {
        other.text("case_type_id") == id && other.text("key") == attribute.text("key")
    };
    if state.find(Kind::CustomAttribute, is_same).is_some() {
        let detail = format!(
            "the type has an attribute `{}` already",
            attribute.text("key")
        );
        return Err(ApiError::with(
            Reason::Conflict,
            vec![Problem::in_body("/data/attributes/key", detail)],
        ));
    }
    answer(
        Kind::CustomAttribute,
        &state.insert(Kind::CustomAttribute, attribute),
    )
}

/// The attribute that a path names, which has to be one of the type's.
fn attribute_id(state: &State, call: &Call<'_>) -> Result<String, ApiError> {
    let of_type = type_id(state, call)?;
    let id = call.path_text("custom_attribute_id");
    let attribute = existing(state, Kind::CustomAttribute, id)?;
    if attribute.text("case_type_id") == of_type {
        Ok(id.to_owned())
    } else {
        Err(ApiError::not_found(Kind::CustomAttribute.name(), id))
    }
}

fn answer(kind: Kind, record: &Record) -> Answer {
    Ok(Some(json!({ "data": rendered(kind, record) })))
}

fn rendered(kind: Kind, record: &Record) -> Value {
    resource(kind, record, record.attributes.clone())
}
