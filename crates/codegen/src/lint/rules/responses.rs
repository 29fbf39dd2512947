//! Status codes. Callers only handle the responses that the document mentions.

use std::collections::BTreeMap;

use super::{Error, Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::{Document, Operation};

pub(super) static MISSING_SUCCESS: Rule = Rule {
    id: "missing-success",
    severity: Error,
    summary: "an operation without a 2xx status code, whose response is therefore unknown",
    help: "add the response with its 2xx status code to `responses`",
    check: Some(missing_success),
};

pub(super) static MISSING_FAILURE: Rule = Rule {
    id: "missing-failure",
    severity: Warning,
    summary: "an operation without a 4xx status code, as if every request were valid",
    help: "add the 4xx status codes that the vendor lists, or `default`",
    check: Some(missing_failure),
};

pub(super) static MISSING_STATUS: Rule = Rule {
    id: "missing-status",
    severity: Warning,
    summary: "an operation without a 401, 403, 429 or 5xx that most others of its resource have",
    help: "add the status code; if the vendor does not list it, write that in `x-lint-allow`",
    check: Some(missing_status),
};

fn missing_success(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        let succeeds = |status: &str| status.starts_with('2');
        if !operation.responses().any(|(status, _)| succeeds(status)) {
            let message = format!("the operation {} has no 2xx status code", operation.name());
            findings.add(place(operation), message);
        }
    }
}

fn missing_failure(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        let fails = |status: &str| status.starts_with('4') || status == "default";
        if !operation.responses().any(|(status, _)| fails(status)) {
            let message = format!("the operation {} has no 4xx status code", operation.name());
            findings.add(place(operation), message);
        }
    }
}

fn missing_status(document: &Document<'_>, findings: &mut Findings) {
    // These apply to every operation; a 404 or a 409 depends on the operation.
    let is_common =
        |status: &str| matches!(status, "401" | "403" | "429") || status.starts_with('5');
    let mut resources: BTreeMap<_, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in &document.operations {
        let resource = (operation.tag(), resource(operation));
        resources.entry(resource).or_default().push(operation);
    }
    for operations in resources.values() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (status, _) in operations
            .iter()
            .flat_map(|operation| operation.responses())
        {
            if is_common(status) {
                *counts.entry(status).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count * 2 > operations.len());
        for operation in operations {
            let documents = |wanted: &str| {
                let mut statuses = operation.responses();
                statuses.any(|(status, _)| status == wanted || status == "default")
            };
            let lacks = counts.keys().filter(|status| !documents(status));
            let lacks: Vec<&str> = lacks.copied().collect();
            if !lacks.is_empty() {
                let (name, lacks) = (operation.name(), lacks.join(", "));
                let message = format!(
                    "the operation {name} has no {lacks}, unlike most operations of its resource"
                );
                findings.add(place(operation), message);
            }
        }
    }
}

/// Returns the resource of an operation: its `x-resource`, or the last literal segment of its path.
fn resource<'a>(operation: &Operation<'a>) -> &'a str {
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    operation
        .text("x-resource")
        .or_else(|| operation.path.rsplit('/').find(literal))
        .unwrap_or_default()
}

/// Returns the location of its status codes.
fn place<'a>(operation: &Operation<'a>) -> &'a crate::document::diagnostic::Location {
    match operation.node.get("responses") {
        Some(_) => operation.node.key_location("responses"),
        None => operation.place(),
    }
}
