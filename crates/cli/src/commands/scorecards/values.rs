//! Values: of files, of requests and of responses, and the forms in which they are compared.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::kinds::{Property, Shape};
use crate::compact::Compact;
use crate::yaml::{Content, Node, Position};

/// Checks a value of a file and returns it in the form in which values are compared.
pub(super) fn check(property: &Property, node: &Node) -> Result<Compact, (Position, String)> {
    let name = property.name;
    let wrong = |expected: &str| {
        let message = format!("{name} must be {expected}, not {}", node.kind());
        Err((node.position, message))
    };
    if matches!(node.content, Content::Scalar(Compact::Null)) {
        return match property.can_be_null {
            true => Ok(Compact::Null),
            false => Err((
                node.position,
                format!("{name} cannot be removed; leave it out to keep its value"),
            )),
        };
    }
    match (property.shape, &node.content) {
        (Shape::Text | Shape::Reference(_), Content::Scalar(value @ Compact::Text(_))) => {
            Ok(value.clone())
        }
        (Shape::Text, Content::Scalar(Compact::Number(_) | Compact::Bool(_))) => {
            wrong("a string in quotes")
        }
        (Shape::Text | Shape::Reference(_), _) => wrong("a string"),
        (Shape::Boolean | Shape::State, Content::Scalar(value @ Compact::Bool(_))) => {
            Ok(value.clone())
        }
        (Shape::Boolean | Shape::State, _) => wrong("true or false"),
        (Shape::Integer(least, most), Content::Scalar(Compact::Number(number))) => {
            let is_in_range = number
                .as_i64()
                .is_some_and(|it| (least..=most).contains(&it));
            match is_in_range {
                true => Ok(Compact::Number(number.clone())),
                false => {
                    let message = format!("{name} must be from {least} to {most}, not {number}");
                    Err((node.position, message))
                }
            }
        }
        (Shape::Integer(..), _) => wrong("a number"),
        (Shape::Time, Content::Scalar(Compact::Text(text))) => match time(text) {
            Some(time) => Ok(Value::from(time).into()),
            None => {
                let message = format!(
                    "{name} must be a time such as 2026-12-31T17:00:00Z, or a date, not {text:?}"
                );
                Err((node.position, message))
            }
        },
        (Shape::Time, _) => wrong("a time"),
        (Shape::OneOf(known), Content::Scalar(Compact::Text(text))) => {
            match known.contains(&&**text) {
                true => Ok(Compact::Text(text.clone())),
                false => {
                    let message = format!("{name} is {text:?}; use {}", known.join(" or "));
                    Err((node.position, message))
                }
            }
        }
        (Shape::OneOf(known), _) => wrong(&known.join(" or ")),
        (Shape::Options | Shape::References(_), Content::List(items)) => {
            texts(name, items).map(|it| Value::from(it).into())
        }
        (Shape::Options | Shape::References(_), _) => wrong("a list of strings"),
        (Shape::Object(_), Content::Mapping(_)) => Ok(node.to_value().into()),
        (Shape::Object(_), _) => wrong("a mapping"),
        (Shape::Objects, Content::List(_)) => Ok(node.to_value().into()),
        (Shape::Objects, _) => wrong("a list of mappings"),
    }
}

fn texts(name: &str, items: &[Node]) -> Result<Vec<String>, (Position, String)> {
    let texts = items.iter().map(|item| match &item.content {
        Content::Scalar(Compact::Text(text)) => Ok(text.to_string()),
        _ => {
            let message = format!("{name} must be a list of strings, not of {}", item.kind());
            Err((item.position, message))
        }
    });
    texts.collect()
}

/// Returns a time or a date in one form, so that equal times are equal texts.
fn time(text: &str) -> Option<String> {
    let is_date = text.len() == 10;
    let parsed = match is_date {
        true => format!("{text}T00:00:00Z").parse::<Timestamp>(),
        false => text.parse::<Timestamp>(),
    };
    parsed.ok().map(|time| time.to_string())
}

/// Returns a value of a response in the form in which values are compared.
pub(super) fn reported(shape: Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Time, Value::String(text)) => time(&text).unwrap_or(text).into(),
        (Shape::State, Value::String(text)) => Value::Bool(text == "ENABLED"),
        (Shape::References(_), Value::Array(items)) => sorted(items),
        (_, value) => value,
    }
}

/// Returns a list of strings in order, because references have none.
pub(super) fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    items.dedup();
    Value::Array(items)
}

/// Returns a value as a request has it.
pub(super) fn sent(shape: Shape, value: &Value) -> Value {
    match shape {
        Shape::State => json!(if *value == true {
            "ENABLED"
        } else {
            "DISABLED"
        }),
        Shape::Options => {
            let options = value.as_array().into_iter().flatten();
            let options = options.map(|option| json!({ "value": option }));
            json!({ "options": options.collect::<Vec<_>>() })
        }
        _ => value.clone(),
    }
}

/// Changes each reference of a value, which is a name or an id.
pub(super) fn map_references<E>(
    shape: Shape,
    value: &mut Value,
    mut map: impl FnMut(super::kinds::Kind, &str) -> Result<String, E>,
) -> Result<(), E> {
    match shape {
        Shape::Reference(kind) => {
            if let Value::String(text) = value {
                *text = map(kind, text)?;
            }
        }
        Shape::References(kind) => {
            if let Value::Array(items) = value {
                for item in items.iter_mut() {
                    if let Value::String(text) = item {
                        *text = map(kind, text)?;
                    }
                }
                *value = sorted(std::mem::take(items));
            }
        }
        Shape::Object(pointers) => {
            for (pointer, kind) in pointers {
                if let Some(Value::String(text)) = value.pointer_mut(pointer) {
                    *text = map(*kind, text)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns the values of an object by path, such as `settings.notification.enabled`. Other values
/// have the path alone.
pub(super) fn leaves(path: &str, value: Option<&Value>) -> Map<String, Value> {
    let mut leaves = Map::new();
    match value {
        Some(Value::Object(object)) if !object.is_empty() => {
            for (name, value) in object {
                leaves.extend(self::leaves(&format!("{path}.{name}"), Some(value)));
            }
        }
        Some(value) => {
            leaves.insert(path.to_owned(), value.clone());
        }
        None => {}
    }
    leaves
}
