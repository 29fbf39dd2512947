//! `cargo xtask review`: everything that a maintainer looks at after a change of the document, in the order in which
//! it is looked at: the generated code is made current, the change is judged, and the snapshots that differ are
//! accepted or refused one by one.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::{FAILURE, SUCCESS, UNUSABLE};
use crate::diff::{self, Format};

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
    eprintln!("comparing the snapshots of the interface and of the wire");
    let tests = cargo(root)
        .args(["test", "--quiet", "--package", "scorekit-tests", "--"])
        .args(SNAPSHOTS)
        // Each difference becomes a file beside its snapshot, for the review.
        .env("INSTA_UPDATE", "new")
        .env("INSTA_FORCE_PASS", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match tests {
        Ok(status) if status.success() => {
            eprintln!("every snapshot is as it was");
            return verdict;
        }
        Ok(_) => {}
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            return FAILURE;
        }
    }
    let has_insta = cargo(root)
        .args(["insta", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_insta || !std::io::stdin().is_terminal() {
        eprintln!(
            "snapshots differ, or the tests do not compile. Look at them with\n\n    cargo test -p scorekit-tests\n\nand, \
             where the change is meant, accept them with `cargo insta review` (after `cargo install cargo-insta`) or\n\n    \
             INSTA_UPDATE=always cargo test -p scorekit-tests"
        );
        return FAILURE;
    }
    match cargo(root).args(["insta", "review"]).status() {
        Ok(status) if status.success() && verdict == SUCCESS => SUCCESS,
        Ok(_) => FAILURE,
        Err(error) => {
            eprintln!("error: cannot run cargo insta: {error}");
            FAILURE
        }
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
