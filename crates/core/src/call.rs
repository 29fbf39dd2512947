//! A call that is being put together: its arguments, and the request that they make.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue,
};
use secrecy::ExposeSecret;

use crate::client::Shared;
use crate::credentials::{Alternative, Keyring, header_value};
use crate::encode::{fill, push_escaped, push_query, text_of};
use crate::options::CallOptions;
use crate::{Error, Operation, SecurityLocation};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The longest path and the longest query in bytes: far more than servers take, and no less than any
/// that they do.
const LONGEST_TARGET: usize = 16 * 1024 * 1024;

/// The arguments of a call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    pub(crate) operation: &'static Operation,
    pub(crate) path: Arguments,
    pub(crate) query: Arguments,
    pub(crate) headers: Arguments,
    pub(crate) body: Option<Bytes>,
    pub(crate) options: CallOptions,
    /// The first thing found wrong while the call was put together.
    problem: Option<String>,
}

type Arguments = Vec<(&'static str, String)>;

/// The place of a parameter.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// A request that is ready to be sent. It can be sent any number of times.
pub(crate) struct Prepared {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// The credentials that were chosen from.
    pub(crate) keyring: Arc<Keyring>,
}

impl Call {
    pub(crate) fn new(shared: Arc<Shared>, operation: &'static Operation) -> Self {
        Self {
            shared,
            operation,
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            options: CallOptions::new(),
            problem: None,
        }
    }

    /// Sets a parameter; a later value replaces an earlier one.
    pub(crate) fn set(&mut self, place: Place, name: &'static str, value: &dyn Display) {
        let Ok(text) = text_of(value) else {
            self.refuse(format!("the value of {name:?} cannot be written as text"));
            return;
        };
        let problem = match place {
            Place::Path => path_problem(&text),
            Place::Header => header_value(&text).err(),
            Place::Query => None,
        };
        let (what, arguments) = match place {
            Place::Path => ("path parameter", &mut self.path),
            Place::Query => ("query parameter", &mut self.query),
            Place::Header => ("header", &mut self.headers),
        };
        match arguments.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = text,
            None => arguments.push((name, text)),
        }
        if let Some(problem) = problem {
            self.refuse(format!("the {what} {name:?} {problem}"));
        }
    }

    pub(crate) fn set_body(&mut self, body: Result<Vec<u8>, serde_json::Error>) {
        match body {
            Ok(body) => self.body = Some(body.into()),
            Err(error) => self.refuse(format!("the body cannot be written as JSON: {error}")),
        }
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    /// What was found wrong while the call was put together.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.problem {
            Some(problem) => Err(Error::invalid_request(problem)),
            None => Ok(()),
        }
    }

    /// Checks and assembles everything that needs no network.
    pub(crate) fn prepare(&self, keyring: &Arc<Keyring>) -> Result<Prepared, Error> {
        let keys = keyring.choose(self.operation.security)?;
        let url = self.url(&keys)?;
        self.shared.check_site(&url, self.operation)?;
        let mut prepared = Prepared {
            url,
            headers: HeaderMap::new(),
            keyring: Arc::clone(keyring),
        };
        self.put_headers(&mut prepared.headers, keyring)?;
        put_keys(&mut prepared.headers, &keys)?;
        Ok(prepared)
    }

    fn url(&self, keys: &Alternative<'_>) -> Result<Url, Error> {
        let operation = self.operation;
        let mut url = self.shared.address(operation.server)?;
        let mut path = String::with_capacity(128);
        path.push_str(url.path().trim_end_matches('/'));
        if !operation.path.starts_with('/') {
            path.push('/');
        }
        fill(&mut path, operation.path, |path, name| {
            let argument = self.path.iter().find(|(known, _)| *known == name);
            let (_, value) = argument.ok_or_else(|| {
                Error::invalid_request(format!("the path parameter {name:?} has no value"))
            })?;
            push_escaped(path, value);
            Ok::<(), Error>(())
        })?;
        let mut query = String::with_capacity(if self.query.is_empty() { 0 } else { 128 });
        for (name, value) in &self.query {
            push_query(&mut query, name, value);
        }
        for (scheme, key) in keys {
            if let SecurityLocation::Query(name) = scheme.location {
                push_query(&mut query, name, key.secret.expose_secret());
            }
        }
        if path.len().max(query.len()) > LONGEST_TARGET {
            return Err(Error::invalid_request(format!(
                "the parameters make a URL of more than {LONGEST_TARGET} bytes, which no server \
                 takes; shorten them"
            )));
        }
        // Host and scheme are parsed already, and stay what they are whatever comes after them.
        url.set_path(&path);
        if !query.is_empty() {
            url.set_query(Some(&query));
        }
        Ok(url)
    }

    fn put_headers(&self, headers: &mut HeaderMap, keyring: &Keyring) -> Result<(), Error> {
        headers.insert(ACCEPT, JSON);
        if self.body.is_some() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        for (name, value) in &keyring.headers {
            let listed = self.operation.headers.iter();
            if listed
                .into_iter()
                .any(|known| known.eq_ignore_ascii_case(name.as_str()))
            {
                headers.insert(name, value.clone());
            }
        }
        for (name, value) in &self.headers {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
                Error::invalid_request(format!("{name:?} is no header name")).with_source(error)
            })?;
            let value = header_value(value).map_err(|problem| {
                Error::invalid_request(format!("the header {name:?} {problem}"))
            })?;
            headers.insert(header, value);
        }
        Ok(())
    }
}

/// What is wrong with a path parameter. An empty one turns `DELETE /rules/{id}` into another
/// operation, and a dot segment is removed by URL parsers together with the segment before it
/// ([RFC 3986, section 5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4)).
fn path_problem(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("is empty, which would address another operation; pass the identifier"),
        "." | ".." => Some("is a dot segment, which would address another operation"),
        _ => None,
    }
}

fn put_keys(headers: &mut HeaderMap, keys: &Alternative<'_>) -> Result<(), Error> {
    let mut cookies = String::new();
    for (scheme, key) in keys {
        match scheme.location {
            SecurityLocation::Header(name) => {
                let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
                    Error::configuration(format!("{name:?} of {} is no header name", scheme.name))
                        .with_source(error)
                })?;
                headers.insert(header, key.plain.clone());
            }
            SecurityLocation::Bearer => {
                headers.insert(AUTHORIZATION, key.bearer.clone());
            }
            SecurityLocation::Basic => {
                let value = key.basic.clone().ok_or_else(|| {
                    Error::configuration(format!(
                        "the secret of {} must have the form user:password",
                        scheme.name
                    ))
                })?;
                headers.insert(AUTHORIZATION, value);
            }
            SecurityLocation::Cookie(name) => {
                if !cookies.is_empty() {
                    cookies.push_str("; ");
                }
                cookies.push_str(name);
                cookies.push('=');
                cookies.push_str(key.secret.expose_secret());
            }
            SecurityLocation::Query(_) => {}
        }
    }
    if !cookies.is_empty() {
        let mut value = header_value(&cookies)
            .map_err(|problem| Error::configuration(format!("the cookie {problem}")))?;
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
    Ok(())
}
