//! The difference between our document and the vendor's, as text, Markdown and JSON.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::diff::render;
use crate::diff::report::Report;
use crate::document::diagnostic::counted;

/// The differences between our document and the vendor's.
#[derive(Clone, Debug, Serialize)]
pub struct VendorReport {
    /// The vendor's document.
    pub vendor: String,
    /// The version in it.
    pub version: String,
    /// The number of its operations, of all tags.
    pub operations: usize,
    /// The changes of taking it over, with the versions that the crates need. `None` if nothing
    /// can be taken over.
    pub changes: Option<Report>,
    /// The facts that differ and are not meant to: `- ` for the vendor's, `+ ` for ours.
    pub differences: Vec<String>,
    /// The differences that `vendor update` does not take over.
    pub by_hand: Vec<ByHand>,
    /// The texts and examples that differ, if they were asked for: `- ` for the vendor's, `+ ` for
    /// ours.
    pub prose: Vec<String>,
    /// The number of facts that differ on purpose.
    pub intended: usize,
    /// The entries of `spec/vendor.yaml` that match nothing any more.
    pub stale: Vec<String>,
}

/// A difference that has to be taken over by hand.
#[derive(Clone, Debug, Serialize)]
pub struct ByHand {
    /// The fact: `- ` for the vendor's, `+ ` for ours.
    pub fact: String,
    /// The reason, if there is a particular one.
    pub reason: Option<String>,
}

impl VendorReport {
    /// Returns true if something differs that is not meant to, or an entry of the list is stale.
    pub fn has_findings(&self) -> bool {
        !self.differences.is_empty() || !self.stale.is_empty()
    }
}

/// The result of an update.
#[derive(Clone, Debug)]
pub struct Updated {
    /// The changed files, relative to the workspace.
    pub files: Vec<PathBuf>,
    /// The differences that were not taken over.
    pub by_hand: Vec<ByHand>,
}

impl Updated {
    /// Returns the changed files and what is left to do, as text.
    pub fn summary(&self) -> String {
        let files = self.files.iter();
        let mut text: String = files
            .map(|file| format!("changed {}\n", file.display()))
            .collect();
        if !self.by_hand.is_empty() {
            let lines: Vec<_> = self.by_hand.iter().map(by_hand).collect();
            let _ = write!(text, "to take over by hand:\n{}", indented(&lines));
        }
        text
    }
}

/// Writes the report as text, in colour if `coloured` is true.
pub fn text(report: &VendorReport, coloured: bool) -> String {
    let mut text = match &report.changes {
        Some(changes) => render::text(changes, coloured),
        None => format!(
            "spec/openapi.yaml -> {}\n\nno change to take over\n",
            report.vendor
        ),
    };
    lists(report, &mut text, |heading, lines| {
        format!("\n{heading}\n{}", indented(lines))
    });
    let _ = writeln!(text, "\n{}", summary(report));
    text
}

/// Writes the report as Markdown.
pub fn markdown(report: &VendorReport) -> String {
    let mut text = match &report.changes {
        Some(changes) => render::markdown(changes),
        None => format!(
            "## spec/openapi.yaml → {}\n\nNo change to take over.\n",
            report.vendor
        ),
    };
    lists(report, &mut text, |heading, lines| {
        format!("\n### {heading}\n\n```text\n{}\n```\n", lines.join("\n"))
    });
    let _ = writeln!(text, "\n{}", summary(report));
    text
}

fn lists(report: &VendorReport, text: &mut String, section: impl Fn(&str, &[String]) -> String) {
    if !report.by_hand.is_empty() {
        let lines: Vec<_> = report.by_hand.iter().map(by_hand).collect();
        text.push_str(&section("to take over by hand", &lines));
    }
    if !report.prose.is_empty() {
        text.push_str(&section("texts that differ", &report.prose));
    }
    if !report.stale.is_empty() {
        let heading = "entries of spec/vendor.yaml that match nothing; remove them";
        text.push_str(&section(heading, &report.stale));
    }
}

/// Returns a difference and the reason why it is not taken over, in one line.
pub fn by_hand(difference: &ByHand) -> String {
    match &difference.reason {
        Some(reason) => format!("{} ({reason})", difference.fact),
        None => difference.fact.clone(),
    }
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn summary(report: &VendorReport) -> String {
    format!(
        "{} in {} differ; {} differ on purpose",
        counted(report.differences.len(), "fact"),
        counted(report.operations, "operation"),
        report.intended
    )
}
