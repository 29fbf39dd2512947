//! A choice that lists a string, a number, a boolean, an object and an array says "any JSON value" the long way,
//! usually in a circle. It becomes the empty schema, which is `serde_json::Value`: one type that users know, that
//! keeps every value as it came, and that `null` does not break either.

use serde_json::Value;

use super::{for_each_schema, is_type};
use crate::generate::desugar::CHOICES;
use crate::generate::model::Domain;

pub(super) fn widen_any_values(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Some(variants) = CHOICES
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

/// Whether the variant takes every value of its type.
fn is_open(variant: &Value) -> bool {
    variant.get("enum").is_none() && variant.get("properties").is_none()
}
