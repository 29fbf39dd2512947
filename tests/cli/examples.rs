//! The example in `--help` of every command runs, in a shell, against a sandbox.

use std::process::Stdio;

use scorekit_test_support::{DocumentedOperation, bundle, documented_operations};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::help::commands;
use crate::world::{Run, World, run, search_path};

/// The commands that run until Ctrl-C, or that need an account.
const NOT_RUN: [&str; 3] = ["sandbox start", "auth login", "auth status"];

/// Returns the example of the request body of the operation with this method and path.
fn body(operations: &[DocumentedOperation], description: &str) -> Option<Value> {
    let operation = operations.iter().find(|operation| {
        let method = operation.method.to_uppercase();
        description.contains(&format!("\n{method} {}\n", operation.path))
    })?;
    let media = &operation.object["requestBody"]["content"]["application/json"];
    let examples = media["examples"].as_object();
    let first = examples.and_then(|examples| Some(&examples.values().next()?["value"]));
    Some(media.get("example").or(first)?.clone())
}

/// Replaces the words that stand for an identifier, such as `CASE_ID`, with an identifier.
fn filled(line: &str) -> String {
    let is_placeholder = |word: &str| {
        let is_name = word.chars().all(|it| it.is_ascii_uppercase() || it == '_');
        is_name && (word.ends_with("_ID") || word.ends_with("_UUID"))
    };
    let words = line.split(' ').map(|word| match is_placeholder(word) {
        true => "550e8400-e29b-41d4-a716-446655440000",
        false => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Runs a line of a shell with the binary in its path.
pub(crate) async fn shell(world: &World, line: &str) -> Run {
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(world.directory.path())
        .env("PATH", search_path())
        .env(
            "SCOREKIT_CONFIG",
            world.directory.path().join("config.toml"),
        )
        .env("SCOREKIT_STATE", world.directory.path().join("state"))
        .stdin(Stdio::null());
    world.add_variables(&mut command);
    run(command).await
}

#[tokio::test]
async fn every_example_is_accepted() {
    let world = World::new().await;
    world.file(
        "config.toml",
        "[profiles.default]\n[profiles.work]\nsite = \"us5\"\n",
    );
    world.rule("Tests pass").await;
    world.file(
        "outcomes.csv",
        "service,app,rule,state,result\nweb,web,Tests pass,pass,pass\n",
    );
    world.file(
        "junit.xml",
        "<testsuite name=\"web\"><testcase name=\"a\"/></testsuite>",
    );
    world.file("seed.json", r#"{"rules": []}"#);
    let operations = documented_operations(&bundle());
    let (mut accepted, mut not_found, mut wrong) = (0, 0, Vec::new());
    for command in commands().await {
        let path = command["command"].as_str().expect("a path");
        if NOT_RUN.contains(&path) {
            continue;
        }
        let description = command["description"].as_str().unwrap_or_default();
        let body = body(&operations, description).unwrap_or(json!({}));
        world.file("body.json", &body.to_string());
        let examples = command["examples"].as_str().expect("examples");
        let examples = examples.replace("\\\n", "");
        let lines = examples.lines().map(str::trim);
        for line in lines.filter(|line| line.starts_with("scorekit ")) {
            let run = shell(&world, &filled(line)).await;
            // The sandbox looks for the thing after it has checked the request.
            let missing = [": 404 Not Found", ": there is no rule"];
            let is_missing = run.code == 1 && missing.iter().any(|it| run.stderr.contains(it));
            match (run.code, is_missing) {
                (0, _) => accepted += 1,
                (_, true) => not_found += 1,
                _ => wrong.push(format!("{line}\n{run:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted > 30 && not_found > 10, "{accepted} {not_found}");
}

#[tokio::test]
async fn the_demo_runs() {
    let world = World::new().await;
    let run = run(world.bare(&["demo"])).await;
    assert_eq!(run.code, 0, "{run:?}");
    // Ids and keys are random.
    let mut text = run.stdout;
    for id in text.clone().lines().filter(|line| line.len() > 15) {
        if !id.contains(' ') {
            text = text.replace(id, "ID");
        }
    }
    // Both rules are created at the same time, so either can be the first of the list.
    let [first, second] = [
        "On call  Production      sre\n",
        "Runbook  Production      web\n",
    ];
    let text = text.replace(&format!("{second}{first}"), &format!("{first}{second}"));
    let (text, path) = text.split_once("http://127.0.0.1:").expect("an address");
    let path = path.trim_start_matches(|letter: char| letter.is_ascii_digit());
    insta::assert_snapshot!(format!("{text}http://127.0.0.1:PORT{path}"));
    for part in [
        "below 0.8: checkout (0.5)",
        "done: close 1",
        "$ cat outcomes.csv",
    ] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}
