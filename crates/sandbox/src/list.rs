//! What all lists have in common: filters, pages, links to the next page, and answers with fewer attributes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::call::{Call, comma_separated};
use crate::document::Location;
use crate::errors::ApiError;
use crate::state::{Record, State};

/// Records on a page when neither the request nor the document says how many.
const DEFAULT_PAGE: usize = 100;

/// What is encoded in the query of a link; the vendors leave the unreserved characters alone.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One filter of a list: the query parameter and the value of a record that it is compared with.
pub(crate) struct Filter {
    pub(crate) parameter: &'static str,
    pub(crate) test: Test,
    pub(crate) field: fn(&State, &Record) -> Value,
}

/// How a filter compares.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// The value is the one that was sent.
    Same,
    /// The text contains the one that was sent, whatever their case.
    Contains,
    /// The value is among those that were sent, separated by commas.
    OneOf,
}

impl Filter {
    fn accepts(&self, call: &Call<'_>, state: &State, record: &Record) -> bool {
        let Some(wanted) = call.query(self.parameter) else {
            return true;
        };
        let value = (self.field)(state, record);
        match self.test {
            Test::Same => value == *wanted,
            Test::Contains => plain(&value)
                .to_lowercase()
                .contains(&plain(wanted).to_lowercase()),
            Test::OneOf => comma_separated(&plain(wanted)).any(|one| one == plain(&value)),
        }
    }
}

/// Whether a record satisfies every filter that was sent.
pub(crate) fn accepted(
    filters: &[Filter],
    call: &Call<'_>,
    state: &State,
    record: &Record,
) -> bool {
    filters
        .iter()
        .all(|filter| filter.accepts(call, state, record))
}

/// An attribute of a record as a filter's field; `null` when there is none.
pub(crate) fn attribute(record: &Record, name: &str) -> Value {
    record.attributes.get(name).cloned().unwrap_or_default()
}

/// A value as the text that a query would hold.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The part of a list that was asked for.
pub(crate) struct Page<T> {
    /// The records on it.
    pub(crate) items: Vec<T>,
    /// How many records come before it.
    pub(crate) offset: usize,
    /// How many records it can hold.
    pub(crate) limit: usize,
    /// How many records there are on all pages.
    pub(crate) total: usize,
    limit_parameter: &'static str,
}

impl<T> Page<T> {
    /// Cuts the page out of all records by `page[offset]` and the parameter that holds its size. Default and
    /// bound of the size are the document's.
    pub(crate) fn cut(
        call: &Call<'_>,
        limit_parameter: &'static str,
        all: Vec<T>,
    ) -> Result<Self, ApiError> {
        let documented = call.operation.parameter(Location::Query, limit_parameter);
        let default = documented
            .and_then(|parameter| parameter.default.as_ref())
            .and_then(Value::as_u64);
        let default = default
            .and_then(|default| usize::try_from(default).ok())
            .unwrap_or(DEFAULT_PAGE);
        let maximum = documented.and_then(|parameter| parameter.maximum);
        let limit = whole_number(call, limit_parameter, 1)?.unwrap_or(default);
        // The schema has refused a larger number already; a default must not be larger either.
        let limit = maximum
            .and_then(|maximum| usize::try_from(maximum).ok())
            .map_or(limit, |maximum| limit.min(maximum));
        let offset = whole_number(call, "page[offset]", 0)?.unwrap_or(0);
        let total = all.len();
        let items = all.into_iter().skip(offset).take(limit).collect();
        Ok(Self {
            items,
            offset,
            limit,
            total,
            limit_parameter,
        })
    }

    /// The page's records, each turned into something else.
    pub(crate) fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        let Self {
            items,
            offset,
            limit,
            total,
            limit_parameter,
        } = self;
        Page {
            items: items.into_iter().map(turn).collect(),
            offset,
            limit,
            total,
            limit_parameter,
        }
    }

    /// The `links` of the answer: `next`, a relative URL, as long as records remain. It repeats the query
    /// of the request, so that following it keeps the filters.
    pub(crate) fn links(&self, call: &Call<'_>) -> Value {
        let next_offset = self.offset.saturating_add(self.limit);
        if next_offset >= self.total {
            return json!({});
        }
        let mut query = call.query.clone();
        query.insert(self.limit_parameter.to_owned(), self.limit.to_string());
        query.insert("page[offset]".to_owned(), next_offset.to_string());
        let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let pairs: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        json!({ "next": format!("{}?{}", call.path, pairs.join("&")) })
    }

    /// The `meta` of the answer.
    pub(crate) fn meta(&self) -> Value {
        json!({ "count": self.items.len(), "limit": self.limit, "offset": self.offset, "total": self.total })
    }
}

/// A page of a list whose pages have numbers.
pub(crate) struct NumberedPage<T> {
    /// The records on it.
    pub(crate) items: Vec<T>,
    /// Its number.
    pub(crate) number: usize,
    /// How many pages there are.
    pub(crate) pages: usize,
}

impl<T> NumberedPage<T> {
    /// Cuts the page out of all records by `page[number]`, counted from `first`, and `page[size]`.
    pub(crate) fn cut(call: &Call<'_>, first: usize, all: Vec<T>) -> Result<Self, ApiError> {
        let size = whole_number(call, "page[size]", 1)?.unwrap_or(DEFAULT_PAGE);
        let least = u64::try_from(first).unwrap_or_default();
        let number = whole_number(call, "page[number]", least)?.unwrap_or(first);
        let pages = all.len().div_ceil(size);
        let skipped = (number - first).saturating_mul(size);
        Ok(Self {
            items: all.into_iter().skip(skipped).take(size).collect(),
            number,
            pages,
        })
    }
}

/// A query parameter that has to be a whole number from `least` on.
fn whole_number(call: &Call<'_>, name: &str, least: u64) -> Result<Option<usize>, ApiError> {
    let Some(value) = call.query(name) else {
        return Ok(None);
    };
    let number = value
        .as_u64()
        .filter(|number| *number >= least)
        .and_then(|number| usize::try_from(number).ok());
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(ApiError::invalid_parameter(
            name,
            format!("{value} is too small; send {least} or more"),
        )),
    }
}

/// The attributes that a parameter such as `fields[rule]` asks for; all of them if it was not sent.
pub(crate) fn sparse(
    call: &Call<'_>,
    parameter: &str,
    attributes: &Map<String, Value>,
) -> Map<String, Value> {
    let Some(_) = call.query(parameter) else {
        return attributes.clone();
    };
    let wanted = attributes
        .iter()
        .filter(|(name, _)| call.lists(parameter, name));
    wanted
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
