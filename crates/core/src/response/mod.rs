//! A successful answer.

pub(crate) mod decode;
pub(crate) mod json_path;
pub(crate) mod lines;
pub(crate) mod status_body;

use std::fmt;
use std::ops::Deref;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::RateLimit;
use crate::error::request_id;
use crate::send::pipeline::Answer;

/// A successful answer: its decoded body, and the status and headers it came with.
///
/// It dereferences to the body, so `response.data` reads a field of it directly.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    rate_limit: Option<RateLimit>,
    attempts: u32,
    value: T,
}

impl<T> Response<T> {
    pub(crate) fn new(answer: Answer, value: T) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers,
            rate_limit: answer.rate_limit,
            attempts: answer.attempts,
            value,
        }
    }

    /// The status, from 200 to 299.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The identifier that the server gave the request, for a report to its operator; from the same
    /// headers as [`Error::request_id`](crate::Error::request_id).
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The state of the server's rate limit, if the answer told it.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.rate_limit.as_ref()
    }

    /// How often the request was sent until this answer came.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The decoded body.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The decoded body, to be changed in place.
    pub(crate) fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The decoded body, without the rest.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The same answer with another body made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            status: self.status,
            headers: self.headers,
            rate_limit: self.rate_limit,
            attempts: self.attempts,
            value: change(self.value),
        }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Leaves the headers out, for cookies are among them; [`Response::headers`] has them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("rate_limit", &self.rate_limit)
            .field("attempts", &self.attempts)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
