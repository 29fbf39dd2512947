//! The checks at the end of a run.

use crate::client_counts::ClientCounts;
use crate::memory::Samples;
use crate::outcome::Outcome;
use crate::server::Received;

/// The result of one check.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// The numbers behind the verdict.
    pub(crate) found: String,
    pub(crate) verdict: Verdict,
    /// The contradictions to the check, one line each.
    pub(crate) details: Vec<String>,
}

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// The run has too little data.
    TooLittleData,
}

impl Verdict {
    fn passed_if(condition: bool) -> Self {
        if condition {
            Self::Passed
        } else {
            Self::Failed
        }
    }
}

impl Check {
    /// Creates a check that passes if there are no details.
    fn without(name: &'static str, found: String, details: Vec<String>) -> Self {
        Self {
            name,
            found,
            verdict: Verdict::passed_if(details.is_empty()),
            details,
        }
    }
}

/// Runs all checks.
pub(crate) fn all(outcome: &Outcome) -> Vec<Check> {
    let ledger = &outcome.ledger;
    let compared = ledger.compare(&outcome.stored);
    let (created, deleted, left) = (ledger.created, ledger.deleted, compared.acknowledged);
    let present = left - compared.missing.len();
    let unexpected = format!(
        "{} unexpected; {} creations were not acknowledged, and {} of {} uncertain items exist",
        compared.unexpected.len(),
        ledger.unacknowledged,
        compared.uncertain_present,
        compared.uncertain,
    );
    vec![
        Check::without(
            "acknowledged items exist",
            format!(
                "{created} creations and {deleted} deletions acknowledged; \
                 {present} of {left} remaining items exist"
            ),
            compared.missing,
        ),
        Check::without(
            "no item exists twice",
            format!("{} duplicates", compared.duplicates.len()),
            compared.duplicates,
        ),
        Check::without(
            "items have their last acknowledged state",
            format!("{} outdated", compared.outdated.len()),
            compared.outdated,
        ),
        Check::without("no unexpected item exists", unexpected, compared.unexpected),
        Check {
            name: "calls fail only because of faults",
            found: format!("{} findings", outcome.findings.count),
            verdict: Verdict::passed_if(outcome.findings.count == 0),
            details: outcome.findings.shown.clone(),
        },
        counts(outcome),
        memory("client memory is flat", &outcome.client_memory),
        memory("server memory is flat", &outcome.server_memory),
        tasks(outcome),
    ]
}

/// Compares the attempts that the client counted with the requests that the server received.
fn counts(outcome: &Outcome) -> Check {
    let received = &outcome.received;
    let mut details = Vec::new();
    if received.missed > 0 {
        details.push(format!(
            "the sandbox forgot {} requests before they were counted",
            received.missed
        ));
    }
    // The sender distinguishes these, so an abandoned attempt that never arrived hides none of
    // them.
    for (operation, count) in &received.foreign {
        details.push(format!(
            "{operation}: {count} requests did not come from the client"
        ));
    }
    let (nothing_sent, nothing_received) = (ClientCounts::default(), Received::default());
    for (operation, received) in &received.operations {
        let sent = outcome.sent.get(operation).unwrap_or(&nothing_sent);
        details.extend(disagreements(operation, sent, received));
    }
    for (operation, sent) in &outcome.sent {
        if !received.operations.contains_key(operation) {
            details.extend(disagreements(operation, sent, &nothing_received));
        }
    }
    let attempts: u64 = outcome.sent.values().map(ClientCounts::attempts).sum();
    let requests = received.requests();
    let found = format!("{attempts} attempts sent, {requests} requests received");
    Check::without("client and server counts agree", found, details)
}

/// Lists the contradictions between client and server for one operation.
///
/// Every response that the client saw must be one that the server sent, and every request must be
/// an attempt. An attempt that was abandoned or timed out may never have arrived. A broken or
/// abandoned attempt may have a response that the client did not see.
fn disagreements(operation: &str, sent: &ClientCounts, received: &Received) -> Vec<String> {
    let mut found = Vec::new();
    for (status, seen) in &sent.responses {
        let responses = received.responses.get(status).copied().unwrap_or_default();
        if *seen > responses {
            found.push(format!(
                "{operation}: {seen} attempts saw status {status}, {responses} responses had it"
            ));
        }
    }
    let (attempts, requests) = (sent.attempts(), received.requests());
    let given_up = sent.abandoned + sent.timed_out;
    if requests > attempts {
        found.push(format!(
            "{operation}: {requests} requests, but only {attempts} attempts"
        ));
    } else if attempts - requests > given_up {
        found.push(format!(
            "{operation}: {attempts} attempts, {given_up} of them abandoned or timed out, \
             but only {requests} requests"
        ));
    }
    found
}

fn memory(name: &'static str, samples: &Samples) -> Check {
    let mebibytes = |kibibytes: u64| kibibytes as f64 / 1024.0;
    let (found, verdict) = match samples.trend() {
        Some(trend) => (
            format!(
                "{:.1} MiB in the second quarter, {:.1} MiB in the last",
                mebibytes(trend.early),
                mebibytes(trend.late)
            ),
            Verdict::passed_if(trend.is_flat),
        ),
        None => (
            "too few samples: the run was short, or the system has no `/proc`".to_owned(),
            Verdict::TooLittleData,
        ),
    };
    Check {
        name,
        found,
        verdict,
        details: Vec::new(),
    }
}

fn tasks(outcome: &Outcome) -> Check {
    let (stuck, left_over) = (outcome.stuck, outcome.left_over);
    Check {
        name: "no task is stuck or left over",
        found: format!(
            "{stuck} stuck, {left_over} left over; the longest action took {:.1} s",
            outcome.longest_action.as_secs_f64()
        ),
        verdict: Verdict::passed_if(stuck == 0 && left_over == 0),
        details: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(seen: u64, broken: u64, abandoned: u64) -> ClientCounts {
        ClientCounts {
            responses: [(200, seen)].into(),
            broken,
            abandoned,
            ..ClientCounts::default()
        }
    }

    fn received(responses: u64, without_response: u64) -> Received {
        Received {
            responses: [(200, responses)].into(),
            without_response,
        }
    }

    #[test]
    fn lost_responses_and_abandoned_attempts_are_accepted() {
        for (sent, received) in [
            (sent(5, 0, 0), received(5, 0)),
            (sent(5, 2, 0), received(5, 2)),
            (sent(5, 2, 0), received(7, 0)),
            (sent(5, 0, 2), received(5, 0)),
            (sent(5, 0, 2), received(6, 1)),
        ] {
            assert_eq!(disagreements("Get", &sent, &received), [""; 0]);
        }
    }

    #[test]
    fn one_request_more_or_less_is_a_disagreement() {
        for (sent, received) in [
            (sent(5, 0, 0), received(6, 0)),
            (sent(5, 0, 0), received(4, 1)),
            (sent(5, 0, 0), received(5, 1)),
            (sent(5, 1, 0), received(5, 0)),
            (sent(5, 0, 1), received(5, 2)),
        ] {
            assert_eq!(disagreements("Get", &sent, &received).len(), 1);
        }
    }
}
