//! The hand-written runtime under every scorekit client.
//!
//! Generated code says *what* an operation is, in `static` [`Operation`]s; this crate says *how* a
//! call is made: addresses and their escaping, credentials, time limits, errors. It is written by
//! hand and once, because that is where an API client is right or wrong, and it is compiled once:
//! of a call, only the decoding of its answer is generic.
//!
//! What every call can rely on:
//!
//! - Only what the API document lists goes on the wire, plus `Accept`, `Accept-Encoding`,
//!   `Content-Type` with a body, and `User-Agent`.
//! - A request is sent again only where that cannot do a thing twice, and no later than the server
//!   and the [`RetryPolicy`] say. Every wait has an end.
//! - A credential goes to the configured host alone, encrypted unless that host is this machine. It
//!   appears in no `Debug`, no `Display` and no error, even where a server echoes it in whatever
//!   escaping, if it has eight characters or more.
//! - No argument can turn an operation into another one.
//! - The status of an answer is known even if its body cannot be read, and an [`Error`] names the
//!   operation, the place and the way out on one line.
//! - A list that a server hands out page by page reads as one stream ([`Pages`], [`Items`]) that
//!   ends, whatever the server does.
//! - Any number of items goes out in as many requests as they take ([`Push`]), each item has one
//!   result, and one that the server refuses holds up no other.
//! - A value that no document lists is kept ([`open_enum!`], [`DateTime`]), so a server may add one
//!   without breaking a program. A required field of an answer that is missing or `null` reads as
//!   empty ([`null_as_default`]).
//!
//! # What a program can watch
//!
//! With a subscriber of `tracing`, each call is a span (`call`, target
//! `scorekit`) and each attempt one within it (`attempt`), with the attributes of OpenTelemetry's
//! HTTP clients, the operation id, the count of attempts and the wait before each. No body, header,
//! argument or credential is among them, and so no `url.full`, which OpenTelemetry asks for:
//! `url.template` says which address it was. Without a subscriber this costs a comparison.
//!
//! # Features
//!
//! - `gzip` (on by default), `brotli`, `zstd`: what answers may be compressed with. Each adds a
//!   decompressor to the build; `zstd` also needs a C compiler. With `gzip`, requests are compressed,
//!   too, where the server says that it takes it ([`CallOptions::compress_requests`]).
//! - `http2`: HTTP/2 with encrypted servers that offer it, one connection for calls side by side.
//!   Without it, and with any other server, HTTP/1.1 with a connection for each.
//! - `simd`: decodes answers with the crate simd-json, which takes a tenth less time where the processor has
//!   vectors, and brings along code that the compiler cannot check. The same is read, with the same errors, but for -0:
//!   it passes for a whole number, and without a fraction it may lose its sign.
//! - `chrono`, `jiff`: conversions between [`DateTime`], [`Date`] and these libraries.
//!
//! # Example
//!
//! Generated clients wrap what this example does by hand.
//!
//! ```no_run
//! use scorekit_core::{
//!     Client, Config, Credentials, Error, Method, Operation, SecurityLocation, SecurityScheme,
//!     Server, Value,
//! };
//!
//! static SERVER: Server = Server::new("shop", "https://api.example.com");
//! static KEY: SecurityScheme =
//!     SecurityScheme::new("shopKey", SecurityLocation::Header("x-api-key"));
//! static GET_ORDER: Operation =
//!     Operation::new("GetOrder", Method::GET, "/orders/{order_id}", &SERVER)
//!         .security(&[&[&KEY]]);
//!
//! # async fn example() -> Result<(), Error> {
//! let client = Client::new(Config::new().credentials(Credentials::scheme("shopKey", "secret")))?;
//! let order = client.request::<Value>(&GET_ORDER).path("order_id", &"a/b").send().await?;
//! println!("{}: {}", order.status(), order["state"]);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

// The example in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod auth;
mod bulk;
mod client;
mod error;
mod pages;
mod request;
mod response;
mod send;
mod types;

pub use auth::credentials::Credentials;
pub use auth::provider::{CredentialProvider, Occasion};
pub use auth::{datadog, dcycle};
pub use bulk::{
    Bulk, Feed, Iterated, Iterating, Progress, Push, PushError, PushReport, Pushed, Streamed, Taken,
};
pub use client::Client;
pub use client::config::Config;
pub use client::options::CallOptions;
pub use client::site::Site;
pub use error::api_error::{ApiError, ApiErrorSource};
pub use error::{Error, ErrorKind};
pub use pages::{Items, Paged, Pages};
pub use request::Request;
pub use request::operation::{
    BodyKind, Operation, PageStyle, Pagination, RetrySafety, SecurityLocation, SecurityScheme,
    Server, ServerVariable,
};
pub use request::part::Part;
pub use request::style::ParameterStyle;
pub use response::Response;
pub use response::decode::{
    null_as_default, null_values_as_default, optional_null_values_as_default,
    other_null_values_as_default,
};
pub use response::status_body::StatusBody;
pub use send::rate_limit::RateLimit;
pub use send::retry::RetryPolicy;
pub use send::transport::BoxFuture;
pub use types::date_time::{Date, DateTime};
pub use types::open_enum::OpenEnum;

pub use bytes::Bytes;
pub use futures_core::Stream;
pub use reqwest::header::{HeaderMap, HeaderValue};
pub use reqwest::{Method, StatusCode};
pub use secrecy::SecretString;
pub use serde_json::Value;

/// What the tests and benchmarks of this workspace replace or call; nothing else should use it.
#[doc(hidden)]
pub mod seams {
    pub use crate::request::read as decode;
    pub use crate::send::transport::{Failure, Seams, Stage, Transport};
}

/// What [`open_enum!`], [`choice!`] and [`answers!`] expand to needs these; nothing else should use them.
#[doc(hidden)]
pub mod __private {
    pub use crate::types::choice::{
        JsonKind, Read, attempt, by_fit, by_kind, by_member, note_unlisted, read,
    };
    pub use crate::types::open_enum::deserialize;
    pub use serde::de::{IgnoredAny, MapAccess, Visitor};
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
}
