//! References.

use super::{Error, Rule};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static SIBLINGS: Rule = Rule {
    id: "reference-siblings",
    severity: Error,
    summary: "a keyword beside a `$ref`, which OpenAPI 3.0 ignores: a description there is seen by some readers alone",
    help: "put the `$ref` into `allOf: [{$ref: …}]`, beside which other keywords count",
    check: Some(siblings),
};

fn siblings(document: &Document<'_>, findings: &mut Findings) {
    for schema in document
        .schemas
        .iter()
        .filter(|schema| schema.node.reference().is_some())
    {
        let members = schema.node.members().into_iter().flatten();
        for (name, member) in members.filter(|(name, _)| *name != "$ref" && !name.starts_with("x-"))
        {
            let message = format!("the `$ref` hides the `{name}` beside it");
            findings.add(&member.key, message);
        }
    }
}
