//! The log of the requests that arrived.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use tokio::sync::watch;

use super::body::Body;
use crate::document::Operation;
use crate::faults::Fault;
use crate::request::redacted_headers;
use crate::sync::lock;
use crate::upstream::Secrets;

/// The default number of requests in the log.
pub(crate) const DEFAULT_MAX_RECORDED: usize = 10_000;

/// The default size of the log, in bytes.
pub(crate) const DEFAULT_MAX_RECORDED_BYTES: usize = 64 * 1024 * 1024;

/// The size of a record without its strings and its body, in bytes: the structure and its place in
/// the log.
const RECORD_SIZE: usize = 640;

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
    /// The time until the response was sent, by the system's clock; `None` before that, and if the
    /// connection was reset.
    pub duration: Option<Duration>,
    /// The number of the first attempt, if an equal request failed before this one. A request is
    /// equal if its method, path, query and body are. It failed if it has no response, a response
    /// with 408, 429 or from 500, or one that a fault changed.
    pub retry_of: Option<u64>,
    /// The headers of the response, with names in lower case.
    pub response_headers: Vec<(String, String)>,
    /// The first 64 KiB of the response's body. It is empty if a fault sends it in pieces.
    pub response_body: Bytes,
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
    records: VecDeque<Entry>,
    /// The latest request with the same method, path, query and body, by their hash.
    latest: HashMap<u64, u64>,
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

/// A record with what only the log needs.
struct Entry {
    record: RequestRecord,
    /// The revision of the last change.
    changed: u64,
    /// The hash of method, path, query and body, once the body is read.
    hash: Option<u64>,
    /// True if the request has ended, with or without a response.
    has_ended: bool,
}

impl Entry {
    /// Returns true if a client may send the request again.
    fn has_failed(&self) -> bool {
        let record = &self.record;
        let is_changed = record.fault.as_ref().is_some_and(|fault| {
            let options = fault
                .rsplit_once(':')
                .map_or(fault.as_str(), |(_, rest)| rest);
            options.starts_with("cut-off") || options.starts_with("drip")
        });
        self.has_ended
            && (is_changed || matches!(record.status, 0 | 408 | 429) || record.status >= 500)
    }
}

/// A request that is recorded. When it is dropped, the request has ended.
pub(super) struct Recorded<'l> {
    log: &'l Mutex<RequestLog>,
    number: u64,
    start: Instant,
    /// The credentials that no record gets.
    secrets: &'l Secrets,
}

impl<'l> Recorded<'l> {
    pub(super) fn new(log: &'l Mutex<RequestLog>, number: u64, secrets: &'l Secrets) -> Self {
        Self {
            log,
            number,
            start: Instant::now(),
            secrets,
        }
    }

    /// Records the body of the request.
    pub(super) fn set_body(&self, body: &Bytes) {
        let body = self.secrets.hide_bytes(body);
        lock(self.log).set_body(self.number, &body);
    }

    /// Records the response.
    pub(super) fn set_response(&self, response: &Response<Body>) {
        let duration = self.start.elapsed();
        lock(self.log).set_response(self.number, response, duration, self.secrets);
    }
}

impl Drop for Recorded<'_> {
    fn drop(&mut self) {
        lock(self.log).end(self.number);
    }
}

impl RequestLog {
    /// Creates a log of the latest `max_records` requests, and of fewer if they are larger than
    /// `max_bytes`.
    pub(crate) fn new(max_records: usize, max_bytes: usize) -> Self {
        Self {
            records: VecDeque::new(),
            latest: HashMap::new(),
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
            duration: None,
            retry_of: None,
            response_headers: Vec::new(),
            response_body: Bytes::new(),
        };
        self.bytes += size(&record);
        self.records.push_back(Entry {
            record,
            changed: 0,
            hash: None,
            has_ended: false,
        });
        self.change(self.arrived, |_| {});
        self.arrived
    }

    /// Records the body of a request.
    fn set_body(&mut self, number: u64, body: &Bytes) {
        let Some(entry) = self.entry(number) else {
            return;
        };
        let mut hasher = DefaultHasher::new();
        let record = &entry.record;
        (&record.method, &record.path, &record.query, body).hash(&mut hasher);
        let hash = hasher.finish();
        entry.hash = Some(hash);
        let before = self.latest.insert(hash, number);
        let before = before.and_then(|before| self.entry(before));
        let retry_of = before.filter(|before| before.has_failed()).map(|before| {
            let first = &before.record;
            first.retry_of.unwrap_or(first.number)
        });
        let body = recorded(body);
        self.change(number, |record| {
            record.body = body;
            record.retry_of = retry_of;
        });
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

    /// Records a response.
    fn set_response(
        &mut self,
        number: u64,
        response: &Response<Body>,
        duration: Duration,
        secrets: &Secrets,
    ) {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            let value = secrets.hide(&String::from_utf8_lossy(value.as_bytes()));
            (name.to_string(), value)
        });
        let headers = headers.collect();
        let body = response.body().bytes().map(|body| secrets.hide_bytes(body));
        let body = body.as_ref().map(recorded).unwrap_or_default();
        self.change(number, |record| {
            record.status = response.status().as_u16();
            record.duration = Some(duration);
            record.response_headers = headers;
            record.response_body = body;
        });
    }

    /// Notes that a request has ended.
    fn end(&mut self, number: u64) {
        if let Some(entry) = self.entry(number) {
            entry.has_ended = true;
        }
    }

    /// Removes all records. The numbers continue.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.latest.clear();
        self.bytes = 0;
    }

    /// Returns the records, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RequestRecord> {
        self.records.iter().map(|entry| &entry.record)
    }

    /// Returns an entry by the number of its request, if the log still has it.
    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let first = self.records.front()?.record.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.records.get_mut(index)
    }

    /// Changes a record, if the log still has it, and then removes the oldest records that are too
    /// many.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        let Some(entry) = self.entry(number) else {
            return;
        };
        let before = size(&entry.record);
        change(&mut entry.record);
        let after = size(&entry.record);
        self.revision.send_modify(|revision| *revision += 1);
        let revision = *self.revision.borrow();
        if let Some(entry) = self.entry(number) {
            entry.changed = revision;
        }
        self.bytes = self.bytes - before + after;
        while self.records.len() > self.max_records || self.bytes > self.max_bytes {
            let Some(oldest) = self.records.pop_front() else {
                return;
            };
            self.bytes -= size(&oldest.record);
            let number = oldest.record.number;
            if let Some(hash) = oldest.hash
                && self.latest.get(&hash) == Some(&number)
            {
                self.latest.remove(&hash);
            }
        }
    }
}

/// Returns the part of a body that is recorded. A slice would keep the whole body in memory.
fn recorded(body: &Bytes) -> Bytes {
    Bytes::copy_from_slice(body.get(..MAX_RECORDED_BODY).unwrap_or(body))
}

/// Returns the memory that a record takes, in bytes. Allocations are rounded up by the allocator,
/// which this does not count.
fn size(record: &RequestRecord) -> usize {
    let headers = record.headers.iter().chain(&record.response_headers);
    let headers = headers.map(|(name, value)| HEADER_SIZE + name.len() + value.len());
    let dropped = record.dropped.iter();
    let dropped = dropped.map(|pointer| size_of::<String>() + pointer.len());
    RECORD_SIZE
        + record.path.len()
        + record.query.len()
        + record.body.len()
        + record.response_body.len()
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
            .filter(move |entry| entry.changed > revision);
        Box::new(changed.map(|entry| &entry.record))
    }

    /// Returns the latest records, oldest first.
    pub(crate) fn latest(&self, count: usize) -> Box<dyn Iterator<Item = &RequestRecord> + '_> {
        Box::new(self.all().skip(self.records.len().saturating_sub(count)))
    }
}
