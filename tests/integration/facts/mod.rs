//! The document against the facts about the vendors' APIs. The facts list every operation,
//! parameter, body, status code, property, type, bound, default and enum value. They also list the
//! flags: required, nullable, deprecated, and additional properties.
//!
//! `facts/datadog.txt` and `facts/dcycle.txt` have a fact per line. [`FactExtractor`] writes the
//! document in the same form, and the test compares the two sets of lines.
//! `facts/differences.txt` has the lines that only one of them has on purpose, each with the reason
//! below it. A line without a reason fails the test, and so does a line that no longer differs.

mod extractor;

use std::collections::{BTreeMap, BTreeSet};

use scorekit_test_support::{bundle, workspace};

use extractor::FactExtractor;

fn read(name: &str) -> String {
    let path = workspace().join("tests/integration/facts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Iterates over the lines of a file without empty lines and comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Returns the lines that differ on purpose, with their reasons.
fn deliberate_differences(text: &str) -> BTreeMap<String, String> {
    let mut deliberate: BTreeMap<String, String> = BTreeMap::new();
    let mut last = None;
    for line in lines(text) {
        match (line.strip_prefix("    "), &last) {
            (Some(reason), Some(last)) => {
                let reasons: &mut String = deliberate.entry(String::clone(last)).or_default();
                reasons.push_str(reason);
            }
            (Some(_), None) => panic!("differences.txt begins with a reason: {line}"),
            (None, _) => {
                deliberate.insert(line.to_owned(), String::new());
                last = Some(line.to_owned());
            }
        }
    }
    deliberate
}

#[test]
fn the_document_matches_the_facts() {
    let facts: BTreeSet<String> = ["datadog.txt", "dcycle.txt"]
        .iter()
        .flat_map(|name| lines(&read(name)).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let document = bundle();
    let documented = FactExtractor::extract(&document);
    assert!(
        facts.len() > 2_000 && documented.len() > 2_000,
        "{} facts, {} in the document",
        facts.len(),
        documented.len()
    );
    let deliberate = deliberate_differences(&read("differences.txt"));
    let only_facts = facts.difference(&documented);
    let only_document = documented.difference(&facts);
    let differences: BTreeSet<String> = only_facts
        .map(|line| format!("- {line}"))
        .chain(only_document.map(|line| format!("+ {line}")))
        .collect();
    let mut wrong: Vec<String> = differences
        .iter()
        .filter(|line| !deliberate.contains_key(*line))
        .cloned()
        .collect();
    for (line, reason) in &deliberate {
        if reason.is_empty() {
            wrong.push(format!("without a reason: {line}"));
        }
        if !differences.contains(line) {
            wrong.push(format!("no longer a difference: {line}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "the document (+) and the facts (-) differ in {} lines:\n{}\n\
         Correct the document, or add the line and its reason to \
         tests/integration/facts/differences.txt.",
        wrong.len(),
        wrong.join("\n")
    );
}
