//! Reads and sets the parameters of a request that control paging.

use serde_json::Value;

use super::descriptor::PageParameter;
use crate::request::raw::{Place, RawRequest};
use crate::response::scan;

/// Returns the value that the request sets; `None` if it sets none.
pub(super) fn get(request: &RawRequest, parameter: PageParameter) -> Option<Value> {
    match parameter {
        PageParameter::Query(name) => {
            let mut arguments = request.plain(Place::Query);
            let (_, value) = arguments.find(|(known, _)| *known == name)?;
            Some(Value::from(value))
        }
        PageParameter::Body(path) => {
            let body = request.body.as_ref()?;
            let place = scan::find(body, path)?;
            let value: Value = serde_json::from_slice(body.get(place)?).ok()?;
            (!value.is_null()).then_some(value)
        }
    }
}

/// Returns the integer that the request sets: `None` if it sets none, and `Some(None)` if it sets
/// something else.
pub(super) fn get_integer(request: &RawRequest, parameter: PageParameter) -> Option<Option<i64>> {
    let value = get(request, parameter)?;
    Some(match &value {
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    })
}

/// Sets the value.
pub(super) fn set(request: &mut RawRequest, parameter: PageParameter, value: &Value) {
    match (parameter, value) {
        (PageParameter::Query(name), Value::String(text)) => {
            request.set(Place::Query, name, text);
        }
        (PageParameter::Query(name), value) => request.set(Place::Query, name, value),
        (PageParameter::Body(path), value) => {
            let body = request.body.as_deref().unwrap_or(b"{}");
            // A body that is not a JSON object stays as it is, and the server reports it.
            if let Ok(body) = scan::set(body, path, value.to_string().as_bytes()) {
                request.set_body(Ok(body));
            }
        }
    }
}
