//! Everything that is set on a case, a type, a view or a rule is read back.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use super::*;

/// The user of all requests.
const SANDBOX_USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

/// Returns the body of operations that only name a case.
fn empty() -> Value {
    json!({ "data": { "type": "case" } })
}

async fn start() -> (Sandbox, String, String) {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let type_id = standard_type(&sandbox).await;
    let case = create_case(&sandbox, &type_id, None, "Disk full").await;
    let path = format!("{CASES}/{}", case["id"].as_str().expect("an id"));
    (sandbox, type_id, path)
}

/// Returns a value of a case as it is read later.
async fn read(sandbox: &Sandbox, case: &str, pointer: &str) -> Value {
    let response = get(sandbox, case).await;
    let found = response["data"].pointer(pointer);
    assert!(found.is_some(), "the case has no {pointer}: {response}");
    found.cloned().unwrap_or_default()
}

/// Returns the cases of a bulk update of one case.
fn bulk(action: &str, case: &str, payload: Value) -> Value {
    let id = case.rsplit('/').next().expect("an id");
    body(
        "bulk",
        json!({ "case_ids": [id], "type": action, "payload": payload }),
    )
}

#[tokio::test]
async fn every_form_of_an_assignee_is_read_back() {
    const ASSIGNEE: &str = "/relationships/assignee";
    let (sandbox, type_id, case) = start().await;
    assert_eq!(read(&sandbox, &case, ASSIGNEE).await, Value::Null);
    let user = pointer("user", UNKNOWN_ID);

    let mut new = body("case", json!({ "title": "A", "type_id": type_id }));
    new["data"]["relationships"] = json!({ "assignee": user });
    let project = id(&post(&sandbox, PROJECTS, &project("OPS"), 201).await);
    new["data"]["relationships"]["project"] = pointer("project", &project);
    let made = post(&sandbox, CASES, &new, 201).await;
    let made = format!("{CASES}/{}", id(&made));
    assert_eq!(read(&sandbox, &made, ASSIGNEE).await, user);
    new["data"]["relationships"]["assignee"] = Value::Null;
    let unassigned = post(&sandbox, CASES, &new, 201).await;
    assert_eq!(unassigned["data"].pointer(ASSIGNEE), Some(&Value::Null));

    let assign = body("case", json!({ "assignee_id": UNKNOWN_ID }));
    let assigned = post(&sandbox, &format!("{case}/assign"), &assign, 200).await;
    assert_eq!(assigned["data"].pointer(ASSIGNEE), Some(&user));
    assert_eq!(read(&sandbox, &case, ASSIGNEE).await, user);
    post(&sandbox, &format!("{case}/unassign"), &empty(), 200).await;
    assert_eq!(read(&sandbox, &case, ASSIGNEE).await, Value::Null);

    let many = format!("{CASES}/bulk");
    let assign = bulk("assign", &case, json!({ "assignee_id": UNKNOWN_ID }));
    post(&sandbox, &many, &assign, 200).await;
    assert_eq!(read(&sandbox, &case, ASSIGNEE).await, user);
    post(&sandbox, &many, &bulk("unassign", &case, json!({})), 200).await;
    assert_eq!(read(&sandbox, &case, ASSIGNEE).await, Value::Null);
}

#[tokio::test]
async fn a_case_shows_when_and_by_whom_it_was_changed() {
    let (sandbox, _, case) = start().await;
    let creator = read(&sandbox, &case, "/relationships/created_by/data/id").await;
    assert_eq!(creator, SANDBOX_USER);
    for unset in [
        "/attributes/archived_at",
        "/attributes/closed_at",
        "/attributes/modified_at",
        "/relationships/modified_by",
    ] {
        assert_eq!(read(&sandbox, &case, unset).await, Value::Null, "{unset}");
    }
    let close = body("case", json!({ "status_name": "Closed" }));
    let reopen = body("case", json!({ "status_name": "Open" }));
    for (what, sent, time, is_set) in [
        ("status", &close, "closed_at", true),
        ("status", &reopen, "closed_at", false),
        ("archive", &empty(), "archived_at", true),
        ("unarchive", &empty(), "archived_at", false),
    ] {
        post(&sandbox, &format!("{case}/{what}"), sent, 200).await;
        let time = read(&sandbox, &case, &format!("/attributes/{time}")).await;
        assert_eq!(time.is_string(), is_set, "{what}: {time}");
        let modified = read(&sandbox, &case, "/attributes/modified_at").await;
        assert!(modified.is_string(), "{what}: {modified}");
        let author = read(&sandbox, &case, "/relationships/modified_by/data/id").await;
        assert_eq!(author, SANDBOX_USER, "{what}");
    }
    for (action, payload, time) in [
        ("status", json!({ "status": "CLOSED" }), "closed_at"),
        ("archive", json!({}), "archived_at"),
    ] {
        let sent = bulk(action, &case, payload);
        post(&sandbox, &format!("{CASES}/bulk"), &sent, 200).await;
        let time = read(&sandbox, &case, &format!("/attributes/{time}")).await;
        assert!(time.is_string(), "{action}: {time}");
    }
}

#[tokio::test]
async fn every_change_sets_the_time_of_the_change() {
    let (sandbox, type_id, _) = start().await;
    let project = id(&post(&sandbox, PROJECTS, &project("OPS"), 201).await);
    let insights = json!({ "insights": [{ "type": "EVENT", "ref": "/e/1", "resource_id": "1" }] });
    let case = |attributes| Some(body("case", attributes));
    for (method, what, sent, status) in [
        ("POST", "title", case(json!({ "title": "B" })), 200),
        (
            "POST",
            "description",
            case(json!({ "description": "" })),
            200,
        ),
        ("POST", "priority", case(json!({ "priority": "P1" })), 200),
        ("POST", "due_date", case(json!({ "due_date": null })), 200),
        ("POST", "attributes", case(json!({ "attributes": {} })), 200),
        (
            "POST",
            "resolved_reason",
            case(json!({ "security_resolved_reason": "FALSE_POSITIVE" })),
            200,
        ),
        ("PUT", "insights", case(insights.clone()), 200),
        ("DELETE", "insights", case(insights), 200),
        (
            "PATCH",
            "relationships/project",
            Some(pointer("project", &project)),
            200,
        ),
        (
            "POST",
            "relationships/incidents",
            Some(pointer("incidents", UNKNOWN_ID)),
            201,
        ),
    ] {
        let made = create_case(&sandbox, &type_id, None, "A").await;
        let path = format!("{CASES}/{}", made["id"].as_str().expect("an id"));
        let change = format!("{path}/{what}");
        expect(&sandbox, method, &change, sent.as_ref(), status).await;
        let modified = read(&sandbox, &path, "/attributes/modified_at").await;
        assert!(modified.is_string(), "{method} {what}: {modified}");
    }
}

#[tokio::test]
async fn the_tickets_of_a_case_are_read_back() {
    const JIRA: &str = "/attributes/jira_issue";
    const SERVICE_NOW: &str = "/attributes/service_now_ticket";
    let (sandbox, _, case) = start().await;
    assert_eq!(read(&sandbox, &case, JIRA).await, Value::Null);
    assert_eq!(read(&sandbox, &case, SERVICE_NOW).await, Value::Null);
    let jira = format!("{case}/relationships/jira_issues");
    let url = "https://jira.example.com/browse/OPS-17";
    let link = body("issues", json!({ "jira_issue_url": url }));
    expect(&sandbox, "PATCH", &jira, Some(&link), 204).await;
    assert_eq!(
        read(&sandbox, &case, JIRA).await,
        json!({
            "status": "COMPLETED",
            "result": { "issue_key": "OPS-17", "issue_url": url, "project_key": "OPS" },
        })
    );
    expect(&sandbox, "DELETE", &jira, None, 204).await;
    assert_eq!(read(&sandbox, &case, JIRA).await, Value::Null);
    let issue = json!({ "issue_type_id": "1", "jira_account_id": "2", "project_id": "3" });
    post(&sandbox, &jira, &body("issues", issue.clone()), 202).await;
    let key = read(&sandbox, &case, &format!("{JIRA}/result/issue_key")).await;
    assert_eq!(key, "SANDBOX-1");

    let tickets = format!("{case}/relationships/servicenow_tickets");
    let ticket = body("tickets", json!({ "instance_name": "shop" }));
    post(&sandbox, &tickets, &ticket, 202).await;
    let link = read(
        &sandbox,
        &case,
        &format!("{SERVICE_NOW}/result/sys_target_link"),
    )
    .await;
    assert!(link.to_string().contains("shop.service-now.com"), "{link}");

    // In bulk, the case with an issue is rejected and the other case does not change.
    let other = create_case(&sandbox, &standard_type(&sandbox).await, None, "B").await;
    let other = format!("{CASES}/{}", other["id"].as_str().expect("an id"));
    let mut both = bulk("jira", &other, issue);
    let linked = bulk("jira", &case, json!({}))["data"]["attributes"]["case_ids"][0].clone();
    let ids = both.pointer_mut("/data/attributes/case_ids");
    let ids = ids.and_then(Value::as_array_mut).expect("a list");
    ids.push(linked);
    let many = format!("{CASES}/bulk");
    expect(&sandbox, "POST", &many, Some(&both), 400).await;
    assert_eq!(read(&sandbox, &other, JIRA).await, Value::Null);
    assert_eq!(
        read(&sandbox, &other, "/attributes/modified_at").await,
        Value::Null
    );
}

#[tokio::test]
async fn custom_attributes_are_read_back_and_must_match_their_definition() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let sandbox = &sandbox;
    let made = body("case_type", json!({ "name": "Incident" }));
    let type_id = id(&post(sandbox, TYPES, &made, 201).await);
    let definitions = format!("{TYPES}/{type_id}/custom_attributes");
    for (key, kind, is_multi) in [("users", "NUMBER", false), ("regions", "TEXT", true)] {
        let definition = json!({
            "key": key, "display_name": key, "is_multi": is_multi, "type": kind,
        });
        let definition = body("custom_attribute", definition);
        post(sandbox, &definitions, &definition, 201).await;
    }
    let value = |kind: &str, is_multi: bool, value: Value| {
        json!({
            "type": kind, "is_multi": is_multi, "value": value,
        })
    };
    let new = |key: &str, value: &Value| {
        let attributes = json!({
            "title": "A", "type_id": type_id, "custom_attributes": { key: value },
        });
        body("case", attributes)
    };
    let users = value("NUMBER", false, json!(12));
    let case = post(sandbox, CASES, &new("users", &users), 201).await;
    let case = format!("{CASES}/{}", id(&case));
    let values = async || read(sandbox, &case, "/attributes/custom_attributes").await;
    assert_eq!(values().await, json!({ "users": users }));

    let regions = value("TEXT", true, json!(["eu", "us"]));
    let path = format!("{case}/custom_attributes/regions");
    post(sandbox, &path, &body("case", regions.clone()), 200).await;
    assert_eq!(
        values().await,
        json!({ "users": users, "regions": regions })
    );
    for wrong in [
        value("TEXT", true, json!([1])),
        value("TEXT", true, json!("eu")),
        value("TEXT", false, json!("eu")),
        value("NUMBER", true, json!([1])),
    ] {
        let sent = body("case", wrong.clone());
        expect(sandbox, "POST", &path, Some(&sent), 400).await;
        let sent = new("regions", &wrong);
        let error = expect(sandbox, "POST", CASES, Some(&sent), 400).await;
        assert!(error.to_string().contains("regions"), "{error}");
    }
    let undefined = new("a/b", &value("TEXT", false, json!("x")));
    let error = expect(sandbox, "POST", CASES, Some(&undefined), 400).await;
    assert!(error.to_string().contains("a~1b"), "{error}");

    for _ in 0..2 {
        expect(sandbox, "DELETE", &path, None, 200).await;
        assert_eq!(values().await, json!({ "users": users }));
    }
    let unknown = format!("{case}/custom_attributes/unknown");
    expect(sandbox, "DELETE", &unknown, None, 404).await;
}

#[tokio::test]
async fn deleted_types_are_listed_with_the_time_and_cannot_be_used() {
    let (sandbox, type_id, case) = start().await;
    assert_eq!(type_id, "00000000-0000-0000-0000-000000000001");
    let path = format!("{TYPES}/{type_id}");
    let deleted_at = "/attributes/deleted_at";
    let types = get(&sandbox, TYPES).await;
    assert_eq!(each(&types, deleted_at), [Value::Null]);
    // The type has a case. A second request has the same effect as one.
    expect(&sandbox, "DELETE", &path, None, 204).await;
    let first = each(&get(&sandbox, TYPES).await, deleted_at);
    assert!(first[0].is_string(), "{first:?}");
    expect(&sandbox, "DELETE", &path, None, 204).await;
    assert_eq!(each(&get(&sandbox, TYPES).await, deleted_at), first);
    let unknown = format!("{TYPES}/{UNKNOWN_ID}");
    expect(&sandbox, "DELETE", &unknown, None, 404).await;

    get(&sandbox, &case).await;
    let new = body("case", json!({ "title": "A", "type_id": type_id }));
    expect(&sandbox, "POST", CASES, Some(&new), 404).await;
    let change = body("case_type", json!({ "name": "Alive" }));
    expect(&sandbox, "PUT", &path, Some(&change), 404).await;
}

#[tokio::test]
async fn views_and_automation_rules_name_their_authors() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let sandbox = &sandbox;
    let project = id(&post(sandbox, PROJECTS, &project("OPS"), 201).await);
    let view = json!({ "name": "All", "project_id": project, "query": "" });
    let rule = json!({
        "name": "Run", "trigger": { "type": "CASE_CREATED" },
        "action": { "type": "EXECUTE_WORKFLOW", "data": { "handle": "flow" } },
    });
    let views = format!("{CASES}/views");
    let rules = format!("{PROJECTS}/{project}/rules");
    for (path, kind, attributes) in [(views, "view", view), (rules, "rule", rule)] {
        let sent = body(kind, attributes);
        let made = format!("{path}/{}", id(&post(sandbox, &path, &sent, 201).await));
        let author = |relation: &str| format!("/relationships/{relation}/data/id");
        let creator = read(sandbox, &made, &author("created_by")).await;
        assert_eq!(creator, SANDBOX_USER, "{kind}");
        let unset = read(sandbox, &made, "/relationships/modified_by").await;
        assert_eq!(unset, Value::Null, "{kind}");
        expect(sandbox, "PUT", &made, Some(&sent), 200).await;
        let changer = read(sandbox, &made, &author("modified_by")).await;
        assert_eq!(changer, SANDBOX_USER, "{kind}");
    }
}

#[tokio::test]
async fn a_bulk_payload_is_checked_like_a_single_change() {
    let (sandbox, _, case) = start().await;
    let many = format!("{CASES}/bulk");
    for (action, payload, place) in [
        ("priority", json!({ "priority": "P9" }), "/payload/priority"),
        ("priority", json!({}), "/payload/priority"),
        ("status", json!({ "status": "ASLEEP" }), "/payload/status"),
        (
            "status",
            json!({ "status_name": "Asleep" }),
            "/payload/status_name",
        ),
        ("assign", json!({}), "/payload/assignee_id"),
        ("update_project", json!({}), "/payload/project_id"),
        ("servicenow", json!({}), "/payload/instance_name"),
    ] {
        let sent = bulk(action, &case, payload);
        let error = expect(&sandbox, "POST", &many, Some(&sent), 400).await;
        assert!(error.to_string().contains(place), "{action}: {error}");
    }
    assert_eq!(
        each(&get(&sandbox, CASES).await, "/attributes/priority"),
        ["NOT_DEFINED"]
    );
}

#[tokio::test]
async fn properties_that_the_document_does_not_list_are_not_kept() {
    let (sandbox, type_id, _) = start().await;
    let new = json!({
        "title": "A", "type_id": type_id, "archived_at": 5, "key": 7, "jira_issue": "none",
        "comment_count": 3,
    });
    let made = post(&sandbox, CASES, &body("case", new), 201).await;
    let attributes = &made["data"]["attributes"];
    assert_eq!(attributes["archived_at"], Value::Null);
    assert_ne!(attributes["comment_count"], 3);
    assert_eq!(attributes["key"], "CASE-2");
    let record = sandbox.requests().pop().expect("a recorded request");
    let dropped = ["archived_at", "comment_count", "jira_issue", "key"];
    let dropped = dropped.map(|name| format!("/data/attributes/{name}"));
    assert_eq!(record.dropped, dropped);

    // Without `created_at`, which only the server sets, no response would break the document.
    let project = id(&post(&sandbox, PROJECTS, &project("OPS"), 201).await);
    let view = json!({ "name": "All", "project_id": project, "query": "" });
    let views = format!("{CASES}/views");
    let view = id(&post(&sandbox, &views, &body("view", view), 201).await);
    let change = body("view", json!({ "name": "Some", "created_at": 5 }));
    let view = format!("{views}/{view}");
    expect(&sandbox, "PUT", &view, Some(&change), 200).await;
    assert!(get(&sandbox, &view).await["data"]["attributes"]["created_at"].is_string());
}
