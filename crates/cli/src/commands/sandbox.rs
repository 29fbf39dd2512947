//! `scorekit sandbox`: a local server of the same APIs.

use std::io::{self, Write as _};

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

pub(super) fn not_started(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("cannot start the sandbox: {error}"))
        .with_help("choose another port with --port; 0 takes a free one")
}

/// Returns the environment that leads to a sandbox.
pub(super) fn variables(sandbox: &Sandbox) -> [(&'static str, String); 4] {
    let keys = sandbox.credentials();
    [
        ("SCOREKIT_BASE_URL", sandbox.url()),
        ("DD_API_KEY", keys.api_key.to_owned()),
        ("DD_APP_KEY", keys.application_key.to_owned()),
        ("DCYCLE_API_KEY", keys.dcycle_api_key.to_owned()),
    ]
}
