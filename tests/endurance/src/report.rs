//! What a run prints.

use std::collections::BTreeMap;

use crate::attempts::Account;
use crate::checks::{Check, Verdict};
use crate::run::Outcome;
use crate::server::Arrived;

/// Prints how far a run is.
pub(crate) fn progress(
    seconds: u64,
    sent: &BTreeMap<String, Account>,
    findings: u64,
    client: Option<u64>,
    server: Option<u64>,
) {
    let calls: u64 = sent.values().map(Account::calls).sum();
    let attempts: u64 = sent.values().map(Account::attempts).sum();
    let failed: u64 = sent.values().map(|account| account.failed).sum();
    let memory = |resident: Option<u64>| match resident {
        Some(resident) => format!("{} MiB", resident / 1024),
        None => "?".to_owned(),
    };
    println!(
        "{seconds:>5} s {calls:>8} calls {attempts:>8} attempts {failed:>6} failed {findings:>3} findings, memory: client {}, server {}",
        memory(client),
        memory(server)
    );
}

/// Prints what was done and what of it is as it should be.
pub(crate) fn print(outcome: &Outcome, checks: &[Check]) {
    println!("\n| operation | calls | failed | abandoned | attempts | requests |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let none = Arrived::default();
    let mut total = [0; 5];
    for (operation, sent) in &outcome.sent {
        let arrived = outcome.received.operations.get(operation);
        let row = [
            sent.calls(),
            sent.failed,
            sent.dropped,
            sent.attempts(),
            arrived.unwrap_or(&none).requests(),
        ];
        println!("| {operation} | {} |", cells(&row));
        for (total, cell) in total.iter_mut().zip(row) {
            *total += cell;
        }
    }
    println!("| all | {} |", cells(&total));

    println!("\n| fault | times |");
    println!("| --- | ---: |");
    for (fault, times) in &outcome.received.faults {
        println!("| `{fault}` | {times} |");
    }

    println!("\n| check | found | |");
    println!("| --- | --- | --- |");
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Held => "held",
            Verdict::Failed => "FAILED",
            Verdict::NotJudged => "not judged",
        };
        println!("| {} | {} | {verdict} |", check.what, check.found);
    }
    for check in checks {
        for detail in check.details.iter().take(10) {
            println!("{}: {detail}", check.what);
        }
    }
    let count = |verdict| {
        checks
            .iter()
            .filter(|check| check.verdict == verdict)
            .count()
    };
    let seconds = outcome.elapsed.as_secs();
    match (count(Verdict::Failed), count(Verdict::NotJudged)) {
        (0, 0) => println!("\n{seconds} s, everything held"),
        (0, open) => {
            println!("\n{seconds} s, everything held that could be judged; {open} could not")
        }
        (failed, _) => println!("\n{seconds} s, {failed} of {} checks failed", checks.len()),
    }
}

fn cells(numbers: &[u64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    numbers.join(" | ")
}
