#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, types};
pub use scorekit_core::{CallOptions, Config, Credentials, Error, Response, RetryPolicy};
