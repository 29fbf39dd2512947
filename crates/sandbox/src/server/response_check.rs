//! The check of the sandbox's own responses against the document.

use serde_json::Value;

use crate::document::{Document, Operation};

/// Checks a response against the document.
///
/// # Errors
///
/// If the document does not allow it; the error lists the differences.
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
