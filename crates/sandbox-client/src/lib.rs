#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/resources.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, resources, types};
pub use scorekit_core::{CallOptions, Config, Error, ErrorKind, Response};
