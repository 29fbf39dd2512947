//! The Rust verdict of `cargo xtask diff` against cargo-semver-checks. That tool compares the items
//! that rustdoc lists, and documents which changes of an item it does not see yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use scorekit_codegen::diff::api::Effect;
use scorekit_codegen::generate::{Generated, generate};

use super::compiled::{compared, rust};
use super::generations::{TAGS, files};
use super::table::{ROWS, Row};
use super::{directory, edited, generated, write_table};
use crate::compiled::workspace::write_if_new as write;
use scorekit_test_support::{target, workspace};

const TYPES: &str = "it does not compare the types of fields";
const SWAPPED: &str = "it does not compare the names and the order of arguments";

/// Rows of the table of changes, and why the verdicts differ where they do.
const KINDS: [(&str, &str); 16] = [
    ("an optional field is added to a request", ""),
    ("a required field is added to a request", ""),
    ("an optional field is removed from a request", ""),
    ("an optional field of a request becomes required", ""),
    ("a 32-bit integer of a request becomes wider", TYPES),
    ("two required integers of a request change places", SWAPPED),
    ("an enum gets a value", ""),
    ("an enum of a request loses a value", ""),
    ("a union loses an alternative", ""),
    ("a schema is renamed", ""),
    ("an operation is removed", ""),
    ("an operation is renamed", ""),
    ("an optional parameter is added", ""),
    ("an optional parameter is removed", ""),
    ("a required parameter is added", ""),
    ("a response loses its body", ""),
];

const HEAD: &str = "| change | `cargo xtask diff` | cargo-semver-checks | why they differ |\n| --- | \
    --- | --- | --- |\n";

/// Returns the lints that fail for each row, by the number of the row.
fn failures(old: &Generated, all: &[(&Row, Generated)]) -> BTreeMap<usize, BTreeSet<String>> {
    let root = target().join("compiled/semver");
    for (version, is_old) in [("old", true), ("new", false)] {
        let mut library = "//! Generations.\n".to_owned();
        for (at, (_, new)) in all.iter().enumerate() {
            let _ = writeln!(library, "/// A row.\npub mod row{at:02} {{");
            for tag in TAGS {
                let shown = if is_old { old } else { new };
                let name = format!("row{at:02}");
                library.push_str(&module(&root.join(version), &name, tag, shown));
            }
            library.push_str("}\n");
        }
        let core = workspace().join("crates/core").display().to_string();
        let manifest = format!(
            "[package]\nname = \"generations\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \
             \"1\"\nscorekit-core = {{ path = {core:?}, default-features = false }}\n"
        );
        let directory = root.join(version);
        write(&directory.join("Cargo.toml"), &manifest);
        write(&directory.join("src/lib.rs"), &library);
        std::fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock"))
            .expect("a lock file");
    }
    reported(&run(&root))
}

/// Writes the crate of a tag as a module, and returns its declaration.
fn module(root: &Path, name: &str, tag: &str, generated: &Generated) -> String {
    let directory = root.join("src").join(name).join(tag).join("generated");
    let mut is_empty = true;
    for (path, content) in files(generated, tag) {
        is_empty = false;
        let own = format!("crate::{name}::{tag}::generated");
        write(
            &directory.join(path),
            &content.replace("crate::generated", &own),
        );
    }
    if is_empty {
        return String::new();
    }
    format!(
        "    /// A domain.\n    pub mod {tag} {{\n        mod generated;\n        pub use \
         generated::{{client::Client, requests, resources, types}};\n        pub use \
         scorekit_core::{{CallOptions, Config, Date, DateTime, Error, Items, Pages, Response}};\n    }}\n"
    )
}

/// Returns what cargo-semver-checks prints.
fn run(root: &Path) -> String {
    let tool = std::env::var("CARGO_SEMVER_CHECKS").map_or_else(
        |_| target().join("conformance/semver/bin/cargo-semver-checks"),
        PathBuf::from,
    );
    let output = Command::new(&tool)
        .arg("semver-checks")
        .args(["--release-type", "minor", "--color", "never"])
        .arg("--manifest-path")
        .arg(root.join("new/Cargo.toml"))
        .arg("--baseline-root")
        .arg(root.join("old"))
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", tool.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(said.contains("Checked"), "{printed}{said}");
    printed + &said
}

/// Returns the failed lints of each row. Each place of a failure names the module of the row.
fn reported(printed: &str) -> BTreeMap<usize, BTreeSet<String>> {
    let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let mut lint = "";
    for line in printed.lines() {
        if let Some(rest) = line.strip_prefix("--- ") {
            // A warning is no verdict.
            let failure = rest.strip_prefix("failure ").unwrap_or_default();
            lint = failure.split(':').next().unwrap_or_default();
        }
        let number = |rest: &str| rest.get(..2).and_then(|digits| digits.parse().ok());
        if let Some((_, rest)) = line.split_once("/row")
            && let Some(at) = number(rest)
            && !lint.is_empty()
        {
            found.entry(at).or_default().insert(lint.to_owned());
        }
    }
    found
}

#[test]
#[ignore = "needs cargo-semver-checks; tests/conformance/semver runs it"]
fn semver_checks_agrees_or_there_is_a_reason() {
    let old = generated(&directory().join("base.yaml"));
    let files = tempfile::tempdir().expect("a directory");
    let new = KINDS.map(|(name, _)| {
        let row = ROWS.iter().find(|row| row.name == name);
        let row = row.unwrap_or_else(|| panic!("no row is called {name}"));
        let path = files.path().join("new.yaml");
        std::fs::write(&path, edited(row)).expect("a file");
        let new = generate(&path, files.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        (row, new)
    });
    let failures = failures(&old, &new);
    let (mut table, mut faults) = (HEAD.to_owned(), Vec::new());
    for (at, ((name, reason), (_, new))) in KINDS.iter().zip(&new).enumerate() {
        let effect = rust(&compared(&old, new));
        let lints = failures.get(&at);
        if (effect > Effect::Compatible) == lints.is_some() && !reason.is_empty() {
            faults.push(format!("{name}: they agree ({effect:?})"));
        } else if (effect > Effect::Compatible) != lints.is_some() && reason.is_empty() {
            faults.push(format!("{name}: {effect:?}, but {lints:?}"));
        }
        let ours = match effect {
            Effect::Compatible => "fine",
            Effect::Silent => "**compiles, but behaves differently**",
            Effect::Breaks => "**breaks**",
        };
        let theirs = lints.map_or("fine".to_owned(), |lints| {
            let lints: Vec<String> = lints.iter().map(|lint| format!("`{lint}`")).collect();
            format!("**breaks**: {}", lints.join(", "))
        });
        let _ = writeln!(table, "| {name} | {ours} | {theirs} | {reason} |");
    }
    assert!(faults.is_empty(), "{}\n{table}", faults.join("\n"));
    write_table(HEAD, &table);
}
