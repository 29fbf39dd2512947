//! `scorekit sandbox requests`: the requests that arrived at a sandbox.

use clap::{ArgAction, ArgMatches, Command, value_parser};

use super::{client, done, shown};
use crate::commands::argument;
use crate::context::Context;
use crate::exit::{Exit, Failure};

pub(super) fn command() -> Command {
    let flag = |name: &'static str| argument(name).action(ArgAction::SetTrue);
    Command::new("requests")
        .about("List the requests that arrived at a sandbox, with their responses")
        .arg(
            argument("operation")
                .value_name("ID")
                .help("Only requests for this operation, such as ListScorecards"),
        )
        .arg(
            argument("method")
                .value_name("METHOD")
                .help("Only requests with this method"),
        )
        .arg(
            argument("path")
                .value_name("TEXT")
                .help("Only requests whose path contains this"),
        )
        .arg(
            argument("status")
                .value_name("STATUS")
                .help("Only requests with this status code or class, such as 503 or 5xx"),
        )
        .arg(flag("faulty").help("Only requests that a fault was applied to"))
        .arg(
            argument("after")
                .value_name("NUMBER")
                .value_parser(value_parser!(i64).range(0..))
                .help("Only requests with a larger number"),
        )
        .arg(
            argument("limit")
                .value_name("NUMBER")
                .value_parser(value_parser!(i32).range(1..=10_000))
                .help("Largest number of requests, of the latest ones [default: 1000]"),
        )
        .arg(
            flag("clear")
                .conflicts_with_all(["operation", "method", "path", "status", "faulty"])
                .help("Remove all requests from the list instead"),
        )
        .after_help(
            "Example:\n  scorekit sandbox requests --status 5xx \
             --columns number,method,path,status,fault",
        )
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let requests = client(context, matches)?.requests();
    if matches.get_flag("clear") {
        return done(
            context,
            "the list of requests is empty",
            requests.clear().send(),
        )
        .await;
    }
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let mut request = requests
        .list()
        .after(matches.get_one::<i64>("after").copied())
        .limit(matches.get_one::<i32>("limit").copied());
    if let Some(id) = text("operation") {
        request = request.operation_id(id);
    }
    if let Some(method) = text("method") {
        request = request.method(method.to_ascii_uppercase());
    }
    if let Some(path) = text("path") {
        request = request.path(path);
    }
    if let Some(status) = text("status") {
        request = request.status(status);
    }
    if matches.get_flag("faulty") {
        request = request.fault(true);
    }
    shown(context, Some("requests"), request.send()).await
}
