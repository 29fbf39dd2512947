//! The progress of a run, reported to the program that started it.

use std::fmt;
use std::sync::Arc;

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
