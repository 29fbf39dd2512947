//! A change of the document is generated, compared and led to its snapshot.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::text;
use scorekit_test_support::{empty_workspace, target, workspace, xtask, xtask_command};

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

/// Stands for the tests of the workspace: its snapshot is what was generated.
const SNAPSHOT_TEST: &str = r#"
mod surface {
    #[test]
    fn every_resource() {
        let types = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/shop/src/generated/types/orders.rs");
        insta::assert_snapshot!("orders", std::fs::read_to_string(types).unwrap());
    }
}
"#;

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut command = Command::new("git");
    command.current_dir(folder).args(identity).args(arguments);
    assert!(command.status().expect("git runs").success());
}

/// A workspace whose document, code and snapshot are committed and current.
fn reviewed_workspace() -> TempDir {
    let built = target().display().to_string();
    let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"tests/integration\"]\n\n[workspace.package]\nversion = \"0.3.1\"\n\n\
                    [workspace.dependencies]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n";
    let tests = "[package]\nname = \"scorekit-integration\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dev-dependencies]\n\
                 insta = \"1\"\n\n[[test]]\nname = \"workspace\"\npath = \"main.rs\"\n";
    let folder = empty_workspace(&[
        ("spec/openapi.yaml", DOCUMENT),
        ("Cargo.toml", manifest),
        ("tests/integration/Cargo.toml", tests),
        ("tests/integration/main.rs", SNAPSHOT_TEST),
        (".gitignore", "target\n"),
        (
            ".cargo/config.toml",
            &format!("[build]\nbuild-dir = {built:?}\n\n[net]\noffline = true\n"),
        ),
    ]);
    std::fs::copy(
        workspace().join("Cargo.lock"),
        folder.path().join("Cargo.lock"),
    )
    .expect("a lock file");
    let generated = xtask(&["generate", "--root", &folder.path().display().to_string()]);
    assert!(generated.status.success(), "{generated:?}");
    let mut accept = Command::new(env!("CARGO"));
    accept.current_dir(folder.path()).args(["test", "--quiet"]);
    accept
        .env("INSTA_UPDATE", "always")
        .env_remove("CARGO_MANIFEST_DIR");
    let accepted = accept.output().expect("cargo runs");
    assert!(accepted.status.success(), "{accepted:?}");
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "reviewed"]);
    folder
}

fn review(root: &Path) -> Output {
    let mut command = xtask_command(&["review", "--root", &root.display().to_string()]);
    command
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("INSTA_UPDATE");
    command.output().expect("xtask runs")
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn a_change_is_generated_judged_and_led_to_its_snapshot() {
    let folder = reviewed_workspace();

    let nothing = review(folder.path());
    let said = text(&nothing.stderr);
    assert_eq!(nothing.status.code(), Some(0), "{said}");
    assert!(said.contains("every snapshot is as it was"), "{said}");
    assert!(text(&nothing.stdout).contains("0 changes"), "{nothing:?}");

    let document = DOCUMENT.replace("note:", "remark:");
    std::fs::write(folder.path().join("spec/openapi.yaml"), document).expect("the document");
    let renamed = review(folder.path());
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
    let types = folder
        .path()
        .join("crates/shop/src/generated/types/orders.rs");
    let types = std::fs::read_to_string(types).expect("the generated file");
    assert!(types.contains("pub remark:"), "{types}");

    // What is wrong with the tests themselves is no snapshot to look through.
    git(folder.path(), &["checkout", "--quiet", "."]);
    git(folder.path(), &["clean", "--quiet", "--force", "-d"]);
    std::fs::write(
        folder.path().join("tests/integration/main.rs"),
        "fn broken(",
    )
    .expect("a file");
    let broken = review(folder.path());
    let said = text(&broken.stderr);
    assert_eq!(broken.status.code(), Some(1), "{said}");
    assert!(said.contains("do not compile, or fail"), "{said}");
    assert!(!said.contains("cargo insta review"), "{said}");

    // And a document that cannot be used is the first thing to say.
    std::fs::write(folder.path().join("spec/openapi.yaml"), "openapi: 2.0\n").expect("a file");
    let unusable = review(folder.path());
    assert_eq!(unusable.status.code(), Some(2), "{unusable:?}");
    assert_eq!(text(&unusable.stdout), "");
}
