//! The tickets of a case in other systems. The sandbox has none of these systems, so every ticket
//! exists at once.

use serde_json::{Value, json};

use super::changes::{attribute, change};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::request::{ApiError, Call, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("LinkJiraIssueToCase", |state, call| {
        let url = attribute(call, "jira_issue_url");
        attach(state, call, linked_issue(url.as_str().unwrap_or_default()))
    }),
    ("CreateCaseJiraIssue", |state, call| {
        let issue = created_issue(state);
        attach(state, call, issue)
    }),
    ("UnlinkJiraIssue", |state, call| {
        change(state, call, |case, _, _| {
            case.attributes.remove(JIRA);
            Ok(())
        })
        .map(|_| None)
    }),
    ("CreateCaseServiceNowTicket", |state, call| {
        let instance = attribute(call, "instance_name");
        let ticket = ticket(instance.as_str().unwrap_or_default());
        change(state, call, |case, _, _| {
            case.set(SERVICE_NOW, ticket);
            Ok(())
        })
        .map(|_| None)
    }),
];

/// The attributes of a case that hold its tickets.
const JIRA: &str = "jira_issue";
const SERVICE_NOW: &str = "service_now_ticket";

/// The project of the issues that the sandbox creates.
const PROJECT: &str = "SANDBOX";

/// Returns the issue at a URL, whose last segment is its key.
fn linked_issue(url: &str) -> Value {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let key = path.trim_end_matches('/').rsplit('/').next();
    let key = key.unwrap_or_default();
    let project = key.rsplit_once('-').map_or(key, |(project, _)| project);
    json!({
        "status": "COMPLETED",
        "result": { "issue_key": key, "issue_url": url, "project_key": project },
    })
}

/// Returns a new issue, the next one of its project.
fn created_issue(state: &State) -> Value {
    let prefix = format!("{PROJECT}-");
    let numbers = state.all(Kind::Case).filter_map(|case| {
        let issue = case.attributes.get(JIRA)?;
        let key = issue.pointer("/result/issue_key")?.as_str()?;
        key.strip_prefix(&prefix)?.parse::<u64>().ok()
    });
    let number = numbers.max().unwrap_or(0).saturating_add(1);
    let key = format!("{prefix}{number}");
    json!({
        "status": "COMPLETED",
        "result": {
            "issue_id": number.to_string(),
            "issue_key": key,
            "issue_url": format!("https://jira.example.com/browse/{key}"),
            "project_key": PROJECT,
        },
    })
}

/// Returns the ticket of a case in a ServiceNow instance.
fn ticket(instance: &str) -> Value {
    let link = format!("https://{instance}.service-now.com/nav_to.do?uri=incident.do");
    json!({ "status": "COMPLETED", "result": { "sys_target_link": link } })
}

/// Links the case to a Jira issue, of which it has at most one.
fn attach(state: &mut State, call: &Call<'_>, issue: Value) -> HandlerResult {
    change(state, call, |case: &mut Record, _, _| {
        if case.attributes.contains_key(JIRA) {
            return Err(ApiError::new(
                Reason::Conflict,
                "the case is linked to a Jira issue; unlink that first",
            ));
        }
        case.set(JIRA, issue);
        Ok(())
    })
    .map(|_| None)
}
