//! `cargo xtask release`: `scorekit_codegen::release` plans it.

use std::path::Path;

use clap::Args;
use scorekit_codegen::release;

use crate::output::{FAILURE, SUCCESS, failed, print};

/// The arguments of the command.
#[derive(Args, Debug)]
#[group(required = true)]
pub(crate) struct Options {
    /// Show what a release would do, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Date the entries of the changelog, for the commit that is tagged
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    match release::run(root, options.date.as_deref()) {
        Ok((text, is_ready)) => {
            print(&text);
            if is_ready { SUCCESS } else { FAILURE }
        }
        Err(problem) => failed(&problem),
    }
}
