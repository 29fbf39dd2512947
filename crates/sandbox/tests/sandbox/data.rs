//! Sandboxes with a data file.

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
    let file = directory.path().join("sandbox.redb");
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
    let file = directory.path().join("sandbox.redb");
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
    let taken = directory.path().join("taken.redb");
    let other = directory.path().join("notes.txt");
    std::fs::write(&other, "x".repeat(10_000)).expect("a file");
    let _sandbox = kept(&taken).await;
    let half = directory.path().join("half.redb");
    kept(&half).await.stop().await;
    let length = std::fs::metadata(&half).expect("the file").len();
    let cut = std::fs::OpenOptions::new().write(true).open(&half);
    cut.and_then(|file| file.set_len(length / 2))
        .expect("a shorter file");
    for (file, expected) in [
        (&taken, "another sandbox has it open"),
        (&other, "choose a file that a sandbox wrote"),
        (&half, "choose"),
        (&directory.path().join("none/data"), "choose a file"),
    ] {
        let error = Sandbox::builder().data(file).start().await;
        let error = error.expect_err("the file cannot be used");
        assert!(matches!(error, StartError::Data { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&file.display().to_string()), "{message}");
    }
    assert_eq!(
        std::fs::read(&other).expect("the file").len(),
        10_000,
        "the sandbox does not change foreign files"
    );
}
