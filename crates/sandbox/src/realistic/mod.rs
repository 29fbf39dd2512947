//! A built-in seed: the resources of a company with 30 services and 5 scorecards.

mod data;

use serde_json::{Value, json};

use self::data::Step::{Assign, Say, Status};
use self::data::{CASES, COMMENTS, RULES, TEAMS, USER};
use crate::random::split_mix;

/// Returns a UUID that depends only on a number.
fn uuid(number: usize) -> String {
    let number = u64::try_from(number).unwrap_or_default();
    let [high, low] = [split_mix(number), split_mix(number ^ u64::MAX)];
    let bits = u128::from(high) << 64 | u128::from(low);
    uuid::Builder::from_random_bytes(bits.to_be_bytes())
        .into_uuid()
        .to_string()
}

/// Returns a seed with the resources of a company: 30 services of 6 teams, 5 scorecards with 20
/// rules, 600 outcomes with remarks, campaigns in each status, cases with timelines, and KPIs.
///
/// It is the same every time, identifiers included. Only the times are those of the clock.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), scorekit_sandbox::StartError> {
/// use scorekit_sandbox::{Sandbox, realistic_seed};
///
/// let sandbox = Sandbox::builder().seed(realistic_seed()).start().await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn realistic_seed() -> Value {
    let projects = TEAMS.iter().enumerate().map(|(index, (team, _))| {
        let key = team.to_uppercase();
        json!({ "id": uuid(index), "attributes": { "key": key, "name": format!("Team {team}") } })
    });
    json!({
        "rules": rules(),
        "outcomes": outcomes(),
        "campaigns": campaigns(),
        "projects": projects.collect::<Value>(),
        "case_types": [{
            "id": uuid(100),
            "attributes": {
                "name": "Scorecard finding",
                "emoji": "🔍",
                "description": "A rule that a service does not pass.",
            },
        }],
        "custom_attributes": [{
            "case_type_id": uuid(100),
            "attributes": {
                "key": "service",
                "display_name": "Service",
                "description": "The services of the finding.",
                "type": "TEXT",
                "is_multi": true,
            },
        }],
        "cases": cases(),
        "datasets": [{
            "id": uuid(300),
            "name": "Data centers",
            "description": "Monthly readings of both data centers.",
            "kpis": [
                { "name": "Electricity", "unit": "kWh", "value_type": "number", "required": true },
                { "name": "Water withdrawn", "unit": "m3", "value_type": "number" },
            ],
        }],
        "dataset_campaigns": [{
            "dataset_id": uuid(300),
            "name": "First quarter",
            "period_start": "2026-01-01",
            "period_end": "2026-03-31",
            "deadline": "2026-04-15",
            "assignment_ids": [uuid(301), uuid(302)],
        }],
        "calls": calls(),
    })
}

fn rules() -> Value {
    let rules = RULES
        .iter()
        .map(|(scorecard, id, name, owner, level, _, remark)| {
            json!({ "id": id, "attributes": {
            "name": name,
            "scorecard_name": scorecard,
            "owner": owner,
            "level": level,
            "enabled": true,
            "description": format!("Fails, for example, with: {remark}"),
        } })
        });
    rules.collect()
}

fn outcomes() -> Value {
    let services = TEAMS.iter().flat_map(|(_, services)| services).enumerate();
    let outcomes = services.flat_map(|(place, service)| {
        RULES.iter().enumerate().map(move |(index, rule)| {
            let (_, id, _, _, _, share, remark) = rule;
            let chance = split_mix((place * RULES.len() + index) as u64) % 100;
            let (state, remarks) = match chance {
                // Some rules do not apply to some services.
                0..3 => ("skip", "The service has no traffic."),
                _ if chance < *share => ("pass", ""),
                _ => ("fail", *remark),
            };
            json!({
                "rule_id": id,
                "entity_reference": format!("service:{service}"),
                "state": state,
                "remarks": remarks,
            })
        })
    });
    outcomes.collect()
}

fn campaigns() -> Value {
    let of = |key: &str, name: &str, status: &str, start: &str, due: &str, rules: &[&str]| {
        json!({ "id": key, "attributes": {
            "key": key,
            "name": name,
            "owner_id": USER,
            "status": status,
            "start_date": start,
            "due_date": due,
            "entity_scope": "kind:service",
            "guidance": "Ask the team of the rule if something is unclear.",
            "rule_ids": rules,
        } })
    };
    json!([
        of(
            "runbooks-2025",
            "Runbooks for all",
            "completed",
            "2025-09-01T00:00:00Z",
            "2025-12-15T00:00:00Z",
            &["has-runbook", "has-on-call"]
        ),
        of(
            "secrets-q1",
            "Rotate every secret",
            "in_progress",
            "2026-01-05T00:00:00Z",
            "2026-03-31T00:00:00Z",
            &["secrets-are-rotated", "no-critical-findings"]
        ),
        of(
            "signed-images",
            "Signed images only",
            "not_started",
            "2026-04-01T00:00:00Z",
            "2026-06-30T00:00:00Z",
            &["images-are-signed"]
        ),
    ])
}

fn cases() -> Value {
    let cases = CASES
        .iter()
        .enumerate()
        .map(|(index, (title, priority, _, team))| {
            let project = TEAMS.iter().position(|(name, _)| name == team);
            json!({
                "id": uuid(200 + index),
                "attributes": { "title": title, "priority": priority, "type_id": uuid(100) },
                "relationships": {
                    "project": { "data": { "id": uuid(project.unwrap_or(0)), "type": "project" } },
                },
            })
        });
    cases.collect()
}

/// Returns what happened to the cases after their creation.
fn calls() -> Value {
    let cases = CASES.iter().enumerate();
    let calls = cases.flat_map(|(index, (_, _, steps, _))| {
        let path = json!({ "case_id": uuid(200 + index) });
        steps.iter().map(move |step| {
            let (operation, data) = match step {
                Say(comment) => {
                    let comment = COMMENTS.get(*comment).copied().unwrap_or_default();
                    let attributes = json!({ "comment": comment });
                    (
                        "CommentCase",
                        json!({ "type": "case", "attributes": attributes }),
                    )
                }
                Status(status) => {
                    let attributes = json!({ "status_name": status });
                    (
                        "UpdateStatus",
                        json!({ "type": "case", "attributes": attributes }),
                    )
                }
                Assign => {
                    let attributes = json!({ "assignee_id": USER });
                    (
                        "AssignCase",
                        json!({ "type": "case", "attributes": attributes }),
                    )
                }
            };
            json!({ "operation": operation, "path": path, "body": { "data": data } })
        })
    });
    calls.collect()
}
