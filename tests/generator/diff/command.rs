//! The output and exit codes of the command.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::table::ROWS;
use super::{base, edited};
use crate::compiled::workspace::write_if_new as write;
use scorekit_test_support::xtask_command;

/// Creates a repository with the base document, whose working tree has the document of the row
/// `name`.
fn repository(name: &str) -> TempDir {
    let repository = TempDir::new().expect("a temporary directory");
    let path = repository.path().join("spec/openapi.yaml");
    write(&path, &base());
    let manifest = "[workspace.package]\nversion = \"0.3.1\"\n";
    write(&repository.path().join("Cargo.toml"), manifest);
    for name in ["shop", "stock", "depot", "scorekit", "sandbox"] {
        let path = repository.path().join("crates").join(name);
        write(&path.join("Cargo.toml"), "");
    }
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "commit",
            "--quiet",
            "-m",
            "base",
        ],
        &["tag", "v0.3.1"],
    ] {
        let status = Command::new("git")
            .current_dir(repository.path())
            .args(arguments)
            .status();
        assert!(status.expect("git runs").success());
    }
    let row = ROWS.iter().find(|row| row.name == name).expect("a row");
    write(&path, &edited(row));
    repository
}

fn diff(root: &Path, arguments: &[&str]) -> Output {
    let root = root.display().to_string();
    let mut command = xtask_command(&[&["diff", "--root", &root], arguments].concat());
    command.output().expect("xtask runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn breaking_changes_exit_with_1() {
    let repository = repository("an optional field of a request becomes required");
    let output = diff(repository.path(), &["--base", "HEAD"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    insta::assert_snapshot!("text", text(&output.stdout));
    let output = diff(
        repository.path(),
        &["--base", "HEAD", "--format", "markdown"],
    );
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("markdown", text(&output.stdout));
    let output = diff(repository.path(), &["--base", "HEAD", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("json", text(&output.stdout));
}

#[test]
fn compatible_changes_exit_with_0() {
    let repository = repository("an enum gets a value");
    let output = diff(repository.path(), &["--base", "HEAD"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    insta::assert_snapshot!("fine", text(&output.stdout));
}

#[test]
fn a_document_does_not_differ_from_itself() {
    let repository = repository("an enum gets a value");
    let file = repository
        .path()
        .join("spec/openapi.yaml")
        .display()
        .to_string();
    let own = diff(repository.path(), &["--base", &file]);
    assert_eq!(own.status.code(), Some(0), "{}", text(&own.stderr));
    assert!(
        text(&own.stdout).contains("0 changes"),
        "{}",
        text(&own.stdout)
    );
}

#[test]
fn a_crate_that_no_tag_has_is_new() {
    let repository = repository("an enum gets a value");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        let status = command
            .current_dir(repository.path())
            .args(arguments)
            .status();
        assert!(status.expect("git runs").success());
    };
    git(&["tag", "--delete", "v0.3.1"]);
    let output = text(&diff(repository.path(), &["--base", "HEAD"]).stdout);
    let line = output.lines().find(|line| line.contains("scorekit-shop "));
    let line = line.expect("the advice for the crate");
    assert!(line.contains("0.3.1 -> 0.3.1 (first release)"), "{line}");
}

#[test]
fn prose_is_left_out_on_request() {
    let repository = repository("a description changes");
    let output = diff(repository.path(), &["--base", "HEAD"]);
    assert!(text(&output.stdout).contains("1 change"), "{output:?}");
    let ignore = "--ignore=descriptions,examples";
    let output = diff(repository.path(), &["--base", "HEAD", ignore]);
    assert!(text(&output.stdout).contains("0 changes"), "{output:?}");
}

#[test]
fn invalid_sources_exit_with_2() {
    let repository = repository("an enum gets a value");
    for base in ["no-such-revision", "--help-me", ""] {
        let output = diff(repository.path(), &[&format!("--base={base}")]);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{base}: {}",
            text(&output.stdout)
        );
        let printed = text(&output.stderr);
        assert!(
            printed.contains("neither a file nor a revision"),
            "{printed}"
        );
    }
    let broken = repository.path().join("broken.yaml");
    write(&broken, "openapi: 2.0\n");
    let output = diff(
        repository.path(),
        &["--base", &broken.display().to_string()],
    );
    assert_eq!(output.status.code(), Some(2));
    let printed = text(&output.stderr);
    assert!(
        printed.contains("the document is not OpenAPI 3.0 or 3.1 (in "),
        "{printed}"
    );
    assert_eq!(diff(repository.path(), &[]).status.code(), Some(2));
}

/// A document with an operation that refers to nothing, and one that does not.
const INCOMPLETE: &str = "openapi: 3.0.3
info: {title: Shop, version: '1'}
servers: [{url: 'https://api.example.com'}]
paths:
  /orders:
    get: {operationId: ListOrders, responses: {'204': {description: Done.}}}
    post: {operationId: CreateOrder, requestBody: {$ref: '#/components/requestBodies/Order'},
      responses: {'204': {description: Done.}}}
";

#[test]
fn operations_that_are_not_compared_are_reported() {
    let directory = TempDir::new().expect("a temporary directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        write(&path, text);
        path.display().to_string()
    };
    let new = file("new.yaml", INCOMPLETE);
    let whole = INCOMPLETE.replace("{$ref: '#/components/requestBodies/Order'}", BODY);
    let whole = file("whole.yaml", &whole);
    for base in [&new, &whole] {
        let output = diff(directory.path(), &["--base", base, "--spec", &new]);
        let printed = text(&output.stderr);
        assert!(
            printed.contains(&format!("not compared: POST /orders of {new}")),
            "{printed}"
        );
        assert!(printed.contains("requestBodies/Order"), "{printed}");
        let arguments = ["--base", base, "--spec", &new, "--format"];
        let json = diff(directory.path(), &[&arguments[..], &["json"]].concat());
        let report: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
        let last = report["left_out"].as_array().and_then(|all| all.last());
        let last = last.expect("an operation");
        assert_eq!(last["operation"], "POST /orders");
        assert_eq!(last["document"], new.as_str());
        assert_eq!(last["reasons"][0]["line"], 7, "{last}");
        let page = diff(directory.path(), &[&arguments[..], &["markdown"]].concat());
        assert!(text(&page.stdout).contains("### Not compared"), "{page:?}");
    }
    // The new document has the operation, so the server does not reject it.
    let output = diff(directory.path(), &["--base", &whole, "--spec", &new]);
    let printed = text(&output.stdout);
    assert!(
        printed.contains("is not generated from the new document"),
        "{printed}"
    );
    assert!(printed.contains("0 of them break the wire"), "{printed}");
}

const BODY: &str = "{content: {application/json: {schema: {type: string}}}}";

#[test]
fn documents_without_operations_are_explained() {
    let directory = TempDir::new().expect("a temporary directory");
    let whole = INCOMPLETE.split_once("    post:").expect("an operation").0;
    let head = whole.split_once("paths:").expect("the paths").0;
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        write(&path, text);
        path.display().to_string()
    };
    let whole = file("whole.yaml", whole);
    for (paths, words) in [
        ("", "the document has no `paths`"),
        ("paths:\n", "`paths` is not a mapping"),
        ("paths: {/orders: null}\n", "a path item is not a mapping"),
    ] {
        let new = file("new.yaml", &format!("{head}{paths}"));
        for [base, spec] in [[&whole, &new], [&new, &whole], [&new, &new]] {
            let output = diff(directory.path(), &["--base", base, "--spec", spec]);
            let printed = text(&output.stderr);
            assert!(printed.contains("note: "), "{paths}: {printed}");
            assert!(printed.contains(words), "{paths}: {printed}");
            let breaks = (base, spec) == (&whole, &new);
            assert_eq!(output.status.code(), Some(i32::from(breaks)), "{printed}");
        }
    }
}
