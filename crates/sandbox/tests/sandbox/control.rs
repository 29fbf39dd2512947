//! The control API below `/_sandbox/`.

use std::time::Duration;

use scorekit_sandbox::{Clock, Fault, Part, RateLimit, Sandbox};
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, get, send};

const NOON: &str = "2026-01-31T12:00:00Z";

/// Starts a sandbox with a setting of every kind.
async fn configured() -> Sandbox {
    let builder = Sandbox::builder()
        .clock(NOON.parse::<Clock>().expect("a time"))
        .seed(json!({ "rules": [{
            "id": "on-call",
            "attributes": { "name": "Has on-call", "scorecard_name": "Production" },
        }] }))
        .fault(Fault::status(503).on(["GetProjects"]).times(2))
        .rate_limit(RateLimit::new(100, Duration::from_secs(60)))
        .latency(Duration::from_millis(1));
    builder.start().await.expect("the sandbox starts")
}

async fn control(sandbox: &Sandbox, method: &str, path: &str, body: Option<Value>) -> Value {
    let target = format!("/_sandbox/{path}");
    let response = call(sandbox, method, &target, body.as_ref()).await;
    assert!((200..300).contains(&response.status), "{response:?}");
    match response.text.as_str() {
        "" => Value::Null,
        _ => response.json(),
    }
}

/// Checks the one shape of errors, and returns the first problem.
async fn rejected(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    body: Option<Value>,
    status: u16,
) -> Value {
    let target = format!("/_sandbox/{path}");
    let error = call(sandbox, method, &target, body.as_ref())
        .await
        .expect(status);
    let problems = error["errors"].as_array().expect("a list of problems");
    for problem in problems {
        assert_eq!(problem["status"], status.to_string(), "{problem}");
        assert!(problem["title"].is_string(), "{problem}");
        assert!(problem["detail"].is_string(), "{problem}");
    }
    problems.first().expect("a problem").clone()
}

/// Returns everything that a reset restores.
async fn everything(sandbox: &Sandbox) -> [Value; 6] {
    let first = async |list: &str, property: &str| {
        let listed = control(sandbox, "GET", list, None).await;
        listed[list].get(0).map(|it| it[property].clone())
    };
    [
        control(sandbox, "GET", "resources/rule", None).await,
        first("faults", "fault").await.unwrap_or_default(),
        first("rate_limits", "rate_limit").await.unwrap_or_default(),
        control(sandbox, "GET", "latency", None).await,
        control(sandbox, "GET", "clock", None).await,
        control(sandbox, "GET", "requests", None).await,
    ]
}

#[tokio::test]
async fn a_reset_restores_every_part() {
    let sandbox = configured().await;
    let start = everything(&sandbox).await;
    assert_eq!(start[0]["resources"][0]["id"], "on-call");
    let change = async || {
        create_rule(&sandbox, "Another", "Production").await;
        control(&sandbox, "DELETE", "faults", None).await;
        control(&sandbox, "DELETE", "rate_limits", None).await;
        control(&sandbox, "PUT", "latency", Some(json!({ "latency": "0s" }))).await;
        let hour = json!({ "duration": "1h" });
        control(&sandbox, "POST", "clock/advance", Some(hour)).await;
    };
    change().await;
    let changed = everything(&sandbox).await;
    for (before, after) in start.iter().zip(&changed) {
        assert_ne!(before, after);
    }
    // Parts.
    let parts = json!({ "parts": ["faults", "clock"] });
    control(&sandbox, "POST", "reset", Some(parts)).await;
    let partly = everything(&sandbox).await;
    for (index, part) in partly.iter().enumerate() {
        let expected = if [1, 4].contains(&index) {
            &start
        } else {
            &changed
        };
        assert_eq!(*part, expected[index]);
    }
    // All, by HTTP and by Rust. Identifiers start again, too.
    control(&sandbox, "POST", "reset", None).await;
    assert_eq!(everything(&sandbox).await, start);
    let first = create_rule(&sandbox, "Another", "Production").await;
    change().await;
    sandbox.reset(&Part::ALL).await.expect("a reset");
    assert_eq!(everything(&sandbox).await, start);
    assert_eq!(create_rule(&sandbox, "Another", "Production").await, first);
}

#[tokio::test]
async fn a_seed_is_applied_as_a_whole() {
    let sandbox = configured().await;
    let rule = |name: &str| json!({ "attributes": { "name": name, "scorecard_name": "Other" } });
    let seed = json!({ "rules": [rule("One"), rule("Two")] });
    let created = control(&sandbox, "POST", "seeds", Some(seed.clone())).await;
    assert_eq!(created["created"], json!({ "rules": 2 }));
    let bad = json!({ "rules": [rule("Three"), { "attributes": { "name": 7 } }] });
    let problem = rejected(&sandbox, "POST", "seeds", Some(bad), 400).await;
    assert_eq!(problem["source"]["pointer"], "/rules/1");
    let unknown = json!({ "rulez": [] });
    rejected(&sandbox, "POST", "seeds", Some(unknown), 400).await;
    let kinds = control(&sandbox, "GET", "resources", None).await;
    let kinds = kinds["kinds"].as_array().expect("kinds");
    let rules = kinds.iter().find(|kind| kind["kind"] == "rule");
    assert_eq!(rules.expect("rules")["count"], 3);
    // A seed that names a taken identifier creates nothing either.
    let again = json!({ "rules": [{ "id": "on-call", "attributes": rule("x")["attributes"] }] });
    assert!(sandbox.seed(&again).await.is_err());
    assert_eq!(
        get(&sandbox, RULES).await["data"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn faults_and_limits_are_set_while_the_sandbox_runs() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let fault = json!({ "fault": "count=1,status=503,ListScorecards" });
    let problem = rejected(&sandbox, "POST", "faults", Some(fault), 400).await;
    assert_eq!(problem["source"]["pointer"], "/fault");
    let unknown = json!({ "fault": "ListScorecard:reset" });
    let problem = rejected(&sandbox, "POST", "faults", Some(unknown), 404).await;
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("did you mean `ListScorecards`?"),
        "{detail}"
    );

    // The options may be in any order, as everywhere.
    let fault = json!({ "fault": "ListScorecards:count=1,status=503" });
    let added = control(&sandbox, "POST", "faults", Some(fault)).await;
    let set = json!({
        "id": 1, "fault": "ListScorecards:status=503,count=1", "applied": 0, "remaining": 1,
    });
    assert_eq!(added, set);
    call(&sandbox, "GET", SCORECARDS, None).await.expect(503);
    get(&sandbox, SCORECARDS).await;
    let listed = control(&sandbox, "GET", "faults", None).await;
    assert_eq!(listed["faults"][0]["applied"], 1);
    assert_eq!(listed["faults"][0]["remaining"], 0);
    control(&sandbox, "DELETE", "faults/1", None).await;
    rejected(&sandbox, "DELETE", "faults/1", None, 404).await;

    let limit = json!({ "rate_limit": "limit=1,period=1h" });
    control(&sandbox, "POST", "rate_limits", Some(limit)).await;
    get(&sandbox, SCORECARDS).await;
    call(&sandbox, "GET", SCORECARDS, None).await.expect(429);
    control(&sandbox, "DELETE", "rate_limits/1", None).await;
    get(&sandbox, SCORECARDS).await;
    rejected(&sandbox, "DELETE", "rate_limits/1", None, 404).await;
    let wrong = json!({ "rate_limit": "limit=1" });
    rejected(&sandbox, "POST", "rate_limits", Some(wrong), 400).await;
}

#[tokio::test]
async fn the_clock_is_set_stopped_and_put_forward() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    assert_eq!(
        control(&sandbox, "GET", "clock", None).await["frozen"],
        false
    );
    let time = json!({ "time": "2026-01-31T13:00:00+01:00" });
    let set = control(&sandbox, "PUT", "clock", Some(time)).await;
    assert_eq!(
        set,
        json!({ "time": "2026-01-31T12:00:00.000Z", "frozen": true })
    );
    let forward = json!({ "duration": "1m30s" });
    let forward = control(&sandbox, "POST", "clock/advance", Some(forward)).await;
    assert_eq!(forward["time"], "2026-01-31T12:01:30.000Z");
    let runs = control(&sandbox, "POST", "clock/resume", None).await;
    assert_eq!(runs["frozen"], false);
    assert!(
        runs["time"]
            .as_str()
            .is_some_and(|time| time.starts_with("2026-01-31T12:"))
    );
    let stopped = control(&sandbox, "POST", "clock/freeze", None).await;
    assert_eq!(stopped["frozen"], true);
    assert_eq!(control(&sandbox, "GET", "clock", None).await, stopped);
    let past = json!({ "time": "1999-01-01T00:00:00Z", "frozen": false });
    let past = control(&sandbox, "PUT", "clock", Some(past)).await;
    assert!(
        past["time"]
            .as_str()
            .is_some_and(|time| time.starts_with("1999-01-01"))
    );
    assert_eq!(past["frozen"], false);
    for wrong in [
        json!({ "time": "noon" }),
        json!({ "time": NOON, "zone": "UTC" }),
    ] {
        rejected(&sandbox, "PUT", "clock", Some(wrong), 400).await;
    }
    let wrong = json!({ "duration": "soon" });
    rejected(&sandbox, "POST", "clock/advance", Some(wrong), 400).await;
}

#[tokio::test]
async fn a_snapshot_is_saved_compared_and_restored() {
    let sandbox = configured().await;
    control(&sandbox, "DELETE", "faults", None).await;
    let saved = control(&sandbox, "PUT", "snapshots/before", None).await;
    assert_eq!(saved["name"], "before");
    assert_eq!(saved["resources"], 3);
    let created = create_rule(&sandbox, "New", "Production").await;
    let renamed = json!({ "data": { "type": "rule", "attributes": { "name": "Renamed" } } });
    let path = format!("{RULES}/on-call");
    call(&sandbox, "PUT", &path, Some(&renamed))
        .await
        .expect(200);
    control(&sandbox, "PUT", "snapshots/after", None).await;
    let diff = control(&sandbox, "GET", "snapshots/before/diff", None).await;
    assert_eq!(diff["created"], json!([{ "kind": "rule", "id": created }]));
    assert_eq!(diff["changed"][0]["id"], "on-call");
    let properties = diff["changed"][0]["properties"]
        .as_array()
        .expect("properties");
    assert!(properties.contains(&"/attributes/name".into()), "{diff}");
    assert_eq!(diff["deleted"], json!([]));

    control(&sandbox, "POST", "snapshots/before/restore", None).await;
    assert_eq!(
        get(&sandbox, RULES).await["data"].as_array().map(Vec::len),
        Some(1)
    );
    let same = control(&sandbox, "GET", "snapshots/before/diff", None).await;
    assert_eq!(same, json!({ "created": [], "changed": [], "deleted": [] }));
    let back = control(&sandbox, "GET", "snapshots/after/diff?to=before", None).await;
    assert_eq!(back["deleted"], diff["created"]);
    // Identifiers continue from the snapshot.
    assert_eq!(create_rule(&sandbox, "New", "Production").await, created);

    control(&sandbox, "DELETE", "snapshots/before", None).await;
    let listed = control(&sandbox, "GET", "snapshots", None).await;
    assert_eq!(listed["snapshots"][0]["name"], "after");
    for (method, path) in [
        ("DELETE", "snapshots/before"),
        ("POST", "snapshots/before/restore"),
        ("GET", "snapshots/before/diff"),
        ("GET", "snapshots/after/diff?to=before"),
    ] {
        rejected(&sandbox, method, path, None, 404).await;
    }
    rejected(&sandbox, "PUT", "snapshots/a%20b", None, 400).await;
    for number in 0..99 {
        assert!(sandbox.save_snapshot(&number.to_string()));
    }
    rejected(&sandbox, "PUT", "snapshots/more", None, 409).await;
}

#[tokio::test]
async fn requests_are_filtered_and_show_their_responses() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let faults = [
        "ListScorecards:status=503,count=2",
        "ListScorecardRules:reset,count=1",
    ];
    for fault in faults {
        sandbox
            .add_fault(fault.parse().expect("a fault"))
            .expect("it is set");
    }
    for status in [503, 503, 200, 200] {
        call(&sandbox, "GET", SCORECARDS, None).await.expect(status);
    }
    create_rule(&sandbox, "One", "Production").await;
    call(&sandbox, "GET", "/nowhere", None).await.expect(404);
    let found = async |filter: &str| {
        let requests = control(&sandbox, "GET", &format!("requests?{filter}"), None).await;
        let numbers = requests["requests"].as_array().expect("requests").iter();
        numbers
            .filter_map(|it| it["number"].as_u64())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("").await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(found("operation_id=ListScorecards").await, [1, 2, 3, 4]);
    assert_eq!(found("method=POST").await, [5]);
    assert_eq!(found("path=nowhere").await, [6]);
    assert_eq!(found("status=503").await, [1, 2]);
    assert_eq!(found("status=4xx").await, [6]);
    assert_eq!(found("fault=true").await, [1, 2]);
    assert_eq!(found("fault=false&after=4").await, [5, 6]);
    assert_eq!(found("limit=2").await, [5, 6]);
    rejected(&sandbox, "GET", "requests?status=good", None, 400).await;
    rejected(&sandbox, "GET", "requests?color=red", None, 400).await;

    let third = control(&sandbox, "GET", "requests/3", None).await;
    assert_eq!(third["retry_of"], 1);
    assert!(
        third["duration_ms"].as_f64().is_some_and(|time| time > 0.0),
        "{third}"
    );
    assert!(
        third["response_body"]
            .as_str()
            .is_some_and(|it| it.starts_with("{\"data\""))
    );
    let json = json!({ "name": "content-type", "value": "application/json" });
    assert!(
        third["response_headers"]
            .as_array()
            .is_some_and(|it| it.contains(&json))
    );
    let records = sandbox.requests();
    // The third request succeeded, so that an equal one is not a retry.
    let retries: Vec<_> = records.iter().map(|it| it.retry_of).collect();
    assert_eq!(retries, [None, Some(1), Some(1), None, None, None]);
    assert!(records[4].response_body.starts_with(b"{\"data\""));

    control(&sandbox, "DELETE", "requests", None).await;
    rejected(&sandbox, "GET", "requests/3", None, 404).await;
    assert_eq!(sandbox.requests(), []);
}

#[tokio::test]
async fn health_and_configuration_need_no_credentials() {
    let sandbox = configured().await;
    let none = async |path: &str| send(&sandbox, "GET", path, &[], "").await.expect(200);
    let health = none("/_sandbox/health").await;
    assert_eq!(health["status"], "ok");
    assert_eq!(health["time"], "2026-01-31T12:00:00.000Z");
    assert_eq!(
        (&health["resources"], &health["faults"]),
        (&json!(3), &json!(1))
    );
    // The address is the one that the client used.
    let config = none("/_sandbox/config").await;
    assert_eq!(config["url"], "http://localhost");
    let mut own = sandbox.config().to_json();
    own["url"] = config["url"].clone();
    own["variables"]["SCOREKIT_BASE_URL"] = config["url"].clone();
    assert_eq!(config, own);
    assert_eq!(
        sandbox.config().get("SCOREKIT_BASE_URL"),
        Some(sandbox.url())
    );
    assert_eq!(sandbox.config().get("PATH"), None);
}

/// The responses are checked by the sandbox; this checks that the document is the whole API.
#[tokio::test]
async fn the_document_lists_every_path() {
    let sandbox = configured().await;
    let document = get(&sandbox, "/_sandbox/openapi.json").await;
    let operations = crate::operations::operations(&document);
    assert!(operations.len() >= 29, "{}", operations.len());
    for (method, path, id, operation) in &operations {
        assert!(
            operation["summary"].is_string() && operation["description"].is_string(),
            "{id}"
        );
        // Every error has the one shape.
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let is_error = status.parse().is_ok_and(|status: u16| status >= 400);
            let reference = response["$ref"].as_str().unwrap_or_default();
            assert_eq!(
                is_error || status == "default",
                !reference.is_empty(),
                "{id} {status}"
            );
        }
        // A query that the document does not list is rejected everywhere.
        let path = path.replace("{kind}", "rule").replace("{snapshot}", "x");
        let path = path.replace("{seed}", "realistic");
        let path = path.replace(['{', '}'], "").replace("fault_id", "1");
        let path = path.replace("resource_id", "on-call");
        let path = path.replace("rate_limit_id", "1").replace("number", "1");
        let target = format!("{path}?unlisted=1");
        let response = call(&sandbox, method, &target, None).await;
        response.expect(400);
    }
    rejected(&sandbox, "PATCH", "health", None, 405).await;
    rejected(&sandbox, "GET", "else", None, 404).await;
    // No request to the control API is recorded.
    assert_eq!(sandbox.requests(), []);
}

/// What a reset, a seed or a restored snapshot changes is in the file, too.
#[cfg(feature = "database")]
#[tokio::test]
async fn the_data_file_has_what_was_steered() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data");
    let start = async || {
        let builder = Sandbox::builder().data(&file);
        builder.start().await.expect("the sandbox starts")
    };
    let names = async |sandbox: &Sandbox| {
        let rules = get(sandbox, RULES).await;
        each(&rules, "/attributes/name")
    };
    let sandbox = start().await;
    create_rule(&sandbox, "One", "Production").await;
    create_rule(&sandbox, "Two", "Production").await;
    control(&sandbox, "PUT", "snapshots/two", None).await;
    let rule = json!({ "attributes": { "name": "Seeded", "scorecard_name": "Other" } });
    let seed = json!({ "rules": [rule] });
    control(&sandbox, "POST", "seeds", Some(seed)).await;
    sandbox.stop().await;
    let sandbox = start().await;
    assert_eq!(names(&sandbox).await, ["One", "Two", "Seeded"]);
    control(&sandbox, "PUT", "snapshots/three", None).await;
    control(&sandbox, "POST", "reset", None).await;
    sandbox.stop().await;
    let sandbox = start().await;
    assert_eq!(names(&sandbox).await, Vec::<Value>::new());
    let first = create_rule(&sandbox, "First", "Production").await;
    control(&sandbox, "PUT", "snapshots/first", None).await;
    create_rule(&sandbox, "Second", "Production").await;
    control(&sandbox, "POST", "snapshots/first/restore", None).await;
    sandbox.stop().await;
    let sandbox = start().await;
    let rules = get(&sandbox, RULES).await;
    assert_eq!(each(&rules, "/id"), [first]);
}

#[tokio::test]
async fn stored_resources_are_edited_unless_reads_would_break() {
    let sandbox = configured().await;
    control(&sandbox, "DELETE", "faults", None).await;
    let stored = control(&sandbox, "GET", "resources/rule", None).await;
    let mut attributes = stored["resources"][0]["attributes"].clone();
    attributes["name"] = "Renamed".into();
    let body = json!({ "attributes": attributes });
    let path = "resources/rule/on-call";
    let changed = control(&sandbox, "PUT", path, Some(body)).await;
    assert_eq!(changed["attributes"], attributes);
    assert_eq!(
        each(&get(&sandbox, RULES).await, "/attributes/name"),
        ["Renamed"]
    );
    // No read may respond with 500 later.
    attributes["enabled"] = "perhaps".into();
    let broken = json!({ "attributes": attributes });
    let problem = rejected(&sandbox, "PUT", path, Some(broken), 409).await;
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("ListScorecardRules") && detail.contains("enabled"),
        "{detail}"
    );
    assert_eq!(
        each(&get(&sandbox, RULES).await, "/attributes/name"),
        ["Renamed"]
    );
    control(&sandbox, "DELETE", path, None).await;
    assert_eq!(get(&sandbox, RULES).await["data"], json!([]));
    rejected(&sandbox, "DELETE", path, None, 404).await;
    let none = json!({ "attributes": {} });
    rejected(&sandbox, "PUT", path, Some(none), 404).await;
}
