//! Decides which request bodies are compressed: those of operations whose server accepts gzip.
//!
//! The client speaks first, so it cannot negotiate the encoding of a request. A server that does
//! not decompress requests reports invalid JSON. No documented operation accepts compressed
//! requests. But `Accept-Encoding` in a response lists what the resource accepts in requests ([RFC
//! 9110, section 12.5.3](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3)). A 415 says that
//! the server did not accept this one ([section
//! 15.5.16](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16)).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue};

/// The smallest body that is compressed, in bytes. A smaller one fits into a packet anyway.
const MIN_SIZE: usize = 1024;

/// The operations, by id, whose server accepts gzip in requests, and those whose server does not.
#[derive(Default)]
pub(crate) struct GzipSupport(Mutex<HashMap<&'static str, bool>>);

impl GzipSupport {
    fn get(&self, operation: &'static str) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(operation).copied()
    }

    /// Stores whether the server accepts compressed requests of an operation.
    pub(crate) fn set(&self, operation: &'static str, is_accepted: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(operation, is_accepted);
    }

    /// Stores what the headers of a response say about compressed requests.
    pub(crate) fn observe(&self, operation: &'static str, headers: &HeaderMap) {
        if headers.contains_key(ACCEPT_ENCODING) {
            let lists = headers.get_all(ACCEPT_ENCODING).iter();
            let lists: Vec<&str> = lists.filter_map(|list| list.to_str().ok()).collect();
            self.set(operation, lists_gzip(&lists));
        }
    }

    /// Compresses a body and sets the header for it, if the server accepts that and it is worth it.
    ///
    /// `wanted` is the setting of the call; `None` leaves the decision to the server.
    pub(crate) fn compress(
        &self,
        operation: &'static str,
        wanted: Option<bool>,
        headers: &mut HeaderMap,
        body: &Bytes,
    ) -> Option<Bytes> {
        let may_be_worth_it = cfg!(feature = "gzip")
            && body.len() >= MIN_SIZE
            && wanted != Some(false)
            && !headers.contains_key(CONTENT_ENCODING);
        if !may_be_worth_it || self.get(operation).or(wanted) != Some(true) {
            return None;
        }
        let compressed = gzip(body)?;
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Some(compressed)
    }
}

/// Removes the header that [`GzipSupport::compress`] set.
pub(crate) fn undo(headers: &mut HeaderMap) {
    headers.remove(CONTENT_ENCODING);
}

/// Returns the body in gzip, if that is smaller.
#[cfg(feature = "gzip")]
fn gzip(body: &[u8]) -> Option<Bytes> {
    use std::io::Write;

    // JSON of many similar items shrinks to a tenth even at the fastest level.
    let level = flate2::Compression::fast();
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 8), level);
    encoder.write_all(body).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < body.len()).then(|| compressed.into())
}

#[cfg(not(feature = "gzip"))]
fn gzip(_: &[u8]) -> Option<Bytes> {
    None
}

/// Returns true if the lists contain gzip, by name or by `*`, with a weight above zero.
fn lists_gzip(lists: &[&str]) -> bool {
    let mut any = false;
    for coding in lists.iter().flat_map(|list| list.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        let is_accepted = !matches!(weight, Some(Ok(0.0)));
        match name.trim() {
            name if ["gzip", "x-gzip"]
                .iter()
                .any(|it| name.eq_ignore_ascii_case(it)) =>
            {
                return is_accepted;
            }
            "*" => any = is_accepted,
            _ => {}
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::lists_gzip;

    #[test]
    fn accept_encoding_lists_follow_rfc_9110() {
        for (list, expected) in [
            (&["gzip"][..], true),
            (&["br, GZip"], true),
            (&["br", "deflate, gzip;q=0.5"], true),
            (&["x-gzip ; q=1"], true),
            (&["*"], true),
            (&[""], false),
            (&["identity"], false),
            (&["gzip;q=0"], false),
            (&["*;q=0, br"], false),
            (&["*, gzip;q=0.000"], false),
            (&["gzip;q=0.1, *;q=0"], true),
        ] {
            assert_eq!(lists_gzip(list), expected, "{list:?}");
        }
    }
}
