//! The body of a response as the server sent it.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::response::json::read;
use crate::response::lines::lines_as_json;
use crate::response::scan;
use crate::{Error, ErrorKind};

/// The body of a response, or a part of it, as the server sent it.
///
/// [`Response::raw`](crate::Response::raw) returns it. It contains everything that the API document
/// does not list. Clones and parts share the memory of the body, which lives as long as the last of
/// them.
///
/// ```no_run
/// # use scorekit_core::{Error, Request};
/// # async fn example(request: Request<()>) -> Result<(), Error> {
/// let response = request.send().await?;
/// if let Some(received) = response.raw().and_then(|raw| raw.pointer("/meta/total_received")) {
///     println!("the server received {} items", received.json::<u64>()?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// `Debug` shows the length and not the content, which may repeat a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct RawBody {
    bytes: Bytes,
    /// True if the body has one JSON value on each line.
    is_lines: bool,
    is_cut: bool,
}

impl RawBody {
    pub(crate) fn new(bytes: Bytes, is_lines: bool, is_cut: bool) -> Self {
        Self {
            bytes,
            is_lines,
            is_cut,
        }
    }

    /// Returns the bytes, after decompression.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Converts the body into its bytes.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Returns true if the end of the body is missing.
    ///
    /// Only a body that the document does not list can be cut. The client reads at most 64 KiB of
    /// it, and does not wait for them.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Decodes the body as JSON, in time that grows with its length. A body with one JSON value on
    /// each line is decoded as a list.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if the body is not JSON, for example because it is
    /// [cut](RawBody::is_cut), or if it is not a `T`. The error shows the position and nothing of
    /// the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let json = self.as_json();
        let text = json.get(scan::begin_of(&json)..).unwrap_or_default();
        read(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let problem = match error.classify() {
                Category::Data => "it has a value of another type",
                _ if self.is_cut => "its end is missing",
                _ => "it is not JSON",
            };
            Error::new(
                ErrorKind::Decode,
                format!("cannot decode the raw body: {problem} (line {line}, column {column})"),
            )
        })
    }

    /// Returns the value that a JSON pointer leads to
    /// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)), without a copy: `/data/0/id`, or the
    /// empty string for the whole body.
    ///
    /// Returns `None` if the body has no such value, is not JSON, or is [cut](RawBody::is_cut)
    /// before the end of the value. Also returns `None` if `pointer` is not a JSON pointer.
    pub fn pointer(&self, pointer: &str) -> Option<Self> {
        let json = self.as_json();
        let place = scan::find(&json, &scan::steps(pointer)?)?;
        let is_cut = self.is_cut && pointer.is_empty();
        Some(Self::new(json.slice(place), false, is_cut))
    }

    /// Returns the JSON text. Only lines are copied.
    fn as_json(&self) -> Bytes {
        match self.is_lines {
            true => lines_as_json(&self.bytes).0,
            false => self.bytes.clone(),
        }
    }
}

impl AsRef<[u8]> for RawBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawBody")
            .field("length", &self.bytes.len())
            .field("is_cut", &self.is_cut)
            .finish_non_exhaustive()
    }
}
