//! Sandboxes with a data file.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scorekit_sandbox::{Sandbox, StartError};
use serde_json::json;

use crate::fixture::*;
use crate::http::{call, get};

async fn kept(file: &std::path::Path) -> Sandbox {
    let started = Sandbox::builder().data(file).start().await;
    started.expect("the sandbox starts")
}

#[tokio::test]
async fn the_state_survives_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sandbox.data");
    let sandbox = kept(&file).await;
    let mut ids = Vec::new();
    for name in ["b", "a", "c", "d"] {
        ids.push(create_rule(&sandbox, name, "Production").await);
    }
    let gone = format!("{RULES}/{}", ids.remove(2));
    call(&sandbox, "DELETE", &gone, None).await.expect(204);
    let change = rule("changed", "Elsewhere");
    let changed = format!("{RULES}/{}", ids[0]);
    call(&sandbox, "PUT", &changed, Some(&change))
        .await
        .expect(200);
    let set = outcomes(&ids[1], &[("service:x", "pass"), ("service:y", "fail")]);
    call(&sandbox, "POST", OUTCOMES, Some(&set))
        .await
        .expect(202);
    let mut before = Vec::new();
    let lists = [RULES, SCORECARDS, OUTCOMES, PROJECTS, "/api/v2/cases/types"];
    for list in lists {
        before.push(get(&sandbox, list).await);
    }
    sandbox.stop().await;

    let again = kept(&file).await;
    for (list, before) in lists.into_iter().zip(before) {
        assert_eq!(get(&again, list).await, before, "{list}");
    }
    // Identifiers continue after the restart.
    let next = create_rule(&again, "e", "Production").await;
    assert!(!ids.contains(&next) && !gone.ends_with(&next));
    again.stop().await;
    let rules = get(&kept(&file).await, RULES).await;
    let names = each(&rules, "/attributes/name");
    assert_eq!(names, ["changed", "a", "d", "e"]);
}

#[tokio::test]
async fn a_seed_applies_to_a_new_file_only() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sandbox.data");
    let rule = json!({
        "id": "seeded",
        "attributes": { "name": "Seeded", "scorecard_name": "P" },
    });
    for expected in [1, 0] {
        let sandbox = Sandbox::builder()
            .data(&file)
            .seed(json!({ "rules": [rule.clone()] }))
            .start()
            .await
            .expect("the sandbox starts");
        let rules = get(&sandbox, RULES).await;
        assert_eq!(each(&rules, "/id").len(), expected);
        // A deleted resource is not seeded again.
        call(&sandbox, "DELETE", &format!("{RULES}/seeded"), None).await;
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn an_unusable_file_is_reported_with_a_solution() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let file = directory.path().join(name);
        std::fs::write(&file, bytes).expect("a file");
        file
    };
    let taken = directory.path().join("taken");
    let _sandbox = kept(&taken).await;
    let notes = file("notes.txt", "x".repeat(10_000).as_bytes());
    for (file, expected) in [
        (&taken, "another sandbox has it open"),
        (&notes, "choose a file that a sandbox wrote"),
        (&file("empty", b""), "it is empty"),
        (
            &file("earlier", b"redb\x1a\x0a\xa9\x0d\x0a"),
            "an earlier version",
        ),
        (
            &file("later", b"scorekit-sandbox data 2\n"),
            "another version",
        ),
        (&directory.path().join("none/data"), "choose a file"),
        (&directory.path().to_owned(), "choose a file"),
    ] {
        let error = Sandbox::builder().data(file).start().await;
        let error = error.expect_err("the file cannot be used");
        assert!(matches!(error, StartError::Data { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&file.display().to_string()), "{message}");
    }
    assert_eq!(
        std::fs::read(&notes).expect("the file").len(),
        10_000,
        "the sandbox does not change foreign files"
    );
}

/// Creates a file with three rules, and returns its bytes.
async fn written(file: &std::path::Path) -> Vec<u8> {
    let sandbox = kept(file).await;
    for name in ["a", "b", "c"] {
        create_rule(&sandbox, name, "Production").await;
    }
    sandbox.stop().await;
    std::fs::read(file).expect("the file")
}

#[tokio::test]
async fn damage_anywhere_in_the_file_is_reported_without_a_panic() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data");
    let whole = written(&file).await;
    let last_line = whole.len() - 1;
    // A process that is starting has a copy of every open file for a moment, with its lock.
    let is_over = Arc::new(AtomicBool::new(false));
    let starting = std::thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || {
            while !is_over.load(Ordering::Relaxed) {
                let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit-sandbox"));
                let child = command.arg("--version").stdout(Stdio::null()).status();
                assert!(child.expect("the binary runs").success());
            }
        }
    });
    for offset in 0..last_line {
        let mut damaged = whole.clone();
        damaged[offset] ^= 0x40;
        std::fs::write(&file, &damaged).expect("a file");
        let error = Sandbox::builder().data(&file).start().await;
        let message = error.expect_err("the file is damaged").to_string();
        assert!(
            message.contains("damaged") || message.contains("version"),
            "{offset}: {message}"
        );
        assert_eq!(std::fs::read(&file).expect("the file"), damaged, "{offset}");
    }
    is_over.store(true, Ordering::Relaxed);
    starting.join().expect("the thread ends");
}

#[tokio::test]
async fn a_file_that_a_crash_cut_off_keeps_every_complete_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data");
    let whole = written(&file).await;
    for length in (1..=whole.len()).step_by(41).chain([whole.len()]) {
        std::fs::write(&file, &whole[..length]).expect("a file");
        let sandbox = kept(&file).await;
        let rules = each(&get(&sandbox, RULES).await, "/attributes/name").len();
        let lines = whole[..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        // The first line is the header, and the second one the state of a new sandbox.
        assert_eq!(rules, lines.saturating_sub(2), "{length}");
        create_rule(&sandbox, "next", "Production").await;
        sandbox.stop().await;
        let again = kept(&file).await;
        let kept = get(&again, RULES).await;
        assert_eq!(each(&kept, "/attributes/name").len(), rules + 1, "{length}");
        again.stop().await;
    }
}

#[tokio::test]
async fn a_file_of_many_writes_becomes_small_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data");
    let sandbox = kept(&file).await;
    let id = create_rule(&sandbox, "a", "Production").await;
    sandbox.stop().await;
    // The writes of a thousand changes of this rule.
    let text = std::fs::read_to_string(&file).expect("the file");
    let last = text.lines().next_back().expect("a write").to_owned() + "\n";
    std::fs::write(&file, text.clone() + &last.repeat(1000)).expect("a file");
    for _ in 0..2 {
        let sandbox = kept(&file).await;
        assert_eq!(each(&get(&sandbox, RULES).await, "/id"), [id.as_str()]);
        sandbox.stop().await;
        let length = std::fs::metadata(&file).expect("the file").len();
        assert!(length < 2 * text.len() as u64, "{length}");
    }
}
