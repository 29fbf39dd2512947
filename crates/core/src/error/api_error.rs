//! What a server says is wrong, in one shape whichever body it sent.
//!
//! Datadog answers `{"errors": ["text"]}` in its older APIs and
//! [JSON:API error objects](https://jsonapi.org/format/#error-objects) in its newer ones. Dcycle
//! answers `{"detail": "text"}`, or `{"detail": [{"loc": […], "msg": "text"}]}` when a request does
//! not match its schema, or `{"message": "text"}`. Gateways before either send what they like, for
//! example [RFC 9457 problem details](https://www.rfc-editor.org/rfc/rfc9457).

use std::fmt;

use serde_json::{Map, Value};

use crate::request::encode::one_line;

/// The longest text of one error that a message repeats, in characters.
const LONGEST_TEXT: usize = 300;

/// How many errors of one answer a message repeats.
const MOST_ERRORS: usize = 3;

/// One thing that a server says is wrong.
///
/// Servers send any subset of these members.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The identifier of this occurrence.
    pub id: Option<String>,
    /// What is wrong in general.
    pub title: Option<String>,
    /// What is wrong in this case.
    pub detail: Option<String>,
    /// The HTTP status that belongs to this error, as text whether the server sends text or a
    /// number.
    pub status: Option<String>,
    /// The server's own code for this error, as text whether the server sends text or a number.
    pub code: Option<String>,
    /// The part of the request that is wrong.
    pub source: Option<ApiErrorSource>,
    /// Whatever else the server adds.
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

impl ApiError {
    /// The text without what `reason`, the phrase of the status before it, already says.
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

/// One line: title, detail and the part of the request that is wrong.
impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.summary(None))
    }
}

/// One line about all errors of an answer; empty when `reason` already says it.
pub(crate) fn summarize(errors: &[ApiError], reason: Option<&str>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in errors.iter().take(MOST_ERRORS) {
        let text = error.summary(reason);
        if !text.is_empty() {
            texts.push(text);
        }
    }
    if errors.len() > MOST_ERRORS {
        texts.push(format!("and {} more", errors.len() - MOST_ERRORS));
    }
    texts.join("; ")
}

/// The errors that a body lists; none when it is no error document.
pub(crate) fn parse(body: &[u8]) -> Vec<ApiError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => from_document(members),
        Ok(other) => from_list(other),
        Err(_) => Vec::new(),
    }
}

fn from_document(mut members: Map<String, Value>) -> Vec<ApiError> {
    if let Some(list) = members.remove("errors") {
        let errors = from_list(list);
        if !errors.is_empty() {
            return errors;
        }
    }
    match members.remove("error") {
        // RFC 6749, section 5.2: what token endpoints answer.
        Some(Value::String(code)) if members.contains_key("error_description") => {
            let detail = members.remove("error_description").and_then(text);
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
    if let Some(Value::Array(_) | Value::Object(_)) = members.get("detail")
        && let Some(list) = members.remove("detail")
    {
        let errors = from_list(list);
        if !errors.is_empty() {
            return errors;
        }
    }
    from_object(members).into_iter().collect()
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
        Value::Object(members) => from_object(members),
        _ => None,
    }
}

fn from_object(mut members: Map<String, Value>) -> Option<ApiError> {
    let mut take = |name: &str| members.remove(name).and_then(text);
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
    error.source = match (members.remove("source"), members.remove("loc")) {
        (Some(Value::Object(source)), _) => from_source(source),
        (_, Some(Value::Array(location))) => from_location(&location),
        _ => None,
    };
    // An identifier or extra data alone does not make an object an error.
    let says_something = [&error.title, &error.detail, &error.code, &error.status]
        .into_iter()
        .any(Option::is_some);
    if !says_something {
        return None;
    }
    error.meta = members.remove("meta").filter(|meta| !meta.is_null());
    Some(error)
}

fn from_source(mut members: Map<String, Value>) -> Option<ApiErrorSource> {
    let source = ApiErrorSource {
        header: members.remove("header").and_then(text),
        parameter: members.remove("parameter").and_then(text),
        pointer: members.remove("pointer").and_then(text),
    };
    (source != ApiErrorSource::default()).then_some(source)
}

/// Reads a `loc` such as `["body", "items", 0, "name"]`, whose first entry says where in the
/// request the rest is to be looked for.
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
