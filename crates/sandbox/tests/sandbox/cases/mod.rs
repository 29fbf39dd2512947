//! Case Management: creation, search, update and deletion, operation by operation.

mod read_back;
mod settings;
mod work;

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, post};

const CASES: &str = "/api/v2/cases";
const TYPES: &str = "/api/v2/cases/types";
const WINDOWS: &str = "/api/v2/maintenance_windows";

/// Returns a JSON:API body with attributes.
fn body(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// Returns a JSON:API body with an identifier.
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

/// Calls every operation of the domain.
pub(crate) async fn every_operation(sandbox: &Sandbox) {
    settings::projects(sandbox).await;
    settings::types(sandbox).await;
    work::changes(sandbox).await;
    work::moves_and_insights(sandbox).await;
    work::bulk_updates(sandbox).await;
    work::searches_and_counts(sandbox).await;
    work::comments_and_watchers(sandbox).await;
    work::links(sandbox).await;
    work::third_parties(sandbox).await;
    settings::rules(sandbox).await;
    settings::views_and_windows(sandbox).await;
}

#[tokio::test]
async fn a_case_with_an_unknown_type_or_project_is_rejected() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let type_id = standard_type(&sandbox).await;
    let unknown_type = body("case", json!({ "title": "A", "type_id": UNKNOWN_ID }));
    let response = expect(&sandbox, "POST", CASES, Some(&unknown_type), 404).await;
    assert!(response.to_string().contains(UNKNOWN_ID), "{response}");
    let mut unknown_project = body("case", json!({ "title": "A", "type_id": type_id }));
    unknown_project["data"]["relationships"] = json!({ "project": pointer("project", UNKNOWN_ID) });
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
        ("", &["Net slow", "Disk slow", "Disk full"]),
        (
            "status%3A(closed%20OR%20open)%20-title%3ADisk*",
            &["Net slow"],
        ),
        ("title%3A(Net*%20OR%20*full)", &["Net slow", "Disk full"]),
        ("(net%20OR%20disk)%20AND%20slow", &["Net slow", "Disk slow"]),
        ("NOT%20(net%20OR%20full)", &["Disk slow"]),
        ("-assignee%3A*%20title%3AD*s*w", &["Disk slow"]),
        ("%22(none)%22", &[]),
        (
            "creation_source%3AMANUAL%20public_id%3A(1%20OR%202)",
            &["Disk slow", "Disk full"],
        ),
    ] {
        let found = get(&sandbox, &format!("{CASES}?filter={query}")).await;
        assert_eq!(each(&found, "/attributes/title"), expected, "{query}");
    }
}

#[tokio::test]
async fn queries_with_unknown_syntax_are_rejected() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    for (query, named) in [
        ("\"open", "quotation mark"),
        ("status:(open", "`(`"),
        ("status:open)", "`)`"),
        (")", "`)`"),
        ("NOT", "negation"),
        ("(-)", "negation"),
        ("created_at:>2026-01-01", "`>2026-01-01`"),
        ("priority:[1 TO 5]", "`[1`"),
        ("merge_status:MERGED", "`merge_status`"),
        ("status:(key:A-1)", "`key:A-1`"),
        (deep.as_str(), "`(`"),
    ] {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("{CASES}?filter={encoded}");
        let error = expect(&sandbox, "GET", &path, None, 400).await;
        assert!(error.to_string().contains(named), "{query}: {error}");
        let group_by = json!({ "groups": ["status"], "limit": 1 });
        let aggregate = json!({ "query_filter": query, "group_by": group_by });
        let aggregate = body("aggregate", aggregate);
        let path = format!("{CASES}/aggregate");
        expect(&sandbox, "POST", &path, Some(&aggregate), 400).await;
    }
}

#[tokio::test]
async fn deleting_a_project_deletes_its_records_but_not_its_cases() {
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
    // The case still exists, without a project.
    let path = format!("{CASES}/{}", case["id"].as_str().expect("an id"));
    let case = get(sandbox, &path).await;
    let project = &case["data"]["relationships"]["project"];
    assert_eq!(*project, Value::Null, "{case}");
}
