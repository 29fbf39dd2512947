//! `cargo xtask review`: the steps after a change of the document. It generates, compares with the
//! last commit, and leads through the snapshots that differ.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::Stdio;

use scorekit_codegen::diff::render;
use scorekit_codegen::progress::shown;
use scorekit_codegen::review;

use crate::cargo::{cargo, run as run_cargo};
use crate::output::{FAILURE, SUCCESS, failed, print, takes_colours, unusable};

/// Reviews the workspace at `root`, whose code is up to date, against the revision or file `base`.
///
/// Succeeds if nothing breaks and no snapshot differs.
pub(crate) fn run(root: &Path, base: &str) -> u8 {
    let found = match review::review(root, base, shown()) {
        Ok(found) => found,
        Err(diagnostics) => return unusable(&diagnostics),
    };
    print(&render::text(
        &found.report,
        takes_colours(&std::io::stdout()),
    ));
    let verdict = if found.report.breaks() {
        FAILURE
    } else {
        SUCCESS
    };
    if !found.requests.is_empty() {
        let count = found.requests.len();
        let progress = shown();
        progress.begin(&format!(
            "building and sending the requests: {count} can differ"
        ));
        let tests = cargo(root)
            .args("test --quiet --workspace --test wire".split(' '))
            // Each difference becomes a file next to its snapshot, for the review.
            .env("INSTA_UPDATE", "new")
            .env("INSTA_FORCE_PASS", "0")
            .output();
        drop(progress);
        match tests {
            Ok(output) if !output.status.success() && !review::waits_for_requests(root) => {
                // The tests failed for another reason, which they printed.
                eprint!("{}", String::from_utf8_lossy(&output.stdout));
                eprintln!("{}", String::from_utf8_lossy(&output.stderr));
                eprintln!("{}", review::BROKEN);
                return FAILURE;
            }
            Ok(_) => {}
            Err(error) => return failed(&format!("cannot run cargo: {error}")),
        }
    }
    let has_insta = cargo(root)
        .args(["insta", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let Some((list, advice)) = review::advice(root, has_insta) else {
        eprintln!("every snapshot is as it was");
        return verdict;
    };
    eprint!("{list}");
    if !has_insta || !std::io::stdin().is_terminal() {
        eprint!("{advice}");
        return FAILURE;
    }
    match run_cargo(cargo(root).args(["insta", "review"])) {
        SUCCESS => verdict,
        code => code,
    }
}
