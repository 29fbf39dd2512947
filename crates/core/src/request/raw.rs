//! A call that is being put together: its arguments, and the request that they make.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue,
};
use secrecy::ExposeSecret;

use crate::auth::credentials::{Alternative, Keyring, header_value};
use crate::client::Shared;
use crate::client::options::CallOptions;
use crate::request::encode::{fill, push_escaped, push_query, text_of};
use crate::request::part::multipart;
use crate::request::style::{Target, styled};
use crate::{BodyKind, Error, Operation, ParameterStyle, Part, SecurityLocation};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

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
    /// What few calls have.
    extra: Option<Box<Extra>>,
    /// The first thing found wrong while the call was put together.
    problem: Option<String>,
}

type Arguments = Vec<(&'static str, String)>;

/// The place of a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
    /// A field of a body that is a form.
    Form,
}

impl Place {
    /// What an error calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Path => "path parameter",
            Self::Query => "query parameter",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Form => "form field",
        }
    }
}

/// Arguments and bodies of other kinds than the usual.
#[derive(Clone, Default)]
struct Extra {
    /// Arguments that are text already, escaped and with their names where their styles have them.
    written: Vec<(Place, &'static str, String)>,
    /// The parts of a body of several.
    parts: Vec<(&'static str, Part)>,
    /// What a body that is not JSON is.
    media_type: Option<&'static str>,
    /// What the answer may be, where its kind does not say that.
    accepted: Option<&'static str>,
}

/// A request that is ready to be sent. It can be sent any number of times.
pub(crate) struct Prepared {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// The body as it was before it was compressed, if it was.
    pub(crate) plain: Option<Bytes>,
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
            extra: None,
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
            Place::Query | Place::Cookie | Place::Form => None,
        };
        let arguments = match place {
            Place::Path => &mut self.path,
            Place::Query => &mut self.query,
            Place::Header => &mut self.headers,
            Place::Cookie | Place::Form => {
                let text = serde_json::Value::String(text);
                return self.write(place, name, ParameterStyle::Form, Ok(text));
            }
        };
        let what = place.name();
        match arguments.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = text,
            None => arguments.push((name, text)),
        }
        if let Some(problem) = problem {
            self.refuse(format!("the {what} {name:?} {problem}"));
        }
    }

    /// Sets a parameter that is a list or an object; a later value replaces an earlier one.
    pub(crate) fn write(
        &mut self,
        place: Place,
        name: &'static str,
        style: ParameterStyle,
        value: Result<serde_json::Value, serde_json::Error>,
    ) {
        let what = place.name();
        let target = match place {
            Place::Path => Target::Path,
            Place::Header => Target::Header,
            Place::Query | Place::Cookie | Place::Form => Target::Pairs,
        };
        let written = match value {
            Ok(value) => styled(name, style, &value, target).map_err(str::to_owned),
            Err(error) => Err(format!("cannot be written: {error}")),
        };
        let written = written.and_then(|text| {
            let problem = match place {
                Place::Path => path_problem(&text),
                Place::Header => header_value(&text).err(),
                _ => None,
            };
            problem.map_or(Ok(text), |problem| Err(problem.to_owned()))
        });
        match written {
            Ok(text) => {
                let all = &mut self.extra().written;
                all.retain(|(known_place, known, _)| (*known_place, *known) != (place, name));
                all.push((place, name, text));
            }
            Err(problem) => self.refuse(format!("the {what} {name:?} {problem}")),
        }
    }

    /// Adds a part of a body of several.
    pub(crate) fn add_part(&mut self, name: &'static str, part: Part) {
        self.extra().parts.push((name, part));
    }

    /// Adds parts of one name, if there are any, or takes note that they cannot be written.
    pub(crate) fn add_parts(
        &mut self,
        name: &'static str,
        parts: Result<Vec<Part>, serde_json::Error>,
    ) {
        match parts {
            Ok(parts) => {
                let named = parts.into_iter().map(|part| (name, part));
                self.extra().parts.extend(named);
            }
            Err(error) => self.refuse(format!(
                "the part {name:?} cannot be written as JSON: {error}"
            )),
        }
    }

    /// Sets a body of this media type.
    pub(crate) fn set_content(&mut self, media_type: &'static str, body: Bytes) {
        self.body = Some(body);
        self.extra().media_type = Some(media_type);
    }

    /// Sets the media types that the answer may have.
    pub(crate) fn set_accepted(&mut self, media_types: &'static str) {
        self.extra().accepted = Some(media_types);
    }

    fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    fn written(&self, place: Place) -> impl Iterator<Item = (&'static str, &str)> {
        let all = self.extra.iter().flat_map(|extra| &extra.written);
        all.filter(move |(its, _, _)| *its == place)
            .map(|(_, name, text)| (*name, text.as_str()))
    }

    /// What goes into a place of pairs. An exploded list without items has none.
    fn pairs(&self, place: Place) -> impl Iterator<Item = &str> {
        let texts = self.written(place).map(|(_, text)| text);
        texts.filter(|text| !text.is_empty())
    }

    /// Hands over all that tells this call from others of its operation, but for its body, its server
    /// and its secrets: each argument with its place, and the default headers that go along with it.
    pub(crate) fn identify(&self, mut add: impl FnMut(&[u8])) {
        let plain = [
            (Place::Path, &self.path),
            (Place::Query, &self.query),
            (Place::Header, &self.headers),
        ];
        for (place, arguments) in plain {
            for (name, value) in arguments {
                for text in [place.name(), name, value] {
                    add(text.as_bytes());
                }
            }
        }
        // The same text may be escaped in one and not in the other.
        add(b"written");
        for (place, name, text) in self.extra.iter().flat_map(|extra| &extra.written) {
            for text in [place.name(), name, text] {
                add(text.as_bytes());
            }
        }
        add(b"default");
        let fixed = self.shared.vault.fixed();
        for (name, value) in self.default_headers(&fixed) {
            let own = self.headers.iter().map(|(name, _)| *name);
            let mut own = own.chain(self.written(Place::Header).map(|(name, _)| name));
            if !own.any(|own| own.eq_ignore_ascii_case(name.as_str())) {
                add(name.as_str().as_bytes());
                add(value.as_bytes());
            }
        }
    }

    /// The headers that go with every operation that lists them, and this one does.
    fn default_headers<'a>(
        &self,
        keyring: &'a Keyring,
    ) -> impl Iterator<Item = &'a (HeaderName, HeaderValue)> {
        let listed = self.operation.headers;
        let is_listed = move |name: &str| listed.iter().any(|it| it.eq_ignore_ascii_case(name));
        let all = keyring.headers.iter();
        all.filter(move |(name, _)| is_listed(name.as_str()))
    }

    /// The body and what it is.
    fn content(&self) -> (Option<Bytes>, HeaderValue) {
        let Some(extra) = &self.extra else {
            return (self.body.clone(), JSON);
        };
        let header = |text: &str| HeaderValue::from_str(text).unwrap_or(OCTETS);
        if !extra.parts.is_empty() {
            let (body, media_type) = multipart(&extra.parts);
            return (Some(body), header(&media_type));
        }
        if self.written(Place::Form).next().is_some() {
            let fields: Vec<&str> = self.pairs(Place::Form).collect();
            return (Some(fields.join("&").into()), FORM);
        }
        let media_type = extra.media_type.map_or(JSON, header);
        (self.body.clone(), media_type)
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
        let (body, media_type) = self.content();
        let mut prepared = Prepared {
            url,
            headers: HeaderMap::new(),
            body,
            plain: None,
            keyring: Arc::clone(keyring),
        };
        self.put_headers(&mut prepared.headers, keyring)?;
        if prepared.body.is_some() {
            prepared.headers.insert(CONTENT_TYPE, media_type);
        }
        let cookies: Vec<&str> = self.pairs(Place::Cookie).collect();
        // The parts of an exploded value are cookies of their own.
        let cookies = cookies.join("; ").replace('&', "; ");
        put_keys(&mut prepared.headers, &keys, cookies)?;
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
            if let Some((_, text)) = self.written(Place::Path).find(|(known, _)| *known == name) {
                path.push_str(text);
                return Ok(());
            }
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
        for text in self.pairs(Place::Query) {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(text);
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
        let listed = self.extra.as_ref().and_then(|extra| extra.accepted);
        let listed = listed.and_then(|listed| HeaderValue::from_str(listed).ok());
        let accept = listed.unwrap_or_else(|| accepted(self.operation.response));
        headers.insert(ACCEPT, accept);
        for (name, value) in self.default_headers(keyring) {
            headers.insert(name, value.clone());
        }
        let plain = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        for (name, value) in plain.chain(self.written(Place::Header)) {
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

/// What a client can make something of.
fn accepted(response: BodyKind) -> HeaderValue {
    match response {
        BodyKind::Json | BodyKind::Empty => JSON,
        BodyKind::Text => HeaderValue::from_static("text/*, */*;q=0.5"),
        BodyKind::Bytes => HeaderValue::from_static("*/*"),
        BodyKind::JsonLines => {
            HeaderValue::from_static("application/x-ndjson, application/jsonl, */*;q=0.5")
        }
        BodyKind::ByStatus(_) => HeaderValue::from_static("application/json, */*;q=0.5"),
    }
}

fn put_keys(
    headers: &mut HeaderMap,
    keys: &Alternative<'_>,
    mut cookies: String,
) -> Result<(), Error> {
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
