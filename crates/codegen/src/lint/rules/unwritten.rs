//! Texts that a tool left for a person to write. They would become documentation of the crates.

use super::{Rule, Warning};
use crate::document::node::{Node, holds_data};
use crate::lint::Findings;
use crate::lint::document::{Document, properties};

pub(super) static TEXT: Rule = Rule {
    id: "unwritten-text",
    severity: Warning,
    summary: "a description, a summary or an OAuth scope that says `TODO`, as `cargo xtask new` \
              and `cargo xtask vendor update` write it",
    help: "write the text in your own words, from the vendor's page",
    check: Some(texts),
};

/// The word that stands for a text to be written.
const TODO: &str = "TODO";

fn texts(document: &Document<'_>, findings: &mut Findings) {
    let mut pending: Vec<(&Node, bool)> = document
        .files
        .iter()
        .map(|file| (file.as_ref(), false))
        .collect();
    while let Some((node, is_text)) = pending.pop() {
        if is_text && node.as_str().is_some_and(is_unwritten) {
            findings.add(&node.location, "a text is still to be written");
        }
        if let Some(security) = node.get("security") {
            scopes(security, findings);
        }
        pending.extend(node.items().iter().map(|item| (item, false)));
        let holds_texts = |name: &str| matches!(name, "x-enum-descriptions" | "scopes");
        for (name, property) in properties(Some(node)) {
            if holds_texts(name) {
                let texts = properties(Some(&property.node));
                pending.extend(texts.map(|(_, text)| (&text.node, true)));
            } else if !holds_data(name) {
                let is_text = ["description", "summary"].contains(&name);
                pending.push((&property.node, is_text));
            }
        }
    }
}

/// Reports the scopes that are to be written in a list of security requirements.
fn scopes(security: &Node, findings: &mut Findings) {
    let schemes = security.items().iter().flat_map(|it| properties(Some(it)));
    let scopes = schemes.flat_map(|(_, property)| property.node.items());
    for scope in scopes.filter(|scope| scope.as_str() == Some(TODO)) {
        let help = "write the scope that the vendor's document requires, or remove the scheme";
        findings.add_with_help(&scope.location, "a scope is still to be written", help);
    }
}

/// Returns true if a text has the word `TODO`.
pub(super) fn is_unwritten(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| word == TODO)
}
