//! `report`: groups, formats, and the comparison with an earlier report.

use serde_json::{Value, json};

use crate::platform::platform;
use crate::world::World;

async fn report(world: &World, arguments: &[&str]) -> String {
    let arguments = [&["report"][..], arguments].concat();
    world.run(&arguments).await.ok()
}

fn group(team: &str, service: &str, pass: u32, fail: u32) -> Value {
    json!({ "team": team, "service": service, "pass": pass, "fail": fail, "skip": 0 })
}

/// Returns an earlier report, in which `mail` was better, `api` has a team of its own, and `old`
/// is a service.
fn earlier(world: &World) -> String {
    let report = json!({
        "generated_at": "2026-01-01T00:00:00Z",
        "group_by": ["team", "service"],
        "total": { "pass": 3, "fail": 1, "skip": 0 },
        "scorecards": [{ "scorecard": "Production", "pass": 1, "fail": 1, "skip": 0 }],
        "teams": [],
        "groups": [
            group("sre", "mail", 1, 0), group("sre", "api", 1, 1), group("sre", "web", 0, 1),
            group("platform", "api", 1, 0), group("sre", "old", 1, 1),
        ],
    });
    world.file("earlier.json", &report.to_string())
}

#[tokio::test]
async fn outcomes_are_counted_by_any_dimension() {
    let world = platform().await;
    insta::assert_snapshot!("groups-table", report(&world, &[]).await);
    let by_rule = ["--group-by", "scorecard,rule,level", "-o", "csv"];
    insta::assert_snapshot!("groups-csv", report(&world, &by_rule).await);
    let teams = world.file("teams.yaml", "services:\n  web: shop\n  api: shop\n");
    let by_team = ["--group-by", "team", "--teams", &teams, "-o", "csv"];
    assert_eq!(
        report(&world, &by_team).await,
        "team,score,pass,fail,skip\nsre,0.0,0,1,1\nshop,0.8333,5,1,0\n"
    );
    let data: Value = serde_json::from_str(&report(&world, &["-o", "json"]).await).expect("JSON");
    assert_eq!(data["total"]["score"], 0.7143);
    assert_eq!(data["services"], 3);
    assert_eq!(data["rules"], 3);
    assert_eq!(data["scorecards"][0]["scorecard"], "Production");
}

#[tokio::test]
async fn changes_since_an_earlier_report_are_shown() {
    let world = platform().await;
    let since = earlier(&world);
    let table = report(&world, &["--since", &since]).await;
    insta::assert_snapshot!("since-table", table);
    let csv = report(&world, &["--since", &since, "-o", "csv"]).await;
    insta::assert_snapshot!("since-csv", csv);
    let markdown = report(&world, &["--since", &since, "-o", "md"]).await;
    let (markdown, time) = markdown.split_once("Written at").expect("a time");
    assert!(time.starts_with(" 2"), "{time}");
    insta::assert_snapshot!("since-markdown", markdown);
    // A report is its own earlier report.
    let now = report(&world, &["-o", "json"]).await;
    let now = world.file("now.json", &now);
    let same = report(&world, &["--since", &now, "-o", "json"]).await;
    let same: Value = serde_json::from_str(&same).expect("JSON");
    assert_eq!(same["gone"], json!([]));
    for group in same["groups"].as_array().expect("groups") {
        let no_score = group["score"].is_null();
        assert_eq!(group["change"].is_null(), no_score, "{group}");
        assert!(no_score || group["change"] == 0.0, "{group}");
    }
}

#[tokio::test]
async fn the_page_escapes_what_the_server_sent() {
    let world = platform().await;
    let hostile = r#"</td><script>alert("x")</script><img src=x onerror='y'>&amp;"#;
    let body = json!({ "data": { "type": "rule", "attributes": {
        "name": hostile, "scorecard_name": hostile, "owner": hostile, "enabled": true,
    } } });
    let body = world.file("rule.json", &body.to_string());
    let create = ["rules", "create", "--body", &body, "-o", "name"];
    let rule = world.run(&create).await.ok();
    let line = json!({ "service": hostile, "rule": rule.trim(), "state": "fail" });
    let lines = world.file("outcomes.jsonl", &line.to_string());
    world.run(&["outcomes", "push", &lines]).await.ok();
    let since = earlier(&world);
    let title = ["--title", hostile, "--since", &since, "-o", "html"];
    let page = report(&world, &title).await;
    let (head, script) = page.split_once("<script>").expect("a script");
    // The only script is that of the page, and no element or attribute comes from the server.
    assert!(!head.contains("<img") && !script.contains("<img"), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert!(head.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
    assert!(head.contains("onerror=&#39;y&#39;&gt;&amp;amp;"), "{head}");
    // It loads nothing.
    assert!(head.contains("default-src 'none'"));
    assert!(!page.contains("http://") && !page.contains("https://"));
    for part in [
        "Worse (1)",
        "Better (1)",
        "Without outcomes now (1)",
        "▼ -100.0",
    ] {
        assert!(head.contains(part), "{part} in {head}");
    }
    let csv = report(&world, &["--group-by", "rule", "-o", "md"]).await;
    assert!(!csv.contains("<script") && !csv.contains("<img"), "{csv}");
}

#[tokio::test]
async fn a_formula_in_a_name_is_text() {
    let world = platform().await;
    let line = json!({ "service": "=HYPERLINK(1)", "rule": "Owner", "state": "fail" });
    let lines = world.file("outcomes.jsonl", &line.to_string());
    world.run(&["outcomes", "push", &lines]).await.ok();
    let csv = report(&world, &["--group-by", "service", "-o", "csv"]).await;
    assert!(csv.contains("\n'=HYPERLINK(1),0.0,0,1,0\n"), "{csv}");
}

#[tokio::test]
async fn what_cannot_be_reported_is_named() {
    let world = platform().await;
    let since = earlier(&world);
    let other = ["report", "--since", &since, "--group-by", "service"];
    let other = world.run(&other).await;
    assert_eq!(other.code, 64, "{other:?}");
    assert!(
        other.stderr.contains("add --group-by team,service"),
        "{other:?}"
    );
    let teams = world.file("teams.yaml", "team: {}\n");
    for wrong in [
        &["report", "--group-by", "colour"][..],
        &["report", "--teams", &teams],
        &["report", "--teams", "missing.yaml"],
        &["report", "--since", &teams],
        &["report", "-o", "html", "--jq", ".total"],
        &["report", "--target", "2"],
        &["rules", "list", "-o", "html"],
    ] {
        let run = world.run(wrong).await;
        assert_eq!(run.code, 64, "{wrong:?} {run:?}");
    }
}

#[tokio::test]
async fn changes_are_percentage_points() {
    // The passes and failures before and now, and the change.
    let rows = [
        (None, [1, 0], "new"),
        (Some([1, 1]), [1, 1], "0"),
        (Some([1, 1]), [5, 3], "+12.5"),
        (Some([1, 0]), [0, 1], "-100.0"),
        (Some([2, 1]), [1, 2], "-33.3"),
        (Some([0, 0]), [1, 0], "0"),
        (Some([99_999, 1]), [1, 0], "0"),
        (Some([9_997, 3]), [1, 0], "0"),
    ];
    let rules = (0..8).map(|number| {
        json!({ "id": format!("r{number}"), "attributes": {
            "name": format!("R{number}"), "scorecard_name": "S", "enabled": true,
        } })
    });
    let (mut outcomes, mut groups) = (Vec::new(), Vec::new());
    for (service, (before, [pass, fail], _)) in rows.iter().enumerate() {
        let states = [vec!["pass"; *pass], vec!["fail"; *fail]].concat();
        outcomes.extend(states.iter().enumerate().map(|(rule, state)| {
            json!({
                "rule_id": format!("r{rule}"), "state": state,
                "entity_reference": format!("service:s{service}"),
            })
        }));
        groups.extend(before.map(|[pass, fail]| {
            json!({ "service": format!("s{service}"), "pass": pass, "fail": fail, "skip": 0 })
        }));
    }
    let seed = json!({ "rules": rules.collect::<Vec<_>>(), "outcomes": outcomes });
    let world = World::with(scorekit_sandbox::Sandbox::builder().seed(seed)).await;
    let earlier = json!({
        "generated_at": "2026-01-01T00:00:00Z",
        "group_by": ["service"],
        "total": { "pass": 1, "fail": 1, "skip": 0 },
        "scorecards": [],
        "teams": [],
        "groups": groups,
    });
    let earlier = world.file("earlier.json", &earlier.to_string());
    let by_service = ["--group-by", "service", "--since", &earlier, "-o", "md"];
    let markdown = report(&world, &by_service).await;
    for (service, (.., change)) in rows.iter().enumerate() {
        let start = format!("| s{service} | ");
        let row = markdown.lines().find(|line| line.starts_with(&start));
        let row = row.expect("a row of the service");
        assert_eq!(row.split(" | ").nth(2), Some(*change), "{row}");
    }
}

#[tokio::test]
async fn markup_has_no_effect_in_markdown() {
    let world = World::new().await;
    let title = "a|b <img src=x> [x](http://y) @all `c`\n# d";
    let markdown = report(&world, &["--title", title, "-o", "md"]).await;
    assert_eq!(
        markdown.lines().next(),
        Some("# a\\|b &lt;img src=x&gt; \\[x\\](http&#58;//y) &#64;all \\`c\\` \\# d")
    );
}
