//! Joins the bodies of an operation whose successful responses differ into one schema, from which
//! the refining stage declares an enum (`scorekit_core::response_enum!`). As with unions, the
//! schema is an object with a field for each body, so that progenitor chooses the Rust types.

use serde_json::{Map, Value, json};

use crate::generate::markers::RESPONSES;
use crate::generate::model::{Domain, Schema, SchemaPath, StatusResponse, reference_to};

/// The prefix of the fields of such an object, before their number.
const FIELD: &str = "response";

pub(super) fn join_responses(domain: &mut Domain) {
    for operation in &mut domain.operations {
        if operation.responses.is_empty() {
            continue;
        }
        let mut name = format!("{}Response", heck::AsPascalCase(&operation.id));
        // The variant of the operation for another media type may have added it already.
        while domain
            .schemas
            .get(&name)
            .is_some_and(|known| known.value[RESPONSES] != listed(&operation.responses))
        {
            name.push('_');
        }
        let schema = Schema {
            value: object(&operation.id, &operation.responses).into(),
            location: operation.location.clone(),
            path: SchemaPath::response_body(operation),
        };
        domain.schemas.insert(name.clone(), schema);
        operation.response_body = Some(reference_to(&name));
    }
}

fn object(id: &str, responses: &[StatusResponse]) -> Value {
    let mut properties = Map::new();
    for (number, response) in responses.iter().enumerate() {
        if let Some(schema) = &response.schema {
            properties.insert(field(number, response), schema.clone());
        }
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({
        "type": "object",
        "description": format!("A response of `{id}`."),
        "properties": properties,
        "required": required,
        RESPONSES: listed(responses),
    })
}

fn listed(responses: &[StatusResponse]) -> Value {
    let entry = |(number, response): (usize, &StatusResponse)| {
        json!({
            "status": response.status,
            "name": variant(&response.status),
            "description": response.description,
            "field": response.schema.as_ref().map(|_| field(number, response)),
        })
    };
    responses.iter().enumerate().map(entry).collect()
}

/// Returns the name of the field for a body. The names sort in the order of the document.
fn field(number: usize, response: &StatusResponse) -> String {
    format!(
        "{FIELD}{number:03}_{}",
        heck::AsSnakeCase(variant(&response.status))
    )
}

/// Returns the part of the field `name` that types inside it are named after.
pub(super) fn shown_name(name: &str) -> &str {
    let rest = name
        .strip_prefix(FIELD)
        .and_then(|rest| rest.split_once('_'));
    match rest {
        Some((number, rest)) if number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()) => {
            rest
        }
        _ => name,
    }
}

/// Returns the variant of a status, after its reason phrase
/// (<https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml>).
fn variant(status: &str) -> String {
    let name = match status {
        "200" => "Ok",
        "201" => "Created",
        "202" => "Accepted",
        "203" => "NonAuthoritativeInformation",
        "204" => "NoContent",
        "205" => "ResetContent",
        "206" => "PartialContent",
        "207" => "MultiStatus",
        "208" => "AlreadyReported",
        "226" => "ImUsed",
        "2XX" => "Success",
        "default" => "Otherwise",
        other => return format!("Status{other}"),
    };
    name.to_owned()
}
