//! Constructs that the generator does not take.

use super::{Error, Rule};
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
    let read = partition::partition(&desugar(document.root), &options);
    for error in read.err().into_iter().flat_map(|errors| errors.0) {
        findings.add_diagnostic(error);
    }
}
