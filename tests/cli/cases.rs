//! `cases list`, `comment`, `close` and `bulk`, and names in place of ids.

use serde_json::{Value, json};

use crate::platform::platform;
use crate::world::{World, run_with_input};

const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";

/// Creates three cases, the last of which is closed.
async fn three_cases() -> World {
    let world = platform().await;
    for (title, priority) in [
        ("Disk full", "P1"),
        ("Disk slow", "P3"),
        ("Key leaked", "P1"),
    ] {
        let create = ["cases", "create", "--title", title, "--priority", priority];
        let rest = ["--project", "plat", "--type-id", "Standard"];
        world.run(&[&create[..], &rest].concat()).await.ok();
    }
    world.run(&["cases", "close", "PLAT-3"]).await.ok();
    world
}

/// Returns the keys of a list.
async fn list(world: &World, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["cases", "list", "--jq", ".attributes.key"][..], arguments].concat();
    let text = world.run(&arguments).await.ok();
    let mut keys: Vec<String> = text.lines().map(str::to_owned).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn cases_are_chosen_by_state_project_and_query() {
    let world = three_cases().await;
    assert_eq!(list(&world, &[]).await, ["PLAT-1", "PLAT-2"]);
    assert_eq!(list(&world, &["--status", "closed"]).await, ["PLAT-3"]);
    let either = ["--status", "all", "--filter", "priority:P3 OR title:Key*"];
    assert_eq!(list(&world, &either).await, ["PLAT-2", "PLAT-3"]);
    let negative = ["--filter", "-priority:P1"];
    assert_eq!(list(&world, &negative).await, ["PLAT-2"]);
    assert_eq!(
        list(&world, &["--project", "OPS"]).await,
        Vec::<String>::new()
    );
    let assign = ["cases", "assign", "PLAT-2", "--assignee-id", USER];
    world.run(&assign).await.ok();
    assert_eq!(list(&world, &["--assignee", USER]).await, ["PLAT-2"]);
    assert_eq!(list(&world, &["--assignee", "none"]).await, ["PLAT-1"]);
    let table = world
        .run(&["cases", "list", "--project", "PLAT"])
        .await
        .ok();
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn cases_are_closed_with_a_comment() {
    let world = three_cases().await;
    let close = ["cases", "close", "PLAT-1", "PLAT-2", "--comment", "- done"];
    let closed = world.run(&[&close[..], &["-o", "csv"]].concat()).await;
    assert_eq!(
        closed.ok(),
        "key,title,status\nPLAT-1,Disk full,Closed\nPLAT-2,Disk slow,Closed\n"
    );
    let piped = world.command(&["cases", "comment", "PLAT-1", "-"]);
    run_with_input(piped, "From a pipe\n").await.ok();
    let filter = ".attributes.cell_content.message";
    let timeline = ["timeline", "list", "PLAT-1", "--all", "--jq", filter];
    assert_eq!(world.run(&timeline).await.ok(), "From a pipe\n- done\n");
    let some = world.run(&["cases", "close", "PLAT-1", "PLAT-9"]).await;
    assert_eq!(some.code, 3, "{some:?}");
    assert!(
        some.stderr.contains("cannot close 1 of 2 cases"),
        "{some:?}"
    );
    assert_eq!(world.run(&["cases", "close", "PLAT-9"]).await.code, 1);
}

#[tokio::test]
async fn a_bulk_change_asks_before_it_sends_anything() {
    let world = three_cases().await;
    let bulk = ["cases", "bulk", "priority", "P4", "--filter", "title:Disk*"];
    let asked = world.run(&bulk).await;
    assert_eq!(asked.code, 64, "{asked:?}");
    assert!(asked.stderr.contains("add --yes"), "{asked:?}");
    let plan = world.run(&[&bulk[..], &["--plan"]].concat()).await;
    assert_eq!(plan.stderr, "2 cases match\n");
    let low = ["--filter", "priority:P4"];
    assert_eq!(list(&world, &low).await, Vec::<String>::new());
    let done = world.run(&[&bulk[..], &["--yes"]].concat()).await;
    assert_eq!((done.code, done.stderr.as_str()), (0, "changed 2 cases\n"));
    assert_eq!(list(&world, &low).await, ["PLAT-1", "PLAT-2"]);
    let status = ["cases", "bulk", "status", "In Progress", "--yes", "-q"];
    world.run(&status).await.ok();
    let other = ["projects", "create", "--name", "Ops", "--key", "OPS"];
    world.run(&other).await.ok();
    let moved = ["cases", "bulk", "move", "OPS", "--project", "PLAT", "--yes"];
    world.run(&moved).await.ok();
    assert_eq!(
        list(&world, &["--project", "OPS"]).await,
        ["OPS-1", "OPS-2"]
    );
    for wrong in [
        &["cases", "bulk", "assign"][..],
        &["cases", "bulk", "archive", "x"],
    ] {
        assert_eq!(world.run(wrong).await.code, 64, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_campaign_shows_its_time_and_progress() {
    let world = platform().await;
    let rules = json!(["on-call", "runbook"]);
    let body = json!({ "data": { "type": "campaign", "attributes": {
        "name": "Q1", "key": "q1", "owner_id": USER, "rule_ids": rules, "status": "in_progress",
        "start_date": "2020-01-01T00:00:00Z", "due_date": "2020-03-31T00:00:00Z",
    } } });
    let body = world.file("campaign.json", &body.to_string());
    let create = ["campaigns", "create", "--body", &body];
    world.run(&create).await.ok();
    let status = ["campaigns", "status", "q1", "--scorecard", "Production"];
    let shown = world.run(&status).await;
    insta::assert_snapshot!(shown.stdout);
    let days = shown.stderr.split("overdue").next().expect("days");
    assert!(
        days.starts_with("Q1: in progress, ") && days.len() < 30,
        "{shown:?}"
    );
    assert!(
        shown.stderr.ends_with(", 60 % of the outcomes pass\n"),
        "{shown:?}"
    );
    let json: Value = world
        .run(&[&status[..], &["-o", "json"]].concat())
        .await
        .json();
    assert_eq!(json["campaign"]["progress"], 0.6);
    assert_eq!(json["campaign"]["time_elapsed"], 1.0);
    assert_eq!(json["rules"][0]["rule"], "Runbook");
    let bare = world.run(&["campaigns", "status", "q1"]).await;
    assert!(bare.stderr.contains("hint: name its rules"), "{bare:?}");
    let rule = ["campaigns", "status", "q1", "--rule", "on call"];
    assert!(
        world.run(&rule).await.stderr.contains("did you mean"),
        "a name"
    );
    assert_eq!(world.run(&["campaigns", "status", "q2"]).await.code, 1);
}
