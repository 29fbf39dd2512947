//! The results of a push.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Error;
use crate::request::encode::one_line;

/// The longest value of a property that the name of an item repeats, in characters.
const LONGEST_NAME: usize = 100;

/// The result of one item of a [`Push`](crate::Push).
///
/// It serializes as an object with `index` and either `delivery` or `error`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemResult {
    /// The index of the item in the input, from 0.
    pub index: u64,
    /// The delivery of the item, or the reason why it failed.
    pub result: Result<Delivery, PushError>,
}

/// The time at which the server accepted an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// This push sent it.
    Sent,
    /// An earlier push sent it, according to the journal.
    AlreadySent,
}

impl Serialize for Delivery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self {
            Self::Sent => "sent",
            Self::AlreadySent => "already_sent",
        };
        serializer.serialize_unit_variant("Delivery", *self as u32, name)
    }
}

/// The progress of a [`Push`](crate::Push).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of items that were read.
    pub read: u64,
    /// The number of items that this push sent and the server accepted.
    pub sent: u64,
    /// The number of items that an earlier push had sent.
    pub already_sent: u64,
    /// The number of items that failed.
    pub failed: u64,
    /// The number of calls; a call with retries counts once.
    pub requests: u64,
    /// The end of the wait for a rate limit that has begun last; `None` after it.
    pub waits_until: Option<Instant>,
}

/// It serializes without the wait, because an instant means nothing to another process.
impl Serialize for Progress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Progress", 5)?;
        object.serialize_field("read", &self.read)?;
        object.serialize_field("sent", &self.sent)?;
        object.serialize_field("already_sent", &self.already_sent)?;
        object.serialize_field("failed", &self.failed)?;
        object.serialize_field("requests", &self.requests)?;
        object.end()
    }
}

/// The result of a push.
///
/// It serializes as an object with `progress` and `failures`, a list of objects with `index` and
/// `error`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PushReport {
    /// The numbers of items by result.
    pub progress: Progress,
    /// The index and error of each item that failed.
    pub failures: Vec<(u64, PushError)>,
}

/// The error of an item.
///
/// `Display` shows one line: the properties that identify the item, and the error of its call.
/// Items that failed together share that error.
///
/// It serializes as an object with the `name` of the item and the [`Error`] as `error`.
#[derive(Clone)]
pub struct PushError(Box<FailedItem>);

#[derive(Clone)]
struct FailedItem {
    error: Arc<Error>,
    item: String,
    identified_by: &'static [&'static str],
}

impl PushError {
    pub(super) fn new(
        error: Arc<Error>,
        item: &[u8],
        identified_by: &'static [&'static str],
    ) -> Self {
        let item = String::from_utf8_lossy(item).into_owned();
        Self(Box::new(FailedItem {
            error,
            item,
            identified_by,
        }))
    }

    /// Returns the error of the last call with this item.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns the JSON text of the item; empty if it could not be written, or was not because the
    /// push sends nothing more.
    pub fn item(&self) -> &str {
        &self.0.item
    }

    /// Returns the properties that identify the item, such as
    /// `rule_id: "r-1", entity_reference: "service:web"`; empty if there are none.
    pub fn name(&self) -> String {
        let Ok(item) = serde_json::from_str::<Value>(self.item()) else {
            return String::new();
        };
        let text = |value: &Value| one_line(&value.to_string(), LONGEST_NAME);
        if self.0.identified_by.is_empty() && !item.is_object() {
            return text(&item);
        }
        let named = |name: &&str| Some(format!("{name}: {}", text(item.get(*name)?)));
        let names: Vec<String> = self.0.identified_by.iter().filter_map(named).collect();
        names.join(", ")
    }
}

impl Serialize for ItemResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ItemResult", 2)?;
        object.serialize_field("index", &self.index)?;
        match &self.result {
            Ok(delivery) => object.serialize_field("delivery", delivery)?,
            Err(error) => object.serialize_field("error", error)?,
        }
        object.end()
    }
}

/// An item that failed.
struct Failure<'a> {
    index: u64,
    error: &'a PushError,
}

impl Serialize for Failure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Failure", 2)?;
        object.serialize_field("index", &self.index)?;
        object.serialize_field("error", self.error)?;
        object.end()
    }
}

impl Serialize for PushReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failures = self.failures.iter();
        let failures = failures.map(|(index, error)| Failure {
            index: *index,
            error,
        });
        let mut object = serializer.serialize_struct("PushReport", 2)?;
        object.serialize_field("progress", &self.progress)?;
        object.serialize_field("failures", &failures.collect::<Vec<_>>())?;
        object.end()
    }
}

impl Serialize for PushError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("PushError", 2)?;
        object.serialize_field("name", &self.name())?;
        object.serialize_field("error", self.error())?;
        object.end()
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        if !name.is_empty() {
            write!(formatter, "{name}: ")?;
        }
        self.0.error.fmt(formatter)
    }
}

impl fmt::Debug for PushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushError")
            .field("item", &self.item())
            .field("error", self.error())
            .finish()
    }
}

impl std::error::Error for PushError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0.error)
    }
}
