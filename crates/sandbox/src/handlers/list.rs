//! The parts of every list: filters, pages, links to the next page, and sparse fields.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::document::Location;
use crate::request::{ApiError, Call, comma_separated};
use crate::state::{Record, State};

/// The page size if neither the request nor the document gives one.
const DEFAULT_PAGE_SIZE: usize = 100;

/// The characters that links encode. Like the vendors, the sandbox keeps unreserved ones.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A filter of a list: a query parameter, and the field of a record that it is compared with.
pub(crate) struct Filter {
    pub(crate) parameter: &'static str,
    pub(crate) comparison: Comparison,
    pub(crate) field: fn(&State, &Record) -> Value,
}

/// The comparison of a filter.
#[derive(Clone, Copy)]
pub(crate) enum Comparison {
    /// The value equals the parameter.
    Equal,
    /// The string contains the parameter, in any case.
    Contains,
    /// The value is one of the parameter's comma-separated values.
    OneOf,
}

impl Filter {
    fn accepts(&self, call: &Call<'_>, state: &State, record: &Record) -> bool {
        let Some(wanted) = call.query(self.parameter) else {
            return true;
        };
        let value = (self.field)(state, record);
        match self.comparison {
            Comparison::Equal => value == *wanted,
            Comparison::Contains => plain(&value)
                .to_lowercase()
                .contains(&plain(wanted).to_lowercase()),
            Comparison::OneOf => comma_separated(&plain(wanted)).any(|one| one == plain(&value)),
        }
    }
}

/// Returns true if a record passes all filters of a request.
pub(crate) fn passes(filters: &[Filter], call: &Call<'_>, state: &State, record: &Record) -> bool {
    filters
        .iter()
        .all(|filter| filter.accepts(call, state, record))
}

/// Returns an attribute of a record; `null` if it is not set.
pub(crate) fn attribute(record: &Record, name: &str) -> Value {
    record.attributes.get(name).cloned().unwrap_or_default()
}

/// Returns a value as a query would contain it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A page of a list.
pub(crate) struct Page<T> {
    /// The records on the page.
    pub(crate) items: Vec<T>,
    /// The number of records before the page.
    pub(crate) offset: usize,
    /// The maximum number of records on the page.
    pub(crate) limit: usize,
    /// The number of records on all pages.
    pub(crate) total: usize,
    limit_parameter: &'static str,
}

impl<T> Page<T> {
    /// Returns the page at `page[offset]`. `limit_parameter` is the query parameter of its size,
    /// whose default and maximum the document gives.
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
            .unwrap_or(DEFAULT_PAGE_SIZE);
        let maximum = documented.and_then(|parameter| parameter.maximum);
        let limit = whole_number(call, limit_parameter, 1)?.unwrap_or(default);
        // The schema rejects a larger number, but the default can be larger.
        let limit = maximum
            .and_then(|maximum| usize::try_from(maximum).ok())
            .map_or(limit, |maximum| limit.min(maximum))
            .min(call.max_page_size);
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

    /// Converts the page's records.
    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        let Self {
            items,
            offset,
            limit,
            total,
            limit_parameter,
        } = self;
        Page {
            items: items.into_iter().map(convert).collect(),
            offset,
            limit,
            total,
            limit_parameter,
        }
    }

    /// Returns the `links` of the response: `next`, a relative URL, if more records follow. It
    /// repeats the query of the request, and with it the filters.
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

    /// Returns the `meta` of the response.
    pub(crate) fn meta(&self) -> Value {
        json!({
            "count": self.items.len(),
            "limit": self.limit,
            "offset": self.offset,
            "total": self.total,
        })
    }
}

/// A page of a list with numbered pages.
pub(crate) struct NumberedPage<T> {
    /// The records on the page.
    pub(crate) items: Vec<T>,
    /// The number of the page.
    pub(crate) number: usize,
    /// The number of pages.
    pub(crate) pages: usize,
}

impl<T> NumberedPage<T> {
    /// Returns the page at `page[number]`, counted from `first`, of `page[size]` records.
    pub(crate) fn cut(call: &Call<'_>, first: usize, all: Vec<T>) -> Result<Self, ApiError> {
        let size = whole_number(call, "page[size]", 1)?.unwrap_or(DEFAULT_PAGE_SIZE);
        let size = size.min(call.max_page_size);
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

/// Reads a query parameter as a whole number, `least` or more.
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

/// Returns the attributes that a parameter such as `fields[rule]` lists; all if it is not sent.
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
