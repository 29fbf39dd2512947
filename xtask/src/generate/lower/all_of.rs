//! `allOf` with one schema is how OpenAPI 3.0 puts a description beside a `$ref`. It means that schema and nothing
//! more, so it is replaced by it. A description that stands beside a bare `$ref` is treated alike: both are kept for
//! the documentation, which is written from the document and not from what progenitor sees.

use serde_json::Value;

use super::for_each_schema;
use crate::generate::model::Domain;

pub(super) fn unwrap_single_all_of(domain: &mut Domain) {
    for_each_schema(domain, |schema| {
        let Some([only]) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        else {
            return;
        };
        let (mut only, nullable) = (
            only.clone(),
            schema.get("nullable") == Some(&Value::Bool(true)),
        );
        if nullable {
            // A nullable reference keeps its `allOf`: nothing but it can carry the `nullable`.
            let Value::Object(members) = &mut only else {
                return;
            };
            if members.contains_key("$ref") {
                return;
            }
            members.insert("nullable".to_owned(), Value::Bool(true));
        }
        if let (Some(description), Value::Object(members)) = (schema.get("description"), &mut only)
        {
            members.insert("description".to_owned(), description.clone());
        }
        *schema = only;
    });
}
