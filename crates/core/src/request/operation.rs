//! The description of an operation in generated code: plain data that fits in a `static`.
//!
//! Every structure has a `const` constructor, and a setter for each value that may be left out. So
//! a new field breaks no generated crate.

use crate::{Method, Pagination};

/// One operation of an API document.
///
/// Generated code declares one `static` per operation. It holds what is the same for every call, so
/// that a [`Request`](crate::Request) only carries what differs.
///
/// ```
/// use scorekit_core::{Method, Operation, SecurityLocation, SecurityScheme, Server};
///
/// static SERVER: Server = Server::new("shop", "https://api.example.com");
/// static KEY: SecurityScheme =
///     SecurityScheme::new("shopKey", SecurityLocation::Header("x-api-key"));
/// static GET_ORDER: Operation =
///     Operation::new("GetOrder", Method::GET, "/orders/{order_id}", &SERVER)
///         .security(&[&[&KEY]]);
///
/// assert_eq!(GET_ORDER.id, "GetOrder");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The `operationId`; errors name it.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the server's address, with `{name}` in place of a path parameter. A query in
    /// it is sent with every request.
    pub path: &'static str,
    /// The server that the requests go to.
    pub server: &'static Server,
    /// The credentials that the operation accepts; see [`security`](Self::security()).
    pub security: &'static [&'static [&'static SecurityScheme]],
    /// The OAuth scopes that the operation needs; see [`scopes`](Self::scopes()).
    pub scopes: &'static [&'static str],
    /// The header parameters; see [`headers`](Self::headers()).
    pub headers: &'static [&'static str],
    /// The body of a successful response.
    pub response: BodyKind,
    /// The paging of a list; `None` when one response holds everything.
    pub pagination: Option<&'static Pagination>,
    /// True if a repeated request can apply a change twice.
    pub retry: RetrySafety,
    /// The Datadog sites that do not offer the operation; see
    /// [`unavailable_sites`](Self::unavailable_sites()).
    pub unavailable_sites: &'static [&'static str],
    /// True if the vendor may change or remove the operation without notice.
    pub preview: bool,
}

impl Operation {
    /// Creates an operation that needs no credentials and returns JSON.
    ///
    /// Its [`retry`](Self::retry()) follows from the method: `GET`, `HEAD`, `OPTIONS`, `TRACE`,
    /// `PUT` and `DELETE` are idempotent, others are not.
    pub const fn new(
        id: &'static str,
        method: Method,
        path: &'static str,
        server: &'static Server,
    ) -> Self {
        let retry = match method {
            Method::GET
            | Method::HEAD
            | Method::OPTIONS
            | Method::TRACE
            | Method::PUT
            | Method::DELETE => RetrySafety::Idempotent,
            _ => RetrySafety::OnlyUnprocessed,
        };
        Self {
            id,
            method,
            path,
            server,
            security: &[],
            scopes: &[],
            headers: &[],
            response: BodyKind::Json,
            pagination: None,
            retry,
            unavailable_sites: &[],
            preview: false,
        }
    }

    /// Sets the credentials that the operation accepts: alternatives, each with every scheme that
    /// it needs.
    #[must_use]
    pub const fn security(
        mut self,
        alternatives: &'static [&'static [&'static SecurityScheme]],
    ) -> Self {
        self.security = alternatives;
        self
    }

    /// Sets the OAuth scopes that the operation needs, such as `cases_read`, which the error of a
    /// 403 names.
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets the header parameters of the document. A default header of the client's
    /// [`Credentials`](crate::Credentials) is only sent with operations that list it here.
    #[must_use]
    pub const fn headers(mut self, names: &'static [&'static str]) -> Self {
        self.headers = names;
        self
    }

    /// Sets the body of a successful response.
    #[must_use]
    pub const fn response(mut self, body: BodyKind) -> Self {
        self.response = body;
        self
    }

    /// Sets the paging of a list.
    #[must_use]
    pub const fn pagination(mut self, pagination: &'static Pagination) -> Self {
        self.pagination = Some(pagination);
        self
    }

    /// Sets whether a repeated request can apply a change twice.
    #[must_use]
    pub const fn retry(mut self, safety: RetrySafety) -> Self {
        self.retry = safety;
        self
    }

    /// Sets the Datadog sites that do not offer the operation, as host names such as
    /// `ddog-gov.com`.
    #[must_use]
    pub const fn unavailable_sites(mut self, hosts: &'static [&'static str]) -> Self {
        self.unavailable_sites = hosts;
        self
    }

    /// Marks an operation that the vendor may change or remove without notice. The first call of a
    /// client logs a warning.
    #[must_use]
    pub const fn preview(mut self) -> Self {
        self.preview = true;
        self
    }
}

/// True if a repeated request can apply a change twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetrySafety {
    /// It cannot: two requests have the effect of one
    /// ([RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
    Idempotent,
    /// It can, for example by creating two things. The request is retried only if the server
    /// certainly did not process it.
    OnlyUnprocessed,
}

/// One server of an API document.
#[derive(Debug)]
#[non_exhaustive]
pub struct Server {
    /// The name that [`Config::server_url`](crate::Config::server_url) takes.
    pub name: &'static str,
    /// The address, with `{name}` in place of a variable. It may end in a path, which precedes the
    /// path of every operation.
    pub url: &'static str,
    /// The variables of the address.
    pub variables: &'static [ServerVariable],
}

impl Server {
    /// Creates a server whose address has no variables.
    pub const fn new(name: &'static str, url: &'static str) -> Self {
        Self {
            name,
            url,
            variables: &[],
        }
    }

    /// Sets the variables of the address.
    #[must_use]
    pub const fn variables(mut self, variables: &'static [ServerVariable]) -> Self {
        self.variables = variables;
        self
    }
}

/// One variable of a [`Server`]'s address.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServerVariable {
    /// The name between the braces.
    pub name: &'static str,
    /// The value unless the [`Config`](crate::Config) sets another.
    pub default: &'static str,
}

impl ServerVariable {
    /// Creates a variable with its default.
    pub const fn new(name: &'static str, default: &'static str) -> Self {
        Self { name, default }
    }
}

/// One security scheme of an API document.
#[derive(Debug)]
#[non_exhaustive]
pub struct SecurityScheme {
    /// The name that [`Credentials::scheme`](crate::Credentials::scheme) takes.
    pub name: &'static str,
    /// The place of the secret in a request.
    pub location: SecurityLocation,
}

impl SecurityScheme {
    /// Creates a scheme.
    pub const fn new(name: &'static str, location: SecurityLocation) -> Self {
        Self { name, location }
    }
}

/// The place of a secret in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityLocation {
    /// The header of this name.
    Header(&'static str),
    /// The query parameter of this name.
    Query(&'static str),
    /// The cookie of this name.
    Cookie(&'static str),
    /// `Authorization: Bearer …`
    /// ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    Bearer,
    /// `Authorization: Basic …`; the secret is `user:password`
    /// ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
    Basic,
}

/// The body of a successful response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// A JSON document, decoded into the operation's response type.
    Json,
    /// A string, which the response type `String` holds unchanged.
    Text,
    /// Bytes, for [`Request::send_bytes`](crate::Request::send_bytes) and
    /// [`Request::stream_bytes`](crate::Request::stream_bytes).
    Bytes,
    /// JSON values, one on each line (<https://github.com/ndjson/ndjson-spec>), decoded as a list.
    /// [`Request::stream_lines`](crate::Request::stream_lines) returns them as they arrive.
    JsonLines,
    /// A stream of events
    /// (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), for
    /// [`Request::stream_events`](crate::Request::stream_events).
    Events,
    /// No body. The response type, usually `()`, is decoded from the JSON literal `null`. If a body
    /// comes nevertheless, [`Response::raw`](crate::Response::raw) returns what arrived of it with
    /// the headers. The call does not wait for it.
    Empty,
    /// A body that depends on the status code; [`response_enum!`](crate::response_enum) declares
    /// the response type.
    ByStatus(&'static [DocumentedResponse]),
}

/// A response that the API document lists: its status and the kind of its body.
///
/// ```
/// use scorekit_core::{BodyKind, DocumentedResponse};
///
/// const RESPONSES: &[DocumentedResponse] = &[
///     DocumentedResponse::new("200", BodyKind::Json),
///     DocumentedResponse::new("2XX", BodyKind::Empty),
/// ];
/// assert_eq!(RESPONSES[0].body, BodyKind::Json);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentedResponse {
    /// Three digits, a range such as `2XX`, or `default` for all other successes.
    pub status: &'static str,
    /// The kind of the body; neither [`BodyKind::Bytes`] nor [`BodyKind::ByStatus`].
    pub body: BodyKind,
}

impl DocumentedResponse {
    /// Creates the description of the response with `status`.
    pub const fn new(status: &'static str, body: BodyKind) -> Self {
        Self { status, body }
    }
}
