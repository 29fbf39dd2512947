//! Turns an object that has required properties but no `properties` into a free-form object,
//! because progenitor would create a type without a name. In an `allOf`, the required properties
//! belong to the other parts, so they are kept for the pass `merged_all_of`.

use serde_json::Value;

use super::{for_each_schema, is_type};
use crate::generate::markers::REQUIRED_OF_OTHERS;
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
