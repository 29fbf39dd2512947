#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, types};
pub use scorekit_core::{
    ApiError, ApiErrorSource, Config, Credentials, Date, DateTime, Error, ErrorKind, HeaderMap,
    Items, Pages, Response, SecretString, Site, StatusCode,
};
