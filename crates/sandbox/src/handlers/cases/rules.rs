//! The rules of a project: notifications and automation.

use serde_json::{Value, json};

use super::users::{CREATED_BY, MODIFIED_BY, USER, authors};
use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::resource::{existing, resource};
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("GetProjectNotificationRules", |state, call| {
        list(state, call, Kind::NotificationRule)
    }),
    ("CreateProjectNotificationRule", |state, call| {
        let mut rule = Record::new(call.attributes());
        rule.attributes.entry("is_enabled").or_insert(true.into());
        create(state, call, Kind::NotificationRule, rule)
    }),
    ("UpdateProjectNotificationRule", |state, call| {
        change(state, call, Kind::NotificationRule, |rule, call| {
            rule.merge(call.attributes());
        })
        .map(|_| None)
    }),
    ("DeleteProjectNotificationRule", |state, call| {
        remove(state, call, Kind::NotificationRule)
    }),
    ("ListCaseAutomationRules", |state, call| {
        list(state, call, Kind::AutomationRule)
    }),
    ("CreateCaseAutomationRule", |state, call| {
        let mut rule = Record::new(call.attributes());
        // New rules are disabled until they are enabled.
        rule.attributes.entry("state").or_insert("DISABLED".into());
        rule.set("created_at", state.clock.now_text());
        rule.set_link(CREATED_BY, USER);
        create(state, call, Kind::AutomationRule, rule)
    }),
    ("GetCaseAutomationRule", |state, call| {
        let id = rule_id(state, call, Kind::AutomationRule)?;
        response(
            Kind::AutomationRule,
            existing(state, Kind::AutomationRule, &id)?,
        )
    }),
    ("UpdateCaseAutomationRule", |state, call| {
        changed(state, call, |rule, call| {
            rule.merge(call.attributes());
        })
    }),
    ("DeleteCaseAutomationRule", |state, call| {
        remove(state, call, Kind::AutomationRule)
    }),
    ("EnableCaseAutomationRule", |state, call| {
        changed(state, call, |rule, _| rule.set("state", "ENABLED"))
    }),
    ("DisableCaseAutomationRule", |state, call| {
        changed(state, call, |rule, _| rule.set("state", "DISABLED"))
    }),
];

/// Returns the identifier of the project that a path names. It must exist.
fn project_id<'c>(state: &State, call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.path_str("project_id");
    existing(state, Kind::Project, id).map(|_| id)
}

/// Returns the identifier of the rule that a path names. It must belong to the project.
fn rule_id(state: &State, call: &Call<'_>, kind: Kind) -> Result<String, ApiError> {
    let project = project_id(state, call)?;
    let id = match kind {
        Kind::NotificationRule => call.path_str("notification_rule_id"),
        _ => call.path_str("rule_id"),
    };
    let rule = existing(state, kind, id)?;
    if rule.link("project") == project {
        Ok(id.to_owned())
    } else {
        Err(ApiError::not_found(kind.name(), id))
    }
}

fn list(state: &mut State, call: &Call<'_>, kind: Kind) -> HandlerResult {
    let project = project_id(state, call)?;
    let rules: Vec<_> = state
        .all(kind)
        .filter(|rule| rule.link("project") == project)
        .map(|rule| rendered(kind, rule))
        .collect();
    Ok(Some(json!({ "data": rules })))
}

fn create(state: &mut State, call: &Call<'_>, kind: Kind, mut rule: Record) -> HandlerResult {
    rule.set_link("project", project_id(state, call)?);
    response(kind, &state.insert(kind, rule))
}

fn remove(state: &mut State, call: &Call<'_>, kind: Kind) -> HandlerResult {
    let id = rule_id(state, call, kind)?;
    state.remove(kind, &id);
    Ok(None)
}

/// Changes the rule that a path names.
fn change(
    state: &mut State,
    call: &Call<'_>,
    kind: Kind,
    change: impl FnOnce(&mut Record, &Call<'_>),
) -> Result<Record, ApiError> {
    let id = rule_id(state, call, kind)?;
    match state.get_mut(kind, &id) {
        Some(rule) => {
            change(rule, call);
            Ok(rule.clone())
        }
        None => Err(ApiError::not_found(kind.name(), &id)),
    }
}

/// Changes an automation rule, and sets who changed it and when.
fn changed(
    state: &mut State,
    call: &Call<'_>,
    apply: impl FnOnce(&mut Record, &Call<'_>),
) -> HandlerResult {
    let now = state.clock.now_text();
    let rule = change(state, call, Kind::AutomationRule, |rule, call| {
        apply(rule, call);
        rule.set("modified_at", now);
        rule.set_link(MODIFIED_BY, USER);
    })?;
    response(Kind::AutomationRule, &rule)
}

fn response(kind: Kind, rule: &Record) -> HandlerResult {
    Ok(Some(json!({ "data": rendered(kind, rule) })))
}

fn rendered(kind: Kind, rule: &Record) -> Value {
    let mut rendered = resource(kind, rule, rule.attributes.clone());
    if kind == Kind::AutomationRule {
        rendered["relationships"] = authors(rule);
    }
    rendered
}
