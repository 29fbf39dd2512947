//! `cargo xtask ci`: runs the steps of `xtask/ci.toml` and prints the time that each of them takes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Deserialize;

use crate::output::{FAILURE, SUCCESS, failed};

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

/// The steps of the gate, in the order in which they run.
#[derive(Deserialize)]
struct Gate {
    step: Vec<Step>,
}

/// Commands that run one after another, from the root of the workspace.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    class: Class,
    /// The step that does the same and more.
    part_of: Option<String>,
    commands: Vec<String>,
}

/// The classes of steps: each includes those before it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
enum Class {
    Fast,
    Gate,
    Release,
}

/// The steps, from the time when this program was built.
const STEPS: &str = include_str!("../ci.toml");

/// The environment of every command.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("CARGO_TERM_COLOR", "never"),
    ("RUSTDOCFLAGS", "-D warnings"),
    // A snapshot that differs is a failure, never a new file.
    ("INSTA_UPDATE", "no"),
];

/// Runs the steps that `options` choose in the workspace at `root`, up to the first that fails.
pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    let gate: Gate = match toml_edit::de::from_str(STEPS) {
        Ok(gate) => gate,
        Err(error) => return failed(&format!("cannot read xtask/ci.toml: {error}")),
    };
    let unknown = |name: &&String| !gate.step.iter().any(|step| step.name == **name);
    let wholes = gate.step.iter().filter_map(|step| step.part_of.as_ref());
    if let Some(name) = options.steps.iter().chain(wholes).find(unknown) {
        return failed(&format!(
            "cannot run the step `{name}`: it does not exist; see `ci --list`"
        ));
    }
    let class = match (options.fast, options.release) {
        (true, _) => Class::Fast,
        (_, true) => Class::Release,
        _ => Class::Gate,
    };
    let is_of_class = |step: &Step| step.class <= class;
    let is_covered = |step: &Step| {
        let mut others = gate.step.iter().filter(|it| is_of_class(it));
        others.any(|it| step.part_of.as_deref() == Some(it.name.as_str()))
    };
    let is_chosen = |step: &&Step| match options.steps.is_empty() {
        true => is_of_class(step) && !is_covered(step),
        false => options.steps.contains(&step.name),
    };
    let steps = gate.step.iter().filter(is_chosen);
    if options.list {
        for step in steps {
            let commands = step.commands.join("\n");
            println!("# {} ({:?})\n{commands}", step.name, step.class);
        }
        return SUCCESS;
    }
    run_steps(root, steps)
}

fn run_steps<'a>(root: &Path, steps: impl Iterator<Item = &'a Step>) -> u8 {
    let mut times = Vec::new();
    for step in steps {
        eprintln!("\n== {}", step.name);
        let start = Instant::now();
        let failed = step.commands.iter().find(|command| {
            let begin = Instant::now();
            let failed = !succeeds(root, command);
            eprintln!("took {:.1} s", begin.elapsed().as_secs_f64());
            failed
        });
        times.push((step.name.as_str(), start.elapsed()));
        if let Some(command) = failed {
            print_times(&times);
            eprintln!("error: the step `{}` failed: `{command}`", step.name);
            return FAILURE;
        }
    }
    print_times(&times);
    println!("all steps passed");
    SUCCESS
}

/// Runs a command. Returns true if it succeeded.
fn succeeds(root: &Path, command: &str) -> bool {
    eprintln!("$ {command}");
    let mut words = command.split_ascii_whitespace();
    let program = words.next().unwrap_or_default();
    // A program with a path is in the workspace; the system finds the others.
    let path = if program.contains('/') {
        root.join(program)
    } else {
        program.into()
    };
    let mut process = Command::new(path);
    process.args(words).current_dir(root).envs(ENVIRONMENT);
    // Cargo and rustup set these for this program. The started ones choose for themselves.
    for name in ["CARGO", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN"] {
        process.env_remove(name);
    }
    match process.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("error: cannot run `{program}`: {error}; install it, or run .ci/run once");
            false
        }
    }
}

/// Prints the time that each step took, and the sum.
fn print_times(times: &[(&str, Duration)]) {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    println!();
    for (name, time) in times.iter().chain([&("in all", total)]) {
        println!("{:>7.1} s  {name}", time.as_secs_f64());
    }
}
