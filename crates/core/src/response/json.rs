//! Decodes JSON, with the decoder of the feature `simd` where it is on.

use serde::de::DeserializeOwned;

use crate::Error;
use crate::response::Response;
use crate::response::raw::RawResponse;

/// Decodes a response. It is the last step of every call, and the only one that is compiled per
/// operation.
pub(crate) fn decode<T: DeserializeOwned>(response: RawResponse) -> Result<Response<T>, Error> {
    match read(response.json()) {
        Ok(value) => Ok(Response::new(response, value)),
        Err(error) => Err(response.decode_error(error)),
    }
}

/// Decodes JSON.
#[cfg(not(feature = "simd"))]
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    read_text(json)
}

/// Decodes JSON after one check that all of it is UTF-8, which takes a fifth less time than a check
/// of each string.
fn read_text<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(error) => Err(not_utf8(json, error)),
    }
}

/// Creates the error for JSON that is not UTF-8 (RFC 8259, section 8.1). The decoder reports the
/// position.
#[cold]
fn not_utf8(json: &[u8], error: std::str::Utf8Error) -> serde_json::Error {
    match serde_json::from_slice::<serde_json::Value>(json) {
        Err(error) => error,
        Ok(_) => serde::de::Error::custom(error),
    }
}

/// Decodes JSON with the faster decoder, and what that rejects with the other one, which reports
/// the position. Both accept the same JSON.
#[cfg(feature = "simd")]
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    use std::cell::RefCell;

    use simd_json::Buffers;

    /// The depth that the other decoder accepts. A deeper value may overflow a thread's stack.
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
    read.or_else(|_| read_text(json))
}
