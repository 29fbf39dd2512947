//! The check of a request against the document.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::call::{Call, comma_separated};
use super::error::{ApiError, Problem, Reason, Source};
use crate::document::{Document, Location, Operation, Parameter, Schema, drop_unknown};

/// The parts of a request as sent.
pub(crate) struct RawRequest<'r> {
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
}

/// Checks a request and turns it into a call. Properties of the body that the document does not
/// list are dropped.
///
/// # Errors
///
/// Returns an error if anything breaks the document; the error has all problems.
pub(crate) fn read_call<'d>(
    document: &'d Document,
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
                    "{} has no such query parameter; send {}",
                    operation.id,
                    known_parameters(operation)
                ),
                Source::Parameter(name.clone()),
            ));
        }
    }
    let mut values = Vec::new();
    for parameter in &operation.parameters {
        let texts = sent_values(parameter, &path_values, &query, request.headers);
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
    let (body, dropped) = match read_body(document, operation, request) {
        Ok(read) => read,
        Err(found) => {
            problems.extend(found);
            (Value::Null, Vec::new())
        }
    };
    if !problems.is_empty() {
        return Err(ApiError::with(Reason::Invalid, problems));
    }
    let query: BTreeMap<_, _> = query.into_iter().collect();
    Ok(Call {
        document,
        operation,
        path: request.path.to_owned(),
        query,
        values,
        body,
        documented_only: true,
        max_page_size: usize::MAX,
        dropped,
    })
}

impl Call<'_> {
    /// Creates a call of another operation, whose body is checked like that of a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the document does not have the operation, or the body breaks its schema.
    pub(crate) fn of_operation(
        &self,
        operation_id: &str,
        mut body: Value,
    ) -> Result<Self, ApiError> {
        let mut operations = self.document.operations.iter();
        let operation = operations.find(|operation| operation.id == operation_id);
        let schema = operation
            .and_then(|operation| operation.body.as_ref())
            .and_then(|body| body.media_types.values().next());
        let (Some(operation), Some(schema)) = (operation, schema) else {
            let detail = format!("the document has no {operation_id} with a request body");
            return Err(ApiError::new(Reason::Internal, detail));
        };
        let problems = mismatches(self.document, schema, &body);
        if !problems.is_empty() {
            return Err(ApiError::with(Reason::Invalid, problems));
        }
        let dropped = without_unknown(self.document, schema, &mut body);
        Ok(Self {
            document: self.document,
            operation,
            path: self.path.clone(),
            query: BTreeMap::new(),
            values: Vec::new(),
            body,
            documented_only: self.documented_only,
            max_page_size: self.max_page_size,
            dropped,
        })
    }
}

/// Decodes the names and values of a query string.
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

/// Lists the query parameters of an operation, for messages.
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

/// Returns the values that a request has for a parameter, one string per occurrence.
fn sent_values(
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

/// Reads a parameter as the type that the document gives it, and checks the value.
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
                "{} is sent {} times; send one value",
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

/// Names a parameter and its location, for messages.
fn named(parameter: &Parameter) -> String {
    let location = match parameter.location {
        Location::Path => "path parameter",
        Location::Query => "query parameter",
        Location::Header => "header",
    };
    format!("{location} `{}`", parameter.name)
}

/// Reads a string as the JSON type of a parameter. A string that is not of that type stays a
/// string, and the schema reports it.
fn typed(text: &str, kind: &str) -> Value {
    let read = match kind {
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => text.parse::<f64>().ok().map(Value::from),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

/// Reads and checks the body. Returns it without the properties that the document does not list,
/// and the pointers of these.
fn read_body(
    document: &Document,
    operation: &Operation,
    request: &RawRequest<'_>,
) -> Result<(Value, Vec<String>), Vec<Problem>> {
    let nothing = || Ok((Value::Null, Vec::new()));
    let whole = |detail: String| Err(vec![Problem::in_body("", detail)]);
    let Some(expected) = &operation.body else {
        // Some clients send one of these for "no body".
        return match request.body.trim_ascii() {
            b"" | b"null" | b"{}" => nothing(),
            _ => whole(format!(
                "{} takes no request body; leave it out",
                operation.id
            )),
        };
    };
    if request.body.is_empty() {
        return if expected.required {
            whole("a request body is required".to_owned())
        } else {
            nothing()
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
    let mut body: Value = match serde_json::from_slice(request.body) {
        Ok(body) => body,
        Err(error) => return whole(format!("not JSON: {error}")),
    };
    let problems = mismatches(document, schema, &body);
    if problems.is_empty() {
        let dropped = without_unknown(document, schema, &mut body);
        Ok((body, dropped))
    } else {
        Err(problems)
    }
}

/// Returns the problems of a body with its schema.
pub(super) fn mismatches(document: &Document, schema: &Schema, body: &Value) -> Vec<Problem> {
    let found = schema.mismatches(&document.schemas, body);
    found
        .into_iter()
        .map(|mismatch| Problem::in_body(mismatch.pointer, mismatch.text))
        .collect()
}

/// Drops the properties of a body that its schema does not list or that only the server sets, and
/// returns their pointers.
pub(super) fn without_unknown(
    document: &Document,
    schema: &Schema,
    body: &mut Value,
) -> Vec<String> {
    drop_unknown(&document.root, schema.pointer(), body)
}
