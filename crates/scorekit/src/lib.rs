//! Clients for engineering scorecards, remediation campaigns, cases and custom KPIs, over one
//! connection pool.
//!
//! Each domain is a separate crate and a feature of this one. Only the features that a program
//! enables are compiled. A [`Client`] has one method per enabled domain. The method returns that
//! domain's client over the same pool and credentials.
//!
#![cfg_attr(feature = "campaigns", doc = "```no_run")]
#![cfg_attr(not(feature = "campaigns"), doc = "```ignore")]
//! # async fn example() -> Result<(), scorekit::Error> {
//! use scorekit::{Client, Site};
//!
//! let client = Client::builder()
//!     .site(Site::Us5)
//!     .api_key("api key")
//!     .application_key("application key")
//!     .build()?;
//! let campaigns = client.campaigns().list().page_limit(20).send().await?;
//! for campaign in &campaigns.data {
//!     println!("{} since {}", campaign.id, campaign.attributes.created_at);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::from_env`] reads the same settings from environment variables.

#![forbid(unsafe_code)]

// The examples in the READMEs have to compile.
#[cfg(all(doctest, feature = "campaigns"))]
#[doc = include_str!("../README.md")]
struct Readme;
#[cfg(all(
    doctest,
    feature = "campaigns",
    feature = "cases",
    feature = "scorecards"
))]
#[doc = include_str!("../../../README.md")]
struct WorkspaceReadme;
#[cfg(doctest)]
#[doc = include_str!("../../../docs/networks.md")]
struct Networks;

mod client;
#[rustfmt::skip]
mod generated;

pub use client::{Client, ClientBuilder};
#[allow(
    unreachable_pub,
    unused_imports,
    reason = "without a domain's feature there is nothing to export"
)]
pub use generated::*;

pub use scorekit_core as runtime;
pub use scorekit_core::{
    ApiError, ApiErrorSource, ApiRequest, Attempt, AttemptHook, AttemptResult, AttributeValue,
    BoxFuture, CallOptions, Config, CredentialProvider, Credentials, Date, DateTime, Delivery,
    Error, ErrorKind, HeaderMap, IntoItems, ItemResult, Items, Journal, Nullable, Pages, Progress,
    Push, PushError, PushReport, RateLimit, RawBody, RawItem, RawItems, RefreshReason, Response,
    RetryPolicy, SecretString, Site, StatusCode, TraceContext, UnknownProperties, UnlistedValue,
};
