//! A server of the APIs that the scorekit clients call, for tests and demos.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), scorekit_sandbox::StartError> {
//! use scorekit_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::start().await?;
//! let credentials = sandbox.credentials();
//! // Point a client at `sandbox.url()`, with `credentials.api_key` and
//! // `credentials.application_key` …
//! for request in sandbox.requests() {
//!     println!("{} {} -> {}", request.method, request.path, request.status);
//! }
//! # let _ = credentials;
//! # Ok(())
//! # }
//! ```
//!
//! The sandbox serves the operations of the OpenAPI document and nothing else. What a client
//! creates can be listed, fetched and deleted. A request that breaks the document is rejected with
//! the vendor's status code and error shape. The state is lost when the sandbox stops, unless it
//! has a file.
//!
//! # Behavior
//!
//! - Credentials are checked; see [`Credentials::SANDBOX`].
//! - Query parameters that the document does not list are rejected, as are bodies that break their
//!   schema.
//! - Identifiers depend only on the order of creation. With a fixed [`Clock`], whole responses
//!   repeat.
//! - Scores are computed for each request. There is no catalog: the team of a score is the owner of
//!   a rule.
//! - The document has no operation that creates Dcycle's assignments, so every identifier is valid.
//! - Rate limits ([`RateLimit`]) and faults ([`Fault`]) are off by default.
//!
//! # Features
//!
//! - `command` (default): the binary, with all other features.
//! - `database`: `SandboxBuilder::data`, which keeps the state in a file.
//! - `proxy`: `SandboxBuilder::proxy`, which forwards requests to the real API.
//! - `page`: the API reference at `/`, with the requests as they arrive.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The example in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod builder;
mod clock;
mod config;
mod document;
mod faults;
mod handlers;
mod options;
mod random;
mod rate_limit;
mod realistic;
mod recorder;
mod request;
mod sandbox;
mod seed;
mod seed_calls;
mod server;
mod start_error;
mod state;
mod sync;
mod upstream;

pub use crate::builder::SandboxBuilder;
pub use crate::clock::{Clock, ClockError};
pub use crate::config::SandboxConfig;
pub use crate::document::DocumentError;
pub use crate::faults::Fault;
pub use crate::options::{SettingError, parse_duration};
pub use crate::rate_limit::RateLimit;
pub use crate::realistic::realistic_seed;
pub use crate::request::Credentials;
pub use crate::sandbox::Sandbox;
pub use crate::seed::SeedError;
pub use crate::server::{Part, RequestRecord};
pub use crate::start_error::StartError;
