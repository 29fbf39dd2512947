//! The progress of a run, reported to the program that started it.

mod terminal;

use std::fmt;
use std::sync::Arc;

pub use terminal::shown;

/// Receives the progress of a run. Steps of several threads may overlap.
pub trait Observer: Send + Sync {
    /// Expects `count` more steps.
    fn expect(&self, count: usize);

    /// Begins a step, described by `message` in a few words.
    fn begin(&self, message: &str);

    /// Ends a step.
    fn done(&self);
}

/// A handle to an [`Observer`]. The default reports to none.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Observer>>);

impl Progress {
    /// Creates a handle that reports to `observer`.
    pub fn new(observer: Arc<dyn Observer>) -> Self {
        Self(Some(observer))
    }

    /// Expects `count` more steps.
    pub fn expect(&self, count: usize) {
        if let Some(observer) = &self.0 {
            observer.expect(count);
        }
    }

    /// Begins a step, described by `message` in a few words.
    pub fn begin(&self, message: &str) {
        if let Some(observer) = &self.0 {
            observer.begin(message);
        }
    }

    /// Ends a step.
    pub fn done(&self) {
        if let Some(observer) = &self.0 {
            observer.done();
        }
    }
}

/// The steps of a run so far, for an observer that prints them as lines.
#[derive(Debug, Default)]
pub struct Steps {
    /// The current step in a few words.
    pub message: String,
    /// The number of completed steps.
    pub done: u64,
    /// The number of expected steps, or 0 if it is not known.
    pub total: u64,
    /// The eighth of the steps that the last line was about.
    printed: u64,
}

impl Steps {
    /// Expects `count` more steps.
    pub fn expect(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.total = self.total.saturating_add(count);
    }

    /// Begins a step. Returns true if it is worth a line: a document may have a hundred tags, and a
    /// log needs at most ten lines.
    pub fn begin(&mut self, message: &str) -> bool {
        message.clone_into(&mut self.message);
        let eighth = self.done.saturating_mul(8) / self.total.max(1);
        let is_new = self.total <= 8 || eighth > self.printed;
        self.printed = eighth;
        is_new
    }

    /// Returns the current step as a line, `seconds` after the start. Returns `None` before the
    /// first step.
    pub fn line(&self, seconds: f64) -> Option<String> {
        let Self {
            message,
            done,
            total,
            ..
        } = self;
        (!message.is_empty()).then(|| match total {
            0 => format!("[{seconds:.1} s] {message}"),
            total => format!("[{seconds:.1} s, {done}/{total}] {message}"),
        })
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.0.is_some() {
            "observed"
        } else {
            "silent"
        };
        write!(f, "Progress({word})")
    }
}
