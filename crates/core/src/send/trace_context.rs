//! The headers that continue a trace on the server ([W3C Trace
//! Context](https://www.w3.org/TR/trace-context/)).

use std::fmt::{self, Write as _};

use http::header::Entry;
use http::{HeaderMap, HeaderValue};

/// The longest `tracestate` that every party has to pass on, in bytes ([section
/// 3.3.1.5](https://www.w3.org/TR/trace-context/#tracestate-limits)).
const LONGEST_STATE: usize = 512;

/// The trace that a request belongs to, for
/// [`Config::trace_context`](crate::Config::trace_context).
///
/// It is sent as the headers `traceparent` and `tracestate`.
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "traceparent")]
#[doc(alias = "opentelemetry")]
pub struct TraceContext {
    traceparent: HeaderValue,
    tracestate: Option<HeaderValue>,
}

impl TraceContext {
    /// Creates a context from the id of the trace, the id of the span that is the parent on the
    /// server, and the flags (1 if the trace is recorded). It is `None` if an id is zero, which
    /// means that there is no trace.
    ///
    /// ```
    /// use scorekit_core::TraceContext;
    ///
    /// let context = TraceContext::new([10; 16], [11; 8], 1).expect("ids that are not zero");
    /// assert_eq!(
    ///     context.traceparent(),
    ///     "00-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-0b0b0b0b0b0b0b0b-01"
    /// );
    /// ```
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let mut text = "00-".to_owned();
        for byte in trace_id {
            write!(text, "{byte:02x}").ok()?;
        }
        text.push('-');
        for byte in parent_id {
            write!(text, "{byte:02x}").ok()?;
        }
        write!(text, "-{flags:02x}").ok()?;
        Self::parse(&text)
    }

    /// Reads a `traceparent`, such as a propagator of OpenTelemetry writes it. It is `None` if the
    /// text is malformed.
    ///
    /// Source: <https://www.w3.org/TR/trace-context/#traceparent-header>.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let version = parts.next()?;
        let ids = [(version, 2), (parts.next()?, 32), (parts.next()?, 16)];
        let flags = parts.next()?;
        let is_hex = |(text, length): (&str, usize)| {
            let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            text.len() == length && text.bytes().all(is_digit)
        };
        let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
        let [_, (trace_id, _), (parent_id, _)] = ids;
        let is_valid = ids.into_iter().all(is_hex)
            && is_hex((flags, 2))
            && version != "ff"
            && !is_zero(trace_id)
            && !is_zero(parent_id)
            // Later versions may have further parts.
            && (version != "00" || parts.next().is_none());
        Some(Self {
            traceparent: HeaderValue::from_str(traceparent)
                .ok()
                .filter(|_| is_valid)?,
            tracestate: None,
        })
    }

    /// Adds the `tracestate`, the vendors' own part of the context. An empty or malformed one, or
    /// one of more than 512 bytes, is left out.
    pub fn with_state(mut self, tracestate: &str) -> Self {
        let is_valid = !tracestate.is_empty() && tracestate.len() <= LONGEST_STATE;
        let value = HeaderValue::from_str(tracestate).ok();
        self.tracestate = value.filter(|_| is_valid);
        self
    }

    /// Returns the value of the header `traceparent`.
    pub fn traceparent(&self) -> &str {
        self.traceparent.to_str().unwrap_or_default()
    }

    /// Adds the headers, unless the caller has set them.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        if let Entry::Vacant(entry) = headers.entry("traceparent") {
            entry.insert(self.traceparent);
            if let Some(state) = self.tracestate {
                headers.insert("tracestate", state);
            }
        }
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TraceContext")
            .field("traceparent", &self.traceparent)
            .field("tracestate", &self.tracestate)
            .finish()
    }
}
