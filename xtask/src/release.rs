//! `cargo xtask release`: `scorekit_codegen::release` plans it.

use std::path::Path;

use clap::{ArgGroup, Args};
use scorekit_codegen::progress::shown;
use scorekit_codegen::release::{self, Date, Version};

use crate::output::{FAILURE, SUCCESS, failed, print};

/// The arguments of the command.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group(ArgGroup::new("mode").required(true).args(["dry_run", "date"])))]
pub(crate) struct Options {
    /// Show what a release would do and what changed since the last one, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Date the entries of the changelog, and print the commands that commit, tag and push
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Raise the version to this one first [default: release the version of Cargo.toml]
    #[arg(long, value_name = "X.Y.Z")]
    version: Option<Version>,
}

pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    match release::run(root, options.version, options.date, shown()) {
        Ok((text, is_ready)) => {
            print(&text);
            if is_ready { SUCCESS } else { FAILURE }
        }
        Err(problem) => failed(&problem),
    }
}
