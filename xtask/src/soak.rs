//! `cargo xtask soak`: builds and runs the package `scorekit-endurance`, which knows the clients; this crate must not.

use std::path::Path;

use crate::cargo::{cargo, run as run_cargo};

/// Runs the soak of the workspace at `root` with its own options; its output is the soak's.
pub(crate) fn run(root: &Path, options: &[String]) -> u8 {
    run_cargo(
        cargo(root)
            .args(["run", "--package", "scorekit-endurance", "--"])
            .args(options),
    )
}
