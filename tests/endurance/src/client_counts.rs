//! The calls and attempts of the client, counted by operation from its tracing spans.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The calls and attempts of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientCounts {
    pub(crate) succeeded_calls: u64,
    pub(crate) failed_calls: u64,
    /// Calls whose future was dropped before the end.
    pub(crate) abandoned_calls: u64,
    /// Attempts that received a status code, by status code.
    pub(crate) responses: BTreeMap<u16, u64>,
    /// Attempts whose connection broke before a status code.
    pub(crate) broken: u64,
    /// Attempts that timed out before a status code.
    pub(crate) timed_out: u64,
    /// Attempts whose future was dropped before a status code.
    pub(crate) abandoned: u64,
}

impl ClientCounts {
    pub(crate) fn calls(&self) -> u64 {
        self.succeeded_calls + self.failed_calls + self.abandoned_calls
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.responses.values().sum::<u64>() + self.broken + self.timed_out + self.abandoned
    }
}

/// A subscriber layer that counts the client's spans by operation. Clones share their counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpanCounter(Arc<Mutex<BTreeMap<String, ClientCounts>>>);

impl SpanCounter {
    pub(crate) fn counts(&self) -> BTreeMap<String, ClientCounts> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, ClientCounts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fields of an open span.
#[derive(Debug, Default)]
struct OpenSpan {
    operation: String,
    status: Option<u16>,
    error: Option<String>,
    /// The number of attempts of a call. The runtime records it when the call ends, so an abandoned
    /// call has none.
    attempts: Option<u64>,
}

impl Visit for OpenSpan {
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

/// Returns true if a span is the runtime's and has this name.
fn is_span(metadata: &tracing::Metadata<'_>, name: &str) -> bool {
    metadata.target() == "scorekit" && metadata.name() == name
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanCounter {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if span.metadata().target() == "scorekit" {
            let mut open = OpenSpan::default();
            attributes.record(&mut open);
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
            values.record(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(open) = span.extensions_mut().remove::<OpenSpan>() else {
            return;
        };
        let mut all = self.lock();
        let counts = all.entry(open.operation).or_default();
        if is_span(span.metadata(), "call") {
            match (open.attempts, open.error) {
                (None, _) => counts.abandoned_calls += 1,
                (Some(_), None) => counts.succeeded_calls += 1,
                (Some(_), Some(_)) => counts.failed_calls += 1,
            }
        } else if is_span(span.metadata(), "attempt") {
            match (open.status, open.error.as_deref()) {
                (Some(status), _) => *counts.responses.entry(status).or_default() += 1,
                (None, None) => counts.abandoned += 1,
                (None, Some("timeout")) => counts.timed_out += 1,
                (None, Some(_)) => counts.broken += 1,
            }
        }
    }
}
