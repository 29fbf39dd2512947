//! Exit codes, and errors as prose and as JSON.

use std::process::Stdio;
use std::time::Duration;

use scorekit_sandbox::Sandbox;
use serde_json::Value;

use crate::world::{Run, World, run};

/// Returns the error that a run wrote as JSON.
fn error(run: &Run) -> Value {
    assert_eq!(run.stdout, "");
    let document: Value = serde_json::from_str(&run.stderr).expect("JSON");
    document["error"].clone()
}

#[tokio::test]
async fn codes_tell_failures_apart() {
    let world = World::new().await;
    let list = ["rules", "list"];
    assert_eq!(world.run(&list).await.code, 0);
    assert_eq!(world.run(&["rules", "delete", "none"]).await.code, 1);
    assert_eq!(run(world.bare(&list)).await.code, 4);
    let mut wrong_key = world.command(&list);
    wrong_key.env("DD_API_KEY", "0123456789abcdef");
    assert_eq!(run(wrong_key).await.code, 4);
    for usage in [
        &["rules", "lsit"][..],
        &["rules", "list", "--page-size", "many"],
        &["rules", "delete"],
        &["scores", "list", "by-colour"],
        &["rules", "list", "--site", "nowhere"],
        &["rules", "create", "--body", "no-such-file"],
    ] {
        let run = world.run(usage).await;
        assert_eq!(run.code, 64, "{usage:?} {run:?}");
        assert_eq!(run.stdout, "", "{usage:?}");
    }
}

#[tokio::test]
async fn errors_are_json_if_the_output_is() {
    let world = World::new().await;
    let missing = world.run(&["rules", "delete", "none", "-o", "json"]).await;
    let missing = error(&missing);
    assert_eq!(missing["kind"], "api");
    assert_eq!(missing["operation"], "DeleteScorecardRule");
    assert_eq!(missing["status"], 404);
    assert_eq!(missing["exit_code"], 1);
    let usage = world
        .run(&["rules", "list", "--page-size", "x", "--output=json"])
        .await;
    assert_eq!(usage.code, 64);
    let usage = error(&usage);
    assert_eq!(usage["exit_code"], 64);
    assert!(
        usage["message"]
            .as_str()
            .expect("text")
            .contains("--page-size")
    );
    let keys = error(&run(world.bare(&["rules", "list", "-ojson"])).await);
    assert_eq!(keys["exit_code"], 4);
    assert!(
        keys["help"]
            .as_str()
            .expect("text")
            .contains("scorekit auth login")
    );
}

#[tokio::test]
async fn a_server_that_fails_is_retried_and_then_named() {
    let fault = "ListScorecardRules:status=503,count=1"
        .parse()
        .expect("a fault");
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let run = world.run(&["rules", "list", "-v"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr
            .contains("< GET /api/v2/scorecard/rules: 200 OK, attempt 2"),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_list_that_fails_is_not_called_empty() {
    let world = World::new().await;
    let run = world
        .run(&["cases", "list", "--filter", "status:(open"])
        .await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("`(` has no `)`"), "{run:?}");
    assert!(!run.stderr.contains("nothing to show"), "{run:?}");
    let file = world.file("rules.yaml", "scorecards: [{ nam: A }]\n");
    let run = world.run(&["scorecards", "validate", &file]).await;
    assert!(run.stderr.contains("did you mean \"name\"?"), "{run:?}");
    assert!(!run.stderr.contains("has no rules"), "{run:?}");
}

#[tokio::test]
async fn a_reader_that_leaves_is_no_error() {
    let world = World::new().await;
    world.rule("One").await;
    let mut command = world.command(&["rules", "list", "--all", "-o", "jsonl"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().await.expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_with_what_was_done() {
    let world = World::with(Sandbox::builder().latency(Duration::from_secs(600))).await;
    let mut command = world.command(&["rules", "delete", "r-1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    while world.sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    crate::world::signal(&child, "-INT").await;
    let run = Run::of(child.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 130, "{run:?}");
    assert!(
        run.stderr.contains("DeleteScorecardRule was not finished"),
        "{run:?}"
    );
}

/// Returns the run of a command that Ctrl-C ends while it waits for standard input.
#[cfg(unix)]
async fn interrupted_at_input(
    world: &World,
    arguments: &[&str],
    is_waiting: fn(&World) -> bool,
) -> Run {
    let mut command = world.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let stdin = child.stdin.take().expect("a pipe");
    while !is_waiting(world) && child.try_wait().expect("a process").is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The handler of the signal is there when the runtime runs, which a signal before that ends.
    while child.try_wait().expect("a process").is_none() {
        crate::world::signal(&child, "-INT").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(stdin);
    Run::of(child.wait_with_output().await.expect("it ends"))
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_a_wait_for_standard_input() {
    let world = World::new().await;
    world.rule("On call").await;
    world.sandbox.clear_requests();
    let push = ["outcomes", "push", "-", "--format", "csv", "-o", "json"];
    let run = interrupted_at_input(&world, &push, |world| {
        let requests = world.sandbox.requests();
        requests.iter().any(|it| it.status == 200)
    })
    .await;
    assert_eq!(run.code, 130, "{run:?}");
    assert_eq!(error(&run)["message"], "interrupted: nothing was sent");
    // Nothing was read from the pipe, so nothing was sent.
    assert_eq!(world.sandbox.requests().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_a_filter_without_an_end() {
    let world = World::new().await;
    for filter in ["repeat(1)", "def f: f; f"] {
        world.sandbox.clear_requests();
        let list = ["rules", "list", "--jq", filter];
        let run = interrupted_at_input(&world, &list, |world| {
            let requests = world.sandbox.requests();
            requests.iter().any(|it| it.status == 200)
        });
        let run = run.await;
        assert_eq!(run.code, 130, "{run:?}");
        assert!(run.stderr.contains("interrupted"), "{run:?}");
    }
}

/// Returns the lines of standard error, each of which must be JSON.
fn json_lines(run: &Run) -> Vec<Value> {
    let lines = run.stderr.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{run:?}")))
        .collect()
}

#[tokio::test]
async fn parts_that_fail_are_json_if_the_output_is() {
    let world = World::new().await;
    world.rule("On call").await;
    let file = world.file("a.csv", "service,rule,state\na,On call,pass\nb,None,pass\n");
    let run = world.run(&["outcomes", "push", &file, "-o", "json"]).await;
    assert_eq!(run.code, 3, "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(document["problems"][0]["line"], 3);
    assert_eq!(json_lines(&run)[0]["error"]["exit_code"], 3);
    let rows = world.run(&["outcomes", "push", &file, "-o", "jsonl"]).await;
    assert_eq!(rows.stdout.lines().count(), 1, "{rows:?}");
    let file = world.file("a.yaml", "scorecards: [{ nam: A }]\n");
    let validate = ["scorecards", "validate", &file, "-o", "jsonl"];
    let run = world.run(&validate).await;
    for line in run.stdout.lines() {
        let problem: Value = serde_json::from_str(line).expect("JSON");
        assert!(problem["message"].is_string(), "{run:?}");
    }
    let close = ["cases", "close", "NO-1", "NO-2", "-o", "json"];
    let lines = json_lines(&world.run(&close).await);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0]["warning"]["message"].is_string(), "{lines:?}");
}

#[tokio::test]
async fn a_change_that_cannot_be_shown_is_said_to_have_succeeded() {
    let world = World::new().await;
    world.rule("On call").await;
    let outcomes = world.file("a.csv", "service,rule,state\na,On call,fail\n");
    let scorecards = "scorecards: [{ name: S, rules: [{ name: Other }] }]\n";
    let scorecards = world.file("a.yaml", scorecards);
    let project = ["projects", "create", "--key", "PLAT", "--name", "Platform"];
    world.run(&project).await.ok();
    let create = ["rules", "create", "--scorecard-name", "S", "--name", "R"];
    for (arguments, done) in [
        (&create[..], "CreateScorecardRule succeeded (201 Created)"),
        (
            &["outcomes", "push", &outcomes],
            "1 of 1 outcomes were sent",
        ),
        (
            &["scorecards", "apply", &scorecards, "--yes"],
            "Applied: 1 added, 0 changed, 0 deleted",
        ),
        (
            &["triage", "--project", "PLAT", "--from-failing"],
            "1 of 1 actions were done",
        ),
        (&["cases", "close", "PLAT-1"], "1 of 1 cases were closed"),
    ] {
        let run = world
            .run(&[arguments, &["--columns", "colour"]].concat())
            .await;
        assert_eq!(run.code, 1, "{run:?}");
        let wanted = format!("{done}, but the result is not shown: cannot print the column");
        assert!(run.stderr.contains(&wanted), "{run:?}");
    }
    // What can be known before is reported before.
    for arguments in [
        &["outcomes", "push", &outcomes][..],
        &["scorecards", "apply", &scorecards, "--yes"],
    ] {
        let before = world.sandbox.requests().len();
        let run = world.run(&[arguments, &["--jq", "["]].concat()).await;
        assert_eq!(run.code, 64, "{run:?}");
        let requests = world.sandbox.requests();
        assert!(
            requests[before..].iter().all(|it| it.method == "GET"),
            "{run:?}"
        );
    }
}

#[tokio::test]
async fn an_update_without_a_property_is_not_sent() {
    let world = World::new().await;
    let rule = world.rule("R").await;
    let run = world.run(&["rules", "update", &rule]).await;
    assert_eq!(run.code, 64, "{run:?}");
    assert!(run.stderr.contains("no property is given"), "{run:?}");
    assert!(world.sandbox.requests().iter().all(|it| it.method != "PUT"));
}

#[tokio::test]
async fn the_value_of_a_boolean_flag_is_explained() {
    let world = World::new().await;
    for format in ["table", "json"] {
        let flags = ["--filter-rule-enabled", "false", "-o", format];
        let run = world.run(&[&["rules", "list"], &flags[..]].concat()).await;
        assert_eq!(run.code, 64, "{run:?}");
        assert!(run.stderr.contains("--FLAG=false"), "{run:?}");
    }
}
