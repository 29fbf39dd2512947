//! `scorekit api`: any request, also one that the document lacks.

use std::io::{self, IsTerminal as _, Write as _};

use clap::{ArgAction, ArgMatches, Command};
use scorekit::runtime::{Bytes, Method, Operation, PageStyle, Pagination, RetrySafety};
use serde_json::Value;

use super::operation::{List, dry_run, shown};
use super::{argument, body};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::generated::DOMAINS;
use crate::output::clean_text;

/// The paging of a list that the document lacks: the links of JSON:API
/// (<https://jsonapi.org/format/1.1/#fetching-pagination>).
static LINKS: Pagination =
    Pagination::new(PageStyle::Link { parameters: &[] }, &["data"]).next_link(&["links", "next"]);

pub(super) fn command() -> Command {
    Command::new("api")
        .about("Send any request, also one that no other command covers")
        .long_about(
            "Send any request, also one that no other command covers.\n\n\
             The request has the credentials and the retries of all other commands. With GET, \
             fields are query parameters; otherwise, they are properties of the JSON body. A \
             response that is not JSON is printed as it is.",
        )
        .arg(
            clap::Arg::new("method")
                .required(true)
                .value_name("METHOD")
                .help("HTTP method, such as GET"),
        )
        .arg(
            clap::Arg::new("path")
                .required(true)
                .value_name("PATH")
                .help("Path with an optional query, such as /api/v2/cases?page[size]=5"),
        )
        .arg(
            argument("field")
                .short('F')
                .value_name("KEY=VALUE")
                .action(ArgAction::Append)
                .help("Query parameter, or property of the body by name or JSON pointer. A value that is JSON is sent as such"),
        )
        .arg(
            argument("input")
                .value_name("FILE")
                .help("JSON file with the body, or - for standard input"),
        )
        .arg(
            argument("paginate")
                .action(ArgAction::SetTrue)
                .help("Print the items of all pages as they arrive"),
        )
        .arg(
            argument("server")
                .value_name("NAME")
                .default_value("datadog")
                .value_parser(["datadog", "dcycle"])
                .help("Server that gets the request, with its credentials"),
        )
        .arg(
            argument("dry-run")
                .action(ArgAction::SetTrue)
                .help("Print the request as a curl command, and send nothing"),
        )
        .after_help(
            "Examples:\n  \
             scorekit api GET /api/v2/scorecard/rules --paginate --jq .attributes.name\n  \
             scorekit api POST /api/v2/cases/projects -F /data/type=project \
             -F /data/attributes/name=Platform -F /data/attributes/key=PLATFORM",
        )
}

pub(super) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = |name: &str| {
        let value = matches.get_one::<String>(name);
        value.map(String::as_str).unwrap_or_default()
    };
    let (path, query) = split(text("path"))?;
    let operation = operation(text("method"), &path, text("server"))?;
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let mut request = client.request::<Value>(operation);
    for (name, value) in query {
        request = request.query_unchecked(&name, value);
    }
    if let Some(file) = matches.get_one::<String>("input") {
        request = request.json(&body::read(file)?);
    }
    for field in matches.get_many::<String>("field").into_iter().flatten() {
        let Some((name, value)) = field.split_once('=') else {
            let message = format!("cannot read --field {field:?}: it has no equals sign");
            return Err(Failure::usage(message).with_help("write KEY=VALUE"));
        };
        request = match operation.method {
            Method::GET | Method::HEAD => request.query_unchecked(name, value),
            _ => {
                let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
                if !matches.contains_id("input") {
                    // The first field makes the body, which later ones extend.
                    request = request.json(&serde_json::json!({}));
                }
                request.body_unchecked(name, &value)
            }
        };
    }
    if matches.get_flag("dry-run") {
        return dry_run(operation, &request);
    }
    if matches.get_flag("paginate") {
        let list = List {
            operation,
            pagination: operation.pagination.unwrap_or(&LINKS),
            limit: None,
        };
        return list.print(context, &settings, request).await;
    }
    let printer = context.printer()?;
    let sent = request.decode_as::<Bytes>().send_bytes();
    let response = context.answer(&settings, operation, sent).await?;
    let status = response.status();
    let body = response.into_inner();
    let json = match body.as_ref() {
        b"" => Ok(Value::Null),
        body => serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    };
    match json {
        Ok(document) => shown(context, operation, status, &document, printer),
        Err(_) => print_text(context, &body).map_err(|failure| {
            failure.not_shown(&format!("{} succeeded ({status})", operation.id))
        }),
    }
}

/// Prints a response that is not JSON as it is. A terminal shows no control characters.
fn print_text(context: &Context, body: &[u8]) -> Result<Exit, Failure> {
    let cannot = |cause: &str, help: &str| {
        Err(Failure::failed(format!("cannot print the response: {cause}")).with_help(help))
    };
    if !context.output.is_prose() {
        return cannot("it is not JSON", "leave -o, --columns and --jq out");
    }
    let mut stdout = io::stdout().lock();
    match (std::str::from_utf8(body), stdout.is_terminal()) {
        (Ok(text), true) => stdout.write_all(clean_text(text).as_bytes())?,
        (Err(_), true) => return cannot("it is not text", "write it to a file with `>`"),
        (_, false) => stdout.write_all(body)?,
    }
    stdout.flush()?;
    Ok(Exit::Success)
}

/// Splits a path from its query, whose escapes are undone.
fn split(text: &str) -> Result<(String, Vec<(String, String)>), Failure> {
    let wrong = |cause: &str| {
        let message = format!("cannot send a request to {text:?}: {cause}");
        Failure::usage(message).with_help("write a path, such as /api/v2/cases")
    };
    if !text.starts_with('/') || text.starts_with("//") {
        return Err(wrong("the path must begin with one slash"));
    }
    if text.contains(['{', '}', '#', '\\']) || text.chars().any(char::is_control) {
        return Err(wrong("it contains a character that no path has"));
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if path.split('/').any(is_dots) {
        return Err(wrong("a dot segment would lead to another path"));
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(name), unescape(value))
    });
    Ok((path.to_owned(), pairs.collect()))
}

fn unescape(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned()
}

/// Describes the request to the runtime: with the paging and the retries of the documented
/// operation, if there is one.
fn operation(method: &str, path: &str, server: &str) -> Result<&'static Operation, Failure> {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).map_err(|_| {
        let message = format!("cannot send the request: {method:?} is not an HTTP method");
        Failure::usage(message).with_help("use GET, POST, PUT, PATCH or DELETE")
    })?;
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let mut operations = resources
        .flat_map(|resource| resource.commands)
        .map(|command| command.operation)
        .filter(|operation| operation.server.name == server);
    let Some(first) = operations.clone().next() else {
        return Err(Failure::usage(format!(
            "cannot send the request: no server is called {server:?}"
        )));
    };
    let documented = operations.find(|it| it.method == method && is_path_of(it.path, path));
    // It lives as long as the process, which sends one request.
    let path: &'static str = Box::leak(path.to_owned().into_boxed_str());
    let known = documented.unwrap_or(first);
    let id = documented.map_or("the request", |it| it.id);
    let mut operation = Operation::new(id, method, path, known.server).security(known.security);
    if let Some(known) = documented {
        operation = operation
            .scopes(known.scopes)
            .headers(known.headers)
            .response(known.response)
            .retry(known.retry);
        if let Some(pagination) = known.pagination {
            operation = operation.pagination(pagination);
        }
    } else if operation.method == Method::DELETE {
        // What a repeated request does is not documented.
        operation = operation.retry(RetrySafety::OnlyUnprocessed);
    }
    Ok(Box::leak(Box::new(operation)))
}

/// Returns true if a path has the form of a template.
fn is_path_of(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(found)) if expected == found || expected.starts_with('{') => {}
            _ => return false,
        }
    }
}
