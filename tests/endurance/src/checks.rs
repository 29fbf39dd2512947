//! What has to hold at the end of a run.

use std::time::Duration;

use crate::attempts::Account;
use crate::memory::Samples;
use crate::run::Outcome;
use crate::server::Arrived;

/// One thing that has to hold.
pub(crate) struct Check {
    pub(crate) what: &'static str,
    pub(crate) found: String,
    pub(crate) verdict: Verdict,
    /// Examples of what speaks against it.
    pub(crate) details: Vec<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Held,
    Failed,
    /// The run cannot tell.
    NotJudged,
}

impl Verdict {
    fn of(held: bool) -> Self {
        if held { Self::Held } else { Self::Failed }
    }
}

impl Check {
    /// A check that holds if there are no details.
    fn of(what: &'static str, found: String, details: Vec<String>) -> Self {
        Self {
            what,
            found,
            verdict: Verdict::of(details.is_empty()),
            details,
        }
    }
}

/// All checks of a run.
pub(crate) fn all(outcome: &Outcome) -> Vec<Check> {
    let verdict = outcome.ledger.judge(&outcome.found);
    let (created, deleted) = (outcome.ledger.created, outcome.ledger.deleted);
    let unacknowledged = outcome.ledger.unacknowledged;
    let there = verdict.acknowledged - verdict.missing.len();
    vec![
        Check::of(
            "what was acknowledged exists",
            format!(
                "{created} creations and {deleted} deletions acknowledged; {there} of the {} things left are there",
                verdict.acknowledged
            ),
            verdict.missing,
        ),
        Check::of(
            "nothing exists twice",
            format!("{} more than once", verdict.repeated.len()),
            verdict.repeated,
        ),
        Check::of(
            "everything is as it was acknowledged last",
            format!("{} otherwise", verdict.outdated.len()),
            verdict.outdated,
        ),
        Check::of(
            "nothing exists that should not",
            format!(
                "{} such things; {unacknowledged} creations were not acknowledged, and of the {} things that may be there, \
                 {} are",
                verdict.unexplained.len(),
                verdict.uncertain,
                verdict.uncertain_found
            ),
            verdict.unexplained,
        ),
        Check {
            what: "calls fail as faults make them fail",
            found: format!("{} findings", outcome.findings.count),
            verdict: Verdict::of(outcome.findings.count == 0),
            details: outcome.findings.shown.clone(),
        },
        counts(outcome),
        memory("the client's memory is flat", &outcome.client_memory),
        memory("the server's memory is flat", &outcome.server_memory),
        tasks(outcome),
    ]
}

/// Whether client and server agree on what was sent.
fn counts(outcome: &Outcome) -> Check {
    let none = Account::default();
    let mut details = Vec::new();
    if outcome.received.missed > 0 {
        let missed = outcome.received.missed;
        details.push(format!(
            "{missed} requests were forgotten before they were counted"
        ));
    }
    // Compared by sender: an abandoned attempt that never arrived cannot stand for one of these.
    for (operation, count) in &outcome.received.foreign {
        details.push(format!(
            "{operation}: {count} requests did not come from the client"
        ));
    }
    for (operation, arrived) in &outcome.received.operations {
        let sent = outcome.sent.get(operation).unwrap_or(&none);
        details.extend(disagreements(operation, sent, arrived));
    }
    for (operation, sent) in &outcome.sent {
        if !outcome.received.operations.contains_key(operation) {
            details.extend(disagreements(operation, sent, &Arrived::default()));
        }
    }
    let attempts: u64 = outcome.sent.values().map(Account::attempts).sum();
    let received = outcome.received.requests();
    let found = format!("{attempts} attempts sent, {received} requests arrived");
    Check::of("client and server count the same", found, details)
}

/// What client and server say differently about an operation.
///
/// Every answer that an attempt saw is one that the server gave, and every request that arrived is an attempt. The rest
/// has to be explained: an attempt that was given up, by its caller or its time limit, may never have arrived, and what
/// broke off or was given up may have been answered unseen.
fn disagreements(operation: &str, sent: &Account, arrived: &Arrived) -> Vec<String> {
    let mut found = Vec::new();
    for (status, seen) in &sent.answered {
        let given = arrived.answered.get(status).copied().unwrap_or_default();
        if *seen > given {
            let problem =
                format!("{operation}: {seen} attempts saw status {status}, {given} answers had it");
            found.push(problem);
        }
    }
    let (attempts, requests) = (sent.attempts(), arrived.requests());
    let given_up = sent.abandoned + sent.timed_out;
    if requests > attempts {
        found.push(format!(
            "{operation}: {attempts} attempts, and {requests} requests"
        ));
    } else if attempts - requests > given_up {
        found.push(format!(
            "{operation}: {attempts} attempts, {given_up} of them given up, and only {requests} requests"
        ));
    }
    found
}

fn memory(what: &'static str, samples: &Samples) -> Check {
    let mebibytes = |kibibytes: u64| kibibytes as f64 / 1024.0;
    match samples.trend() {
        Some(trend) => Check {
            what,
            found: format!(
                "{:.1} MiB in the second quarter of the time, {:.1} MiB in the last",
                mebibytes(trend.before),
                mebibytes(trend.after)
            ),
            verdict: Verdict::of(trend.is_flat),
            details: Vec::new(),
        },
        None => Check {
            what,
            found: "too few samples: the run was short, or the system has no `/proc`".to_owned(),
            verdict: Verdict::NotJudged,
            details: Vec::new(),
        },
    }
}

fn tasks(outcome: &Outcome) -> Check {
    let (stuck, left_over) = (outcome.stuck, outcome.left_over);
    let longest =
        Duration::from_millis(u64::try_from(outcome.longest.as_millis()).unwrap_or(u64::MAX));
    Check {
        what: "no task is stuck or left over",
        found: format!(
            "{stuck} stuck, {left_over} left over; the longest was busy for {:.1} s with one thing",
            longest.as_secs_f64()
        ),
        verdict: Verdict::of(stuck == 0 && left_over == 0),
        details: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(seen: u64, broken: u64, abandoned: u64) -> Account {
        Account {
            answered: [(200, seen)].into(),
            broken,
            abandoned,
            ..Account::default()
        }
    }

    fn arrived(answered: u64, unanswered: u64) -> Arrived {
        Arrived {
            answered: [(200, answered)].into(),
            unanswered,
        }
    }

    #[test]
    fn lost_answers_and_abandoned_attempts_are_no_disagreement() {
        for (sent, arrived) in [
            (sent(5, 0, 0), arrived(5, 0)),
            (sent(5, 2, 0), arrived(5, 2)),
            (sent(5, 2, 0), arrived(7, 0)),
            (sent(5, 0, 2), arrived(5, 0)),
            (sent(5, 0, 2), arrived(6, 1)),
        ] {
            assert_eq!(disagreements("Get", &sent, &arrived), [""; 0]);
        }
    }

    #[test]
    fn one_more_or_less_on_either_side_is_found() {
        for (sent, arrived) in [
            (sent(5, 0, 0), arrived(6, 0)),
            (sent(5, 0, 0), arrived(4, 1)),
            (sent(5, 0, 0), arrived(5, 1)),
            (sent(5, 1, 0), arrived(5, 0)),
            (sent(5, 0, 1), arrived(5, 2)),
        ] {
            assert_eq!(disagreements("Get", &sent, &arrived).len(), 1);
        }
    }
}
