//! The rules of the source tree that neither the compiler nor a lint checks.

use std::process::Command;

use scorekit_test_support::workspace;

/// The longest file that is written by hand, in lines.
const LINES: usize = 500;

/// Files that are not written by hand, by what their path begins with, contains or ends with.
const NOT_BY_HAND: [&str; 7] = [
    "/generated/",
    "crates/scorekit/src/generated.rs",
    "crates/sandbox/openapi.json",
    "crates/sandbox/assets/rapidoc",
    ".snap",
    ".lock",
    "tests/integration/schemas/",
];

/// Returns the text files of the repository that are written by hand, with their content.
fn files() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(workspace())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "the workspace is a git repository");
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let by_hand = |path: &&str| {
        !path.is_empty()
            && !NOT_BY_HAND
                .iter()
                .any(|part| format!("/{path}").contains(part))
    };
    let read = |path: &str| {
        // A file that is deleted but not committed yet has no lines.
        let text = std::fs::read_to_string(workspace().join(path)).ok()?;
        Some((path.to_owned(), text))
    };
    let files: Vec<_> = listed
        .split('\0')
        .filter(by_hand)
        .filter_map(read)
        .collect();
    assert!(files.len() > 300, "only {} files", files.len());
    files
}

#[test]
fn files_stay_under_500_lines() {
    let files = files();
    let long: Vec<_> = files
        .iter()
        .filter(|(path, text)| path.ends_with(".rs") && text.lines().count() > LINES)
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these files:\n{}", long.join("\n"));
}
