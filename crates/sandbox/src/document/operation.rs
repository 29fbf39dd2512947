//! The operations of the document: plain data, with lookups by name and by status code.

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

use super::path::PathTemplate;
use super::schema::Schema;

/// One operation: a method on a path.
pub(crate) struct Operation {
    /// The `operationId`.
    pub(crate) id: String,
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path with its parameters.
    pub(crate) path: PathTemplate,
    /// Path, query and header parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// The request body, if the operation takes one.
    pub(crate) body: Option<RequestBody>,
    /// The responses by status code (`"200"`), class (`"4XX"`) or `"default"`.
    pub(crate) responses: BTreeMap<String, Response>,
    /// The ways to authenticate, one of which is enough. If empty, no credentials are needed.
    pub(crate) security: Vec<Requirement>,
}

/// The part of a request that holds a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Location {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
}

/// One parameter.
pub(crate) struct Parameter {
    /// Its name on the wire.
    pub(crate) name: String,
    /// The part of the request that holds it.
    pub(crate) location: Location,
    /// True if it must be sent.
    pub(crate) required: bool,
    /// True if a list is sent as one occurrence per item instead of one string with commas.
    pub(crate) exploded: bool,
    /// The schema of its value.
    pub(crate) schema: Schema,
    /// The JSON type of its value.
    pub(crate) kind: String,
    /// The JSON type of one item, if the value is a list.
    pub(crate) item_kind: String,
    /// The value that the server assumes if it is not sent.
    pub(crate) default: Option<Value>,
    /// The largest number allowed.
    pub(crate) maximum: Option<u64>,
}

/// The request body of an operation.
pub(crate) struct RequestBody {
    /// True if it must be sent.
    pub(crate) required: bool,
    /// Its schema by media type.
    pub(crate) media_types: BTreeMap<String, Schema>,
}

/// One documented response.
pub(crate) struct Response {
    /// The schema of its JSON body, if it has a body.
    pub(crate) schema: Option<Schema>,
    /// The shape of its errors, if its schema is one of the vendors' error bodies.
    pub(crate) error_shape: Option<ErrorShape>,
    /// The document's example of its body, or else an invented one.
    pub(crate) example: Option<Value>,
}

/// The shape of an error body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ErrorShape {
    /// Datadog's plain shape, `{"errors": ["message"]}`.
    Strings,
    /// Datadog's JSON:API shape, `{"errors": [{"detail": "message", …}]}`.
    Objects,
    /// Dcycle's shape, `{"detail": "message"}`.
    Detail,
}

/// One way to authenticate: a request needs the credentials of every scheme in it.
pub(crate) struct Requirement {
    pub(crate) schemes: Vec<Scheme>,
}

/// One credential that a request can carry.
pub(crate) enum Scheme {
    /// A key in a header of this name.
    Header(String),
    /// `Authorization: Bearer`.
    Bearer,
}

impl Operation {
    /// Returns the documented response for a status code.
    pub(crate) fn response(&self, status: u16) -> Option<&Response> {
        let class = format!("{}XX", status / 100);
        self.responses
            .get(&status.to_string())
            .or_else(|| self.responses.get(&class))
            .or_else(|| self.responses.get("default"))
    }

    /// Returns the status code of a success: the lowest documented one.
    pub(crate) fn success_status(&self) -> u16 {
        let statuses = self.responses.keys();
        statuses
            .filter_map(|status| status.parse().ok())
            .filter(|status| (200..300).contains(status))
            .min()
            .unwrap_or(200)
    }

    /// Returns the example of the body of a success, which an operation without a handler has.
    pub(crate) fn example(&self) -> Option<&Value> {
        let response = self.response(self.success_status())?;
        response.example.as_ref()
    }

    /// Returns true if a 404 means that a body names a missing resource: the path names none.
    pub(crate) fn has_not_found_for_bodies(&self) -> bool {
        self.response(404).is_some() && self.parameters_in(Location::Path).next().is_none()
    }

    /// Returns the error shapes of all documented responses.
    pub(crate) fn error_shapes(&self) -> impl Iterator<Item = ErrorShape> + '_ {
        self.responses
            .values()
            .filter_map(|response| response.error_shape)
    }

    /// Returns a parameter by its location and name.
    pub(crate) fn parameter(&self, location: Location, name: &str) -> Option<&Parameter> {
        self.parameters_in(location)
            .find(|parameter| parameter.name == name)
    }

    /// Returns the parameters in one part of the request.
    pub(crate) fn parameters_in(&self, location: Location) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.location == location)
    }
}
