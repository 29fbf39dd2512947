//! A JSON value in less memory.
//!
//! A map of `serde_json` that keeps the order of its properties has 72 bytes, and so has every
//! [`Value`]. A plan holds some values of each rule, most of which are short texts and numbers.

use serde_json::{Number, Value};

/// A JSON value of 24 bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Compact {
    Null,
    Bool(bool),
    Number(Number),
    Text(Box<str>),
    /// A list or an object.
    Other(Box<Value>),
}

impl Compact {
    /// Returns the value.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(value.clone()),
            Self::Text(text) => Value::from(&**text),
            Self::Other(value) => (**value).clone(),
        }
    }

    /// Returns the text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<Value> for Compact {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => Self::Number(value),
            Value::String(text) => Self::Text(text.into()),
            value @ (Value::Array(_) | Value::Object(_)) => Self::Other(Box::new(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let values = json!([null, true, 1, -1.5, "text", [1, "a"], { "b": 1, "a": null }]);
        for value in values.as_array().expect("a list") {
            assert_eq!(Compact::from(value.clone()).to_value(), *value);
        }
        assert!(size_of::<Compact>() <= 24);
    }
}
