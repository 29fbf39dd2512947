//! `cargo xtask review`: everything that a maintainer looks at after a change of the document, in the order in which
//! it is looked at: the generated code is made current, the change is judged, and the snapshots that differ are
//! accepted or refused one by one.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::cargo::cargo;
use crate::diff::{self, Format};
use crate::exit::{FAILURE, SUCCESS, UNUSABLE};
use crate::progress::shown;

/// The tests whose snapshots are the interface and the wire.
const SNAPSHOTS: [&str; 2] = ["surface::", "wire::"];

/// Runs the review of the workspace at `root`, whose code is current, against the revision or file `base`.
///
/// Gives 0 if nothing breaks and every snapshot is what it was, 1 if not, 2 if there is nothing to compare.
pub(crate) fn run(root: &Path, base: &str) -> u8 {
    let verdict = diff::run(root, base, None, Format::Text);
    if verdict == UNUSABLE {
        return UNUSABLE;
    }
    let progress = shown();
    progress.expect(1);
    progress.begin("running the tests whose snapshots are the interface and the wire");
    let tests = cargo(root)
        .args(["test", "--quiet", "--package", "scorekit-integration", "--"])
        .args(SNAPSHOTS)
        // Each difference becomes a file beside its snapshot, for the review.
        .env("INSTA_UPDATE", "new")
        .env("INSTA_FORCE_PASS", "0")
        .output();
    drop(progress);
    let output = match tests {
        Ok(output) => output,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            return UNUSABLE;
        }
    };
    if output.status.success() {
        eprintln!("every snapshot is as it was");
        return verdict;
    }
    let pending = pending(root);
    if pending.is_empty() {
        // It is no snapshot that fails: the tests say what does.
        eprint!("{}", String::from_utf8_lossy(&output.stdout));
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        eprintln!(
            "the tests do not compile or fail by something else than their snapshots; once that is mended, run `cargo \
             xtask review` again"
        );
        return FAILURE;
    }
    eprintln!("snapshots that differ:");
    for path in &pending {
        eprintln!("    {}", path.display());
    }
    let has_insta = cargo(root)
        .args(["insta", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_insta || !std::io::stdin().is_terminal() {
        let install = if has_insta {
            ""
        } else {
            "cargo install cargo-insta\n    "
        };
        eprintln!(
            "look through them, and accept those that were meant to change, with\n\n    {install}cargo insta review\n\nor \
             accept all of them with\n\n    INSTA_UPDATE=always cargo test --package scorekit-integration"
        );
        return FAILURE;
    }
    match cargo(root).args(["insta", "review"]).status() {
        Ok(status) if status.success() && verdict == SUCCESS => SUCCESS,
        Ok(_) => FAILURE,
        Err(error) => {
            eprintln!("error: cannot run cargo insta: {error}");
            UNUSABLE
        }
    }
}

/// The snapshots that wait to be accepted or refused, in the order of their names.
fn pending(root: &Path) -> Vec<PathBuf> {
    let mut pending = Vec::new();
    let mut folders = vec![root.join("tests")];
    while let Some(folder) = folders.pop() {
        // A folder that cannot be read has nothing to show.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "new") {
                pending.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
            }
        }
    }
    pending.sort();
    pending
}
