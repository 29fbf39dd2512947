//! Sending: attempts and retries, rate limits, connection pools, compression, limits of time and
//! size, hooks, and spans for `tracing`.

pub(crate) mod attempt;
pub(crate) mod body;
pub(crate) mod compression;
pub(crate) mod connect;
pub(crate) mod hooks;
pub(crate) mod limiter;
pub(crate) mod pipeline;
pub(crate) mod pool;
pub(crate) mod proxy;
pub(crate) mod rate_limit;
pub(crate) mod retry;
pub(crate) mod tls;
pub(crate) mod trace;
pub(crate) mod trace_context;
pub(crate) mod transport;
