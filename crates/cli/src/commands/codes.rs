//! The exit codes of each command, for its `--help` and for `schema`.

use clap::Command;
use serde_json::{Value, json};

use crate::exit::{CODES, Exit};

/// The commands that call no server. Ctrl-C at a question is an error of theirs.
const LOCAL: [&str; 9] = [
    "auth login",
    "auth logout",
    "completion",
    "man",
    "profile list",
    "profile set",
    "profile show",
    "profile use",
    "schema",
];

/// The commands that need no credentials of a vendor, but may be interrupted.
const WITHOUT_CREDENTIALS: [&str; 3] = ["demo", "sandbox", "scorecards validate"];

/// A command, one of its exit codes, and the meaning of the code there.
type Special = (&'static str, Exit, &'static str);

/// The exit codes that mean something else than usual, or that other commands do not have.
const SPECIAL: &[Special] = &[
    ("auth status", Exit::Credentials, "no credentials are set"),
    ("cases bulk", Exit::Failed, "failure, or the answer was no"),
    ("cases bulk", Exit::Partial, "some cases were not changed"),
    ("cases close", Exit::Partial, "some cases were not closed"),
    ("doctor", Exit::Failed, "a check failed"),
    (
        "outcomes push",
        Exit::Partial,
        "lines are wrong, or more of them failed than --fail-on allows",
    ),
    (
        "sandbox start",
        Exit::Success,
        "success, also if Ctrl-C ended it",
    ),
    (
        "scorecards apply",
        Exit::Failed,
        "failure, the plan is stale, or the answer was no",
    ),
    (
        "scorecards apply",
        Exit::Partial,
        "some changes failed, or the server still differs",
    ),
    (
        "scorecards drift",
        Exit::Pending,
        "the server is not what the files declare",
    ),
    (
        "scorecards plan",
        Exit::Pending,
        "changes are pending, with --detailed-exitcode",
    ),
    ("scorecards validate", Exit::Failed, "a file has a mistake"),
    (
        "scores",
        Exit::Failed,
        "failure, or a name of --only has no score",
    ),
    ("scores", Exit::Partial, "a score is below --min"),
    (
        "triage",
        Exit::Partial,
        "some actions failed, or a case has a duplicate",
    ),
];

/// Returns the exit codes of a command with their meanings, in order.
fn of(path: &str) -> Vec<(Exit, &'static str)> {
    let starts = |name: &&str| path == *name || path.starts_with(&format!("{name} "));
    let is_local = LOCAL.iter().any(&starts);
    let has_credentials = !is_local && !WITHOUT_CREDENTIALS.iter().any(starts);
    let codes = CODES.iter().filter_map(|(exit, _)| {
        let special = SPECIAL.iter();
        let special = special.filter(|(name, code, _)| *name == path && code == exit);
        let special = special.map(|(.., meaning)| *meaning).next();
        let usual = match exit {
            Exit::Success => Some("success"),
            Exit::Failed => Some("failure"),
            Exit::Pending | Exit::Partial => None,
            Exit::Credentials if has_credentials => Some("credentials missing or rejected"),
            Exit::Credentials => None,
            Exit::Usage => Some("wrong usage"),
            Exit::Interrupted if is_local || path == "sandbox start" => None,
            Exit::Interrupted => Some("Ctrl-C"),
        };
        Some((*exit, special.or(usual)?))
    });
    codes.collect()
}

/// Returns the exit codes of a command for programs.
pub(super) fn to_json(path: &str) -> Value {
    let codes = of(path).into_iter();
    let codes = codes.map(|(exit, meaning)| json!({ "code": exit.code(), "meaning": meaning }));
    codes.collect()
}

/// Adds the exit codes to the help of each command below `path` that does something.
pub(super) fn explain(command: Command, path: &str) -> Command {
    let has_verbs = command.has_subcommands();
    let does_something = !has_verbs || !command.is_subcommand_required_set();
    let command = match has_verbs {
        true => command.mut_subcommands(|inner| {
            let path = format!("{path} {}", inner.get_name());
            explain(inner, path.trim_start())
        }),
        false => command,
    };
    if path.is_empty() || !does_something {
        return command;
    }
    let help = command.get_after_help();
    let help = help.map_or_else(String::new, |it| format!("{it}\n\n"));
    command.after_help(format!("{help}Exit codes: {}", line(path)))
}

/// Returns the exit codes of a command on one line.
fn line(path: &str) -> String {
    let codes = of(path).into_iter();
    let codes = codes.map(|(exit, meaning)| format!("{} {meaning}", exit.code()));
    codes.collect::<Vec<_>>().join("; ")
}
