//! `cargo xtask review` on a workspace of its own: a document, what is generated from it, and a snapshot of that. And what
//! a command says that takes longer than a second.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use scorekit_test_support::{cargo, empty_workspace, target, workspace, xtask, xtask_command};

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

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

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
        shown.contains("field `Order.note`: is called `remark`"),
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
    assert!(said.contains("do not compile or fail"), "{said}");
    assert!(!said.contains("cargo insta review"), "{said}");

    // And a document that cannot be used is the first thing to say.
    std::fs::write(folder.path().join("spec/openapi.yaml"), "openapi: 2.0\n").expect("a file");
    let unusable = review(folder.path());
    assert_eq!(unusable.status.code(), Some(2), "{unusable:?}");
    assert_eq!(text(&unusable.stdout), "");
}

#[test]
fn what_takes_long_tells_its_steps() {
    let mut document = String::from(
        "openapi: 3.0.3\ninfo: {title: slow, version: 1.0.0}\nservers: [{url: \"https://api.example.com\"}]\npaths:\n",
    );
    for number in 0..8 {
        let _ = writeln!(
            document,
            "  /orders{number}:\n    get: {{tags: [shop{number}], responses: {{\"204\": {{description: Nothing.}}}}}}"
        );
    }
    // The document is a pipe, so that reading it takes as long as this test pleases, on any machine.
    let folder = TempDir::new().expect("a temporary folder");
    let (pipe, out) = (folder.path().join("slow.yaml"), folder.path().join("out"));
    let mut make_pipe = Command::new("mkfifo");
    assert!(make_pipe.arg(&pipe).status().expect("mkfifo").success());
    let (path, out) = (pipe.display().to_string(), out.display().to_string());
    let mut running = xtask_command(&["generate", "--spec", &path, "--out", &out])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo runs");
    let mut said = BufReader::new(running.stderr.take().expect("the pipe"));
    let (mut told, mut line) = (String::new(), String::new());
    while !line.ends_with(" s] reading the document\n") {
        line.clear();
        let length = said.read_line(&mut line).expect("the command's words");
        assert!(length > 0, "it ended: {told}");
        told.push_str(&line);
    }
    std::fs::write(&pipe, document).expect("the pipe takes it");
    said.read_to_string(&mut told)
        .expect("the command's last words");
    let output = running.wait_with_output().expect("the command ends");

    assert!(output.status.success(), "{told}");
    for number in 0..8 {
        let step = format!("/8] generating the crate of `shop{number}`");
        assert!(told.contains(&step), "{told}");
    }
    // Lines and no bar: this is no terminal.
    assert!(!told.contains('\u{1b}') && !told.contains('\r'), "{told:?}");
    assert!(!text(&output.stdout).contains("generating"), "{output:?}");
}

#[test]
fn exit_codes_are_told() {
    let help = cargo(&workspace(), &["xtask", "--help"]);
    let shown = text(&help.stdout);
    for code in ["0  all is well", "1  there are findings", "2  misuse"] {
        assert!(shown.contains(code), "{shown}");
    }
    let misuse = xtask(&["diff", "--format", "xml"]);
    assert_eq!(misuse.status.code(), Some(2), "{misuse:?}");
    assert_eq!(text(&misuse.stdout), "");
}
