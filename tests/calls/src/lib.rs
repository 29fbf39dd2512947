//! Calls of every operation, for the packages that test the clients.
//!
//! The generator writes [`calls`], so tests that iterate over them cover each new operation.
//! [`decode`] is the code of the fuzz target.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a test stops at the first error")]

// The examples in the pages of the workspace must compile. They are not part of a package.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
#[cfg(doctest)]
#[doc = include_str!("../../../docs/platforms.md")]
struct Platforms;

pub mod decode;
#[rustfmt::skip]
#[allow(deprecated, reason = "the calls set every optional value")]
#[allow(clippy::too_many_lines, reason = "a function has all calls of a resource")]
mod generated;

pub use generated::calls;

use std::future::Future;
use std::pin::Pin;

use scorekit::{Error, Response, StatusCode};

/// A call that is sent when it is awaited.
pub type Sent = Pin<Box<dyn Future<Output = Result<StatusCode, Error>> + Send>>;

/// The calls of an operation, in pairs: with the required values only, and with all values.
pub struct Calls {
    /// The tag of the operation.
    pub domain: &'static str,
    /// The resource of the operation.
    pub resource: &'static str,
    /// The operation id.
    pub operation: &'static str,
    /// By the method of the client.
    pub plain: [Sent; 2],
    /// By the method of the resource.
    pub by_resource: Option<[Sent; 2]>,
}

/// Wraps a call so that it returns the status code only.
pub fn sent<T>(call: impl Future<Output = Result<Response<T>, Error>> + Send + 'static) -> Sent {
    Box::pin(async { Ok(call.await?.status()) })
}
