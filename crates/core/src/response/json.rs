//! Decodes JSON, with the decoder of the feature `simd` where it is on.

use serde::de::DeserializeOwned;

use crate::response::Response;
use crate::response::deviations::Recording;
use crate::response::raw::RawResponse;
use crate::types::json::data::{Data, DataList};
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

/// Decodes JSON.
#[cfg(not(feature = "simd"))]
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    read_text(json)
}

/// Decodes JSON after one check that all of it is UTF-8. With vector instructions, that takes a
/// fraction of the time of a check of each string.
fn read_text<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match simdutf8::basic::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
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

/// Decodes JSON with simd-json. What that rejects, serde_json decodes again, because it reports the
/// position. Both accept the same JSON.
#[cfg(feature = "simd")]
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    use std::cell::RefCell;

    use simd_json::Buffers;

    /// The depth that serde_json accepts. A deeper value may overflow a thread's stack.
    const MAX_DEPTH: usize = 127;
    /// The longest JSON, in bytes, after which a thread keeps its memory for the next one: some ten
    /// times as much.
    const MAX_KEPT: usize = 256 * 1024;

    thread_local! {
        static MEMORY: RefCell<Option<(Vec<u8>, Buffers)>> = const { RefCell::new(None) };
    }

    // A type's own `Deserialize` may decode again, so the memory is taken instead of borrowed.
    let memory = MEMORY.take();
    let (mut copy, mut buffers) =
        memory.unwrap_or_else(|| (Vec::new(), Buffers::with_max_depth(json.len(), MAX_DEPTH)));
    // Strings are unescaped in place, and an error shows the unchanged JSON.
    copy.clear();
    copy.extend_from_slice(json);
    let read = simd_json::serde::from_slice_with_buffers(&mut copy, &mut buffers);
    if json.len() <= MAX_KEPT {
        MEMORY.set(Some((copy, buffers)));
    }
    read.or_else(|_| {
        Recording::restart();
        read_text(json)
    })
}
