//! The steps of the gate (`xtask/ci.toml`): their choice, and the tables that are printed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Deserialize;

/// The steps of the gate, in the order in which they run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    step: Vec<Step>,
}

/// Commands that run one after another, from the root of the workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The name.
    pub name: String,
    class: Class,
    /// The step that does the same and more.
    part_of: Option<String>,
    /// The commands, whose words are separated by blanks.
    pub commands: Vec<String>,
}

/// The classes of steps: each includes those before it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Before every commit.
    Fast,
    /// Before a change lands.
    Gate,
    /// Before a release.
    Release,
}

/// The environment of every command.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("CARGO_TERM_COLOR", "never"),
    ("RUSTDOCFLAGS", "-D warnings"),
    // A snapshot that differs is a failure, never a new file.
    ("INSTA_UPDATE", "no"),
];

impl Gate {
    /// Reads the steps.
    ///
    /// # Errors
    /// Returns an error if the text has another form, or names a step that does not exist.
    pub fn parse(text: &str) -> Result<Self, String> {
        let gate: Self = toml_edit::de::from_str(text)
            .map_err(|error| format!("cannot read xtask/ci.toml: {error}"))?;
        let mut wholes = gate.step.iter().filter_map(|step| step.part_of.as_ref());
        match wholes.find(|name| !gate.has(name)) {
            Some(name) => Err(unknown(name)),
            None => Ok(gate),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.step.iter().any(|step| step.name == name)
    }

    /// Returns the steps with these names, or without names those of the class and of the classes
    /// before it. A step does not run with the one that does the same and more.
    ///
    /// # Errors
    /// Returns an error if a step does not exist.
    pub fn choose(&self, class: Class, names: &[String]) -> Result<Vec<Step>, String> {
        if let Some(name) = names.iter().find(|name| !self.has(name)) {
            return Err(unknown(name));
        }
        let is_of_class = |step: &Step| step.class <= class;
        let is_covered = |step: &Step| {
            let mut others = self.step.iter().filter(|it| is_of_class(it));
            others.any(|it| step.part_of.as_deref() == Some(it.name.as_str()))
        };
        let is_chosen = |step: &&Step| match names {
            [] => is_of_class(step) && !is_covered(step),
            names => names.contains(&step.name),
        };
        Ok(self.step.iter().filter(is_chosen).cloned().collect())
    }
}

fn unknown(name: &str) -> String {
    format!("cannot run the step `{name}`: it does not exist; see `ci --list`")
}

/// Returns the steps with their classes and commands.
pub fn list(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let commands = step.commands.join("\n");
        let _ = writeln!(text, "# {} ({:?})\n{commands}", step.name, step.class);
    }
    text
}

/// Runs steps up to the first that fails. Says on standard error what runs. Returns the time that
/// each step took, and the command that failed.
pub fn run(root: &Path, steps: &[Step]) -> (String, Option<String>) {
    let mut took = Vec::new();
    for step in steps {
        eprintln!("\n== {}", step.name);
        let start = Instant::now();
        let failed = step.commands.iter().find(|command| {
            let begin = Instant::now();
            let failed = !succeeds(root, command);
            eprintln!("took {:.1} s", begin.elapsed().as_secs_f64());
            failed
        });
        took.push((step.name.as_str(), start.elapsed()));
        if let Some(command) = failed {
            let problem = format!("the step `{}` failed: `{command}`", step.name);
            return (times(&took), Some(problem));
        }
    }
    (times(&took), None)
}

/// Returns the time that each step took, and the sum.
fn times(times: &[(&str, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    let mut text = String::from("\n");
    for (name, time) in times.iter().chain([&("in all", total)]) {
        let _ = writeln!(text, "{:>7.1} s  {name}", time.as_secs_f64());
    }
    text
}

/// Removes the variables in which cargo describes the package of this program, and the directory of
/// its build script. The build script of ring depends on them, so a cargo that inherits them
/// compiles ring, and all that uses it, again.
pub fn without_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let of_package = ["CARGO_MANIFEST_", "CARGO_PKG_"];
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || of_package.iter().any(|start| text.starts_with(start)) {
            command.env_remove(name);
        }
    }
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
    for name in ["CARGO", "RUSTUP_TOOLCHAIN"] {
        process.env_remove(name);
    }
    without_package(&mut process);
    match process.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("error: cannot run `{program}`: {error}; install it, or run .ci/run once");
            false
        }
    }
}
