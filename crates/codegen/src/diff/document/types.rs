//! What kind of value a schema describes, and whether every value of one kind is one of another.

use indexmap::IndexMap;
use serde_json::Value;

use crate::generate::model::{Schema, referenced_schema};

/// The schemas of a domain.
pub(super) type Schemas = IndexMap<String, Schema>;

/// A schema without what stands around it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The schema itself, or the reference to it.
    pub(super) schema: &'a Value,
    /// Whether it may be `null` here.
    pub(super) nullable: bool,
}

/// Takes an `allOf` of one schema off, which only adds a description.
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

/// The schema that references lead to, at most so many in a row.
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

/// What kind of value a schema describes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// A text with its format, if that chooses a Rust type.
    Text(Option<String>),
    /// A text out of a list.
    Enum,
    /// An integer of at most 32 bits, or of any size.
    Integer(bool),
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A list.
    List,
    /// An object whose members the document names.
    Object,
    /// An object whose members are data.
    Map,
    /// A choice.
    Choice,
}

impl Kind {
    pub(super) fn of(schema: &Value) -> Self {
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
            return Self::Choice;
        }
        match text("type") {
            Some("string") if schema.get("enum").is_some() => Self::Enum,
            Some("string") => {
                let format = text("format").filter(|format| ["date", "date-time"].contains(format));
                Self::Text(format.map(str::to_owned))
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

    /// Whether every value of this kind is one of `other`.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (_, Self::Any)
                    | (Self::Integer(_), Self::Number)
                    | (Self::Integer(true), Self::Integer(false))
                    | (Self::Enum | Self::Text(_), Self::Text(None))
                    | (Self::Object, Self::Map)
            )
    }

    /// Whether a client that expects this kind reads every value of `other`: dates and open enums keep any text.
    pub(super) fn reads(&self, other: &Self) -> bool {
        let is_text = |kind: &Self| matches!(kind, Self::Enum | Self::Text(_));
        other.fits(self) || (is_text(self) && is_text(other))
    }

    /// What a value of this kind is in JSON; `None` if it may be several things.
    pub(super) fn in_json(&self) -> Option<&'static str> {
        Some(match self {
            Self::Any | Self::Choice => return None,
            Self::Text(_) | Self::Enum => "string",
            Self::Integer(_) | Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "array",
            Self::Object | Self::Map => "object",
        })
    }

    /// The kind in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::Text(Some(format)) => format!("text of format {format}"),
            Self::Text(None) => "text".to_owned(),
            Self::Enum => "enum".to_owned(),
            Self::Integer(true) => "32-bit integer".to_owned(),
            Self::Integer(false) => "integer".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::List => "list".to_owned(),
            Self::Object => "object".to_owned(),
            Self::Map => "map".to_owned(),
            Self::Choice => "choice".to_owned(),
        }
    }
}
