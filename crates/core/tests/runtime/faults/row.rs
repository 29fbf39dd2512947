//! What a row of the matrix says: what a server does, and what a call of each kind comes to by it.

use std::time::Duration;

use scorekit_core::ErrorKind;

use super::server::{Act, Body, End, Reply};
use crate::script::{self, Step};
use scorekit_core::test_hooks::Stage;

/// What a call comes to, with the limits and waits that hold unless set, and every wait as long as
/// its bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `None` is a success.
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    /// How long the call takes beside what the network takes.
    pub(crate) took: Duration,
    pub(crate) retry_after: Option<Duration>,
}

impl Outcome {
    /// An attempt that is the only one.
    pub(crate) fn new(kind: Option<ErrorKind>, status: Option<u16>) -> Self {
        Self {
            kind,
            status,
            attempts: 1,
            took: Duration::ZERO,
            retry_after: None,
        }
    }

    /// So many attempts, with the waits that the policy draws in between.
    pub(crate) fn tries(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self.took = (1..attempts)
            .map(|retry| Duration::from_millis(500) * 2_u32.pow(retry - 1))
            .sum();
        self
    }

    /// So long in the end, because of time limits.
    pub(crate) fn took(mut self, seconds: u64) -> Self {
        self.took = Duration::from_secs(seconds);
        self
    }

    /// Four attempts with the wait that the server asks for in between; one, where that is too
    /// long.
    pub(crate) fn told(mut self, seconds: u64) -> Self {
        let wait = Duration::from_secs(seconds);
        self.retry_after = Some(wait);
        if seconds <= 60 {
            self.attempts = 4;
            self.took = wait * 3;
        }
        self
    }

    /// How the table shows it.
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
    /// What the server does, as the rest of a sentence.
    pub(crate) name: String,
    pub(crate) acts: Vec<Act>,
    /// How many calls are made; the last one counts.
    pub(crate) calls: usize,
    /// The feature without which it makes no sense.
    pub(crate) feature: Option<&'static str>,
    /// Whether a transport that follows a script can do the same.
    pub(crate) scripted: bool,
    /// A `GET` and a `PUT`, which two requests have the effect of one of.
    pub(crate) idempotent: Outcome,
    /// A `DELETE` whose answer has no body of use.
    pub(crate) without_body: Outcome,
    /// A `POST` that creates.
    pub(crate) creating: Outcome,
}

impl Row {
    /// A row in which every operation comes to the same, on the first attempt.
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

    /// What the server does the next time.
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

    /// What depends on the bytes on the wire.
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

    /// Whether the features of this build allow it.
    pub(crate) fn is_possible(&self) -> bool {
        match self.feature {
            None => true,
            Some("gzip") => cfg!(feature = "gzip"),
            Some("brotli") => cfg!(feature = "brotli"),
            Some("zstd") => cfg!(feature = "zstd"),
            Some(other) => panic!("{other} is no feature"),
        }
    }

    /// Whether some call of it ends by a time limit.
    pub(crate) fn is_timed(&self) -> bool {
        [&self.idempotent, &self.without_body, &self.creating]
            .into_iter()
            .any(|outcome| outcome.retry_after.is_none() && outcome.took > Duration::from_secs(4))
    }

    /// Whether the server closes a connection that the client may want to use again.
    pub(crate) fn closes_between_calls(&self) -> bool {
        matches!(&self.acts[0], Act::Answer(reply) if reply.end == End::CloseAfter)
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.acts.iter().map(step).collect()
    }
}

/// What a transport does that follows a script.
fn step(act: &Act) -> Step {
    match act {
        Act::Refuse => Step::Fail(Stage::Connect),
        Act::Nothing(End::Silent) => Step::Silence,
        Act::Nothing(_) => Step::Fail(Stage::Sent),
        Act::Answer(reply) => scripted(reply).step(),
        Act::Raw(..) | Act::Forever(..) => panic!("not for a script"),
    }
}

fn scripted(reply: &Reply) -> script::Answer {
    let code = reply.status.split(' ').next().unwrap_or_default();
    let mut answer = script::Answer::new(code.parse().unwrap());
    for (name, value) in &reply.headers {
        answer = answer.header(name, value);
    }
    answer = match &reply.body {
        Body::Empty | Body::Unsaid => answer,
        Body::Text(text) => answer.piece(Duration::ZERO, text.clone()),
        Body::Bytes(bytes) => answer.piece(Duration::ZERO, bytes.clone()),
        Body::Drip(count, pause) => {
            let pause = *pause * SCALE;
            (0..*count).fold(answer, |answer, _| answer.piece(pause, " "))
        }
        Body::Announced(_) | Body::Chunked(_) => panic!("not for a script"),
    };
    answer.end(match reply.end {
        End::KeepAlive | End::CloseAfter => script::End::Whole,
        End::Close | End::Reset => script::End::Broken,
        End::Silent => script::End::Silent,
    })
}

/// How many times faster than its limits the matrix runs over sockets.
pub(crate) const SCALE: u32 = 50;

/// What takes a second in the table.
pub(crate) const SECOND: Duration = Duration::from_millis(1000 / SCALE as u64);
