//! A recorded request with its response, as JSON.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use super::Outgoing;

/// The start of the names of the headers of a rate limit.
pub(crate) const RATE_LIMIT: &str = "x-ratelimit-";

/// The part of a request by which its responses are found. The order of query parameters and of
/// properties does not count.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    method: String,
    path: String,
    query: Vec<String>,
    body: String,
}

impl Key {
    /// Returns the key of a request, without its credentials.
    pub(super) fn of(request: &Outgoing<'_>) -> Self {
        let body = match request.body.is_empty() {
            true => Value::Null,
            false => request.secrets.hide_body(request.body),
        };
        let path = request.secrets.hide(request.path);
        let query = request.secrets.hide_query(request.query);
        Self::new(request.method.as_str(), &path, &query, &body)
    }

    /// Returns true if a request differs in its query or body alone.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        (&self.method, &self.path) == (&other.method, &other.path)
    }

    fn new(method: &str, path: &str, query: &str, body: &Value) -> Self {
        let mut query: Vec<_> = query.split('&').map(str::to_owned).collect();
        query.sort_unstable();
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            body: sorted(body).to_string(),
        }
    }
}

/// Returns a value whose objects have their properties in the order of the names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(properties) => {
            let properties = properties.iter().map(|(name, it)| (name, sorted(it)));
            let properties: BTreeMap<_, _> = properties.collect();
            let properties = properties.into_iter();
            properties.map(|(name, it)| (name.clone(), it)).collect()
        }
        other => other.clone(),
    }
}

/// Reads an exchange of a recording.
///
/// # Errors
///
/// Returns an error if it is not one.
pub(super) fn read(item: &Value) -> Result<(Key, Response<Bytes>), String> {
    const PROPERTIES: [&str; 7] = [
        "method", "path", "query", "body", "status", "headers", "response",
    ];
    let properties = item.as_object();
    let properties = properties.ok_or("it is not a JSON object; write `{\"method\": …}`")?;
    let is_known = |name: &&String| PROPERTIES.contains(&name.as_str());
    if let Some(name) = properties.keys().find(|name| !is_known(name)) {
        let known = PROPERTIES.join("`, `");
        return Err(format!("an exchange has no `{name}`; write `{known}`"));
    }
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let (Some(method), Some(path)) = (text("method"), text("path")) else {
        return Err("it needs `method` and `path`, which are strings".to_owned());
    };
    let body = item.get("body").unwrap_or(&Value::Null);
    let key = Key::new(method, path, text("query").unwrap_or_default(), body);
    let status = item.get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or("`status` must be a status code, such as 200")?;
    let bytes = match item.get("response") {
        None => Bytes::new(),
        // A body that is not JSON is recorded as a string.
        Some(Value::String(text)) => Bytes::from(text.clone()),
        Some(body) => Bytes::from(body.to_string()),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    *response.headers_mut() = headers(item.get("headers"))?;
    Ok((key, response))
}

fn headers(value: Option<&Value>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let read = HeaderName::try_from(name)
                .ok()
                .zip(value.as_str().and_then(|it| HeaderValue::try_from(it).ok()));
            let (name, value) =
                read.ok_or_else(|| format!("`{name}` in `headers` is not a header"))?;
            headers.append(name, value);
        }
    }
    Ok(headers)
}
