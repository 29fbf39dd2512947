//! The formats of the output, in snapshots.

use serde_json::Value;

use crate::world::World;

async fn rules(world: &World, flags: &[&str]) -> String {
    let list = ["rules", "list"];
    world.run(&[&list[..], flags].concat()).await.ok()
}

async fn two_rules() -> World {
    let world = World::new().await;
    world.rule("=HYPERLINK(\"http://x\")").await;
    let second = [
        "rules",
        "create",
        "--name",
        "Logs, \"quoted\"",
        "--level",
        "2",
    ];
    let rest = ["--scorecard-name", "Observability", "--enabled=false"];
    world.run(&[&second[..], &rest].concat()).await.ok();
    world
}

#[tokio::test]
async fn every_format() {
    let world = two_rules().await;
    for format in ["table", "json", "jsonl", "yaml", "csv", "name"] {
        let page = rules(&world, &["-o", format]).await;
        insta::assert_snapshot!(format!("page-{format}"), page);
        let all = rules(&world, &["-o", format, "--all"]).await;
        insta::assert_snapshot!(format!("all-{format}"), all);
    }
}

#[tokio::test]
async fn an_empty_list_is_empty_in_every_format() {
    let world = World::new().await;
    for (format, expected) in [
        ("table", ""),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("yaml", "[]\n"),
        ("csv", ""),
        ("name", ""),
    ] {
        assert_eq!(
            rules(&world, &["-o", format, "--all"]).await,
            expected,
            "{format}"
        );
    }
    // A table without rows would look like a command that did nothing.
    let list = ["rules", "list", "--all"];
    let said = world.run(&list).await.stderr;
    assert_eq!(said, "nothing to show: the list is empty\n");
    let quiet = world.run(&[&list[..], &["--quiet"]].concat()).await;
    assert_eq!(quiet.stderr, "");
}

#[tokio::test]
async fn a_cell_of_csv_is_not_a_formula() {
    let world = World::new().await;
    let names = [
        "=1",
        "+1",
        "-1",
        "@a",
        "\u{ff1d}1",
        "\u{ff20}a",
        "\t=1",
        "1=1",
    ];
    for name in names {
        world.rule(name).await;
    }
    let csv = rules(&world, &["--columns", "name", "-o", "csv"]).await;
    let cells = [
        "'=1",
        "'+1",
        "'-1",
        "'@a",
        "'\u{ff1d}1",
        "'\u{ff20}a",
        " =1",
        "1=1",
    ];
    assert_eq!(csv, format!("name\n{}\n", cells.join("\n")));
}

#[tokio::test]
async fn yaml_has_any_value() {
    let world = two_rules().await;
    for (filter, expected) in [
        ("[]", "[]\n"),
        ("{}", "{}\n"),
        ("null", "null\n"),
        ("\"yes\"", "\"yes\"\n"),
        ("\"a\\nb\"", "\"a\\nb\"\n"),
        ("[[1], {\"a\": [true]}]", "-\n  - 1\n- a:\n    - true\n"),
    ] {
        assert_eq!(
            rules(&world, &["--jq", filter, "-o", "yaml"]).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn json_is_what_the_server_sent() {
    let world = two_rules().await;
    let text = rules(&world, &["-o", "json"]).await;
    let page: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(page["data"][1]["attributes"]["name"], "Logs, \"quoted\"");
    let all: Value =
        serde_json::from_str(&rules(&world, &["-o", "json", "--all"]).await).expect("JSON");
    assert_eq!(all, page["data"]);
    let lines = rules(&world, &["-o", "jsonl"]).await;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(Value::from(lines), page["data"]);
}

#[tokio::test]
async fn columns_are_chosen() {
    let world = two_rules().await;
    let table = rules(&world, &["--columns", "level,name"]).await;
    assert_eq!(table.lines().next(), Some("LEVEL  NAME"));
    let csv = rules(&world, &["--columns", "enabled,level", "-o", "csv"]).await;
    assert_eq!(csv, "enabled,level\ntrue,\nfalse,2\n");
    let wrong = world
        .run(&["rules", "list", "--columns", "id,colour"])
        .await;
    assert_eq!(wrong.code, 64, "{wrong:?}");
    assert!(wrong.stderr.contains("scorecard_name"), "{wrong:?}");
    let json = world
        .run(&["rules", "list", "--columns", "id", "-o", "json"])
        .await;
    assert_eq!(json.code, 64, "{json:?}");
}

#[tokio::test]
async fn jq_filters_pages_and_items() {
    let world = two_rules().await;
    let names = ["--jq", ".data[].attributes.name"];
    let expected = "=HYPERLINK(\"http://x\")\nLogs, \"quoted\"\n";
    assert_eq!(rules(&world, &names).await, expected);
    let items = [
        "--all",
        "--jq",
        "select(.attributes.level == 2) | .attributes.name",
    ];
    assert_eq!(rules(&world, &items).await, "Logs, \"quoted\"\n");
    let items = ["--all", "--jq", "{level: .attributes.level}", "-o", "jsonl"];
    assert_eq!(
        rules(&world, &items).await,
        "{\"level\":null}\n{\"level\":2}\n"
    );
    let regular = [
        "--jq",
        "[.data[].attributes.name | test(\"^Logs\")]",
        "-o",
        "jsonl",
    ];
    assert_eq!(rules(&world, &regular).await, "[false,true]\n");
    for wrong in [".data[", "nothing_of_this_name"] {
        let run = world.run(&["rules", "list", "--jq", wrong]).await;
        assert_eq!(run.code, 64, "{run:?}");
    }
    let run = world.run(&["rules", "list", "--jq", ".data + 1"]).await;
    assert_eq!(run.code, 1, "{run:?}");
}

#[tokio::test]
async fn jq_sees_no_credentials_and_sets_no_exit_code() {
    let world = two_rules().await;
    for filter in ["env", "$ENV", "halt", "halt(0)", "halt_error"] {
        let run = world.run(&["rules", "list", "--jq", filter]).await;
        assert_eq!(run.code, 64, "{filter} {run:?}");
        assert!(run.stderr.contains("unknown: "), "{run:?}");
    }
    let run = world.run(&["rules", "list", "--jq", "nan"]).await;
    assert!(run.stderr.contains("is not JSON"), "{run:?}");
}

#[tokio::test]
async fn rows_without_an_id_have_a_name_and_numbers_have_columns() {
    let world = two_rules().await;
    let outcome = "service,rule,state\ncheckout,=HYPERLINK(\"http://x\"),pass\n";
    let outcomes = world.file("outcomes.csv", outcome);
    world.run(&["outcomes", "push", &outcomes]).await.ok();
    let scores = world
        .run(&["scores", "--by", "service", "-o", "name"])
        .await;
    assert_eq!(scores.ok(), "checkout\n");
    let declared = "scorecards:\n  - name: New\n    rules: [{name: Logs}]\n";
    let file = world.file("new.yaml", declared);
    let plan = world
        .run(&["scorecards", "plan", &file, "-o", "name"])
        .await;
    assert_eq!(plan.ok(), "New/Logs\n");
    let project = ["projects", "create", "--name", "Platform", "--key", "PLAT"];
    world.run(&project).await.ok();
    let create = ["cases", "create", "--title", "A", "--project", "PLAT"];
    let create = [&create[..], &["--type-id", "Standard"]].concat();
    world.run(&create).await.ok();
    let count = ["cases", "count", "--group-bys", "status"];
    let table = world.run(&count).await.ok();
    assert!(table.contains("GROUPS"), "{table}");
    assert!(table.contains("\"count\":1"), "{table}");
}

#[tokio::test]
async fn an_error_of_a_filter_does_not_quote_the_response() {
    let world = two_rules().await;
    let run = world.run(&["rules", "list", "--jq", ".data.foo"]).await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.len() < 400, "{run:?}");
}

#[tokio::test]
async fn a_page_of_a_longer_list_says_so() {
    let world = two_rules().await;
    let page = world.run(&["rules", "list", "--page-size", "1"]).await;
    assert!(page.stderr.contains("this is one page"), "{page:?}");
    for flags in [
        &["--all"][..],
        &["--page-size", "2"],
        &["--quiet", "--page-size", "1"],
    ] {
        let whole = world.run(&[&["rules", "list"], flags].concat()).await;
        assert_eq!(whole.stderr, "", "{whole:?}");
    }
}
