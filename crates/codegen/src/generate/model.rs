//! What the stages after loading speak of: domains, their operations and their schemas.
//!
//! Schemas stay JSON values in the words of OpenAPI 3.0, because lowering rewrites them one
//! construct at a time; everything else has been read into types, so that a later stage need not
//! ask again whether it is well formed. All of it but the places is written down by `cache`, to
//! tell whether a domain has changed.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::document::diagnostic::Location;
use crate::document::node::{escape_pointer_token, unescape_pointer_token};

/// One tag of the document: what becomes one crate.
#[derive(Clone, Debug, Serialize)]
pub struct Domain {
    /// The tag's name, also the crate's name after the prefix.
    pub tag: String,
    /// The tag's description.
    pub description: String,
    /// The operations that carry the tag, in document order.
    pub operations: Vec<Operation>,
    /// The schemas that the operations reach, by name, in the order in which they are reached.
    pub schemas: IndexMap<String, Schema>,
}

impl Domain {
    /// The names of all schemas that `roots` refer to, directly or through one another.
    pub fn reached_from<'a>(&'a self, roots: impl Iterator<Item = &'a Value>) -> HashSet<String> {
        let mut reached = HashSet::new();
        let mut pending: Vec<&Value> = roots.collect();
        while let Some(value) = pending.pop() {
            if let Some(name) = referenced_schema(value) {
                if let Some(schema) = self.schemas.get(&name)
                    && reached.insert(name)
                {
                    pending.push(&schema.value);
                }
                continue;
            }
            match value {
                Value::Array(values) => pending.extend(values),
                Value::Object(members) => {
                    pending.extend(
                        members
                            .iter()
                            .filter(|(name, _)| !name.starts_with("x-"))
                            .map(|(_, value)| value),
                    );
                }
                _ => {}
            }
        }
        reached
    }
}

/// A named schema.
#[derive(Clone, Debug, Serialize)]
pub struct Schema {
    /// The schema, in OpenAPI's words; its references are `#/components/schemas/<name>`.
    pub value: Value,
    /// Where it is defined.
    #[serde(skip)]
    pub location: Location,
    /// Its path in the document, which stays the same when lowering renames it.
    #[serde(skip)]
    pub path: SchemaPath,
}

/// The path of a schema in the document: a named schema, a parameter or a body, then the fields and
/// items that lead inside. It is independent of the Rust names that lowering chooses.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SchemaPath(String);

impl SchemaPath {
    /// Returns the path of the named schema `name`.
    pub fn named(name: &str) -> Self {
        Self("schemas".to_owned()).child(name)
    }

    /// Returns the path of the schema of a parameter.
    pub fn parameter(operation: &Operation, name: &str) -> Self {
        Self::operation(operation).child("parameters").child(name)
    }

    /// Returns the path of the schema of a request body.
    pub fn request_body(operation: &Operation) -> Self {
        Self::operation(operation).child("request")
    }

    /// Returns the path of the schema of a response body. Where the responses differ by status
    /// code, this is the union of them.
    pub fn response_body(operation: &Operation) -> Self {
        Self::operation(operation).child("response")
    }

    fn operation(operation: &Operation) -> Self {
        let variant = operation.variant.as_deref().unwrap_or_default();
        let path = Self("operations".to_owned()).child(&operation.id);
        path.child(variant)
    }

    /// Returns the path of the field `name` of this schema.
    pub fn field(&self, name: &str) -> Self {
        self.child("properties").child(name)
    }

    /// Returns the path of the items of this list.
    pub fn items(&self) -> Self {
        self.child("items")
    }

    /// Returns the path of the values of this map.
    pub fn values(&self) -> Self {
        self.child("additionalProperties")
    }

    /// Returns the path of an alternative of this union.
    pub fn variant(&self, number: usize) -> Self {
        self.child("variants").child(&number.to_string())
    }

    fn child(&self, token: &str) -> Self {
        Self(format!("{}/{}", self.0, escape_pointer_token(token)))
    }
}

/// One operation.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// The vendor's operation id.
    pub id: String,
    /// The name of the Rust method; lowering sets it.
    pub method_name: String,
    /// The name of the Rust request type; lowering sets it.
    pub type_name: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The resource it works on: the name of its generated file.
    pub resource: String,
    /// What it does to the resource (`x-verb`): the name of its method there, once lowered.
    pub verb: Option<String>,
    /// The name of the client's method that leads to the resource; lowering sets it.
    pub accessor: String,
    /// One line.
    pub summary: String,
    /// Everything else there is to say.
    pub description: String,
    /// The vendor's page.
    pub documentation: Option<String>,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Whether the vendor may change or remove it without notice (`x-preview`).
    pub preview: bool,
    /// Whether a request may be sent twice and have the effect of one: by its method, or because
    /// the document says so (`x-idempotent`).
    pub idempotent: bool,
    /// The sites that do not serve it (`x-unavailable-sites`).
    pub unavailable_sites: Vec<String>,
    /// Path, query and header parameters, in document order.
    pub parameters: Vec<Parameter>,
    /// What tells it from the same operation with a body of another media type: part of the names
    /// of its method and of its request, and nothing on the wire.
    pub variant: Option<String>,
    /// The schema of the request body.
    pub request_body: Option<Value>,
    /// What the request body is.
    pub request_format: BodyFormat,
    /// The media type of the request body, as the document writes it.
    pub request_media_type: String,
    /// That media type, where it has to be said of a body that is JSON: it is neither the usual one
    /// nor a range.
    pub json_media_type: Option<String>,
    /// Whether a request without the body is invalid.
    pub body_required: bool,
    /// The schema of the body of a success; `None` where a success has none.
    pub response_body: Option<Value>,
    /// What that body is.
    pub response_format: BodyFormat,
    /// What the header `Accept` says, where that is not what it says for every body of this format.
    pub accepted: Option<String>,
    /// The bodies of successes that differ, in the order of the document; empty where all have the
    /// same. Lowering makes one schema of them.
    pub responses: Vec<StatusResponse>,
    /// Every documented status and its description.
    pub statuses: Vec<(String, String)>,
    /// How it hands out a list page by page (`x-pagination`).
    pub pagination: Option<Pagination>,
    /// How it takes a list of items in one request (`x-bulk`).
    pub bulk: Option<Bulk>,
    /// Where it is sent.
    pub server: Server,
    /// Alternatives; within one, every scheme is needed. Empty where anybody may call.
    pub security: Vec<Vec<SecurityRequirement>>,
    /// Where the operation id stands.
    #[serde(skip)]
    pub location: Location,
}

/// A parameter of an operation.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The Rust identifier; lowering sets it.
    pub rust_name: String,
    /// Where it goes.
    pub place: ParameterPlace,
    /// Whether a request without it is invalid.
    pub required: bool,
    /// What it is for.
    pub description: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Its schema.
    pub schema: Value,
    /// How a list or an object is written: the name of a `ParameterStyle` of the runtime. `None`
    /// for a single value.
    pub style: Option<&'static str>,
    /// The media type of a part, where the part says one.
    pub media_type: Option<String>,
}

/// The body of one success.
#[derive(Clone, Debug, Serialize)]
pub struct StatusResponse {
    /// Three digits, a range such as `2XX`, or `default`.
    pub status: String,
    /// What it means.
    pub description: String,
    /// What the body is.
    pub format: BodyFormat,
    /// Its schema; `None` where there is no body.
    pub schema: Option<Value>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub enum BodyFormat {
    /// A JSON value.
    #[default]
    Json,
    /// JSON values, each in a line of its own.
    JsonLines,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum ParameterPlace {
    /// Into the path.
    Path,
    /// Into the query string.
    Query,
    /// Into a header.
    Header,
    /// Into a cookie.
    Cookie,
    /// Into a field of a body that is a form.
    Field,
    /// Into a part of a body of several.
    Part(PartFormat),
}

/// What a part of a body of several is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum PartFormat {
    /// A text.
    Text,
    /// A value as JSON.
    Json,
    /// A list, each of whose items is a part of its own.
    Items,
    /// A file.
    File,
    /// Any number of files.
    Files,
}

/// How an operation hands out a list page by page.
#[derive(Clone, Debug, Serialize)]
pub struct Pagination {
    /// What the position counts.
    pub style: PageStyle,
    /// The query parameter that says where a page begins.
    pub position: String,
    /// The query parameter that says how many items a page holds.
    pub size: String,
    /// The `maximum` of that parameter.
    pub max_size: Option<i64>,
    /// The way to the items in the answer, member by member.
    pub items: Vec<String>,
    /// The way to the number of items on all pages.
    pub total: Option<Vec<String>>,
    /// Where the extension stands.
    #[serde(skip)]
    pub location: Location,
}

/// How an operation takes a list of items in one request.
#[derive(Clone, Debug, Serialize)]
pub struct Bulk {
    /// The name of its method on the resource; lowering makes it one.
    pub verb: Option<String>,
    /// The way to the items in the body, member by member.
    pub items: Vec<String>,
    /// How many items a request holds at the most.
    pub max_items: u64,
    /// How many bytes the body of a request has at the most.
    pub max_bytes: u64,
    /// Statuses beside those of every operation that refuse a request for what is in it.
    pub rejection_statuses: Vec<u16>,
    /// The members that tell one item from another.
    pub identified_by: Vec<String>,
    /// Where the extension stands.
    #[serde(skip)]
    pub location: Location,
}

/// What the position of a page counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum PageStyle {
    /// The items before it.
    Offset,
    /// Pages.
    Page {
        /// The number of the first page.
        first: i64,
    },
}

/// A server of the document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Server {
    /// What configuration calls it (`x-server-name`).
    pub name: String,
    /// The URL, with `{variables}`.
    pub url: String,
    /// The variables and their defaults.
    pub variables: Vec<(String, String)>,
}

/// A security scheme that an operation asks for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SecurityRequirement {
    /// The scheme.
    pub scheme: SecurityScheme,
    /// OAuth scopes.
    pub scopes: Vec<String>,
}

/// A security scheme of the document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SecurityScheme {
    /// The name in the document, and in configuration.
    pub name: String,
    /// Where the secret goes.
    pub location: SecurityLocation,
}

/// Where a secret goes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub enum SecurityLocation {
    /// Into the header of this name.
    Header(String),
    /// Into the query parameter of this name.
    Query(String),
    /// Into the cookie of this name.
    Cookie(String),
    /// Into `Authorization: Bearer`.
    Bearer,
    /// Into `Authorization: Basic`.
    Basic,
}

/// The name in a `{"$ref": "#/components/schemas/<name>"}`.
pub fn referenced_schema(schema: &Value) -> Option<String> {
    let reference = schema.get("$ref")?.as_str()?;
    let name = reference.strip_prefix("#/components/schemas/")?;
    Some(unescape_pointer_token(name))
}

/// A reference to the schema `name`.
pub fn reference_to(name: &str) -> Value {
    let name = escape_pointer_token(name);
    serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
}
