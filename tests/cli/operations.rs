//! The commands of operations: flags, bodies, lists, and the requests that they send.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::world::{World, run, run_with_input};

/// Returns the body of the last request that the sandbox got.
fn last_body(world: &World) -> Value {
    let requests = world.sandbox.requests();
    let request = requests.last().expect("a request");
    serde_json::from_slice(&request.body).expect("JSON")
}

#[tokio::test]
async fn flags_become_a_body_with_its_constants() {
    let world = World::new().await;
    let arguments = ["rules", "create", "--name", "Logs", "--scorecard-name", "P"];
    let rest = ["--level", "2", "--enabled=false"];
    world.run(&[&arguments[..], &rest].concat()).await.ok();
    let attributes = json!({
        "name": "Logs", "scorecard_name": "P", "level": 2, "enabled": false,
    });
    let expected = json!({ "data": { "attributes": attributes, "type": "rule" } });
    assert_eq!(last_body(&world), expected);
}

#[tokio::test]
async fn flags_win_over_the_body_of_a_file_or_of_standard_input() {
    let world = World::new().await;
    let body = r#"{"data": {"type": "rule", "attributes": {"name": "A", "owner": "team-a"}}}"#;
    let file = world.file("rule.json", body);
    let flags = ["--name", "B", "--scorecard-name", "P"];
    let from_file = ["rules", "create", "--body", &file];
    world.run(&[&from_file[..], &flags].concat()).await.ok();
    let expected = json!({ "name": "B", "owner": "team-a", "scorecard_name": "P" });
    assert_eq!(last_body(&world)["data"]["attributes"], expected);

    let command = world.command(&[&["rules", "create", "--body", "-"][..], &flags].concat());
    run_with_input(command, body).await.ok();
    assert_eq!(last_body(&world)["data"]["attributes"], expected);
}

#[tokio::test]
async fn relationships_and_lists_are_flags() {
    let world = World::new().await;
    let project = [
        "projects", "create", "--name", "P", "--key", "PLAT", "-o", "name",
    ];
    let project = world.run(&project).await.ok();
    let arguments = ["cases", "create", "--title", "Fix it", "--type-id"];
    let type_id = "00000000-0000-0000-0000-000000000001";
    let rest = [type_id, "--project", project.trim(), "--dry-run"];
    let printed = world.run(&[&arguments[..], &rest].concat()).await.ok();
    assert!(
        printed.contains(r#""relationships":{"project":{"data":{"id":""#),
        "{printed}"
    );
    assert!(printed.contains(r#""type":"project"}"#), "{printed}");
    assert!(!printed.contains("assignee"), "{printed}");

    let campaign = [
        "campaigns",
        "update",
        "q1",
        "--rule-ids",
        "a",
        "--rule-ids",
        "b",
    ];
    let rest = [
        "--name",
        "Q1",
        "--owner-id",
        "550e8400-e29b-41d4-a716-446655440000",
        "--start-date",
        "2026-01-01T00:00:00Z",
        "--status",
        "completed",
        "--dry-run",
    ];
    let printed = world.run(&[&campaign[..], &rest].concat()).await.ok();
    assert!(printed.contains(r#""rule_ids":["a","b"]"#), "{printed}");
}

#[tokio::test]
async fn a_missing_property_is_named_before_anything_is_sent() {
    let world = World::new().await;
    let run = world.run(&["campaigns", "create", "--name", "Q1"]).await;
    assert_eq!(run.code, 64);
    for flag in ["--key", "--owner-id", "--rule-ids", "--start-date"] {
        assert!(run.stderr.contains(flag), "{run:?}");
    }
    assert!(world.sandbox.requests().is_empty());
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let world = World::new().await;
    for number in 0..7 {
        world.rule(&format!("Rule {number}")).await;
    }
    let count = |text: String| text.lines().count();
    let page = ["rules", "list", "--page-size", "3", "-o", "name"];
    assert_eq!(count(world.run(&page).await.ok()), 3);
    let all = world.run(&[&page[..], &["--all"]].concat()).await.ok();
    assert_eq!(count(all), 7);
    let limited = world
        .run(&[&page[..], &["--limit", "5"]].concat())
        .await
        .ok();
    assert_eq!(count(limited), 5);
    let requests = world.sandbox.requests();
    let lists = requests.iter().filter(|it| it.method == "GET").count();
    // One page, three pages, and two pages.
    assert_eq!(lists, 6);
    let all = world
        .run(&["rules", "list", "--all", "-o", "json"])
        .await
        .json();
    assert_eq!(all.as_array().expect("a list").len(), 7);
}

#[tokio::test]
async fn a_dry_run_is_a_curl_command_without_secrets() {
    let world = World::new().await;
    let arguments = [
        "rules",
        "create",
        "--name",
        "it's",
        "--scorecard-name",
        "P",
        "--dry-run",
    ];
    let printed = world.run(&arguments).await.ok();
    let url = world.sandbox.url();
    insta::assert_snapshot!(printed.replace(&url, "http://sandbox"));
    assert!(world.sandbox.requests().is_empty());
    // It needs no credentials, and the shell understands it.
    let mut command = world.bare(&arguments);
    command.env("SCOREKIT_BASE_URL", &url);
    assert_eq!(run(command).await.ok(), printed);
    let mut shell = tokio::process::Command::new("sh");
    shell.args([
        "-c",
        &format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{printed}"),
    ]);
    shell.env("DD_API_KEY", "expanded");
    let words = run(shell).await.ok();
    assert!(words.contains("DD-API-KEY: expanded\n"), "{words}");
    assert!(words.contains(r#""name":"it's""#), "{words}");
}

#[tokio::test]
async fn api_reaches_documented_and_other_paths() {
    let world = World::new().await;
    for number in 0..5 {
        world.rule(&format!("Rule {number}")).await;
    }
    let path = "/api/v2/scorecard/rules?page[size]=2";
    let all = world
        .run(&["api", "GET", path, "--paginate", "-o", "name"])
        .await;
    assert_eq!(all.ok().lines().count(), 5);
    let filtered = [
        "api",
        "get",
        "/api/v2/scorecard/rules",
        "-F",
        "page[size]=2",
    ];
    let page = world
        .run(&[&filtered[..], &["-o", "json"]].concat())
        .await
        .json();
    assert_eq!(page["data"].as_array().expect("rules").len(), 2);

    let create = [
        "api",
        "POST",
        "/api/v2/cases/projects",
        "-F",
        "/data/type=project",
    ];
    let fields = [
        "-F",
        "/data/attributes/name=Ops",
        "-F",
        "/data/attributes/key=OPS",
    ];
    world.run(&[&create[..], &fields].concat()).await.ok();
    let expected = json!({ "name": "Ops", "key": "OPS" });
    assert_eq!(last_body(&world)["data"]["attributes"], expected);

    let typed = [
        "api",
        "POST",
        "/x",
        "-F",
        "count=3",
        "-F",
        "text=abc",
        "--dry-run",
    ];
    let printed = world.run(&typed).await.ok();
    assert!(printed.contains(r#"{"count":3,"text":"abc"}"#), "{printed}");
    for path in ["api/v2", "//host/x", "/a/../b", "/a/%2E%2e/b", "/{x}"] {
        assert_eq!(world.run(&["api", "GET", path]).await.code, 64, "{path}");
    }
    let unknown = world.run(&["api", "GET", "/nothing/here"]).await;
    assert_eq!(unknown.code, 1, "{unknown:?}");
}

/// Starts a server whose responses all have this body, and returns its URL.
async fn server(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.unwrap_or(0) > 0
            {
            }
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream
                .write_all(&[head.as_bytes(), body.as_bytes()].concat())
                .await;
        }
    });
    url
}

#[tokio::test]
async fn api_prints_a_response_that_is_not_json_as_it_is() {
    let world = World::new().await;
    let text = server("service,score\napi,0.5\n").await;
    let get = ["api", "GET", "/export", "--base-url", &text];
    assert_eq!(world.run(&get).await.ok(), "service,score\napi,0.5\n");
    for flags in [["-o", "json"], ["--jq", ".a"], ["--columns", "a"]] {
        let run = world.run(&[&get[..], &flags].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("it is not JSON"), "{run:?}");
    }
    let marked = server("\u{feff}{\"a\": 1}").await;
    let get = ["api", "GET", "/a", "--base-url", &marked, "--jq", ".a"];
    assert_eq!(world.run(&get).await.ok(), "1\n");
    let empty = server("").await;
    let run = world.run(&["api", "GET", "/a", "--base-url", &empty]).await;
    assert!(run.stderr.contains("done: 200"), "{run:?}");
}

#[tokio::test]
async fn the_domains_of_both_vendors_are_reached() {
    let world = World::new().await;
    let arguments = ["kpi", "datasets", "create", "--help"];
    let help = world.run(&arguments).await.ok();
    let example = help
        .lines()
        .find(|line| line.contains("scorekit kpi datasets create"));
    assert!(example.is_some(), "{help}");
    let path = "/api/v2/scorecard/scorecards";
    world.run(&["api", "GET", path]).await.ok();
    let wrong = world.run(&["api", "GET", path, "--server", "dcycle"]).await;
    // The keys of one vendor never go to the paths of the other.
    assert_ne!(wrong.code, 0, "{wrong:?}");
    let last = world.sandbox.requests();
    let headers = format!("{:?}", last.last().expect("a request").headers);
    assert!(!headers.to_lowercase().contains("dd-api-key"), "{headers}");
}

#[tokio::test]
async fn dates_are_written_as_people_do() {
    let world = World::new().await;
    let window = [
        "maintenance-windows",
        "create",
        "--name",
        "W",
        "--query=-a:b",
    ];
    let times = [
        "--start-at",
        "2026-12-31",
        "--end-at",
        "2026-12-31T08:30:00Z",
    ];
    let mut command = world.command(&[&window[..], &times, &["--dry-run"]].concat());
    command.env("TZ", "UTC");
    let printed = run(command).await.ok();
    assert!(
        printed.contains(r#""start_at":"2026-12-31T00:00:00Z""#),
        "{printed}"
    );
    assert!(
        printed.contains(r#""end_at":"2026-12-31T08:30:00Z""#),
        "{printed}"
    );
    let due = |date| {
        [
            "cases",
            "update-due-date",
            "A-1",
            "--due-date",
            date,
            "--dry-run",
        ]
    };
    let in_weeks = world.run(&due("in 2 weeks")).await.ok();
    assert!(in_weeks.contains(r#""due_date":"20"#), "{in_weeks}");
    let cleared = world.run(&due("null")).await.ok();
    assert!(cleared.contains(r#""due_date":null"#), "{cleared}");
    let wrong = world.run(&due("someday")).await;
    assert_eq!(wrong.code, 64, "{wrong:?}");
    assert!(
        wrong
            .stderr
            .contains("--due-date \"someday\": it is not a date"),
        "{wrong:?}"
    );
    let hyphen = ["maintenance-windows", "create", "--query", "-status:closed"];
    let rest = [
        "--name",
        "W",
        "--start-at",
        "tomorrow",
        "--end-at",
        "in 2 days",
    ];
    let hyphen = [&hyphen[..], &rest, &["--dry-run"]].concat();
    let hyphen = world.run(&hyphen).await;
    assert!(
        hyphen.stdout.contains(r#""query":"-status:closed""#),
        "{hyphen:?}"
    );
}
