//! What is remembered of the requests that arrived.

use std::collections::VecDeque;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::document::Operation;
use crate::fault::Fault;
use crate::security;

/// How many requests are remembered; older ones are forgotten.
const MOST_REQUESTS: usize = 10_000;

/// How much of a body is remembered, in bytes.
const MOST_BODY: usize = 64 * 1024;

/// A request that arrived, as [`Sandbox::requests`](crate::Sandbox::requests) tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// How many requests had arrived when this one did, itself included: 1 for the first one of a sandbox.
    pub number: u64,
    /// When it arrived, by the sandbox's clock.
    pub time: SystemTime,
    /// The method, such as `GET`.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent, without the question mark; empty when there was none.
    pub query: String,
    /// The headers in the order in which they were sent, their names in lower case. A credential that is not the sandbox's
    /// own is replaced by `[hidden]`: it may be a real one that was sent to the wrong place.
    pub headers: Vec<(String, String)>,
    /// The body, or the first 64 KiB of it. Empty when there was none, and for paths that the document does not have.
    pub body: Bytes,
    /// The `operationId` that the request was for, if the document has such an operation.
    pub operation_id: Option<String>,
    /// The status that was answered; 0 as long as nothing was, which is for good when the connection was reset or closed by
    /// the client.
    pub status: u16,
    /// The fault that happened to it, if any, in the words of [`Fault`](crate::Fault)'s language.
    pub fault: Option<String>,
}

impl RequestRecord {
    /// A header by its name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The requests that are remembered.
#[derive(Default)]
pub(crate) struct Log {
    records: VecDeque<RequestRecord>,
    arrived: u64,
}

impl Log {
    /// Notes a request that arrived; tells its number.
    pub(crate) fn arrived(
        &mut self,
        time: SystemTime,
        (method, path, query): (&Method, &str, &str),
        headers: &HeaderMap,
        operation: Option<&Operation>,
    ) -> u64 {
        if self.records.len() == MOST_REQUESTS {
            self.records.pop_front();
        }
        self.arrived += 1;
        self.records.push_back(RequestRecord {
            number: self.arrived,
            time,
            method: method.to_string(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: security::without_foreign_credentials(headers),
            body: Bytes::new(),
            operation_id: operation.map(|operation| operation.id.clone()),
            status: 0,
            fault: None,
        });
        self.arrived
    }

    /// Notes the body of a request.
    pub(crate) fn body(&mut self, number: u64, body: &Bytes) {
        if let Some(record) = self.record(number) {
            // Not a slice: it would keep all of the body.
            record.body = Bytes::copy_from_slice(body.get(..MOST_BODY).unwrap_or(body));
        }
    }

    /// Notes the fault that happens to a request.
    pub(crate) fn failed(&mut self, number: u64, fault: &Fault) {
        if let Some(record) = self.record(number) {
            record.fault = Some(fault.to_string());
        }
    }

    /// Notes what a request was answered.
    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        if let Some(record) = self.record(number) {
            record.status = status;
        }
    }

    /// Forgets all requests. Numbers go on.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
    }

    /// The requests, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RequestRecord> {
        self.records.iter()
    }

    /// A request that is still remembered.
    pub(crate) fn record(&mut self, number: u64) -> Option<&mut RequestRecord> {
        let first = self.records.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.records.get_mut(index)
    }
}
