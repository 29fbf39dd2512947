//! `cargo xtask demo`: the README's first command.
//!
//! The story itself is the facade's example `demo`. It is built and run by cargo rather than linked into this crate,
//! so that the generator can be built, and mend the generated code, when that does not compile.

use std::path::Path;
use std::process::Command;

use crate::cli::{FAILURE, SUCCESS, UNUSABLE};

/// Runs the demo of the workspace at `root`; its output is the demo's.
pub(crate) fn run(root: &Path) -> u8 {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["run", "--package", "scorekit", "--example", "demo"])
        .status();
    match status {
        Ok(status) if status.success() => SUCCESS,
        Ok(_) => FAILURE,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            UNUSABLE
        }
    }
}
