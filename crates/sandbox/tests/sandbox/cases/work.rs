//! Operations on single cases, on many cases, and on the parts of a case.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use super::*;

pub(super) async fn changes(sandbox: &Sandbox) {
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
    // The path takes the key, too.
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
        ("assign", json!({ "assignee_id": UNKNOWN_ID })),
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
    hidden_attributes(sandbox, &path).await;
}

/// Checks the attributes that only queries show, on case OPS-1.
async fn hidden_attributes(sandbox: &Sandbox, path: &str) {
    // Queries find attributes that responses do not show.
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
    assert!(finds(&format!("assignee:{UNKNOWN_ID}")).await);
    post(sandbox, &format!("{path}/unassign"), &empty, 200).await;
    assert!(!finds(&format!("assignee:{UNKNOWN_ID}")).await);
    post(sandbox, &format!("{path}/archive"), &empty, 200).await;
    assert!(finds("archived:true project:OPS").await);
    post(sandbox, &format!("{path}/unarchive"), &empty, 200).await;
    assert!(finds("archived:false env:prod -env:test \"nearly full\"").await);
}

pub(super) async fn moves_and_insights(sandbox: &Sandbox) {
    // The key changes with the project, the identifier does not.
    let case = get(sandbox, &format!("{CASES}/OPS-1")).await;
    let path = format!("{CASES}/{}", crate::fixture::id(&case));
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
    let nowhere = pointer("project", UNKNOWN_ID);
    expect(
        sandbox,
        "PATCH",
        &format!("{path}/relationships/project"),
        Some(&nowhere),
        404,
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

pub(super) async fn bulk_updates(sandbox: &Sandbox) {
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
        Some(&bulk("archive", &[json!(UNKNOWN_ID)], json!({}))),
        404,
    )
    .await;
}

/// Searches the cases of [`bulk_updates`].
pub(super) async fn searches_and_counts(sandbox: &Sandbox) {
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
            { "group": "priority", "group_values": [
                { "value": "NOT_DEFINED", "count": 3 },
                { "value": "P1", "count": 2 },
            ] },
            { "group": "status", "group_values": [
                { "value": "OPEN", "count": 4 },
                { "value": "CLOSED", "count": 1 },
            ] },
        ])
    );
    let question = json!({
        "query_filter": "project:MANY",
        "group_by": { "groups": ["priority"], "limit": 1 },
    });
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

pub(super) async fn comments_and_watchers(sandbox: &Sandbox) {
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

    let watcher = format!("{path}/watchers/{UNKNOWN_ID}");
    for _ in 0..2 {
        expect(sandbox, "POST", &watcher, None, 201).await;
    }
    let watchers = get(sandbox, &format!("{path}/watchers")).await;
    assert_eq!(each(&watchers, "/relationships/user/data/id"), [UNKNOWN_ID]);
    expect(sandbox, "DELETE", &watcher, None, 204).await;
    expect(sandbox, "DELETE", &watcher, None, 404).await;
}

pub(super) async fn links(sandbox: &Sandbox) {
    let types = get(sandbox, TYPES).await;
    let type_id = types["data"][0]["id"].as_str().expect("an id");
    let case = create_case(sandbox, type_id, None, "Linked").await;
    let id = case["id"].as_str().expect("an id");
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
}

pub(super) async fn third_parties(sandbox: &Sandbox) {
    let types = get(sandbox, TYPES).await;
    let type_id = types["data"][0]["id"].as_str().expect("an id");
    let case = create_case(sandbox, type_id, None, "Related").await;
    let id = case["id"].as_str().expect("an id");
    let path = format!("{CASES}/{id}");
    let related = format!("{path}/relationships");
    post(
        sandbox,
        &format!("{related}/incidents"),
        &pointer("incidents", UNKNOWN_ID),
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
