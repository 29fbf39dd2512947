//! Turns a union of string, number, boolean, object and array into the empty schema, which becomes
//! `serde_json::Value`. Some documents write "any JSON value" as such a union, usually a recursive
//! one.

use serde_json::Value;

use super::{for_each_schema, is_type};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::model::Domain;

pub(super) fn widen_any_values(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Some(variants) = UNION_KEYWORDS
            .iter()
            .find_map(|keyword| schema.get(keyword)?.as_array())
        else {
            return;
        };
        let lists = |kind: &str| {
            variants
                .iter()
                .any(|variant| is_type(variant, kind) && is_open(variant))
        };
        if ["string", "number", "boolean", "object", "array"]
            .iter()
            .all(|kind| lists(kind))
        {
            let description = schema.get("description").cloned();
            *schema = Value::Object(
                description
                    .map(|text| ("description".to_owned(), text))
                    .into_iter()
                    .collect(),
            );
        }
    });
}

/// Returns true if the variant accepts every value of its type.
fn is_open(variant: &Value) -> bool {
    variant.get("enum").is_none() && variant.get("properties").is_none()
}
