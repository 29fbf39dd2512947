//! `cargo xtask generate` as a maintainer uses it: on the workspace itself, and on small ones.

mod compiled;

use std::path::Path;

use scorekit_test_support::{empty_workspace, files, workspace, xtask};
use tempfile::TempDir;

const ORDER_TYPES: &str = "crates/shop/src/generated/types/orders.rs";

fn generate(root: &Path, more: &[&str]) -> std::process::Output {
    let root = root.display().to_string();
    xtask(&[&["generate", "--root", &root], more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns a document with the tags `depot`, `shop` and `stock`.
fn document() -> String {
    let path = workspace().join("crates/codegen/tests/generator/diff/base.yaml");
    std::fs::read_to_string(path).expect("the document")
}

/// Creates a small workspace whose generated code is current.
fn generated_workspace() -> TempDir {
    let root = empty_workspace(&[("spec/openapi.yaml", &document())]);
    let output = generate(root.path(), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    root
}

#[test]
fn the_committed_code_is_current() {
    let output = generate(&workspace(), &["--check"]);
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn check_prints_a_diff_and_writes_nothing() {
    let root = generated_workspace();
    let path = root.path().join(ORDER_TYPES);
    let current = std::fs::read_to_string(&path).expect("the file");
    let stale = current.replace("pub count: i32,", "pub number: i32,");
    assert_ne!(stale, current);
    std::fs::write(&path, stale).expect("a file");
    let left_over = root.path().join("crates/shop/src/generated/left_over.rs");
    std::fs::write(left_over, "// old\n").expect("a file");
    let before = files(root.path());

    let output = generate(root.path(), &["--check"]);

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(files(root.path()), before);
    let diff = text(&output.stdout);
    assert!(
        diff.contains(&format!("--- a/{ORDER_TYPES}\n+++ b/{ORDER_TYPES}\n")),
        "{diff}"
    );
    assert!(
        diff.contains("-    pub number: i32,\n+    pub count: i32,\n"),
        "{diff}"
    );
    assert!(
        diff.contains("+++ /dev/null") && diff.contains("-// old"),
        "{diff}"
    );
    assert!(text(&output.stderr).contains("2 stale files: run `cargo xtask generate`"));
}

#[test]
fn only_files_whose_bytes_change_are_written() {
    let root = generated_workspace();
    let modified = |path: &str| {
        std::fs::metadata(root.path().join(path))
            .and_then(|data| data.modified())
            .expect("a time")
    };
    let untouched = "crates/shop/src/generated/requests/orders.rs";
    let stale = "crates/depot/src/generated/types/wares.rs";
    let left_over = root
        .path()
        .join("crates/stock/src/generated/requests/old/left_over.rs");
    let original = std::fs::read_to_string(root.path().join(stale)).expect("the file");
    std::fs::write(root.path().join(stale), "").expect("a file");
    std::fs::create_dir_all(left_over.parent().expect("a directory")).expect("a directory");
    std::fs::write(&left_over, "// old\n").expect("a file");
    let before = modified(untouched);

    let output = generate(root.path(), &[]);

    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        modified(untouched),
        before,
        "a file that is current must keep its time, or cargo builds it again"
    );
    assert_eq!(
        std::fs::read_to_string(root.path().join(stale)).expect("the file"),
        original
    );
    assert!(!left_over.exists() && !left_over.parent().expect("a directory").exists());
    let report = text(&output.stdout);
    let line = |name: &str| {
        let line = report.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no line for {name} in\n{report}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (shop, depot, stock) = (
        line("scorekit-shop"),
        line("scorekit-depot"),
        line("scorekit-stock"),
    );
    assert!(shop.ends_with("0 files changed"), "{report}");
    assert!(
        depot.starts_with("scorekit-depot 3 operations 11 types"),
        "{report}"
    );
    assert!(depot.ends_with("1 files changed"), "{report}");
    assert!(stock.ends_with("1 files changed"), "{report}");
    let last = report.lines().last().expect("a line");
    assert!(last.starts_with("generated 3 crates in "), "{report}");

    let again = generate(root.path(), &["--check"]);
    assert!(again.status.success(), "{}", text(&again.stdout));
}

#[test]
fn files_written_by_hand_keep_a_removed_tag() {
    let root = generated_workspace();
    let document = document();
    let start = document.find("  - {name: stock").expect("the tag");
    let end = start + document[start..].find('\n').expect("a line") + 1;
    let mut without_stock = document.replace("tags: [stock]", "tags: [depot]");
    without_stock.replace_range(start..end, "");
    std::fs::write(root.path().join("spec/openapi.yaml"), without_stock).expect("a file");
    let own = root.path().join("crates/stock/src/mine.rs");
    std::fs::write(own, "//! By hand.\n").expect("a file");
    let before = files(root.path());

    let output = generate(root.path(), &[]);

    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(errors.contains("crates/stock/src/mine.rs"), "{errors}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let root = empty_workspace(&[("spec/openapi.yaml", &document())]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = scorekit_test_support::xtask_command(&[
        "generate",
        "--root",
        &root.path().display().to_string(),
    ])
    .stdout(writer)
    .status();
    assert!(status.expect("xtask runs").success());
}

#[test]
fn the_demo_rejects_stale_code() {
    let root = generated_workspace();
    std::fs::write(root.path().join(ORDER_TYPES), "").expect("a file");
    let output = xtask(&["demo", "--root", &root.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("stale: {ORDER_TYPES}")) && said.contains("cargo xtask generate"),
        "{said}"
    );
}

#[test]
fn documents_may_be_json() {
    let document = r#"{
        "openapi": "3.0.3", "info": {"title": "json", "version": "1"}, "tags": [{"name": "shop"}],
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/orders": {"get": {
            "operationId": "ListOrders", "tags": ["shop"], "responses": {"204": {"description": "Nothing."}}
        }}}
    }"#;
    let directory = empty_workspace(&[("spec/openapi.yaml", document)]);
    let output = generate(directory.path(), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        directory
            .path()
            .join("crates/shop/src/generated/requests/orders.rs")
            .exists()
    );
}

#[test]
fn misuse_exits_with_2() {
    let output = xtask(&["generate", "--no-such-option"]);
    assert_eq!(output.status.code(), Some(2));
}
