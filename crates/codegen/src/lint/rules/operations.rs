//! What every operation should have beside what OpenAPI demands.

use super::{Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::{Document, Operation, members, says};

pub(super) static MISSING_ID: Rule = Rule {
    id: "missing-operation-id",
    severity: Warning,
    summary: "an operation without an id, so that its method is called by its path",
    help: "add `operationId` with the vendor's name",
    check: Some(|document, findings| {
        lacking(document, findings, "operationId", |operation| {
            says(operation.node, "operationId")
        });
    }),
};

pub(super) static MISSING_TAG: Rule = Rule {
    id: "missing-tag",
    severity: Warning,
    summary: "an operation without a tag, which belongs to no crate",
    help: "name the tag whose crate it belongs to, as in `tags: [campaigns]`",
    check: Some(|document, findings| {
        lacking(document, findings, "tag", |operation| {
            operation.tag().is_some()
        });
    }),
};

pub(super) static MISSING_SUMMARY: Rule = Rule {
    id: "missing-summary",
    severity: Warning,
    summary: "an operation without a summary, which is the first line of its documentation and its line in lists",
    help: "add a `summary` of a few words, such as `List campaigns`",
    check: Some(|document, findings| {
        lacking(document, findings, "summary", |operation| {
            says(operation.node, "summary")
        });
    }),
};

pub(super) static MISSING_LINK: Rule = Rule {
    id: "missing-external-docs",
    severity: Warning,
    summary: "an operation that does not lead to the vendor's page, where it could be checked",
    help: "add `externalDocs: {url: …}` with the address of its page",
    check: Some(|document, findings| {
        lacking(
            document,
            findings,
            "link to the vendor's page",
            |operation| {
                let link = operation.node.get("externalDocs");
                link.is_some_and(|link| says(link, "url"))
            },
        );
    }),
};

pub(super) static MISSING_RESOURCE: Rule = Rule {
    id: "missing-resource",
    severity: Warning,
    summary: "an operation without `x-resource`, so that its place in the client depends on its path",
    help: "add `x-resource` with the plural that users say, as in `x-resource: campaigns`",
    check: Some(|document, findings| {
        lacking(document, findings, "`x-resource`", |operation| {
            says(operation.node, "x-resource")
        });
    }),
};

pub(super) static MISSING_VERB: Rule = Rule {
    id: "missing-verb",
    severity: Warning,
    summary: "an operation without `x-verb`, which the handle of its resource therefore lacks",
    help: "add `x-verb` with what it does to the resource, as in `x-verb: create`",
    check: Some(|document, findings| {
        lacking(document, findings, "`x-verb`", |operation| {
            says(operation.node, "x-verb")
        });
    }),
};

pub(super) static MISSING_EXAMPLE: Rule = Rule {
    id: "missing-example",
    severity: Warning,
    summary: "a body without an example, so that neither its schema nor its types are tried on anything",
    help: "add an `example` beside `schema`, with invented values as the vendor would send them",
    check: Some(missing_example),
};

fn lacking(
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
        let named = members(body.node.get("examples")).next().is_some();
        if body.node.get("example").is_none() && !named && !in_schema {
            let (holder, media_type) = (&body.holder, body.media_type);
            findings.add(
                body.key,
                format!("{holder} has no example of its `{media_type}` body"),
            );
        }
    }
}
