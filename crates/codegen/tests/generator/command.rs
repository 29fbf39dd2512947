//! `cargo xtask generate` as a maintainer uses it, on the workspace itself and on copies of it.

use std::path::Path;

use scorekit_test_support::{
    cargo, copy_of_workspace, empty_workspace, files, target, workspace, xtask,
};

const CAMPAIGN_TYPES: &str = "crates/campaigns/src/generated/types/campaigns.rs";

fn generate(root: &Path, more: &[&str]) -> std::process::Output {
    let root = root.display().to_string();
    xtask(&[&["generate", "--root", &root], more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
    let copy = copy_of_workspace();
    let path = copy.path().join(CAMPAIGN_TYPES);
    let stale = std::fs::read_to_string(&path)
        .expect("the file")
        .replace("pub total: i64", "pub all: i64");
    std::fs::write(&path, stale).expect("a file");
    std::fs::write(
        copy.path()
            .join("crates/campaigns/src/generated/left_over.rs"),
        "// old\n",
    )
    .expect("a file");
    let before = files(copy.path());

    let output = generate(copy.path(), &["--check"]);

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(files(copy.path()), before);
    let diff = text(&output.stdout);
    assert!(
        diff.contains(&format!("--- a/{CAMPAIGN_TYPES}\n+++ b/{CAMPAIGN_TYPES}\n")),
        "{diff}"
    );
    assert!(
        diff.contains("-    pub all: i64,\n+    pub total: i64,\n"),
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
    let copy = copy_of_workspace();
    let modified = |path: &str| {
        std::fs::metadata(copy.path().join(path))
            .and_then(|data| data.modified())
            .expect("a time")
    };
    let untouched = "crates/campaigns/src/generated/requests/campaigns.rs";
    let stale = "crates/cases/src/generated/types/projects.rs";
    let left_over = copy
        .path()
        .join("crates/kpi/src/generated/requests/old/left_over.rs");
    let original = std::fs::read_to_string(copy.path().join(stale)).expect("the file");
    std::fs::write(copy.path().join(stale), "").expect("a file");
    std::fs::create_dir_all(left_over.parent().expect("a folder")).expect("a folder");
    std::fs::write(&left_over, "// old\n").expect("a file");
    let before = modified(untouched);

    let output = generate(copy.path(), &[]);

    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        modified(untouched),
        before,
        "a file that is current must keep its time, or cargo builds it again"
    );
    assert_eq!(
        std::fs::read_to_string(copy.path().join(stale)).expect("the file"),
        original
    );
    assert!(!left_over.exists() && !left_over.parent().expect("a folder").exists());
    let report = text(&output.stdout);
    let line = |name: &str| {
        let line = report.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no line for {name} in\n{report}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(
        line("scorekit-campaigns").ends_with("0 files changed"),
        "{report}"
    );
    assert!(
        line("scorekit-cases").starts_with("scorekit-cases 75 operations 246 types"),
        "{report}"
    );
    assert!(
        line("scorekit-cases").ends_with("1 files changed"),
        "{report}"
    );
    assert!(
        line("scorekit-kpi").ends_with("1 files changed"),
        "{report}"
    );
    assert!(
        report
            .lines()
            .last()
            .is_some_and(|last| last.starts_with("generated 4 crates in ")),
        "{report}"
    );

    let again = generate(copy.path(), &["--check"]);
    assert!(again.status.success(), "{}", text(&again.stdout));
}

const WIDGETS: &str = r##"
paths:
  /api/v2/widgets/{widget_id}:
    get:
      operationId: GetWidget
      summary: Get a widget
      description: Reads one widget.
      tags: [widgets]
      parameters:
        - {name: widget_id, in: path, required: true, description: The widget., schema: {type: string}}
      security: [{apiKeyAuth: [], appKeyAuth: []}]
      responses:
        "200":
          description: The widget.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Widget"}
              example: {name: lamp}
components:
  schemas:
    Widget: {type: object, description: A widget., properties: {name: {type: string, description: Its name.}}}
"##;

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn a_new_tag_becomes_a_crate_and_a_removed_one_leaves_nothing() {
    let copy = copy_of_workspace();
    let root = copy.path().join("spec/openapi.yaml");
    let before = files(copy.path());
    let document = std::fs::read_to_string(&root).expect("the document");
    let with_widgets = document
        .replace("tags:\n", "tags:\n  - name: widgets\n    description: Things on a screen.\n")
        .replace("\npaths:\n", "\npaths:\n  /api/v2/widgets/{widget_id}:\n    $ref: \"widgets.yaml#/paths/~1api~1v2~1widgets~1{widget_id}\"\n");
    std::fs::write(&root, with_widgets).expect("a file");
    std::fs::write(copy.path().join("spec/widgets.yaml"), WIDGETS).expect("a file");

    let output = generate(copy.path(), &[]);

    assert!(output.status.success(), "{}", text(&output.stderr));
    for path in [
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "src/generated/requests/widgets.rs",
    ] {
        assert!(
            copy.path().join("crates/widgets").join(path).exists(),
            "crates/widgets/{path} is missing"
        );
    }
    let formatted = cargo(
        copy.path(),
        &["fmt", "--check", "-p", "scorekit-widgets", "-p", "scorekit"],
    );
    assert!(formatted.status.success(), "{}", text(&formatted.stdout));
    // A program that uses the new crate alone and through the facade.
    let example = "//! A program.\nfn main() {\n    let client: fn(&scorekit::Client) -> scorekit_widgets::Client = \
                   scorekit::Client::widgets;\n    let call = |client: scorekit_widgets::Client| client.get_widget(\"lamp\");\n    \
                   let _ = (client, call);\n}\n";
    std::fs::write(
        copy.path().join("crates/scorekit/examples/widgets.rs"),
        example,
    )
    .expect("a file");
    let target = target().display().to_string();
    let arguments = [
        "check",
        "--offline",
        "--quiet",
        "--target-dir",
        &target,
        "-p",
        "scorekit-widgets",
        "-p",
        "scorekit",
    ];
    let checked = cargo(
        copy.path(),
        &[&arguments[..], &["--example", "widgets", "--lib"]].concat(),
    );
    let said = text(&checked.stderr);
    assert!(
        checked.status.success() && !said.contains("warning"),
        "{said}"
    );

    std::fs::remove_file(copy.path().join("crates/scorekit/examples/widgets.rs"))
        .expect("the program");
    std::fs::remove_file(copy.path().join("spec/widgets.yaml")).expect("the file");
    std::fs::write(&root, document).expect("a file");
    let output = generate(copy.path(), &[]);

    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!copy.path().join("crates/widgets").exists());
    let mut after = files(copy.path());
    // Cargo noted the new crate in its own file.
    after.insert("Cargo.lock".into(), before[Path::new("Cargo.lock")].clone());
    assert_eq!(after, before);
}

#[test]
fn a_removed_tag_takes_nobodys_own_files_along() {
    let copy = copy_of_workspace();
    let root = copy.path().join("spec/openapi.yaml");
    let document = std::fs::read_to_string(&root).expect("the document");
    let paths = document
        .lines()
        .filter(|line| !line.contains("/v1/custom-kpi") && !line.contains("kpi.yaml"));
    std::fs::write(&root, paths.collect::<Vec<_>>().join("\n") + "\n").expect("a file");
    std::fs::write(copy.path().join("crates/kpi/src/mine.rs"), "//! By hand.\n").expect("a file");
    let before = files(copy.path());

    let output = generate(copy.path(), &[]);

    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(
        text(&output.stderr).contains("crates/kpi/src/mine.rs"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(files(copy.path()), before);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let root = empty_workspace(&[]);
    let document = std::fs::read_to_string(
        workspace().join("crates/codegen/tests/generator/passes/layout.yaml"),
    )
    .expect("a document");
    std::fs::create_dir_all(root.path().join("spec")).expect("a folder");
    std::fs::write(root.path().join("spec/openapi.yaml"), document).expect("a file");
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
fn the_demo_refuses_stale_code() {
    let copy = copy_of_workspace();
    std::fs::write(copy.path().join(CAMPAIGN_TYPES), "").expect("a file");
    let output = xtask(&["demo", "--root", &copy.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("stale: {CAMPAIGN_TYPES}")) && said.contains("cargo xtask generate"),
        "{said}"
    );
}

#[test]
fn a_json_document_is_read_as_well() {
    let document = r#"{
        "openapi": "3.0.3", "info": {"title": "json", "version": "1"}, "tags": [{"name": "shop"}],
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/orders": {"get": {
            "operationId": "ListOrders", "tags": ["shop"], "responses": {"204": {"description": "Nothing."}}
        }}}
    }"#;
    let folder = empty_workspace(&[("spec/openapi.yaml", document)]);
    let output = generate(folder.path(), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        folder
            .path()
            .join("crates/shop/src/generated/requests/orders.rs")
            .exists()
    );
}

#[test]
fn misuse_is_told_apart_from_a_finding() {
    let output = xtask(&["generate", "--no-such-option"]);
    assert_eq!(output.status.code(), Some(2));
}
