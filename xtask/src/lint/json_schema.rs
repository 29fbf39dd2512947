//! Values of the document against its schemas. A schema of OpenAPI 3.0 becomes one of JSON Schema draft 4, which it
//! descends from; the validator is a library's.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

use super::document::{Document, members};
use crate::diagnostic::Location;
use crate::generate::load::node::{Node, escape_pointer_token};

/// What the components are called in references.
const COMPONENTS: &str = "urn:scorekit:components";
/// The keywords that mean the same in JSON Schema and hold no schemas.
const COPIED: [&str; 15] = [
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];
/// How many characters of the validator's words are shown.
const LONGEST_PROBLEM: usize = 160;

/// How a schema is read.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Reading {
    /// As it says: an object may hold what its schema does not name.
    Open,
    /// An object holds what its schema names, and what that forbids by itself does not matter.
    Closed,
}

/// The validators by the reading and the text of the schema; none for a schema that is none.
type Known = HashMap<(Reading, String), Option<Rc<Validator>>>;

/// The components in both readings, and the validators made so far.
#[derive(Default)]
pub(crate) struct Schemas {
    open: OnceCell<Option<Registry<'static>>>,
    closed: OnceCell<Option<Registry<'static>>>,
    validators: RefCell<Known>,
}

/// What keeps `value` from being one that `schema` allows: each place and what is wrong there. A schema that is none
/// has no say.
pub(crate) fn problems<'a>(
    document: &Document<'a>,
    schema: &'a Node,
    value: &'a Node,
) -> Vec<(&'a Location, String)> {
    let Some(validator) = validator(document, schema, Reading::Open) else {
        return Vec::new();
    };
    validator
        .iter_errors(&value.to_value())
        .map(|error| {
            let pointer = error.instance_path().to_string();
            let (Ok(node) | Err(node)) = value.closest(&pointer);
            let mut text = error.to_string();
            if text.chars().count() > LONGEST_PROBLEM {
                text = error.masked().to_string();
            }
            (&node.location, shortened(&text))
        })
        .collect()
}

/// The fields in `value` that `schema` does not name, each with its place.
pub(crate) fn unknown_fields<'a>(
    document: &Document<'a>,
    schema: &'a Node,
    value: &'a Node,
) -> Vec<(&'a Location, String)> {
    let Some(validator) = validator(document, schema, Reading::Closed) else {
        return Vec::new();
    };
    let mut unknown = Vec::new();
    for error in validator.iter_errors(&value.to_value()) {
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind()
            && let Ok(object) = value.closest(&error.instance_path().to_string())
        {
            let places = unexpected
                .iter()
                .map(|name| (object.key_location(name), name.clone()));
            unknown.extend(places);
        }
    }
    unknown
}

/// One line that is not too long.
fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_PROBLEM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn validator(document: &Document<'_>, schema: &Node, reading: Reading) -> Option<Rc<Validator>> {
    let schemas = &document.json_schemas;
    let schema = convert(schema, reading);
    let key = (reading, schema.to_string());
    if let Some(known) = schemas.validators.borrow().get(&key) {
        return known.clone();
    }
    let cell = match reading {
        Reading::Open => &schemas.open,
        Reading::Closed => &schemas.closed,
    };
    let registry = cell.get_or_init(|| components(document, reading)).as_ref();
    let validator = registry.and_then(|registry| {
        let mut options = jsonschema::draft4::options();
        options = options
            .should_validate_formats(true)
            .with_registry(registry);
        options.build(&schema).ok().map(Rc::new)
    });
    schemas
        .validators
        .borrow_mut()
        .insert(key, validator.clone());
    validator
}

/// The schemas of the document under the name that references have.
fn components(document: &Document<'_>, reading: Reading) -> Option<Registry<'static>> {
    let schemas = document.root.pointer("/components/schemas");
    let converted: Map<String, Value> = members(schemas)
        .map(|(name, member)| (name.to_owned(), convert(&member.node, reading)))
        .collect();
    let components = json!({ "schemas": converted });
    let registry = Registry::new()
        .draft(jsonschema::Draft::Draft4)
        .add(COMPONENTS, components)
        .ok()?;
    registry.prepare().ok()
}

/// `schema` as JSON Schema draft 4; what is no schema allows everything.
fn convert(schema: &Node, reading: Reading) -> Value {
    if let Some(reference) = schema.reference() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return json!({ "$ref": format!("{COMPONENTS}#/schemas/{}", percent_encoded(name)) });
    }
    let mut converted = Map::new();
    let mut put = |name: &str, value: Value| converted.insert(name.to_owned(), value);
    let is_closed = reading == Reading::Closed;
    for (keyword, member) in members(Some(schema)) {
        let node = &member.node;
        match keyword {
            "type" | "required" => drop(put(keyword, node.to_value())),
            "properties" => {
                let fields = members(Some(node));
                let fields =
                    fields.map(|(name, field)| (name.to_owned(), convert(&field.node, reading)));
                put(keyword, Value::Object(fields.collect()));
            }
            // A list may not be one schema for each of its items in OpenAPI.
            "items" | "not" => drop(put(keyword, convert(node, reading))),
            "additionalProperties" => match node.members() {
                Some(_) => drop(put(keyword, convert(node, reading))),
                None if is_closed => {}
                None => drop(put(keyword, node.to_value())),
            },
            // What one part names, another one would not know.
            "allOf" if is_closed && node.items().len() > 1 => {}
            "allOf" | "oneOf" | "anyOf" => {
                let parts = node.items().iter().map(|part| convert(part, reading));
                put(keyword, parts.collect());
            }
            _ if COPIED.contains(&keyword) => drop(put(keyword, node.to_value())),
            _ => {}
        }
    }
    let names_all = schema.get("properties").is_some()
        && schema.get("additionalProperties").is_none()
        && ["allOf", "oneOf", "anyOf"]
            .iter()
            .all(|keyword| schema.get(keyword).is_none());
    if is_closed && names_all {
        put("additionalProperties", json!(false));
    }
    let converted = Value::Object(converted);
    if schema.get("nullable").is_some_and(Node::is_true) {
        json!({ "anyOf": [converted, { "enum": [null] }] })
    } else {
        converted
    }
}

/// A token of a JSON pointer in the fragment of a URI.
fn percent_encoded(token: &str) -> String {
    let mut text = String::new();
    for byte in escape_pointer_token(&token.replace("~1", "/").replace("~0", "~")).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into())
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
