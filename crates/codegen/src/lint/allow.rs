//! Exceptions in the document: `x-lint-allow: {rule-id: reason}` suppresses the findings of a rule
//! in the node around it, up to a whole file.
//!
//! An exception covers a range of the text, not of the tree. It therefore works at the top of a
//! file, in a path item, and in an unused schema.

use std::sync::Arc;

use super::document::properties;
use super::rules::{INVALID_ALLOWANCE, UNUSED_ALLOWANCE};
use super::{RULES, finding};
use crate::document::diagnostic::{Diagnostic, Location, Severity, SourceFile};
use crate::document::node::{self, Node, NodeValue};

/// The name of the extension.
pub const EXTENSION: &str = "x-lint-allow";

/// A line and a column, both from 1.
type Position = (usize, usize);

/// One entry of the extension and the range of text that it covers.
struct Allowance {
    rule: String,
    /// The location of the entry.
    key: Location,
    file: Arc<SourceFile>,
    /// The start of the node around it: its key, or the node itself.
    from: Position,
    /// The start of the next node.
    to: Position,
    used: bool,
}

impl Allowance {
    fn covers(&self, finding: &Diagnostic) -> bool {
        finding.rule == Some(self.rule.as_str())
            && finding.location.as_ref().is_some_and(|place| {
                let position = (place.line(), place.column());
                Arc::ptr_eq(&place.file, &self.file) && self.from <= position && position < self.to
            })
    }
}

/// Removes the findings that `files` allow, and adds findings for invalid and unused entries. An
/// entry may be unused only if the rules of all `severities` ran.
pub(super) fn apply(
    files: &[Arc<Node>],
    found: Vec<Diagnostic>,
    severities: &[Severity],
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut allowances = Vec::new();
    for file in files {
        collect(file, &mut allowances, &mut wrong);
    }
    let mut kept = Vec::new();
    for finding in found {
        let mut allowed = false;
        // Several entries may cover a finding, and all of them are used.
        for allowance in allowances.iter_mut().filter(|entry| entry.covers(&finding)) {
            allowance.used = true;
            allowed = true;
        }
        if !allowed {
            kept.push(finding);
        }
    }
    kept.extend(wrong);
    if severities.contains(&UNUSED_ALLOWANCE.severity) {
        let unused = allowances.iter().filter(|allowance| !allowance.used);
        kept.extend(unused.map(|allowance| {
            finding(
                &UNUSED_ALLOWANCE,
                &allowance.key,
                format!("the rule `{}` finds nothing here", allowance.rule),
                UNUSED_ALLOWANCE.help,
            )
        }));
    }
    kept
}

/// Collects the entries of one file.
fn collect(file: &Node, allowances: &mut Vec<Allowance>, wrong: &mut Vec<Diagnostic>) {
    // Each node with its range, and true if its keys are names of the document.
    let mut pending = vec![(file, (0, 0), (usize::MAX, usize::MAX), false)];
    while let Some((node, from, to, keys_are_names)) = pending.pop() {
        match &node.value {
            NodeValue::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let end = items.get(at + 1).map_or(to, |next| start(&next.location));
                    pending.push((item, start(&item.location), end, false));
                }
            }
            NodeValue::Object(entries) => {
                if !keys_are_names && let Some(list) = entries.get(EXTENSION) {
                    for (rule, key) in read(&list.key, &list.node, wrong) {
                        allowances.push(Allowance {
                            rule,
                            key,
                            file: Arc::clone(&node.location.file),
                            from,
                            to,
                            used: false,
                        });
                    }
                }
                for (at, (name, property)) in entries.iter().enumerate() {
                    if !keys_are_names && (node::holds_data(name) || name == EXTENSION) {
                        continue;
                    }
                    let next = entries.get_index(at + 1);
                    let end = next.map_or(to, |(_, next)| start(&next.key));
                    let names = !keys_are_names && node::holds_names(name);
                    pending.push((&property.node, start(&property.key), end, names));
                }
            }
            _ => {}
        }
    }
}

/// Returns the rules of one `x-lint-allow`, each with its location. An invalid entry is a finding.
fn read(key: &Location, list: &Node, wrong: &mut Vec<Diagnostic>) -> Vec<(String, Location)> {
    let mut add = |place: &Location, message: String| {
        let found = finding(&INVALID_ALLOWANCE, place, message, INVALID_ALLOWANCE.help);
        wrong.push(found);
    };
    let mut allowed = Vec::new();
    if list.properties().is_none_or(|entries| entries.is_empty()) {
        add(key, format!("`{EXTENSION}` has no entry"));
    }
    for (rule, property) in properties(Some(list)) {
        let reason = property.node.as_str().map(str::trim).unwrap_or_default();
        if !RULES.iter().any(|known| known.id == rule) {
            add(&property.key, format!("the rule `{rule}` does not exist"));
        } else if reason.is_empty() {
            add(
                &property.key,
                format!("the exception for `{rule}` has no reason"),
            );
        } else {
            allowed.push((rule.to_owned(), property.key.clone()));
        }
    }
    allowed
}

fn start(location: &Location) -> Position {
    (location.line(), location.column())
}
