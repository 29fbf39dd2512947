//! `scorekit sandbox`: a sandbox that is started and steered with the binary.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::world::{World, bare, run, run_with_input};

/// Runs a command with JSON as its output.
async fn steered(world: &World, words: &str) -> Value {
    let words: Vec<&str> = words.split(' ').chain(["-o", "json"]).collect();
    world.run(&[&["sandbox"], &words[..]].concat()).await.json()
}

#[tokio::test]
async fn a_running_sandbox_is_steered() {
    let world = World::new().await;
    let seed = json!({ "rules": [{
        "id": "on-call",
        "attributes": { "name": "Has on-call", "scorecard_name": "Production" },
    }] });
    let file = world.file("seed.json", &seed.to_string());
    let created = steered(&world, &format!("seed {file}")).await;
    assert_eq!(created, json!({ "created": { "rules": 1 } }));
    steered(&world, "snapshot save before").await;

    let fault = steered(&world, "fault add ListScorecardRules:status=503,count=1").await;
    assert_eq!(fault["id"], 1);
    world.run(&["rules", "list", "-o", "name"]).await.ok();
    let listed = steered(&world, "fault list").await;
    assert_eq!(listed["faults"][0]["applied"], 1);
    let requests = steered(&world, "requests --status 5xx --faulty").await;
    assert_eq!(
        (&requests["total"], &requests["requests"][0]["status"]),
        (&1.into(), &503.into())
    );
    let keys = world.sandbox.credentials();
    let shown = requests.to_string();
    assert!(
        shown.contains("(hidden)") && !shown.contains(keys.api_key),
        "{shown}"
    );
    let retries = steered(&world, "requests --operation ListScorecardRules --after 1").await;
    assert_eq!(retries["requests"][0]["retry_of"], 1);
    steered_quietly(&world, "fault remove 1").await;
    steered_quietly(&world, "requests --clear").await;
    assert_eq!(world.sandbox.requests(), []);

    assert_eq!(steered(&world, "latency 5ms").await["latency"], "5ms");
    assert_eq!(steered(&world, "latency").await["latency"], "5ms");
    steered(&world, "limit add limit=1000,period=60s").await;
    assert_eq!(
        steered(&world, "limit list").await["rate_limits"][0]["id"],
        1
    );
    steered_quietly(&world, "limit clear").await;
    let advanced = steered(&world, "clock advance 1h").await;
    assert_eq!(advanced["time"], "2026-01-31T09:30:00.000Z");
    let set = steered(&world, "clock set 2026-02-01T00:00:00Z").await;
    assert_eq!(
        set,
        json!({ "time": "2026-02-01T00:00:00.000Z", "frozen": true })
    );

    world.rule("Another").await;
    let diff = steered(&world, "snapshot diff before").await;
    assert_eq!(diff["created"].as_array().map(Vec::len), Some(1));
    steered_quietly(&world, "snapshot restore before").await;
    assert_eq!(
        world.run(&["rules", "list", "-o", "name"]).await.ok(),
        "on-call\n"
    );
    steered_quietly(&world, "reset").await;
    assert_eq!(world.run(&["rules", "list", "-o", "name"]).await.ok(), "");
    assert_eq!(steered(&world, "latency").await["latency"], "0s");
    let table = world.run(&["sandbox", "snapshot", "list"]).await.ok();
    assert!(table.starts_with("NAME"), "{table}");
}

/// Runs a command without an output.
async fn steered_quietly(world: &World, words: &str) {
    let words: Vec<&str> = words.split(' ').collect();
    let run = world.run(&[&["sandbox"], &words[..]].concat()).await;
    assert_eq!(run.stdout, "", "{run:?}");
    assert_eq!(run.code, 0, "{run:?}");
}

#[tokio::test]
async fn a_sandbox_is_found_by_flag_environment_and_profile() {
    let world = World::new().await;
    let health = ["sandbox", "health", "-o", "jsonl"];
    // No credentials are needed or sent.
    let url = world.sandbox.url();
    let flag = [&health[..], &["--url", &url]].concat();
    run(world.bare(&flag)).await.ok();
    let mut variable = world.bare(&health);
    variable.env("SCOREKIT_BASE_URL", &url);
    run(variable).await.ok();
    world.file(
        "config.toml",
        &format!("[profiles.test]\nbase_url = \"{url}\"\n"),
    );
    let profile = [&health[..], &["--profile", "test"]].concat();
    run(world.bare(&profile)).await.ok();
    // A flag wins.
    let elsewhere = [&profile[..], &["--url", "http://127.0.0.1:1"]].concat();
    let missing = run(world.bare(&elsewhere)).await;
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(
        missing.stderr.contains("scorekit sandbox start"),
        "{missing:?}"
    );
    let wrong = [
        "sandbox",
        "fault",
        "add",
        "ListScorecard:reset",
        "--url",
        &url,
    ];
    let wrong = run(world.bare(&wrong)).await;
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(
        wrong.stderr.contains("did you mean `ListScorecards`?"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn a_started_sandbox_prints_its_configuration() {
    let directory = tempfile::tempdir().expect("a directory");
    let start = ["sandbox", "start", "--port", "0", "--json", "--seed", "-"];
    let more = [
        "--clock",
        "2026-01-31T08:30:00Z",
        "--fault",
        "GetProjects:reset",
    ];
    let mut command = bare(directory.path(), &[&start[..], &more].concat());
    let seed = directory.path().join("seed.json");
    std::fs::write(&seed, r#"{"rules":[]}"#).expect("a file");
    let input = std::fs::File::open(seed).expect("a file");
    command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut sandbox = command.spawn().expect("the binary runs");
    let stdout = sandbox.stdout.take().expect("a pipe");
    let line = BufReader::new(stdout)
        .lines()
        .next_line()
        .await
        .expect("output");
    let config: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
    let url = config["url"].as_str().expect("an address");
    assert_eq!(config["variables"]["SCOREKIT_BASE_URL"], url);

    let same = ["sandbox", "config", "-o", "json", "--url", url];
    assert_eq!(run(bare(directory.path(), &same)).await.json(), config);
    let health = ["sandbox", "health", "-o", "json", "--url", url];
    let health = run(bare(directory.path(), &health)).await.json();
    assert_eq!(health["time"], "2026-01-31T08:30:00.000Z");
    assert_eq!(health["faults"], 1);
    let seed = ["sandbox", "seed", "-", "--url", url];
    let seeded = run_with_input(bare(directory.path(), &seed), r#"{"rulez":[]}"#).await;
    assert_ne!(seeded.code, 0, "{seeded:?}");
    assert!(seeded.stderr.contains("rulez"), "{seeded:?}");
    sandbox.kill().await.expect("it ends");
}
