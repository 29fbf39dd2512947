//! `scorekit triage`: a case for each failing rule and service.
//!
//! The run reads the rules, the cases of the project and the outcomes, once each. `plan` decides
//! on an action for each rule and service, and `apply` carries the actions out. `block` is how a
//! case is found again.

mod apply;
mod block;
mod plan;

use std::collections::{BTreeMap, HashSet};

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, ArgMatches, Command};
use scorekit::Client;
use scorekit::cases::types::{CaseStatusGroup, Project};
use scorekit::scorecards::types::State;
use serde_json::{Value, json};

use self::apply::{Done, Target};
use self::plan::{Action, Cases, Known, Outcome, Policy};
use super::rules::{Rule, Rules};
use super::teams::Teams;
use super::{argument, lists, projects};
use crate::context::Context;
use crate::exit::{Exit, Failure};

pub(super) fn command() -> Command {
    let flag = |name: &'static str| argument(name).action(ArgAction::SetTrue);
    let filter = |name: &'static str| argument(name).value_name("NAME").action(ArgAction::Append);
    Command::new("triage")
        .about("Keep a case for each failing rule and service")
        .long_about(
            "Keep a case for each failing rule and service.\n\n\
             A case is found again by the line `Triage key` in its description, so that the next \
             run comments on it and creates none. It is reopened if the rule fails again, unless \
             a person closed it while the rule failed. Enabled rules count.",
        )
        .arg(
            argument("project")
                .value_name("KEY")
                .required(true)
                .help("Project of the cases, by key, name or id"),
        )
        .arg(flag("from-failing").help("Create a case for each failing rule and service"))
        .arg(flag("close-passing").help("Close the cases of rules that pass"))
        .arg(flag("plan").help("Print what would be done, and change nothing"))
        .arg(
            argument("teams")
                .value_name("FILE")
                .help("YAML or JSON file with the user of each team, and the team of each service"),
        )
        .arg(
            argument("type")
                .value_name("NAME")
                .help("Type of new cases, by name or id [default: Standard, or the only one]"),
        )
        .arg(
            argument("priority")
                .value_name("PRIORITY")
                .value_parser(PossibleValuesParser::new(["P1", "P2", "P3", "P4", "P5"]))
                .help("Priority of new cases"),
        )
        .arg(filter("scorecard").help("Only rules of this scorecard; may be repeated"))
        .arg(filter("rule").help("Only this rule, by name or id; may be repeated"))
        .arg(filter("service").help("Only this service; may be repeated"))
        .arg(
            argument("closed-status")
                .value_name("NAME")
                .default_value("Closed")
                .help("Status of closed cases"),
        )
        .arg(
            argument("open-status")
                .value_name("NAME")
                .default_value("Open")
                .help("Status of reopened cases"),
        )
        .after_help(
            "Examples:\n  \
             scorekit triage --project PLATFORM --from-failing --plan\n  \
             scorekit triage --project PLATFORM --from-failing --close-passing",
        )
}

/// The rules and services that a run looks at.
struct Filter {
    rules: HashSet<String>,
    services: HashSet<String>,
}

impl Filter {
    fn of(matches: &ArgMatches, rules: &Rules) -> Result<Self, Failure> {
        let names = |name: &str| matches.get_many::<String>(name).into_iter().flatten();
        let failed = |cause| Failure::failed(format!("cannot triage: {cause}"));
        let (mut ids, mut scorecards) = (HashSet::new(), HashSet::new());
        for name in names("rule") {
            ids.insert(rules.id(name).map_err(failed)?);
        }
        for name in names("scorecard") {
            scorecards.insert(rules.scorecard_id(name).map_err(failed)?);
        }
        let is_wanted = |rule: &&Rule| {
            rule.is_enabled
                && (ids.is_empty() || ids.contains(&*rule.id))
                && (scorecards.is_empty() || scorecards.contains(&*rule.scorecard_id))
        };
        let wanted = rules.all().iter().filter(is_wanted);
        Ok(Self {
            rules: wanted.map(|rule| rule.id.clone()).collect(),
            services: names("service").cloned().collect(),
        })
    }

    fn has(&self, rule_id: &str, service: &str) -> bool {
        self.rules.contains(rule_id)
            && (self.services.is_empty() || self.services.contains(service))
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let teams = text("teams").map(Teams::read).transpose()?;
    let teams = teams.unwrap_or_default();
    let printer = context.printer()?.without_note();
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let rules = Rules::read(context, &settings, &client).await?;
    let filter = Filter::of(matches, &rules)?;
    let project = projects::project(&client, text("project").unwrap_or_default()).await?;
    let policy = Policy {
        creates: matches.get_flag("from-failing"),
        closes: matches.get_flag("close-passing"),
    };
    let mut cases = read_cases(&client, &project).await?;
    let outcomes = read_outcomes(context, &client, &rules, &filter, &teams, &cases).await?;
    let actions: Vec<Action> = outcomes
        .values()
        .filter_map(|outcome| plan::decide(policy, &cases, outcome))
        .collect();
    let is_creating = actions.iter().any(|action| action.case.is_none());
    let target = Target {
        project_id: project.id.clone(),
        type_id: match is_creating {
            true => projects::type_id(&client, text("type")).await?,
            false => String::new(),
        },
        priority: text("priority").map(Into::into),
        open: text("open-status").unwrap_or_default().to_owned(),
        closed: text("closed-status").unwrap_or_default().to_owned(),
    };
    let is_plan = matches.get_flag("plan");
    let results = match is_plan {
        true => actions.iter().map(|_| None).collect(),
        false => {
            let bar = lists::counter(context, "actions");
            let results = apply::apply(&client, &target, &actions, || bar.inc(1)).await;
            bar.finish_and_clear();
            results
        }
    };
    if is_creating && !is_plan {
        // Another run may have created the same cases in the meantime.
        cases = read_cases(&client, &project).await.unwrap_or(cases);
    }
    let rows: Value = actions
        .iter()
        .zip(&results)
        .filter(|(_, result)| is_plan || result.is_some())
        .map(|(action, result)| row(action, result.as_ref()))
        .collect();
    let shown = printer.document(&rows, |rows| rows.as_array().cloned().unwrap_or_default());
    summary(context, &actions, &results, is_plan, outcomes.len());
    shown.map_err(|failure| {
        let done = results.iter().flatten().filter(|it| it.is_ok()).count();
        match is_plan {
            true => failure,
            false => failure.not_shown(&format!("{done} of {} actions were done", actions.len())),
        }
    })?;
    verdict(&actions, &results, is_plan, &cases)
}

/// Reads the cases of a project that have a key, the oldest first.
async fn read_cases(client: &Client, project: &Project) -> Result<Cases, Failure> {
    let mut cases = Cases::new();
    let key = project.attributes.key.as_deref().unwrap_or(&project.id);
    let search = client.cases().cases().search();
    let items = search.filter(format!("project:{key}")).items();
    lists::each(items, "interrupted: nothing was changed", |case| {
        let attributes = case.attributes;
        let description = attributes.description.unwrap_or_default();
        let Some(key) = block::key_of(&description).map(str::to_owned) else {
            return Ok(());
        };
        if attributes.archived_at.is_some() {
            return Ok(());
        }
        let relationships = case.relationships.as_ref();
        let assignee = relationships.and_then(|it| it.assignee.as_ref()?.data.as_ref());
        let assignee = assignee.map(|it| it.id.clone());
        let created_at = attributes.created_at.map(|it| it.as_str().to_owned());
        cases.entry(key).or_default().push(Known {
            name: attributes.key.unwrap_or_else(|| case.id.clone()),
            id: case.id,
            is_closed: attributes.status_group == Some(CaseStatusGroup::SgClosed),
            created_at: created_at.unwrap_or_default(),
            assignee,
            description,
        });
        Ok(())
    })
    .await?;
    for known in cases.values_mut() {
        // Two cases of one second are told apart by their number.
        let age = |case: &Known| (case.created_at.clone(), case.name.len(), case.name.clone());
        known.sort_by_key(age);
    }
    Ok(cases)
}

/// Reads the outcomes that fail, and those that have a case. Others are not kept in memory.
async fn read_outcomes<'a>(
    context: &Context,
    client: &Client,
    rules: &'a Rules,
    filter: &Filter,
    teams: &Teams,
    cases: &Cases,
) -> Result<BTreeMap<String, Outcome<'a>>, Failure> {
    let mut outcomes = BTreeMap::new();
    let bar = lists::counter(context, "outcomes");
    let items = client.scorecards().outcomes().list().items();
    let read = lists::each(
        items.prefetch(2),
        "interrupted: nothing was changed",
        |it| {
            bar.inc(1);
            let service = it.service_name().unwrap_or_default().to_owned();
            let rule = it.rule_id().and_then(|id| rules.get(id));
            let Some(rule) = rule.filter(|rule| filter.has(&rule.id, &service)) else {
                return Ok(());
            };
            let attributes = it.attributes.unwrap_or_default();
            let is_failing = attributes.state == Some(State::Fail);
            // A skipped outcome neither needs a case nor closes one.
            let matters = is_failing || attributes.state == Some(State::Pass);
            let key = block::key(&rule.id, &service);
            if matters && (is_failing || cases.contains_key(&key)) {
                let team = teams.team(&service, &rule.owner).to_owned();
                let outcome = Outcome {
                    rule,
                    user: teams.user(&team).map(str::to_owned),
                    remarks: attributes.remarks.unwrap_or_default(),
                    is_failing,
                    service,
                    team,
                };
                outcomes.insert(key, outcome);
            }
            Ok(())
        },
    );
    read.await?;
    bar.finish_and_clear();
    Ok(outcomes)
}

fn row(action: &Action, result: Option<&Done>) -> Value {
    let case = match (result, &action.case) {
        (Some(Ok(name)), _) => name.as_str(),
        (_, Some(case)) => case.name.as_str(),
        (_, None) => "",
    };
    let error = match result {
        Some(Err(error)) => Some(error.to_string()),
        _ => None,
    };
    let mut row = json!({
        "action": action.name,
        "case": case,
        "rule": action.rule,
        "service": action.service,
        "team": action.team,
        "assignee": action.user,
    });
    if let (Some(error), Value::Object(row)) = (error, &mut row) {
        row.insert("error".to_owned(), json!(error));
    }
    row
}

/// Prints the numbers of actions, and the teams without a user.
fn summary(
    context: &Context,
    actions: &[Action],
    results: &[Option<Done>],
    is_plan: bool,
    outcomes: usize,
) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut without_user: BTreeMap<&str, usize> = BTreeMap::new();
    for (action, result) in actions.iter().zip(results) {
        if is_plan || matches!(result, Some(Ok(_))) {
            *counts.entry(action.name).or_default() += 1;
            if action.user.is_none() && action.name != "close" {
                *without_user.entry(&action.team).or_default() += 1;
            }
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let verb = if is_plan { "to do" } else { "done" };
    let unchanged = outcomes - actions.len();
    let counts = match counts.is_empty() {
        true => "nothing".to_owned(),
        false => counts.join(", "),
    };
    context.say(&format!("{verb}: {counts}; unchanged: {unchanged}"));
    if !without_user.is_empty() {
        let teams = without_user.iter();
        let teams = teams.map(|(team, count)| match *team {
            "" => format!("no team ({count})"),
            team => format!("{team} ({count})"),
        });
        let teams: Vec<String> = teams.collect();
        let text = format!(
            "unassigned, because the team has no user: {}",
            teams.join(", ")
        );
        context.say(&text);
    }
}

fn verdict(
    actions: &[Action],
    results: &[Option<Done>],
    is_plan: bool,
    cases: &Cases,
) -> Result<Exit, Failure> {
    let duplicates = plan::duplicates(cases);
    let duplicates = duplicates.first().map(|first| {
        let message = format!(
            "{} cases have a duplicate, such as {}: two runs created them at the same time",
            duplicates.len(),
            first.join(" and ")
        );
        Failure::new(Exit::Partial, message)
            .with_help("close the later one; triage uses the oldest open case")
    });
    if is_plan {
        return duplicates.map_or(Ok(Exit::Success), Err);
    }
    let done = results.iter().flatten().count();
    if done < actions.len() {
        let message = format!("interrupted: {done} of {} actions were done", actions.len());
        return Err(
            Failure::interrupted(message).with_help("run the same command again to do the rest")
        );
    }
    let mut errors = results.iter().flatten().filter_map(|it| it.as_ref().err());
    let failed = errors.clone().count();
    if let Some(error) = errors.next() {
        let message = format!("{failed} of {done} actions failed, the first one: {error}");
        return Err(Failure::new(Exit::Partial, message)
            .with_help("run the same command again to do the rest"));
    }
    duplicates.map_or(Ok(Exit::Success), Err)
}
