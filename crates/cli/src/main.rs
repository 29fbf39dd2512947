//! The command `scorekit`: every operation of the APIs, and the jobs of a platform team.
//!
//! `generated` has a table of the operations, which `commands::operation` turns into commands when
//! they are needed. The other modules of `commands` are written by hand, one for each job.

#![forbid(unsafe_code)]

mod app;
mod catalog;
mod commands;
mod compact;
mod context;
mod curl;
mod exit;
#[rustfmt::skip]
mod generated;
mod interrupt;
mod keyring;
mod log;
mod output;
mod settings;
mod yaml;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(std::env::args_os().collect())
}
