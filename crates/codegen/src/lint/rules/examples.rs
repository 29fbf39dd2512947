//! Examples, which the tests decode and users copy.

use super::{Error, Rule, Warning};
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, properties};
use crate::lint::json_schema;

pub(super) static INVALID: Rule = Rule {
    id: "invalid-example",
    severity: Error,
    summary: "an example that does not satisfy its schema",
    help: "correct the example, or the schema if the vendor sends such values",
    check: Some(invalid),
};

pub(super) static UNKNOWN_FIELD: Rule = Rule {
    id: "unknown-example-field",
    severity: Warning,
    summary: "a field of an example that its schema does not have",
    help: "add the field to the schema, or correct its name in the example",
    check: Some(unknown_fields),
};

fn invalid(document: &Document<'_>, findings: &mut Findings) {
    each(document, |schema, example| {
        for (place, problem) in json_schema::problems(document, schema, example) {
            findings.add(
                place,
                format!("the example does not satisfy its schema: {problem}"),
            );
        }
    });
}

fn unknown_fields(document: &Document<'_>, findings: &mut Findings) {
    each(document, |schema, example| {
        for (place, name) in json_schema::unknown_fields(document, schema, example) {
            findings.add(
                place,
                format!("the schema does not have the field `{name}`"),
            );
        }
    });
}

/// Calls `check` with every schema and each of its examples.
fn each<'a>(document: &Document<'a>, mut check: impl FnMut(&'a Node, &'a Node)) {
    let holders = document.bodies.iter().map(|body| body.node);
    for holder in holders.chain(document.parameters.iter().map(|parameter| parameter.node)) {
        let Some(schema) = holder.get("schema") else {
            continue;
        };
        if let Some(example) = holder.get("example") {
            check(schema, example);
        }
        for (_, example) in properties(holder.get("examples")) {
            if let Some(value) = example.node.get("value") {
                check(schema, value);
            }
        }
    }
    for schema in document
        .schemas
        .iter()
        .filter(|schema| schema.node.reference().is_none())
    {
        if let Some(example) = schema.node.get("example") {
            check(schema.node, example);
        }
    }
}
