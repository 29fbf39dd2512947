//! The settings of a client that watch and limit its requests: hooks, traces, and the number of
//! concurrent requests.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::send::hooks::Hooks;
use crate::{AttemptHook, Config, Error, TraceContext};

/// Returns the trace that a request belongs to.
pub(crate) type TraceSource = dyn Fn() -> Option<TraceContext> + Send + Sync;

/// The settings that watch and limit requests.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) hooks: Hooks,
    pub(crate) trace_context: Option<Arc<TraceSource>>,
    max_concurrent_requests: Option<usize>,
}

impl Watch {
    /// Takes the settings that are not set here from `fallback`, whose hooks come first.
    pub(crate) fn or(self, fallback: Self) -> Self {
        let mut hooks = fallback.hooks;
        hooks.extend(self.hooks);
        Self {
            hooks,
            trace_context: self.trace_context.or(fallback.trace_context),
            max_concurrent_requests: self
                .max_concurrent_requests
                .or(fallback.max_concurrent_requests),
        }
    }

    /// Returns the permits of concurrent requests, if they are limited.
    pub(crate) fn permits(&self) -> Result<Option<Arc<Semaphore>>, Error> {
        match self.max_concurrent_requests {
            None => Ok(None),
            Some(0) => Err(Error::configuration(
                "Config::max_concurrent_requests must be at least 1, or no call could be sent; set \
                 a higher number",
            )),
            Some(count) => {
                let count = count.min(Semaphore::MAX_PERMITS);
                Ok(Some(Arc::new(Semaphore::new(count))))
            }
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Watch")
            .field("hooks", &self.hooks.len())
            .field("trace_context", &self.trace_context.is_some())
            .field("max_concurrent_requests", &self.max_concurrent_requests)
            .finish()
    }
}

/// Settings that watch and limit the requests of a client.
impl Config {
    /// Adds code that runs before and after each attempt, for instance to record metrics. See
    /// [`AttemptHook`].
    ///
    /// Several hooks run in the order in which they were added, and in the opposite order after the
    /// attempt.
    pub fn hook(mut self, hook: impl AttemptHook) -> Self {
        self.watch.hooks.push(Arc::new(hook));
        self
    }

    /// Sets the function that returns the trace of each request. The server then gets the headers
    /// `traceparent` and `tracestate` ([W3C Trace Context](https://www.w3.org/TR/trace-context/)).
    ///
    /// It is called for each attempt, within its span, so that the span of the attempt is the
    /// parent of the server's. Nothing is sent if it returns `None`, or if the call has a
    /// `traceparent` of its own.
    ///
    /// With the crates `opentelemetry` 0.33 and `tracing-opentelemetry` 0.34, and their traits
    /// `TraceContextExt` and `OpenTelemetrySpanExt`, the function is:
    ///
    /// ```text
    /// || {
    ///     let context = tracing::Span::current().context();
    ///     let span = context.span().span_context().clone();
    ///     let (trace, parent) = (span.trace_id().to_bytes(), span.span_id().to_bytes());
    ///     let context = TraceContext::new(trace, parent, span.trace_flags().to_u8())?;
    ///     Some(context.with_state(&span.trace_state().header()))
    /// }
    /// ```
    ///
    /// A program that continues one given trace passes it on:
    ///
    /// ```
    /// use scorekit_core::{Config, TraceContext};
    ///
    /// let trace = std::env::var("TRACEPARENT").ok();
    /// let config = Config::new().trace_context(move || TraceContext::parse(trace.as_deref()?));
    /// ```
    #[doc(alias = "traceparent")]
    #[doc(alias = "opentelemetry")]
    pub fn trace_context(
        mut self,
        source: impl Fn() -> Option<TraceContext> + Send + Sync + 'static,
    ) -> Self {
        self.watch.trace_context = Some(Arc::new(source));
        self
    }

    /// Sets the number of requests that the client and all its clones have in flight at once;
    /// unlimited by default.
    ///
    /// Further calls wait, and are sent in the order in which they came. Their time limit
    /// ([`CallOptions::timeout`](crate::CallOptions::timeout)) counts meanwhile, so a call may
    /// return [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) without an attempt. The time limit
    /// of an attempt begins with its request.
    ///
    /// A call counts until its response has been read. It does not count while it waits before a
    /// retry or for a rate limit. A stream counts until it ends or is dropped, so a call that is
    /// made for each of its elements needs a second place.
    #[doc(alias = "concurrency")]
    #[doc(alias = "semaphore")]
    #[doc(alias = "max_concurrent_calls")]
    pub fn max_concurrent_requests(mut self, count: usize) -> Self {
        self.watch.max_concurrent_requests = Some(count);
        self
    }
}
