//! The document's schemas as JSON Schema: converted once, compiled when first used, and asked for what is
//! wrong with a value.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Keyword, Registry, ValidationError, Validator};
use scorekit_schema::{Converter, INTEGER_BITS};
use serde_json::{Value, json};

use crate::document::error::{DocumentError, escape};

/// The address under which the validators find the converted document.
const ADDRESS: &str = "urn:scorekit:openapi";

/// How many problems of one value are told; the rest would only repeat them.
const MOST_PROBLEMS: usize = 20;

/// Every schema of the document, converted to JSON Schema draft 4, the draft that OpenAPI 3.0 descends from.
pub(crate) struct Schemas {
    registry: Registry<'static>,
}

/// One schema of the document by its place, compiled when it is first needed: most tests need a few of them
/// and should not wait for all.
pub(crate) struct Schema {
    pointer: String,
    compiled: OnceLock<Result<Validator, String>>,
}

/// One thing that is wrong with a value.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    /// JSON pointer to the offending place; for a missing member, to where it should be.
    pub(crate) pointer: String,
    /// What is wrong there.
    pub(crate) text: String,
}

impl Schemas {
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
    /// The schema at a JSON pointer into the document.
    pub(crate) fn at(pointer: String) -> Self {
        Self {
            pointer,
            compiled: OnceLock::new(),
        }
    }

    /// What is wrong with `value`; nothing if it satisfies the schema.
    pub(crate) fn mismatches(&self, schemas: &Schemas, value: &Value) -> Vec<Mismatch> {
        match self.compiled.get_or_init(|| self.compile(schemas)) {
            Ok(validator) => validator
                .iter_errors(value)
                .take(MOST_PROBLEMS)
                .map(|error| describe(&error))
                .collect(),
            Err(problem) => vec![Mismatch {
                pointer: String::new(),
                text: problem.clone(),
            }],
        }
    }

    fn compile(&self, schemas: &Schemas) -> Result<Validator, String> {
        let reference = format!("{ADDRESS}#{}", percent_encode_fragment(&self.pointer));
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .with_registry(&schemas.registry)
            .offline()
            .should_validate_formats(true)
            // Draft 4 does not know this format, OpenAPI documents use it all the same.
            .with_format("uuid", |text| uuid::Uuid::try_parse(text).is_ok())
            .with_keyword(INTEGER_BITS, |_, bits, _| {
                Ok(Box::new(IntegerBits {
                    is_short: bits.as_u64() == Some(32),
                }))
            })
            .build(&json!({ "$ref": reference }))
            .map_err(|error| {
                format!(
                    "the document's schema at {} cannot be compiled: {error}",
                    self.pointer
                )
            })
    }
}

/// The formats `int32` and `int64`: a number that fits. One that does not fit 64 bits has become a fraction by the time
/// it is looked at, so that `minimum` and `maximum` could not tell it from the nearest that does.
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
            "{value} is no whole number of {bits} bits"
        )))
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        match value {
            Value::Number(number) => number
                .as_i64()
                .is_some_and(|number| !self.is_short || i32::try_from(number).is_ok()),
            // What is no number at all is up to `type`.
            _ => true,
        }
    }
}

/// Braces of path templates are not allowed in the fragment of an address.
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

fn describe(error: &ValidationError<'_>) -> Mismatch {
    let mut pointer = error.instance_path().to_string();
    let member = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.first().map(String::as_str)
        }
        _ => None,
    };
    if let Some(member) = member {
        pointer = format!("{pointer}/{}", escape(member));
    }
    Mismatch {
        pointer,
        text: error.to_string(),
    }
}
