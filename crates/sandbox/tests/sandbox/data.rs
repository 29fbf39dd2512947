//! A sandbox that keeps what it has in a file.

use scorekit_sandbox::{Sandbox, StartError};
use serde_json::json;

use crate::fixture::*;
use crate::http::{call, get};

async fn kept(file: &std::path::Path) -> Sandbox {
    let started = Sandbox::builder().data(file).start().await;
    started.expect("the sandbox starts")
}

#[tokio::test]
async fn what_was_there_is_there_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sandbox.redb");
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
    // Identifiers go on where they were.
    let next = create_rule(&again, "e", "Production").await;
    assert!(!ids.contains(&next) && !gone.ends_with(&next));
    again.stop().await;
    let rules = get(&kept(&file).await, RULES).await;
    let names = each(&rules, "/attributes/name");
    assert_eq!(names, ["changed", "a", "d", "e"]);
}

#[tokio::test]
async fn a_seed_is_for_a_new_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sandbox.redb");
    let rule = json!({ "id": "seeded", "attributes": { "name": "Seeded", "scorecard_name": "P" } });
    for expected in [1, 0] {
        let sandbox = Sandbox::builder()
            .data(&file)
            .seed(json!({ "rules": [rule.clone()] }))
            .start()
            .await
            .expect("the sandbox starts");
        let rules = get(&sandbox, RULES).await;
        assert_eq!(each(&rules, "/id").len(), expected);
        // Whoever deletes it does not find it again.
        call(&sandbox, "DELETE", &format!("{RULES}/seeded"), None).await;
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken.redb");
    let other = folder.path().join("notes.txt");
    std::fs::write(&other, "x".repeat(10_000)).expect("a file");
    let _sandbox = kept(&taken).await;
    let half = folder.path().join("half.redb");
    kept(&half).await.stop().await;
    let length = std::fs::metadata(&half).expect("the file").len();
    let cut = std::fs::OpenOptions::new().write(true).open(&half);
    cut.and_then(|file| file.set_len(length / 2))
        .expect("a shorter file");
    for (file, expected) in [
        (&taken, "another sandbox has it open"),
        (&other, "choose a file that a sandbox wrote"),
        (&half, "choose"),
        (&folder.path().join("none/data"), "choose a file"),
    ] {
        let error = Sandbox::builder().data(file).start().await;
        let error = error.expect_err("the file cannot be used");
        assert!(matches!(error, StartError::Data { .. }), "{error}");
        let told = error.to_string();
        assert!(told.contains(expected), "{told}");
        assert!(told.contains(&file.display().to_string()), "{told}");
    }
    assert_eq!(
        std::fs::read(&other).expect("the file").len(),
        10_000,
        "what is not ours is left alone"
    );
}
