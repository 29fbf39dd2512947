//! Calls of every operation, for the packages that judge the clients.
//!
//! The generator writes [`calls`], so a test that goes over them covers a new operation from its
//! first day. [`decode`] is what the fuzz target runs.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

pub mod decode;
#[rustfmt::skip]
#[allow(deprecated, reason = "the calls set everything that can be set")]
mod generated;

pub use generated::calls;

use std::future::Future;
use std::pin::Pin;

use scorekit::{Error, Response, StatusCode};

/// A call that is sent once it is waited for.
pub type Sent = Pin<Box<dyn Future<Output = Result<StatusCode, Error>> + Send>>;

/// The calls of an operation: each pair is one with the least and one with the most that can be set.
pub struct Calls {
    /// The tag of the operation.
    pub domain: &'static str,
    /// The resource of the operation.
    pub resource: &'static str,
    /// The operation id.
    pub operation: &'static str,
    /// By the client's own method.
    pub plain: [Sent; 2],
    /// By the method of the resource.
    pub by_resource: Option<[Sent; 2]>,
}

/// A call whose answer is of no interest but for its status.
pub fn sent<T>(call: impl Future<Output = Result<Response<T>, Error>> + Send + 'static) -> Sent {
    Box::pin(async { Ok(call.await?.status()) })
}
