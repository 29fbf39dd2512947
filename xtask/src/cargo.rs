//! Cargo, for programs that must not be part of this crate. It reports what it builds.

use std::path::Path;
use std::process::Command;

use crate::output::{FAILURE, SUCCESS, UNUSABLE, failed};

/// Creates a cargo command in the workspace at `root`, of the cargo that runs this program.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    scorekit_codegen::gate::without_package(&mut command);
    command
}

/// Runs the command and returns the exit status of its program; a failed build is `UNUSABLE`.
pub(crate) fn run(command: &mut Command) -> u8 {
    match command.status() {
        Ok(status) if status.success() => SUCCESS,
        Ok(status) if status.code() == Some(i32::from(FAILURE)) => FAILURE,
        // The program or cargo has printed the reason.
        Ok(_) => UNUSABLE,
        Err(error) => failed(&format!("cannot run cargo: {error}")),
    }
}
