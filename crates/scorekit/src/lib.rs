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
//! [`Client::from_env`] reads the same settings from [environment
//! variables](#environment-variables). [`Config`] has further settings: proxies and certificates,
//! hooks and traces, and a limit of concurrent requests.
//!
//! | Question | Answer |
//! | --- | --- |
//! | What can fail, and how? | [`Error`], [`ErrorKind`] |
//! | What is retried, and how long does a call take? | [`RetryPolicy`], [`CallOptions`] |
//! | How is a whole list read? | `items()` and `pages()` of a request: [`Items`], [`Pages`] |
//! | How are many items sent? | `push_all` and others ending in `_all`: [`Push`], [`Journal`] |
//! | How do credentials rotate? | [`CredentialProvider`] |
//! | How are calls logged and measured? | [`AttemptHook`], [`TraceContext`], spans of `tracing` |
//! | How is something sent that the document lacks? | [`ApiRequest`], [`Client::request`] |
//! | How is a program tested? | [`scorekit-sandbox`][sandbox], a server of the same APIs |
//!
//! The [book](https://github.com/scorekit/scorekit/blob/main/docs/SUMMARY.md) has a page with a
//! program for each question.
//!
//! [sandbox]: https://docs.rs/scorekit-sandbox
//!
//! # Environment variables
//!
//! [`Client::from_env`] reads these:
//!
//! | Variables | Setting |
//! | --- | --- |
//! | `DD_SITE` | the Datadog site, such as `us5.datadoghq.com` |
//! | `DD_API_KEY` and `DD_APP_KEY`, or `DD_BEARER_TOKEN` | the credentials for Datadog |
//! | `DCYCLE_API_KEY` or `DCYCLE_BEARER_TOKEN` | the credentials for Dcycle |
//! | `DCYCLE_ORGANIZATION_ID`, `DCYCLE_USER_ID` | default headers for Dcycle |
//! | `SCOREKIT_BASE_URL` | another server, such as a sandbox |
//!
//! Every client reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and
//! `SSL_CERT_DIR`.
//!
//! # Features
//!
//! - `scorecards`, `campaigns`, `cases`, `kpi` (on by default): the domains.
//! - `gzip` (on by default), `brotli`, `zstd`: encodings of responses.
//! - `ring` (on by default), `aws-lc-rs`: the cryptographic provider of TLS, unless the program
//!   installs one. With both, the client uses aws-lc-rs.
//! - `http2`: HTTP/2 with servers that offer it.
//! - `jiff-1`, `chrono-0.4`: conversions between [`DateTime`], [`Date`] and the types of jiff 1 and
//!   chrono 0.4.
#![doc = include_str!("operations.md")]
// Without a domain's feature there is nothing that its links could lead to.
#![cfg_attr(
    not(all(
        feature = "campaigns",
        feature = "cases",
        feature = "kpi",
        feature = "scorecards"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The examples in the READMEs have to compile.
#[cfg(all(doctest, feature = "campaigns"))]
#[doc = include_str!("../README.md")]
struct Readme;

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
