//! The kinds of values that schemas describe, and which kinds include others.

use indexmap::IndexMap;
use serde_json::Value;

use crate::generate::model::{Schema, referenced_schema};

/// The schemas of a domain.
pub(super) type Schemas = IndexMap<String, Schema>;

/// A schema without the `allOf` around it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The schema itself, or the reference to it.
    pub(super) schema: &'a Value,
    /// True if `null` is allowed here.
    pub(super) nullable: bool,
}

/// Removes an `allOf` of one schema, which only adds a description.
pub(super) fn view(schema: &Value) -> View<'_> {
    let is_nullable =
        |schema: &Value| schema.get("nullable").and_then(Value::as_bool) == Some(true);
    match schema
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([only]) => View {
            schema: only,
            nullable: is_nullable(schema) || is_nullable(only),
        },
        _ => View {
            schema,
            nullable: is_nullable(schema),
        },
    }
}

/// Follows references to the schema itself, at most [`LONGEST_CHAIN`] of them.
pub(super) fn resolve<'a>(schema: &'a Value, schemas: &'a Schemas) -> &'a Value {
    let mut schema = view(schema).schema;
    for _ in 0..LONGEST_CHAIN {
        let Some(target) = referenced_schema(schema).and_then(|name| schemas.get(&name)) else {
            break;
        };
        schema = view(&target.value).schema;
    }
    schema
}

const LONGEST_CHAIN: usize = 64;

/// A kind of value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// A string with its format, if the format selects a Rust type.
    String(Option<String>),
    /// A string out of a list.
    Enum,
    /// An integer of at most 32 bits, or of any size.
    Integer(bool),
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// A list.
    List,
    /// An object whose properties the document lists.
    Object,
    /// An object whose property names are data.
    Map,
    /// A union.
    Union,
}

impl Kind {
    pub(super) fn of(schema: &Value) -> Self {
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
            return Self::Union;
        }
        match text("type") {
            Some("string") if schema.get("enum").is_some() => Self::Enum,
            Some("string") => {
                let format = text("format").filter(|format| ["date", "date-time"].contains(format));
                Self::String(format.map(str::to_owned))
            }
            Some("integer") => Self::Integer(text("format") == Some("int32")),
            Some("number") => Self::Number,
            Some("boolean") => Self::Boolean,
            Some("array") => Self::List,
            _ if schema.get("properties").is_some() => Self::Object,
            Some("object") => Self::Map,
            _ => Self::Any,
        }
    }

    /// Returns true if every value of this kind is a value of `other`.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (_, Self::Any)
                    | (Self::Integer(_), Self::Number)
                    | (Self::Integer(true), Self::Integer(false))
                    | (Self::Enum | Self::String(_), Self::String(None))
                    | (Self::Object, Self::Map)
            )
    }

    /// Returns true if a client that expects this kind reads every value of `other`. Dates and open
    /// enums keep any string.
    pub(super) fn reads(&self, other: &Self) -> bool {
        let is_string = |kind: &Self| matches!(kind, Self::Enum | Self::String(_));
        other.fits(self) || (is_string(self) && is_string(other))
    }

    /// Returns the type of the values in JSON; `None` if there may be several.
    pub(super) fn in_json(&self) -> Option<&'static str> {
        Some(match self {
            Self::Any | Self::Union => return None,
            Self::String(_) | Self::Enum => "string",
            Self::Integer(_) | Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "array",
            Self::Object | Self::Map => "object",
        })
    }

    /// Returns the kind in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::String(Some(format)) => format!("string of format {format}"),
            Self::String(None) => "string".to_owned(),
            Self::Enum => "enum".to_owned(),
            Self::Integer(true) => "32-bit integer".to_owned(),
            Self::Integer(false) => "integer".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::List => "list".to_owned(),
            Self::Object => "object".to_owned(),
            Self::Map => "map".to_owned(),
            Self::Union => "union".to_owned(),
        }
    }
}
