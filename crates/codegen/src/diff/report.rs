//! The result of a comparison, crate by crate.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::api::{ApiChange, Effect};
use super::change::Change;
use crate::document::diagnostic::Diagnostic;
use crate::generate::report::diagnostic;

/// The changes between two documents and their effects.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The name of the old document.
    pub base: String,
    /// The name of the new document.
    pub document: String,
    /// True if any change breaks the wire.
    pub breaks_wire: bool,
    /// True if any change breaks the Rust API, or alters the behaviour of code that still compiles.
    pub breaks_rust: bool,
    /// The domain crates that differ.
    pub crates: Vec<CrateReport>,
    /// The version that each crate of the workspace needs.
    pub versions: Vec<Advice>,
    /// The version that all crates need together, because they share one.
    pub version: Advice,
    /// An entry for CHANGELOG.md.
    pub changelog: String,
    /// The operations of third-party documents that cannot be generated, and are not compared.
    pub left_out: Vec<NotCompared>,
    /// The notes about a third-party document that has no operations.
    #[serde(serialize_with = "as_objects")]
    pub notes: Vec<Diagnostic>,
}

/// An operation that one of the documents has and that cannot be generated.
#[derive(Clone, Debug, Serialize)]
pub struct NotCompared {
    /// The name of the document.
    pub document: String,
    /// The method and path of the operation.
    pub operation: String,
    /// The reasons.
    #[serde(serialize_with = "as_objects")]
    pub reasons: Vec<Diagnostic>,
}

/// Writes each diagnostic as `generate --format json` does.
fn as_objects<S: Serializer>(reasons: &[Diagnostic], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(reasons.iter().map(diagnostic))
}

/// The changes of one domain crate.
#[derive(Clone, Debug, Serialize)]
pub struct CrateReport {
    /// The crate.
    pub name: String,
    /// The domain.
    pub tag: String,
    /// True if a client built from the old document fails or misbehaves.
    pub breaks_wire: bool,
    /// The worst effect on code written against the old crate.
    pub rust: Effect,
    /// The changes of the document.
    pub changes: Vec<Change>,
    /// The changed items of the crate that no single change of the document explains.
    pub consequences: Vec<ApiChange>,
}

/// The size of a step from one version to the next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// No step: the crate is the same.
    None,
    /// The first release of a new crate.
    First,
    /// A fix: the API is the same.
    Fix,
    /// An addition: code written against the old version compiles.
    Addition,
    /// A break: code written against the old version does not compile, or behaves differently.
    Breaking,
}

/// The next version of a crate.
#[derive(Clone, Debug, Serialize)]
pub struct Advice {
    /// The crate.
    pub name: String,
    /// The size of the step.
    pub step: Step,
    /// The current version.
    pub current: String,
    /// The lowest next version.
    pub next: String,
    /// The reason in one sentence.
    pub why: String,
}

impl Report {
    /// Returns true if any change breaks the wire or the Rust API.
    pub fn breaks(&self) -> bool {
        self.breaks_wire || self.breaks_rust
    }

    /// Returns a paragraph for each operation that was left out, and the notes about a document
    /// without operations. Set `color` for a terminal.
    pub fn messages(&self, color: bool) -> String {
        let mut text = String::new();
        for left_out in &self.left_out {
            let (operation, document) = (&left_out.operation, &left_out.document);
            let _ = writeln!(text, "not compared: {operation} of {document}");
            for reason in &left_out.reasons {
                let _ = writeln!(text, "{}\n", reason.render(color));
            }
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }
}

impl CrateReport {
    /// Returns the step that the crate's version needs.
    pub(super) fn step(&self) -> Step {
        let differs = self
            .changes
            .iter()
            .flat_map(|change| &change.rust.changes)
            .chain(&self.consequences)
            .any(|change| change.after.is_some());
        match self.rust {
            Effect::Breaks | Effect::Silent => Step::Breaking,
            Effect::Compatible if differs => Step::Addition,
            Effect::Compatible => Step::Fix,
        }
    }
}
