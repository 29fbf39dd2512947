//! The hand-written runtime of every scorekit client.
//!
//! Generated code describes operations as `static` [`Operation`]s. This crate sends their requests
//! and decodes their responses: URLs, credentials, time limits, retries, pages, errors. All of it
//! is compiled once, except the decoding of a response type.
//!
//! Guarantees of every call:
//!
//! - **Wire format.** A request has what the API document lists, plus `Accept`, `Accept-Encoding`,
//!   `User-Agent`, and `Content-Type` with a body. Only [`Config::trace_context`] and methods whose
//!   names end in `_unchecked` add more ([`ApiRequest`]). None of them changes a credential or the
//!   host.
//! - **Retries.** A request is retried only if that cannot apply a change twice, and not before the
//!   server and the [`RetryPolicy`] allow it. Every wait is bounded.
//! - **Secrets.** A credential is sent to the configured host only, and encrypted unless that host
//!   is this machine. `Debug`, `Display` and errors do not show eight or more characters of it in a
//!   row. This holds even if a server echoes them in another case, or escaped for JSON, URLs or
//!   HTML.
//! - **Arguments.** No argument can address another operation.
//! - **Errors.** An [`Error`] names the operation, the cause and the solution on one line. It has
//!   the status of a response even if the body cannot be read.
//! - **Lists.** A list that a server returns page by page is one stream ([`Pages`], [`Items`]). It
//!   ends for every server whose items have stable ids or properties, with an error if items may be
//!   missing ([`ErrorKind::Incomplete`]).
//! - **Bulk.** Any number of items is sent in as many requests as they need ([`Push`]). Each item
//!   has one result, and an item that the server rejects does not stop the others.
//! - **Streams.** Events, lines and downloads are read as they arrive ([`EventStream`],
//!   [`LineStream`], [`Download`]), in memory that does not grow. A stream without an error is
//!   whole. An upload can be a stream, too ([`Upload`]).
//! - **Unknown values.** A value that the document does not list is kept ([`open_enum!`],
//!   [`open_union!`], [`DateTime`]), so a server can add one without breaking a program. A required
//!   field of a response that is missing or `null` is decoded as empty, which
//!   [`Response::deviations`] reports. Unknown properties are kept ([`UnknownProperties`]).
//!
//! # Tracing
//!
//! With a subscriber of `tracing`, each call is a span (`call`, target `scorekit`) and each attempt
//! a span within it (`attempt`). They have the attributes of OpenTelemetry's HTTP clients, the
//! operation id, the number of attempts and the wait before each. They have no body, header,
//! argument or credential, and `url.template` instead of `url.full`. Without a subscriber this
//! costs a comparison.
//!
//! [`Config::trace_context`] continues the trace on the server, and an [`AttemptHook`] records
//! metrics.
//!
//! # Features
//!
//! - `gzip` (on by default), `brotli`, `zstd`: the encodings of compressed responses. Each adds a
//!   decompressor to the build, and `zstd` needs a C compiler. With `gzip`, requests are compressed
//!   if the server accepts it ([`CallOptions::compress_requests`]).
//! - `ring` (on by default), `aws-lc-rs`: the cryptographic provider of TLS. The one that a program
//!   installs for its process wins, and the client installs none. With both features, the client
//!   uses aws-lc-rs, which can exchange keys in a way that resists quantum computers.
//! - `http2`: HTTP/2 with encrypted servers that offer it, on one connection for concurrent calls.
//!   Otherwise, each concurrent call has an HTTP/1.1 connection.
//! - `jiff-1`, `chrono-0.4`: conversions between [`DateTime`], [`Date`] and the types of jiff 1 and
//!   chrono 0.4.
//!
//! # Example
//!
//! Generated clients wrap code such as this.
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
#![cfg_attr(docsrs, feature(doc_cfg))]

// The example in the README must compile.
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
mod streams;
mod types;

pub use auth::credentials::Credentials;
pub use auth::provider::{CredentialProvider, RefreshReason};
pub use auth::{datadog, dcycle};
pub use bulk::{
    Bulk, Delivery, IntoItems, ItemResult, IterStream, IteratorKind, Journal, Progress, Push,
    PushError, PushReport, StreamKind,
};
pub use client::Client;
pub use client::config::Config;
pub use client::options::CallOptions;
pub use client::site::Site;
pub use error::api_error::{ApiError, ApiErrorSource};
pub use error::{Error, ErrorKind};
pub use pages::descriptor::{JsonPath, PageParameter, PageStyle, Pagination};
pub use pages::{Items, Pages, RawItem, RawItems};
pub use request::Request;
pub use request::api_request::ApiRequest;
pub use request::operation::{
    BodyKind, DocumentedResponse, Operation, RetrySafety, SecurityLocation, SecurityScheme, Server,
    ServerVariable,
};
pub use request::part::Part;
pub use request::style::ParameterStyle;
pub use request::upload::Upload;
pub use response::Response;
pub use response::deviations::{Deviation, DeviationKind};
pub use response::raw_body::RawBody;
pub use send::hooks::{Attempt, AttemptHook, AttemptResult, AttributeValue};
pub use send::rate_limit::RateLimit;
pub use send::retry::RetryPolicy;
pub use send::trace_context::TraceContext;
pub use send::transport::BoxFuture;
pub use streams::{Download, Event, EventStream, LineStream};
pub use types::date_time::{Date, DateTime};
pub use types::json::FromJson;
pub use types::json::unknown::{UnknownMap, UnknownProperties};
pub use types::nullable::Nullable;
pub use types::open_enum::{OpenEnum, UnlistedValue};
pub use types::optional::{
    IntoNullable, IntoOptional, IntoOptionalList, IntoOptionalMap, NullableKind, OptionKind,
    ValueKind,
};

pub use bytes::Bytes;
pub use futures_core::Stream;
pub use http::{HeaderMap, HeaderValue, Method, StatusCode};
/// The HTTP client of the runtime, for [`Config::http_client`].
pub use reqwest;
pub use secrecy::SecretString;
pub use serde_json::Value;

/// The network, clock and decoder for the tests and benchmarks of this workspace; not for other
/// use.
#[doc(hidden)]
pub mod test_hooks {
    pub use crate::response::json::decode_text as decode;
    pub use crate::send::transport::{Stage, TestHooks, Transport, TransportError};
}

/// The items that [`json_object!`], [`open_enum!`], [`open_union!`], [`response_enum!`] and
/// [`string_argument!`] expand to; not for other use.
#[doc(hidden)]
pub mod __private {
    pub use crate::types::json::Json;
    pub use crate::types::json::object::{
        JsonObject, NO_INDEX, Reader, closed, free, mapped, object_from_json, object_read_into,
        object_to_json, open, optional, or_default, required,
    };
    pub use crate::types::open_enum::{deserialize, parse};
    pub use crate::types::union::{
        JsonKind, Read, attempt, by_best_match, by_kind, by_property, note_unrecognized, read,
    };
    pub use serde::de::{IgnoredAny, MapAccess, Visitor};
    pub use serde::ser::SerializeMap;
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
    pub use serde_json::Map;
}
