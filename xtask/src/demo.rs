//! `cargo xtask demo`: the README's first command.
//!
//! The story itself is the facade's example `demo`. It is built and run by cargo rather than linked into this crate,
//! so that the generator can be built, and mend the generated code, when that does not compile.

use std::path::Path;

use crate::cargo::{cargo, run as run_cargo};

/// Runs the demo of the workspace at `root`; its output is the demo's.
pub(crate) fn run(root: &Path) -> u8 {
    run_cargo(cargo(root).args(["run", "--package", "scorekit", "--example", "demo"]))
}
