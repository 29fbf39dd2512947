//! Decides on the action for each rule and service. Nothing here sends a request.

use std::collections::BTreeMap;

use super::block;
use crate::commands::rules::Rule;

/// A case that an earlier run created.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) id: String,
    /// The short name, such as `SEC-42`.
    pub(super) name: String,
    pub(super) is_closed: bool,
    pub(super) created_at: String,
    pub(super) assignee: Option<String>,
    pub(super) description: String,
}

/// The outcome of a rule for a service.
pub(super) struct Outcome<'a> {
    pub(super) rule: &'a Rule,
    pub(super) service: String,
    pub(super) remarks: String,
    pub(super) is_failing: bool,
    pub(super) team: String,
    /// The user of the team.
    pub(super) user: Option<String>,
}

/// The cases by key.
pub(super) type Cases = BTreeMap<String, Vec<Known>>;

/// A request of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Create { title: String, description: String },
    Comment(String),
    Describe(String),
    Open,
    Close,
    Assign(String),
}

/// What is done for a rule and a service.
pub(super) struct Action {
    /// A verb, for the output.
    pub(super) name: &'static str,
    /// The case; `None` if it is to be created.
    pub(super) case: Option<Known>,
    pub(super) rule: String,
    pub(super) service: String,
    pub(super) team: String,
    /// The assignee after the action.
    pub(super) user: Option<String>,
    pub(super) steps: Vec<Step>,
}

/// The flags that decide.
#[derive(Clone, Copy)]
pub(super) struct Policy {
    pub(super) creates: bool,
    pub(super) closes: bool,
}

/// Returns the action for an outcome; `None` if nothing is to be done.
pub(super) fn decide(policy: Policy, cases: &Cases, outcome: &Outcome<'_>) -> Option<Action> {
    let key = block::key(&outcome.rule.id, &outcome.service);
    let known = cases.get(&key).map(Vec::as_slice).unwrap_or_default();
    // The oldest open case is the one; a later one is a duplicate.
    let open = known.iter().find(|case| !case.is_closed);
    let case = open.or(known.last());
    let text = block::block(
        outcome.rule,
        &outcome.service,
        &outcome.remarks,
        outcome.is_failing,
    );
    let (name, steps) = match case {
        None if outcome.is_failing && policy.creates => ("create", created(outcome, &text)),
        None => return None,
        Some(case) => changed(policy, case, outcome, &text)?,
    };
    let assignee = case.and_then(|case| case.assignee.clone());
    Some(Action {
        name,
        case: case.cloned(),
        rule: outcome.rule.name.clone(),
        service: outcome.service.clone(),
        team: outcome.team.clone(),
        user: assignee.or_else(|| outcome.user.clone()),
        steps,
    })
}

fn created(outcome: &Outcome<'_>, text: &str) -> Vec<Step> {
    let title = format!("{} fails for {}", outcome.rule.name, outcome.service);
    let title = crate::output::clean_line(&title);
    let about = format!("{title}.\n\n{}", outcome.rule.description.trim());
    let description = format!("{}\n\n{text}", block::quoted(about.trim_end()));
    vec![Step::Create { title, description }]
}

/// Returns the verb and the steps for a case that exists.
fn changed(
    policy: Policy,
    case: &Known,
    outcome: &Outcome<'_>,
    text: &str,
) -> Option<(&'static str, Vec<Step>)> {
    let changes = block::changes(&case.description, text);
    let describe = || Step::Describe(block::replaced(&case.description, text));
    let comment = |sentence: &str| {
        let lines: Vec<String> = changes.iter().map(|line| format!("- {line}")).collect();
        let text = format!("{sentence}\n\n{}", lines.join("\n"));
        Step::Comment(text.trim().to_owned())
    };
    let was_passed = block::is_passed(&case.description);
    match (outcome.is_failing, case.is_closed) {
        // Only a case that was closed because the rule passed is opened again.
        (true, true) if was_passed => {
            let comment = comment("The rule fails again.");
            Some(("reopen", vec![comment, describe(), Step::Open]))
        }
        (true, true) => None,
        (true, false) => {
            let assign = outcome.user.clone().filter(|_| case.assignee.is_none());
            let mut steps = Vec::new();
            if !changes.is_empty() {
                steps.extend([comment("The outcome changed."), describe()]);
            }
            let name = if steps.is_empty() { "assign" } else { "update" };
            steps.extend(assign.map(Step::Assign));
            (!steps.is_empty()).then_some((name, steps))
        }
        (false, false) if policy.closes => {
            let steps = match was_passed {
                true => vec![Step::Close],
                false => vec![comment("The rule passes now."), describe(), Step::Close],
            };
            Some(("close", steps))
        }
        (false, false) if !was_passed => {
            Some(("update", vec![comment("The rule passes now."), describe()]))
        }
        // A later failure opens a case again that a person closed early.
        (false, true) if !was_passed => Some(("update", vec![describe()])),
        (false, _) => None,
    }
}

/// Returns the keys with several open cases, and the names of these.
pub(super) fn duplicates(cases: &Cases) -> Vec<Vec<&str>> {
    let open = cases.values().map(|known| {
        let open = known.iter().filter(|case| !case.is_closed);
        open.map(|case| case.name.as_str()).collect::<Vec<_>>()
    });
    open.filter(|names| names.len() > 1).collect()
}
