//! The soak as a maintainer runs it, for some seconds: it holds, and what is done wrong on purpose is found.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "the setting that allows it in tests does not reach their helpers"
)]

use std::process::{Command, Output};

/// What the rows are called that may fail in a run that is too short for them.
const MEMORY: &str = "memory is flat";

fn soak(options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit-endurance"));
    command.args(["--seconds", "6"]).args(options);
    command.output().expect("the soak runs")
}

/// The names of the checks that failed, without those of memory.
fn failed(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().filter(|line| line.ends_with("| FAILED |"));
    let names = rows.filter_map(|row| Some(row.split('|').nth(1)?.trim().to_owned()));
    names.filter(|name| !name.contains(MEMORY)).collect()
}

fn assert_finds(sabotage: &str, checks: &[&str]) {
    let output = soak(&["--sabotage", sabotage, "--patience", "8"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(failed(&output), checks, "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn a_run_in_which_nothing_is_done_wrong_holds() {
    let output = soak(&["--seed", "7"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(failed(&output), [""; 0], "{text}");
    assert!(text.contains("| what was acknowledged exists | "), "{text}");
    assert!(
        text.contains("| `reset,probability=0.006,handled` | "),
        "{text}"
    );
}

#[test]
fn a_lost_write_is_found() {
    // The outcomes of the rule may be lost with it.
    assert_finds("lost-write", &["what was acknowledged exists"]);
}

#[test]
fn a_repeated_write_is_found() {
    assert_finds("second-write", &["nothing exists twice"]);
}

#[test]
fn a_lost_update_is_found() {
    assert_finds(
        "lost-update",
        &["everything is as it was acknowledged last"],
    );
}

#[test]
fn an_assumed_write_is_found() {
    assert_finds("assumed-write", &["what was acknowledged exists"]);
}

#[test]
fn a_request_that_no_client_counts_is_found() {
    assert_finds("uncounted-request", &["client and server count the same"]);
}

#[test]
fn a_request_of_another_program_is_found() {
    assert_finds("foreign-request", &["client and server count the same"]);
}

#[test]
fn a_stuck_task_is_found() {
    // What it made is unexplained, for it never told.
    let checks = [
        "nothing exists that should not",
        "no task is stuck or left over",
    ];
    assert_finds("stuck-task", &checks);
}

#[test]
fn a_leak_is_found() {
    let output = soak(&["--sabotage", "leak"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let row = text
        .lines()
        .find(|line| line.contains("the client's memory is flat"));
    // Where the system does not tell how much memory is held, nothing is said of it.
    if cfg!(target_os = "linux") {
        assert!(row.is_some_and(|row| row.ends_with("| FAILED |")), "{text}");
        assert_eq!(output.status.code(), Some(1), "{text}");
    }
}

#[test]
fn options_that_make_no_run_are_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_scorekit-endurance"))
        .args(["--tasks", "0"])
        .output()
        .expect("the soak answers");
    assert_eq!(output.status.code(), Some(2));
}
