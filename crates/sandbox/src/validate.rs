//! Checks requests and the sandbox's own answers against the document.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::call::{Call, comma_separated};
use crate::document::{Document, Location, Operation, Parameter};
use crate::errors::{ApiError, Problem, Reason, Source};

/// The parts of a request, as they came over the wire.
pub(crate) struct RawRequest<'r> {
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
}

/// Checks a request and turns it into a call. All problems are told at once.
pub(crate) fn read_call<'d>(
    document: &Document,
    operation: &'d Operation,
    path_values: Vec<(String, String)>,
    request: &RawRequest<'_>,
) -> Result<Call<'d>, ApiError> {
    let mut problems = Vec::new();
    let query = query_pairs(request.query);
    for (name, _) in &query {
        if operation.parameter(Location::Query, name).is_none() {
            problems.push(Problem::at(
                format!(
                    "{} has no such query parameter; it takes {}",
                    operation.id,
                    known_parameters(operation)
                ),
                Source::Parameter(name.clone()),
            ));
        }
    }
    let mut values = Vec::new();
    for parameter in &operation.parameters {
        let texts = sent_texts(parameter, &path_values, &query, request.headers);
        match read_parameter(document, parameter, &texts) {
            Ok(Some(value)) => values.push((parameter.location, parameter.name.clone(), value)),
            Ok(None) => {}
            Err(details) => {
                problems.extend(
                    details
                        .into_iter()
                        .map(|detail| Problem::at(detail, source_of(parameter))),
                );
            }
        }
    }
    let body = match read_body(document, operation, request) {
        Ok(body) => body,
        Err(found) => {
            problems.extend(found);
            Value::Null
        }
    };
    if !problems.is_empty() {
        return Err(ApiError::with(Reason::Invalid, problems));
    }
    let query: BTreeMap<_, _> = query.into_iter().collect();
    Ok(Call {
        operation,
        path: request.path.to_owned(),
        query,
        values,
        body,
    })
}

/// What is wrong with an answer of the sandbox itself; nothing if it is as the document says.
pub(crate) fn check_answer(
    document: &Document,
    operation: &Operation,
    status: u16,
    body: Option<&Value>,
) -> Result<(), String> {
    let Some(response) = operation.response(status) else {
        // Limits are set by whoever starts the sandbox, for any operation, and how a body is packed is no operation's
        // business; nobody documents a server's own faults.
        return if matches!(status, 415 | 429) || status >= 500 {
            Ok(())
        } else {
            Err(format!("status {status} is not documented"))
        };
    };
    match (&response.schema, body) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(format!(
            "status {status} has no body in the document, but one was answered"
        )),
        (Some(_), None) => Err(format!(
            "status {status} has a body in the document, but none was answered"
        )),
        (Some(schema), Some(body)) => {
            let mismatches = schema.mismatches(&document.schemas, body);
            if mismatches.is_empty() {
                return Ok(());
            }
            let told: Vec<_> = mismatches
                .iter()
                .map(|found| format!("at {}: {}", found.pointer, found.text))
                .collect();
            Err(told.join("; "))
        }
    }
}

/// The names and values of a query string, decoded.
fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn known_parameters(operation: &Operation) -> String {
    let names: Vec<_> = operation
        .parameters_in(Location::Query)
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn source_of(parameter: &Parameter) -> Source {
    match parameter.location {
        Location::Header => Source::Header(parameter.name.clone()),
        Location::Path | Location::Query => Source::Parameter(parameter.name.clone()),
    }
}

/// What a request holds for a parameter, one text per occurrence.
fn sent_texts(
    parameter: &Parameter,
    path_values: &[(String, String)],
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Vec<String> {
    let named = |pairs: &[(String, String)]| {
        let matching = pairs.iter().filter(|(name, _)| *name == parameter.name);
        matching.map(|(_, value)| value.clone()).collect()
    };
    match parameter.location {
        Location::Path => named(path_values),
        Location::Query => named(query),
        Location::Header => {
            let sent = headers.get_all(&parameter.name).iter();
            sent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect()
        }
    }
}

/// Reads a parameter's texts as the type that the document gives it and checks the value.
fn read_parameter(
    document: &Document,
    parameter: &Parameter,
    texts: &[String],
) -> Result<Option<Value>, Vec<String>> {
    let value = match (texts, parameter.kind.as_str()) {
        ([], _) if parameter.required => {
            return Err(vec![format!("{} is required", named(parameter))]);
        }
        ([], _) => return Ok(None),
        (texts, "array") if parameter.exploded => texts
            .iter()
            .map(|text| typed(text, &parameter.item_kind))
            .collect(),
        ([text], "array") => comma_separated(text)
            .map(|item| typed(item, &parameter.item_kind))
            .collect(),
        ([text], kind) => typed(text, kind),
        _ => {
            return Err(vec![format!(
                "{} is sent {} times, but takes one value",
                named(parameter),
                texts.len()
            )]);
        }
    };
    let mismatches = parameter.schema.mismatches(&document.schemas, &value);
    if mismatches.is_empty() {
        return Ok(Some(value));
    }
    Err(mismatches
        .into_iter()
        .map(|mismatch| format!("{}: {}", named(parameter), mismatch.text))
        .collect())
}

fn named(parameter: &Parameter) -> String {
    let place = match parameter.location {
        Location::Path => "path parameter",
        Location::Query => "query parameter",
        Location::Header => "header",
    };
    format!("{place} `{}`", parameter.name)
}

/// A parameter's text as the JSON type it is meant to have. Text that cannot be read so stays text, and the
/// schema then says what is wrong with it.
fn typed(text: &str, kind: &str) -> Value {
    let read = match kind {
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => text.parse::<f64>().ok().map(Value::from),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

/// Reads and checks the body.
fn read_body(
    document: &Document,
    operation: &Operation,
    request: &RawRequest<'_>,
) -> Result<Value, Vec<Problem>> {
    let whole = |detail: String| Err(vec![Problem::in_body("", detail)]);
    let Some(expected) = &operation.body else {
        return match request.body {
            [] => Ok(Value::Null),
            _ => whole(format!("{} takes no body; leave it out", operation.id)),
        };
    };
    if request.body.is_empty() {
        return if expected.required {
            whole("a body is required".to_owned())
        } else {
            Ok(Value::Null)
        };
    }
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let media_type = content_type
        .as_deref()
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    let Some(schema) = expected.media_types.get(&media_type.to_ascii_lowercase()) else {
        let known: Vec<_> = expected.media_types.keys().map(String::as_str).collect();
        let detail = format!(
            "header `Content-Type` is `{media_type}`; send `{}`",
            known.join("` or `")
        );
        return Err(vec![Problem::at(
            detail,
            Source::Header(CONTENT_TYPE.to_string()),
        )]);
    };
    let body: Value = match serde_json::from_slice(request.body) {
        Ok(body) => body,
        Err(error) => return whole(format!("not JSON: {error}")),
    };
    let mismatches = schema.mismatches(&document.schemas, &body);
    if mismatches.is_empty() {
        return Ok(body);
    }
    Err(mismatches
        .into_iter()
        .map(|mismatch| Problem::in_body(mismatch.pointer, mismatch.text))
        .collect())
}
