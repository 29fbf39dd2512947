//! The kinds of values that schemas describe, and which kinds include others.

use serde_json::Value;

use super::meaning::Meaning;

/// A kind of value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Anything.
    Any,
    /// A string with its format, if the format selects a Rust type.
    String(Option<String>),
    /// An integer of a format.
    Integer(IntegerFormat),
    /// A number, and whether it has single precision.
    Number(bool),
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

/// The format of an integer, which selects its Rust type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct IntegerFormat {
    name: &'static str,
    lowest: i128,
    highest: i128,
}

const fn integer(name: &'static str, lowest: i128, highest: i128) -> IntegerFormat {
    IntegerFormat {
        name,
        lowest,
        highest,
    }
}

/// The formats of the OpenAPI format registry (<https://spec.openapis.org/registry/format/>).
const FORMATS: [IntegerFormat; 8] = [
    integer("int64", i64::MIN as i128, i64::MAX as i128),
    integer("int32", i32::MIN as i128, i32::MAX as i128),
    integer("int16", i16::MIN as i128, i16::MAX as i128),
    integer("int8", i8::MIN as i128, i8::MAX as i128),
    integer("uint64", 0, u64::MAX as i128),
    integer("uint32", 0, u32::MAX as i128),
    integer("uint16", 0, u16::MAX as i128),
    integer("uint8", 0, u8::MAX as i128),
];

/// The kind of the values that a schema lists.
#[derive(Clone, Copy)]
enum Listed {
    Strings,
    Integers,
    Numbers,
    Booleans,
    /// Values of several kinds, lists or objects.
    Others,
}

impl Listed {
    fn of(values: &[&Value]) -> Self {
        let all = |is_kind: fn(&Value) -> bool| values.iter().all(|value| is_kind(value));
        if all(Value::is_string) {
            Self::Strings
        } else if all(Value::is_i64) {
            Self::Integers
        } else if all(Value::is_number) {
            Self::Numbers
        } else if all(Value::is_boolean) {
            Self::Booleans
        } else {
            Self::Others
        }
    }
}

/// Returns the smallest and the largest integer of a format.
pub(super) fn limits_of(format: &str) -> Option<(i128, i128)> {
    let known = FORMATS.iter().find(|known| known.name == format)?;
    Some((known.lowest, known.highest))
}

impl Kind {
    pub(super) fn of(schema: &Meaning) -> Self {
        if !schema.unions.is_empty() {
            return Self::Union;
        }
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        let format = text("format");
        let listed = schema.values().map(|values| Listed::of(&values));
        match (text("type"), listed) {
            (Some("string"), _) | (None, Some(Listed::Strings)) => {
                let selects = |format: &&str| ["date", "date-time"].contains(format);
                let format = format.filter(selects).filter(|_| listed.is_none());
                Self::String(format.map(str::to_owned))
            }
            (Some("integer"), _) => {
                let known = FORMATS.into_iter().find(|known| Some(known.name) == format);
                Self::Integer(known.unwrap_or(FORMATS[0]))
            }
            (None, Some(Listed::Integers)) => Self::Integer(FORMATS[0]),
            (Some("number"), _) | (None, Some(Listed::Numbers)) => {
                Self::Number(format == Some("float"))
            }
            (Some("boolean"), _) | (None, Some(Listed::Booleans)) => Self::Boolean,
            (Some("array"), _) => Self::List,
            (None, _) if schema.get("items").is_some() => Self::List,
            _ if schema.get("properties").is_some() => Self::Object,
            (Some("object"), _) => Self::Map,
            _ => Self::Any,
        }
    }

    /// Returns true if every value of this kind is a value of `other`.
    pub(super) fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Any)
            | (Self::Integer(_), Self::Number(_))
            | (Self::Number(_), Self::Number(false))
            | (Self::String(_), Self::String(None))
            | (Self::Object, Self::Map) => true,
            (Self::Integer(own), Self::Integer(other)) => {
                own.lowest >= other.lowest && own.highest <= other.highest
            }
            _ => self == other,
        }
    }

    /// Returns true if a client that expects this kind reads every value of `other`. Dates and open
    /// enums keep any string.
    pub(super) fn reads(&self, other: &Self) -> bool {
        let is_string = |kind: &Self| matches!(kind, Self::String(_));
        other.fits(self) || (is_string(self) && is_string(other))
    }

    /// Returns the type of the values in JSON; `None` if there may be several.
    pub(super) fn in_json(&self) -> Option<&'static str> {
        Some(match self {
            Self::Any | Self::Union => return None,
            Self::String(_) => "string",
            Self::Integer(_) | Self::Number(_) => "number",
            Self::Boolean => "boolean",
            Self::List => "array",
            Self::Object | Self::Map => "object",
        })
    }

    /// Returns the kind in words. `has_values` says that the schema lists the values.
    pub(super) fn words(&self, has_values: bool) -> String {
        let plain = match self {
            Self::String(_) if has_values => return "enum".to_owned(),
            Self::Any => "any value",
            Self::String(Some(format)) => return format!("string of format {format}"),
            Self::String(None) => "string",
            Self::Integer(format) => match format.name {
                "int64" => "integer",
                "int32" => "32-bit integer",
                name => return format!("integer of format {name}"),
            },
            Self::Number(true) => "number of single precision",
            Self::Number(false) => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Object => "object",
            Self::Map => "map",
            Self::Union => "union",
        };
        if has_values {
            format!("enum of {plain}s")
        } else {
            plain.to_owned()
        }
    }
}
