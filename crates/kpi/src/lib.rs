#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/resources.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, resources, types};
pub use scorekit_core::{
    ApiError, ApiErrorSource, ApiRequest, Attempt, AttemptHook, AttemptResult, AttributeValue,
    BoxFuture, CallOptions, Config, CredentialProvider, Credentials, Date, DateTime, Delivery,
    Error, ErrorKind, HeaderMap, IntoItems, ItemResult, Items, Journal, Nullable, Pages, Progress,
    Push, PushError, PushReport, RateLimit, RawBody, RawItem, RawItems, RefreshReason, Response,
    RetryPolicy, SecretString, Site, StatusCode, TraceContext, UnknownProperties, UnlistedValue,
};
