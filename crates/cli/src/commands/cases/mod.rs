//! `scorekit cases list`, `comment`, `close` and `bulk`: everyday work with cases, by the names
//! that people use.

mod bulk;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use scorekit::Client;
use scorekit::cases::types::{Case, CaseCommentAttributes, CaseUpdateStatusAttributes};
use serde_json::{Value, json};

pub(super) use self::bulk::bulk;
use self::bulk::bulk_command;
use super::operation::{List, documented};
use super::{argument, lists, whole};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;

/// The columns of a table of cases.
const COLUMNS: [&str; 6] = [
    "key",
    "title",
    "status_name",
    "priority",
    "assignee",
    "created_at",
];

/// Adds the flags that choose cases.
fn filters(command: Command) -> Command {
    command
        .arg(
            argument("filter")
                .value_name("QUERY")
                .allow_hyphen_values(true)
                .help("Query of the search bar, such as 'priority:P1 service:web'"),
        )
        .arg(
            argument("project")
                .value_name("KEY")
                .help("Only cases of this project"),
        )
        .arg(
            argument("status")
                .value_name("STATUS")
                .value_parser(PossibleValuesParser::new(["open", "closed", "all"]))
                .default_value("open")
                .help("Only cases in this state; open includes those in progress"),
        )
        .arg(
            argument("assignee")
                .value_name("UUID")
                .help("Only cases of this user, or none for unassigned ones"),
        )
}

/// Returns the query for the flags that choose cases.
fn query(matches: &ArgMatches) -> String {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(text("project").map(|it| format!("project:{}", quoted(it))));
    match text("status") {
        Some("closed") => parts.push("status:closed".to_owned()),
        Some("open") => parts.push("-status:closed".to_owned()),
        _ => {}
    }
    match text("assignee") {
        Some("none") => parts.push("-assignee:*".to_owned()),
        Some(user) => parts.push(format!("assignee:{}", quoted(user))),
        None => {}
    }
    // Alternatives of the user must not swallow the other parts.
    parts.extend(text("filter").map(|it| format!("({it})")));
    parts.join(" ")
}

/// Returns a value of a query, between quotation marks if it has a blank.
fn quoted(value: &str) -> String {
    match value.contains([' ', '(', ')', ':']) {
        true => format!("\"{}\"", value.replace('"', "")),
        false => value.to_owned(),
    }
}

pub(super) fn commands() -> Vec<Command> {
    vec![
        list_command(),
        comment_command(),
        close_command(),
        bulk_command(),
    ]
}

fn list_command() -> Command {
    let command = Command::new("list")
        .about("List cases, the open ones by default")
        .arg(
            argument("limit")
                .value_name("NUMBER")
                .value_parser(whole(1..=u64::MAX))
                .help("Print this many cases [default: all]"),
        );
    filters(command).after_help(
        "Examples:\n  \
         scorekit cases list --project PLATFORM\n  \
         scorekit cases list --filter 'priority:P1 OR priority:P2' --assignee none",
    )
}

pub(super) async fn list(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let operation = documented("SearchCases")?.operation;
    let Some(pagination) = operation.pagination else {
        return Err(Failure::failed("cannot list cases: the list has no pages"));
    };
    let limit = matches.get_one::<u64>("limit");
    let limit = limit.map(|limit| usize::try_from(*limit).unwrap_or(usize::MAX));
    context.output.preferred = &COLUMNS;
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let request = client
        .request::<Value>(operation)
        .query("filter", &query(matches));
    let list = List {
        operation,
        pagination,
        limit,
    };
    list.print(context, &settings, request).await
}

fn comment_command() -> Command {
    Command::new("comment")
        .about("Comment on a case")
        .arg(
            Arg::new("case")
                .value_name("KEY")
                .required(true)
                .help("Key or id of the case, such as SEC-42"),
        )
        .arg(
            Arg::new("text")
                .value_name("TEXT")
                .required(true)
                .allow_hyphen_values(true)
                .help("Comment in Markdown, or - to read it from standard input"),
        )
        .after_help("Example:\n  scorekit cases comment CASE_ID 'Rotated the key'")
}

pub(super) async fn comment(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let text_of = text("text");
    let comment = match text_of.as_str() {
        "-" => {
            let bytes = super::body::read_bytes("-")?;
            String::from_utf8_lossy(&bytes).trim_end().to_owned()
        }
        _ => text_of,
    };
    let settings = context.settings()?;
    settings.check_datadog()?;
    let client = context.client(&settings)?;
    let case = text("case");
    let comments = client.cases().comments();
    let call = comments.create(&case, CaseCommentAttributes::new(comment));
    lists::until_interrupted(call.send()).await??;
    context.say(&format!("commented on {case}"));
    Ok(Exit::Success)
}

fn close_command() -> Command {
    Command::new("close")
        .about("Close cases")
        .arg(
            Arg::new("case")
                .value_name("KEY")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .help("Keys or ids of the cases"),
        )
        .arg(
            argument("comment")
                .value_name("TEXT")
                .allow_hyphen_values(true)
                .help("Comment to add first"),
        )
        .arg(
            argument("status")
                .value_name("NAME")
                .default_value("Closed")
                .help("Name of the status of closed cases"),
        )
        .after_help("Example:\n  scorekit cases close CASE_ID --comment 'Rotated the key'")
}

pub(super) async fn close(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let printer = context.printer()?;
    let settings = context.settings()?;
    settings.check_datadog()?;
    let client = context.client(&settings)?;
    let status = text("status").unwrap_or_default();
    let names = matches.get_many::<String>("case").into_iter().flatten();
    let names: Vec<&String> = names.collect();
    let (mut rows, mut failed) = (Vec::new(), None);
    for name in &names {
        let close = close_one(&client, name, text("comment"), &status);
        let closed = tokio::select! {
            closed = close => closed,
            () = interrupt::interrupted() => {
                let message = format!("interrupted: {} of {} cases were closed", rows.len(), names.len());
                return Err(Failure::interrupted(message));
            }
        };
        match closed {
            Ok(case) => rows.push(json!({
                "key": case.attributes.key,
                "title": case.attributes.title,
                "status": case.attributes.status_name,
            })),
            Err(error) if names.len() == 1 => return Err(error),
            Err(error) => {
                context.warn(&format!("{name}: {error}"));
                failed = Some(failed.unwrap_or(0) + 1);
            }
        }
    }
    let closed = rows.len();
    let rows = Value::from(rows);
    let shown = printer.document(&rows, |rows| rows.as_array().cloned().unwrap_or_default());
    shown.map_err(|failure| {
        failure.not_shown(&format!("{closed} of {} cases were closed", names.len()))
    })?;
    match failed {
        None => Ok(Exit::Success),
        Some(failed) => {
            let message = format!("cannot close {failed} of {} cases", names.len());
            Err(Failure::new(Exit::Partial, message)
                .with_help("correct the causes above, and close these cases again"))
        }
    }
}

async fn close_one(
    client: &Client,
    name: &str,
    comment: Option<String>,
    status: &str,
) -> Result<Case, Failure> {
    if let Some(comment) = comment {
        let comment = CaseCommentAttributes::new(comment);
        client
            .cases()
            .comments()
            .create(name, comment)
            .send()
            .await?;
    }
    let status = CaseUpdateStatusAttributes::new().status_name(status);
    let closed = client.cases().cases().update_status(name, status).send();
    Ok(closed.await?.into_inner())
}
