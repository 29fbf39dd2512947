//! Decodes the JSON of responses.

use serde::de::DeserializeOwned;

use crate::response::Response;
use crate::response::deviations::Recording;
use crate::response::raw::RawResponse;
use crate::types::json::data::{Data, DataList};
use crate::types::json::text;
use crate::{Error, FromJson};

/// Decodes a response. It is the last step of every call, and the only one that is compiled per
/// operation.
pub(crate) fn decode<T: DeserializeOwned>(response: RawResponse) -> Result<Response<T>, Error> {
    decode_or(response, Some("{}"))
}

/// Decodes a page of a list, which an empty body is not.
pub(crate) fn decode_page<T: DeserializeOwned>(
    response: RawResponse,
) -> Result<Response<T>, Error> {
    decode_or(response, None)
}

/// Decodes a response and returns its property `data`.
pub(crate) fn decode_data<T: FromJson>(response: RawResponse) -> Result<Response<T>, Error> {
    let response = decode_or::<Data<T>>(response, Some(r#"{"data":{}}"#))?;
    Ok(response.map(|body| body.0))
}

/// Decodes a response and returns its list `data`.
pub(crate) fn decode_data_list<T: FromJson>(
    response: RawResponse,
) -> Result<Response<Vec<T>>, Error> {
    let response = decode_or::<DataList<T>>(response, None)?;
    Ok(response.map(|body| body.0))
}

/// Decodes a response, and an empty one as `empty`, if that is one of the type.
fn decode_or<T: DeserializeOwned>(
    mut response: RawResponse,
    empty: Option<&'static str>,
) -> Result<Response<T>, Error> {
    let recording = Recording::begin();
    let read = match response.instead_of_empty(empty) {
        None => read(response.json()).map_err(Some),
        Some(json) => match read(&json) {
            Ok(value) if !recording.lacks_list() => {
                response.note_empty(recording);
                return Ok(Response::new(response, value));
            }
            _ => Err(None),
        },
    };
    match read {
        Ok(value) => {
            response.note_deviations(recording.finish())?;
            Ok(Response::new(response, value))
        }
        Err(Some(error)) => Err(response.decode_error(error)),
        Err(None) => Err(response.empty_error()),
    }
}

/// Decodes JSON as the body of a response, without a report of its deviations.
pub fn decode_text<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let _recording = Recording::begin();
    read(json)
}

/// Decodes JSON after one check that all of it is UTF-8. With vector instructions, that takes a
/// fraction of the time of a check of each string.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match simdutf8::basic::from_utf8(json) {
        Ok(text) => text::from_str(text),
        Err(error) => Err(not_utf8(json, error)),
    }
}

/// Creates the error for JSON that is not UTF-8 (RFC 8259, section 8.1). The decoder reports the
/// position.
#[cold]
fn not_utf8(json: &[u8], error: simdutf8::basic::Utf8Error) -> serde_json::Error {
    match serde_json::from_slice::<serde_json::Value>(json) {
        Err(error) => error,
        Ok(_) => serde::de::Error::custom(error),
    }
}
