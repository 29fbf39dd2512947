//! The command line of a run.

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Run a soak test: mixed calls from many tasks against a sandbox that injects faults
///
/// At the end, checks compare what the client reported with what the sandbox stores and received.
/// Exits with 0 if all checks passed, with 1 if a check failed, and with 2 if the run failed.
#[derive(Parser)]
#[command(name = "cargo xtask soak", bin_name = "cargo xtask soak")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) part: Option<Part>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Subcommand)]
pub(crate) enum Part {
    /// Run the server until standard input ends
    #[command(hide = true)]
    Serve {
        /// Seed that selects the requests with faults
        #[arg(long)]
        seed: u64,
        /// Fault to inject before the standard ones
        #[arg(long = "fault")]
        faults: Vec<String>,
    },
}

// The settings of a run. A doc comment here would replace the description of the command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Make calls for N minutes
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        conflicts_with_all = ["seconds", "actions"]
    )]
    minutes: u64,
    /// Make calls for N seconds
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "actions",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    seconds: Option<u64>,
    /// Stop each task after N actions, such as creating a rule or reading a list
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    actions: Option<u64>,
    /// Number of tasks that make calls
    #[arg(
        long,
        value_name = "N",
        default_value_t = 24,
        value_parser = clap::value_parser!(u64).range(1..1000)
    )]
    pub(crate) tasks: u64,
    /// Seed of the actions and of the faults; the order of requests differs between runs
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Inject another fault, in the sandbox's syntax, such as `reset,count=2`
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<String>,
    /// Report a task as stuck when one action takes longer than N seconds
    #[arg(
        long,
        value_name = "N",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    stuck_after: u64,
    /// Make this error on purpose, to test that a check finds it
    #[arg(long, value_name = "ERROR")]
    pub(crate) sabotage: Option<Sabotage>,
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The tasks stop after this time.
    Time(Duration),
    /// Each task stops after this many actions.
    Actions(u64),
}

impl Settings {
    pub(crate) fn limit(&self) -> Limit {
        let time = |seconds: u64| Limit::Time(Duration::from_secs(seconds.max(1)));
        match (self.actions, self.seconds) {
            (Some(actions), _) => Limit::Actions(actions),
            (None, Some(seconds)) => time(seconds),
            (None, None) => time(self.minutes.saturating_mul(60)),
        }
    }

    /// Returns the time after which the task of an action counts as stuck.
    pub(crate) fn stuck_after(&self) -> Duration {
        Duration::from_secs(self.stuck_after)
    }
}

/// The errors that a run can make on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sabotage {
    /// An acknowledged rule is deleted before the checks
    LostWrite,
    /// An acknowledged rule exists twice
    DuplicateWrite,
    /// An acknowledged rule is changed before the checks
    LostUpdate,
    /// Creations that failed count as acknowledged
    AssumedWrite,
    /// The server receives a request that the client did not count
    UncountedRequest,
    /// The server receives a request of another program
    ForeignRequest,
    /// A task waits forever
    StuckTask,
    /// Every action leaks memory
    Leak,
}
