//! The arguments of the commands.

use clap::{Arg, ArgAction, Command};

use super::super::argument;
use super::super::parsers::output_file;
use super::kinds::Kind;

/// The names of the commands.
pub(in crate::commands) const NAMES: [&str; 5] = ["export", "validate", "plan", "apply", "drift"];

/// Builds the commands.
pub(in crate::commands) fn commands() -> Vec<Command> {
    vec![export(), validate(), plan(), apply(), drift()]
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    argument(name).action(ArgAction::SetTrue).help(help)
}

fn files(is_required: bool) -> Arg {
    Arg::new("file")
        .required(is_required)
        .num_args(1..)
        .value_name("FILE")
        .help("YAML or JSON files, or - for standard input")
}

fn prune() -> Arg {
    flag(
        "prune",
        "Delete rules that are not in the files, in the scorecards that the files name",
    )
}

fn export() -> Command {
    Command::new("export")
        .about("Print scorecards, campaigns and case projects as a file")
        .long_about(
            "Print scorecards, campaigns and case projects as a file.\n\n\
             The file is YAML, or JSON with `-o json`. Rules of the vendor are left out.",
        )
        .arg(flag("ids", "Print ids, so that a changed name is a rename"))
        .arg(
            argument("only")
                .value_name("LISTS")
                .value_delimiter(',')
                .value_parser(Kind::TOP.map(|kind| kind.definition().list))
                .help("Lists to read and print; by default, all"),
        )
        .after_help(
            "Examples:\n  \
             scorekit scorecards export > scorecards.yaml\n  \
             scorekit scorecards export --only scorecards,campaigns",
        )
}

fn validate() -> Command {
    Command::new("validate")
        .about("Check files, without the server")
        .arg(files(true))
        .after_help("Example:\n  scorekit scorecards validate scorecards.yaml")
}

fn plan() -> Command {
    Command::new("plan")
        .about("Show the changes that make the server what files declare")
        .arg(files(true))
        .arg(prune())
        .arg(flag(
            "detailed-exitcode",
            "Exit with 2 if there are changes",
        ))
        .arg(
            argument("out")
                .value_name("PLAN")
                .value_parser(output_file)
                .help("File for the plan, for `apply`"),
        )
        .after_help(
            "Examples:\n  \
             scorekit scorecards plan scorecards.yaml\n  \
             scorekit scorecards plan scorecards.yaml --prune --out plan.json",
        )
}

fn apply() -> Command {
    Command::new("apply")
        .about("Make the changes that files or a saved plan declare")
        .long_about(
            "Make the changes that files or a saved plan declare.\n\n\
             The command shows the plan and asks, unless --yes is set or the plan was saved. A saved \
             plan is applied only if the server still is what it was made from. Before the first \
             change, an export of everything that is touched is kept.",
        )
        .arg(files(true))
        .arg(prune())
        .arg(flag("yes", "Do not ask").short('y'))
        .after_help(
            "Examples:\n  \
             scorekit scorecards apply scorecards.yaml --yes\n  \
             scorekit scorecards apply plan.json",
        )
}

fn drift() -> Command {
    Command::new("drift")
        .about("Exit with 2 if the server is not what files declare")
        .long_about(
            "Exit with 2 if the server is not what files declare.\n\n\
             Without files, the command compares the server with what the last apply on this \
             machine declared.",
        )
        .arg(files(false))
        .arg(prune())
        .after_help("Example:\n  scorekit scorecards drift scorecards.yaml")
}
