//! The log of the requests that arrived.

use std::collections::VecDeque;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::sync::watch;

use crate::document::Operation;
use crate::faults::Fault;
use crate::request::redacted_headers;

/// The default number of requests in the log.
pub(crate) const DEFAULT_MAX_RECORDED: usize = 10_000;

/// The default size of the log, in bytes.
pub(crate) const DEFAULT_MAX_RECORDED_BYTES: usize = 64 * 1024 * 1024;

/// The size of a record without its strings and its body, in bytes: the structure and its place in
/// the log.
const RECORD_SIZE: usize = 512;

/// The size of a header without its strings, in bytes.
const HEADER_SIZE: usize = size_of::<(String, String)>();

/// The part of a body that is recorded, in bytes.
const MAX_RECORDED_BODY: usize = 64 * 1024;

/// A request that arrived; see [`Sandbox::requests`](crate::Sandbox::requests).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the request: 1 for the first one of a sandbox.
    pub number: u64,
    /// The time of arrival, by the sandbox's clock.
    pub time: SystemTime,
    /// The method, such as `GET`.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The query as sent, without the question mark; empty if there was none.
    pub query: String,
    /// The headers in the order in which they were sent, with names in lower case. Credentials that
    /// are not the sandbox's are replaced by `[hidden]`: they may be real ones, sent by mistake.
    pub headers: Vec<(String, String)>,
    /// The first 64 KiB of the body. Empty for paths that the document does not have.
    pub body: Bytes,
    /// The JSON pointers of the ignored properties in the body: the document does not list them, or
    /// only the server sets them. The list ends after 64 KiB.
    pub dropped: Vec<String>,
    /// The `operationId`, if the document has an operation for the request.
    pub operation_id: Option<String>,
    /// The status code of the response; 0 before the response is sent. It stays 0 if the connection
    /// was reset, or closed by the client.
    pub status: u16,
    /// The fault that was applied to the request, in the syntax of [`Fault`](crate::Fault).
    pub fault: Option<String>,
}

impl RequestRecord {
    /// Returns a header by its name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The log of the latest requests.
pub(crate) struct RequestLog {
    /// The records, each with the revision of its last change.
    records: VecDeque<(u64, RequestRecord)>,
    arrived: u64,
    /// The number of records that are kept.
    max_records: usize,
    /// The size of the records that are kept, in bytes.
    max_bytes: usize,
    /// The size of the records, in bytes.
    bytes: usize,
    /// The number of changes.
    revision: watch::Sender<u64>,
}

impl RequestLog {
    /// Creates a log of the latest `max_records` requests, and of fewer if they are larger than
    /// `max_bytes`.
    pub(crate) fn new(max_records: usize, max_bytes: usize) -> Self {
        Self {
            records: VecDeque::new(),
            arrived: 0,
            max_records,
            max_bytes,
            bytes: 0,
            revision: watch::Sender::new(0),
        }
    }

    /// Records a request that arrived, and returns its number.
    pub(crate) fn record(
        &mut self,
        time: SystemTime,
        (method, path, query): (&Method, &str, &str),
        headers: &HeaderMap,
        operation: Option<&Operation>,
    ) -> u64 {
        self.arrived += 1;
        let record = RequestRecord {
            number: self.arrived,
            time,
            method: method.to_string(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: redacted_headers(headers),
            body: Bytes::new(),
            dropped: Vec::new(),
            operation_id: operation.map(|operation| operation.id.clone()),
            status: 0,
            fault: None,
        };
        self.bytes += size(&record);
        self.records.push_back((0, record));
        self.change(self.arrived, |_| {});
        self.arrived
    }

    /// Records the body of a request.
    pub(crate) fn set_body(&mut self, number: u64, body: &Bytes) {
        // A slice would keep the whole body in memory.
        let body = Bytes::copy_from_slice(body.get(..MAX_RECORDED_BODY).unwrap_or(body));
        self.change(number, |record| record.body = body);
    }

    /// Records the properties of a body that were ignored.
    pub(crate) fn set_dropped(&mut self, number: u64, dropped: &[String]) {
        let mut left = MAX_RECORDED_BODY;
        let fitting = dropped.iter().take_while(|pointer| {
            left = left.saturating_sub(size_of::<String>() + pointer.len());
            left > 0
        });
        let dropped: Vec<String> = fitting.cloned().collect();
        self.change(number, |record| record.dropped = dropped);
    }

    /// Records the fault that is applied to a request.
    pub(crate) fn set_fault(&mut self, number: u64, fault: &Fault) {
        self.change(number, |record| record.fault = Some(fault.to_string()));
    }

    /// Records the status code of a response.
    pub(crate) fn set_status(&mut self, number: u64, status: u16) {
        self.change(number, |record| record.status = status);
    }

    /// Removes all records. The numbers continue.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }

    /// Returns the records, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RequestRecord> {
        self.records.iter().map(|(_, record)| record)
    }

    /// Changes a record, if the log still has it, and then removes the oldest records that are too
    /// many.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        let first = self.records.front().map(|(_, record)| record.number);
        let index = first.and_then(|first| usize::try_from(number.checked_sub(first)?).ok());
        let Some((changed, record)) = index.and_then(|index| self.records.get_mut(index)) else {
            return;
        };
        let before = size(record);
        change(record);
        self.bytes = self.bytes - before + size(record);
        self.revision.send_modify(|revision| *revision += 1);
        *changed = *self.revision.borrow();
        while self.records.len() > self.max_records || self.bytes > self.max_bytes {
            let Some((_, oldest)) = self.records.pop_front() else {
                return;
            };
            self.bytes -= size(&oldest);
        }
    }
}

/// Returns the memory that a record takes, in bytes. Allocations are rounded up by the allocator,
/// which this does not count.
fn size(record: &RequestRecord) -> usize {
    let headers = record.headers.iter();
    let headers = headers.map(|(name, value)| HEADER_SIZE + name.len() + value.len());
    let dropped = record.dropped.iter();
    let dropped = dropped.map(|pointer| size_of::<String>() + pointer.len());
    RECORD_SIZE
        + record.path.len()
        + record.query.len()
        + record.body.len()
        + headers.sum::<usize>()
        + dropped.sum::<usize>()
}

#[cfg(feature = "page")]
impl RequestLog {
    /// Returns a receiver that is notified of every change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Returns the number of changes.
    pub(crate) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// Returns the records that changed after a revision, oldest first.
    pub(crate) fn since(&self, revision: u64) -> Box<dyn Iterator<Item = &RequestRecord> + '_> {
        let changed = self
            .records
            .iter()
            .filter(move |(changed, _)| *changed > revision);
        Box::new(changed.map(|(_, record)| record))
    }

    /// Returns the latest records, oldest first.
    pub(crate) fn latest(&self, count: usize) -> Box<dyn Iterator<Item = &RequestRecord> + '_> {
        Box::new(self.all().skip(self.records.len().saturating_sub(count)))
    }
}
