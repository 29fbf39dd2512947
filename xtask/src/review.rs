//! `cargo xtask review`: the steps after a change of the document. It generates, compares with the
//! last commit, and leads through the snapshots that differ.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use scorekit_codegen::diff::Selection;
use scorekit_codegen::progress::shown;

use crate::cargo::{cargo, run as run_cargo};
use crate::diff::{self, Format};
use crate::output::{FAILURE, SUCCESS, UNUSABLE, failed};

/// The tests whose snapshots hold the public interface and the requests.
const SNAPSHOTS: [&str; 2] = ["surface::", "wire::"];

/// Reviews the workspace at `root`, whose code is up to date, against the revision or file `base`.
///
/// Succeeds if nothing breaks and no snapshot differs.
pub(crate) fn run(root: &Path, base: &str) -> u8 {
    let verdict = diff::run(root, base, None, &Selection::default(), Format::Text);
    if verdict == UNUSABLE {
        return UNUSABLE;
    }
    let progress = shown();
    progress.begin("running the tests whose snapshots are the interface and the wire");
    let tests = cargo(root)
        .args("test --quiet --workspace --test integration --".split(' '))
        .args(SNAPSHOTS)
        // Each difference becomes a file next to its snapshot, for the review.
        .env("INSTA_UPDATE", "new")
        .env("INSTA_FORCE_PASS", "0")
        .output();
    drop(progress);
    let output = match tests {
        Ok(output) => output,
        Err(error) => return failed(&format!("cannot run cargo: {error}")),
    };
    if output.status.success() {
        eprintln!("every snapshot is as it was");
        return verdict;
    }
    let pending = pending(root);
    if pending.is_empty() {
        // The tests failed for another reason, which they printed.
        eprint!("{}", String::from_utf8_lossy(&output.stdout));
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        eprintln!(
            "error: cannot compare the snapshots: the tests do not compile, or fail for another \
             reason; correct that and run `cargo xtask review` again"
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
        let install = match has_insta {
            true => "",
            false => "cargo install cargo-insta\n    ",
        };
        eprintln!(
            "review them, and accept those that were meant to change, with\n\n    \
             {install}cargo insta review\n\nor accept all of them with\n\n    \
             INSTA_UPDATE=always cargo test --workspace --test integration"
        );
        return FAILURE;
    }
    match run_cargo(cargo(root).args(["insta", "review"])) {
        SUCCESS => verdict,
        code => code,
    }
}

/// Returns the snapshots that wait to be accepted or rejected, in the order of their names.
fn pending(root: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(root.join("tests"))
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "new"))
        .map(|path| path.strip_prefix(root).unwrap_or(&path).to_owned())
        .collect()
}
