//! Writes findings as text and as JSON. `docs/lint.md` documents the JSON. Properties may be added
//! to it; while `version` stays the same, none is removed or changes its meaning.

use std::fmt::Write as _;

use serde::Serialize;

use super::RULES;
use crate::document::diagnostic::{Diagnostic, Location, Severity, counted};

/// The version of the JSON report.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: Option<&'a str>,
    level: String,
    message: &'a str,
    help: &'a str,
    #[serde(flatten)]
    place: Option<Place>,
    related: Option<Related<'a>>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    end: End,
}

#[derive(Serialize)]
struct End {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place,
}

impl From<&Location> for Place {
    fn from(location: &Location) -> Self {
        // Paths are written the same way on every machine.
        let path = location.file.path.iter();
        let path: Vec<_> = path.map(|part| part.to_string_lossy()).collect();
        Self {
            file: path.join("/").replacen("//", "/", 1),
            line: location.line(),
            column: location.column(),
            end: End {
                line: location.line(),
                column: location.column() + location.length(),
            },
        }
    }
}

/// Counts the findings of one level.
pub fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    let is_counted = |finding: &&Diagnostic| finding.severity == severity;
    findings.iter().filter(is_counted).count()
}

/// Writes the findings as JSON with a final newline.
pub fn json(findings: &[Diagnostic]) -> Result<String, serde_json::Error> {
    let report = Report {
        version: VERSION,
        errors: count(findings, Severity::Error),
        warnings: count(findings, Severity::Warning),
        findings: findings
            .iter()
            .map(|finding| Finding {
                rule: finding.rule,
                level: finding.severity.to_string(),
                message: &finding.message,
                help: &finding.help,
                place: finding.location.as_ref().map(Place::from),
                related: finding.related.as_deref().map(|(place, label)| Related {
                    message: label,
                    place: place.into(),
                }),
            })
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

/// Writes the findings and their number as text, in colour if `color` is true.
pub fn text(findings: &[Diagnostic], color: bool) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(text, "{}\n", finding.render(color));
    }
    let errors = counted(count(findings, Severity::Error), "error");
    let warnings = counted(count(findings, Severity::Warning), "warning");
    let _ = writeln!(text, "{errors} and {warnings} in the document");
    text
}

/// Writes the rules as a Markdown table.
pub fn table() -> String {
    let mut text = String::from("| rule | level | finding | help |\n| --- | --- | --- | --- |\n");
    for rule in RULES {
        let (id, severity, summary, help) = (rule.id, rule.severity, rule.summary, rule.help);
        let _ = writeln!(text, "| `{id}` | {severity} | {summary} | {help} |");
    }
    text
}
