//! The configuration of cases: projects, types with their attributes, rules, views and maintenance
//! windows.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use super::*;

pub(super) async fn projects(sandbox: &Sandbox) {
    let id = id(&post(sandbox, PROJECTS, &project("SEC"), 201).await);
    let path = format!("{PROJECTS}/{id}");
    assert_eq!(each(&get(sandbox, PROJECTS).await, "/id"), [id.as_str()]);
    let change = body(
        "project",
        json!({
            "name": "Safety",
            "settings": { "auto_close_inactive_cases": { "enabled": true } },
        }),
    );
    let changed = expect(sandbox, "PATCH", &path, Some(&change), 200).await;
    assert_eq!(changed["data"]["attributes"]["key"], "SEC");
    assert_eq!(
        get(sandbox, &path).await["data"]["attributes"]["name"],
        "Safety"
    );
    let favorites = format!("{PROJECTS}/favorites");
    for _ in 0..2 {
        expect(sandbox, "POST", &format!("{path}/favorites"), None, 204).await;
    }
    assert_eq!(each(&get(sandbox, &favorites).await, "/id"), [id.as_str()]);
    expect(sandbox, "DELETE", &format!("{path}/favorites"), None, 204).await;
    assert_eq!(get(sandbox, &favorites).await["data"], json!([]));
    expect(sandbox, "DELETE", &path, None, 204).await;
    expect(sandbox, "GET", &path, None, 404).await;
}

pub(super) async fn types(sandbox: &Sandbox) {
    let made = post(
        sandbox,
        TYPES,
        &body("case_type", json!({ "name": "Incident" })),
        201,
    )
    .await;
    let id = id(&made);
    let path = format!("{TYPES}/{id}");
    let change = body("case_type", json!({ "name": "Outage", "emoji": "🔥" }));
    let changed = expect(sandbox, "PUT", &path, Some(&change), 200).await;
    assert_eq!(changed["data"]["attributes"]["name"], "Outage");

    let attributes = format!("{path}/custom_attributes");
    let attribute = body(
        "custom_attribute",
        json!({ "key": "impact", "display_name": "Impact", "is_multi": false, "type": "NUMBER" }),
    );
    let made = post(sandbox, &attributes, &attribute, 201).await;
    assert_eq!(made["data"]["attributes"]["case_type_id"], id.as_str());
    expect(sandbox, "POST", &attributes, Some(&attribute), 400).await;
    let attribute_path = format!("{attributes}/{}", crate::fixture::id(&made));
    let change = body("custom_attribute", json!({ "display_name": "Users hit" }));
    expect(sandbox, "PUT", &attribute_path, Some(&change), 200).await;
    assert_eq!(
        each(&get(sandbox, &attributes).await, "/attributes/display_name"),
        ["Users hit"]
    );
    let all = get(sandbox, &format!("{TYPES}/custom_attributes")).await;
    assert_eq!(each(&all, "/attributes/key"), ["impact"]);

    // A case of that type takes the attribute, with values of the type's kind only.
    let case = create_case(sandbox, &id, None, "Down").await;
    let value = format!(
        "{CASES}/{}/custom_attributes/impact",
        case["id"].as_str().expect("an id")
    );
    let number = |value: Value| {
        body(
            "case",
            json!({ "type": "NUMBER", "is_multi": false, "value": value }),
        )
    };
    expect(sandbox, "POST", &value, Some(&number(json!("many"))), 400).await;
    expect(sandbox, "POST", &value, Some(&number(json!(12))), 200).await;
    let found = get(sandbox, &format!("{CASES}?filter=impact%3A12")).await;
    assert_eq!(each(&found, "/id"), [case["id"].clone()]);
    for _ in 0..2 {
        let unset = expect(sandbox, "DELETE", &value, None, 200).await;
        assert_eq!(unset["data"]["attributes"]["custom_attributes"], json!({}));
    }

    expect(sandbox, "DELETE", &attribute_path, None, 204).await;
    assert_eq!(get(sandbox, &attributes).await["data"], json!([]));
    let unused = post(
        sandbox,
        TYPES,
        &body("case_type", json!({ "name": "Unused" })),
        201,
    )
    .await;
    expect(
        sandbox,
        "DELETE",
        &format!("{TYPES}/{}", crate::fixture::id(&unused)),
        None,
        204,
    )
    .await;
    let names = each(&get(sandbox, TYPES).await, "/attributes/name");
    assert_eq!(names, ["Standard", "Outage", "Unused"]);
}

pub(super) async fn rules(sandbox: &Sandbox) {
    let project = id(&post(sandbox, PROJECTS, &project("RULES"), 201).await);
    let path = format!("{PROJECTS}/{project}/notification_rules");
    let rule = json!({
        "recipients": [{ "type": "EMAIL", "data": { "email": "a@example.com" } }],
        "triggers": [{ "type": "CASE_CREATED" }],
    });
    let made = post(sandbox, &path, &body("notification_rule", rule), 201).await;
    assert_eq!(made["data"]["attributes"]["is_enabled"], true);
    let rule_path = format!("{path}/{}", id(&made));
    let change = body("notification_rule", json!({ "is_enabled": false }));
    expect(sandbox, "PUT", &rule_path, Some(&change), 204).await;
    assert_eq!(
        each(&get(sandbox, &path).await, "/attributes/is_enabled"),
        [false]
    );
    expect(sandbox, "DELETE", &rule_path, None, 204).await;
    expect(sandbox, "DELETE", &rule_path, None, 404).await;

    let path = format!("{PROJECTS}/{project}/rules");
    let rule = json!({
        "name": "Run", "trigger": { "type": "CASE_CREATED" },
        "action": { "type": "EXECUTE_WORKFLOW", "data": { "handle": "flow" } },
    });
    let made = post(sandbox, &path, &body("rule", rule.clone()), 201).await;
    assert_eq!(made["data"]["attributes"]["state"], "DISABLED");
    let rule_path = format!("{path}/{}", id(&made));
    for (what, state) in [("enable", "ENABLED"), ("disable", "DISABLED")] {
        let changed = expect(sandbox, "POST", &format!("{rule_path}/{what}"), None, 200).await;
        assert_eq!(changed["data"]["attributes"]["state"], state);
    }
    let mut renamed = rule;
    renamed["name"] = json!("Run again");
    expect(
        sandbox,
        "PUT",
        &rule_path,
        Some(&body("rule", renamed)),
        200,
    )
    .await;
    assert_eq!(
        get(sandbox, &rule_path).await["data"]["attributes"]["name"],
        "Run again"
    );
    assert_eq!(
        each(&get(sandbox, &path).await, "/attributes/name"),
        ["Run again"]
    );
    expect(sandbox, "DELETE", &rule_path, None, 204).await;
    expect(sandbox, "GET", &rule_path, None, 404).await;
}

pub(super) async fn views_and_windows(sandbox: &Sandbox) {
    let project = id(&post(sandbox, PROJECTS, &project("VIEWS"), 201).await);
    let path = format!("{CASES}/views");
    let view = json!({ "name": "Urgent", "project_id": project, "query": "priority:P1" });
    let made = post(sandbox, &path, &body("view", view), 201).await;
    let view_path = format!("{path}/{}", id(&made));
    let change = body("view", json!({ "name": "Pressing" }));
    expect(sandbox, "PUT", &view_path, Some(&change), 200).await;
    let found = get(sandbox, &view_path).await;
    assert_eq!(found["data"]["attributes"]["name"], "Pressing");
    assert_eq!(found["data"]["attributes"]["query"], "priority:P1");
    let listed = get(sandbox, &format!("{path}?project_id={project}")).await;
    assert_eq!(listed["data"], json!([found["data"]]));
    let unknown = format!("{path}?project_id={UNKNOWN_ID}");
    expect(sandbox, "GET", &unknown, None, 404).await;
    expect(sandbox, "DELETE", &view_path, None, 204).await;
    expect(sandbox, "GET", &view_path, None, 404).await;

    let window = |end: &str| {
        let span = json!({
            "name": "Night", "query": "*", "start_at": "2026-01-01T00:00:00Z", "end_at": end,
        });
        body("maintenance_window", span)
    };
    expect(
        sandbox,
        "POST",
        WINDOWS,
        Some(&window("2025-01-01T00:00:00Z")),
        400,
    )
    .await;
    let made = post(sandbox, WINDOWS, &window("2026-01-02T00:00:00Z"), 201).await;
    let window_path = format!("{WINDOWS}/{}", id(&made));
    let change = body("maintenance_window", json!({ "name": "Long night" }));
    expect(sandbox, "PUT", &window_path, Some(&change), 200).await;
    assert_eq!(
        each(&get(sandbox, WINDOWS).await, "/attributes/name"),
        ["Long night"]
    );
    expect(sandbox, "DELETE", &window_path, None, 204).await;
    assert_eq!(get(sandbox, WINDOWS).await["data"], json!([]));
}
