//! A row of the matrix: the server's behavior, and the outcome of each kind of call.

use std::time::Duration;

use scorekit_core::ErrorKind;

use super::server::{Act, Body, End, RawResponse};
use crate::script::{self, Step};
use scorekit_core::test_hooks::Stage;

/// The outcome of a call with the default limits and waits, where every wait is as long as its
/// bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The error's kind, or `None` for a success.
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    /// The duration of the call without the time that the network takes.
    pub(crate) took: Duration,
    pub(crate) retry_after: Option<Duration>,
}

impl Outcome {
    /// Creates an outcome with a single attempt.
    pub(crate) fn new(kind: Option<ErrorKind>, status: Option<u16>) -> Self {
        Self {
            kind,
            status,
            attempts: 1,
            took: Duration::ZERO,
            retry_after: None,
        }
    }

    /// Sets the number of attempts, with the waits that the policy draws between them.
    pub(crate) fn tries(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self.took = (1..attempts)
            .map(|retry| Duration::from_millis(500) * 2_u32.pow(retry - 1))
            .sum();
        self
    }

    /// Sets the total time, because of time limits.
    pub(crate) fn took(mut self, seconds: u64) -> Self {
        self.took = Duration::from_secs(seconds);
        self
    }

    /// Sets four attempts with the wait that the server requests between them. A too long wait
    /// allows one attempt.
    pub(crate) fn requested(mut self, seconds: u64) -> Self {
        let wait = Duration::from_secs(seconds);
        self.retry_after = Some(wait);
        if seconds <= 60 {
            self.attempts = 4;
            self.took = wait * 3;
        }
        self
    }

    /// Returns the outcome as the table shows it.
    pub(crate) fn cell(&self) -> String {
        let mut parts = Vec::new();
        let status = self.status.map(|status| status.to_string());
        parts.push(match (self.kind, status) {
            (None, status) => format!("success {}", status.unwrap_or_default()),
            (Some(kind), Some(status)) => format!("`{kind:?}` {status}"),
            (Some(kind), None) => format!("`{kind:?}`"),
        });
        if self.attempts > 1 {
            parts.push(format!("{} attempts", self.attempts));
        }
        if !self.took.is_zero() {
            parts.push(format!("{:?}", self.took));
        }
        if let Some(wait) = self.retry_after.filter(|_| self.took.is_zero()) {
            parts.push(format!("`retry_after` {wait:?}"));
        }
        parts.join(", ")
    }
}

/// A row of the matrix.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) section: &'static str,
    /// The server's behavior, as the rest of a sentence.
    pub(crate) name: String,
    pub(crate) acts: Vec<Act>,
    /// The number of calls; the last one counts.
    pub(crate) calls: usize,
    /// The feature that the row requires.
    pub(crate) feature: Option<&'static str>,
    /// True if a scripted transport can imitate the row.
    pub(crate) scripted: bool,
    /// The outcome of a `GET` and a `PUT`, which are idempotent.
    pub(crate) idempotent: Outcome,
    /// The outcome of a `DELETE`, whose response body is unused.
    pub(crate) without_body: Outcome,
    /// The outcome of a `POST` that creates.
    pub(crate) creating: Outcome,
}

impl Row {
    /// Creates a row in which every operation has the same outcome on the first attempt.
    pub(crate) fn new(
        section: &'static str,
        name: impl Into<String>,
        act: Act,
        outcome: Outcome,
    ) -> Self {
        Self {
            section,
            name: name.into(),
            acts: vec![act],
            calls: 1,
            feature: None,
            scripted: true,
            idempotent: outcome.clone(),
            without_body: outcome.clone(),
            creating: outcome,
        }
    }

    /// Sets the server's next action.
    pub(crate) fn then(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    pub(crate) fn calls(mut self, calls: usize) -> Self {
        self.calls = calls;
        self.scripted = false;
        self
    }

    pub(crate) fn feature(mut self, feature: &'static str) -> Self {
        self.feature = Some(feature);
        self.scripted = false;
        self
    }

    /// Marks a row that depends on the bytes on the wire.
    pub(crate) fn only_over_sockets(mut self) -> Self {
        self.scripted = false;
        self
    }

    pub(crate) fn delete(mut self, outcome: Outcome) -> Self {
        self.without_body = outcome;
        self
    }

    pub(crate) fn post(mut self, outcome: Outcome) -> Self {
        self.creating = outcome;
        self
    }

    /// Returns true if the features of this build allow the row.
    pub(crate) fn is_possible(&self) -> bool {
        match self.feature {
            None => true,
            Some("gzip") => cfg!(feature = "gzip"),
            Some("brotli") => cfg!(feature = "brotli"),
            Some("zstd") => cfg!(feature = "zstd"),
            Some(other) => panic!("{other} is no feature"),
        }
    }

    /// Returns true if some call of the row ends at a time limit.
    pub(crate) fn is_timed(&self) -> bool {
        [&self.idempotent, &self.without_body, &self.creating]
            .into_iter()
            .any(|outcome| outcome.retry_after.is_none() && outcome.took > Duration::from_secs(4))
    }

    /// Returns true if the server closes a connection that the client may want to reuse.
    pub(crate) fn closes_between_calls(&self) -> bool {
        matches!(&self.acts[0], Act::Respond(raw) if raw.end == End::CloseAfter)
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.acts.iter().map(step).collect()
    }
}

/// Returns the matching step of a scripted transport.
fn step(act: &Act) -> Step {
    match act {
        Act::Closed => Step::Fail(Stage::Connect),
        Act::Nothing(End::Silent) => Step::Silence,
        Act::Nothing(_) => Step::Fail(Stage::Sent),
        Act::Respond(raw) => scripted(raw).step(),
        Act::Raw(..) | Act::Forever(..) => panic!("not for a script"),
    }
}

fn scripted(raw: &RawResponse) -> script::ScriptedResponse {
    let code = raw.status.split(' ').next().unwrap_or_default();
    let mut response = script::ScriptedResponse::new(code.parse().unwrap());
    for (name, value) in &raw.headers {
        response = response.header(name, value);
    }
    response = match &raw.body {
        Body::Empty | Body::Unsaid => response,
        Body::Text(text) => response.piece(Duration::ZERO, text.clone()),
        Body::Bytes(bytes) => response.piece(Duration::ZERO, bytes.clone()),
        Body::Drip(count, pause) => {
            let pause = *pause * SCALE;
            (0..*count).fold(response, |response, _| response.piece(pause, " "))
        }
        Body::Announced(_) | Body::Chunked(_) => panic!("not for a script"),
    };
    response.end(match raw.end {
        End::KeepAlive | End::CloseAfter => script::End::Whole,
        End::Close | End::Reset => script::End::Broken,
        End::Silent => script::End::Silent,
    })
}

/// The factor by which the matrix runs faster than its limits over sockets.
pub(crate) const SCALE: u32 = 50;

/// The duration over sockets of a second in the table.
pub(crate) const SECOND: Duration = Duration::from_millis(1000 / SCALE as u64);
