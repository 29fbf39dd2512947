//! Properties of requests that Datadog's server reads and the document does not list, as the
//! vendor's own recordings have them.

use bytes::Bytes;
use serde_json::Value;

use super::cases::STANDARD_TYPE;
use crate::request::ApiError;
use crate::state::{Kind, State};

/// Returns the body in the form that the document lists. `None` if it is so already.
///
/// # Errors
///
/// Returns an error if such a property has a value that the server rejects.
pub(crate) fn documented_form(
    state: &State,
    operation_id: &str,
    body: &[u8],
) -> Result<Option<Bytes>, ApiError> {
    let change = match operation_id {
        "CreateCase" => type_by_name,
        "CreateScorecardRule" | "UpdateScorecardRule" => scorecard_by_id,
        _ => return Ok(None),
    };
    // The check against the document reports a body that is not JSON.
    let Ok(mut body) = serde_json::from_slice::<Value>(body) else {
        return Ok(None);
    };
    let attributes = body.pointer_mut("/data/attributes");
    let Some(Value::Object(attributes)) = attributes else {
        return Ok(None);
    };
    let is_changed = change(state, attributes)?;
    Ok(is_changed.then(|| Bytes::from(body.to_string())))
}

type Attributes = serde_json::Map<String, Value>;

/// A case can name its type `STANDARD`, in place of the identifier.
fn type_by_name(_: &State, attributes: &mut Attributes) -> Result<bool, ApiError> {
    let names_type = attributes.get("type").is_some_and(|it| it == "STANDARD");
    if !names_type || attributes.contains_key("type_id") {
        return Ok(false);
    }
    attributes.insert("type_id".to_owned(), STANDARD_TYPE.into());
    Ok(true)
}

/// A rule can name its scorecard by `scorecard_id`, which must exist.
fn scorecard_by_id(state: &State, attributes: &mut Attributes) -> Result<bool, ApiError> {
    let Some(Value::String(id)) = attributes.get("scorecard_id") else {
        return Ok(false);
    };
    let Some(scorecard) = state.get(Kind::Scorecard, id) else {
        let detail = format!("there is no scorecard `{id}`; list the scorecards first");
        return Err(ApiError::invalid_body(
            "/data/attributes/scorecard_id",
            detail,
        ));
    };
    if attributes.contains_key("scorecard_name") {
        return Ok(false);
    }
    let name = scorecard.str("name").to_owned();
    attributes.insert("scorecard_name".to_owned(), name.into());
    Ok(true)
}
