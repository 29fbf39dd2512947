//! The behavior of Datadog's server beyond its document, and the setting that turns it off.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, post};

const CASES: &str = "/api/v2/cases";
const TYPE: &str = "00000000-0000-0000-0000-000000000001";

fn body(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// Creates a case, and returns its path.
async fn case(sandbox: &Sandbox) -> String {
    let new = body("case", json!({ "title": "Disk full", "type_id": TYPE }));
    format!("{CASES}/{}", id(&post(sandbox, CASES, &new, 201).await))
}

/// Returns values that the document allows and the vendor's server rejects: method, path and body.
fn rejected(case: &str, project: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let new = |attributes: Value, relationships: Value| {
        let mut case = body("case", json!({ "title": "A", "type_id": TYPE }));
        let known = case["data"]["attributes"].as_object_mut().expect("a map");
        known.extend(attributes.as_object().expect("a map").clone());
        case["data"]["relationships"] = json!({
            "project": { "data": { "id": project, "type": "project" } },
        });
        let known = case["data"]["relationships"]
            .as_object_mut()
            .expect("a map");
        known.extend(relationships.as_object().expect("a map").clone());
        Some(case)
    };
    let case_body = |attributes| Some(body("case", attributes));
    let user = json!({ "assignee": { "data": { "id": "me", "type": "user" } } });
    let rules = format!("{PROJECTS}/{project}/notification_rules");
    let recipient = json!({ "type": "PAGERDUTY_SERVICE", "data": { "service_name": "" } });
    let recipients = json!({ "recipients": [recipient], "triggers": [{ "type": "CASE_CREATED" }] });
    let post = |path: String, sent| ("POST", path, sent);
    vec![
        post(CASES.to_owned(), new(json!({ "title": " " }), json!({}))),
        post(CASES.to_owned(), new(json!({}), user)),
        post(format!("{case}/title"), case_body(json!({ "title": "" }))),
        post(
            format!("{case}/comment"),
            case_body(json!({ "comment": "" })),
        ),
        post(
            format!("{case}/assign"),
            case_body(json!({ "assignee_id": "me" })),
        ),
        post(
            format!("{case}/due_date"),
            case_body(json!({ "due_date": "31.12.2026" })),
        ),
        post(
            format!("{case}/due_date"),
            case_body(json!({ "due_date": "2026-12-31T00:00:00Z" })),
        ),
        post(
            format!("{CASES}/types"),
            Some(body("case_type", json!({ "name": "A", "emoji": "fire" }))),
        ),
        post(
            format!("{CASES}/types"),
            Some(body("case_type", json!({ "name": "" }))),
        ),
        post(
            PROJECTS.to_owned(),
            Some(body("project", json!({ "key": "", "name": "A" }))),
        ),
        post(
            PROJECTS.to_owned(),
            Some(body(
                "project",
                json!({ "key": "A", "name": "A", "team_uuid": "we" }),
            )),
        ),
        post(rules, Some(body("notification_rule", recipients))),
        post(
            format!("{case}/relationships/servicenow_tickets"),
            Some(body("tickets", json!({ "instance_name": "" }))),
        ),
        post(
            format!("{CASES}/bulk"),
            Some(body(
                "bulk",
                json!({
                    "case_ids": [case.rsplit('/').next()],
                    "type": "assign",
                    "payload": { "assignee_id": "me" },
                }),
            )),
        ),
    ]
}

#[tokio::test]
async fn values_that_the_vendor_rejects_are_rejected() {
    for documented_only in [false, true] {
        let builder = Sandbox::builder().documented_only(documented_only);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let project = id(&post(&sandbox, PROJECTS, &project("OPS"), 201).await);
        let case = case(&sandbox).await;
        for (method, path, sent) in rejected(&case, &project) {
            let response = call(&sandbox, method, &path, sent.as_ref()).await;
            assert_eq!(
                response.status == 400,
                !documented_only,
                "{path} {sent:?}: {response:?}"
            );
        }
        // Identifiers in paths: what is not a UUID cannot exist.
        let status = if documented_only { 404 } else { 400 };
        for path in [
            format!("{CASES}/nonsense"),
            format!("{CASES}/views/nonsense"),
            format!("{PROJECTS}/nonsense"),
        ] {
            let response = call(&sandbox, "GET", &path, None).await;
            assert_eq!(response.status, status, "{path}: {response:?}");
        }
        for path in [format!("{CASES}/OPS-77"), format!("{CASES}/{UNKNOWN_ID}")] {
            let response = call(&sandbox, "GET", &path, None).await;
            assert_eq!(response.status, 404, "{path}: {response:?}");
        }
    }
}

#[tokio::test]
async fn seeded_identifiers_are_valid_in_any_form() {
    let seed = json!({
        "projects": [{ "id": "ours", "attributes": { "key": "SEC", "name": "Security" } }],
    });
    let builder = Sandbox::builder().seed(seed);
    let sandbox = builder.start().await.expect("the sandbox starts");
    get(&sandbox, &format!("{PROJECTS}/ours")).await;
}

#[tokio::test]
async fn errors_are_objects_unless_only_the_document_counts() {
    let path = format!("{PROJECTS}/{UNKNOWN_ID}");
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let error = call(&sandbox, "GET", &path, None).await.expect(404);
    let error = &error["errors"][0];
    assert_eq!(
        (&error["status"], &error["title"]),
        (&json!("404"), &json!("Not Found"))
    );
    assert!(error["detail"].to_string().contains(UNKNOWN_ID), "{error}");
    // Only Case Management names the kind of the error, and the key that does not exist.
    assert_eq!(error["code"], "resource_not_found");
    assert!(error.get("meta").is_none(), "{error}");
    let path = format!("{}/custom_attributes/none", case(&sandbox).await);
    let error = call(&sandbox, "DELETE", &path, None).await.expect(404);
    assert_eq!(error["errors"][0]["code"], "resource_not_found");
    assert_eq!(error["errors"][0]["meta"], json!({ "key": "none" }));
    let path = format!("{RULES}/none");
    let error = call(&sandbox, "DELETE", &path, None).await.expect(404);
    assert!(error["errors"][0].get("code").is_none(), "{error}");
    let path = format!("{PROJECTS}/{UNKNOWN_ID}");
    let sandbox = documented().await;
    let error = call(&sandbox, "GET", &path, None).await.expect(404);
    assert!(error["errors"][0].is_string(), "{error}");
}

#[tokio::test]
async fn outcomes_are_received_as_an_asynchronous_request() {
    for documented_only in [false, true] {
        let builder = Sandbox::builder().documented_only(documented_only);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let rule = create_rule(&sandbox, "On call", "Ownership").await;
        let sent = outcomes(&rule, &[("service:a", "pass"), ("service:b", "fail")]);
        let response = call(&sandbox, "POST", OUTCOMES, Some(&sent)).await;
        assert_eq!(response.status, 202);
        if documented_only {
            assert_eq!(response.text, "");
        } else {
            let received: Value = serde_json::from_str(&response.text).expect("JSON");
            assert_eq!(received["data"]["type"], "async-request");
            assert_eq!(received["meta"]["total_received"], 2);
        }
        // A rule that does not exist is a conflict with the state.
        let unknown = outcomes("unknown", &[("service:a", "pass")]);
        let response = call(&sandbox, "POST", OUTCOMES, Some(&unknown)).await;
        assert_eq!(response.status, 409, "{response:?}");
    }
}

#[tokio::test]
async fn an_empty_body_is_taken_where_none_is_expected() {
    let sandbox = documented().await;
    let project = id(&post(&sandbox, PROJECTS, &project("OPS"), 201).await);
    let path = format!("{PROJECTS}/{project}");
    for sent in [json!(null), json!({})] {
        let response = call(&sandbox, "GET", &path, Some(&sent)).await;
        assert_eq!(response.status, 200, "{sent}: {response:?}");
    }
    let response = call(&sandbox, "GET", &path, Some(&json!({ "a": 1 }))).await;
    assert_eq!(response.status, 400, "{response:?}");
}

#[tokio::test]
async fn cases_have_the_properties_that_no_document_lists() {
    for documented_only in [false, true] {
        let builder = Sandbox::builder().documented_only(documented_only);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let case = case(&sandbox).await;
        let comment = body("case", json!({ "comment": "first" }));
        post(&sandbox, &format!("{case}/comment"), &comment, 200).await;
        let insight = json!({ "type": "EVENT", "ref": "/e/1", "resource_id": "1" });
        let insights = body("case", json!({ "insights": [insight] }));
        let path = format!("{case}/insights");
        let changed = call(&sandbox, "PUT", &path, Some(&insights)).await;
        let listed = get(&sandbox, CASES).await;
        for found in [&changed.expect(200)["data"], &listed["data"][0]] {
            let attributes = &found["attributes"];
            let expected = [
                ("comment_count", json!(1)),
                ("creation_source", json!("MANUAL")),
                ("insights", json!([insight])),
                ("merge_status", json!("NOT_MERGED")),
                ("public_id", json!("1")),
            ];
            for (name, value) in expected {
                let value = (!documented_only).then_some(value);
                assert_eq!(attributes.get(name), value.as_ref(), "{name}");
            }
        }
        let total = listed["meta"].get("total_cases");
        assert_eq!(total.is_some(), !documented_only, "{listed}");
    }
}

#[tokio::test]
async fn responses_include_the_users_of_their_cases() {
    for documented_only in [false, true] {
        let builder = Sandbox::builder().documented_only(documented_only);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let case = case(&sandbox).await;
        let assign = body("case", json!({ "assignee_id": UNKNOWN_ID }));
        let assigned = post(&sandbox, &format!("{case}/assign"), &assign, 200).await;
        let author = &assigned["data"]["relationships"]["created_by"]["data"]["id"];
        let users = json!([
            {
                "id": author,
                "type": "user",
                "attributes": {
                    "active": true,
                    "email": "sandbox@example.com",
                    "handle": "sandbox",
                    "name": "Sandbox",
                },
            },
            {
                "id": UNKNOWN_ID,
                "type": "user",
                "attributes": { "active": false, "email": "", "handle": "", "name": "" },
            },
        ]);
        let users = (!documented_only).then_some(&users);
        // Each user is included once, however many cases name it.
        let new = body("case", json!({ "title": "Disk slow", "type_id": TYPE }));
        post(&sandbox, CASES, &new, 201).await;
        let path = format!("{CASES}?sort%5Bfield%5D=created_at&sort%5Basc%5D=true");
        for found in [assigned.clone(), get(&sandbox, &path).await] {
            assert_eq!(found.get("included"), users, "{found}");
        }
        let none = get(&sandbox, &format!("{CASES}?filter=status%3Aclosed")).await;
        assert!(none.get("included").is_none(), "{none}");
    }
}

#[tokio::test]
async fn types_attributes_and_comments_have_the_properties_that_no_document_lists() {
    let statuses = |name: &str| json!({ "status_options": [{ "name": name }], "default": name });
    let statuses = json!({
        "open": statuses("Open"),
        "in_progress": statuses("In Progress"),
        "closed": statuses("Closed"),
    });
    for documented_only in [false, true] {
        let builder = Sandbox::builder().documented_only(documented_only);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let expected = |value: Value| (!documented_only).then_some(value);

        let types = format!("{CASES}/types");
        let new = body("case_type", json!({ "name": "Incident", "emoji": "🔥" }));
        let own = post(&sandbox, &types, &new, 201).await;
        let listed = get(&sandbox, &types).await;
        for (found, is_internal) in [
            (&own["data"], false),
            (&listed["data"][0], true),
            (&listed["data"][1], false),
        ] {
            let attributes = &found["attributes"];
            let internal = expected(json!(is_internal));
            assert_eq!(attributes.get("internal"), internal.as_ref(), "{found}");
            let statuses = expected(statuses.clone());
            let found = attributes.get("statuses_config");
            assert_eq!(found, statuses.as_ref());
        }

        let attribute = json!({
            "key": "region", "display_name": "Region", "type": "TEXT", "is_multi": true,
        });
        let attribute = body("custom_attribute", attribute);
        for (type_id, name) in [(id(&own).as_str(), "TUNKNOWN"), (TYPE, "STANDARD")] {
            let path = format!("{types}/{type_id}/custom_attributes");
            let created = post(&sandbox, &path, &attribute, 201).await;
            let name = expected(json!(name));
            let found = created["data"]["attributes"].get("case_type");
            assert_eq!(found, name.as_ref());
        }

        let case = case(&sandbox).await;
        let comment = body("case", json!({ "comment": "first" }));
        let commented = post(&sandbox, &format!("{case}/comment"), &comment, 200).await;
        let listed = get(&sandbox, &format!("{case}/timelines")).await;
        for cell in [&commented["data"][0], &listed["data"][0]] {
            let content = expected(json!(r#"{"message":"first"}"#));
            let attributes = &cell["attributes"];
            assert_eq!(attributes.get("content"), content.as_ref(), "{cell}");
            let author = &attributes["author"]["content"];
            let user = expected(author["id"].clone());
            assert_eq!(author.get("ID"), user.as_ref(), "{cell}");
            assert_eq!(author.get("active"), expected(json!(true)).as_ref());
        }
    }
}
