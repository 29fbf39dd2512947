//! `outcomes push`: every format, checks, reports, exit codes and an interrupted run.

use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::world::{World, run_with_input};

/// Returns the outcomes of the sandbox: service, state and remarks.
async fn outcomes(world: &World) -> Vec<(String, String, String)> {
    let filter = ".attributes | [.service_name, .state, .remarks // \"\"]";
    let list = ["outcomes", "list", "--all", "--jq", filter, "-o", "jsonl"];
    let text = world.run(&list).await.ok();
    let mut all: Vec<(String, String, String)> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("three texts"))
        .collect();
    all.sort();
    all
}

fn outcome(service: &str, state: &str, remarks: &str) -> (String, String, String) {
    (service.to_owned(), state.to_owned(), remarks.to_owned())
}

#[tokio::test]
async fn csv_names_rules_and_reports_a_summary() {
    let world = World::new().await;
    let id = world.rule("On call").await;
    let csv = format!(
        "service,rule,state,remarks\nweb,On call,pass,\n\
         service:api,{id},FAILED,\"no rota, yet\"\nmail,On call,skip,n/a\n"
    );
    let file = world.file("outcomes.csv", &csv);
    let check = world
        .run(&["outcomes", "push", &file, "--check", "-o", "json"])
        .await;
    assert_eq!(check.json(), json!({ "checked": 3, "wrong": 0 }));
    assert_eq!(outcomes(&world).await, []);
    let report = world
        .directory
        .path()
        .join("report.jsonl")
        .display()
        .to_string();
    let push = ["outcomes", "push", &file, "--report", &report];
    insta::assert_snapshot!(world.run(&push).await.ok());
    assert_eq!(
        outcomes(&world).await,
        [
            outcome("api", "fail", "no rota, yet"),
            outcome("mail", "skip", "n/a"),
            outcome("web", "pass", ""),
        ]
    );
    let report = std::fs::read_to_string(report).expect("a report");
    let mut lines: Vec<Value> = report
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    lines.sort_by_key(|line| line["number"].as_u64());
    assert_eq!(lines.len(), 3);
    let expected = json!({
        "number": 3, "entity": "service:api", "rule_id": id, "result": "sent",
    });
    assert_eq!(lines[1], expected);
}

#[tokio::test]
async fn every_wrong_line_is_named_and_nothing_is_sent() {
    let world = World::new().await;
    world.rule("On call").await;
    world.rule("Twice").await;
    world.rule("Twice").await;
    let csv = "service,rule,state\nweb,On call,pass\nweb,On call,fail\napi,On Call,pass\n\
               mail,On call,maybe\n,On call,pass\nshop,Twice,pass\nlast,On call\n";
    let file = world.file("outcomes.csv", csv);
    for more in [&[][..], &["--check"]] {
        let run = world
            .run(&[&["outcomes", "push", &file][..], more].concat())
            .await;
        assert_eq!(run.code, 3, "{run:?}");
        for part in [
            "line 3: an earlier one has the same entity service:web",
            "line 4: no rule has the name or id \"On Call\"; did you mean \"On call\"?",
            "line 5: the state \"maybe\" is none of pass, fail and skip",
            "line 6: it has no service",
            "line 7: 2 rules are called \"Twice\"; use the id of one",
            "line 8: it has no state",
            "6 of 7 lines are wrong; nothing was sent",
        ] {
            assert!(run.stderr.contains(part), "{part}: {run:?}");
        }
    }
    assert_eq!(outcomes(&world).await, []);
}

#[tokio::test]
async fn json_is_mapped_from_files_and_pipes() {
    let world = World::new().await;
    world.rule("On call").await;
    let lines = "{\"app\": {\"name\": \"web\"}, \"ok\": true}\n\n\
                 {\"app\": {\"name\": \"api\"}, \"ok\": false}\n";
    let map = ["--map", "service=/app/name,state=ok", "--rule", "On call"];
    let push = ["outcomes", "push", "-", "--format", "jsonl"];
    let command = world.command(&[&push[..], &map].concat());
    run_with_input(command, lines).await.ok();
    let expected = [outcome("api", "fail", ""), outcome("web", "pass", "")];
    assert_eq!(outcomes(&world).await, expected);

    let list = r#"[{"service": "web", "state": "skip"}, {"service": "shop", "state": "pass"}]"#;
    let file = world.file("outcomes.json", list);
    world
        .run(&["outcomes", "push", &file, "--rule", "On call"])
        .await
        .ok();
    let states = outcomes(&world).await;
    assert_eq!(states[1], outcome("shop", "pass", ""));
    assert_eq!(states[2], outcome("web", "skip", ""));

    for (name, content) in [
        ("a.json", "{}"),
        ("b.json", "[1"),
        ("c.txt", ""),
        ("d.xml", "<a"),
    ] {
        let file = world.file(name, content);
        let run = world
            .run(&["outcomes", "push", &file, "--rule", "On call"])
            .await;
        assert_eq!(run.code, 64, "{name}: {run:?}");
    }
}

#[tokio::test]
async fn a_junit_report_becomes_an_outcome_for_each_suite_or_service() {
    let world = World::new().await;
    world.rule("Tests pass").await;
    let report = r#"<?xml version="1.0"?>
        <testsuites>
          <testsuite name="web">
            <testcase classname="a" name="one"/>
            <testcase classname="a" name="two"><failure message="1 &lt; 2">trace</failure></testcase>
          </testsuite>
          <testsuite name="api"><testcase name="three"></testcase></testsuite>
          <testsuite name="mail"><testcase name="four"><skipped/></testcase></testsuite>
        </testsuites>"#;
    let file = world.file("junit.xml", report);
    let push = ["outcomes", "push", &file, "--rule", "Tests pass"];
    world.run(&push).await.ok();
    assert_eq!(
        outcomes(&world).await,
        [
            outcome("api", "pass", ""),
            outcome("mail", "skip", "1 of 1 skipped"),
            outcome("web", "fail", "1 of 2 failed: two: 1 &lt; 2"),
        ]
    );
    world
        .run(&[&push[..], &["--service", "all"]].concat())
        .await
        .ok();
    let all = outcomes(&world).await;
    assert_eq!(
        all[0],
        outcome("all", "fail", "1 of 4 failed: two: 1 &lt; 2")
    );
}

#[tokio::test]
async fn a_sarif_report_becomes_an_outcome_for_each_rule() {
    let world = World::new().await;
    for rule in ["no-secrets", "no-eval", "style"] {
        world.rule(rule).await;
    }
    let report = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "scan", "rules": [
            { "id": "no-secrets" },
            { "id": "no-eval" },
            { "id": "style", "defaultConfiguration": { "level": "note" } },
        ] } },
        "results": [
            { "ruleId": "no-secrets", "message": { "text": "key in a.rs" } },
            { "ruleIndex": 1, "message": { "text": "x" }, "suppressions": [{ "kind": "inSource" }] },
            { "ruleId": "style", "message": { "text": "long line" } },
        ],
    }] });
    let file = world.file("scan.sarif", &report.to_string());
    let without = world.run(&["outcomes", "push", &file]).await;
    assert_eq!(without.code, 3, "{without:?}");
    assert!(without.stderr.contains("--service"), "{without:?}");
    world
        .run(&["outcomes", "push", &file, "--service", "web"])
        .await
        .ok();
    assert_eq!(
        outcomes(&world).await,
        [
            outcome("web", "fail", "1 of 1 failed: no-secrets: key in a.rs"),
            outcome("web", "pass", ""),
            outcome("web", "pass", ""),
        ]
    );
}

#[tokio::test]
async fn lines_that_fail_decide_the_exit_code() {
    // Without a status that is tried again, so the test waits for nothing.
    let fault = "UpdateScorecardOutcomes:status=400"
        .parse()
        .expect("a fault");
    let world = World::with(Sandbox::builder().fault(fault)).await;
    world.rule("On call").await;
    let file = world.file("outcomes.csv", "service,state\nweb,pass\napi,fail\n");
    let push = ["outcomes", "push", &file, "--rule", "On call"];
    let failed = world.run(&push).await;
    assert_eq!(failed.code, 3, "{failed:?}");
    assert!(failed.stderr.contains("line 2: service:web"), "{failed:?}");
    for (fail_on, code) in [("none", 0), ("99%", 3), ("100", 0), ("many", 64)] {
        let run = world
            .run(&[&push[..], &["--fail-on", fail_on]].concat())
            .await;
        assert_eq!(run.code, code, "{fail_on}: {run:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_push_is_resumed() {
    use std::process::Stdio;

    // The first requests pass, and then the server is slow.
    let mut sandbox = Sandbox::builder();
    for fault in ["delay=1ms,count=6", "delay=600s"] {
        let fault = format!("UpdateScorecardOutcomes:{fault}");
        sandbox = sandbox.fault(fault.parse().expect("a fault"));
    }
    let world = World::with(sandbox).await;
    world.rule("On call").await;
    let mut csv = "service,state\n".to_owned();
    for number in 0..1500 {
        csv.push_str(&format!("s{number},pass\n"));
    }
    let file = world.file("outcomes.csv", &csv);
    let push = [
        "outcomes", "push", &file, "--rule", "On call", "--resume", "-o", "json",
    ];
    let mut command = world.command(&push);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    let sent = |world: &World| {
        let requests = world.sandbox.requests();
        requests.iter().filter(|it| it.status == 202).count()
    };
    let waiting = |world: &World| {
        let requests = world.sandbox.requests();
        requests
            .iter()
            .filter(|it| it.method == "POST" && it.status == 0)
            .count()
    };
    while sent(&world) < 6 || waiting(&world) < 4 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    crate::world::signal(&child, "-INT").await;
    let first = crate::world::Run::of(child.wait_with_output().await.expect("it ends"));
    assert_eq!(first.code, 130, "{first:?}");
    assert!(
        first.stderr.contains("600 of 1500 outcomes were sent"),
        "{first:?}"
    );
    world.sandbox.clear_faults();
    let second = world.run(&push).await.json();
    assert_eq!(second["already_sent"], 600);
    assert_eq!(second["sent"], 900);
    assert_eq!(outcomes(&world).await.len(), 1500);
}

#[tokio::test]
async fn each_request_is_printed_with_verbose_and_failures_also_with_quiet() {
    let fault = "UpdateScorecardOutcomes:status=503,retry-after=0s,count=1";
    let fault = fault.parse().expect("a fault");
    let world = World::with(Sandbox::builder().fault(fault)).await;
    world.rule("On call").await;
    let file = world.file("outcomes.csv", "service,rule,state\nweb,On call,pass\n");
    let run = world.run(&["outcomes", "push", &file, "-v"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "> GET http://127.0.0.1:",
        "< GET /api/v2/scorecard/rules: 200 OK, attempt 1, ",
        "> POST http://127.0.0.1:",
        "< POST /api/v2/scorecard/outcomes: 503 Service Unavailable, attempt 1, ",
        "< POST /api/v2/scorecard/outcomes: 202 Accepted, attempt 2, ",
    ] {
        assert!(run.stderr.contains(line), "{line}: {run:?}");
    }
    let fault = "UpdateScorecardOutcomes:status=400"
        .parse()
        .expect("a fault");
    world.sandbox.add_fault(fault).expect("a fault");
    let run = world.run(&["outcomes", "push", &file, "--quiet"]).await;
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("line 2: service:web, rule "), "{run:?}");
}

#[tokio::test]
async fn input_without_outcomes_is_no_silent_success() {
    let world = World::new().await;
    world.rule("On call").await;
    for (name, content, expected) in [
        ("a.xml", "<html><body/></html>", "it begins with <html>"),
        ("b.xml", "<html/>", "it begins with <html>"),
        (
            "a.csv",
            "service;rule;state\na;On call;pass\n",
            "separated by semicolons",
        ),
        ("b.csv", "service\trule\tstate\n", "separated by tabs"),
        (
            "c.csv",
            "service,rule,state,service\na,On call,pass,b\n",
            "several columns \"service\"",
        ),
    ] {
        let file = world.file(name, content);
        let push = ["outcomes", "push", &file, "--rule", "On call"];
        let run = world.run(&push).await;
        assert_eq!(run.code, 64, "{name} {run:?}");
        assert!(run.stderr.contains(expected), "{name} {run:?}");
    }
    for (name, content) in [
        ("c.xml", "<?xml version=\"1.0\"?><!-- none --><testsuites/>"),
        ("d.csv", "service,rule,state,other,other\n"),
        ("e.csv", ""),
        ("a.json", "[]"),
    ] {
        let file = world.file(name, content);
        let run = world
            .run(&["outcomes", "push", &file, "--rule", "On call"])
            .await;
        assert_eq!(run.code, 0, "{name} {run:?}");
        assert!(
            run.stderr.contains("the input has no outcomes"),
            "{name} {run:?}"
        );
    }
}
