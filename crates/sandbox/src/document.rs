//! The OpenAPI document as the sandbox needs it: which operations there are, what each of them accepts and
//! what it answers. Everything else in the crate asks this model and never the JSON text.

mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use http::Method;
use serde_json::Value;

use crate::errors::ErrorShape;
use crate::router::PathTemplate;
use crate::schema::{Schema, Schemas};
use crate::security::Requirement;

/// The bundled document; the generator writes it next to this crate's manifest.
pub(crate) const TEXT: &str = include_str!("../openapi.json");

/// Why the bundled document cannot be used; a fault of the crate's build, never of a caller.
#[derive(Clone, Debug)]
pub struct DocumentError {
    place: String,
    problem: String,
}

impl DocumentError {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "crates/sandbox/openapi.json at {}: {}; write the file again with `cargo xtask generate`",
            self.place, self.problem
        )
    }
}

impl std::error::Error for DocumentError {}

/// The whole document.
pub(crate) struct Document {
    /// Every operation, in the order of the document.
    pub(crate) operations: Vec<Operation>,
    /// The schemas, ready to be compiled.
    pub(crate) schemas: Schemas,
}

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
    /// What can be sent, if anything.
    pub(crate) body: Option<RequestBody>,
    /// What can be answered, by status (`"200"`), class (`"4XX"`) or `"default"`.
    responses: BTreeMap<String, Response>,
    /// The ways to authenticate, one of which is enough; none at all means that everybody is let in.
    pub(crate) security: Vec<Requirement>,
}

/// Where a parameter stands in a request.
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
    /// Where it is sent.
    pub(crate) location: Location,
    /// Whether it has to be sent.
    pub(crate) required: bool,
    /// Whether a list is sent as one occurrence per item instead of one text with commas.
    pub(crate) exploded: bool,
    /// What its value has to satisfy.
    pub(crate) schema: Schema,
    /// The JSON type its text is read as.
    pub(crate) kind: String,
    /// The JSON type of one item, when the value is a list.
    pub(crate) item_kind: String,
    /// What the server assumes when it is not sent.
    pub(crate) default: Option<Value>,
    /// The largest number allowed.
    pub(crate) maximum: Option<u64>,
}

/// What an operation can be sent.
pub(crate) struct RequestBody {
    /// Whether it has to be sent.
    pub(crate) required: bool,
    /// What it has to satisfy, by media type.
    pub(crate) media_types: BTreeMap<String, Schema>,
}

/// One documented answer.
pub(crate) struct Response {
    /// What its JSON body satisfies; nothing when it has no body.
    pub(crate) schema: Option<Schema>,
    /// The shape of its errors, when its schema is one of the vendors' error bodies.
    pub(crate) error_shape: Option<ErrorShape>,
}

impl Document {
    /// The bundled document, parsed once in the life of the process.
    pub(crate) fn bundled() -> Result<&'static Self, DocumentError> {
        static DOCUMENT: OnceLock<Result<Document, DocumentError>> = OnceLock::new();
        DOCUMENT
            .get_or_init(|| Self::parse(TEXT))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Reads the document from its JSON text.
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let root: Value = serde_json::from_str(text).map_err(|error| {
            DocumentError::new(format!("line {}", error.line()), error.to_string())
        })?;
        let operations = reader::operations(&root)?;
        let schemas = Schemas::new(&root)?;
        Ok(Self {
            operations,
            schemas,
        })
    }
}

impl Operation {
    /// The documented answer for a status.
    pub(crate) fn response(&self, status: u16) -> Option<&Response> {
        let class = format!("{}XX", status / 100);
        self.responses
            .get(&status.to_string())
            .or_else(|| self.responses.get(&class))
            .or_else(|| self.responses.get("default"))
    }

    /// The status of success: the lowest one documented.
    pub(crate) fn success_status(&self) -> u16 {
        let successes = self
            .responses
            .keys()
            .filter_map(|status| status.parse().ok());
        successes
            .filter(|status| (200..300).contains(status))
            .min()
            .unwrap_or(200)
    }

    /// Whether its 404 is about what a body names: its path names nothing that could be missing.
    pub(crate) fn finds_what_a_body_names(&self) -> bool {
        self.response(404).is_some() && self.parameters_in(Location::Path).next().is_none()
    }

    /// The error shapes of every documented failure.
    pub(crate) fn error_shapes(&self) -> impl Iterator<Item = ErrorShape> + '_ {
        self.responses
            .values()
            .filter_map(|response| response.error_shape)
    }

    /// A parameter by its place and name.
    pub(crate) fn parameter(&self, location: Location, name: &str) -> Option<&Parameter> {
        self.parameters_in(location)
            .find(|parameter| parameter.name == name)
    }

    /// The parameters of one place.
    pub(crate) fn parameters_in(&self, location: Location) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.location == location)
    }
}

/// A key as one segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Document, Operation};
    use crate::schema::Schema;

    fn schemas(operation: &Operation) -> Vec<&Schema> {
        let parameters = operation
            .parameters
            .iter()
            .map(|parameter| &parameter.schema);
        let bodies = operation
            .body
            .iter()
            .flat_map(|body| body.media_types.values());
        let responses = operation
            .responses
            .values()
            .filter_map(|response| response.schema.as_ref());
        parameters.chain(bodies).chain(responses).collect()
    }

    #[test]
    fn every_schema_of_the_document_compiles() {
        let document = Document::bundled().expect("the bundled document is usable");
        for operation in &document.operations {
            for schema in schemas(operation) {
                let found = schema.mismatches(&document.schemas, &Value::Null);
                let broken = found
                    .iter()
                    .find(|mismatch| mismatch.text.contains("cannot be compiled"));
                assert!(broken.is_none(), "{}: {broken:?}", operation.id);
            }
        }
    }

    #[test]
    fn a_broken_document_is_told_by_place() {
        let text = r##"{"paths": {"/a": {"get": {"operationId": "A", "parameters": [{"$ref": "#/nowhere"}]}}}}"##;
        let error = Document::parse(text)
            .err()
            .expect("the reference is broken");
        let told = error.to_string();
        assert!(
            told.contains("/paths/~1a/get/parameters/0") && told.contains("#/nowhere"),
            "{told}"
        );
    }
}
