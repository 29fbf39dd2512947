//! Short runs of the soak: one without an error, and one with each error that it can make on
//! purpose. Exactly the right checks must find the error.
//!
//! Runs end after a number of actions, so that no verdict depends on the speed of the machine.
//!
//! The modules below have unit tests. They are compiled here, so that the whole program is not
//! compiled for them a second time.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "the setting that allows it in tests does not reach their helpers"
)]
#![allow(dead_code, reason = "the program uses the rest")]

#[path = "../src/checks.rs"]
mod checks;
#[path = "../src/client_counts.rs"]
mod client_counts;
#[path = "../src/ledger.rs"]
mod ledger;
#[path = "../src/memory.rs"]
mod memory;
#[path = "../src/outcome.rs"]
mod outcome;
#[path = "../src/server.rs"]
mod server;

use std::process::{Command, Output};

/// A run too short for the checks of memory, which report too little data.
const SHORT: [&str; 4] = ["--tasks", "8", "--actions", "12"];

fn soak(options: &[&[&str]]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit-endurance"));
    command.args(options.concat());
    command.output().expect("the soak runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Returns the names of the checks that failed.
fn failed(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.ends_with("| FAILED |"));
    let names = rows.filter_map(|row| Some(row.split('|').nth(1)?.trim()));
    names.collect()
}

/// Runs the soak with a sabotage, and asserts that these checks fail and no other.
fn assert_fails(sabotage: &str, options: &[&str], checks: &[&str]) {
    let output = soak(&[&["--sabotage", sabotage], options]);
    let text = text(&output);
    assert_eq!(failed(&text), checks, "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn a_run_without_sabotage_passes() {
    let fault = ["--fault", "reset,count=2,handled"];
    let output = soak(&[&SHORT, &fault, &["--seed", "7"]]);
    let text = text(&output);
    assert_eq!(failed(&text), [""; 0], "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("| acknowledged items exist | "), "{text}");
    assert!(text.contains("| `reset,count=2,handled` | 2 |"), "{text}");
}

#[test]
fn a_lost_write_is_found() {
    assert_fails("lost-write", &SHORT, &["acknowledged items exist"]);
}

#[test]
fn a_duplicate_write_is_found() {
    assert_fails("duplicate-write", &SHORT, &["no item exists twice"]);
}

#[test]
fn a_lost_update_is_found() {
    let check = "items have their last acknowledged state";
    assert_fails("lost-update", &SHORT, &[check]);
}

#[test]
fn an_assumed_write_is_found() {
    let fault = ["--fault", "CreateScorecardRule:status=500,count=8"];
    let options = [&SHORT[..], &fault].concat();
    assert_fails("assumed-write", &options, &["acknowledged items exist"]);
}

#[test]
fn an_uncounted_request_is_found() {
    assert_fails(
        "uncounted-request",
        &SHORT,
        &["client and server counts agree"],
    );
}

#[test]
fn a_foreign_request_is_found() {
    assert_fails(
        "foreign-request",
        &SHORT,
        &["client and server counts agree"],
    );
}

#[test]
fn a_stuck_task_is_found() {
    // The ledger of the task is lost, so the items that it created are unexpected.
    let checks = ["no unexpected item exists", "no task is stuck or left over"];
    let options = [&SHORT[..], &["--stuck-after", "1"]].concat();
    assert_fails("stuck-task", &options, &checks);
}

#[test]
fn a_leak_is_found() {
    // The memory of a process is known on Linux only.
    if cfg!(target_os = "linux") {
        let options = ["--tasks", "8", "--actions", "48"];
        assert_fails("leak", &options, &["client memory is flat"]);
    }
}

#[test]
fn zero_tasks_are_rejected() {
    let output = soak(&[&["--tasks", "0"]]);
    assert_eq!(output.status.code(), Some(2));
}
