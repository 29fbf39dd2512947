//! `scorekit cases bulk`: one action for all cases that match.

use std::io::{self, IsTerminal as _, Write as _};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use scorekit::Client;
use scorekit::cases::types::{CaseBulkActionType, CaseBulkUpdateRequestAttributes, CasePriority};
use serde_json::{Value, json};

use super::{filters, query};
use crate::commands::teams::is_uuid;
use crate::commands::{argument, lists, projects};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;

/// The actions, each with the name of its setting in the payload.
const ACTIONS: [(&str, CaseBulkActionType, Option<&str>); 7] = [
    ("priority", CaseBulkActionType::Priority, Some("priority")),
    ("status", CaseBulkActionType::Status, Some("status_name")),
    ("assign", CaseBulkActionType::Assign, Some("assignee_id")),
    ("unassign", CaseBulkActionType::Unassign, None),
    ("archive", CaseBulkActionType::Archive, None),
    ("unarchive", CaseBulkActionType::Unarchive, None),
    (
        "move",
        CaseBulkActionType::UpdateProject,
        Some("project_id"),
    ),
];

pub(super) fn bulk_command() -> Command {
    let command = Command::new("bulk")
        .about("Change all cases that match: priority, status, assignee, archive or project")
        .arg(
            Arg::new("action")
                .value_name("ACTION")
                .required(true)
                .value_parser(PossibleValuesParser::new(ACTIONS.map(|(name, ..)| name)))
                .help("Action for each case"),
        )
        .arg(
            Arg::new("value")
                .value_name("VALUE")
                .help("Priority, name of a status, UUID of a user, or key of a project"),
        )
        .arg(
            argument("yes")
                .short('y')
                .action(ArgAction::SetTrue)
                .help("Do not ask"),
        )
        .arg(
            argument("plan")
                .action(ArgAction::SetTrue)
                .help("Print the cases, and change nothing"),
        );
    filters(command).after_help(
        "Examples:\n  \
         scorekit cases bulk priority P2 --project PLATFORM --plan\n  \
         scorekit cases bulk archive --status closed --yes",
    )
}

pub(in crate::commands) async fn bulk(
    context: &mut Context,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let name = text("action").unwrap_or_default();
    let Some((_, action, setting)) = ACTIONS.into_iter().find(|(it, ..)| *it == name) else {
        let message = format!("cannot use the action {name:?}: no action has this name");
        return Err(Failure::usage(message).with_help("see `scorekit cases bulk --help`"));
    };
    let value = match (setting, text("value")) {
        (Some(_), None) => {
            let message = format!("cannot use the action {name}: its value is missing");
            return Err(Failure::usage(message).with_help("see `scorekit cases bulk --help`"));
        }
        (None, Some(value)) => {
            let message = format!("cannot use the action {name} with {value:?}: it takes no value");
            return Err(Failure::usage(message).with_help("leave the value out"));
        }
        (_, value) => value.map(str::to_owned),
    };
    check(name, value.as_deref())?;
    let printer = context.printer()?.without_note();
    let settings = context.settings()?;
    settings.check_datadog()?;
    let client = context.client(&settings)?;
    let value = match (name, value) {
        ("move", Some(key)) => Some(projects::project(&client, &key).await?.id),
        (_, value) => value,
    };
    let cases = matching(&client, &query(matches)).await?;
    let rows: Value = cases.iter().map(|(_, row)| row.clone()).collect();
    printer.document(&rows, |rows| rows.as_array().cloned().unwrap_or_default())?;
    if matches.get_flag("plan") || cases.is_empty() {
        context.say(&match cases.len() {
            1 => "1 case matches".to_owned(),
            count => format!("{count} cases match"),
        });
        return Ok(Exit::Success);
    }
    if !matches.get_flag("yes") && !confirmed(cases.len())? {
        return Err(Failure::failed(
            "cannot change the cases: the answer was not yes; nothing was changed",
        ));
    }
    let ids = cases.into_iter().map(|(id, _)| id).collect();
    change(context, &client, action, setting.zip(value), ids).await
}

/// Returns an error if no case can have the value.
fn check(action: &str, value: Option<&str>) -> Result<(), Failure> {
    let Some(value) = value else {
        return Ok(());
    };
    let fails = |cause: &str, help: &str| {
        let message = format!("cannot use the action {action} with {value:?}: {cause}");
        Err(Failure::usage(message).with_help(help))
    };
    let priorities = CasePriority::VALUES;
    match action {
        "priority" if !priorities.contains(&value) => fails(
            "it is not a priority",
            &format!("use one of {}", priorities.join(", ")),
        ),
        "assign" if !is_uuid(value) => fails(
            "it is not the UUID of a user",
            "write a UUID such as 00000000-0000-0000-0000-000000000001",
        ),
        _ => Ok(()),
    }
}

/// Returns the ids of the cases that match, and their rows.
async fn matching(client: &Client, query: &str) -> Result<Vec<(String, Value)>, Failure> {
    let mut cases = Vec::new();
    let items = client.cases().cases().search().filter(query).items();
    lists::each(items, "interrupted: nothing was changed", |case| {
        let row = json!({
            "key": case.attributes.key,
            "title": case.attributes.title,
            "status": case.attributes.status_name,
            "priority": case.attributes.priority.as_ref().map(|it| it.as_str()),
        });
        cases.push((case.id, row));
        Ok(())
    })
    .await?;
    Ok(cases)
}

/// Asks on the terminal.
fn confirmed(count: usize) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let message = format!("cannot change {count} cases: standard input is not a terminal");
        return Err(Failure::usage(message).with_help("add --yes"));
    }
    let mut stderr = io::stderr();
    let cases = if count == 1 { "case" } else { "cases" };
    write!(stderr, "Change {count} {cases}? [y/N] ")?;
    stderr.flush()?;
    let mut line = String::new();
    let _waiting = interrupt::waiting("no case was changed");
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

async fn change(
    context: &Context,
    client: &Client,
    action: CaseBulkActionType,
    payload: Option<(&str, String)>,
    ids: Vec<String>,
) -> Result<Exit, Failure> {
    let count = ids.len();
    let mut body = CaseBulkUpdateRequestAttributes::new(Vec::<String>::new(), action);
    if let Some((name, value)) = payload {
        body = body.payload([(name.to_owned(), value)]);
    }
    let mut push = client.cases().cases().bulk_update_all(body, ids);
    let mut failed = None;
    loop {
        let result = tokio::select! {
            result = push.next() => result,
            () = interrupt::interrupted() => {
                let done = push.progress().sent;
                let message = format!("interrupted: {done} of {count} cases were changed");
                return Err(Failure::interrupted(message));
            }
        };
        match result {
            Some(item) => {
                if let Err(error) = item.result {
                    failed.get_or_insert_with(|| error.error().to_string());
                }
            }
            None => break,
        }
    }
    let progress = push.progress();
    if let Some(error) = failed {
        let message = format!(
            "cannot change {} of {count} cases: {error}",
            progress.failed
        );
        return Err(Failure::new(Exit::Partial, message));
    }
    context.say(&match count {
        1 => "changed 1 case".to_owned(),
        count => format!("changed {count} cases"),
    });
    Ok(Exit::Success)
}
