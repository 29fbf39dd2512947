//! `cargo xtask ci`: runs the steps of `xtask/ci.toml` and prints the time that each of them takes.

use std::path::Path;

use clap::Args;
use scorekit_codegen::gate::{self, Class, Gate};

use crate::output::{FAILURE, SUCCESS, failed, print};

/// The arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Run only the fast steps, as before a commit
    #[arg(long, conflicts_with = "release")]
    fast: bool,
    /// Run the steps of a release too
    #[arg(long)]
    release: bool,
    /// Print the steps with their commands and run nothing
    #[arg(long)]
    list: bool,
    /// Run only these steps, of any class
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
}

/// The steps, from the time when this program was built.
const STEPS: &str = include_str!("../ci.toml");

/// Runs the steps that `options` choose in the workspace at `root`, up to the first that fails.
pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    let class = match (options.fast, options.release) {
        (true, _) => Class::Fast,
        (_, true) => Class::Release,
        _ => Class::Gate,
    };
    match Gate::parse(STEPS).and_then(|gate| gate.choose(class, &options.steps)) {
        Ok(steps) if options.list => {
            print(&gate::list(&steps));
            SUCCESS
        }
        Ok(steps) => {
            let (times, problem) = gate::run(root, &steps);
            print(&times);
            match problem {
                None => {
                    print("all steps passed\n");
                    SUCCESS
                }
                Some(problem) => {
                    eprintln!("error: {problem}");
                    FAILURE
                }
            }
        }
        Err(problem) => failed(&problem),
    }
}
