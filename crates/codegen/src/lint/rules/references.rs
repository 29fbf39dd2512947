//! References.

use super::{Error, Rule};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static SIBLINGS: Rule = Rule {
    id: "reference-siblings",
    severity: Error,
    summary: "a keyword next to a `$ref`: OpenAPI 3.0 ignores it",
    help: "move the `$ref` into `allOf: [{$ref: …}]`, next to which other keywords are allowed",
    check: Some(siblings),
};

fn siblings(document: &Document<'_>, findings: &mut Findings) {
    for schema in document
        .schemas
        .iter()
        .filter(|schema| schema.node.reference().is_some())
    {
        let keywords = schema.node.properties().into_iter().flatten();
        for (name, property) in
            keywords.filter(|(name, _)| *name != "$ref" && !name.starts_with("x-"))
        {
            let message = format!("`{name}` is ignored next to a `$ref`");
            findings.add(&property.key, message);
        }
    }
}
