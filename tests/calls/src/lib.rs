//! Every operation, called by what the generator writes in `generated::calls`: a test that goes over it need not know
//! the operations, and covers a new one from its first day.

use std::future::Future;
use std::pin::Pin;

use scorekit::{Error, Response, StatusCode};

/// A call that is sent once it is waited for.
pub(crate) type Sent = Pin<Box<dyn Future<Output = Result<StatusCode, Error>> + Send>>;

/// The calls of an operation: each pair is one with the least and one with the most that can be set.
pub(crate) struct Calls {
    pub(crate) domain: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) operation: &'static str,
    /// By the client's own method.
    pub(crate) plain: [Sent; 2],
    /// By the method of the resource.
    pub(crate) by_resource: Option<[Sent; 2]>,
}

/// A call whose answer is of no interest but for its status.
pub(crate) fn sent<T>(
    call: impl Future<Output = Result<Response<T>, Error>> + Send + 'static,
) -> Sent {
    Box::pin(async { Ok(call.await?.status()) })
}
