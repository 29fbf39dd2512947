//! What generated code says about an operation: plain data that fits in a `static`.

use crate::Method;
use crate::StatusBody;

/// One operation of an API document.
///
/// Generated code declares one `static` per operation; everything that is the same for every call
/// of it stands here, so that a [`Request`](crate::Request) only carries what differs.
///
/// ```
/// use scorekit_core::{
///     BodyKind, Method, Operation, RetrySafety, SecurityLocation, SecurityScheme, Server,
/// };
///
/// static SERVER: Server = Server { name: "shop", url: "https://api.example.com", variables: &[] };
/// static KEY: SecurityScheme = SecurityScheme {
///     name: "shopKey",
///     location: SecurityLocation::Header("x-api-key"),
/// };
/// static GET_ORDER: Operation = Operation {
///     id: "GetOrder",
///     method: Method::GET,
///     path: "/orders/{order_id}",
///     server: &SERVER,
///     security: &[&[&KEY]],
///     headers: &[],
///     response: BodyKind::Json,
///     pagination: None,
///     retry: RetrySafety::Idempotent,
///     unavailable_sites: &[],
///     preview: false,
/// };
/// # let _ = &GET_ORDER;
/// ```
#[derive(Debug)]
pub struct Operation {
    /// The `operationId`; errors name it.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the server's address, with `{name}` where a path parameter goes.
    pub path: &'static str,
    /// The server that answers the operation.
    pub server: &'static Server,
    /// The credentials that it accepts: alternatives, each of which lists every scheme it needs.
    /// Empty when the operation needs none.
    pub security: &'static [&'static [&'static SecurityScheme]],
    /// The header parameters that the document lists. A default header of the client's
    /// [`Credentials`](crate::Credentials) is sent only with operations that list it here.
    pub headers: &'static [&'static str],
    /// What a successful answer carries.
    pub response: BodyKind,
    /// How the operation hands out a list page by page; `None` when one answer is all there is.
    pub pagination: Option<&'static Pagination>,
    /// Whether sending a request of it again can do a thing twice.
    pub retry: RetrySafety,
    /// The Datadog sites that do not serve it, by host name such as `ddog-gov.com`.
    pub unavailable_sites: &'static [&'static str],
    /// Whether the vendor may change or remove it without notice. The first call of it by a client
    /// says so in a warning.
    pub preview: bool,
}

/// How an operation hands out a list page by page.
///
/// [`Request::pages`](crate::Request::pages) and [`Request::items`](crate::Request::items) read the
/// whole list by it.
///
/// ```
/// use scorekit_core::{PageStyle, Pagination};
///
/// static ORDERS: Pagination = Pagination {
///     style: PageStyle::Offset,
///     position: "page[offset]",
///     size: "page[size]",
///     maximum_size: Some(100),
///     items: &["data"],
/// };
/// # let _ = &ORDERS;
/// ```
#[derive(Debug)]
pub struct Pagination {
    /// What `position` counts.
    pub style: PageStyle,
    /// The query parameter that says where a page begins.
    pub position: &'static str,
    /// The query parameter that says how many items a page holds at the most.
    pub size: &'static str,
    /// The largest `size` that the document allows, in items; what is sent unless the caller chooses.
    pub maximum_size: Option<i64>,
    /// Where the items stand in an answer: the member of the body, the member of that, and so on.
    pub items: &'static [&'static str],
}

/// What the position of a page counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageStyle {
    /// The items before the page, from 0.
    Offset,
    /// Pages.
    Page {
        /// The number of the first page, 0 or 1.
        first: i64,
    },
}

/// Whether sending the same request again can do a thing twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetrySafety {
    /// It cannot: two requests have the effect of one
    /// ([RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
    Idempotent,
    /// It can, for example by creating two things. The request may be sent again only where the
    /// server certainly did not act on it.
    OnlyUnprocessed,
}

/// One server of an API document.
#[derive(Debug)]
pub struct Server {
    /// The name by which [`Config::server_url`](crate::Config::server_url) replaces the address.
    pub name: &'static str,
    /// The address, with `{name}` where a variable goes. It may end in a path, which stands before
    /// the path of every operation.
    pub url: &'static str,
    /// The variables of the address.
    pub variables: &'static [ServerVariable],
}

/// One variable of a [`Server`]'s address.
#[derive(Debug)]
pub struct ServerVariable {
    /// The name between the braces.
    pub name: &'static str,
    /// The value unless the [`Config`](crate::Config) sets another.
    pub default: &'static str,
}

/// One security scheme of an API document.
#[derive(Debug)]
pub struct SecurityScheme {
    /// The name that [`Credentials::scheme`](crate::Credentials::scheme) gives a secret to.
    pub name: &'static str,
    /// Where the secret goes in a request.
    pub location: SecurityLocation,
}

/// Where a request carries a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityLocation {
    /// In the header of this name.
    Header(&'static str),
    /// In the query parameter of this name.
    Query(&'static str),
    /// In the cookie of this name.
    Cookie(&'static str),
    /// In `Authorization: Bearer …`
    /// ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    Bearer,
    /// In `Authorization: Basic …`; the secret is `user:password`
    /// ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
    Basic,
}

/// What the body of a successful answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// A JSON document, decoded into the operation's response type.
    Json,
    /// A text, which the response type `String` takes as it is.
    Text,
    /// Bytes, for [`Request::send_bytes`](crate::Request::send_bytes).
    Bytes,
    /// JSON values, each in a line of its own (<https://github.com/ndjson/ndjson-spec>), decoded as a list.
    JsonLines,
    /// Nothing of use: whatever bytes a server sends are ignored and the response type, usually
    /// `()`, is decoded from the JSON text `null`.
    Empty,
    /// What the status says; the response type is declared with [`answers!`](crate::answers).
    ByStatus(&'static [StatusBody]),
}
