//! Descriptions of the tool itself: shell completion, man pages, and a schema for programs.

use std::io::{self, Write as _};
use std::path::Path;

use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;
use serde_json::{Value, json};

use super::{Scope, argument, codes, root};
use crate::context::Context;
use crate::exit::{CODES, Exit, Failure};
use crate::output::{Format, Output, Printer};

pub(super) fn completion_command() -> Command {
    Command::new("completion")
        .about("Print a script that completes commands and flags in a shell")
        .arg(
            Arg::new("shell")
                .required(true)
                .value_name("SHELL")
                .value_parser(clap::value_parser!(Shell))
                .help("Shell to print the script for"),
        )
        .after_help("Example:\n  scorekit completion bash > scorekit.bash")
}

pub(super) fn man_command() -> Command {
    Command::new("man")
        .about("Print the man page, or write those of all commands")
        .arg(
            argument("out")
                .value_name("DIRECTORY")
                .help("Directory to write a page for each command into"),
        )
        .after_help("Examples:\n  scorekit man > scorekit.1\n  scorekit man --out man1")
}

pub(super) fn schema_command() -> Command {
    Command::new("schema")
        .about("Print every command, flag and exit code as JSON, for programs")
        .arg(
            argument("json")
                .action(clap::ArgAction::SetTrue)
                .help("Print JSON, which is the default"),
        )
        .arg(
            argument("files")
                .action(clap::ArgAction::SetTrue)
                .help("Print the JSON Schema of the files of `scorekit scorecards`, for editors"),
        )
        .after_help(
            "Examples:\n  scorekit schema --json\n  scorekit schema --files > scorekit.schema.json",
        )
}

pub(super) fn completion(matches: &ArgMatches) -> Result<Exit, Failure> {
    let Some(shell) = matches.get_one::<Shell>("shell") else {
        return Err(Failure::usage("cannot print a script: no shell is named"));
    };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut root(&Scope::All), "scorekit", &mut script);
    print(&script)
}

pub(super) fn man(matches: &ArgMatches) -> Result<Exit, Failure> {
    if let Some(directory) = matches.get_one::<String>("out") {
        let failed = |error: io::Error| {
            Failure::failed(format!("cannot write man pages to {directory}: {error}"))
        };
        std::fs::create_dir_all(directory).map_err(failed)?;
        clap_mangen::generate_to(root(&Scope::All), Path::new(directory)).map_err(failed)?;
        return Ok(Exit::Success);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(root(&Scope::All)).render(&mut page)?;
    print(&page)
}

/// Prints every command as one JSON document.
pub(super) fn schema(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    if matches.get_flag("files") {
        let schema = super::scorecards::schema();
        printer(context)?.document(&schema, |schema| vec![schema.clone()])?;
        return Ok(Exit::Success);
    }
    let mut command = root(&Scope::All);
    command.build();
    let codes = CODES.map(|(exit, meaning)| json!({ "code": exit.code(), "meaning": meaning }));
    let global = command.get_arguments().filter(|it| it.is_global_set());
    let document = json!({
        "name": command.get_name(),
        "version": env!("CARGO_PKG_VERSION"),
        "exit_codes": codes,
        "global_flags": global.map(flag).collect::<Vec<_>>(),
        "commands": commands(&command, ""),
    });
    printer(context)?.document(&document, |document| match &document["commands"] {
        Value::Array(commands) => commands.clone(),
        _ => Vec::new(),
    })?;
    Ok(Exit::Success)
}

/// Returns the printer of the output, which is JSON by default.
fn printer(context: &Context) -> Result<Printer, Failure> {
    // Without a format, a filter prints strings without quotes.
    let default = Some(Format::Json).filter(|_| context.output.jq.is_none());
    Printer::new(&Output {
        format: context.output.format.or(default),
        columns: context.output.columns.clone(),
        preferred: &[],
        jq: context.output.jq.clone(),
        no_color: context.output.no_color,
        quiet: context.quiet,
    })
}

/// Returns the commands that do something, with the path of each.
fn commands(command: &Command, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for inner in command.get_subcommands() {
        let path = format!("{path} {}", inner.get_name()).trim().to_owned();
        if inner.has_subcommands() {
            all.extend(commands(inner, &path));
        }
        // A command with verbs may also do something without one.
        if inner.has_subcommands() && inner.is_subcommand_required_set() {
            continue;
        }
        let own = inner.get_arguments().filter(|it| !it.is_global_set());
        let own = own.filter(|it| it.get_id() != "help");
        let text = |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string);
        all.push(json!({
            "command": path,
            "about": text(inner.get_about()),
            "description": text(inner.get_long_about()),
            "examples": text(inner.get_after_help()),
            "exit_codes": codes::to_json(&path),
            "flags": own.map(flag).collect::<Vec<_>>(),
        }));
    }
    all
}

fn flag(argument: &Arg) -> Value {
    let values = argument.get_possible_values();
    let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
    let takes_value = argument.get_action().takes_values();
    let value = argument.get_value_names().and_then(|names| names.first());
    let value = value.map(|name| name.as_str());
    json!({
        "name": argument.get_long().unwrap_or(argument.get_id().as_str()),
        "short": argument.get_short(),
        "is_positional": argument.is_positional(),
        "is_required": argument.is_required_set(),
        "is_repeatable": matches!(argument.get_action(), clap::ArgAction::Append),
        "takes_value": takes_value,
        "value": value.filter(|_| takes_value),
        "values": if takes_value { values } else { Vec::new() },
        "help": argument.get_help().map(ToString::to_string),
    })
}

fn print(text: &[u8]) -> Result<Exit, Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()?;
    Ok(Exit::Success)
}
