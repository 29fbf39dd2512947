//! `cargo xtask diff` against the compiler. For each kind of change, the command reports the effect
//! on code written against the old crate. The tests compile such code with the new crate.

mod bodies;
mod checks;
mod command;
mod compiled;
mod contexts;
mod documents;
mod generations;
mod meanings;
mod outside;
mod overlaps;
mod pairs;
mod parts;
mod properties;
mod references;
mod robust;
mod semver_checks;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scorekit_codegen::diff::interface::interface;
use scorekit_codegen::generate::{Generated, generate};

use self::table::Row;
use scorekit_test_support::workspace;

fn directory() -> PathBuf {
    workspace().join("tests/generator/diff")
}

fn base() -> String {
    std::fs::read_to_string(directory().join("base.yaml")).expect("the document")
}

/// Returns the document of a row.
fn edited(row: &Row) -> String {
    let mut text = base();
    for (from, to) in row.edits {
        let count = text.matches(from).count();
        assert_eq!(count, 1, "{}: {from:?} stands {count} times", row.name);
        text = text.replace(from, to);
    }
    text
}

fn generated(document: &Path) -> Generated {
    generate(document, &directory())
        .unwrap_or_else(|error| panic!("{}: {error}", document.display()))
}

/// Writes the table that begins with `head` to docs/diff.md, where it ends with an empty line.
fn write_table(head: &str, table: &str) {
    let path = workspace().join("docs/diff.md");
    let text = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = text.split_once(head).expect("the table's head");
    let after = rest.find("\n\n").map_or("", |end| &rest[end + 1..]);
    let wanted = format!("{before}{table}{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&path, &wanted).expect("the page");
        return;
    }
    assert!(
        text == wanted,
        "docs/diff.md is stale: run the test with INSTA_UPDATE=always, and with --include-ignored \
         if a step of its own runs it, and read what changes"
    );
}

/// Checks that the consumer names every item of the crates, because no row can break an unused one.
#[test]
fn the_consumer_uses_everything() {
    let consumer = std::fs::read_to_string(directory().join("consumer.rs")).expect("the consumer");
    let words: BTreeSet<&str> = consumer
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    let generated = generated(&directory().join("base.yaml"));
    let mut missing = Vec::new();
    for (_, sources) in &generated.crates {
        for path in interface(sources, generated.shared.as_ref()).keys() {
            // `types::Value: From<&str>` and `types::Kind::default()`: the traits are used as a
            // whole.
            let name = path
                .split([':', '.', '<', '('])
                .rfind(|part| !part.trim().is_empty());
            let name = name.expect("a name").trim();
            let is_trait = path.contains(": ") || path.ends_with("()");
            if !is_trait && !words.contains(name) {
                missing.push(path.clone());
            }
        }
    }
    assert!(missing.is_empty(), "the consumer does not use {missing:?}");
}

/// Compares each row of the table without compiling it.
#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn rows_have_their_kind_and_verdict() {
    let files = tempfile::tempdir().expect("a directory");
    let mut faults = String::new();
    // A document of another vendor has no bulk operations.
    let rows = table::ROWS.iter();
    let old = documents::read(files.path(), &base());
    for row in rows.filter(|row| !row.kind.starts_with("bulk")) {
        let new = documents::read(files.path(), &edited(row));
        let found = documents::between(&old, &new);
        let breaks = found.iter().any(|change| change.wire.breaks);
        if breaks != row.wire || !found.iter().any(|change| change.kind == row.kind) {
            faults.push_str(&format!("{}: {breaks}, not {}\n", row.name, row.wire));
            for change in found {
                let (kind, subject, what) = (change.kind, change.subject, change.what);
                let (breaks, why) = (change.wire.breaks, change.wire.why);
                faults.push_str(&format!("    {kind} {subject} {what} | {breaks}: {why}\n"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
