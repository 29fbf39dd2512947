//! Constructs that the generator does not take.

use super::{Error, Rule};
use crate::document::diagnostic::Diagnostic;
use crate::document::node::Node;
use crate::generate::desugar::desugar;
use crate::generate::{Options, partition};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(crate) static REJECTED: Rule = Rule {
    id: "not-generated",
    severity: Error,
    summary: "a construct that `cargo xtask generate` rejects, so that its operation has no code",
    help: "write it as OpenAPI 3.0 has it, or more simply",
    check: Some(rejected),
};

/// Splits the document by tag, as the generator does, and reports what it rejects. Missing ids and
/// tags have rules of their own.
fn rejected(document: &Document<'_>, findings: &mut Findings) {
    let options = Options {
        uses_defaults: true,
        ..Options::default()
    };
    let version = document.root.get("openapi").and_then(Node::as_str);
    let needs_paths = version.is_some_and(|version| version.starts_with("3.0"));
    if needs_paths && document.root.get("paths").is_none() {
        findings.add_diagnostic(Diagnostic::new(
            &document.root.location,
            "the document has no `paths`",
            "list its operations under `paths`, or write `paths: {}` if there are none",
        ));
    }
    let read = partition::partition(&desugar(document.root), &options);
    for error in read.err().into_iter().flat_map(|errors| errors.0) {
        findings.add_diagnostic(error);
    }
}
