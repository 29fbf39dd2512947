//! `scorekit sandbox requests`: the requests that arrived at a sandbox.

use clap::{ArgAction, ArgMatches, Command};

use serde_json::Value;

use super::{client, done, sent};
use crate::commands::{argument, whole};
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// The headers with the credentials of the vendors.
const CREDENTIALS: [&str; 4] = [
    "authorization",
    "dd-api-key",
    "dd-application-key",
    "x-api-key",
];

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
                .value_parser(method)
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
                .value_parser(status)
                .help("Only requests with this status code or class, such as 503 or 5xx"),
        )
        .arg(flag("faulty").help("Only requests that a fault was applied to"))
        .arg(
            argument("after")
                .value_name("NUMBER")
                .value_parser(whole(0..=i64::MAX))
                .help("Only requests with a larger number"),
        )
        .arg(
            argument("limit")
                .value_name("NUMBER")
                .value_parser(whole(1..=10_000_i32))
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

/// Reads a status code or a class of them.
fn status(text: &str) -> Result<String, String> {
    let is_code = match text.as_bytes() {
        b"0" => true,
        [b'1'..=b'5', b'x', b'x'] => true,
        [b'1'..=b'5', rest @ ..] => rest.len() == 2 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    match is_code {
        true => Ok(text.to_owned()),
        false => Err(
            "it is not a status code; write one such as 503, a class such as 5xx, or 0 for \
             requests without a response"
                .to_owned(),
        ),
    }
}

/// Reads an HTTP method.
fn method(text: &str) -> Result<String, String> {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = text.to_ascii_uppercase();
    match METHODS.contains(&method.as_str()) {
        true => Ok(method),
        false => Err(format!(
            "it is not an HTTP method; write one of {}",
            METHODS.join(", ")
        )),
    }
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
        request = request.method(method);
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
    let printer = context.printer()?;
    let mut body = sent(request.send()).await?;
    for request in body["requests"].as_array_mut().into_iter().flatten() {
        hide_credentials(request);
    }
    let rows = |body: &Value| body["requests"].as_array().cloned().unwrap_or_default();
    printer.document(&body, rows)?;
    Ok(Exit::Success)
}

/// Replaces the credentials of a request, which may be those of an account.
fn hide_credentials(request: &mut Value) {
    for header in request["headers"].as_array_mut().into_iter().flatten() {
        let name = header["name"].as_str().unwrap_or_default();
        if CREDENTIALS.iter().any(|it| name.eq_ignore_ascii_case(it)) {
            header["value"] = Value::from("(hidden)");
        }
    }
}
