//! How lists and objects are written into parameters.
//!
//! The styles are those of OpenAPI 3.0 (<https://spec.openapis.org/oas/v3.0.3#style-values>). A client cannot choose: a
//! server that expects `ids=1&ids=2` does not understand `ids=1,2`. So the document says which one it is, and generated
//! code passes it on.

use serde_json::Value;

use crate::request::encode::{push_escaped, push_query};

/// How a list or an object is written into a parameter.
///
/// An object that is "exploded" names each of its members; a list, each of its items.
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
    /// `name[x]=1&name[y]=2`: queries.
    DeepObject,
    /// The value as JSON, after `name=` in queries, cookies and forms: what a parameter with `content` holds.
    Json,
}

/// Where the text goes, which decides what has to be escaped, and whether JSON has a name before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Into a path.
    Path,
    /// Into a header, as it is.
    Header,
    /// Into a query, a form or a cookie.
    Pairs,
}

/// The whole text of a parameter, its name included where the style has it; or what is wrong with the value.
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
    if style == Style::Json {
        let json = text(&value.to_string());
        return Ok(match target {
            Target::Pairs => named(json),
            Target::Path | Target::Header => json,
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
        (Style::Simple, Parts::Members(members)) => flat(&members, ","),
        (Style::SimpleExploded, Parts::Members(members)) => pairs(&members, ","),
        (Style::Label | Style::LabelExploded, Parts::One(value)) => format!(".{value}"),
        (Style::Label | Style::LabelExploded, Parts::List(items)) => {
            format!(".{}", items.join("."))
        }
        (Style::Label, Parts::Members(members)) => format!(".{}", flat(&members, ".")),
        (Style::LabelExploded, Parts::Members(members)) => format!(".{}", pairs(&members, ".")),
        (Style::Matrix | Style::MatrixExploded, Parts::One(value)) => format!(";{}", named(value)),
        (Style::Matrix, Parts::List(items)) => format!(";{}", named(items.join(","))),
        (Style::Matrix, Parts::Members(members)) => format!(";{}", named(flat(&members, ","))),
        (Style::MatrixExploded, Parts::List(items)) => {
            let items = items.into_iter().map(|item| format!(";{}", named(item)));
            items.collect()
        }
        (Style::MatrixExploded, Parts::Members(members)) => format!(";{}", pairs(&members, ";")),
        (Style::FormExploded, Parts::List(items)) => {
            let items: Vec<String> = items.into_iter().map(named).collect();
            items.join("&")
        }
        (Style::FormExploded, Parts::Members(members)) => pairs(&members, "&"),
        (Style::SpaceDelimited, Parts::List(items)) => named(items.join("%20")),
        (Style::SpaceDelimited, Parts::Members(members)) => named(flat(&members, "%20")),
        (Style::PipeDelimited, Parts::List(items)) => named(items.join("%7C")),
        (Style::PipeDelimited, Parts::Members(members)) => named(flat(&members, "%7C")),
        (_, Parts::One(value)) => named(value),
        (_, Parts::List(items)) => named(items.join(",")),
        (_, Parts::Members(members)) => named(flat(&members, ",")),
    })
}

/// A value, cut into what a style puts together; everything is escaped.
enum Parts {
    One(String),
    List(Vec<String>),
    Members(Vec<(String, String)>),
}

impl Parts {
    fn of(value: &Value, escape: &dyn Fn(&str) -> String) -> Result<Self, &'static str> {
        const NESTED: &str =
            "holds a list or an object within another, for which its style has no form";
        let one = |value: &Value| scalar(value).map(|text| escape(&text)).ok_or(NESTED);
        Ok(match value {
            Value::Array(items) => Self::List(items.iter().map(one).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                // A member without a value is one that is not there.
                let given = members.iter().filter(|(_, value)| !value.is_null());
                let pair = |(name, value): (&String, &Value)| {
                    Ok::<_, &'static str>((escape(name), one(value)?))
                };
                Self::Members(given.map(pair).collect::<Result<_, _>>()?)
            }
            value => Self::One(one(value)?),
        })
    }
}

/// The text of a value that is neither a list nor an object.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn flat(members: &[(String, String)], separator: &str) -> String {
    let parts: Vec<&str> = members
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect();
    parts.join(separator)
}

fn pairs(members: &[(String, String)], separator: &str) -> String {
    let parts: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join(separator)
}

/// Appends `name[member]=value` for every value within, however deep it stands: serde_json nests no deeper than 128.
fn deep(query: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                deep(query, &format!("{name}[{member}]"), value);
            }
        }
        Value::Array(items) => {
            for item in items {
                deep(query, name, item);
            }
        }
        value => push_query(query, name, &scalar(value).unwrap_or_default()),
    }
}
