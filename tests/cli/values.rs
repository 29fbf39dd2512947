//! Wrong values of flags: the message has the value, the cause and what is possible.

use std::process::Stdio;

use futures_util::StreamExt as _;
use serde_json::Value;

use crate::help::commands;
use crate::world::{Run, World, run};

/// The names of values that may be any text, or that only the server knows.
const ANY: [&str; 23] = [
    "TEXT",
    "NAME",
    "NAMES",
    "FILE",
    "KEY",
    "ID",
    "UUID",
    "QUERY",
    "LINK",
    "URL",
    "DIRECTORY",
    "JOURNAL",
    "PATH",
    "SETTING",
    "VALUE",
    "FAULT",
    "LIMIT",
    "DURATION",
    "METHOD",
    "CASE",
    "PART",
    "PLAN",
    "FIELD=COLUMN,…",
];

/// Clap's words for a value that it cannot read, which do not say what is possible.
const UNHELPFUL: [&str; 5] = [
    "invalid digit found",
    "invalid float",
    "invalid IP",
    "is not in",
    "non-zero type",
];

/// Returns the words that set a flag.
fn set(flag: &Value, value: &str) -> Vec<String> {
    let name = flag["name"].as_str().expect("a name");
    match flag["is_positional"] == true {
        true => vec![value.to_owned()],
        false => vec![format!("--{name}={value}")],
    }
}

/// Returns a value that a required flag takes.
fn good(flag: &Value) -> String {
    let first = flag["values"][0].as_str();
    match flag["value"].as_str() {
        Some("NUMBER" | "INTEGER") => "1".to_owned(),
        Some("DATE" | "TIME") => "2026-01-31".to_owned(),
        _ => first.unwrap_or("x").to_owned(),
    }
}

/// Returns a line for each flag that does not take every text: with a wrong value for it, and with
/// the other flags that the command requires.
async fn lines() -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for command in commands().await {
        let path = command["command"].as_str().expect("a path");
        let flags = command["flags"].as_array().expect("flags");
        for (index, wrong) in flags.iter().enumerate() {
            let value = wrong["value"].as_str().unwrap_or("TEXT");
            let has_values = wrong["values"].as_array().is_some_and(|it| !it.is_empty());
            if wrong["takes_value"] != true || (ANY.contains(&value) && !has_values) {
                continue;
            }
            // A placeholder such as DATASET_ID is the name of a path parameter.
            let is_path = wrong["is_positional"] == true && value.contains('_');
            if is_path && !has_values {
                continue;
            }
            let mut line: Vec<String> = path.split(' ').map(str::to_owned).collect();
            for (other, flag) in flags.iter().enumerate() {
                if other == index {
                    line.extend(set(flag, "lots"));
                } else if flag["is_required"] == true {
                    line.extend(set(flag, &good(flag)));
                }
            }
            lines.push(line);
        }
    }
    lines
}

async fn run_without_input(world: &World, line: &[String]) -> Run {
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let mut command = world.command(&line);
    command.stdin(Stdio::null());
    run(command).await
}

#[tokio::test]
async fn every_wrong_value_is_named_with_the_cause_and_what_is_possible() {
    let world = World::new().await;
    world.file("x", "service,rule,state\n");
    let mut lines = lines().await;
    assert!(lines.len() > 50, "{}", lines.len());
    let by_hand = [
        "outcomes push x --format csv --fail-on lots",
        "outcomes push x --format csv --fail-on 5%%",
        "outcomes push x --format csv --report -",
        "scorecards plan x --out -",
        "outcomes push x --format csv --map lots",
        "outcomes push x --format csv --map lots=a",
        "outcomes push x --format csv --map service=",
        "scores --by team --min 2",
        "scores --by team --level 4",
        "report --target=-1",
        "rules list --timeout 0",
        "rules list --site lots",
        "rules list --base-url lots",
        "cases bulk priority lots",
        "cases bulk assign lots",
        "sandbox start --port 70000",
        "sandbox start --max-page-size 0",
        "sandbox start --latency lots",
        "sandbox start --rate-limit limit=lots",
        "sandbox start --fault lots",
        "sandbox start --fault status=99999",
        "sandbox start --fault status=503,delay=lots",
        "sandbox requests --status lots",
        "sandbox requests --method lots",
        "profile set lots x",
        "profile set site lots",
        "api GET lots",
        "api GET /lots -F lots",
        "api LO(TS) /x",
    ];
    let split = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    lines.extend(by_hand.map(split));
    let runs = futures_util::stream::iter(lines).map(|line| {
        let world = &world;
        async move { (run_without_input(world, &line).await, line) }
    });
    let wrong: Vec<String> = runs
        .buffer_unordered(4)
        .filter_map(|(run, line)| async move {
            let line = line.join(" ");
            let given = line
                .rsplit(['=', ' ', ':'])
                .find(|it| run.stderr.contains(it));
            let says_what = ["write ", "use ", "possible values", "such as", "must "];
            let is_helpful = says_what.iter().any(|it| run.stderr.contains(it))
                && !UNHELPFUL.iter().any(|it| run.stderr.contains(it));
            let is_right = run.code == 64 && given.is_some() && is_helpful;
            (!is_right).then(|| format!("{line}: {} {}", run.code, run.stderr))
        })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_wrong_value_is_explained_as_json_too() {
    let world = World::new().await;
    let help = |run: &Run| {
        let error: Value = serde_json::from_str(&run.stderr).expect("JSON");
        error["error"]["help"].as_str().expect("help").to_owned()
    };
    let run = world.run(&["scores", "--by", "colour", "-o", "json"]).await;
    assert_eq!(
        help(&run),
        "use one of team, service, rule, scorecard, kind"
    );
    let run = world
        .run(&["cases", "list", "--stats", "x", "-o", "json"])
        .await;
    assert_eq!(help(&run), "did you mean --status?");
}
