//! Plans: differences, renames, pruning, saved plans and the number of requests.

use serde_json::Value;

use super::{FILE, stable, stable_json};
use crate::world::World;

/// The rules of `FILE` with every kind of change.
const CHANGED: &str = "\
scorecards:
  - name: Production
    rules:
      - name: On-call rota
        was: On call
        level: 2
        owner: null
      - name: Runbook
        description: |
          It exists.
          It is short.
      - name: Dashboard
        level: 3
        enabled: false
  - name: Application security
    was: Security
    rules:
      - name: No secrets
campaigns:
  - key: q1
    name: Quarter
    owner: 550e8400-e29b-41d4-a716-446655440000
    start_date: 2026-01-01
    rules: [Dashboard, Application security/No secrets]
";

#[tokio::test]
async fn a_plan_shows_every_difference_and_an_apply_makes_it() {
    let world = World::new().await;
    world.apply(FILE).await.ok();
    let extra = [
        "rules",
        "create",
        "--name",
        "Old",
        "--scorecard-name",
        "Production",
    ];
    world.run(&extra).await.ok();
    let other = [
        "rules",
        "create",
        "--name",
        "Other",
        "--scorecard-name",
        "Elsewhere",
    ];
    world.run(&other).await.ok();
    world.file("changed.yaml", CHANGED);

    let without = world.code(&["plan", "changed.yaml"]).await;
    assert!(
        without
            .stderr
            .contains("1 rule in these scorecards is not in the files"),
        "{without:?}"
    );
    let plan = ["plan", "changed.yaml", "--prune"];
    let text = world.code(&plan).await.ok();
    insta::assert_snapshot!("plan-text", text);
    let json = world
        .code(&[&plan[..], &["-o", "json"]].concat())
        .await
        .ok();
    insta::assert_snapshot!("plan-json", stable_json(&world, &json));
    let columns = ["-o", "table", "--columns", "action,kind,name"];
    let table = world.code(&[&plan[..], &columns].concat()).await.ok();
    assert!(
        table.contains("update  rule      Production/On-call rota\n"),
        "{table}"
    );
    let pending = world
        .code(&[&plan[..], &["--detailed-exitcode"]].concat())
        .await;
    assert_eq!(pending.code, 2, "{pending:?}");
    let drift = world.code(&["drift", "changed.yaml"]).await;
    assert_eq!(drift.code, 2, "{drift:?}");
    let summary = "Drift: 2 missing, 3 different, 0 not in the files.\n";
    assert!(drift.stdout.ends_with(summary), "{drift:?}");

    let apply = ["apply", "changed.yaml", "--prune", "--yes", "-o", "json"];
    let applied = world.code(&apply).await.ok();
    let kept = serde_json::from_str::<Value>(&applied).expect("JSON")["kept"].clone();
    insta::assert_snapshot!("apply-json", stable_json(&world, &applied));
    let after = [
        "Application security/No secrets",
        "Elsewhere/Other",
        "Production/Dashboard",
        "Production/On-call rota",
        "Production/Runbook",
    ];
    assert_eq!(world.rules().await, after);
    assert_eq!(world.code(&["drift"]).await.code, 0);

    // What was kept undoes the changes of what existed.
    let undo = ["apply", kept.as_str().expect("a path"), "--yes"];
    let undone = world.code(&undo).await;
    assert_eq!(undone.code, 0, "{undone:?}");
    let rules = world.rules().await;
    for name in [
        "Production/Old",
        "Production/On call",
        "Security/No secrets",
    ] {
        assert!(rules.iter().any(|it| it == name), "{name}: {rules:?}");
    }
}

#[tokio::test]
async fn a_rename_keeps_the_id_also_by_id_and_between_scorecards() {
    let world = World::new().await;
    world.apply(FILE).await.ok();
    let ids = [
        "rules",
        "list",
        "--all",
        "--jq",
        "[.id, .attributes.name]",
        "-o",
        "jsonl",
    ];
    let before = world.run(&ids).await.ok();
    let id = |name: &str| {
        let mut rows = before
            .lines()
            .map(|it| serde_json::from_str::<[String; 2]>(it).expect("a row"));
        rows.find(|it| it[1] == name).expect("the rule")[0].clone()
    };
    let file = format!(
        "scorecards:\n  - name: One\n    rules:\n      - name: First\n        id: {}\n      \
         - name: Second\n        was: Production/Runbook\n",
        id("On call")
    );
    world.apply(&file).await.ok();
    assert_eq!(world.requests("DELETE"), 0);
    assert_eq!(
        world.rules().await,
        ["One/First", "One/Second", "Security/No secrets"]
    );
    let after = world.run(&ids).await.ok();
    for name in ["On call", "Runbook"] {
        assert!(after.contains(&id(name)), "{after}");
    }
    // Properties that the file does not have keep their values.
    assert!(
        world
            .code(&["export"])
            .await
            .ok()
            .contains("owner: platform")
    );
}

#[tokio::test]
async fn a_saved_plan_is_applied_only_to_the_server_that_it_was_made_from() {
    let world = World::new().await;
    world.apply(FILE).await.ok();
    world.file("changed.yaml", CHANGED);
    let save = ["plan", "changed.yaml", "--out", "plan.json"];
    world.code(&save).await.ok();
    let text = std::fs::read_to_string(world.directory.path().join("plan.json")).expect("a plan");
    assert!(
        !text.contains(world.sandbox.credentials().api_key),
        "{text}"
    );
    let extra = [
        "rules",
        "create",
        "--name",
        "Dashboard",
        "--scorecard-name",
        "Production",
    ];
    world.run(&extra).await.ok();
    let writes = world.requests("PUT") + world.requests("POST");
    let stale = world.code(&["apply", "plan.json"]).await;
    assert_eq!(stale.code, 1, "{stale:?}");
    assert!(
        stale
            .stderr
            .contains("the server has changed since: rule Production/Dashboard"),
        "{stale:?}"
    );
    assert_eq!(world.requests("PUT") + world.requests("POST"), writes);
    world.code(&save).await.ok();
    for (arguments, cause) in [
        (
            &["apply", "plan.json", "changed.yaml"][..],
            "cannot use plan.json with other files",
        ),
        (
            &["apply", "changed.yaml", "plan.json", "--yes"],
            "cannot use plan.json with other files",
        ),
        (&["plan", "plan.json"], "cannot read plan.json as a file"),
        (
            &["validate", "plan.json"],
            "cannot read plan.json as a file",
        ),
        (&["drift", "plan.json"], "cannot read plan.json as a file"),
    ] {
        let run = world.code(arguments).await;
        assert_eq!(run.code, 64, "{arguments:?}: {run:?}");
        let help = "apply it alone: `scorekit scorecards apply plan.json`";
        assert!(run.stderr.contains(cause), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(help), "{arguments:?}: {run:?}");
    }
    let more = world.code(&["apply", "plan.json", "--prune"]).await;
    assert_eq!(more.code, 64, "{more:?}");
    let applied = world.code(&["apply", "plan.json"]).await;
    assert_eq!(applied.code, 0, "{applied:?}");
    assert!(
        applied
            .stdout
            .ends_with("Applied: 1 added, 4 changed, 0 deleted.\n"),
        "{applied:?}"
    );

    let elsewhere = World::new().await;
    std::fs::copy(
        world.directory.path().join("plan.json"),
        elsewhere.directory.path().join("plan.json"),
    )
    .expect("a copy");
    let other = elsewhere.code(&["apply", "plan.json"]).await;
    assert_eq!(other.code, 64, "{other:?}");
}

#[tokio::test]
async fn lists_are_read_once_and_unchanged_rules_cost_no_request() {
    let world = World::new().await;
    let mut file = "scorecards:\n".to_owned();
    for scorecard in 0..5 {
        file.push_str(&format!("  - name: S{scorecard}\n    rules:\n"));
        for rule in 0..50 {
            file.push_str(&format!("      - name: R{rule}\n        level: 1\n"));
        }
    }
    world.apply(&file).await.ok();
    world.sandbox.clear_requests();
    world.code(&["plan", "applied.yaml"]).await.ok();
    // 250 rules are three pages. One more is requested ahead, unless the end is known before.
    let requests = world.sandbox.requests().len();
    assert!((3..=4).contains(&requests), "{requests}");
    world.sandbox.clear_requests();
    world
        .apply(&file.replacen("level: 1", "level: 2", 1))
        .await
        .ok();
    // The lists are read again at the end, to check the result, and the rule before its change.
    let reads = world.requests("GET");
    assert!((7..=9).contains(&reads), "{reads}");
    assert_eq!([world.requests("PUT"), world.requests("POST")], [1, 0]);
}

#[tokio::test]
async fn what_cannot_be_planned_is_explained() {
    let world = World::new().await;
    world.apply(super::EVERYTHING).await.ok();
    world.file("wrong.yaml", include_str!("unplannable.yaml"));
    let run = world.code(&["plan", "wrong.yaml"]).await;
    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!("unplannable", stable(&world, &run.stderr));
}

#[tokio::test]
async fn an_empty_scorecard_is_possible_with_prune_only() {
    let world = World::new().await;
    world.apply(FILE).await.ok();
    world.file(
        "empty.yaml",
        "scorecards:\n  - name: Production\n    rules: []\n",
    );
    assert_eq!(world.code(&["plan", "empty.yaml"]).await.code, 1);
    world
        .code(&["apply", "empty.yaml", "--prune", "--yes"])
        .await
        .ok();
    assert_eq!(world.rules().await, ["Security/No secrets"]);
}

#[tokio::test]
async fn what_the_server_does_not_report_is_known_after_an_apply_only() {
    let world = World::new().await;
    world.apply(super::EVERYTHING).await.ok();
    assert_eq!(world.code(&["drift", "applied.yaml"]).await.code, 0);
    let change = super::EVERYTHING.replace("options: [eu, us]", "options: [eu, us, ap]");
    let run = world.apply(&change).await;
    assert!(
        run.stdout
            .contains("options: [\"eu\",\"us\"] -> [\"eu\",\"us\",\"ap\"]"),
        "{run:?}"
    );
    assert_eq!(run.code, 0, "{run:?}");
    let state = world.directory.path().join("state");
    std::fs::remove_dir_all(state).expect("the state");
    let drift = world.code(&["drift", "applied.yaml"]).await;
    assert_eq!(drift.code, 0, "{drift:?}");
    assert!(
        drift
            .stderr
            .contains("3 things have properties that the server does not report"),
        "{drift:?}"
    );
    let plan = world.code(&["plan", "applied.yaml"]).await.ok();
    insta::assert_snapshot!("unreported", plan);
    world.apply(&change).await.ok();
    let again = world
        .code(&["plan", "applied.yaml", "--detailed-exitcode"])
        .await;
    assert_eq!(again.code, 0, "{again:?}");
}

#[tokio::test]
async fn an_export_has_a_row_for_each_thing() {
    let world = World::new().await;
    world.apply(FILE).await.ok();
    let table = world
        .code(&["export", "-o", "csv", "--columns", "kind,name"])
        .await
        .ok();
    let expected = "kind,name\nscorecard,Production\nrule,Production/On call\n\
                    rule,Production/Runbook\nscorecard,Security\nrule,Security/No secrets\n\
                    case type,Standard\n";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&table), sorted(expected));
}
