//! The document that is bundled with the crate.

use std::sync::OnceLock;

use serde_json::Value;

use super::error::DocumentError;
use super::operation::Operation;
use super::reader;
use super::schema::Schemas;

/// The text of the bundled document; the generator writes it next to this crate's manifest.
#[cfg(not(clippy))]
pub(crate) const TEXT: &str = include_str!("../../openapi.json");

/// Clippy runs no code, so it needs no text. Without it, clippy does not read this crate and those
/// that depend on it again after each change of the document.
#[cfg(clippy)]
pub(crate) const TEXT: &str = "";

/// A document: its operations and its schemas.
pub(crate) struct Document {
    /// The document itself.
    pub(crate) root: Value,
    /// Every operation, in the order of the document.
    pub(crate) operations: Vec<Operation>,
    /// The schemas, which each operation compiles when it needs them.
    pub(crate) schemas: Schemas,
}

impl Document {
    /// Returns the bundled document, which is parsed once per process.
    pub(crate) fn bundled() -> Result<&'static Self, DocumentError> {
        static DOCUMENT: OnceLock<Result<Document, DocumentError>> = OnceLock::new();
        DOCUMENT
            .get_or_init(|| Self::parse(TEXT))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Reads a document from its JSON text.
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let root: Value = serde_json::from_str(text).map_err(|error| {
            DocumentError::new(format!("line {}", error.line()), error.to_string())
        })?;
        let operations = reader::operations(&root)?;
        let schemas = Schemas::new(&root)?;
        Ok(Self {
            root,
            operations,
            schemas,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Document;
    use crate::document::Operation;
    use crate::document::schema::Schema;

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
                    .find(|mismatch| mismatch.text.contains("cannot compile"));
                assert!(broken.is_none(), "{}: {broken:?}", operation.id);
            }
        }
    }

    /// Only the first sandbox of a process reads the document, so that others start fast.
    #[test]
    fn the_bundled_document_is_read_once() {
        let first = Document::bundled().expect("the bundled document is usable");
        let second = Document::bundled().expect("the bundled document is usable");
        assert!(std::ptr::eq(first, second));
    }

    #[test]
    fn a_broken_document_is_reported_with_its_pointer() {
        let text = r##"{"paths": {"/a": {"get": {
            "operationId": "A", "parameters": [{"$ref": "#/nowhere"}]
        }}}}"##;
        let error = Document::parse(text)
            .err()
            .expect("the reference is broken");
        let message = error.to_string();
        assert!(
            message.contains("/paths/~1a/get/parameters/0") && message.contains("#/nowhere"),
            "{message}"
        );
    }
}
