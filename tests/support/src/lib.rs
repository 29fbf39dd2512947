//! The helpers that the tests of several packages share: the workspace, a copy of it, cargo, the
//! command `cargo xtask`, and snapshots.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tempfile::TempDir;

/// The workspace these tests belong to.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this package stands in the workspace")
        .to_path_buf()
}

/// Where cargo builds, so that what a test has built is built with what is there already.
pub fn target() -> PathBuf {
    // Test programs stand in `deps` below the directory of the profile.
    let program = std::env::current_exe().expect("a running test knows its program");
    let target = program.ancestors().nth(3);
    target.expect("a directory above").to_path_buf()
}

/// Runs cargo and gives back what it printed.
pub fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).args(arguments);
    // What the outer cargo set for this package must not reach another one.
    command
        .env_remove("CARGO_MANIFEST_DIR")
        .env("CARGO_TERM_COLOR", "never");
    command.output().expect("cargo runs")
}

/// Compiles a workspace that was generated in the target folder, without code for the processor.
pub fn check(folder: &Path) -> Output {
    std::fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    cargo_with_built(folder, &["check", "--workspace"])
}

/// Runs cargo elsewhere with the dependencies that were built here already.
pub fn cargo_with_built(folder: &Path, arguments: &[&str]) -> Output {
    let built = format!("build.build-dir={:?}", target().display().to_string());
    // Another profile would be another build of every dependency.
    let profile = "profile.dev.debug=\"line-tables-only\"";
    let how = [
        "--offline",
        "--quiet",
        "--config",
        &built,
        "--config",
        profile,
    ];
    cargo(folder, &[arguments, &how].concat())
}

/// Runs the xtask command.
pub fn xtask(arguments: &[&str]) -> Output {
    xtask_command(arguments).output().expect("xtask runs")
}

/// The xtask command, built once.
pub fn xtask_command(arguments: &[&str]) -> Command {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    let executable = EXECUTABLE.get_or_init(|| {
        let build = [
            "build",
            "--quiet",
            "--package",
            "xtask",
            "--bin",
            "xtask",
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
    });
    let mut command = Command::new(executable);
    // The variable names the package of the test, from which the command would derive its workspace.
    command.args(arguments).env_remove("CARGO_MANIFEST_DIR");
    command
}

/// A workspace with a document and nothing generated yet.
pub fn empty_workspace(document: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |path: &str, content: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    };
    write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.dependencies]\n",
    );
    write(
        "crates/scorekit/Cargo.toml",
        "[package]\nname = \"scorekit\"\n\n[features]\ndefault = []\n\n[dependencies]\n",
    );
    for (path, content) in document {
        write(path, content);
    }
    folder
}

/// A copy of everything in the workspace that git would keep.
pub fn copy_of_workspace() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let skip = ["target", ".git"];
    copy(&workspace(), folder.path(), &skip);
    folder
}

fn copy(from: &Path, to: &Path, skip: &[&str]) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if skip.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target, skip);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// Every file below `folder` with its content, by path.
pub fn files(folder: &Path) -> std::collections::BTreeMap<PathBuf, String> {
    let mut files = std::collections::BTreeMap::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(&path).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("a path below")
                    .to_path_buf();
                files.insert(
                    name,
                    String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned(),
                );
            }
        }
    }
    files
}

/// Compares each text with the snapshot of its name in `folder`, all of them before it fails, so that one run shows
/// every difference; and there is no other snapshot.
pub fn assert_snapshots(folder: &Path, texts: &[(String, String)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut differing = Vec::new();
    for (name, text) in texts {
        let comparison = std::panic::AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        });
        if std::panic::catch_unwind(comparison).is_err() {
            differing.push(name.as_str());
        }
    }
    assert!(differing.is_empty(), "changed: {}", differing.join(", "));
    let stale: Vec<_> = std::fs::read_dir(folder)
        .expect("the snapshots")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .filter(|name| {
            name.strip_suffix(".snap")
                .is_some_and(|name| !texts.iter().any(|(known, _)| known == name))
        })
        .collect();
    assert!(
        stale.is_empty(),
        "snapshots of what is gone, to be deleted: {stale:?}"
    );
}

/// Creates a property test runner with the same cases in every run, or as many random ones as the
/// environment variable `PROPTEST_CASES` says.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return TestRunner::new(config);
    }
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { cases, ..config }, rng)
}

/// The document as one JSON value, as the sandbox and `cargo xtask bundle` have it.
pub fn bundle() -> serde_json::Value {
    let text = std::fs::read_to_string(workspace().join("crates/sandbox/openapi.json"))
        .expect("the bundle");
    serde_json::from_str(&text).expect("JSON")
}
