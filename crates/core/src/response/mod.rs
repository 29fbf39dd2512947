//! Responses and their decoding.

pub(crate) mod by_status;
pub(crate) mod deviations;
pub(crate) mod json;
pub(crate) mod json_path;
pub(crate) mod lines;
pub(crate) mod raw;
pub(crate) mod raw_body;
pub(crate) mod scan;

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};
use serde::{Serialize, Serializer};

use crate::error::request_id;
use crate::response::deviations::Deviations;
use crate::response::raw::RawResponse;
use crate::{Deviation, RateLimit, RawBody};

/// A successful response: its decoded body, its status and its headers.
///
/// It dereferences to the body, so `response.data` reads a field of the body directly.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    rate_limit: Option<RateLimit>,
    attempts: u32,
    raw: RawBody,
    deviations: Option<Box<Deviations>>,
    value: T,
}

impl<T> Response<T> {
    pub(crate) fn new(raw: RawResponse, value: T) -> Self {
        Self {
            status: raw.status,
            headers: raw.headers,
            rate_limit: raw.rate_limit,
            attempts: raw.attempts,
            raw: raw.body,
            deviations: raw.deviations,
            value,
        }
    }

    /// Returns the status, from 200 to 299.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the id of the request, for a report to the vendor. It is read from the same headers
    /// as [`Error::request_id`](crate::Error::request_id).
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// Returns the state of the rate limit, if the response has it.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.rate_limit.as_ref()
    }

    /// Returns the number of attempts of the call.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the body as the server sent it, with what the API document does not list; `None` if
    /// the response had none.
    ///
    /// ```no_run
    /// # use scorekit_core::{Error, Request, Value};
    /// # async fn example(request: Request<Vec<String>>) -> Result<(), Error> {
    /// let response = request.send().await?;
    /// if let Some(raw) = response.raw() {
    ///     println!("{} bytes, {:?}", raw.bytes().len(), raw.json::<Value>()?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It lives as long as the response: [`into_inner`](Response::into_inner) drops it, and
    /// [`map`](Response::map) keeps it. If the document lists no body for the response, up to 64
    /// KiB of one are kept that arrived with the headers; see [`RawBody::is_cut`].
    pub fn raw(&self) -> Option<&RawBody> {
        Some(&self.raw).filter(|raw| !raw.bytes().is_empty())
    }

    /// Returns the places where the response differs from the document and was read nevertheless,
    /// such as missing properties that read as empty. [`DeviationKind`](crate::DeviationKind) lists
    /// the kinds. It lists the first 1,000.
    ///
    /// An event of [`tracing`] at the level `DEBUG` names them, too.
    /// [`CallOptions::strict_decoding`](crate::CallOptions::strict_decoding) turns them into an
    /// error. Paths are those of the body that the server sent, also after
    /// [`map`](Response::map).
    pub fn deviations(&self) -> &[Deviation] {
        self.deviations.as_ref().map_or(&[], |all| &all.listed)
    }

    /// Returns the number of all [`deviations`](Response::deviations), with those that are not
    /// listed.
    pub fn deviation_count(&self) -> usize {
        self.deviations.as_ref().map_or(0, |all| all.total)
    }

    /// Returns the decoded body.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the decoded body for changes in place.
    pub(crate) fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Converts the response into its decoded body.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Converts the body, and keeps the rest of the response.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            status: self.status,
            headers: self.headers,
            rate_limit: self.rate_limit,
            attempts: self.attempts,
            raw: self.raw,
            deviations: self.deviations,
            value: change(self.value),
        }
    }
}

/// Serializes the decoded body.
///
/// ```no_run
/// # use scorekit_core::{Error, Request, Value};
/// # async fn example(request: Request<Value>) -> Result<(), Box<dyn std::error::Error>> {
/// let response = request.send().await?;
/// std::fs::write("rule.json", serde_json::to_vec(&response)?)?;
/// # Ok(())
/// # }
/// ```
impl<T: Serialize> Serialize for Response<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Shows everything except the headers, which contain cookies. [`Response::headers`] returns
    /// them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("rate_limit", &self.rate_limit)
            .field("attempts", &self.attempts)
            .field("deviations", &self.deviations())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
