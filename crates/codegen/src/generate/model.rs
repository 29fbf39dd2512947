//! The model of the stages after loading: domains, their operations and their schemas.
//!
//! Schemas stay JSON values in the terms of OpenAPI 3.0, because lowering rewrites them one
//! construct at a time. Everything else is parsed into types, so that a later stage need not
//! validate it again. `cache` records all of it except the places, to detect whether a domain has
//! changed.

use serde::Serialize;
use serde_json::Value;

use crate::collections::{CopyOnWrite, HashSet, IndexMap};
use crate::document::diagnostic::Location;
use crate::document::node::{escape_pointer_token, unescape_pointer_token};
pub use crate::generate::decisions::Decision;
pub use crate::generate::schema_path::SchemaPath;
use crate::generate::shared::SharedTypes;
pub use crate::generate::streams::Stream;

/// A tag of the document, which becomes one crate.
#[derive(Clone, Debug, Serialize)]
pub struct Domain {
    /// The tag's name, which is also the crate's name after the prefix.
    pub tag: String,
    /// The tag's description.
    pub description: String,
    /// The operations that carry the tag, in document order.
    pub operations: Vec<Operation>,
    /// The schemas that the operations reach, by name, in the order in which they are reached.
    pub schemas: IndexMap<String, Schema>,
    /// The types that other domains have, too.
    pub shared: SharedTypes,
    /// What the passes decided about one node because of another.
    #[serde(skip)]
    pub decisions: Vec<Decision>,
}

impl Domain {
    /// Creates a domain without operations and schemas.
    pub fn without_operations(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            description: String::new(),
            operations: Vec::new(),
            schemas: IndexMap::default(),
            shared: SharedTypes::default(),
            decisions: Vec::new(),
        }
    }

    /// Returns a domain with some of the operations, and the schemas that they reach.
    pub fn with_operations(&self, operations: Vec<Operation>) -> Self {
        let roots = operations.iter().flat_map(|operation| {
            let parameters = operation
                .parameters
                .iter()
                .map(|parameter| &parameter.schema);
            let bodies = operation
                .request_body
                .iter()
                .chain(operation.response_schemas());
            let by_status = operation
                .responses
                .iter()
                .flat_map(|response| &response.schema);
            parameters.chain(bodies).chain(by_status)
        });
        let reached = self.reached_from(roots);
        let schemas = self
            .schemas
            .iter()
            .filter(|(name, _)| reached.contains(*name));
        let schemas = schemas
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        Self {
            tag: self.tag.clone(),
            description: self.description.clone(),
            operations,
            schemas,
            shared: self.shared.clone(),
            decisions: Vec::new(),
        }
    }

    /// Returns the names of all schemas that `roots` refer to, directly or through other schemas.
    pub fn reached_from<'a>(&'a self, roots: impl Iterator<Item = &'a Value>) -> HashSet<String> {
        let mut reached = HashSet::default();
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
                Value::Object(properties) => {
                    pending.extend(
                        properties
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
    /// The schema in OpenAPI's terms. Its references are `#/components/schemas/<name>`.
    pub value: CopyOnWrite<Value>,
    /// The place of the definition.
    #[serde(skip)]
    pub location: Location,
    /// The path in the document, which stays the same when lowering renames the schema.
    #[serde(skip)]
    pub path: SchemaPath,
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
    /// The resource of the operation, which names its generated file.
    pub resource: String,
    /// The action on the resource (`x-verb`), which lowering turns into the name of its method
    /// there.
    pub verb: Option<String>,
    /// The name of the client's method that leads to the resource; lowering sets it.
    pub accessor: String,
    /// The summary, in one line.
    pub summary: String,
    /// The rest of the documentation.
    pub description: String,
    /// The vendor's documentation page.
    pub documentation: Option<String>,
    /// True if the vendor marks it as deprecated.
    pub deprecated: bool,
    /// True if the vendor may change or remove it without notice (`x-preview`).
    pub preview: bool,
    /// True if sending a request twice has the effect of sending it once. The method implies this,
    /// or the document states it (`x-idempotent`).
    pub idempotent: bool,
    /// The words by which users search for it (`x-search-words`).
    pub search_words: Vec<String>,
    /// The sites that do not serve it (`x-unavailable-sites`).
    pub unavailable_sites: Vec<String>,
    /// Path, query and header parameters, in document order.
    pub parameters: Vec<Parameter>,
    /// The suffix that distinguishes it from the same operation with a request body of another
    /// media type. It is part of the names of its method and request type, and is not sent.
    pub variant: Option<String>,
    /// The schema of the request body.
    pub request_body: Option<Value>,
    /// The format of the request body.
    pub request_format: BodyFormat,
    /// The media type of the request body, as the document writes it.
    pub request_media_type: String,
    /// The media type of a JSON request body that is neither the usual one nor a range.
    pub json_media_type: Option<String>,
    /// True if a request without the body is invalid.
    pub body_required: bool,
    /// The schema of the response body on success, or `None` if there is no body.
    pub response_body: Option<Value>,
    /// The format of the response body.
    pub response_format: BodyFormat,
    /// The header `Accept`, where it differs from the default for this format.
    pub accepted: Option<String>,
    /// The stream that it can return instead.
    pub stream: Option<Stream>,
    /// The response bodies on success if they differ, in document order. Empty if all are the same.
    /// Lowering combines them into one schema.
    pub responses: Vec<StatusResponse>,
    /// Every documented status code and its description.
    pub statuses: Vec<(String, String)>,
    /// The pagination of a list (`x-pagination`).
    pub pagination: Option<Pagination>,
    /// The rules for sending a list of items in one request (`x-bulk`).
    pub bulk: Option<Bulk>,
    /// The server that receives the request.
    pub server: Server,
    /// The alternatives. Each alternative needs all of its schemes. Empty if no authentication is
    /// needed.
    pub security: Vec<Vec<SecurityRequirement>>,
    /// The place of the operation id.
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
    /// The location in the request.
    pub place: ParameterPlace,
    /// True if a request without it is invalid.
    pub required: bool,
    /// The description.
    pub description: String,
    /// True if the vendor marks it as deprecated.
    pub deprecated: bool,
    /// The schema.
    pub schema: Value,
    /// The serialization of a list or an object, as the name of a `ParameterStyle` of the runtime.
    /// `None` for a single value.
    pub style: Option<&'static str>,
    /// The media type of a part, if the document states one.
    pub media_type: Option<String>,
}

/// The response body of one success.
#[derive(Clone, Debug, Serialize)]
pub struct StatusResponse {
    /// Three digits, a range such as `2XX`, or `default`.
    pub status: String,
    /// The description in the document.
    pub description: String,
    /// The format of the body.
    pub format: BodyFormat,
    /// The schema of the body, or `None` if there is no body.
    pub schema: Option<Value>,
}

/// The format of a body.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub enum BodyFormat {
    /// A JSON value.
    #[default]
    Json,
    /// JSON values, one on each line.
    JsonLines,
    /// Events of a server, which arrive one by one. The schema is that of their data.
    Events,
    /// A string.
    Text,
    /// Bytes.
    Bytes,
}

/// The location of a parameter in the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In a field of a form body.
    Field,
    /// In a part of a multipart body.
    Part(PartFormat),
}

/// The format of a part of a multipart body.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum PartFormat {
    /// A string.
    Text,
    /// A JSON value.
    Json,
    /// A list, each item of which is a separate part.
    Items,
    /// A file.
    File,
    /// Any number of files.
    Files,
}

/// The pagination of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Pagination {
    /// The way to the next page.
    pub style: PageStyle,
    /// The parameter for the number of items on a page.
    pub size: Option<PageParameter>,
    /// The largest number of items on a page.
    pub max_size: Option<i64>,
    /// The number of items on a page if the request sets none.
    pub default_size: Option<i64>,
    /// The path to the items in the response, property by property.
    pub items: Vec<String>,
    /// The path to the number of items on all pages.
    pub total: Option<Vec<String>>,
    /// The path to the number of pages.
    pub page_count: Option<Vec<String>>,
    /// The path to a boolean that is `true` while pages remain.
    pub has_more: Option<Vec<String>>,
    /// The path to the link to the next page.
    pub next_link: Option<Vec<String>>,
    /// True if the header `Link` has the link to the next page.
    pub link_header: bool,
    /// The documented properties of an item, as JSON pointers without array indexes.
    pub properties: Vec<String>,
    /// The place of the extension.
    #[serde(skip)]
    pub location: Location,
}

/// The rules for sending a list of items in one request.
#[derive(Clone, Debug, Serialize)]
pub struct Bulk {
    /// The verb of the operation on the resource. Lowering turns it into the method name.
    pub verb: Option<String>,
    /// The path to the items in the request body, property by property.
    pub items: Vec<String>,
    /// The maximum number of items in a request.
    pub max_items: u64,
    /// The maximum size of a request body in bytes.
    pub max_bytes: u64,
    /// Additional status codes that reject a request because of its content.
    pub rejection_statuses: Vec<u16>,
    /// The properties that identify an item.
    pub identified_by: Vec<String>,
    /// The place of the extension.
    #[serde(skip)]
    pub location: Location,
}

/// The way from one page to the next.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub enum PageStyle {
    /// The parameter is the number of items before the page.
    Offset(PageParameter),
    /// The parameter is the number of the page.
    Page {
        /// The parameter.
        parameter: PageParameter,
        /// The number of the first page.
        first: i64,
    },
    /// The parameter is a value from the response before.
    Cursor {
        /// The parameter.
        parameter: PageParameter,
        /// The path to the value in the response, property by property.
        next: Vec<String>,
    },
    /// The query parameters come from a link in the response before.
    Link {
        /// The query parameters of the operation.
        parameters: Vec<String>,
    },
}

/// A parameter that controls paging.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub enum PageParameter {
    /// The query parameter of this name.
    Query(String),
    /// The property of the request body at this path.
    Body(Vec<String>),
}

/// A server of the document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Server {
    /// The name in configuration (`x-server-name`).
    pub name: String,
    /// The URL, with `{variables}`.
    pub url: String,
    /// The variables and their defaults.
    pub variables: Vec<(String, String)>,
}

/// A security scheme that an operation requires.
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
    /// The location of the secret in the request.
    pub location: SecurityLocation,
}

/// The location of a secret in the request.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub enum SecurityLocation {
    /// In the header of this name.
    Header(String),
    /// In the query parameter of this name.
    Query(String),
    /// In the cookie of this name.
    Cookie(String),
    /// In `Authorization: Bearer`.
    Bearer,
    /// In `Authorization: Basic`.
    Basic,
}

/// Returns the name in a `{"$ref": "#/components/schemas/<name>"}`.
pub fn referenced_schema(schema: &Value) -> Option<String> {
    let reference = schema.get("$ref")?.as_str()?;
    let name = reference.strip_prefix("#/components/schemas/")?;
    Some(unescape_pointer_token(name))
}

/// Creates a reference to the schema `name`.
pub fn reference_to(name: &str) -> Value {
    let name = escape_pointer_token(name);
    serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
}
