//! Cargo, for programs that must not be part of this crate: it tells what it builds, and they what they find.

use std::path::Path;
use std::process::Command;

use crate::exit::{FAILURE, SUCCESS, UNUSABLE};

/// Cargo in the workspace at `root`, the one that runs this program if one does.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs it, and gives back the exit code of the program that it ran. What does not build gives none.
pub(crate) fn run(command: &mut Command) -> u8 {
    match command.status() {
        Ok(status) if status.success() => SUCCESS,
        Ok(status) if status.code() == Some(i32::from(FAILURE)) => FAILURE,
        // The program or cargo has said why.
        Ok(_) => UNUSABLE,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            UNUSABLE
        }
    }
}
