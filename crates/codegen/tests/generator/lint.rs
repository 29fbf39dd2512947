//! `cargo xtask lint`: each rule on a small document that breaks it and nothing else, the
//! allow-list, and the forms in which findings are printed.

use std::path::{Path, PathBuf};

use scorekit_codegen::document::diagnostic::Severity;
use scorekit_codegen::document::load_with_files;
use scorekit_codegen::document::node::escape_pointer_token;
use scorekit_codegen::lint::{self, RULES};
use serde_json::Value;

use scorekit_test_support::{assert_snapshots, empty_workspace, files, workspace, xtask};

const CLEAN: &str = "clean";

/// Where the document that breaks the rule stands: a file, or a folder if it takes several.
fn document(name: &str) -> PathBuf {
    let folder = workspace()
        .join("crates/codegen/tests/generator/lint")
        .join(name);
    if folder.is_dir() {
        folder.join("openapi.yaml")
    } else {
        folder.with_extension("yaml")
    }
}

/// What the command prints about the document of `name`.
fn findings(name: &str) -> Vec<scorekit_codegen::document::diagnostic::Diagnostic> {
    let folder = workspace().join("crates/codegen/tests/generator/lint");
    let loaded = load_with_files(&document(name), &folder)
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    lint::lint(&loaded)
}

#[test]
fn every_rule_finds_what_its_document_shows_and_nothing_else() {
    let mut texts = Vec::new();
    for rule in RULES {
        let found = findings(rule.id);
        assert!(!found.is_empty(), "{} finds nothing", rule.id);
        for finding in &found {
            assert_eq!(finding.rule, Some(rule.id), "{}", finding.render(false));
            assert_eq!(finding.severity, rule.severity);
            assert!(!finding.help.is_empty() && finding.location.is_some());
        }
        texts.push((rule.id.to_owned(), lint::report::text(&found, false)));
    }
    assert_snapshots(
        &workspace().join("crates/codegen/tests/generator/snapshots/lint"),
        &texts,
    );
}

#[test]
fn every_document_belongs_to_a_rule() {
    for entry in std::fs::read_dir(workspace().join("crates/codegen/tests/generator/lint"))
        .expect("the documents")
    {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let is_known = name == CLEAN || RULES.iter().any(|rule| rule.id == name);
        assert!(is_known, "lint/{name} does not belong to a rule");
    }
}

#[test]
fn a_document_that_is_as_it_should_be_has_no_findings() {
    assert_eq!(
        lint::report::text(&findings(CLEAN), false),
        "0 errors and 0 warnings in the document\n"
    );
}

#[test]
fn ids_are_words_that_stand_once() {
    for (at, rule) in RULES.iter().enumerate() {
        assert!(
            rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
            "{}",
            rule.id
        );
        assert!(
            RULES[..at].iter().all(|other| other.id != rule.id),
            "{}",
            rule.id
        );
        for text in [rule.summary, rule.help] {
            assert!(
                !text.is_empty() && !text.contains(['\n', '|']),
                "{}: {text}",
                rule.id
            );
        }
    }
}

/// The table in docs/lint.md is what `cargo xtask lint --rules` prints.
#[test]
fn the_documentation_lists_the_rules() {
    let path = workspace().join("docs/lint.md");
    let text = std::fs::read_to_string(&path).expect("the documentation");
    let is_row = |line: &&str| line.starts_with('|');
    let start = text.find("| rule |").expect("the table of the rules");
    let written: String = text[start..]
        .lines()
        .take_while(is_row)
        .map(|line| format!("{line}\n"))
        .collect();
    let printed = xtask(&["lint", "--rules"]);
    assert!(printed.status.success());
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, text.replace(&written, &printed)).expect("a file");
    } else {
        assert_eq!(
            written, printed,
            "INSTA_UPDATE=always writes the new table to docs/lint.md"
        );
    }
}

fn command(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = xtask(&[&["lint"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn spec(name: &str) -> String {
    document(name).display().to_string()
}

#[test]
fn the_own_document_has_no_findings() {
    let root = workspace().display().to_string();
    let (code, printed, complaints) = command(&["--root", &root, "--deny-warnings"]);
    assert_eq!(code, Some(0), "{printed}{complaints}");
    assert_eq!(printed, "0 errors and 0 warnings in the document\n");
}

#[test]
fn errors_are_failures_and_warnings_are_if_they_are_denied() {
    for (name, code, denied) in [
        (CLEAN, 0, 0),
        ("missing-summary", 0, 1),
        ("invalid-default", 1, 1),
    ] {
        let spec = spec(name);
        assert_eq!(command(&["--spec", &spec]).0, Some(code), "{name}");
        assert_eq!(
            command(&["--spec", &spec, "--deny-warnings"]).0,
            Some(denied),
            "{name}"
        );
    }
}

#[test]
fn misuse_and_documents_that_cannot_be_read_are_told_apart_from_findings() {
    assert_eq!(command(&["--no-such-option"]).0, Some(2));
    let (code, printed, complaints) = command(&["--spec", "no/such/file.yaml"]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(
        complaints.contains("cannot read no/such/file.yaml"),
        "{complaints}"
    );
    let broken = workspace()
        .join("crates/codegen/tests/generator/bad_input/dangling_reference/openapi.yaml");
    let (code, printed, _) =
        command(&["--format", "json", "--spec", &broken.display().to_string()]);
    assert_eq!(code, Some(2));
    let report: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(
        report["findings"][0]["rule"].is_null() && report["errors"].as_u64() > Some(0),
        "{printed}"
    );
}

#[test]
fn json_has_the_findings_of_the_text() {
    let (code, printed, complaints) =
        command(&["--format", "json", "--spec", &spec("contradicting-bounds")]);
    assert_eq!((code, complaints.as_str()), (Some(1), ""));
    let folder = workspace()
        .join("crates/codegen/tests/generator/lint")
        .display()
        .to_string();
    insta::assert_snapshot!(printed.replace(&format!("{folder}/"), ""));
    let report: Value = serde_json::from_str(&printed).expect("JSON");
    let found = findings("contradicting-bounds");
    let told = report["findings"].as_array().expect("a list");
    assert_eq!(told.len(), found.len());
    for (told, found) in told.iter().zip(&found) {
        let place = found.location.as_ref().expect("a place");
        assert_eq!(told["rule"].as_str(), found.rule);
        assert_eq!(told["line"].as_u64(), Some(place.line as u64));
        assert_eq!(told["level"], found.severity.to_string());
    }
}

/// Findings of the level error keep code from being generated; warnings do not.
#[test]
fn generate_rejects_what_the_error_rules_find() {
    let text = std::fs::read_to_string(document(CLEAN)).expect("the document");
    let root = empty_workspace(&[("spec/openapi.yaml", &text)]);
    let generate = |text: &str| {
        std::fs::write(root.path().join("spec/openapi.yaml"), text).expect("a file");
        let before = files(root.path());
        let output = xtask(&["generate", "--root", &root.path().display().to_string()]);
        let changed = before != files(root.path());
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
            changed,
        )
    };

    let wrong = text.replacen("example: {id: a1}}", "example: {id: 7}}", 1);
    assert_ne!(wrong, text);
    let (code, said, changed) = generate(&wrong);
    assert_eq!((code, changed), (Some(1), false), "{said}");
    assert!(
        said.contains("error[invalid-example]") && said.contains("spec/openapi.yaml:"),
        "{said}"
    );

    let silent = text.replacen("      summary: Place an order\n", "", 1);
    assert_ne!(silent, text);
    let (code, said, _) = generate(&silent);
    assert_eq!(code, Some(0), "{said}");

    // What cannot be generated at all is said in the same run, and counts for more.
    let (code, said, changed) = generate(&wrong.replacen("in: query", "in: body", 1));
    assert_eq!((code, changed), (Some(2), false), "{said}");
    assert!(
        said.contains("error[invalid-example]") && said.contains("`body`"),
        "{said}"
    );
}

/// Nothing that can stand in a document makes the rules panic: every value of a document, replaced
/// by another one.
#[test]
fn no_document_stops_the_rules() {
    let replacements = [
        "null",
        "true",
        "7",
        "\"\"",
        "[]",
        "{}",
        "[[[]]]",
        "{\"$ref\": \"#/components/schemas/Order\"}",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.json");
    let mut loaded_count = 0;
    for name in [CLEAN, "invalid-allowance"] {
        let loaded = load_with_files(&document(name), Path::new("")).expect("a document");
        let whole = loaded.document.to_value();
        for (at, pointer) in pointers(&whole).into_iter().enumerate() {
            let mut changed = whole.clone();
            let value = changed.pointer_mut(&pointer).expect("a value");
            *value = serde_json::from_str(replacements[at % replacements.len()]).expect("JSON");
            std::fs::write(&path, changed.to_string()).expect("a file");
            if let Ok(loaded) = load_with_files(&path, folder.path()) {
                loaded_count += 1;
                for finding in lint::lint(&loaded) {
                    assert!(!finding.render(false).is_empty());
                }
            }
        }
    }
    assert!(
        loaded_count > 100,
        "{loaded_count} documents were looked at"
    );
}

/// The pointers to every value inside `value`.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), value)];
    while let Some((pointer, value)) = pending.pop() {
        let escaped = |name: &str| escape_pointer_token(name);
        match value {
            Value::Array(items) => {
                pending.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(at, item)| (format!("{pointer}/{at}"), item)),
                );
            }
            Value::Object(members) => {
                pending.extend(
                    members
                        .iter()
                        .map(|(name, member)| (format!("{pointer}/{}", escaped(name)), member)),
                );
            }
            _ => {}
        }
        found.push(pointer);
    }
    found
}

#[test]
fn levels_have_names() {
    assert_eq!(
        (Severity::Error.to_string(), Severity::Warning.to_string()),
        ("error".to_owned(), "warning".to_owned())
    );
}
