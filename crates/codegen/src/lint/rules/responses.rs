//! Statuses: what the document does not mention, nobody who reads it is prepared for.

use std::collections::BTreeMap;

use super::{Error, Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::{Document, Operation};

pub(super) static MISSING_SUCCESS: Rule = Rule {
    id: "missing-success",
    severity: Error,
    summary: "an operation that documents no 2xx status, so that nobody knows what it answers",
    help: "add the response of its 2xx status to `responses`",
    check: Some(missing_success),
};

pub(super) static MISSING_FAILURE: Rule = Rule {
    id: "missing-failure",
    severity: Warning,
    summary: "an operation that documents no 4xx status, as if nothing could be wrong with a request",
    help: "add the 4xx statuses that the vendor lists, or `default`",
    check: Some(missing_failure),
};

pub(super) static MISSING_STATUS: Rule = Rule {
    id: "missing-status",
    severity: Warning,
    summary: "an operation without a 401, 403, 429 or 5xx that most operations of its resource document",
    help: "add the status; if the vendor does not list it, say so in `x-lint-allow`",
    check: Some(missing_status),
};

fn missing_success(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        let succeeds = |status: &str| status.starts_with('2');
        if !operation.responses().any(|(status, _)| succeeds(status)) {
            let message = format!("the operation {} documents no success", operation.name());
            findings.add(place(operation), message);
        }
    }
}

fn missing_failure(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        let fails = |status: &str| status.starts_with('4') || status == "default";
        if !operation.responses().any(|(status, _)| fails(status)) {
            let message = format!("the operation {} documents no 4xx status", operation.name());
            findings.add(place(operation), message);
        }
    }
}

fn missing_status(document: &Document<'_>, findings: &mut Findings) {
    // Whatever is asked for can be refused for these reasons; a 404 or a 409 depends on it.
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
                    "the operation {name} does not document {lacks}, as most of its resource do"
                );
                findings.add(place(operation), message);
            }
        }
    }
}

/// What an operation belongs to: the resource it names, or the last segment of its path that is no parameter.
fn resource<'a>(operation: &Operation<'a>) -> &'a str {
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    operation
        .text("x-resource")
        .or_else(|| operation.path.rsplit('/').find(literal))
        .unwrap_or_default()
}

/// Where its statuses stand.
fn place<'a>(operation: &Operation<'a>) -> &'a crate::document::diagnostic::Location {
    match operation.node.get("responses") {
        Some(_) => operation.node.key_location("responses"),
        None => operation.place(),
    }
}
