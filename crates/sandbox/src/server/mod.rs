//! The HTTP side: connections, the steps of each request, faults, the request log and the page.

mod apply_fault;
mod body;
mod connection;
mod control;
mod cors;
mod edit;
mod hosts;
#[cfg(feature = "page")]
mod page;
mod parts;
mod read_body;
mod record_json;
mod request_log;
mod reset;
mod response;
mod response_check;
mod service;
#[cfg(test)]
mod service_tests;
mod slots;
mod steering;
mod through;

pub(crate) use connection::{Limits, serve};
pub(crate) use hosts::AllowedHosts;
pub(crate) use parts::{Server, Start};
pub use request_log::RequestRecord;
pub(crate) use request_log::{DEFAULT_MAX_RECORDED, DEFAULT_MAX_RECORDED_BYTES, RequestLog};
pub use steering::Part;
pub(crate) use steering::Written;
