//! Pages of 100 items in the vendor's format, with every field set.

use serde_json::{Value, json};

const ITEMS: usize = 100;

fn page(item: impl Fn(usize) -> Value) -> Value {
    json!({ "data": (0..ITEMS).map(item).collect::<Vec<_>>() })
}

/// Outcomes of rules, with links to the next page.
pub fn outcomes() -> Value {
    let mut page = page(|number| {
        json!({
            "id": format!("outcome-{number}"),
            "type": "outcome",
            "attributes": {
                "created_at": "2026-01-31T08:30:00.123456Z",
                "modified_at": "2026-02-01T09:00:00.654321Z",
                "remarks": format!(
                    "See <a href=\"https://app.example.com/{number}\">the dashboard</a> \
                     \u{2013} \"red\""
                ),
                "service_name": format!("service-{}", number % 17),
                "state": (["pass", "fail", "skip"][number % 3]),
            },
            "relationships": {
                "rule": { "data": { "id": format!("rule-{}", number % 7), "type": "rule" } },
            },
        })
    });
    page["links"] =
        json!({ "next": "/api/v2/scorecard/outcomes?page%5Boffset%5D=100&page%5Bsize%5D=100" });
    page
}

/// Rules.
pub fn rules() -> Value {
    let mut page = page(|number| {
        json!({
            "id": format!("rule-{number}"),
            "type": "rule",
            "attributes": {
                "category": "Production Readiness",
                "created_at": "2026-01-31T08:30:00.123456Z",
                "custom": number % 2 == 0,
                "description": format!("Every service of team {number} has somebody on call."),
                "enabled": true,
                "level": 1 + number % 3,
                "modified_at": "2026-02-01T09:00:00.654321Z",
                "name": format!("Rule {number}"),
                "owner": "platform",
                "scope_query": "kind:service",
                "scorecard_name": "Production Readiness",
            },
            "relationships": {
                "scorecard": {
                    "data": { "id": format!("scorecard-{}", number % 5), "type": "scorecard" },
                },
            },
        })
    });
    page["links"] =
        json!({ "next": "/api/v2/scorecard/rules?page%5Boffset%5D=100&page%5Bsize%5D=100" });
    page
}

/// Cases.
pub fn cases() -> Value {
    let mut page = page(|number| {
        json!({
            "id": format!("3f1c8a52-7d0e-4b96-8e2a-c45d9f6b1{number:03}"),
            "type": "case",
            "attributes": {
                "archived_at": null,
                "attributes": { "env": ["prod", "eu"], "team": [format!("team-{}", number % 9)] },
                "closed_at": null,
                "created_at": "2026-01-31T08:30:00.123456Z",
                "custom_attributes": {
                    "region": { "type": "TEXT", "is_multi": false, "value": "eu-central-1" },
                },
                "description": format!(
                    "A key of service {number} was found in a public repository."
                ),
                "jira_issue": null,
                "key": format!("SEC-{number}"),
                "modified_at": "2026-02-01T10:00:00.123456Z",
                "priority": (["P1", "P2", "NOT_DEFINED"][number % 3]),
                "status": (["OPEN", "IN_PROGRESS", "CLOSED"][number % 3]),
                "service_now_ticket": null,
                "status_group": (["SG_OPEN", "SG_IN_PROGRESS", "SG_CLOSED"][number % 3]),
                "status_name": (["Open", "In Progress", "Closed"][number % 3]),
                "title": format!("Key in public, number {number}"),
                "type": "STANDARD",
                "type_id": "8f2e6b0a-6a53-4a0e-8f0b-3f3a6f2f9d11",
            },
            "relationships": {
                "assignee": {
                    "data": { "id": "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44", "type": "user" },
                },
                "created_by": {
                    "data": { "id": "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44", "type": "user" },
                },
                "modified_by": null,
                "project": {
                    "data": { "id": "5b0c3f5e-41d7-4a37-9c55-0d2f7a9be1c4", "type": "project" },
                },
            },
        })
    });
    page["meta"] = json!({ "page": { "current": 1, "size": 100, "total": 3 } });
    page
}
