//! The errors that servers report, in one form for all vendors.
//!
//! Datadog's older APIs send `{"errors": ["text"]}`, its newer ones [JSON:API error
//! objects](https://jsonapi.org/format/#error-objects). Dcycle sends `{"detail": "text"}`,
//! `{"message": "text"}`, or `{"detail": [{"loc": […], "msg": "text"}]}` for a request that does
//! not match its schema. Gateways send other forms, for example [RFC 9457 problem
//! details](https://www.rfc-editor.org/rfc/rfc9457).

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::request::encode::{one_line, printable};
use crate::response::json;

/// The longest text of one error that a message repeats, in characters.
const LONGEST_TEXT: usize = 300;

/// The number of errors that a message repeats.
const MAX_ERRORS: usize = 3;

/// An error that a server reports.
///
/// Servers send any subset of these properties, and it serializes as those.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The id of this occurrence.
    pub id: Option<String>,
    /// The general description of the error.
    pub title: Option<String>,
    /// The description of this occurrence.
    pub detail: Option<String>,
    /// The HTTP status of this error. A number is converted to a string.
    pub status: Option<String>,
    /// The server's code for this error. A number is converted to a string.
    pub code: Option<String>,
    /// The part of the request that is wrong.
    pub source: Option<ApiErrorSource>,
    /// Additional data.
    pub meta: Option<Value>,
}

/// The part of a request that an [`ApiError`] is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiErrorSource {
    /// The name of a header.
    pub header: Option<String>,
    /// The name of a path or query parameter.
    pub parameter: Option<String>,
    /// A JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) into the body.
    pub pointer: Option<String>,
}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ApiError", 7)?;
        add(&mut object, "id", &self.id)?;
        add(&mut object, "title", &self.title)?;
        add(&mut object, "detail", &self.detail)?;
        add(&mut object, "status", &self.status)?;
        add(&mut object, "code", &self.code)?;
        add(&mut object, "source", &self.source)?;
        add(&mut object, "meta", &self.meta)?;
        object.end()
    }
}

impl Serialize for ApiErrorSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ApiErrorSource", 3)?;
        add(&mut object, "header", &self.header)?;
        add(&mut object, "parameter", &self.parameter)?;
        add(&mut object, "pointer", &self.pointer)?;
        object.end()
    }
}

/// Writes a property, unless it is missing.
fn add<O: SerializeStruct, T: Serialize>(
    object: &mut O,
    name: &'static str,
    value: &Option<T>,
) -> Result<(), O::Error> {
    match value {
        Some(value) => object.serialize_field(name, value),
        None => object.skip_field(name),
    }
}

impl ApiError {
    /// Returns the error as one line, without what `reason`, the phrase of the status before it,
    /// says.
    fn summary(&self, reason: Option<&str>) -> String {
        let said = |text: &&str| !reason.is_some_and(|reason| reason.eq_ignore_ascii_case(text));
        let title = self.title.as_deref().filter(said);
        let detail = self.detail.as_deref().filter(said);
        let mut text = match (title, detail) {
            (Some(title), Some(detail)) if title != detail => format!("{title}: {detail}"),
            (_, Some(detail)) => detail.to_owned(),
            (Some(title), None) => title.to_owned(),
            (None, None) if reason.is_some() && (self.title.is_some() || self.detail.is_some()) => {
                String::new()
            }
            (None, None) => match (&self.code, &self.status) {
                (Some(code), _) => format!("code {code}"),
                (None, Some(status)) => format!("status {status}"),
                (None, None) => String::new(),
            },
        };
        text = one_line(&text, LONGEST_TEXT);
        if let Some(source) = &self.source {
            let place = [
                ("parameter", &source.parameter),
                ("header", &source.header),
                ("body", &source.pointer),
            ];
            for (what, name) in place {
                if let Some(name) = name {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(&format!("({what} {})", one_line(name, LONGEST_TEXT)));
                }
            }
        }
        text
    }
}

/// Shows one line: title, detail and the part of the request that is wrong.
impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.summary(None))
    }
}

/// Returns one line about all errors of a response; empty if `reason` says the same.
pub(crate) fn summarize(errors: &[ApiError], reason: Option<&str>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in errors.iter().take(MAX_ERRORS) {
        let text = error.summary(reason);
        if !text.is_empty() {
            texts.push(text);
        }
    }
    if errors.len() > MAX_ERRORS {
        texts.push(format!("and {} more", errors.len() - MAX_ERRORS));
    }
    texts.join("; ")
}

/// Reads the errors of a body; none if it has no known form. Unprintable characters are replaced,
/// because programs print the texts.
pub(crate) fn parse(body: &[u8]) -> Vec<ApiError> {
    let value = json::read(body).map(printable_value);
    match value {
        Ok(Value::Object(properties)) => from_document(properties),
        Ok(other) => from_list(other),
        Err(_) => Vec::new(),
    }
}

fn from_document(mut properties: Map<String, Value>) -> Vec<ApiError> {
    if let Some(list) = properties.remove("errors") {
        let errors = from_list(list);
        if !errors.is_empty() {
            return errors;
        }
    }
    match properties.remove("error") {
        // The form of OAuth token endpoints (RFC 6749, section 5.2).
        Some(Value::String(code)) if properties.contains_key("error_description") => {
            let detail = properties.remove("error_description").and_then(text);
            return vec![ApiError {
                code: Some(code),
                detail,
                ..ApiError::default()
            }];
        }
        Some(list) => {
            let errors = from_list(list);
            if !errors.is_empty() {
                return errors;
            }
        }
        None => {}
    }
    if let Some(Value::Array(_) | Value::Object(_)) = properties.get("detail")
        && let Some(list) = properties.remove("detail")
    {
        let errors = from_list(list);
        if !errors.is_empty() {
            return errors;
        }
    }
    from_object(properties).into_iter().collect()
}

fn from_list(value: Value) -> Vec<ApiError> {
    match value {
        Value::Array(items) => items.into_iter().filter_map(from_item).collect(),
        other => from_item(other).into_iter().collect(),
    }
}

fn from_item(value: Value) -> Option<ApiError> {
    match value {
        Value::String(detail) if !detail.is_empty() => Some(ApiError {
            detail: Some(detail),
            ..ApiError::default()
        }),
        Value::Object(properties) => from_object(properties),
        _ => None,
    }
}

fn from_object(mut properties: Map<String, Value>) -> Option<ApiError> {
    let mut take = |name: &str| properties.remove(name).and_then(text);
    let mut error = ApiError {
        id: take("id"),
        title: take("title"),
        detail: take("detail"),
        status: take("status"),
        code: take("code"),
        source: None,
        meta: None,
    };
    for name in ["message", "msg"] {
        let Some(message) = take(name) else { continue };
        if error.detail.is_none() {
            error.detail = Some(message);
        } else if error.title.is_none() {
            error.title = Some(message);
        }
    }
    error.source = match (properties.remove("source"), properties.remove("loc")) {
        (Some(Value::Object(source)), _) => from_source(source),
        (_, Some(Value::Array(location))) => from_location(&location),
        _ => None,
    };
    // An id or additional data alone does not make an object an error.
    let is_error = [&error.title, &error.detail, &error.code, &error.status]
        .into_iter()
        .any(Option::is_some);
    if !is_error {
        return None;
    }
    error.meta = properties.remove("meta").filter(|meta| !meta.is_null());
    Some(error)
}

/// Replaces the unprintable characters of all texts in a value.
fn printable_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(printable(text)),
        Value::Array(items) => items.into_iter().map(printable_value).collect(),
        Value::Object(properties) => properties
            .into_iter()
            .map(|(name, value)| (printable(name), printable_value(value)))
            .collect(),
        other => other,
    }
}

fn from_source(mut properties: Map<String, Value>) -> Option<ApiErrorSource> {
    let source = ApiErrorSource {
        header: properties.remove("header").and_then(text),
        parameter: properties.remove("parameter").and_then(text),
        pointer: properties.remove("pointer").and_then(text),
    };
    (source != ApiErrorSource::default()).then_some(source)
}

/// Reads a `loc` such as `["body", "items", 0, "name"]`. Its first entry names the part of the
/// request.
fn from_location(location: &[Value]) -> Option<ApiErrorSource> {
    let steps: Vec<String> = location.iter().cloned().filter_map(text).collect();
    let (place, rest) = steps.split_first()?;
    let mut source = ApiErrorSource::default();
    match place.as_str() {
        "query" | "path" => source.parameter = Some(rest.join(".")),
        "header" => source.header = Some(rest.join(".")),
        "body" => source.pointer = Some(pointer(rest)),
        _ => source.pointer = Some(pointer(&steps)),
    }
    Some(source)
}

fn pointer(steps: &[String]) -> String {
    let mut pointer = String::new();
    for step in steps {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
