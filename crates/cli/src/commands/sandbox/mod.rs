//! `scorekit sandbox`: a local server of the same APIs, and the commands that steer it.

mod requests;
mod start;
mod steer;
mod tree;

use clap::{ArgMatches, Command};
use scorekit_sandbox_client::{Client, Error, Response};
use serde::Serialize;
use serde_json::Value;

pub(super) use self::start::not_started;
use super::{argument, unknown};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::settings::BASE_URL;

/// The flag with the address of a running sandbox.
const URL: &str = "url";

pub(super) fn command() -> Command {
    let url = argument(URL)
        .value_name("URL")
        .global(true)
        .help("Address of the sandbox; else that of `--base-url`, or http://127.0.0.1:8080");
    let steering = tree::commands().into_iter().chain([requests::command()]);
    Command::new("sandbox")
        .about(
            "Run a local server of the same APIs, and steer it: start, config, health, seed, \
             reset, fault, limit, latency, clock, snapshot, requests",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(start::command())
        .subcommands(steering.map(|command| command.arg(url.clone())))
}

pub(super) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("start", matches)) => start::run(context, matches).await,
        Some(("requests", matches)) => requests::run(context, matches).await,
        Some((name, matches)) => steer::run(context, name, matches).await,
        None => Err(unknown("sandbox")),
    }
}

/// Creates a client of the control API of the sandbox that the flags name.
fn client(context: &Context, matches: &ArgMatches) -> Result<Client, Failure> {
    let mut config = context.control_config(&context.settings()?);
    if let Some(url) = matches.get_one::<String>(URL) {
        config = config.base_url(url);
    }
    Client::new(config).map_err(|error| {
        let mut failure = Failure::configuration(error);
        let flag = matches.get_one::<String>(URL).map(|_| "--url");
        if let (Some(flag), Some(rest)) = (flag, failure.message.strip_prefix(BASE_URL)) {
            failure.message = format!("{flag}{rest}");
        }
        failure
    })
}

/// Sends a request, until Ctrl-C, and returns the body of its response.
async fn sent<T: Serialize>(
    request: impl Future<Output = Result<Response<T>, Error>>,
) -> Result<Value, Failure> {
    let response = tokio::select! {
        response = request => response,
        () = interrupt::interrupted() => {
            return Err(Failure::interrupted("interrupted before the sandbox responded"));
        }
    };
    let response = response.map_err(failure)?;
    serde_json::to_value(&response)
        .map_err(|error| Failure::failed(format!("cannot print the response: {error}")))
}

/// Sends a request, and prints the body of its response. `list` is its property with the items.
async fn shown<T: Serialize>(
    context: &Context,
    list: Option<&str>,
    request: impl Future<Output = Result<Response<T>, Error>>,
) -> Result<Exit, Failure> {
    let printer = context.printer()?;
    let body = sent(request).await?;
    let shown = printer.document(&body, |body| match list {
        Some(list) => body[list].as_array().cloned().unwrap_or_default(),
        None => vec![body.clone()],
    });
    shown.map_err(|failure| failure.not_shown("the sandbox did it"))?;
    Ok(Exit::Success)
}

/// Sends a request whose response has no body, and reports what was done.
async fn done(
    context: &Context,
    text: &str,
    request: impl Future<Output = Result<Response<()>, Error>>,
) -> Result<Exit, Failure> {
    sent(request).await?;
    context.say(text);
    Ok(Exit::Success)
}

/// Turns an error of the control API into a failure with help that fits a sandbox.
fn failure(error: Error) -> Failure {
    let is_connection = error.kind() == scorekit_sandbox_client::ErrorKind::Connection;
    let failure = Failure::from(error);
    match is_connection {
        true => failure.with_help(
            "start a sandbox with `scorekit sandbox start`, or name its address with --url",
        ),
        false => failure,
    }
}
