//! Rules of a project: whom it tells of what, and what it does by itself.

use serde_json::{Value, json};

use super::super::{Answer, Entry, existing, resource};
use super::merge;
use crate::call::Call;
use crate::errors::ApiError;
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("GetProjectNotificationRules", |state, call| {
        list(state, call, Kind::NotificationRule)
    }),
    ("CreateProjectNotificationRule", |state, call| {
        let mut rule = sent(call);
        rule.attributes.entry("is_enabled").or_insert(true.into());
        create(state, call, Kind::NotificationRule, rule)
    }),
    ("UpdateProjectNotificationRule", |state, call| {
        change(state, call, Kind::NotificationRule, |rule, call| {
            merge(&mut rule.attributes, call.attributes());
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
        let mut rule = sent(call);
        // A rule that nobody switched on does nothing.
        rule.attributes.entry("state").or_insert("DISABLED".into());
        rule.set("created_at", state.clock.now_text());
        create(state, call, Kind::AutomationRule, rule)
    }),
    ("GetCaseAutomationRule", |state, call| {
        let id = rule_id(state, call, Kind::AutomationRule)?;
        answer(
            Kind::AutomationRule,
            existing(state, Kind::AutomationRule, &id)?,
        )
    }),
    ("UpdateCaseAutomationRule", |state, call| {
        changed(state, call, |rule, call| {
            merge(&mut rule.attributes, call.attributes());
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

fn sent(call: &Call<'_>) -> Record {
    Record {
        attributes: call.attributes(),
        ..Record::default()
    }
}

/// The project that a path names; it has to be there.
fn project_id<'c>(state: &State, call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.path_text("project_id");
    existing(state, Kind::Project, id).map(|_| id)
}

/// The rule that a path names, which has to be one of the project's.
fn rule_id(state: &State, call: &Call<'_>, kind: Kind) -> Result<String, ApiError> {
    let project = project_id(state, call)?;
    let id = match kind {
        Kind::NotificationRule => call.path_text("notification_rule_id"),
        _ => call.path_text("rule_id"),
    };
    let rule = existing(state, kind, id)?;
    if rule.link("project") == project {
        Ok(id.to_owned())
    } else {
        Err(ApiError::not_found(kind.name(), id))
    }
}

fn list(state: &mut State, call: &Call<'_>, kind: Kind) -> Answer {
    let project = project_id(state, call)?;
    let rules: Vec<_> = state
        .all(kind)
        .filter(|rule| rule.link("project") == project)
        .map(|rule| rendered(kind, rule))
        .collect();
    Ok(Some(json!({ "data": rules })))
}

fn create(state: &mut State, call: &Call<'_>, kind: Kind, mut rule: Record) -> Answer {
    rule.set_link("project", project_id(state, call)?);
    answer(kind, &state.insert(kind, rule))
}

fn remove(state: &mut State, call: &Call<'_>, kind: Kind) -> Answer {
    let id = rule_id(state, call, kind)?;
    state.remove(kind, &id);
    Ok(None)
}

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

/// A change of an automation rule, which says when it was changed.
fn changed(
    state: &mut State,
    call: &Call<'_>,
    what: impl FnOnce(&mut Record, &Call<'_>),
) -> Answer {
    let now = state.clock.now_text();
    let rule = change(state, call, Kind::AutomationRule, |rule, call| {
        what(rule, call);
        rule.set("modified_at", now);
    })?;
    answer(Kind::AutomationRule, &rule)
}

fn answer(kind: Kind, rule: &Record) -> Answer {
    Ok(Some(json!({ "data": rendered(kind, rule) })))
}

fn rendered(kind: Kind, rule: &Record) -> Value {
    resource(kind, rule, rule.attributes.clone())
}
