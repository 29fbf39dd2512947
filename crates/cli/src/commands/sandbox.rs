//! `scorekit sandbox` and `scorekit demo`: the commands against a local server.

use std::io::{self, Write as _};
use std::process::Stdio;

use clap::{ArgMatches, Command, value_parser};
use scorekit_sandbox::Sandbox;

use super::argument;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;

pub(super) fn command() -> Command {
    Command::new("sandbox")
        .about("Run a local server of the same APIs: start")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("start")
                .about("Start a sandbox, and print the variables that lead to it")
                .arg(
                    argument("port")
                        .value_name("PORT")
                        .value_parser(value_parser!(u16))
                        .default_value("8080")
                        .help("Port; 0 takes a free one"),
                )
                .arg(
                    argument("seed")
                        .value_name("FILE")
                        .help("JSON file of resources to create at the start"),
                )
                .after_help("Example:\n  scorekit sandbox start --port 0"),
        )
}

pub(super) fn demo_command() -> Command {
    Command::new("demo")
        .about("Show the commands at work against a sandbox, without an account")
        .after_help("Example:\n  scorekit demo")
}

pub(super) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let Some(("start", matches)) = matches.subcommand() else {
        return Err(Failure::usage("no command is named"));
    };
    let port = matches.get_one::<u16>("port").copied().unwrap_or_default();
    let mut builder = Sandbox::builder().port(port);
    if let Some(file) = matches.get_one::<String>("seed") {
        builder = builder.seed(super::body::read(file)?);
    }
    let sandbox = builder.start().await.map_err(not_started)?;
    let mut stdout = io::stdout().lock();
    for (name, value) in variables(&sandbox) {
        writeln!(stdout, "export {name}={value}")?;
    }
    stdout.flush()?;
    drop(stdout);
    context.say(&format!(
        "the sandbox listens on {}; stop it with Ctrl-C",
        sandbox.url()
    ));
    interrupt::interrupted().await;
    sandbox.stop().await;
    context.say("the sandbox has stopped, and its data is gone");
    Ok(Exit::Success)
}

fn not_started(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("cannot start the sandbox: {error}"))
        .with_help("choose another port with --port; 0 takes a free one")
}

/// Returns the environment that leads to a sandbox.
fn variables(sandbox: &Sandbox) -> [(&'static str, String); 4] {
    let keys = sandbox.credentials();
    [
        ("SCOREKIT_BASE_URL", sandbox.url()),
        ("DD_API_KEY", keys.api_key.to_owned()),
        ("DD_APP_KEY", keys.application_key.to_owned()),
        ("DCYCLE_API_KEY", keys.dcycle_api_key.to_owned()),
    ]
}

/// The steps of the demo: what each shows, and its command. `RULE` is the id that the first step
/// prints.
const STEPS: [(&str, &[&str]); 7] = [
    (
        "Create a rule of a scorecard.",
        &[
            "rules",
            "create",
            "--name",
            "Has an on-call rotation",
            "--scorecard-name",
            "Production Readiness",
            "--enabled",
            "-o",
            "name",
        ],
    ),
    (
        "List the rules as a table.",
        &[
            "rules",
            "list",
            "--all",
            "--columns",
            "id,name,scorecard_name",
        ],
    ),
    (
        "Show a request without sending it.",
        &["rules", "update", "RULE", "--name", "On call", "--dry-run"],
    ),
    (
        "Reach any path.",
        &[
            "api",
            "GET",
            "/api/v2/scorecard/scorecards",
            "--jq",
            ".data[].attributes.name",
        ],
    ),
    (
        "Open a project for cases.",
        &[
            "projects", "create", "--name", "Platform", "--key", "PLATFORM", "-o", "yaml",
        ],
    ),
    ("Delete the rule.", &["rules", "delete", "RULE"]),
    (
        "Nothing is left.",
        &["rules", "list", "--all", "-o", "json"],
    ),
];

/// Runs the steps with this program, so that they are what a user types.
pub(super) async fn demo(context: &mut Context) -> Result<Exit, Failure> {
    let sandbox = Sandbox::start().await.map_err(not_started)?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::failed(format!("cannot find this program: {error}")))?;
    let mut rule = String::new();
    for (about, arguments) in STEPS {
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|it| if *it == "RULE" { rule.as_str() } else { it })
            .collect();
        let shown: Vec<String> = arguments.iter().map(|it| word(it)).collect();
        context.say(&format!("\n# {about}\n$ scorekit {}", shown.join(" ")));
        let mut command = tokio::process::Command::new(&program);
        command
            .args(&arguments)
            .envs(variables(&sandbox))
            // The settings of the user do not matter here.
            .env("SCOREKIT_CONFIG", "/dev/null")
            .env_remove("SCOREKIT_PROFILE")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await;
        let output = output.map_err(|error| {
            Failure::failed(format!("cannot run {}: {error}", program.display()))
        })?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&output.stdout)?;
        stdout.flush()?;
        let _ = io::stderr().write_all(&output.stderr);
        if !output.status.success() {
            return Err(Failure::failed(format!(
                "the step failed: {}",
                output.status
            )));
        }
        if rule.is_empty() {
            rule = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        }
    }
    Ok(Exit::Success)
}

/// Returns a word as a shell reads it.
fn word(word: &str) -> String {
    match word.contains([' ', '[', ']']) {
        true => crate::curl::quoted(word),
        false => word.to_owned(),
    }
}
