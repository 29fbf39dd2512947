//! `cargo xtask diff` against the compiler. For each kind of change, the command reports the effect
//! on code written against the old crate. The tests compile such code with the new crate.

mod command;
mod compiled;
mod generations;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scorekit_codegen::diff::interface::interface;
use scorekit_codegen::generate::{Generated, generate};

use self::table::Row;
use scorekit_test_support::workspace;

fn directory() -> PathBuf {
    workspace().join("crates/codegen/tests/generator/diff")
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
        for path in interface(sources).keys() {
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
