//! The printed report.

use std::collections::BTreeMap;

use crate::checks::{Check, Verdict};
use crate::client_counts::ClientCounts;
use crate::outcome::Outcome;
use crate::server::Received;

/// The number of details that are printed for each check.
const MAX_DETAILS: usize = 10;

/// Prints a line of progress.
pub(crate) fn progress(
    seconds: u64,
    sent: &BTreeMap<String, ClientCounts>,
    findings: u64,
    client_memory: Option<u64>,
    server_memory: Option<u64>,
) {
    let calls: u64 = sent.values().map(ClientCounts::calls).sum();
    let attempts: u64 = sent.values().map(ClientCounts::attempts).sum();
    let failed: u64 = sent.values().map(|counts| counts.failed_calls).sum();
    let mebibytes = |resident: Option<u64>| match resident {
        Some(resident) => format!("{} MiB", resident / 1024),
        None => "?".to_owned(),
    };
    println!(
        "{seconds:>5} s {calls:>8} calls {attempts:>8} attempts {failed:>6} failed \
         {findings:>3} findings, memory: client {}, server {}",
        mebibytes(client_memory),
        mebibytes(server_memory)
    );
}

/// Prints the counts, the faults and the checks of a run.
pub(crate) fn print(outcome: &Outcome, checks: &[Check]) {
    print_operations(outcome);
    println!("\n| fault | times |");
    println!("| --- | ---: |");
    for (fault, times) in &outcome.received.faults {
        println!("| `{fault}` | {times} |");
    }
    print_checks(checks);
    let count = |verdict| {
        let checks = checks.iter();
        checks.filter(|check| check.verdict == verdict).count()
    };
    let seconds = outcome.elapsed.as_secs();
    match (count(Verdict::Failed), count(Verdict::TooLittleData)) {
        (0, 0) => println!("\n{seconds} s, all checks passed"),
        (0, open) => println!("\n{seconds} s, no check failed, {open} had too little data"),
        (failed, _) => println!("\n{seconds} s, {failed} of {} checks failed", checks.len()),
    }
}

fn print_operations(outcome: &Outcome) {
    println!("\n| operation | calls | failed | abandoned | attempts | requests |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let none = Received::default();
    let mut total = [0; 5];
    for (operation, sent) in &outcome.sent {
        let received = outcome.received.operations.get(operation).unwrap_or(&none);
        let row = [
            sent.calls(),
            sent.failed_calls,
            sent.abandoned_calls,
            sent.attempts(),
            received.requests(),
        ];
        println!("| {operation} | {} |", cells(&row));
        for (total, cell) in total.iter_mut().zip(row) {
            *total += cell;
        }
    }
    println!("| all | {} |", cells(&total));
}

fn print_checks(checks: &[Check]) {
    println!("\n| check | found | verdict |");
    println!("| --- | --- | --- |");
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::TooLittleData => "too little data",
        };
        println!("| {} | {} | {verdict} |", check.name, check.found);
    }
    for check in checks {
        for detail in check.details.iter().take(MAX_DETAILS) {
            println!("{}: {detail}", check.name);
        }
    }
}

fn cells(numbers: &[u64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    numbers.join(" | ")
}
