//! The check of the sandbox's own responses against the document.

use serde_json::Value;

use crate::document::{Document, Operation};

/// Returns true if a response that breaks the document is an addition of the vendors' servers.
/// These are errors as objects, and the body of a 202.
pub(crate) fn is_addition(operation: &Operation, status: u16, body: Option<&Value>) -> bool {
    let Some(body) = body else { return false };
    if status == 202 {
        return operation.id == "UpdateScorecardOutcomes"
            && body.pointer("/data/type") == Some(&"async-request".into());
    }
    let is_object = |error: &Value| {
        ["detail", "status", "title"]
            .iter()
            .all(|name| error[name].is_string())
    };
    let errors = body.get("errors").and_then(Value::as_array);
    operation.response(status).is_some()
        && status >= 400
        && errors.is_some_and(|errors| errors.iter().all(is_object))
}

/// Checks a response against the document.
///
/// # Errors
///
/// Returns an error if the document does not allow it; the error lists the differences.
pub(crate) fn check_response(
    document: &Document,
    operation: &Operation,
    status: u16,
    body: Option<&Value>,
) -> Result<(), String> {
    let Some(response) = operation.response(status) else {
        // The caller sets rate limits, compression is independent of the operation, and servers do
        // not document their own failures.
        return if matches!(status, 415 | 429) || status >= 500 {
            Ok(())
        } else {
            Err(format!("status {status} is not documented"))
        };
    };
    match (&response.schema, body) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(format!(
            "status {status} has no body in the document, but the response has one"
        )),
        (Some(_), None) => Err(format!(
            "status {status} has a body in the document, but the response has none"
        )),
        (Some(schema), Some(body)) => {
            let mismatches = schema.mismatches(&document.schemas, body);
            if mismatches.is_empty() {
                return Ok(());
            }
            let differences: Vec<_> = mismatches
                .iter()
                .map(|found| format!("at {}: {}", found.pointer, found.text))
                .collect();
            Err(differences.join("; "))
        }
    }
}
