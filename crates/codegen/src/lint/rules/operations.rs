//! Parts of an operation that OpenAPI does not require.

use super::{Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::{Document, Operation, properties, says};

pub(super) static MISSING_ID: Rule = required(
    "missing-operation-id",
    "an operation without an id, whose method is therefore named after its path",
    "add `operationId` with the vendor's name",
    |document, findings| {
        report(document, findings, "`operationId`", |operation| {
            says(operation.node, "operationId")
        });
    },
);

pub(super) static MISSING_TAG: Rule = required(
    "missing-tag",
    "an operation without a tag, which therefore belongs to no crate",
    "add the tag of its crate, as in `tags: [campaigns]`",
    |document, findings| {
        report(document, findings, "tag", |operation| {
            operation.tag().is_some()
        });
    },
);

pub(super) static MISSING_SUMMARY: Rule = required(
    "missing-summary",
    "an operation without a summary, which is the first line of its documentation",
    "add a `summary` of a few words, such as `List campaigns`",
    |document, findings| {
        report(document, findings, "`summary`", |operation| {
            says(operation.node, "summary")
        });
    },
);

pub(super) static MISSING_LINK: Rule = required(
    "missing-external-docs",
    "an operation without a link to the vendor's page, with which readers could compare it",
    "add `externalDocs: {url: …}` with the address of its page",
    |document, findings| {
        report(document, findings, "`externalDocs`", |operation| {
            let link = operation.node.get("externalDocs");
            link.is_some_and(|link| says(link, "url"))
        });
    },
);

pub(super) static MISSING_RESOURCE: Rule = required(
    "missing-resource",
    "an operation without `x-resource`, whose place in the client therefore depends on its path",
    "add `x-resource` with the plural that users call it by, as in `x-resource: campaigns`",
    |document, findings| {
        report(document, findings, "`x-resource`", |operation| {
            says(operation.node, "x-resource")
        });
    },
);

pub(super) static MISSING_VERB: Rule = required(
    "missing-verb",
    "an operation without `x-verb`, which the handle of its resource therefore lacks",
    "add `x-verb` with its effect on the resource, as in `x-verb: create`",
    |document, findings| {
        report(document, findings, "`x-verb`", |operation| {
            says(operation.node, "x-verb")
        });
    },
);

pub(super) static MISSING_EXAMPLE: Rule = required(
    "missing-example",
    "a body without an example, so that no test decodes it",
    "add an `example` next to `schema`, with invented values in the form that the vendor sends",
    missing_example,
);

/// Creates a rule for something that every operation should have.
const fn required(
    id: &'static str,
    summary: &'static str,
    help: &'static str,
    check: fn(&Document<'_>, &mut Findings),
) -> Rule {
    Rule {
        id,
        severity: Warning,
        summary,
        help,
        check: Some(check),
    }
}

/// Reports the operations without `what`.
fn report(
    document: &Document<'_>,
    findings: &mut Findings,
    what: &str,
    has_it: impl Fn(&Operation<'_>) -> bool,
) {
    for operation in document.operations.iter().filter(|node| !has_it(node)) {
        let message = format!("the operation {} has no {what}", operation.name());
        findings.add(operation.place(), message);
    }
}

fn missing_example(document: &Document<'_>, findings: &mut Findings) {
    for body in &document.bodies {
        let schema = body.node.get("schema");
        let in_schema =
            schema.is_some_and(|schema| document.resolve(schema).get("example").is_some());
        let named = properties(body.node.get("examples")).next().is_some();
        if body.node.get("example").is_none() && !named && !in_schema {
            let (holder, media_type) = (&body.holder, body.media_type);
            let message = format!("{holder} has no example of its `{media_type}` body");
            findings.add(body.key, message);
        }
    }
}
