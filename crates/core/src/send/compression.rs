//! Which requests are sent compressed: those of operations whose server says that it takes them.
//!
//! A request cannot be negotiated like an answer, for the client speaks first, and a server that
//! knows no compressed requests takes one for broken JSON. None of the documented operations says
//! that it takes them. But a server may say so in an answer: `Accept-Encoding` there lists what the
//! resource takes in requests
//! ([RFC 9110, section 12.5.3](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3)), and a 415 says
//! that it did not take this one
//! ([section 15.5.16](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16)).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};

use crate::request::raw::Prepared;

/// The smallest body that is compressed, in bytes: what is smaller fits into a packet anyway.
const SMALLEST: usize = 1024;

/// What the servers of a client and all its clones take, by the operation's id.
#[derive(Default)]
pub(crate) struct Takers(Mutex<HashMap<&'static str, bool>>);

impl Takers {
    fn get(&self, operation: &'static str) -> Option<bool> {
        let takers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        takers.get(operation).copied()
    }

    /// Notes that a server takes compressed requests of an operation, or does not.
    pub(crate) fn set(&self, operation: &'static str, takes: bool) {
        let mut takers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        takers.insert(operation, takes);
    }

    /// Notes what an answer says of it.
    pub(crate) fn observe(&self, operation: &'static str, headers: &HeaderMap) {
        if headers.contains_key(ACCEPT_ENCODING) {
            let lists = headers.get_all(ACCEPT_ENCODING).iter();
            let lists: Vec<&str> = lists.filter_map(|list| list.to_str().ok()).collect();
            self.set(operation, lists_gzip(&lists));
        }
    }

    /// Compresses a request whose server takes it, or may be asked whether it does: `wanted` says
    /// whether to do so, if anybody said.
    pub(crate) fn compress(
        &self,
        prepared: &mut Prepared,
        operation: &'static str,
        wanted: Option<bool>,
    ) {
        let Some(body) = &prepared.body else {
            return;
        };
        let may_be_worth_it = cfg!(feature = "gzip")
            && body.len() >= SMALLEST
            && wanted != Some(false)
            && !prepared.headers.contains_key(CONTENT_ENCODING);
        if may_be_worth_it
            && self.get(operation).or(wanted) == Some(true)
            && let Some(compressed) = gzip(body)
        {
            prepared.plain = prepared.body.replace(compressed);
            prepared
                .headers
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
}

/// Takes the compression of a request back; `false` if it had none.
pub(crate) fn undo(prepared: &mut Prepared) -> bool {
    let Some(plain) = prepared.plain.take() else {
        return false;
    };
    prepared.body = Some(plain);
    prepared.headers.remove(CONTENT_ENCODING);
    true
}

/// The body in gzip, if that is smaller.
#[cfg(feature = "gzip")]
fn gzip(body: &[u8]) -> Option<Bytes> {
    use std::io::Write;

    // JSON of many like items shrinks to a tenth already at the fastest level.
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

/// Whether gzip is among what is listed, by name or by `*`, and not with the weight of nothing.
fn lists_gzip(lists: &[&str]) -> bool {
    let mut any = false;
    for coding in lists.iter().flat_map(|list| list.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        let is_taken = !matches!(weight, Some(Ok(0.0)));
        match name.trim() {
            name if ["gzip", "x-gzip"]
                .iter()
                .any(|it| name.eq_ignore_ascii_case(it)) =>
            {
                return is_taken;
            }
            "*" => any = is_taken,
            _ => {}
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::lists_gzip;

    #[test]
    fn lists_are_read_as_the_standard_says() {
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
