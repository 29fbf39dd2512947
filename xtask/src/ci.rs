//! `cargo xtask ci`: the steps of the gate, and the time that each of them takes.
//!
//! A step belongs to a class. The fast ones are for a contributor before each commit. The gate adds
//! everything that README.md tells a user to run and CONTRIBUTING.md promises. The release class
//! adds what compiles much, takes long, or needs tools built from source.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::exit::{FAILURE, SUCCESS, UNUSABLE};

/// The arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Run only the fast steps, as before a commit
    #[arg(long, conflicts_with = "release")]
    fast: bool,
    /// Run the steps of a release, too
    #[arg(long)]
    release: bool,
    /// Print the steps and their commands and run nothing
    #[arg(long)]
    list: bool,
    /// Run only these steps, of any class
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
}

/// How often a step is worth its time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Class {
    /// Before every commit.
    Fast,
    /// Before a change lands.
    Gate,
    /// Before a release.
    Release,
}

/// Commands that are run one after another, from the root of the workspace.
struct Step {
    name: &'static str,
    class: Class,
    /// Each is split at blanks; no argument holds one.
    commands: &'static [&'static str],
}

/// The environment of every command.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("CARGO_TERM_COLOR", "never"),
    ("RUSTDOCFLAGS", "-D warnings"),
    // A snapshot that differs is a failure, never a new file.
    ("INSTA_UPDATE", "no"),
];

/// The steps in the order in which they run.
const STEPS: &[Step] = &[
    Step {
        name: "format",
        class: Class::Fast,
        commands: &["cargo fmt --check"],
    },
    Step {
        name: "generate",
        class: Class::Fast,
        commands: &[
            "cargo xtask lint --deny-warnings",
            "cargo xtask generate --check",
        ],
    },
    Step {
        name: "clippy",
        class: Class::Fast,
        commands: &["cargo clippy --workspace --all-targets -- -D warnings"],
    },
    Step {
        name: "unit and snapshot tests",
        class: Class::Fast,
        commands: &[
            "cargo test --workspace --lib --bins --quiet",
            "cargo test -p scorekit-codegen --test generator --quiet",
            "cargo test -p scorekit-integration --test integration --quiet -- surface wire facts \
             documents",
        ],
    },
    Step {
        name: "minimum Rust version",
        class: Class::Gate,
        // A toolchain that is missing is an error of rustup, which names it.
        commands: &["cargo +1.89.0 check --workspace"],
    },
    Step {
        name: "README's commands",
        class: Class::Gate,
        commands: &[
            "cargo xtask demo",
            "cargo test --workspace",
            "cargo run -p scorekit --example push",
            "cargo xtask diff --base HEAD",
            "cargo xtask diff --base HEAD --format markdown",
            // Nothing has changed since the last commit: nothing breaks and no snapshot waits.
            "cargo xtask review",
        ],
    },
    Step {
        name: "compiled code",
        class: Class::Gate,
        commands: &[
            "cargo test -p scorekit-codegen -p scorekit-integration --tests -- --ignored compiled::",
        ],
    },
    Step {
        name: "features",
        class: Class::Gate,
        commands: &[
            "cargo clippy -p scorekit-core -p scorekit-sandbox -p scorekit-benches --all-targets \
             --all-features -- -D warnings",
            "cargo check --quiet -p scorekit --no-default-features --features scorecards",
            "cargo check --quiet -p scorekit --no-default-features --features campaigns",
            "cargo check --quiet -p scorekit --no-default-features --features cases",
            "cargo check --quiet -p scorekit --no-default-features --features kpi",
            "cargo check --quiet -p scorekit-sandbox --no-default-features",
            "cargo check --quiet -p scorekit-sandbox --no-default-features --features database",
            "cargo check --quiet -p scorekit-sandbox --no-default-features --features page",
            "cargo test --quiet -p scorekit-core --all-features",
            "cargo test --quiet -p scorekit-core --no-default-features",
        ],
    },
    Step {
        name: "documentation",
        class: Class::Gate,
        commands: &[
            "cargo doc --workspace --no-deps",
            "cargo doc -p scorekit-core --no-deps --all-features",
        ],
    },
    Step {
        name: "soak",
        class: Class::Gate,
        commands: &["cargo xtask soak --minutes 1"],
    },
    Step {
        name: "sandbox",
        class: Class::Gate,
        commands: &[
            "tests/conformance/standalone",
            "cargo test -p scorekit-sandbox --test sandbox -- --ignored a_browser_shows",
        ],
    },
    Step {
        name: "conformance",
        class: Class::Gate,
        commands: &[
            "tests/conformance/schemathesis",
            "tests/conformance/prism",
            "tests/conformance/spectral",
        ],
    },
    Step {
        name: "instructions of a call",
        class: Class::Gate,
        commands: &["cargo xtask bench instructions"],
    },
    Step {
        name: "clean tree",
        class: Class::Gate,
        commands: &[
            "cargo xtask generate",
            "git diff --exit-code",
            "tests/conformance/clean",
        ],
    },
    Step {
        name: "vendor's client",
        class: Class::Release,
        commands: &[
            "cargo run --release --manifest-path tests/vendor-client/Cargo.toml -- wire --check",
        ],
    },
    Step {
        name: "fuzz target",
        class: Class::Release,
        commands: &["cargo check --manifest-path tests/fuzz/Cargo.toml"],
    },
    Step {
        name: "long runs",
        class: Class::Release,
        commands: &[
            "cargo xtask soak --minutes 10",
            "tests/conformance/schemathesis --max-examples 500 --seed 20261121",
            "cargo xtask bench",
        ],
    },
];

/// Runs the steps of the workspace at `root` that `options` choose, up to the first that fails.
pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    let unknown = |name: &&String| !STEPS.iter().any(|step| step.name == **name);
    if let Some(name) = options.steps.iter().find(unknown) {
        eprintln!("error: cannot run the step `{name}`: there is none of that name; see `--list`");
        return UNUSABLE;
    }
    let class = match (options.fast, options.release) {
        (true, _) => Class::Fast,
        (_, true) => Class::Release,
        _ => Class::Gate,
    };
    let is_chosen = |step: &&Step| match options.steps.is_empty() {
        true => step.class <= class,
        false => options.steps.iter().any(|name| name == step.name),
    };
    let steps: Vec<&Step> = STEPS.iter().filter(is_chosen).collect();
    if options.list {
        for step in steps {
            println!("# {} ({:?})", step.name, step.class);
            step.commands
                .iter()
                .for_each(|command| println!("{command}"));
        }
        return SUCCESS;
    }
    let mut times = Vec::new();
    for step in steps {
        eprintln!("\n== {}", step.name);
        let start = Instant::now();
        let failed = step
            .commands
            .iter()
            .find(|command| !succeeds(root, command));
        times.push((step.name, start.elapsed()));
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

/// Runs a command and returns whether it succeeded.
fn succeeds(root: &Path, command: &str) -> bool {
    eprintln!("$ {command}");
    let mut words = command.split_ascii_whitespace();
    let program = words.next().unwrap_or_default();
    // A program with a path is one of the workspace; the others are found by the system.
    let path = if program.contains('/') {
        root.join(program)
    } else {
        program.into()
    };
    let mut process = Command::new(path);
    process.args(words).current_dir(root).envs(ENVIRONMENT);
    // Cargo set these for this program; they would reach the programs that are started here.
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

/// Prints what each step took.
fn print_times(times: &[(&str, Duration)]) {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    println!();
    for (name, time) in times.iter().chain([&("in all", total)]) {
        println!("{:>7.1} s  {name}", time.as_secs_f64());
    }
}
