//! `cargo xtask soak`: builds and runs the package `scorekit-soak`, which knows the clients; this crate must not.

use std::path::Path;
use std::process::Command;

use crate::cli::{FAILURE, SUCCESS, UNUSABLE};

/// Runs the soak of the workspace at `root` with its own options; its output is the soak's.
pub(crate) fn run(root: &Path, options: &[String]) -> u8 {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["run", "--quiet", "--package", "scorekit-soak", "--"])
        .args(options)
        .status();
    match status {
        Ok(status) if status.success() => SUCCESS,
        Ok(status) if status.code() == Some(i32::from(UNUSABLE)) => UNUSABLE,
        Ok(_) => FAILURE,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            UNUSABLE
        }
    }
}
