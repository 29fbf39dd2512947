//! Turns an object that has required properties but no `properties` into a free-form object,
//! because progenitor would create a type without a name. Without a type, it is any value. An empty
//! list of `properties` says as much as none, so it is removed. In an `allOf`, the required
//! properties belong to the other parts, so they are kept for the pass `merged_all_of`.

use serde_json::Value;

use super::{for_each_schema, is_type};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::markers::REQUIRED_OF_OTHERS;
use crate::generate::model::Domain;

pub(super) fn free_objects_without_fields(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_empty = properties.is_some_and(|properties| properties.is_empty());
        let says = |keyword: &str| schema.get(keyword).is_some();
        let is_bare = properties.is_none() && !UNION_KEYWORDS.iter().any(|keyword| says(keyword));
        let is_untyped = !says("type") && (is_empty || is_bare);
        if !is_type(schema, "object") && !is_untyped {
            return;
        }
        let has_fields = (properties.is_some() && !is_empty) || schema.get("allOf").is_some();
        if let (Value::Object(properties), true, false) = (&mut *schema, is_empty, has_fields) {
            properties.remove("properties");
        }
        if let Value::Object(properties) = schema
            && !has_fields
            && let Some(required) = properties.remove("required")
        {
            properties.insert(REQUIRED_OF_OTHERS.to_owned(), required);
        }
    });
}
