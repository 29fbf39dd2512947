//! What the client did, by its own account: the calls and attempts that its spans tell of, by operation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// What the client did for one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Calls that succeeded, and calls that failed.
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// Calls that nobody waited for to the end.
    pub(crate) dropped: u64,
    /// Attempts that were answered, by status.
    pub(crate) answered: BTreeMap<u16, u64>,
    /// Attempts whose connection broke before any status.
    pub(crate) broken: u64,
    /// Attempts that took too long, with no status.
    pub(crate) timed_out: u64,
    /// Attempts that nobody waited for to the end.
    pub(crate) abandoned: u64,
}

impl Account {
    pub(crate) fn calls(&self) -> u64 {
        self.succeeded + self.failed + self.dropped
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.answered.values().sum::<u64>() + self.broken + self.timed_out + self.abandoned
    }
}

/// The accounts by operation, shared with the subscriber that keeps them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Arc<Mutex<BTreeMap<String, Account>>>);

impl Accounts {
    pub(crate) fn read(&self) -> BTreeMap<String, Account> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a span that is still open.
#[derive(Debug, Default)]
struct Open {
    operation: String,
    status: Option<u16>,
    error: Option<String>,
    /// How many attempts it had; a call that nobody waits for never tells.
    attempts: Option<u64>,
}

impl Visit for Open {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "http.response.status_code" => self.status = u16::try_from(value).ok(),
            "scorekit.attempts" => self.attempts = Some(value),
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "scorekit.operation_id" => value.clone_into(&mut self.operation),
            "error.type" => self.error = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Which of the runtime's spans a span is.
fn is_span(metadata: &tracing::Metadata<'_>, name: &str) -> bool {
    metadata.target() == "scorekit" && metadata.name() == name
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Accounts {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if span.metadata().target() == "scorekit" {
            let mut open = Open::default();
            attributes.record(&mut open);
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(open) = span.extensions_mut().remove::<Open>() else {
            return;
        };
        let mut accounts = self.lock();
        let account = accounts.entry(open.operation).or_default();
        if is_span(span.metadata(), "call") {
            match (open.attempts, open.error) {
                (None, _) => account.dropped += 1,
                (Some(_), None) => account.succeeded += 1,
                (Some(_), Some(_)) => account.failed += 1,
            }
        } else if is_span(span.metadata(), "attempt") {
            match (open.status, open.error.as_deref()) {
                (Some(status), _) => *account.answered.entry(status).or_default() += 1,
                (None, None) => account.abandoned += 1,
                (None, Some("timeout")) => account.timed_out += 1,
                (None, Some(_)) => account.broken += 1,
            }
        }
    }
}
