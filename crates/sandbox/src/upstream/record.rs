//! Writing of a request with its response, as JSON.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::{Outgoing, RATE_LIMIT};

/// The headers of a response that are recorded, in addition to those of the rate limit.
const HEADERS: [&str; 4] = ["content-type", "link", "location", "retry-after"];

/// Returns an exchange without credentials, as a recording has it.
pub(super) fn recorded(request: &Outgoing<'_>, response: &Response<Bytes>) -> Value {
    let secrets = request.secrets;
    let mut item = json!({
        "method": request.method.as_str(),
        "path": secrets.hide(request.path),
    });
    if !request.query.is_empty() {
        item["query"] = secrets.hide_query(request.query).into();
    }
    if !request.body.is_empty() {
        item["body"] = secrets.hide_body(request.body);
    }
    item["status"] = response.status().as_u16().into();
    let headers = response.headers();
    let names = headers
        .keys()
        .filter(|name| HEADERS.contains(&name.as_str()) || name.as_str().starts_with(RATE_LIMIT));
    let recorded = names.map(|name| {
        let values = headers.get_all(name).iter();
        let values = values.map(|it| secrets.hide(&String::from_utf8_lossy(it.as_bytes())));
        let mut values: Vec<Value> = values.map(Value::from).collect();
        // A header that the response has several times is a list.
        let value = match values.len() {
            1 => values.remove(0),
            _ => values.into(),
        };
        (name.to_string(), value)
    });
    item["headers"] = recorded.collect::<Map<_, _>>().into();
    if !response.body().is_empty() {
        item["response"] = secrets.hide_body(response.body());
    }
    item
}
