//! The HTTP side: connections, the steps of each request, faults, the request log and the page.

mod apply_fault;
mod body;
mod connection;
#[cfg(feature = "page")]
mod page;
mod request_log;
mod reset;
mod response;
mod response_check;
mod service;
#[cfg(test)]
mod service_tests;

pub(crate) use connection::serve;
pub use request_log::RequestRecord;
pub(crate) use request_log::{DEFAULT_MAX_RECORDED, RequestLog};
pub(crate) use service::Server;
