//! `scores`: dimensions, filters and the gate.

use serde_json::{Value, json};

use crate::platform::platform;
use crate::world::World;

/// Returns the names and scores of a dimension, in the order of the output.
async fn scores(world: &World, arguments: &[&str]) -> Vec<(String, Value)> {
    let arguments = [&["scores", "-o", "json", "--by"][..], arguments].concat();
    let rows = world.run(&arguments).await.json();
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| {
        let name = row[arguments[4]].as_str().expect("a name");
        (name.to_owned(), row["score"].clone())
    })
    .collect()
}

fn named(expected: &[(&str, f64)]) -> Vec<(String, Value)> {
    let expected = expected.iter();
    expected
        .map(|(name, score)| ((*name).to_owned(), json!(score)))
        .collect()
}

#[tokio::test]
async fn every_dimension_has_names_and_the_lowest_score_first() {
    let world = platform().await;
    let services = [("mail", 0.0), ("api", 0.6667), ("web", 1.0)];
    assert_eq!(scores(&world, &["service"]).await, named(&services));
    let teams = [("sre", 0.6), ("platform", 1.0)];
    assert_eq!(scores(&world, &["team"]).await, named(&teams));
    let rules = [("Runbook", 0.5), ("On call", 0.6667), ("Owner", 1.0)];
    assert_eq!(scores(&world, &["rule"]).await, named(&rules));
    let scorecards = [("Production", 0.6), ("Ownership", 1.0)];
    assert_eq!(scores(&world, &["scorecard"]).await, named(&scorecards));
    assert_eq!(
        scores(&world, &["kind"]).await,
        named(&[("service", 0.7143)])
    );
    let level = ["service", "--scorecard", "Production", "--level", "1"];
    let services = [("mail", 0.0), ("web", 1.0), ("api", 1.0)];
    let mut found = scores(&world, &level).await;
    found.sort_by_key(|(name, _)| services.iter().position(|(known, _)| known == name));
    assert_eq!(found, named(&services));
    let rule = ["service", "--rule", "Runbook", "--only", "api"];
    assert_eq!(scores(&world, &rule).await, named(&[("api", 0.0)]));
}

#[tokio::test]
async fn a_missed_threshold_is_exit_code_3() {
    let world = platform().await;
    let gate = ["scores", "--by", "service", "--min", "66%"];
    let missed = world.run(&gate).await;
    assert_eq!(missed.code, 3, "{missed:?}");
    insta::assert_snapshot!(missed.stdout);
    assert_eq!(
        missed.stderr,
        "error: 1 of 3 services are below 0.66: mail (0)\n"
    );
    let passed = [&gate[..], &["--only", "api", "-q"]].concat();
    assert_eq!(world.run(&passed).await.code, 0);
    let json = world.run(&[&gate[..], &["-o", "json"]].concat()).await;
    let error: Value = serde_json::from_str(&json.stderr).expect("JSON");
    assert_eq!(error["error"]["exit_code"], 3);
}

#[tokio::test]
async fn a_name_that_does_not_exist_passes_no_gate() {
    let world = platform().await;
    let gate = ["scores", "--by", "service", "--only", "wbe", "--min", "0"];
    let typo = world.run(&gate).await;
    assert_eq!(typo.code, 1, "{typo:?}");
    assert!(typo.stderr.contains("the service \"wbe\""), "{typo:?}");
    let rule = ["scores", "--by", "team", "--rule", "on call"];
    let typo = world.run(&rule).await;
    assert!(
        typo.stderr.contains("did you mean \"On call\"?"),
        "{typo:?}"
    );
    for wrong in ["2", "-1", "101%", "NaN", "high"] {
        let min = format!("--min={wrong}");
        let run = world.run(&["scores", "--by", "team", &min]).await;
        assert_eq!(run.code, 64, "{wrong}: {run:?}");
    }
}
