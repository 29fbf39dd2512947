#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, types};
pub use scorekit_core::{
    ApiError, ApiErrorSource, BoxFuture, CallOptions, Config, CredentialProvider, Credentials,
    Date, DateTime, Error, ErrorKind, HeaderMap, Items, Occasion, Pages, RateLimit, Response,
    RetryPolicy, SecretString, Site, StatusCode,
};
