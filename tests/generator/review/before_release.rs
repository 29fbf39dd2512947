//! `cargo xtask review` generates a changed document, compares it and shows the snapshot.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::text;
use scorekit_test_support::{
    cargo_command, empty_workspace, target, workspace, xtask, xtask_command,
};

const DOCUMENT: &str = r##"openapi: 3.0.3
info: {title: review, version: 1.0.0}
servers: [{url: "https://api.example.com"}]
tags: [{name: shop, description: A small shop.}]
paths:
  /orders:
    get:
      operationId: ListOrders
      summary: List orders
      tags: [shop]
      x-resource: orders
      x-verb: list
      responses:
        "200":
          description: The orders.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Order"}}
              example: [{note: urgent}]
components:
  schemas:
    Order:
      type: object
      description: An order.
      properties:
        note: {type: string, description: What to know of it.}
"##;

/// Replaces the test of requests; its snapshot is the generated code of requests.
const WIRE_TEST: &str = r#"
#[test]
fn every_operation() {
    let requests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/shop/src/generated/requests/orders.rs");
    insta::assert_snapshot!("orders", std::fs::read_to_string(requests).unwrap());
}
"#;

/// The directory of the snapshots of the public interface.
const SURFACES: &str = "tests/integration/snapshots/surface";

fn git(directory: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args(identity)
        .args(arguments);
    assert!(command.status().expect("git runs").success());
}

/// Creates a workspace whose document, code and snapshot are committed and current.
fn reviewed_workspace() -> TempDir {
    let built = target().display().to_string();
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"tests/calls\"]\n\n[workspace.package]\nversion = \"0.3.1\"\n\n\
                    [workspace.dependencies]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n\
                    [profile.dev.build-override]\ndebug = \"line-tables-only\"\n";
    let tests = "[package]\nname = \"scorekit-calls\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dev-dependencies]\n\
                 insta = \"1\"\n\n[[test]]\nname = \"wire\"\npath = \"wire.rs\"\n";
    let directory = empty_workspace(&[
        ("spec/openapi.yaml", DOCUMENT),
        ("Cargo.toml", manifest),
        ("tests/calls/Cargo.toml", tests),
        ("tests/calls/wire.rs", WIRE_TEST),
        (&format!("{SURFACES}/.keep"), ""),
        (".gitignore", "target\n"),
        (
            ".cargo/config.toml",
            &format!("[build]\nbuild-dir = {built:?}\n\n[net]\noffline = true\n"),
        ),
    ]);
    std::fs::copy(
        workspace().join("Cargo.lock"),
        directory.path().join("Cargo.lock"),
    )
    .expect("a lock file");
    let generated = xtask(&[
        "generate",
        "--root",
        &directory.path().display().to_string(),
    ]);
    assert!(generated.status.success(), "{generated:?}");
    let mut accept = cargo_command(directory.path());
    accept
        .args(["test", "--quiet"])
        .env("INSTA_UPDATE", "always");
    let accepted = accept.output().expect("cargo runs");
    assert!(accepted.status.success(), "{accepted:?}");
    git(directory.path(), &["init", "--quiet"]);
    git(directory.path(), &["add", "."]);
    git(directory.path(), &["commit", "--quiet", "-m", "generated"]);
    // The first review has no snapshot of the interface to compare with.
    let first = review(directory.path());
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    for entry in std::fs::read_dir(directory.path().join(SURFACES)).expect("the snapshots") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|it| it == "new") {
            std::fs::rename(&path, path.with_extension("")).expect("a snapshot");
        }
    }
    git(directory.path(), &["add", "."]);
    git(directory.path(), &["commit", "--quiet", "-m", "reviewed"]);
    // Without a tag, no version would be released.
    git(directory.path(), &["tag", "v0.3.1"]);
    directory
}

fn review(root: &Path) -> Output {
    let mut command = xtask_command(&["review", "--root", &root.display().to_string()]);
    command.env_remove("INSTA_UPDATE");
    command.output().expect("xtask runs")
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci compiled-all` runs it"]
fn a_change_is_generated_compared_and_shown_in_its_snapshot() {
    let directory = reviewed_workspace();

    let nothing = review(directory.path());
    let said = text(&nothing.stderr);
    assert_eq!(nothing.status.code(), Some(0), "{said}");
    assert!(said.contains("every snapshot is as it was"), "{said}");
    assert!(text(&nothing.stdout).contains("0 changes"), "{nothing:?}");

    let document = DOCUMENT.replace("note:", "remark:");
    std::fs::write(directory.path().join("spec/openapi.yaml"), document).expect("the document");
    let renamed = review(directory.path());
    let (shown, said) = (text(&renamed.stdout), text(&renamed.stderr));
    assert_eq!(renamed.status.code(), Some(1), "{said}");
    assert!(
        shown.contains("field `Order.note`: is now called `remark`"),
        "{shown}"
    );
    assert!(
        shown.contains("scorekit-shop          0.3.1 -> 0.4.0"),
        "{shown}"
    );
    assert!(said.contains("orders.snap.new"), "{said}");
    assert!(said.contains("cargo insta review"), "{said}");
    let types = directory
        .path()
        .join("crates/shop/src/generated/types/orders.rs");
    let types = std::fs::read_to_string(types).expect("the generated file");
    assert!(types.contains("pub remark:"), "{types}");

    assert!(!said.contains("calls/snapshots"), "{said}");

    // A changed request is built and sent, too.
    git(directory.path(), &["checkout", "--quiet", "."]);
    git(directory.path(), &["clean", "--quiet", "--force", "-d"]);
    let document = DOCUMENT.replace(
        "      responses:",
        "      parameters: [{name: state, in: query, description: The state., schema: {type: string}}]\n      responses:",
    );
    std::fs::write(directory.path().join("spec/openapi.yaml"), &document).expect("the document");
    let said = text(&review(directory.path()).stderr);
    assert!(said.contains("surface/shop.orders.snap.new"), "{said}");
    assert!(
        said.contains("calls/snapshots/wire__orders.snap.new"),
        "{said}"
    );

    // Tests that do not compile leave no snapshot to review.
    git(directory.path(), &["checkout", "--quiet", "."]);
    git(directory.path(), &["clean", "--quiet", "--force", "-d"]);
    std::fs::write(directory.path().join("spec/openapi.yaml"), &document).expect("the document");
    std::fs::write(directory.path().join("tests/calls/wire.rs"), "fn broken(").expect("a file");
    let broken = review(directory.path());
    let said = text(&broken.stderr);
    assert_eq!(broken.status.code(), Some(1), "{said}");
    assert!(said.contains("do not compile, or fail"), "{said}");
    assert!(!said.contains("cargo insta review"), "{said}");

    // An unusable document is reported first.
    std::fs::write(directory.path().join("spec/openapi.yaml"), "openapi: 2.0\n").expect("a file");
    let unusable = review(directory.path());
    assert_eq!(unusable.status.code(), Some(2), "{unusable:?}");
    assert_eq!(text(&unusable.stdout), "");
}
