//! `--help` of every command, in snapshots: a change of the document shows in review.

use std::collections::BTreeMap;

use scorekit_test_support::{assert_snapshots, bundle, documented_operations, workspace};
use serde_json::Value;
use tempfile::TempDir;

use crate::world::{bare, run};

/// The words before which the help of all commands is the same.
const SHARED: &str = "Global options:";

/// Returns the path of every command, from `schema`.
pub(crate) async fn commands() -> Vec<Value> {
    let directory = TempDir::new().expect("a directory");
    let schema = run(bare(directory.path(), &["schema", "--json"]))
        .await
        .json();
    schema["commands"].as_array().expect("commands").clone()
}

#[tokio::test]
async fn help_of_every_command() {
    let directory = TempDir::new().expect("a directory");
    let mut snapshots: BTreeMap<String, String> = BTreeMap::new();
    let whole = run(bare(directory.path(), &["--help"])).await;
    snapshots.insert("scorekit".to_owned(), whole.ok());
    for command in commands().await {
        let path = command["command"].as_str().expect("a path");
        let words: Vec<&str> = path.split(' ').chain(["--help"]).collect();
        let help = run(bare(directory.path(), &words)).await.ok();
        let (own, shared) = help.split_once(SHARED).expect("global options");
        let after = shared.rfind("\n\nExample").map_or("", |at| &shared[at..]);
        assert!(
            after.contains(&format!("  scorekit {path}")),
            "{path} has no example"
        );
        let codes = after
            .split_once("\n\nExit codes: 0 success")
            .expect("exit codes")
            .1;
        assert!(codes.contains("64 wrong usage"), "{path}: {codes}");
        let group = words[..words.len() - 2].join("-");
        let group = if group.is_empty() {
            "by-hand".to_owned()
        } else {
            group
        };
        let text = snapshots.entry(group).or_default();
        *text += &format!("$ scorekit {path} --help\n{own}{}\n\n", after.trim_start());
    }
    assert!(snapshots.len() > 20, "{}", snapshots.len());
    let snapshots: Vec<_> = snapshots.into_iter().collect();
    assert_snapshots(&workspace().join("tests/cli/snapshots/help"), &snapshots);
}

#[tokio::test]
async fn every_operation_of_the_document_has_a_command() {
    let commands = commands().await;
    let described: Vec<&str> = commands
        .iter()
        .filter_map(|command| command["description"].as_str())
        .collect();
    let operations = documented_operations(&bundle());
    assert!(!operations.is_empty(), "the document has no operations");
    for operation in operations {
        let method = operation.method.to_uppercase();
        let line = format!("\n{method} {}\n", operation.path);
        let count = described.iter().filter(|it| it.contains(&line)).count();
        assert_eq!(count, 1, "{}", operation.id);
    }
}

#[tokio::test]
async fn help_says_what_the_exit_codes_mean() {
    let directory = TempDir::new().expect("a directory");
    let help = run(bare(directory.path(), &["--help"])).await.ok();
    for code in [
        "  0  success",
        "  1  ",
        "  2  ",
        "  3  ",
        "  4  ",
        " 64  ",
        "130  ",
    ] {
        assert!(help.contains(code), "{code} in {help}");
    }
}

#[tokio::test]
async fn a_preview_says_so() {
    let directory = TempDir::new().expect("a directory");
    let arguments = ["outcomes", "create-batch", "--help"];
    let help = run(bare(directory.path(), &arguments)).await.ok();
    assert!(help.contains("Preview: the vendor may change"), "{help}");
}

#[tokio::test]
async fn completion_and_man_pages_know_every_command() {
    let directory = TempDir::new().expect("a directory");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(bare(directory.path(), &["completion", shell]))
            .await
            .ok();
        for word in ["maintenance-windows", "page-size", "completion"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let page = run(bare(directory.path(), &["man"])).await.ok();
    assert!(page.starts_with(".ie \\n(.g .ds Aq"), "{page}");
    run(bare(directory.path(), &["man", "--out", "man1"]))
        .await
        .ok();
    let pages = std::fs::read_dir(directory.path().join("man1")).expect("pages");
    let count = pages.count();
    assert!(count > commands().await.len(), "{count}");
}

#[tokio::test]
async fn schemas_are_filtered_like_all_output() {
    let directory = TempDir::new().expect("a directory");
    for (arguments, expected) in [
        (&["schema", "--files", "--jq", ".type"][..], "object\n"),
        (&["schema", "--jq", ".name"], "scorekit\n"),
        (&["schema", "--jq", ".name", "-o", "json"], "\"scorekit\"\n"),
    ] {
        let run = run(bare(directory.path(), arguments)).await;
        assert_eq!(run.ok(), expected, "{arguments:?}");
    }
}
