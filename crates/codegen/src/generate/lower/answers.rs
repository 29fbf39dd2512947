//! Successes with different bodies become one type: an enum that `scorekit_core::response_enum!` declares. As with choices,
//! the schema is an object with a field for each body, from which progenitor finds the Rust types; the refining stage
//! makes the enum of it.

use crate::generate::markers::ANSWERS;
use serde_json::{Map, Value, json};

use crate::generate::model::{Domain, Schema, StatusAnswer, reference_to};

/// What the fields of such an object begin with, before their number.
const FIELD: &str = "answer";

pub(super) fn join_answers(domain: &mut Domain) {
    for operation in &mut domain.operations {
        if operation.answers.is_empty() {
            continue;
        }
        let mut name = format!("{}Answer", heck::AsPascalCase(&operation.id));
        // The same operation with a body of another media type has made it already.
        while domain
            .schemas
            .get(&name)
            .is_some_and(|known| known.value[ANSWERS] != listed(&operation.answers))
        {
            name.push('_');
        }
        let schema = Schema {
            value: object(&operation.id, &operation.answers),
            location: operation.location.clone(),
        };
        domain.schemas.insert(name.clone(), schema);
        operation.response_body = Some(reference_to(&name));
    }
}

fn object(id: &str, answers: &[StatusAnswer]) -> Value {
    let mut properties = Map::new();
    for (number, answer) in answers.iter().enumerate() {
        if let Some(schema) = &answer.schema {
            properties.insert(field(number, answer), schema.clone());
        }
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({
        "type": "object",
        "description": format!("What `{id}` answers."),
        "properties": properties,
        "required": required,
        ANSWERS: listed(answers),
    })
}

fn listed(answers: &[StatusAnswer]) -> Value {
    let entry = |(number, answer): (usize, &StatusAnswer)| {
        json!({
            "status": answer.status,
            "name": variant(&answer.status),
            "description": answer.description,
            "field": answer.schema.as_ref().map(|_| field(number, answer)),
        })
    };
    answers.iter().enumerate().map(entry).collect()
}

/// The name of the field for a body: those of all sort in the order of the document.
fn field(number: usize, answer: &StatusAnswer) -> String {
    format!(
        "{FIELD}{number:03}_{}",
        heck::AsSnakeCase(variant(&answer.status))
    )
}

/// What types inside the field `name` are called after.
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

/// The variant of a status, after its reason phrase
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
