//! What is remembered of the requests that arrived.

use std::collections::VecDeque;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::sync::watch;

use crate::document::Operation;
use crate::fault::Fault;
use crate::security;

/// How many requests are remembered unless told otherwise; older ones are forgotten.
pub(crate) const MOST_REQUESTS: usize = 10_000;

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
pub(crate) struct Log {
    /// Each with the revision at which it last changed.
    records: VecDeque<(u64, RequestRecord)>,
    arrived: u64,
    /// How many are remembered.
    most: usize,
    /// How many changes there were.
    revision: watch::Sender<u64>,
}

impl Log {
    /// Remembers the latest `most` requests.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            records: VecDeque::new(),
            arrived: 0,
            most,
            revision: watch::Sender::new(0),
        }
    }

    /// Notes a request that arrived; tells its number.
    pub(crate) fn arrived(
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
            headers: security::without_foreign_credentials(headers),
            body: Bytes::new(),
            operation_id: operation.map(|operation| operation.id.clone()),
            status: 0,
            fault: None,
        };
        self.records.push_back((0, record));
        self.change(self.arrived, |_| {});
        if self.records.len() > self.most {
            self.records.pop_front();
        }
        self.arrived
    }

    /// Notes the body of a request.
    pub(crate) fn body(&mut self, number: u64, body: &Bytes) {
        // Not a slice: it would keep all of the body.
        let body = Bytes::copy_from_slice(body.get(..MOST_BODY).unwrap_or(body));
        self.change(number, |record| record.body = body);
    }

    /// Notes the fault that happens to a request.
    pub(crate) fn failed(&mut self, number: u64, fault: &Fault) {
        self.change(number, |record| record.fault = Some(fault.to_string()));
    }

    /// Notes what a request was answered.
    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        self.change(number, |record| record.status = status);
    }

    /// Forgets all requests. Numbers go on.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
    }

    /// The requests, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &RequestRecord> {
        self.records.iter().map(|(_, record)| record)
    }

    /// Changes a request that is still remembered.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        let first = self.records.front().map(|(_, record)| record.number);
        let index = first.and_then(|first| usize::try_from(number.checked_sub(first)?).ok());
        let Some((changed, record)) = index.and_then(|index| self.records.get_mut(index)) else {
            return;
        };
        change(record);
        self.revision.send_modify(|revision| *revision += 1);
        *changed = *self.revision.borrow();
    }
}

#[cfg(feature = "page")]
impl Log {
    /// Where changes are announced.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// How many changes there were.
    pub(crate) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// The requests that changed after a revision, oldest first.
    pub(crate) fn since(&self, revision: u64) -> Box<dyn Iterator<Item = &RequestRecord> + '_> {
        let changed = self
            .records
            .iter()
            .filter(move |(changed, _)| *changed > revision);
        Box::new(changed.map(|(_, record)| record))
    }

    /// The latest requests, oldest first.
    pub(crate) fn latest(&self, count: usize) -> Box<dyn Iterator<Item = &RequestRecord> + '_> {
        Box::new(self.all().skip(self.records.len().saturating_sub(count)))
    }
}
