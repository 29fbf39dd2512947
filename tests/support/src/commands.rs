//! Cargo and the xtask command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::workspace::{target, workspace};

/// Runs cargo in `directory` and returns its output.
pub fn cargo(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = cargo_command(directory);
    command.args(arguments).env("CARGO_TERM_COLOR", "never");
    command.output().expect("cargo runs")
}

/// Creates a cargo command that runs in `directory`.
pub fn cargo_command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(directory);
    without_package(&mut command);
    command
}

/// Removes the variables in which the outer cargo describes the package of the test, and the
/// directory of its build script. The build script of ring depends on them, so a cargo that
/// inherits them compiles ring, and all that uses it, again.
fn without_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = ["CARGO_MANIFEST_", "CARGO_PKG_"];
        if text == "OUT_DIR" || of_package.iter().any(|start| text.starts_with(start)) {
            command.env_remove(name);
        }
    }
}

/// Runs `cargo check` for a workspace that was generated in the target directory.
pub fn check(directory: &Path) -> Output {
    let lock = directory.join("Cargo.lock");
    std::fs::copy(workspace().join("Cargo.lock"), lock).expect("a lock file");
    cargo_with_built(directory, &["check", "--workspace"])
}

/// The debug information of this workspace. Another choice would build every dependency again, so
/// one from the environment holds here too.
const DEBUG: [&str; 2] = [
    "CARGO_PROFILE_DEV_DEBUG",
    "CARGO_PROFILE_DEV_BUILD_OVERRIDE_DEBUG",
];

/// Runs cargo offline in another workspace, with the dependencies that this one has built.
pub fn cargo_with_built(directory: &Path, arguments: &[&str]) -> Output {
    let built = format!("build.build-dir={:?}", target().display().to_string());
    let mut command = cargo_command(directory);
    command
        .args(arguments)
        .args(["--offline", "--quiet", "--config", &built])
        .env("CARGO_TERM_COLOR", "never");
    for name in DEBUG {
        if std::env::var_os(name).is_none() {
            command.env(name, "line-tables-only");
        }
    }
    command.output().expect("cargo runs")
}

/// Runs the xtask command and returns its output, without the lines about its progress. Those begin
/// after a second, so only a slow machine sees them.
pub fn xtask(arguments: &[&str]) -> Output {
    let mut output = xtask_command(arguments).output().expect("xtask runs");
    let lines = output.stderr.split_inclusive(|byte| *byte == b'\n');
    output.stderr = lines
        .filter(|line| !is_progress(line))
        .flatten()
        .copied()
        .collect();
    output
}

/// Returns true for `[1.5 s] reading the document` and `[1.5 s, 2/8] …`.
fn is_progress(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let time = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(" s"));
    time.is_some_and(|(time, rest)| {
        time.parse::<f64>().is_ok() && (rest.starts_with("] ") || rest.starts_with(", "))
    })
}

/// Creates an xtask command. The first call in a process builds it.
pub fn xtask_command(arguments: &[&str]) -> Command {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    let executable = EXECUTABLE.get_or_init(|| build("xtask"));
    let mut command = Command::new(executable);
    // The command would take its workspace from them.
    without_package(&mut command);
    command.args(arguments);
    command
}

/// Returns the path of the command `scorekit`. The first call in a process builds it.
pub fn program() -> &'static Path {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| build("scorekit"))
}

/// Builds a program of the workspace and returns its path.
fn build(name: &str) -> PathBuf {
    let build = [
        "build",
        "--quiet",
        "--bin",
        name,
        "--message-format",
        "json",
    ];
    let output = cargo(&workspace(), &build);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.to_owned())
    });
    executable.expect("cargo names the executable").into()
}
