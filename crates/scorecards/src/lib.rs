#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/resources.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;
mod helpers;

pub use generated::client::Client;
pub use generated::{requests, resources, types};
pub use scorekit_core::{CallOptions, Config, Error, Push, Response, RetryPolicy};
// Otherwise they would be most of what a search of the documentation finds.
#[doc(no_inline)]
pub use scorekit_core::{
    ApiError, ApiErrorSource, ApiRequest, Attempt, AttemptHook, AttemptResult, AttributeValue,
    BoxFuture, CredentialProvider, Credentials, Date, DateTime, Delivery, ErrorKind, HeaderMap,
    IntoItems, ItemResult, Items, Journal, Nullable, Pages, Progress, PushError, PushReport,
    RateLimit, RawBody, RawItem, RawItems, RefreshReason, SecretString, Site, StatusCode,
    TraceContext, UnknownProperties, UnlistedValue,
};
