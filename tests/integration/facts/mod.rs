//! The document against the facts about the vendors' APIs. The facts list every operation,
//! parameter, body, status code, property, type, bound, default and enum value. They also list the
//! flags: required, nullable, deprecated, and additional properties.
//!
//! `facts/datadog.txt` and `facts/dcycle.txt` have a fact per line. [`vendor::facts`] writes the
//! document in the same form, and the test compares the two sets of lines. `spec/vendor.yaml` has
//! the lines that only one of them has on purpose, with the reasons. A line that no longer differs
//! fails the test. `cargo xtask vendor record` writes `facts/datadog.txt`.

use std::collections::BTreeSet;

use scorekit_codegen::vendor;
use scorekit_codegen::vendor::settings::Settings;
use scorekit_test_support::{bundle, workspace};

fn read(name: &str) -> String {
    let path = workspace().join("tests/integration/facts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Iterates over the lines of a file without empty lines and comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

#[test]
fn the_document_matches_the_facts() {
    let facts: BTreeSet<String> = ["datadog.txt", "dcycle.txt"]
        .iter()
        .flat_map(|name| lines(&read(name)).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let documented = vendor::facts(&bundle(), &[]);
    let [one, other] = [&facts, &documented].map(|facts| facts.len() * 10);
    assert!(
        !facts.is_empty() && one > facts.len().max(documented.len()) * 9 && other > 9 * one / 10,
        "{} facts, {} in the document",
        facts.len(),
        documented.len()
    );
    let settings = Settings::read(&workspace()).expect("spec/vendor.yaml");
    let deliberate = settings.reasons();
    let only_facts = facts.difference(&documented);
    let only_document = documented.difference(&facts);
    let differences: BTreeSet<String> = only_facts
        .map(|line| format!("- {line}"))
        .chain(only_document.map(|line| format!("+ {line}")))
        .collect();
    let is_deliberate = |line: &&String| deliberate.contains_key(line.as_str());
    let mut wrong: Vec<String> = differences
        .iter()
        .filter(|line| !is_deliberate(line))
        .cloned()
        .collect();
    let stale = deliberate
        .keys()
        .filter(|line| !differences.contains(**line));
    wrong.extend(stale.map(|line| format!("no longer a difference: {line}")));
    assert!(
        wrong.is_empty(),
        "the document (+) and the facts (-) differ in {} lines:\n{}\n\
         Correct the document, or add the line and its reason to spec/vendor.yaml.",
        wrong.len(),
        wrong.join("\n")
    );
}
