//! `cargo xtask release`: `scorekit_codegen::release` plans it.

use std::path::Path;

use clap::Args;
use scorekit_codegen::release::Release;

use crate::output::{FAILURE, SUCCESS, UNUSABLE, print};

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
    let outcome = Release::plan(root).and_then(|release| {
        print(&release.to_string());
        match options
            .date
            .as_deref()
            .filter(|_| release.problems.is_empty())
        {
            Some(date) => print(&release.date_changes(root, date)?),
            None if release.problems.is_empty() => {}
            None => return Ok(FAILURE),
        }
        Ok(SUCCESS)
    });
    outcome.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        UNUSABLE
    })
}
