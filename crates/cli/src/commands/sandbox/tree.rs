//! The commands that steer a running sandbox, with their arguments.

use clap::{Arg, Command};

use crate::commands::{argument, whole};

/// The parts that a reset takes.
const PARTS: [&str; 6] = [
    "clock",
    "faults",
    "latency",
    "rate_limits",
    "requests",
    "resources",
];

fn named(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).required(true).help(help)
}

fn number(help: &'static str) -> Arg {
    named("number", "NUMBER", help).value_parser(whole(1..=i64::MAX))
}

fn duration(help: &'static str) -> Arg {
    Arg::new("duration").value_name("DURATION").help(help)
}

/// Creates a command with an example.
fn of(name: &'static str, about: &'static str, example: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .after_help(format!("Example:\n  scorekit sandbox {example}"))
}

/// Creates a command of commands.
fn group(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

pub(super) fn commands() -> [Command; 9] {
    let parts = Arg::new("part")
        .value_name("PART")
        .num_args(0..)
        .value_parser(PARTS)
        .help("Part to reset; without one, all parts");
    let file = "JSON file of resources, or `realistic`; - reads standard input";
    [
        of(
            "config",
            "Print the address and the keys of a sandbox",
            "config -o json",
        ),
        of(
            "health",
            "Check that a sandbox runs, and print its numbers",
            "health",
        ),
        of(
            "seed",
            "Create the resources of a seed, or none of them",
            "seed seed.json",
        )
        .arg(named("file", "FILE", file)),
        of(
            "reset",
            "Bring a sandbox back to its start",
            "reset requests faults",
        )
        .arg(parts),
        fault(),
        limit(),
        of(
            "latency",
            "Print or set the delay of every response",
            "latency 20ms",
        )
        .arg(duration("Delay such as 200ms; 0s for none")),
        clock(),
        snapshot(),
    ]
}

fn fault() -> Command {
    let example = "Fault, such as ListScorecards:status=503,count=2";
    group("fault", "Make requests fail: add, list, remove, clear")
        .subcommand(
            of(
                "add",
                "Add a fault",
                "fault add GetProjects:status=503,count=1",
            )
            .arg(named("fault", "FAULT", example)),
        )
        .subcommand(of("list", "List the faults", "fault list"))
        .subcommand(
            of("remove", "Remove a fault", "fault remove 1").arg(number("Number of the fault")),
        )
        .subcommand(of("clear", "Remove all faults", "fault clear"))
}

fn limit() -> Command {
    let example = "Rate limit, such as limit=100,period=60s";
    group(
        "limit",
        "Limit the rate of requests: add, list, remove, clear",
    )
    .subcommand(
        of("add", "Add a rate limit", "limit add limit=1000,period=60s")
            .arg(named("limit", "LIMIT", example)),
    )
    .subcommand(of("list", "List the rate limits", "limit list"))
    .subcommand(
        of("remove", "Remove a rate limit", "limit remove 1")
            .arg(number("Number of the rate limit")),
    )
    .subcommand(of("clear", "Remove all rate limits", "limit clear"))
}

fn clock() -> Command {
    let running = argument("running")
        .action(clap::ArgAction::SetTrue)
        .help("Let the clock run on from the time");
    group(
        "clock",
        "Change the time of a sandbox: show, set, advance, freeze, resume",
    )
    .subcommand(of("show", "Print the time", "clock show"))
    .subcommand(
        of(
            "set",
            "Set the time, and stop the clock",
            "clock set 2026-01-31T08:30:00Z",
        )
        .arg(named("time", "TIME", "Time in RFC 3339"))
        .arg(running),
    )
    .subcommand(
        of("advance", "Put the clock forward", "clock advance 1h")
            .arg(duration("Duration such as 90s or 2h").required(true)),
    )
    .subcommand(of("freeze", "Stop the clock", "clock freeze"))
    .subcommand(of("resume", "Let a stopped clock run", "clock resume"))
}

fn snapshot() -> Command {
    let name = || named("name", "NAME", "Name of the snapshot");
    let to = argument("to")
        .value_name("NAME")
        .help("Snapshot to compare with; else the present state");
    let restore = "Bring back the resources of a snapshot";
    group(
        "snapshot",
        "Save and restore resources: save, list, diff, restore, delete",
    )
    .subcommand(
        of(
            "save",
            "Save the resources under a name",
            "snapshot save before",
        )
        .arg(name()),
    )
    .subcommand(of("list", "List the snapshots", "snapshot list"))
    .subcommand(
        of(
            "diff",
            "List what changed since a snapshot",
            "snapshot diff before",
        )
        .arg(name())
        .arg(to),
    )
    .subcommand(of("restore", restore, "snapshot restore before").arg(name()))
    .subcommand(of("delete", "Delete a snapshot", "snapshot delete before").arg(name()))
}
