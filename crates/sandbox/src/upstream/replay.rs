//! A recording of the real API, as `--proxy` with `--record` writes it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::exchange::{self, Key};
use super::{Failure, LIST, Outgoing};
use crate::sync::lock;

/// The responses of a recording. Requests that are equal get their responses in the order of the
/// recording, and then the last one again.
#[derive(Debug)]
pub(crate) struct Replay {
    responses: HashMap<Key, Vec<Response<Bytes>>>,
    /// The number of responses that each request has got.
    given: Mutex<HashMap<Key, usize>>,
}

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or is not a recording.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let root: Value = serde_json::from_str(&text)
            .map_err(|error| format!("it is not valid JSON: {error}"))?;
        let Some(items) = root.get(LIST).and_then(Value::as_array) else {
            return Err(format!(
                "it has no list `{LIST}`; record one with `--proxy URL --record FILE`"
            ));
        };
        let mut responses: HashMap<_, Vec<_>> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let read = exchange::read(item);
            let (key, response) =
                read.map_err(|problem| format!("`{LIST}[{index}]` cannot be used: {problem}"))?;
            responses.entry(key).or_default().push(response);
        }
        let given = Mutex::default();
        Ok(Self { responses, given })
    }

    /// Returns the next response to a request.
    pub(super) fn respond(&self, request: &Outgoing<'_>) -> Result<Response<Bytes>, Failure> {
        let key = Key::of(request);
        let Some(responses) = self.responses.get(&key) else {
            let path = request.secrets.hide(request.path);
            let difference = match self.responses.keys().any(|known| known.is_near(&key)) {
                true => "; it has this path with another query or body",
                false => "",
            };
            return Err(Failure::NotRecorded(format!(
                "the recording has no response to {} {path}{difference}; record it again with \
                 `--proxy`",
                request.method
            )));
        };
        let mut given = lock(&self.given);
        let count = given.entry(key).or_default();
        let response = responses.get(*count).or(responses.last());
        *count += 1;
        response
            .cloned()
            .ok_or_else(|| Failure::NotRecorded("it is empty".to_owned()))
    }

    /// Starts again with the first response to each request.
    pub(super) fn rewind(&self) {
        lock(&self.given).clear();
    }
}
