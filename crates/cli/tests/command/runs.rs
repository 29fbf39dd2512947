//! Runs of the command that need only this package.

use std::process::{Command, Output, Stdio};

/// Runs the command in a temporary directory.
fn run(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit"));
    command
        .args(arguments)
        .current_dir(directory.path())
        .env("SCOREKIT_CONFIG", directory.path().join("config.toml"))
        .env("SCOREKIT_STATE", directory.path().join("state"))
        .stdin(Stdio::null());
    command.output().expect("the command runs")
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = run(&["--version"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim(), concat!("scorekit ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_operation_is_described() {
    let output = run(&["rules", "list", "--help"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Usage: scorekit rules list"), "{text}");
}

/// Reads and writes through the client, against the sandbox in the same process.
#[cfg(feature = "sandbox")]
#[test]
fn the_demonstration_runs() {
    let output = run(&["demo"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("http://127.0.0.1:"), "{text}");
}
