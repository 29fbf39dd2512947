//! Reports the omitted operations and the assumptions of a run, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Generated;
use crate::document::diagnostic::Diagnostic;

/// Returns a paragraph for each operation that was left out, and a line for each note: some
/// documents list three media types for every response.
pub(crate) fn text(generated: &Generated, color: bool) -> String {
    let mut text = String::new();
    for operation in &generated.left_out {
        let _ = writeln!(text, "left out: {}", operation.operation);
        for reason in &operation.reasons {
            let _ = writeln!(text, "{}\n", reason.render(color));
        }
    }
    for note in &generated.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

/// Returns `{"left_out": [{operation, reasons}], "notes": […]}`. A reason and a note have `file`,
/// `line`, `column`, `message` and `help`.
pub(crate) fn json(generated: &Generated) -> serde_json::Result<String> {
    let left_out = generated.left_out.iter().map(|operation| {
        let reasons: Vec<Value> = operation.reasons.iter().map(diagnostic).collect();
        json!({ "operation": operation.operation, "reasons": reasons })
    });
    let left_out: Vec<Value> = left_out.collect();
    let notes: Vec<Value> = generated.notes.iter().map(diagnostic).collect();
    let text = serde_json::to_string(&json!({ "left_out": left_out, "notes": notes }))?;
    Ok(text + "\n")
}

/// Returns `{"errors": […]}` for a document that was rejected.
pub(crate) fn errors_as_json(errors: &[Diagnostic]) -> serde_json::Result<String> {
    let errors: Vec<Value> = errors.iter().map(diagnostic).collect();
    Ok(serde_json::to_string(&json!({ "errors": errors }))? + "\n")
}

/// Returns a diagnostic as an object.
pub(crate) fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.location.as_ref();
    json!({
        "file": place.map(|place| place.file.path.display().to_string()),
        "line": place.map(|place| place.line()),
        "column": place.map(|place| place.column()),
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}
