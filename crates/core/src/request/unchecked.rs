//! The parts of a request that a caller adds although the API document does not list them.
//!
//! None of them may change who sends the request or where it goes. So headers and query parameters
//! that carry credentials are rejected, and so are the headers that the connection needs.

use std::fmt::Display;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::auth::credentials::header_value;
use crate::request::encode::text_of;
use crate::request::raw::{Place, RawRequest};
use crate::response::scan;
use crate::{Operation, SecurityLocation, SecurityScheme};

/// The headers that carry credentials in HTTP itself.
const CREDENTIAL_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The headers that the client or the connection sets: host, framing of the body, and those of one
/// connection ([RFC 9110, section 7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)).
const CONNECTION_HEADERS: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The parts of a request that no document lists.
#[derive(Clone, Default)]
pub(crate) struct Unchecked {
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Properties of the body: the steps to each, and its JSON text.
    properties: Vec<(Vec<String>, Vec<u8>)>,
}

impl RawRequest {
    /// Adds a query parameter that no document lists.
    pub(crate) fn add_unchecked_query(&mut self, name: &str, value: &dyn Display) {
        let Ok(text) = text_of(value) else {
            self.reject(format!(
                "the value of {name:?} cannot be written as a string"
            ));
            return;
        };
        let location = |scheme: &SecurityScheme| match scheme.location {
            SecurityLocation::Query(key) => key == name,
            _ => false,
        };
        if name.is_empty() {
            self.reject("an unchecked query parameter has no name; pass one".to_owned());
        } else if schemes(self.operation).any(location) {
            self.reject(format!(
                "the query parameter {name:?} carries a credential; set it with Credentials"
            ));
        } else if let Some(name) = paging_parameter(self.operation, name) {
            // Lists read it and change it.
            self.set(Place::Query, name, &text);
        } else {
            self.unchecked_mut().query.push((name.to_owned(), text));
        }
    }

    /// Sets a header that no document lists; a later value replaces an earlier one.
    pub(crate) fn set_unchecked_header(&mut self, name: &str, value: &dyn Display) {
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            self.reject(format!("{name:?} is not a header name"));
            return;
        };
        let key = |scheme: &SecurityScheme| match scheme.location {
            SecurityLocation::Header(key) => key.eq_ignore_ascii_case(name),
            _ => false,
        };
        let lower = header.as_str();
        if CREDENTIAL_HEADERS.contains(&lower) || schemes(self.operation).any(key) {
            self.reject(format!(
                "the header {name:?} carries a credential; set it with Credentials"
            ));
        } else if CONNECTION_HEADERS.contains(&lower) {
            self.reject(format!(
                "the header {name:?} is set by the client; leave it out"
            ));
        } else {
            let text = text_of(value).map_err(|_| "cannot be written as a string");
            match text.and_then(|text| header_value(&text)) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    let headers = &mut self.unchecked_mut().headers;
                    headers.retain(|(known, _)| *known != header);
                    headers.push((header, value));
                }
                Err(problem) => self.reject(format!("the header {name:?} {problem}")),
            }
        }
    }

    /// Sets a property of the JSON body that no document lists. `place` is its name or a JSON
    /// pointer to it.
    pub(crate) fn set_unchecked_property<V: Serialize + ?Sized>(&mut self, place: &str, value: &V) {
        match serde_json::to_vec(value) {
            Ok(value) => self.set_unchecked_json(place, value),
            Err(error) => self.reject(format!("cannot write {place:?} as JSON: {error}")),
        }
    }

    fn set_unchecked_json(&mut self, place: &str, value: Vec<u8>) {
        let steps = match place.starts_with('/') {
            true => scan::steps(place).unwrap_or_default(),
            false => vec![place.into()],
        };
        if place.is_empty() {
            self.reject("an unchecked property of the body has no name; pass one".to_owned());
            return;
        }
        let steps = steps.into_iter().map(Into::into).collect();
        self.unchecked_mut().properties.push((steps, value));
    }

    /// Returns the unchecked query parameters.
    pub(crate) fn unchecked_query(&self) -> &[(String, String)] {
        self.unchecked().map_or(&[], |unchecked| &unchecked.query)
    }

    /// Returns the unchecked headers.
    pub(crate) fn unchecked_headers(&self) -> &[(HeaderName, HeaderValue)] {
        self.unchecked().map_or(&[], |unchecked| &unchecked.headers)
    }

    /// Returns the names of the parts of the request that no document lists.
    pub(crate) fn unchecked_names(&self) -> Vec<&str> {
        let Some(unchecked) = self.unchecked() else {
            return Vec::new();
        };
        let query = unchecked.query.iter().map(|(name, _)| name.as_str());
        let headers = unchecked.headers.iter().map(|(name, _)| name.as_str());
        let properties = unchecked.properties.iter();
        let properties = properties.filter_map(|it| it.0.last().map(String::as_str));
        query.chain(headers).chain(properties).collect()
    }

    /// Returns true if the body has unchecked properties.
    pub(crate) fn has_unchecked_properties(&self) -> bool {
        self.unchecked()
            .is_some_and(|unchecked| !unchecked.properties.is_empty())
    }

    /// Returns the body with its unchecked properties.
    ///
    /// # Errors
    ///
    /// Returns the problem as a sentence if they cannot be set.
    pub(crate) fn whole_body(&self) -> Result<Option<Bytes>, String> {
        let Some(unchecked) = self.unchecked().filter(|it| !it.properties.is_empty()) else {
            return Ok(self.body.clone());
        };
        let is_json = self.media_type().is_none_or(|it| it.contains("json"));
        let body = self.body.as_deref().filter(|_| is_json).unwrap_or_default();
        let mut body = body.to_vec();
        for (steps, value) in &unchecked.properties {
            body = scan::set(&body, steps, value).map_err(|problem| {
                format!("the unchecked property {:?} {problem}", steps.join("."))
            })?;
        }
        Ok(Some(body.into()))
    }

    /// Takes the body with its unchecked properties out of the request.
    pub(crate) fn take_whole_body(&mut self) -> Result<Option<Bytes>, String> {
        let body = self.whole_body();
        self.body = None;
        if self.has_unchecked_properties() {
            self.unchecked_mut().properties.clear();
        }
        body
    }
}

/// Returns all security schemes of an operation.
fn schemes(operation: &Operation) -> impl Iterator<Item = &'static SecurityScheme> {
    operation.security.iter().copied().flatten().copied()
}

/// Returns the parameter of this name by which the operation pages.
fn paging_parameter(operation: &Operation, name: &str) -> Option<&'static str> {
    let mut names = operation.pagination?.query_parameters();
    names.find(|known| *known == name)
}
