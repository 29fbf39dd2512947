//! The commands of the operations: the table of the generator, interpreted.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use scorekit::runtime::{Method, Operation, Pagination, ParameterStyle, Request};
use scorekit::{CallOptions, Client, StatusCode};
use serde_json::Value;
use std::time::Duration;

use super::parsers::{number, whole};
use super::{argument, body, dates, names};
use crate::catalog::{self, Flag, Kind, Place};
use crate::context::Context;
use crate::curl::curl;
use crate::exit::{Exit, Failure};
use crate::generated::DOMAINS;
use crate::interrupt;
use crate::output::Printer;
use crate::settings::Settings;

/// The names of the flags that the tool itself gives a command. A parameter of the same name gets
/// the prefix `param-`.
const OWN: [&str; 15] = [
    "all", "base-url", "body", "columns", "dry-run", "help", "jq", "limit", "no-color", "output",
    "profile", "quiet", "site", "timeout", "verbose",
];

/// Returns the id and the long name of a flag.
pub(super) fn flag_name(flag: &Flag) -> String {
    match flag.place != Place::Path && OWN.contains(&flag.name) {
        true => format!("param-{}", flag.name),
        false => flag.name.to_owned(),
    }
}

/// Returns the command of a documented operation.
pub(super) fn documented(id: &str) -> Result<&'static catalog::Command, Failure> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let mut commands = resources.flat_map(|resource| resource.commands);
    let found = commands.find(|command| command.operation.id == id);
    found.ok_or_else(|| Failure::failed(format!("the document has no operation {id}")))
}

/// Returns the kind of a flag. The vendor documents the due date of a case as a string.
fn kind(flag: &Flag) -> Kind {
    match flag.kind {
        Kind::String if flag.wire.ends_with("/due_date") => Kind::Date,
        kind => kind,
    }
}

/// Builds the command of an operation, with its flags only if it is `complete`.
pub(super) fn command(command: &'static catalog::Command, is_complete: bool) -> Command {
    let mut about = command.summary.to_owned();
    if command.operation.preview {
        about.push_str(" [preview]");
    }
    if command.deprecated {
        about.push_str(" [deprecated]");
    }
    let built = Command::new(command.name).about(about);
    if !is_complete {
        return built;
    }
    let mut built = built
        .long_about(long_about(command))
        .after_help(format!("Example:\n  {}", command.example))
        .arg(
            argument("dry-run")
                .action(ArgAction::SetTrue)
                .help("Print the request as a curl command, and send nothing"),
        );
    for flag in command.flags {
        built = built.arg(flag_argument(flag));
    }
    if command.body.is_some() {
        built = built.arg(
            argument("body")
                .value_name("FILE")
                .help("JSON file with the body, or - for standard input; flags win over it"),
        );
    }
    if command.operation.pagination.is_some() {
        built = built
            .arg(
                argument("all")
                    .action(ArgAction::SetTrue)
                    .help("Print the items of all pages as they arrive"),
            )
            .arg(
                argument("limit")
                    .value_name("NUMBER")
                    .value_parser(whole(1..=u64::MAX))
                    .help("Print this many items, from as many pages as needed"),
            );
    }
    built
}

fn long_about(command: &catalog::Command) -> String {
    let mut text = command.summary.to_owned();
    if !command.about.is_empty() {
        text.push_str("\n\n");
        text.push_str(command.about);
    }
    if command.operation.preview {
        text.push_str("\n\nPreview: the vendor may change or remove it without notice.");
    }
    if command.deprecated {
        text.push_str("\n\nDeprecated: the vendor advises against it.");
    }
    let operation = command.operation;
    text.push_str(&format!("\n\n{} {}", operation.method, operation.path));
    if let Some(page) = command.documentation {
        text.push_str(&format!("\n{page}"));
    }
    text
}

fn flag_argument(flag: &'static Flag) -> Arg {
    let name = flag_name(flag);
    let mut help = flag.help.to_owned();
    if flag.place == Place::Body && flag.required {
        help.push_str(" Required, here or in --body.");
    }
    if flag.deprecated {
        help.push_str(" Deprecated.");
    }
    let mut argument = Arg::new(name.clone()).help(help.trim().to_owned());
    if flag.place != Place::Path {
        argument = argument.long(name);
    }
    argument = argument.required(flag.required && flag.place != Place::Body);
    if flag.is_list {
        argument = argument.action(ArgAction::Append);
    }
    argument = match kind(flag) {
        _ if !flag.values.is_empty() => argument
            .value_name("VALUE")
            .value_parser(PossibleValuesParser::new(flag.values)),
        Kind::Integer => argument
            .value_name("INTEGER")
            .value_parser(whole(i64::MIN..=i64::MAX))
            .allow_negative_numbers(true),
        Kind::Number => argument
            .value_name("NUMBER")
            .value_parser(number)
            .allow_negative_numbers(true),
        Kind::Boolean => argument
            .value_name("BOOLEAN")
            .value_parser(PossibleValuesParser::new(["true", "false"]))
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Date => argument.value_name("DATE"),
        Kind::Time => argument.value_name("TIME"),
        Kind::Json => argument.value_name("JSON").allow_hyphen_values(true),
        // A query such as `-status:closed` is a value, not a flag.
        Kind::String => argument.value_name("TEXT").allow_hyphen_values(true),
    };
    match flag.place {
        Place::Path => argument.value_name(flag.wire.to_uppercase()),
        _ => argument,
    }
}

/// Returns the values of a flag as JSON, if it was given.
pub(super) fn flag_value(flag: &Flag, matches: &ArgMatches) -> Result<Option<Value>, Failure> {
    let name = flag_name(flag);
    let mut values = Vec::new();
    if flag.kind == Kind::Integer && flag.values.is_empty() {
        let given = matches.get_many::<i64>(&name).into_iter().flatten();
        values.extend(given.map(|it| Value::from(*it)));
    } else if flag.kind == Kind::Number && flag.values.is_empty() {
        let given = matches.get_many::<f64>(&name).into_iter().flatten();
        values.extend(given.map(|it| Value::from(*it)));
    } else {
        for text in matches.get_many::<String>(&name).into_iter().flatten() {
            values.push(match kind(flag) {
                Kind::Boolean => Value::from(text == "true"),
                Kind::Date => dates::date(&format!("--{name}"), text)?,
                Kind::Time => dates::time(&format!("--{name}"), text)?,
                Kind::Json => serde_json::from_str(text).map_err(|error| {
                    Failure::usage(format!("cannot read --{name}: it is not JSON: {error}"))
                })?,
                _ => Value::from(text.as_str()),
            });
        }
    }
    Ok(match (values.is_empty(), flag.is_list) {
        (true, _) => None,
        (false, true) => Some(Value::Array(values)),
        (false, false) => values.pop(),
    })
}

/// Runs the command of an operation.
pub(super) async fn run(
    context: &mut Context,
    command: &'static catalog::Command,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let operation = command.operation;
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let mut body = body::of(command, matches)?;
    let is_dry_run = matches.get_flag("dry-run");
    if let Some(body) = &mut body {
        names::resolve(context, &client, operation, body, is_dry_run).await?;
        body::check_required(command, body)?;
        body::check_change(command, matches)?;
    }
    let request = request(&client, command, matches, body)?;
    if is_dry_run {
        return dry_run(operation, &request);
    }
    if command.operation.preview {
        context.say("note: this operation is a preview, which the vendor may change");
    }
    if command.deprecated {
        context.say("note: the vendor advises against this operation");
    }
    let Some(pagination) = operation.pagination else {
        let printer = context.printer()?;
        return single(context, &settings, operation, request, printer).await;
    };
    let limit = matches.get_one::<u64>("limit");
    let limit = limit.map(|limit| usize::try_from(*limit).unwrap_or(usize::MAX));
    if limit.is_some() || matches.get_flag("all") {
        let call = List {
            operation,
            pagination,
            limit,
        };
        return call.print(context, &settings, request).await;
    }
    let printer = context.printer()?;
    single(context, &settings, operation, request, printer).await
}

/// Creates the request of a command.
fn request(
    client: &Client,
    command: &'static catalog::Command,
    matches: &ArgMatches,
    body: Option<Value>,
) -> Result<Request<Value>, Failure> {
    let mut request = client.request::<Value>(command.operation);
    for flag in command.flags {
        let Some(value) = flag_value(flag, matches)? else {
            continue;
        };
        let style = flag.style.unwrap_or(ParameterStyle::Form);
        let text = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let is_compound = value.is_array() || value.is_object();
        request = match flag.place {
            Place::Path if is_compound => request.path_value(flag.wire, style, &value),
            Place::Path => request.path(flag.wire, &text),
            Place::Query if is_compound => request.query_value(flag.wire, style, &value),
            Place::Query => request.query(flag.wire, &text),
            Place::Header if is_compound => request.header_value(flag.wire, style, &value),
            Place::Header => request.header(flag.wire, &text),
            Place::Body => request,
        };
    }
    Ok(match body {
        Some(body) => request.json(&body),
        None => request,
    })
}

/// Prints a request instead of sending it.
pub(super) fn dry_run(operation: &Operation, request: &Request<Value>) -> Result<Exit, Failure> {
    use std::io::Write as _;
    let text = curl(operation, &request.to_http()?);
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(crate::output::clean_text(&text).as_bytes())?;
    stdout.flush()?;
    Ok(Exit::Success)
}

/// Sends a request and prints its response.
pub(super) async fn single(
    context: &Context,
    settings: &Settings,
    operation: &Operation,
    request: Request<Value>,
    printer: Printer,
) -> Result<Exit, Failure> {
    let response = context.send(settings, operation, request).await?;
    let status = response.status();
    shown(context, operation, status, &response.into_inner(), printer)
}

/// Prints the response to a request.
pub(super) fn shown(
    context: &Context,
    operation: &Operation,
    status: StatusCode,
    document: &Value,
    printer: Printer,
) -> Result<Exit, Failure> {
    if document.is_null() {
        context.say(&format!("done: {status}"));
        return Ok(Exit::Success);
    }
    let path = operation.pagination.map(|pagination| pagination.items);
    let is_part = operation.pagination.is_some_and(|it| is_part(it, document));
    let printed = printer.document(document, |document| rows(document, path));
    printed.map_err(|failure| match operation.method {
        Method::GET => failure,
        _ => failure.not_shown(&format!("{} succeeded ({status})", operation.id)),
    })?;
    if is_part && context.output.format.is_none() {
        context.say("note: this is one page of the list; --all prints all of it");
    }
    Ok(Exit::Success)
}

/// Returns true if a page says that its list has more items.
fn is_part(pagination: &Pagination, document: &Value) -> bool {
    let says = |path: Option<&[&str]>| path.and_then(|path| at(document, path));
    let count = rows(document, Some(pagination.items)).len();
    let total = says(pagination.total).and_then(Value::as_u64);
    let has_link = says(pagination.next_link).and_then(Value::as_str);
    count > 0
        && (total.is_some_and(|total| total > count as u64)
            || says(pagination.has_more) == Some(&Value::Bool(true))
            || has_link.is_some_and(|link| !link.is_empty()))
}

/// Returns the items of a response: its list, the resource in its envelope, or itself.
fn rows(document: &Value, path: Option<&[&str]>) -> Vec<Value> {
    let list = path.and_then(|path| at(document, path));
    let data = document.get("data");
    let list = list.or(data).unwrap_or(document);
    match list {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        item => vec![item.clone()],
    }
}

/// Returns the value at a path of properties.
fn at<'a>(document: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(document, |value, name| value.get(name))
}

/// A call of a list that reads several pages.
pub(super) struct List {
    pub(super) operation: &'static Operation,
    pub(super) pagination: &'static Pagination,
    /// The number of items to print; `None` for all.
    pub(super) limit: Option<usize>,
}

impl List {
    /// Reads the items and prints them as they arrive.
    pub(super) async fn print(
        &self,
        context: &Context,
        settings: &Settings,
        request: Request<Value>,
    ) -> Result<Exit, Failure> {
        settings.check_credentials(self.operation)?;
        let mut printer = context.printer()?;
        let path = self.pagination.items;
        // The time limit of a call is for each page.
        let request = request.options(CallOptions::new().read_timeout(Duration::from_secs(60)));
        let mut items = request.items(move |page| match at(&page, path) {
            Some(Value::Array(items)) => items.clone(),
            _ => Vec::new(),
        });
        if let Some(limit) = self.limit {
            items = items.limit(limit);
        }
        let mut count = 0_usize;
        loop {
            let item = tokio::select! {
                item = items.next() => item,
                () = interrupt::interrupted() => {
                    printer.without_note().finish()?;
                    let message = format!("interrupted after {count} items");
                    return Err(Failure::interrupted(message));
                }
            };
            match item {
                Some(Ok(item)) => {
                    printer.item(item)?;
                    count += 1;
                    if count.is_multiple_of(100) {
                        printer.flush()?;
                    }
                }
                Some(Err(error)) => {
                    // What came is shown, and the list is closed. It may not be empty.
                    printer.without_note().finish()?;
                    return Err(error.into());
                }
                None => break,
            }
        }
        printer.finish()?;
        Ok(Exit::Success)
    }
}
