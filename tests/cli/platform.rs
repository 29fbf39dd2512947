//! A sandbox with the scorecards of a small platform team.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::world::World;

/// Returns a world with three rules of two scorecards and two teams, and the outcomes of three
/// services. `Old rule` is not enabled.
pub(crate) async fn platform() -> World {
    World::with(Sandbox::builder().seed(seed())).await
}

pub(crate) fn seed() -> Value {
    let rule = |id: &str, name: &str, scorecard: &str, owner: &str, level: u8| {
        json!({ "id": id, "attributes": {
            "name": name, "scorecard_name": scorecard, "owner": owner, "level": level,
            "enabled": id != "old",
        } })
    };
    let outcome = |rule: &str, service: &str, state: &str| {
        json!({
            "rule_id": rule, "entity_reference": format!("service:{service}"), "state": state,
            "remarks": format!("{rule} of {service}"),
        })
    };
    json!({
        "rules": [
            rule("on-call", "On call", "Production", "sre", 1),
            rule("runbook", "Runbook", "Production", "sre", 2),
            rule("owner", "Owner", "Ownership", "platform", 1),
            rule("old", "Old rule", "Ownership", "platform", 3),
        ],
        "outcomes": [
            outcome("on-call", "web", "pass"),
            outcome("on-call", "api", "pass"),
            outcome("on-call", "mail", "fail"),
            outcome("runbook", "web", "pass"),
            outcome("runbook", "api", "fail"),
            outcome("runbook", "mail", "skip"),
            outcome("owner", "web", "pass"),
            outcome("owner", "api", "pass"),
            outcome("old", "web", "fail"),
        ],
        "projects": [
            { "id": "5b0c3f5e-41d7-4a37-9c55-0d2f7a9be1c4",
              "attributes": { "key": "PLAT", "name": "Platform" } },
        ],
        "case_types": [
            { "id": "8f2e6b0a-6a53-4a0e-8f0b-3f3a6f2f9d11",
              "attributes": { "name": "Standard", "emoji": "🔧" } },
        ],
    })
}
