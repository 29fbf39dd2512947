//! `cargo xtask lint`: each rule on a small document that breaks only this rule, the exceptions,
//! and the formats of findings.

use std::path::{Path, PathBuf};

use scorekit_codegen::document::diagnostic::Severity;
use scorekit_codegen::document::load_with_files;
use scorekit_codegen::document::node::escape_pointer_token;
use scorekit_codegen::lint::{self, RULES};
use serde_json::Value;

use scorekit_test_support::{assert_snapshots, empty_workspace, files, workspace, xtask};

const CLEAN: &str = "clean";

/// Returns the path of the document that breaks the rule: a file, or the root in a directory.
fn document(name: &str) -> PathBuf {
    let directory = workspace().join("tests/generator/lint").join(name);
    if directory.is_dir() {
        directory.join("openapi.yaml")
    } else {
        directory.with_extension("yaml")
    }
}

/// Returns the findings of the command about the document of `name`.
fn findings(name: &str) -> Vec<scorekit_codegen::document::diagnostic::Diagnostic> {
    let directory = workspace().join("tests/generator/lint");
    let loaded = load_with_files(&document(name), &directory)
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    lint::lint(&loaded)
}

#[test]
fn every_rule_finds_only_the_mistakes_of_its_document() {
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
    assert_snapshots(&workspace().join("tests/generator/snapshots/lint"), &texts);
}

#[test]
fn every_document_belongs_to_a_rule() {
    for entry in std::fs::read_dir(workspace().join("tests/generator/lint")).expect("the documents")
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
fn a_correct_document_has_no_findings() {
    assert_eq!(
        lint::report::text(&findings(CLEAN), false),
        "0 errors and 0 warnings in the document\n"
    );
}

#[test]
fn ids_are_unique_words() {
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

/// Checks that the table in docs/lint.md is the output of `cargo xtask lint --rules`.
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
fn errors_and_denied_warnings_are_failures() {
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
fn misuse_and_unreadable_documents_exit_with_2() {
    assert_eq!(command(&["--no-such-option"]).0, Some(2));
    let (code, printed, complaints) = command(&["--spec", "no/such/file.yaml"]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(
        complaints.contains("cannot read no/such/file.yaml"),
        "{complaints}"
    );
    let broken = workspace().join("tests/generator/bad_input/dangling_reference/openapi.yaml");
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
fn json_and_text_have_the_same_findings() {
    let (code, printed, complaints) =
        command(&["--format", "json", "--spec", &spec("contradicting-bounds")]);
    assert_eq!((code, complaints.as_str()), (Some(1), ""));
    let directory = workspace()
        .join("tests/generator/lint")
        .display()
        .to_string();
    insta::assert_snapshot!(printed.replace(&format!("{directory}/"), ""));
    let report: Value = serde_json::from_str(&printed).expect("JSON");
    let found = findings("contradicting-bounds");
    let told = report["findings"].as_array().expect("a list");
    assert_eq!(told.len(), found.len());
    for (told, found) in told.iter().zip(&found) {
        let place = found.location.as_ref().expect("a place");
        assert_eq!(told["rule"].as_str(), found.rule);
        assert_eq!(told["line"].as_u64(), Some(place.line() as u64));
        assert_eq!(told["level"], found.severity.to_string());
    }
}

/// Findings of the level error prevent the generation of code; warnings do not.
#[test]
fn generate_rejects_findings_of_error_rules() {
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

    // The same run reports constructs that cannot be generated, which decide on the exit code.
    let (code, said, changed) = generate(&wrong.replacen("in: query", "in: body", 1));
    assert_eq!((code, changed), (Some(2), false), "{said}");
    assert!(
        said.contains("error[invalid-example]") && said.contains("`body`"),
        "{said}"
    );
}

/// Replaces every value of a document by another one; the rules must not panic.
#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn no_document_makes_the_rules_panic() {
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
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("openapi.json");
    let mut loaded_count = 0;
    for name in [CLEAN, "invalid-allowance"] {
        let loaded = load_with_files(&document(name), Path::new("")).expect("a document");
        let whole = loaded.document.to_value();
        for (at, pointer) in pointers(&whole).into_iter().enumerate() {
            let mut changed = whole.clone();
            let value = changed.pointer_mut(&pointer).expect("a value");
            *value = serde_json::from_str(replacements[at % replacements.len()]).expect("JSON");
            std::fs::write(&path, changed.to_string()).expect("a file");
            if let Ok(loaded) = load_with_files(&path, directory.path()) {
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

/// Returns the pointers to all values inside `value`.
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
            Value::Object(properties) => {
                pending.extend(
                    properties
                        .iter()
                        .map(|(name, property)| (format!("{pointer}/{}", escaped(name)), property)),
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
