//! An object of which a document says what it requires, and nothing of its fields, is a free-form object: there is no field
//! to require. progenitor would make a type without a name of it. Where it is a part of an `allOf`, what it requires are
//! fields of the other parts (see `merged_all_of`), so that is kept aside.

use crate::generate::markers::REQUIRED_OF_OTHERS;
use serde_json::Value;

use super::{for_each_schema, is_type};
use crate::generate::model::Domain;

pub(super) fn free_objects_without_fields(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        if !is_type(schema, "object") {
            return;
        }
        if let Value::Object(members) = schema
            && !["properties", "allOf"]
                .iter()
                .any(|keyword| members.contains_key(*keyword))
            && let Some(required) = members.remove("required")
        {
            members.insert(REQUIRED_OF_OTHERS.to_owned(), required);
        }
    });
}
