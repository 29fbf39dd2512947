//! The observation of a run in progress.

use std::error::Error;
use std::time::{Duration, Instant};

use crate::client_counts::SpanCounter;
use crate::memory::{self, Samples};
use crate::report;
use crate::server::{REMEMBERED_REQUESTS, Server};
use crate::tasks::Shared;

/// The interval between two observations.
pub(crate) const INTERVAL: Duration = Duration::from_millis(250);

/// The number of observations between two questions to the server.
const TICKS_PER_COUNT: u32 = 4;

/// The number of observations between two lines of progress.
const TICKS_PER_LINE: u32 = 20;

/// The values that are sampled while the tasks run.
pub(crate) struct Monitor<'a> {
    started: Instant,
    spans: &'a SpanCounter,
    shared: &'a Shared,
    ticks: u32,
    pub(crate) server_memory: Samples,
    pub(crate) longest_action: Duration,
}

impl<'a> Monitor<'a> {
    pub(crate) fn new(started: Instant, spans: &'a SpanCounter, shared: &'a Shared) -> Self {
        Self {
            started,
            spans,
            shared,
            ticks: 0,
            server_memory: Samples::default(),
            longest_action: Duration::ZERO,
        }
    }

    /// Takes the samples of one interval, and prints progress now and then.
    pub(crate) fn tick(&mut self, server: &mut Server) -> Result<(), Box<dyn Error>> {
        let longest = self.shared.busy().max().unwrap_or_default();
        self.longest_action = self.longest_action.max(longest);
        self.ticks += 1;
        if !self.ticks.is_multiple_of(TICKS_PER_COUNT) {
            return Ok(());
        }
        let counts = server.counts()?;
        // Until the sandbox has reached its limit of remembered requests, its memory has to grow.
        if counts.requests() > REMEMBERED_REQUESTS.into() {
            self.server_memory.add(counts.resident);
        }
        if self.ticks.is_multiple_of(TICKS_PER_LINE) {
            let findings = self.shared.findings().count;
            let seconds = self.started.elapsed().as_secs();
            let sent = self.spans.counts();
            report::progress(
                seconds,
                &sent,
                findings,
                memory::resident(),
                counts.resident,
            );
        }
        Ok(())
    }
}
