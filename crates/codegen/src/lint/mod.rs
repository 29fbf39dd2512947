//! Checks a valid document for contradictions and omissions (`cargo xtask lint`).
//!
//! A rule is an entry of [`rules::RULES`] with a function that checks the whole `document`. A
//! finding is a [`Diagnostic`] with the id of its rule. [`allow`] removes the findings that the
//! document allows, and [`report`] writes the rest as text and as JSON.

pub mod allow;
mod document;
mod json_schema;
pub mod report;
pub mod rules;

use std::collections::BTreeSet;

use self::document::Document;
pub use self::rules::{RULES, Rule};
use crate::document::Loaded;
use crate::document::diagnostic::{Diagnostic, Location, Severity};

/// Returns the findings of all rules, except those that the document allows. They are sorted by
/// file and line.
pub fn lint(loaded: &Loaded) -> Vec<Diagnostic> {
    run(loaded, &[Severity::Error, Severity::Warning], |_| true)
}

/// Returns the findings of the rules with the level error. They make generated code wrong. The
/// caller generates the document, so what cannot be generated is not among them.
pub fn errors(loaded: &Loaded) -> Vec<Diagnostic> {
    let is_wanted = |rule: &Rule| rule.id != rules::NOT_GENERATED.id;
    run(loaded, &[Severity::Error], is_wanted)
}

fn run(
    loaded: &Loaded,
    severities: &[Severity],
    is_wanted: impl Fn(&Rule) -> bool,
) -> Vec<Diagnostic> {
    let document = Document::new(loaded);
    let mut found: Vec<Diagnostic> = Vec::new();
    for rule in RULES
        .iter()
        .filter(|rule| severities.contains(&rule.severity) && is_wanted(rule))
    {
        let Some(check) = rule.check else { continue };
        let mut findings = Findings {
            rule,
            found: Vec::new(),
        };
        check(&document, &mut findings);
        if rule.id == rules::NOT_GENERATED.id {
            // Other rules say more about the same mistake.
            let known: BTreeSet<_> = found.iter().map(Diagnostic::place).collect();
            let is_new = |finding: &Diagnostic| !known.contains(&finding.place());
            findings.found.retain(is_new);
        }
        found.extend(findings.found);
    }
    let mut found = allow::apply(&loaded.files, found, severities);
    let order = |finding: &'_ Diagnostic| (finding.rule, finding.message.clone());
    found.sort_by(|left, right| {
        let places = left.place().cmp(&right.place());
        places.then_with(|| order(left).cmp(&order(right)))
    });
    // Two operations may share what was checked.
    found.dedup_by(|left, right| {
        left.rule == right.rule && left.message == right.message && left.place() == right.place()
    });
    found
}

/// The findings of one rule so far.
pub(crate) struct Findings {
    rule: &'static Rule,
    found: Vec<Diagnostic>,
}

impl Findings {
    /// Adds a finding at `location` with the help of the rule.
    fn add(&mut self, location: &Location, message: impl Into<String>) {
        self.add_with_help(location, message, self.rule.help);
    }

    /// Adds a finding at `location` with its own help.
    fn add_with_help(
        &mut self,
        location: &Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.push(finding(self.rule, location, message, help));
    }

    /// Adds a diagnostic of another stage as a finding.
    fn add_diagnostic(&mut self, diagnostic: Diagnostic) {
        self.found.push(Diagnostic {
            rule: Some(self.rule.id),
            severity: self.rule.severity,
            ..diagnostic
        });
    }

    /// Adds a finding at `location` that refers to a second location.
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

/// Creates a diagnostic with the id and the level of `rule`.
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
