//! Texts that a tool left for a person to write. They would become documentation of the crates.

use super::{Rule, Warning};
use crate::document::node::{Node, holds_data};
use crate::lint::Findings;
use crate::lint::document::{Document, properties};

pub(super) static TEXT: Rule = Rule {
    id: "unwritten-text",
    severity: Warning,
    summary: "a description or summary that says `TODO`, as `cargo xtask vendor update` writes it",
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

/// Returns true if a text has the word `TODO`.
pub(super) fn is_unwritten(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| word == TODO)
}
