//! The document's schemas as JSON Schema: converted once, compiled on first use, and compared with
//! values.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Keyword, Registry, ValidationError, Validator};
use scorekit_schema::{Converter, INTEGER_BITS};
use serde_json::{Value, json};

use super::error::{DocumentError, escape};

/// The address under which the validators find the converted document.
const ADDRESS: &str = "urn:scorekit:openapi";

/// The number of mismatches that are reported per value.
const MAX_MISMATCHES: usize = 20;

/// All schemas of the document, converted to JSON Schema draft 4, on which OpenAPI 3.0 is based.
pub(crate) struct Schemas {
    registry: Registry<'static>,
}

/// One schema of the document, by its JSON pointer. It is compiled on first use, because most tests
/// need few schemas.
pub(crate) struct Schema {
    pointer: String,
    compiled: OnceLock<Result<Validator, String>>,
}

/// One difference between a value and its schema.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    /// The JSON pointer to the value, or to the missing property.
    pub(crate) pointer: String,
    /// The description of the difference.
    pub(crate) text: String,
}

impl Schemas {
    /// Converts the schemas of a document.
    ///
    /// # Errors
    ///
    /// Returns an error if a reference cannot be resolved.
    pub(crate) fn new(document: &Value) -> Result<Self, DocumentError> {
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(ADDRESS, Converter::new().document(document))
            .and_then(|builder| builder.prepare())
            .map_err(|error| DocumentError::new("/components/schemas", error.to_string()))?;
        Ok(Self { registry })
    }
}

impl Schema {
    /// Returns the schema at a JSON pointer into the document.
    pub(crate) fn at(pointer: String) -> Self {
        Self {
            pointer,
            compiled: OnceLock::new(),
        }
    }

    /// Returns the JSON pointer of the schema in the document.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Compares a value with the schema. The result is empty if the value is valid.
    pub(crate) fn mismatches(&self, schemas: &Schemas, value: &Value) -> Vec<Mismatch> {
        match self.compiled.get_or_init(|| self.compile(schemas)) {
            Ok(validator) => validator
                .iter_errors(value)
                .take(MAX_MISMATCHES)
                .map(|error| describe(&error))
                .collect(),
            Err(problem) => vec![Mismatch {
                pointer: String::new(),
                text: problem.clone(),
            }],
        }
    }

    /// Compiles the schema.
    fn compile(&self, schemas: &Schemas) -> Result<Validator, String> {
        let reference = format!("{ADDRESS}#{}", percent_encode_fragment(&self.pointer));
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .with_registry(&schemas.registry)
            .offline()
            .should_validate_formats(true)
            // Draft 4 does not have this format, but OpenAPI documents use it.
            .with_format("uuid", |text| uuid::Uuid::try_parse(text).is_ok())
            .with_keyword(INTEGER_BITS, |_, bits, _| {
                Ok(Box::new(IntegerBits {
                    is_short: bits.as_u64() == Some(32),
                }))
            })
            .build(&json!({ "$ref": reference }))
            .map_err(|error| {
                format!(
                    "cannot compile the document's schema at {}: {error}",
                    self.pointer
                )
            })
    }
}

/// The formats `int32` and `int64`. A number that does not fit 64 bits is read as a double, so
/// `minimum` and `maximum` cannot detect it.
struct IntegerBits {
    is_short: bool,
}

impl<'i> Keyword<'i> for IntegerBits {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(value) {
            return Ok(());
        }
        let bits = if self.is_short { 32 } else { 64 };
        Err(ValidationError::custom(format!(
            "{value} is not an integer of {bits} bits"
        )))
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        match value {
            Value::Number(number) => number
                .as_i64()
                .is_some_and(|number| !self.is_short || i32::try_from(number).is_ok()),
            // The keyword `type` rejects values that are not numbers.
            _ => true,
        }
    }
}

/// Encodes a JSON pointer for a URI fragment, which must not have the braces of path templates.
fn percent_encode_fragment(pointer: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const FRAGMENT: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'`')
        .add(b'{')
        .add(b'}')
        .add(b'%');
    utf8_percent_encode(pointer, FRAGMENT).to_string()
}

/// Turns an error of the validator into a mismatch.
fn describe(error: &ValidationError<'_>) -> Mismatch {
    let mut pointer = error.instance_path().to_string();
    let property = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.first().map(String::as_str)
        }
        _ => None,
    };
    if let Some(property) = property {
        pointer = format!("{pointer}/{}", escape(property));
    }
    Mismatch {
        pointer,
        text: error.to_string(),
    }
}
