//! `cargo xtask lint`: what a valid document can still do wrong to those who read it or use what is generated from it.
//!
//! A rule is an entry of [`rules::RULES`] and a function that looks at the whole `document`; what it finds is a
//! [`Diagnostic`] with the rule's id. [`allow`] takes out what the document allows on purpose, [`report`] writes the
//! findings as text and as JSON.

pub mod allow;
mod document;
mod json_schema;
pub mod report;
pub mod rules;

use self::document::Document;
pub use self::rules::{RULES, Rule};
use crate::document::Loaded;
use crate::document::diagnostic::{Diagnostic, Location, Severity};

/// Everything the rules find in a loaded document and the document does not allow, in the order of the files and lines.
pub fn lint(loaded: &Loaded) -> Vec<Diagnostic> {
    run(loaded, &[Severity::Error, Severity::Warning])
}

/// What the rules of the level error find: what generated code should not be made from.
pub fn errors(loaded: &Loaded) -> Vec<Diagnostic> {
    run(loaded, &[Severity::Error])
}

fn run(loaded: &Loaded, severities: &[Severity]) -> Vec<Diagnostic> {
    let document = Document::new(loaded);
    let mut found = Vec::new();
    for rule in RULES
        .iter()
        .filter(|rule| severities.contains(&rule.severity))
    {
        let Some(check) = rule.check else { continue };
        let mut findings = Findings {
            rule,
            found: Vec::new(),
        };
        check(&document, &mut findings);
        found.extend(findings.found);
    }
    let mut found = allow::apply(&loaded.files, found, severities);
    let order = |finding: &'_ Diagnostic| (finding.rule, finding.message.clone());
    found.sort_by(|left, right| {
        let places = left.place().cmp(&right.place());
        places.then_with(|| order(left).cmp(&order(right)))
    });
    // What two operations share was looked at twice.
    found.dedup_by(|left, right| {
        left.rule == right.rule && left.message == right.message && left.place() == right.place()
    });
    found
}

/// What one rule has found so far.
pub(crate) struct Findings {
    rule: &'static Rule,
    found: Vec<Diagnostic>,
}

impl Findings {
    /// A finding at `location`, with the rule's own way out.
    fn add(&mut self, location: &Location, message: impl Into<String>) {
        self.add_with_help(location, message, self.rule.help);
    }

    /// A finding at `location` for which there is a closer way out than the rule's.
    fn add_with_help(
        &mut self,
        location: &Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.push(finding(self.rule, location, message, help));
    }

    /// A finding at `location` that speaks of a second place, too.
    fn add_with_related(
        &mut self,
        location: &Location,
        message: impl Into<String>,
        related: &Location,
        label: &str,
    ) {
        let finding = finding(self.rule, location, message, self.rule.help);
        self.found.push(finding.with_related(related, label));
    }
}

/// A diagnostic that carries the id and the level of `rule`.
fn finding(
    rule: &'static Rule,
    location: &Location,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        rule: Some(rule.id),
        severity: rule.severity,
        ..Diagnostic::new(location, message, help)
    }
}
