//! Writes lists and objects into parameters.
//!
//! The styles are those of OpenAPI 3.0 (<https://spec.openapis.org/oas/v3.0.3#style-values>). The
//! document chooses the style and generated code passes it on, because a server that expects
//! `ids=1&ids=2` does not understand `ids=1,2`.

use serde_json::Value;

use crate::request::encode::{push_escaped, push_query};

/// The style in which a list or an object is written into a parameter.
///
/// An "exploded" object writes each property as a pair of its own, and an exploded list each item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterStyle {
    /// `a,b` and `x,1,y,2`: paths and headers.
    Simple,
    /// `a,b` and `x=1,y=2`: paths and headers.
    SimpleExploded,
    /// `.a.b` and `.x.1.y.2`: paths.
    Label,
    /// `.a.b` and `.x=1.y=2`: paths.
    LabelExploded,
    /// `;name=a,b` and `;name=x,1,y,2`: paths.
    Matrix,
    /// `;name=a;name=b` and `;x=1;y=2`: paths.
    MatrixExploded,
    /// `name=a,b` and `name=x,1,y,2`: queries, cookies and forms.
    Form,
    /// `name=a&name=b` and `x=1&y=2`: queries, cookies and forms.
    FormExploded,
    /// `name=a%20b`: queries.
    SpaceDelimited,
    /// `name=a%7Cb`: queries.
    PipeDelimited,
    /// `name[x]=1&name[y]=2`, lists as `name[]=a&name[]=b`, and lists of objects as
    /// `name[0][x]=1`: queries and forms.
    DeepObject,
    /// The value as JSON, after `name=` in queries, cookies and forms: a parameter with `content`.
    Json,
    /// A string as it is and any other value as JSON, after `name=` in queries, cookies and forms:
    /// a parameter without a type.
    TextOrJson,
}

/// The target of the text, which decides what is escaped and whether JSON has a name before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A path.
    Path,
    /// A header, which is not escaped.
    Header,
    /// A query, a form or a cookie.
    Pairs,
}

/// Returns the text of a parameter, with its name where the style has one. The error is the end of
/// a sentence.
pub(crate) fn styled(
    name: &str,
    style: ParameterStyle,
    value: &Value,
    target: Target,
) -> Result<String, &'static str> {
    use ParameterStyle as Style;

    let text = |text: &str| {
        let mut escaped = String::new();
        match target {
            Target::Path | Target::Pairs => push_escaped(&mut escaped, text),
            Target::Header => escaped.push_str(text),
        }
        escaped
    };
    let named = |value: String| format!("{}={value}", text(name));
    if matches!(style, Style::Json | Style::TextOrJson) {
        let written = match value {
            Value::String(value) if style == Style::TextOrJson => text(value),
            value => text(&value.to_string()),
        };
        return Ok(match target {
            Target::Pairs => named(written),
            Target::Path | Target::Header => written,
        });
    }
    if style == Style::DeepObject {
        let mut query = String::new();
        deep(&mut query, name, value);
        return Ok(query);
    }
    let parts = Parts::of(value, &text)?;
    Ok(match (style, parts) {
        (Style::Simple | Style::SimpleExploded, Parts::One(value)) => value,
        (Style::Simple | Style::SimpleExploded, Parts::List(items)) => items.join(","),
        (Style::Simple, Parts::Properties(properties)) => flat(&properties, ","),
        (Style::SimpleExploded, Parts::Properties(properties)) => pairs(&properties, ","),
        (Style::Label | Style::LabelExploded, Parts::One(value)) => format!(".{value}"),
        (Style::Label | Style::LabelExploded, Parts::List(items)) => {
            format!(".{}", items.join("."))
        }
        (Style::Label, Parts::Properties(properties)) => format!(".{}", flat(&properties, ".")),
        (Style::LabelExploded, Parts::Properties(properties)) => {
            format!(".{}", pairs(&properties, "."))
        }
        (Style::Matrix | Style::MatrixExploded, Parts::One(value)) => format!(";{}", named(value)),
        (Style::Matrix, Parts::List(items)) => format!(";{}", named(items.join(","))),
        (Style::Matrix, Parts::Properties(properties)) => {
            format!(";{}", named(flat(&properties, ",")))
        }
        (Style::MatrixExploded, Parts::List(items)) => {
            let items = items.into_iter().map(|item| format!(";{}", named(item)));
            items.collect()
        }
        (Style::MatrixExploded, Parts::Properties(properties)) => {
            format!(";{}", pairs(&properties, ";"))
        }
        (Style::FormExploded, Parts::List(items)) => {
            let items: Vec<String> = items.into_iter().map(named).collect();
            items.join("&")
        }
        (Style::FormExploded, Parts::Properties(properties)) => pairs(&properties, "&"),
        (Style::SpaceDelimited, Parts::List(items)) => named(items.join("%20")),
        (Style::SpaceDelimited, Parts::Properties(properties)) => named(flat(&properties, "%20")),
        (Style::PipeDelimited, Parts::List(items)) => named(items.join("%7C")),
        (Style::PipeDelimited, Parts::Properties(properties)) => named(flat(&properties, "%7C")),
        (_, Parts::One(value)) => named(value),
        (_, Parts::List(items)) => named(items.join(",")),
        (_, Parts::Properties(properties)) => named(flat(&properties, ",")),
    })
}

/// The escaped parts of a value, which a style joins.
enum Parts {
    One(String),
    List(Vec<String>),
    Properties(Vec<(String, String)>),
}

impl Parts {
    fn of(value: &Value, escape: &dyn Fn(&str) -> String) -> Result<Self, &'static str> {
        const NESTED: &str =
            "contains a list or an object within another, which its style cannot express";
        let one = |value: &Value| scalar(value).map(|text| escape(&text)).ok_or(NESTED);
        Ok(match value {
            Value::Array(items) => Self::List(items.iter().map(one).collect::<Result<_, _>>()?),
            Value::Object(properties) => {
                // A property that is null is left out.
                let given = properties.iter().filter(|(_, value)| !value.is_null());
                let pair = |(name, value): (&String, &Value)| {
                    Ok::<_, &'static str>((escape(name), one(value)?))
                };
                Self::Properties(given.map(pair).collect::<Result<_, _>>()?)
            }
            value => Self::One(one(value)?),
        })
    }
}

/// Returns the text of a value that is neither a list nor an object.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn flat(properties: &[(String, String)], separator: &str) -> String {
    let parts: Vec<&str> = properties
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect();
    parts.join(separator)
}

fn pairs(properties: &[(String, String)], separator: &str) -> String {
    let parts: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join(separator)
}

/// Appends `name[property]=value` for every nested value, `name[]=value` for every item. serde_json
/// nests no deeper than 128 levels.
fn deep(query: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(properties) => {
            for (property, value) in properties.iter().filter(|(_, value)| !value.is_null()) {
                deep(query, &format!("{name}[{property}]"), value);
            }
        }
        Value::Array(items) => {
            // Servers join the properties of one item by its index.
            let is_nested = items.iter().any(|item| item.is_object() || item.is_array());
            for (index, item) in items.iter().enumerate() {
                match is_nested {
                    true => deep(query, &format!("{name}[{index}]"), item),
                    false => deep(query, &format!("{name}[]"), item),
                }
            }
        }
        value => push_query(query, name, &scalar(value).unwrap_or_default()),
    }
}
