//! Applies: faults, interruptions, other processes, and questions.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use scorekit_sandbox::{RateLimit, Sandbox, SandboxBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{EVERYTHING, FILE};
use crate::world::{Run, World, signal};

fn with_faults(faults: &[&str]) -> SandboxBuilder {
    let mut sandbox = Sandbox::builder().fault_seed(7);
    for fault in faults {
        sandbox = sandbox.fault(fault.parse().expect("a fault"));
    }
    sandbox
}

/// Returns a file with this many rules in one scorecard.
fn rules(count: usize) -> String {
    let mut file = "scorecards:\n  - name: S\n    rules:\n".to_owned();
    for number in 0..count {
        file.push_str(&format!("      - name: R{number:03}\n"));
    }
    file
}

/// Starts an apply of `file.yaml`.
fn start(world: &World) -> tokio::process::Child {
    let apply = ["scorecards", "apply", "file.yaml", "--yes"];
    let mut command = world.command(&apply);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary runs")
}

/// Waits until a number of creations has succeeded.
async fn wait_for(world: &World, count: usize) {
    let created = || {
        let requests = world.sandbox.requests();
        let writes = requests.iter().filter(|it| it.method == "POST");
        writes.filter(|it| it.status == 201).count()
    };
    while created() < count {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_server_that_fails_becomes_what_the_files_declare() {
    let faults = [
        "reset,handled,probability=0.1",
        "reset,probability=0.1",
        "status=503,retry-after=0s,probability=0.2",
        "cut-off,handled,probability=0.1",
    ];
    let limit: RateLimit = "limit=40,period=1s".parse().expect("a limit");
    let world = World::with(with_faults(&faults).rate_limit(limit)).await;
    let file = format!("{EVERYTHING}---\n{}", rules(20));
    let mut codes = Vec::new();
    // Which calls fail depends on the order in which they arrive. Each run gets further.
    for _ in 0..20 {
        let run = world.apply(&file).await;
        codes.push(run.code);
        if run.code == 0 {
            break;
        }
        assert!([1, 3].contains(&run.code), "{run:?}");
    }
    world.sandbox.clear_faults();
    assert_eq!(codes.last(), Some(&0), "{codes:?}");
    let plan = world
        .code(&["plan", "applied.yaml", "--prune", "--detailed-exitcode"])
        .await;
    assert_eq!(plan.code, 0, "{plan:?}");
    let names = world.rules().await;
    let mut unique = names.clone();
    unique.dedup();
    assert_eq!(names, unique);
}

#[tokio::test]
async fn a_failure_of_the_server_is_tried_again() {
    let faults =
        ["500", "502", "503"].map(|status| format!("CreateScorecardRule:status={status},count=1"));
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    for fault in faults {
        let world = World::with(with_faults(&[fault])).await;
        let run = world.apply(&rules(1)).await;
        assert_eq!(run.code, 0, "{fault}: {run:?}");
        assert_eq!(world.rules().await.len(), 1, "{fault}");
    }
}

#[tokio::test]
async fn what_failed_is_said_and_what_needs_it_is_skipped() {
    let fault = "CreateScorecardRule:status=400,count=1";
    let world = World::with(with_faults(&[fault])).await;
    let campaign = "campaigns:\n  - key: q1\n    name: Q\n    owner: \
                    550e8400-e29b-41d4-a716-446655440000\n    start_date: 2026-01-01\n    \
                    rules: [R000]\n";
    world.file("file.yaml", &format!("{}{campaign}", rules(1)));
    let run = world.code(&["apply", "file.yaml", "--yes"]).await;
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("failed: rule S/R000: "), "{run:?}");
    assert!(
        run.stderr
            .contains("skipped: campaign q1: it needs the rule S/R000"),
        "{run:?}"
    );
    assert!(
        run.stdout
            .ends_with("0 added, 0 changed, 0 deleted, 1 failed, 1 skipped.\n"),
        "{run:?}"
    );
    world.code(&["apply", "file.yaml", "--yes"]).await.ok();
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_apply_says_what_was_done_and_a_killed_one_goes_on() {
    let faults = [
        "CreateScorecardRule:delay=1ms,count=6",
        "CreateScorecardRule:delay=1s",
    ];
    let world = World::with(with_faults(&faults)).await;
    world.file("file.yaml", &rules(30));
    let child = start(&world);
    wait_for(&world, 6).await;
    signal(&child, "-INT").await;
    let run = Run::of(child.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 130, "{run:?}");
    assert!(
        run.stdout.contains(" 0 deleted, ") && run.stdout.ends_with("not tried.\n"),
        "{run:?}"
    );
    let done = world.rules().await.len();
    assert!(
        run.stdout.contains(&format!("Applied: {done} added")),
        "{done}: {run:?}"
    );

    let mut child = start(&world);
    wait_for(&world, done + 3).await;
    child.kill().await.expect("it is killed");
    world.sandbox.clear_faults();
    // A request on the way at the time of the end is only unseen, until its delay is over.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    world.code(&["apply", "file.yaml", "--yes"]).await.ok();
    let names = world.rules().await;
    assert_eq!(names.len(), 30, "{names:?}");
}

#[tokio::test]
async fn two_applies_at_once_notice_each_other() {
    let world = World::new().await;
    world.file("file.yaml", &rules(1));
    let gate = Gate::before(&world, "POST").await;
    let apply = || {
        let mut command = world.command(&["scorecards", "apply", "file.yaml", "--yes"]);
        command.env("SCOREKIT_BASE_URL", &gate.url);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    };
    let first = apply();
    gate.held.acquire().await.expect("a request").forget();
    // On the same machine, by a lock.
    let second = Run::of(apply().wait_with_output().await.expect("it ends"));
    assert_eq!(second.code, 1, "{second:?}");
    assert!(
        second.stderr.contains("another apply to the same server"),
        "{second:?}"
    );
    // Elsewhere, by the result.
    let rule = ["rules", "create", "--name", "R000", "--scorecard-name", "S"];
    world.run(&rule).await.ok();
    gate.open.close();
    let first = Run::of(first.wait_with_output().await.expect("it ends"));
    assert_eq!(first.code, 3, "{first:?}");
    assert!(
        first
            .stderr
            .contains("2 rules of the server are called \"R000\""),
        "{first:?}"
    );
}

/// A proxy in front of a sandbox that holds each request of a method until it is opened.
struct Gate {
    url: String,
    /// A permit for each request that was held.
    held: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    async fn before(world: &World, method: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let sandbox = world.sandbox.url().replace("http://", "");
        let gate = Self {
            url: format!("http://{address}"),
            held: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(0)),
        };
        let (held, open) = (Arc::clone(&gate.held), Arc::clone(&gate.open));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (held, open) = (Arc::clone(&held), Arc::clone(&open));
                let server = TcpStream::connect(&sandbox).await.expect("the sandbox");
                tokio::spawn(async move {
                    let (mut requests, mut to_client) = client.into_split();
                    let (mut responses, mut to_server) = server.into_split();
                    let back = tokio::io::copy(&mut responses, &mut to_client);
                    let forth = async {
                        let mut buffer = vec![0; 64 * 1024];
                        while let Ok(count @ 1..) = requests.read(&mut buffer).await {
                            if buffer.starts_with(method.as_bytes()) {
                                held.add_permits(1);
                                // It is closed when the gate is opened.
                                let _ = open.acquire().await;
                            }
                            if to_server.write_all(&buffer[..count]).await.is_err() {
                                return;
                            }
                        }
                    };
                    let _ = tokio::join!(back, forth);
                });
            }
        });
        gate
    }
}

#[tokio::test]
async fn an_apply_overwrites_no_change_of_another_machine() {
    let world = World::new().await;
    let file = format!("{}      - name: Old\n", rules(1));
    world.apply(&file).await.ok();
    world.file("file.yaml", &format!("{}        level: 2\n", rules(1)));
    let gate = Gate::before(&world, "PUT").await;
    let apply = ["scorecards", "apply", "file.yaml", "--prune", "--yes"];
    let mut command = world.command(&apply);
    command
        .env("SCOREKIT_BASE_URL", &gate.url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the binary runs");
    gate.held.acquire().await.expect("a request").forget();
    // The rule that the apply is about to delete becomes another one.
    let filter = "select(.attributes.name == \"Old\") | .id";
    let id = world
        .run(&["rules", "list", "--all", "--jq", filter])
        .await
        .ok();
    let update = [
        "rules",
        "update",
        id.trim(),
        "--name",
        "Old",
        "--level",
        "3",
    ];
    let update = [&update[..], &["--scorecard-name", "S"]].concat();
    world.run(&update).await.ok();
    gate.open.close();
    let run = Run::of(child.wait_with_output().await.expect("it ends"));
    assert_eq!(run.code, 3, "{run:?}");
    let message = "failed: rule S/Old: it was changed since the plan was made; make a new plan";
    assert!(run.stderr.contains(message), "{run:?}");
    assert_eq!(world.rules().await, ["S/Old", "S/R000"]);
}

#[tokio::test]
async fn nothing_is_changed_without_a_confirmation() {
    let world = World::new().await;
    world.file("file.yaml", FILE);
    let run = world.code(&["apply", "file.yaml"]).await;
    assert_eq!(run.code, 64, "{run:?}");
    assert!(run.stderr.contains("--yes"), "{run:?}");
    assert_eq!(world.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn the_latest_exports_are_kept_and_older_ones_are_removed() {
    let world = World::new().await;
    world.apply(&rules(1)).await.ok();
    let change = |level: u8| format!("{}        level: {level}\n", rules(1));
    let first = world.apply(&change(1)).await;
    let kept = first.stderr.split("kept what the changes touch in ");
    let kept = kept
        .last()
        .and_then(|it| it.lines().next())
        .expect("a path");
    let directory = std::path::Path::new(kept).parent().expect("a directory");
    for number in 0..30 {
        let name = format!("202001{:02}T000000000Z-1.yaml", number + 1);
        std::fs::write(directory.join(name), "").expect("an old export");
    }
    std::fs::write(directory.join("mine.yaml"), "").expect("a file of another name");
    world.apply(&change(2)).await.ok();
    let names = std::fs::read_dir(directory).expect("a directory");
    let names = names.map(|it| {
        it.expect("a file")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    // The 18 latest of the old ones, two real ones, and the file that is no export.
    assert_eq!(names.len(), 21, "{names:?}");
    assert_eq!(names[0], "20200113T000000000Z-1.yaml");
    assert!(names.contains(&"mine.yaml".to_owned()), "{names:?}");
    assert!(std::path::Path::new(kept).exists());
}
