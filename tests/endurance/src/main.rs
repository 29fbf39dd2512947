//! `cargo xtask soak`: minutes of mixed calls from many tasks against a sandbox that fails in every way it knows, and then
//! an account of it. `docs/soak.md` says what is checked and has the last figures.
//!
//! This process is the client; it starts itself once more as the server, so that each has its own memory. Exit codes:
//! 0 everything held, 1 something did not, 2 the run could not be made.

#![forbid(unsafe_code)]

mod attempts;
mod checks;
mod ledger;
mod memory;
mod report;
mod run;
mod server;
mod tasks;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Make minutes of mixed calls from many tasks against a sandbox that fails, and see what came of them.
///
/// Exits with 0 if everything held, with 1 if something did not, and with 2 if no run could be made.
#[derive(Parser)]
#[command(name = "cargo xtask soak", bin_name = "cargo xtask soak")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Part {
    /// Be the server, until standard input ends
    #[command(hide = true)]
    Serve {
        /// Decides which requests are met by faults
        #[arg(long)]
        seed: u64,
    },
}

// What a run is like. (As documentation, it would be the command's.)
#[derive(Args, Clone, Debug)]
struct Settings {
    /// How long to make calls, in minutes
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        conflicts_with = "seconds"
    )]
    minutes: u64,
    /// How long to make calls, in seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// How many tasks make calls
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..1000))]
    tasks: u64,
    /// What the tasks do, and which requests are met by faults; the order in which they meet is never the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How long a task may be busy with one thing, in seconds, before it counts as stuck
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,
    /// Does this wrong on purpose, to see that it is found
    #[arg(long, value_name = "WHAT")]
    sabotage: Option<Sabotage>,
}

impl Settings {
    fn duration(&self) -> Duration {
        let seconds = self.seconds.unwrap_or(self.minutes.saturating_mul(60));
        Duration::from_secs(seconds.max(1))
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

/// What can be done wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sabotage {
    /// A rule that was acknowledged is gone at the end
    LostWrite,
    /// A rule that was acknowledged is there twice at the end
    SecondWrite,
    /// The last acknowledged change of a rule is undone at the end
    LostUpdate,
    /// What failed to be created is taken for created
    AssumedWrite,
    /// The server has a request that the client did not count
    UncountedRequest,
    /// The server has a request of another program
    ForeignRequest,
    /// A task waits for something that never comes
    StuckTask,
    /// Every task forgets to give memory back
    Leak,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.part {
        Some(Part::Serve { seed }) => server::serve(seed).map(|()| true),
        None => run::run(&arguments.settings),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
