//! The workspace, copies of it, and its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkdir::WalkDir;

/// Returns the root of this workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the package is in the workspace")
        .to_path_buf()
}

/// Returns cargo's target directory, so that tests can share built crates.
pub fn target() -> PathBuf {
    // A test program is in `deps`, below the directory of the profile.
    let program = std::env::current_exe().expect("the path of the test program");
    let target = program.ancestors().nth(3);
    target.expect("a directory above").to_path_buf()
}

/// Creates a workspace with a document and no generated files.
pub fn empty_workspace(document: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    let write = |path: &str, content: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
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
    directory
}

/// Copies the workspace without its build output and its git history.
pub fn copy_of_workspace() -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    let from = workspace();
    let skipped = ["target", ".git"];
    let entries = WalkDir::new(&from)
        .into_iter()
        .filter_entry(|entry| !skipped.iter().any(|name| entry.file_name() == *name));
    for entry in entries {
        let entry = entry.expect("an entry");
        let below = entry.path().strip_prefix(&from).expect("a path below");
        let to = directory.path().join(below);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(to).expect("a directory");
        } else {
            std::fs::copy(entry.path(), to).expect("a file");
        }
    }
    directory
}

/// Reads every file below `directory`, by relative path.
pub fn files(directory: &Path) -> BTreeMap<PathBuf, String> {
    WalkDir::new(directory)
        .into_iter()
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| !entry.path().is_dir())
        .map(|entry| {
            let below = entry.path().strip_prefix(directory).expect("a path below");
            let content = std::fs::read(entry.path()).expect("a file");
            let content = String::from_utf8_lossy(&content).into_owned();
            (below.to_path_buf(), content)
        })
        .collect()
}
