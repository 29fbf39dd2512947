//! Case Management: what is made can be found, changed and taken away again, operation by operation.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, post};

const CASES: &str = "/api/v2/cases";
const TYPES: &str = "/api/v2/cases/types";
const WINDOWS: &str = "/api/v2/maintenance_windows";

/// A JSON:API body.
fn body(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

fn pointer(kind: &str, id: &str) -> Value {
    json!({ "data": { "type": kind, "id": id } })
}

async fn expect(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    body: Option<&Value>,
    status: u16,
) -> Value {
    call(sandbox, method, path, body).await.expect(status)
}

async fn standard_type(sandbox: &Sandbox) -> String {
    let types = get(sandbox, TYPES).await;
    assert_eq!(each(&types, "/attributes/name"), ["Standard"]);
    types["data"][0]["id"].as_str().expect("an id").to_owned()
}

async fn create_case(
    sandbox: &Sandbox,
    type_id: &str,
    project: Option<&str>,
    title: &str,
) -> Value {
    let mut case = body("case", json!({ "title": title, "type_id": type_id }));
    if let Some(project) = project {
        case["data"]["relationships"] = json!({ "project": pointer("project", project) });
    }
    post(sandbox, CASES, &case, 201).await["data"].clone()
}

/// Drives every operation of the domain on a sandbox of its own story.
pub(crate) async fn every_operation(sandbox: &Sandbox) {
    projects(sandbox).await;
    types(sandbox).await;
    single_cases(sandbox).await;
    many_cases(sandbox).await;
    around_a_case(sandbox).await;
    rules(sandbox).await;
    views_and_windows(sandbox).await;
}

async fn projects(sandbox: &Sandbox) {
    let id = id(&post(sandbox, PROJECTS, &project("SEC"), 201).await);
    let path = format!("{PROJECTS}/{id}");
    assert_eq!(each(&get(sandbox, PROJECTS).await, "/id"), [id.as_str()]);
    let change = body(
        "project",
        json!({ "name": "Safety", "settings": { "auto_close_inactive_cases": { "enabled": true } } }),
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

async fn types(sandbox: &Sandbox) {
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

    // A case of that type has the attribute, of the kind that the type says.
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
    expect(sandbox, "DELETE", &value, None, 200).await;
    expect(sandbox, "DELETE", &value, None, 404).await;

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
    assert_eq!(names, ["Standard", "Outage"]);
}

async fn single_cases(sandbox: &Sandbox) {
    let types = get(sandbox, TYPES).await;
    let type_id = types["data"][0]["id"].as_str().expect("an id");
    let project = id(&post(sandbox, PROJECTS, &project("OPS"), 201).await);
    let case = create_case(sandbox, type_id, Some(&project), "Disk full").await;
    assert_eq!(case["attributes"]["key"], "OPS-1");
    assert_eq!(case["attributes"]["status_group"], "SG_OPEN");
    assert_eq!(
        case["relationships"]["project"]["data"]["id"],
        project.as_str()
    );
    let id = case["id"].as_str().expect("an id");
    let path = format!("{CASES}/{id}");
    // Its key is as good as its identifier.
    assert_eq!(get(sandbox, &format!("{CASES}/OPS-1")).await["data"], case);

    let changes = [
        ("title", json!({ "title": "Disk nearly full" })),
        ("description", json!({ "description": "91 %" })),
        ("priority", json!({ "priority": "P2" })),
        ("status", json!({ "status_name": "closed" })),
        (
            "resolved_reason",
            json!({ "security_resolved_reason": "FALSE_POSITIVE" }),
        ),
        ("due_date", json!({ "due_date": "2026-12-31" })),
        ("assign", json!({ "assignee_id": NOBODY })),
        (
            "attributes",
            json!({ "attributes": { "env": ["prod", "eu"] } }),
        ),
    ];
    for (what, attributes) in changes {
        post(
            sandbox,
            &format!("{path}/{what}"),
            &body("case", attributes),
            200,
        )
        .await;
    }
    let attributes = get(sandbox, &path).await["data"]["attributes"].clone();
    for (name, value) in [
        ("title", json!("Disk nearly full")),
        ("description", json!("91 %")),
        ("priority", json!("P2")),
        ("status", json!("CLOSED")),
        ("status_name", json!("Closed")),
        ("status_group", json!("SG_CLOSED")),
        ("attributes", json!({ "env": ["prod", "eu"] })),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    let status = body("case", json!({ "status_name": "Asleep" }));
    expect(
        sandbox,
        "POST",
        &format!("{path}/status"),
        Some(&status),
        400,
    )
    .await;

    // What answers do not show, queries find.
    let finds = async |query: &str| {
        let query: String = query
            .replace(':', "%3A")
            .replace(' ', "%20")
            .replace('"', "%22");
        let found = get(sandbox, &format!("{CASES}?filter={query}")).await;
        each(&found, "/attributes/key").contains(&json!("OPS-1"))
    };
    let empty = json!({ "data": { "type": "case" } });
    assert!(finds("resolved_reason:FALSE_POSITIVE due_date:2026-12-31").await);
    assert!(finds(&format!("assignee:{NOBODY}")).await);
    post(sandbox, &format!("{path}/unassign"), &empty, 200).await;
    assert!(!finds(&format!("assignee:{NOBODY}")).await);
    post(sandbox, &format!("{path}/archive"), &empty, 200).await;
    assert!(finds("archived:true project:OPS").await);
    post(sandbox, &format!("{path}/unarchive"), &empty, 200).await;
    assert!(finds("archived:false env:prod -env:test \"nearly full\"").await);

    let elsewhere =
        crate::fixture::id(&post(sandbox, PROJECTS, &crate::fixture::project("NEW"), 201).await);
    let moved = expect(
        sandbox,
        "PATCH",
        &format!("{path}/relationships/project"),
        Some(&pointer("project", &elsewhere)),
        200,
    )
    .await;
    assert_eq!(moved["data"]["attributes"]["key"], "NEW-1");
    let nowhere = pointer("project", NOBODY);
    expect(
        sandbox,
        "PATCH",
        &format!("{path}/relationships/project"),
        Some(&nowhere),
        400,
    )
    .await;

    let insights = body(
        "case",
        json!({ "insights": [{ "type": "MONITOR", "ref": "/monitors/1", "resource_id": "1" }] }),
    );
    for method in ["PUT", "DELETE"] {
        expect(
            sandbox,
            method,
            &format!("{path}/insights"),
            Some(&insights),
            200,
        )
        .await;
    }
}

async fn many_cases(sandbox: &Sandbox) {
    let types = get(sandbox, TYPES).await;
    let type_id = types["data"][0]["id"].as_str().expect("an id");
    let project = id(&post(sandbox, PROJECTS, &project("MANY"), 201).await);
    let mut ids = Vec::new();
    for number in 1..=5 {
        let case = create_case(sandbox, type_id, Some(&project), &format!("Case {number}")).await;
        ids.push(case["id"].clone());
    }
    let bulk = |action: &str, ids: &[Value], payload: Value| {
        body(
            "bulk",
            json!({ "case_ids": ids, "type": action, "payload": payload }),
        )
    };
    let bulk_path = format!("{CASES}/bulk");
    post(
        sandbox,
        &bulk_path,
        &bulk("priority", &ids[..2], json!({ "priority": "P1" })),
        200,
    )
    .await;
    post(
        sandbox,
        &bulk_path,
        &bulk("status", &ids[..1], json!({ "status": "CLOSED" })),
        200,
    )
    .await;
    expect(
        sandbox,
        "POST",
        &bulk_path,
        Some(&bulk("priority", &ids[..1], json!({}))),
        400,
    )
    .await;
    expect(
        sandbox,
        "POST",
        &bulk_path,
        Some(&bulk("archive", &[json!(NOBODY)], json!({}))),
        404,
    )
    .await;

    let sorted = get(
        sandbox,
        &format!("{CASES}?filter=project%3AMANY&sort%5Bfield%5D=priority&page%5Bsize%5D=2"),
    )
    .await;
    assert_eq!(each(&sorted, "/attributes/priority"), ["P1", "P1"]);
    assert_eq!(
        sorted["meta"]["page"],
        json!({ "current": 1, "size": 2, "total": 3 })
    );
    let last = get(
        sandbox,
        &format!(
            "{CASES}?filter=project%3AMANY&sort%5Basc%5D=true&page%5Bsize%5D=2&page%5Bnumber%5D=3"
        ),
    )
    .await;
    assert_eq!(each(&last, "/attributes/title"), ["Case 5"]);

    let counted = get(
        sandbox,
        &format!("{CASES}/count?query_filter=project%3AMANY&group_bys=priority,status"),
    )
    .await;
    assert_eq!(
        counted["data"]["attributes"]["groups"],
        json!([
            { "group": "priority", "group_values": [{ "value": "NOT_DEFINED", "count": 3 }, { "value": "P1", "count": 2 }] },
            { "group": "status", "group_values": [{ "value": "OPEN", "count": 4 }, { "value": "CLOSED", "count": 1 }] },
        ])
    );
    let question = json!({ "query_filter": "project:MANY", "group_by": { "groups": ["priority"], "limit": 1 } });
    let aggregated = post(
        sandbox,
        &format!("{CASES}/aggregate"),
        &body("aggregate", question),
        200,
    )
    .await;
    assert_eq!(
        aggregated["data"]["attributes"],
        json!({ "groups": [{ "group": "NOT_DEFINED", "value": [3] }], "total": 5 })
    );
}

async fn around_a_case(sandbox: &Sandbox) {
    let types = get(sandbox, TYPES).await;
    let type_id = types["data"][0]["id"].as_str().expect("an id");
    let case = create_case(sandbox, type_id, None, "Talk").await;
    let id = case["id"].as_str().expect("an id");
    let path = format!("{CASES}/{id}");

    let mut cells = Vec::new();
    for text in ["first", "second"] {
        let cell = post(
            sandbox,
            &format!("{path}/comment"),
            &body("case", json!({ "comment": text })),
            200,
        )
        .await;
        cells.push(cell["data"][0]["id"].as_str().expect("an id").to_owned());
    }
    let change = body("case", json!({ "comment": "changed" }));
    expect(
        sandbox,
        "PUT",
        &format!("{path}/comment/{}", cells[0]),
        Some(&change),
        200,
    )
    .await;
    let timeline = format!("{path}/timelines");
    let messages = async |query: &str| {
        each(
            &get(sandbox, &format!("{timeline}{query}")).await,
            "/attributes/cell_content/message",
        )
    };
    assert_eq!(messages("").await, ["second", "changed"]);
    assert_eq!(
        messages("?sort%5Bascending%5D=true&page%5Bsize%5D=1&page%5Bnumber%5D=1").await,
        ["second"]
    );
    expect(
        sandbox,
        "DELETE",
        &format!("{path}/comment/{}", cells[0]),
        None,
        204,
    )
    .await;
    assert_eq!(messages("").await, ["second"]);

    let watcher = format!("{path}/watchers/{NOBODY}");
    for _ in 0..2 {
        expect(sandbox, "POST", &watcher, None, 201).await;
    }
    let watchers = get(sandbox, &format!("{path}/watchers")).await;
    assert_eq!(each(&watchers, "/relationships/user/data/id"), [NOBODY]);
    expect(sandbox, "DELETE", &watcher, None, 204).await;
    expect(sandbox, "DELETE", &watcher, None, 404).await;

    let link = json!({
        "parent_entity_type": "CASE", "parent_entity_id": id, "child_entity_type": "INCIDENT",
        "child_entity_id": "314", "relationship": "BLOCKS",
    });
    let made = post(sandbox, &format!("{CASES}/link"), &body("link", link), 201).await;
    let links = format!("{CASES}/link?entity_type=CASE&entity_id={id}");
    assert_eq!(
        get(sandbox, &format!("{links}&relationship=BLOCKS")).await["data"],
        json!([made["data"]])
    );
    assert_eq!(
        get(sandbox, &format!("{links}&relationship=CAUSES")).await["data"],
        json!([])
    );
    expect(
        sandbox,
        "DELETE",
        &format!("{CASES}/link/{}", crate::fixture::id(&made)),
        None,
        204,
    )
    .await;
    assert_eq!(get(sandbox, &links).await["data"], json!([]));

    let related = format!("{path}/relationships");
    post(
        sandbox,
        &format!("{related}/incidents"),
        &pointer("incidents", NOBODY),
        201,
    )
    .await;
    let issue = body(
        "issues",
        json!({ "jira_issue_url": "https://example.com/browse/A-1" }),
    );
    let jira = format!("{related}/jira_issues");
    expect(sandbox, "PATCH", &jira, Some(&issue), 204).await;
    expect(sandbox, "PATCH", &jira, Some(&issue), 409).await;
    expect(sandbox, "DELETE", &jira, None, 204).await;
    let issue = json!({ "issue_type_id": "1", "jira_account_id": "2", "project_id": "3" });
    post(sandbox, &jira, &body("issues", issue), 202).await;
    let notebook = json!({ "data": { "type": "notebook" } });
    expect(
        sandbox,
        "POST",
        &format!("{related}/notebook"),
        Some(&notebook),
        204,
    )
    .await;
    let ticket = body("tickets", json!({ "instance_name": "shop" }));
    post(
        sandbox,
        &format!("{related}/servicenow_tickets"),
        &ticket,
        202,
    )
    .await;
}

async fn rules(sandbox: &Sandbox) {
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

async fn views_and_windows(sandbox: &Sandbox) {
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
    let unknown = format!("{path}?project_id={NOBODY}");
    expect(sandbox, "GET", &unknown, None, 404).await;
    expect(sandbox, "DELETE", &view_path, None, 204).await;
    expect(sandbox, "GET", &view_path, None, 404).await;

    let window = |end: &str| {
        let span = json!({ "name": "Night", "query": "*", "start_at": "2026-01-01T00:00:00Z", "end_at": end });
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

#[tokio::test]
async fn a_case_of_an_unknown_type_or_project_is_refused() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let type_id = standard_type(&sandbox).await;
    let unknown_type = body("case", json!({ "title": "A", "type_id": NOBODY }));
    let answer = expect(&sandbox, "POST", CASES, Some(&unknown_type), 404).await;
    assert!(answer.to_string().contains(NOBODY), "{answer}");
    let mut unknown_project = body("case", json!({ "title": "A", "type_id": type_id }));
    unknown_project["data"]["relationships"] = json!({ "project": pointer("project", NOBODY) });
    expect(&sandbox, "POST", CASES, Some(&unknown_project), 404).await;
    assert_eq!(get(&sandbox, CASES).await["data"], json!([]));
}

#[tokio::test]
async fn queries_combine_terms() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let type_id = standard_type(&sandbox).await;
    for title in ["Disk full", "Disk slow", "Net slow"] {
        create_case(&sandbox, &type_id, None, title).await;
    }
    for (query, expected) in [
        ("disk", &["Disk slow", "Disk full"][..]),
        ("disk%20slow", &["Disk slow"]),
        ("disk%20-slow", &["Disk full"]),
        ("full%20OR%20net", &["Net slow", "Disk full"]),
        ("title%3A%22net%20slow%22", &["Net slow"]),
        ("key%3ACASE-2", &["Disk slow"]),
        (
            "type%3Astandard%20status%3Aopen",
            &["Net slow", "Disk slow", "Disk full"],
        ),
        ("nothing%3Asuch", &[]),
        ("%22", &["Net slow", "Disk slow", "Disk full"]),
    ] {
        let found = get(&sandbox, &format!("{CASES}?filter={query}")).await;
        assert_eq!(each(&found, "/attributes/title"), expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_in_a_project_alone_goes_with_it() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let sandbox = &sandbox;
    let kind = standard_type(sandbox).await;
    let kept = id(&post(sandbox, PROJECTS, &project("KEPT"), 201).await);
    let gone = id(&post(sandbox, PROJECTS, &project("GONE"), 201).await);
    let mut views = Vec::new();
    for project in [&kept, &gone] {
        let view = json!({ "name": "All", "project_id": project, "query": "" });
        let made = post(sandbox, &format!("{CASES}/views"), &body("view", view), 201).await;
        views.push(format!("{CASES}/views/{}", id(&made)));
    }
    let case = create_case(sandbox, &kind, Some(&gone), "Disk full").await;
    let path = format!("{PROJECTS}/{gone}");
    expect(sandbox, "DELETE", &path, None, 204).await;
    expect(sandbox, "GET", &views[1], None, 404).await;
    get(sandbox, &views[0]).await;
    // A case outlives its project, and then belongs to none.
    let path = format!("{CASES}/{}", case["id"].as_str().expect("an id"));
    let case = get(sandbox, &path).await;
    assert_eq!(case["data"]["relationships"], Value::Null, "{case}");
}
