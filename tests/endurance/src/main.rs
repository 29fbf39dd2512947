//! `cargo xtask soak`: many tasks make mixed calls against a sandbox that injects faults; checks
//! compare the results at the end. `docs/soak.md` lists the checks and the latest figures.
//!
//! This process is the client. It starts itself a second time as the server, so that each side has
//! memory of its own. Exit codes: 0 if all checks passed, 1 if one failed, 2 if the run failed.

#![forbid(unsafe_code)]

mod checks;
mod client_counts;
mod ledger;
mod memory;
mod monitor;
mod outcome;
mod report;
mod run;
mod sabotage;
mod server;
mod settings;
mod tasks;

use std::process::ExitCode;

use clap::Parser;

use crate::settings::{Arguments, Part};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let passed = match arguments.part {
        Some(Part::Serve { seed, faults }) => server::serve(seed, &faults).map(|()| true),
        None => run::run(&arguments.settings),
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
