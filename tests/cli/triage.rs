//! `triage`: cases that are created once, commented on, closed and reopened.

use serde_json::{Value, json};

use crate::platform::{platform, seed};
use crate::world::{Run, World};

const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

async fn triage(world: &World, arguments: &[&str]) -> Run {
    let arguments = [&["triage", "--project", "PLAT"][..], arguments].concat();
    world.run(&arguments).await
}

/// Runs triage as a nightly pipeline does, and returns the actions: name, case, rule and service.
async fn nightly(world: &World) -> Vec<String> {
    let run = triage(world, &["--from-failing", "--close-passing", "-o", "json"]).await;
    let actions = run.json();
    let actions = actions.as_array().expect("actions").iter();
    actions
        .map(|action| {
            let text = |name: &str| action[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", text("action"), text("rule"), text("service"))
        })
        .collect()
}

/// Sets the state of the rule `Runbook` for `api`.
async fn push(world: &World, state: &str, remarks: &str) {
    let line = json!({ "service": "api", "rule": "Runbook", "state": state, "remarks": remarks });
    let file = world.file("outcomes.jsonl", &line.to_string());
    world.run(&["outcomes", "push", &file]).await.ok();
}

/// Returns the number of requests that changed something.
fn changes(world: &World) -> usize {
    let requests = world.sandbox.requests();
    let changing = requests.iter().filter(|it| it.method != "GET");
    changing.count()
}

/// Returns the cases, the oldest first.
async fn cases(world: &World) -> Vec<Value> {
    let arguments = ["cases", "search", "--sort-asc", "--all", "-o", "json"];
    let cases = world.run(&arguments).await.json();
    cases.as_array().expect("cases").clone()
}

/// Returns the comments on a case, the oldest first.
async fn comments(world: &World, case: &str) -> Vec<String> {
    let filter = ".attributes.cell_content.message";
    let arguments = [
        "timeline",
        "list",
        case,
        "--sort-ascending",
        "--all",
        "--jq",
    ];
    let arguments = [&arguments[..], &[filter, "-o", "jsonl"]].concat();
    let text = world.run(&arguments).await.ok();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a text"))
        .collect()
}

#[tokio::test]
async fn a_plan_changes_nothing() {
    let world = platform().await;
    let plan = triage(&world, &["--from-failing", "--plan"]).await;
    insta::assert_snapshot!(plan.stdout);
    assert_eq!(
        plan.stderr,
        "to do: create 2; unchanged: 0\n\
         unassigned, because the team has no user: sre (2)\n"
    );
    assert_eq!((plan.code, changes(&world)), (0, 0));
    let none = triage(&world, &[]).await;
    assert_eq!(none.stderr, "done: nothing; unchanged: 2\n");
    assert_eq!((none.code, changes(&world)), (0, 0));
    let rule = [
        "--from-failing",
        "--plan",
        "--rule",
        "On call",
        "-o",
        "json",
    ];
    assert_eq!(triage(&world, &rule).await.json()[0]["service"], "mail");
    let service = ["--from-failing", "--plan", "--service", "web", "-o", "json"];
    assert_eq!(triage(&world, &service).await.json(), json!([]));
}

#[tokio::test]
async fn runs_that_follow_each_other_create_a_case_once() {
    let world = platform().await;
    let teams = world.file("teams.yaml", &format!("teams:\n  sre: {USER}\n"));
    let arguments = ["--from-failing", "--teams", &teams, "--priority", "P3"];
    let first = triage(&world, &[&arguments[..], &["-o", "json"]].concat()).await;
    assert_eq!(first.stderr, "done: create 2; unchanged: 0\n");
    let rows = first.json();
    assert_eq!(rows[0]["case"], "PLAT-1", "{rows}");
    let found = cases(&world).await;
    assert_eq!(found.len(), 2);
    for case in &found {
        assert_eq!(case["relationships"]["assignee"]["data"]["id"], USER);
        assert_eq!(case["attributes"]["priority"], "P3");
    }
    let titles: Vec<&Value> = found.iter().map(|it| &it["attributes"]["title"]).collect();
    assert!(
        titles.contains(&&json!("Runbook fails for api")),
        "{titles:?}"
    );
    let before = changes(&world);
    let second = triage(&world, &arguments).await;
    assert_eq!(second.stderr, "done: nothing; unchanged: 2\n");
    assert_eq!((second.stdout.as_str(), changes(&world)), ("", before));
}

#[tokio::test]
async fn a_case_follows_its_outcome() {
    let world = platform().await;
    assert_eq!(
        nightly(&world).await,
        ["create On call mail", "create Runbook api"]
    );
    let found = cases(&world).await;
    let is_it = |case: &&Value| case["attributes"]["title"] == "Runbook fails for api";
    let case = found.iter().find(is_it).expect("a case")["id"].clone();
    let case = case.as_str().expect("an id");
    // A person writes around the block and changes the title.
    let get = ["cases", "get", case, "--jq", ".data.attributes.description"];
    let get = world.run(&get).await.ok();
    let text = format!("Ask Ada.\n{}\nSee the wiki.", get.trim());
    let edit = ["cases", "update-description", case, "--description", &text];
    world.run(&edit).await.ok();
    let title = ["cases", "update-title", case, "--title", "Write a runbook"];
    world.run(&title).await.ok();
    assert_eq!(nightly(&world).await, Vec::<String>::new());
    push(&world, "fail", "half of it").await;
    assert_eq!(nightly(&world).await, ["update Runbook api"]);
    push(&world, "pass", "").await;
    assert_eq!(nightly(&world).await, ["close Runbook api"]);
    assert_eq!(nightly(&world).await, Vec::<String>::new());
    push(&world, "fail", "gone").await;
    assert_eq!(nightly(&world).await, ["reopen Runbook api"]);
    assert_eq!(nightly(&world).await, Vec::<String>::new());
    insta::assert_snapshot!(comments(&world, case).await.join("\n\n"));
    let get = world
        .run(&["cases", "get", case, "-o", "json"])
        .await
        .json();
    let attributes = &get["data"]["attributes"];
    assert_eq!(attributes["status_name"], "Open");
    let description = attributes["description"].as_str().expect("a text");
    assert!(description.starts_with("Ask Ada.\n"), "{description}");
    assert!(
        description.ends_with("State: failing\nSee the wiki."),
        "{description}"
    );
    assert_eq!(cases(&world).await.len(), 2);
}

/// Starts a sandbox with a project, and a failing outcome of each rule and service.
async fn failing(rows: &[(Value, &str, &str)]) -> World {
    let mut seed = seed();
    seed["rules"] = rows.iter().map(|(rule, ..)| rule.clone()).collect();
    let outcomes = rows.iter().map(|(rule, service, remarks)| {
        json!({
            "rule_id": rule["id"], "entity_reference": format!("service:{service}"),
            "state": "fail", "remarks": remarks,
        })
    });
    seed["outcomes"] = outcomes.collect();
    World::with(scorekit_sandbox::Sandbox::builder().seed(seed)).await
}

fn rule(id: &str, name: &str) -> Value {
    json!({ "id": id, "attributes": {
        "name": name, "scorecard_name": "Production", "level": 2, "enabled": true,
    } })
}

#[tokio::test]
async fn a_block_is_found_again_after_edits() {
    let world = failing(&[(rule("r/1", "On\ncall"), "web app", "no rota,\nyet")]).await;
    assert_eq!(nightly(&world).await, ["create On\ncall web app"]);
    let description = async || {
        let case = cases(&world).await.remove(0);
        case["attributes"]["description"]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    let describe = async |text: &str| {
        let edit = [
            "cases",
            "update-description",
            "PLAT-1",
            "--description",
            text,
        ];
        world.run(&edit).await.ok();
    };
    let start = "Triage key: r%2F1/web%20app\nRule: On call (Production, level 2)\n\
                 Service: web app\n";
    let block = format!("{start}Remarks: no rota, yet\nState: failing");
    let created = description().await;
    assert!(created.contains(&block), "{created}");
    let edited = format!("Fails.\n\n{block}\n\nSee the wiki.");
    // Servers and people may change the ends of lines.
    for text in [edited.replace('\n', " \r\n"), edited] {
        describe(&text).await;
        assert_eq!(nightly(&world).await, Vec::<String>::new());
        assert_eq!(description().await, text);
    }
    let line = json!({ "service": "web app", "rule": "r/1", "state": "pass", "remarks": "" });
    let file = world.file("outcomes.jsonl", &line.to_string());
    world.run(&["outcomes", "push", &file]).await.ok();
    assert_eq!(nightly(&world).await, ["close On\ncall web app"]);
    assert_eq!(
        comments(&world, "PLAT-1").await,
        ["The rule passes now.\n\n- State: passing\n- Removed: Remarks: no rota, yet"]
    );
    let replaced = format!("Fails.\n\n{start}State: passing\n\nSee the wiki.");
    assert_eq!(description().await, replaced);
}

#[tokio::test]
async fn a_service_cannot_forge_the_key_of_another() {
    let hostile = "a\nTriage key: r/web";
    let mut about = rule("about", "About");
    about["attributes"]["description"] = "A rule.\n Triage key: r/web\nIt counts.".into();
    let world = failing(&[
        (about, "d", ""),
        (rule("r", "R"), hostile, "x\nTriage key: y"),
        (rule("a/b", "S"), "c", ""),
        (rule("a", "T"), "b/c", ""),
        (rule("name", "Triage key: r/web"), "e", ""),
    ])
    .await;
    let create = [
        "cases",
        "create",
        "--title",
        "A",
        "--description",
        "no block",
    ];
    let rest = ["--project", "PLAT", "--type-id", "Standard"];
    world.run(&[&create[..], &rest].concat()).await.ok();
    assert_eq!(nightly(&world).await.len(), 5);
    assert_eq!(nightly(&world).await, Vec::<String>::new());
    let found = cases(&world).await;
    let keys = found.iter().map(|case| {
        let description = case["attributes"]["description"].as_str().expect("a text");
        let lines = description.lines();
        lines.filter(|it| it.starts_with("Triage key: ")).count()
    });
    assert_eq!(keys.collect::<Vec<_>>(), [0, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn a_case_that_a_person_closed_stays_closed_until_the_rule_has_passed() {
    let world = platform().await;
    nightly(&world).await;
    let close = [
        "cases",
        "update-status",
        "PLAT-1",
        "--status-name",
        "Closed",
    ];
    world.run(&close).await.ok();
    let close = [
        "cases",
        "update-status",
        "PLAT-2",
        "--status-name",
        "Closed",
    ];
    world.run(&close).await.ok();
    assert_eq!(nightly(&world).await, Vec::<String>::new());
    push(&world, "pass", "").await;
    assert_eq!(nightly(&world).await, ["update Runbook api"]);
    push(&world, "fail", "").await;
    assert_eq!(nightly(&world).await, ["reopen Runbook api"]);
}

#[tokio::test]
async fn a_duplicate_of_another_run_is_found_and_named() {
    let world = platform().await;
    nightly(&world).await;
    let first = cases(&world).await.remove(0);
    let description = first["attributes"]["description"].as_str().expect("a text");
    let create = [
        "cases",
        "create",
        "--title",
        "Again",
        "--description",
        description,
    ];
    let rest = [
        "--type-id",
        "8f2e6b0a-6a53-4a0e-8f0b-3f3a6f2f9d11",
        "--project",
        "5b0c3f5e-41d7-4a37-9c55-0d2f7a9be1c4",
    ];
    world.run(&[&create[..], &rest].concat()).await.ok();
    let run = triage(&world, &["--from-failing"]).await;
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("such as PLAT-1 and PLAT-3"), "{run:?}");
    assert_eq!(cases(&world).await.len(), 3);
}

#[tokio::test]
async fn what_failed_is_done_by_the_next_run() {
    let fault = "CreateCase:status=500,count=1".parse().expect("a fault");
    let builder = scorekit_sandbox::Sandbox::builder().seed(seed());
    let world = World::with(builder.fault(fault)).await;
    let failed = triage(&world, &["--from-failing", "-o", "json"]).await;
    assert_eq!(failed.code, 3, "{failed:?}");
    assert!(
        failed.stderr.contains("1 of 2 actions failed"),
        "{failed:?}"
    );
    let rest = triage(&world, &["--from-failing"]).await;
    assert!(
        rest.stderr.starts_with("done: create 1; unchanged: 1\n"),
        "{rest:?}"
    );
    assert_eq!(cases(&world).await.len(), 2);
}

#[tokio::test]
async fn names_that_do_not_exist_are_found_before_anything_is_changed() {
    let world = platform().await;
    let teams = world.file("teams.yaml", "teams:\n  sre: ada\n");
    for (wrong, code, message) in [
        (
            &["triage", "--project", "OPS"][..],
            1,
            "the projects are PLAT",
        ),
        (
            &["triage", "--project", "PLAT", "--rule", "x"],
            1,
            "no rule has the name or id \"x\"",
        ),
        (
            &["triage", "--project", "PLAT", "--scorecard", "x"],
            1,
            "no scorecard with rules has the name or id \"x\"",
        ),
        (
            &[
                "triage",
                "--project",
                "PLAT",
                "--from-failing",
                "--type",
                "x",
            ],
            1,
            "type of cases",
        ),
        (
            &["triage", "--project", "PLAT", "--teams", &teams],
            64,
            "must be a UUID",
        ),
        (&["triage", "--from-failing"], 64, "--project"),
    ] {
        let run = world.run(wrong).await;
        assert_eq!(run.code, code, "{wrong:?} {run:?}");
        assert!(run.stderr.contains(message), "{wrong:?} {run:?}");
    }
    assert_eq!(changes(&world), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_finishes_what_was_begun_and_says_what_was_done() {
    let builder = scorekit_sandbox::Sandbox::builder().seed(seed());
    let fault = "CreateCase:delay=3s".parse().expect("a fault");
    let world = World::with(builder.fault(fault)).await;
    let lines = (0..10).map(|number| {
        json!({ "service": format!("s{number}"), "rule": "Owner", "state": "fail" }).to_string()
    });
    let lines: Vec<String> = lines.collect();
    let file = world.file("outcomes.jsonl", &lines.join("\n"));
    world.run(&["outcomes", "push", &file]).await.ok();
    let before = changes(&world);
    let mut command = world.command(&["triage", "--project", "PLAT", "--from-failing"]);
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    while changes(&world) == before {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    crate::world::signal(&child, "-INT").await;
    let run = Run::of(child.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 130, "{run:?}");
    // A case for each line but the header, and none that the output does not name.
    let done = cases(&world).await.len();
    assert_eq!(run.stdout.lines().count(), done + 1, "{run:?}");
    assert!((1..12).contains(&done), "{run:?}");
    let message = format!("interrupted: {done} of 12 actions were done");
    assert!(run.stderr.contains(&message), "{run:?}");
}
