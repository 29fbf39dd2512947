//! `cargo xtask ci`: runs the steps of `xtask/ci.toml` and prints the time that each of them takes.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use scorekit_codegen::gate::{self, Class, Gate, Step};

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
    let chosen = Gate::parse(STEPS).and_then(|gate| {
        let steps = gate.choose(class, &options.steps)?;
        Ok(steps.into_iter().cloned().collect::<Vec<_>>())
    });
    match chosen {
        Ok(steps) if options.list => {
            print(&gate::list(&steps.iter().collect::<Vec<_>>()));
            SUCCESS
        }
        Ok(steps) => run_steps(root, &steps),
        Err(problem) => failed(&problem),
    }
}

fn run_steps(root: &Path, steps: &[Step]) -> u8 {
    let mut times = Vec::new();
    for step in steps {
        eprintln!("\n== {}", step.name);
        let start = Instant::now();
        let failed = step.commands.iter().find(|command| {
            let begin = Instant::now();
            let failed = !gate::succeeds(root, command);
            eprintln!("took {:.1} s", begin.elapsed().as_secs_f64());
            failed
        });
        times.push((step.name.as_str(), start.elapsed()));
        if let Some(command) = failed {
            print(&gate::times(&times));
            eprintln!("error: the step `{}` failed: `{command}`", step.name);
            return FAILURE;
        }
    }
    print(&gate::times(&times));
    println!("all steps passed");
    SUCCESS
}
