//! Calls in a seed: requests that change resources, as a client sent them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::document::{Document, Location};
use crate::handlers;
use crate::request::{Call, RawRequest, read_call};
use crate::state::State;

/// The properties of a call.
const PROPERTIES: [&str; 5] = ["operation", "path", "query", "headers", "body"];

/// Handles a call of a seed.
///
/// # Errors
///
/// Returns an error if the call is not one, or is rejected.
pub(crate) fn apply(document: &Document, state: &mut State, item: &Value) -> Result<(), String> {
    let Some(properties) = item.as_object() else {
        return Err("it is not a JSON object; write `{\"operation\": …}`".to_owned());
    };
    let is_known = |name: &String| PROPERTIES.contains(&name.as_str());
    if let Some(name) = properties.keys().find(|name| !is_known(name)) {
        let known = PROPERTIES.join("`, `");
        return Err(format!("a call has no `{name}`; write `{known}`"));
    }
    let id = item.get("operation").and_then(Value::as_str);
    let id = id.unwrap_or_default();
    let mut operations = document.operations.iter();
    let operation = operations.find(|operation| operation.id == id);
    let (Some(operation), Some(handler)) = (operation, handlers::find(id)) else {
        return Err(format!(
            "the document has no operation `{id}`; write its `operationId`"
        ));
    };
    let mut headers = HeaderMap::new();
    for (name, value) in texts(item, "headers")? {
        let name = HeaderName::try_from(&name).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        headers.insert(name, value);
    }
    let body = match item.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(body) => {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
            Bytes::from(body.to_string())
        }
    };
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query = texts(item, "query")?.into_iter();
    let query: Vec<_> = query
        .map(|(name, value)| format!("{}={}", encode(&name), encode(&value)))
        .collect();
    let path = texts(item, "path")?;
    for parameter in operation.parameters_in(Location::Path) {
        if !path.iter().any(|(name, _)| *name == parameter.name) {
            return Err(format!("`path` has no `{}`; add it", parameter.name));
        }
    }
    let request = RawRequest {
        path: "",
        query: &query.join("&"),
        headers: &headers,
        body: &body,
    };
    let call = read_call(document, operation, path, &request).map_err(|it| it.to_string())?;
    let handled = handlers::handle(handler, state, &call);
    handled.map(drop).map_err(|error| error.to_string())
}

/// Reads a property whose values are strings.
fn texts(item: &Value, name: &str) -> Result<Vec<(String, String)>, String> {
    let values = match item.get(name) {
        None => return Ok(Vec::new()),
        Some(values) => values.as_object(),
    };
    let values = values.into_iter().flatten().map(|(name, value)| {
        let value = value.as_str()?;
        Some((name.clone(), value.to_owned()))
    });
    let values: Option<Vec<_>> = values.collect();
    values.ok_or_else(|| format!("the values of `{name}` must be strings"))
}

/// Returns an accepted call as a seed has it. `None` if it only reads.
pub(crate) fn recorded(call: &Call<'_>) -> Option<Value> {
    const READS: [&str; 5] = ["List", "Get", "Search", "Count", "Aggregate"];
    let id = &call.operation.id;
    if READS.iter().any(|start| id.starts_with(start)) {
        return None;
    }
    let values = |location: Location| {
        let values = call.values.iter();
        let values = values.filter(|(known, ..)| *known == location);
        let values = values.map(|(_, name, value)| {
            let text = value.as_str().map(str::to_owned);
            let text = text.unwrap_or_else(|| value.to_string());
            (name.clone(), Value::from(text))
        });
        values.collect::<Map<_, _>>()
    };
    let query = call.query.iter();
    let query = query.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let mut item = json!({ "operation": id });
    for (name, values) in [
        ("path", values(Location::Path)),
        ("query", query.collect()),
        ("headers", values(Location::Header)),
    ] {
        if !values.is_empty() {
            item[name] = values.into();
        }
    }
    if !call.body.is_null() {
        item["body"] = call.body.clone();
    }
    Some(item)
}
