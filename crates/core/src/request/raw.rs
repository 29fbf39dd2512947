//! A request as the caller describes it: its arguments and its body.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;

use crate::auth::credentials::{ResolvedCredentials, header_value};
use crate::auth::scrub::MARGIN;
use crate::client::options::CallOptions;
use crate::client::shared::Shared;
use crate::request::encode::{bounded, one_line, text_of};
use crate::request::part::{random_boundary, streamed};
use crate::request::style::{Target, styled};
use crate::request::unchecked::Unchecked;
use crate::request::upload::Upload;
use crate::send::pipeline::Waits;
use crate::{Error, Operation, ParameterStyle, Part};

/// The longest value of a path parameter that an error repeats, in characters.
const LONGEST_VALUE: usize = 100;

/// The arguments and the body of a request, before they are checked and assembled.
#[derive(Clone)]
pub(crate) struct RawRequest {
    pub(crate) shared: Arc<Shared>,
    pub(crate) operation: &'static Operation,
    pub(crate) body: Option<Bytes>,
    pub(crate) options: CallOptions,
    /// Records waits for rate limits, if the caller asks for them.
    pub(crate) waits: Option<Arc<Waits>>,
    /// True if the body of a successful response is read as a stream.
    pub(crate) is_streamed: bool,
    arguments: Arguments,
    /// The parts that most requests lack.
    rare: Option<Box<RareParts>>,
    /// The first problem with an argument or the body.
    problem: Option<String>,
}

/// The parameters of a request with their values.
#[derive(Clone, Default)]
pub(crate) struct Arguments(Vec<Argument>);

impl Arguments {
    /// Returns the path parameters as errors name them, such as `rule_id r-1`; `None` if there are
    /// none. A value that is too long for a message is cut.
    /// Secrets are replaced by asterisks.
    pub(crate) fn path_text(&self, credentials: &ResolvedCredentials) -> Option<String> {
        let path = self.0.iter();
        let path = path.filter(|it| it.place == Place::Path && !it.value.is_empty());
        let texts: Vec<String> = path
            .map(|it| {
                let value = credentials.scrub_text(bounded(&it.value, LONGEST_VALUE * 4 + MARGIN));
                format!("{} {}", it.name, one_line(&value, LONGEST_VALUE))
            })
            .collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}

/// A parameter with its value.
#[derive(Clone)]
struct Argument {
    place: Place,
    name: &'static str,
    value: String,
    /// True if `value` is the escaped text of a list or an object, with names where its style has
    /// them.
    is_encoded: bool,
}

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
    /// Returns the name of the place in errors.
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

/// The parts of a request that most requests lack.
#[derive(Clone, Default)]
struct RareParts {
    /// The parts of a multipart body.
    parts: Vec<(&'static str, Part)>,
    /// The boundary of a multipart body with streams.
    boundary: Option<String>,
    /// The media type of a body that is not JSON.
    media_type: Option<&'static str>,
    /// The media types of the response, where they do not follow from its kind.
    accepted: Option<&'static str>,
    /// A body that is not in memory.
    upload: Option<Upload>,
    unchecked: Unchecked,
}

impl RareParts {
    /// Joins parts of which some are streams to one upload.
    fn compose(&mut self) {
        if let Some(boundary) = &self.boundary {
            self.upload = Some(streamed(boundary, &self.parts));
        }
    }
}

impl RawRequest {
    pub(crate) fn new(shared: Arc<Shared>, operation: &'static Operation) -> Self {
        Self {
            shared,
            operation,
            body: None,
            options: CallOptions::new(),
            waits: None,
            is_streamed: false,
            arguments: Arguments::default(),
            rare: None,
            problem: None,
        }
    }

    /// Sets a parameter to a single value; a later value replaces an earlier one.
    pub(crate) fn set(&mut self, place: Place, name: &'static str, value: &dyn Display) {
        let Ok(text) = text_of(value) else {
            self.reject(format!(
                "the value of {name:?} cannot be written as a string"
            ));
            return;
        };
        if matches!(place, Place::Cookie | Place::Form) {
            let text = serde_json::Value::String(text);
            self.set_styled(place, name, ParameterStyle::Form, Ok(text));
        } else {
            self.store(place, name, text, false);
        }
    }

    /// Sets a parameter to a list or an object; a later value replaces an earlier one.
    pub(crate) fn set_styled(
        &mut self,
        place: Place,
        name: &'static str,
        style: ParameterStyle,
        value: Result<serde_json::Value, serde_json::Error>,
    ) {
        let target = match place {
            Place::Path => Target::Path,
            Place::Header => Target::Header,
            Place::Query | Place::Cookie | Place::Form => Target::Pairs,
        };
        let encoded = match value {
            Ok(value) => styled(name, style, &value, target).map_err(str::to_owned),
            Err(error) => Err(format!("cannot be written: {error}")),
        };
        match encoded {
            Ok(text) => self.store(place, name, text, true),
            Err(problem) => self.reject(format!("the {} {name:?} {problem}", place.name())),
        }
    }

    fn store(&mut self, place: Place, name: &'static str, value: String, is_encoded: bool) {
        let problem = match place {
            Place::Path => path_problem(&value),
            Place::Header => header_value(&value).err(),
            Place::Query | Place::Cookie | Place::Form => None,
        };
        if let Some(problem) = problem {
            self.reject(format!("the {} {name:?} {problem}", place.name()));
        }
        let argument = Argument {
            place,
            name,
            value,
            is_encoded,
        };
        let mut known = self.arguments.0.iter_mut();
        match known.find(|known| known.place == place && known.name == name) {
            Some(known) => *known = argument,
            None => self.arguments.0.push(argument),
        }
    }

    /// Returns the name and value of the arguments in a place that are single values.
    pub(crate) fn plain(&self, place: Place) -> impl Iterator<Item = (&'static str, &str)> {
        self.arguments_in(place, false)
    }

    /// Returns the name and escaped text of the arguments in a place that are lists or objects.
    pub(crate) fn encoded(&self, place: Place) -> impl Iterator<Item = (&'static str, &str)> {
        self.arguments_in(place, true)
    }

    fn arguments_in(
        &self,
        place: Place,
        is_encoded: bool,
    ) -> impl Iterator<Item = (&'static str, &str)> {
        let all = self.arguments.0.iter();
        all.filter(move |it| it.place == place && it.is_encoded == is_encoded)
            .map(|it| (it.name, it.value.as_str()))
    }

    /// Adds a part of a multipart body.
    pub(crate) fn add_part(&mut self, name: &'static str, part: Part) {
        let rare = self.rare_parts();
        if part.is_stream() {
            rare.boundary.get_or_insert_with(random_boundary);
        }
        rare.parts.push((name, part));
        rare.compose();
    }

    /// Adds parts of one name, if there are any, or stores the reason why they cannot be written.
    pub(crate) fn add_parts(
        &mut self,
        name: &'static str,
        parts: Result<Vec<Part>, serde_json::Error>,
    ) {
        match parts {
            Ok(parts) => {
                let named = parts.into_iter().map(|part| (name, part));
                let rare = self.rare_parts();
                rare.parts.extend(named);
                rare.compose();
            }
            Err(error) => self.reject(format!("cannot write the part {name:?} as JSON: {error}")),
        }
    }

    /// Returns the parts of a multipart body.
    pub(crate) fn parts(&self) -> &[(&'static str, Part)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.parts)
    }

    /// Returns the boundary of a multipart body with streams.
    pub(crate) fn boundary(&self) -> Option<&str> {
        self.rare.as_ref()?.boundary.as_deref()
    }

    /// Sets a body of this media type.
    pub(crate) fn set_content(&mut self, media_type: &'static str, body: Bytes) {
        self.body = Some(body);
        let rare = self.rare_parts();
        rare.media_type = Some(media_type);
        rare.upload = None;
    }

    /// Sets a body of this media type that is not in memory.
    pub(crate) fn set_upload(&mut self, media_type: &'static str, body: Upload) {
        self.body = None;
        let rare = self.rare_parts();
        rare.media_type = Some(media_type);
        rare.upload = Some(body);
    }

    /// Returns the body, if it is not in memory.
    pub(crate) fn upload(&self) -> Option<&Upload> {
        self.rare.as_ref()?.upload.as_ref()
    }

    /// Returns the media type of the body, if it was set.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        self.rare.as_ref()?.media_type
    }

    /// Sets the media types that the response may have.
    pub(crate) fn set_accepted(&mut self, media_types: &'static str) {
        self.rare_parts().accepted = Some(media_types);
    }

    /// Returns the media types that the response may have, if they were set.
    pub(crate) fn accepted(&self) -> Option<&'static str> {
        self.rare.as_ref()?.accepted
    }

    /// Returns what no document lists, if there is anything.
    pub(crate) fn unchecked(&self) -> Option<&Unchecked> {
        self.rare.as_ref().map(|rare| &rare.unchecked)
    }

    /// Returns what no document lists, for changes.
    pub(crate) fn unchecked_mut(&mut self) -> &mut Unchecked {
        &mut self.rare_parts().unchecked
    }

    fn rare_parts(&mut self) -> &mut RareParts {
        self.rare.get_or_insert_default()
    }

    /// Passes to `add` what distinguishes this request from others of its operation: each argument
    /// with its place, and the default headers. The body, the server and the secrets are left out.
    pub(crate) fn identify(&self, mut add: impl FnMut(&[u8])) {
        for place in [Place::Path, Place::Query, Place::Header] {
            for (name, value) in self.plain(place) {
                for text in [place.name(), name, value] {
                    add(text.as_bytes());
                }
            }
        }
        // The same text may be escaped in one request and not in the other.
        add(b"written");
        for argument in self.arguments.0.iter().filter(|it| it.is_encoded) {
            for text in [argument.place.name(), argument.name, &argument.value] {
                add(text.as_bytes());
            }
        }
        add(b"default");
        let unchecked = self.unchecked_query().iter();
        for (name, value) in unchecked {
            for text in ["unchecked", name, value] {
                add(text.as_bytes());
            }
        }
        for (name, value) in self.unchecked_headers() {
            add(b"unchecked header");
            add(name.as_str().as_bytes());
            add(value.as_bytes());
        }
        let fixed = self.shared.credentials.fixed();
        for (name, value) in fixed.default_headers(self.operation) {
            let mut own = self.plain(Place::Header).chain(self.encoded(Place::Header));
            if !own.any(|(own, _)| name.as_str().eq_ignore_ascii_case(own)) {
                add(name.as_str().as_bytes());
                add(value.as_bytes());
            }
        }
    }

    /// Sets a JSON body.
    pub(crate) fn set_body(&mut self, body: Result<Vec<u8>, serde_json::Error>) {
        match body {
            Ok(body) => self.body = Some(body.into()),
            Err(error) => self.reject(format!("cannot write the body as JSON: {error}")),
        }
    }

    /// Returns the arguments, which the errors of decoding name.
    pub(crate) fn into_arguments(self) -> Arguments {
        self.arguments
    }

    /// Completes an error of this request: it names the operation and the path parameters.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let credentials = self.shared.credentials.latest();
        error
            .in_operation(self.operation.id)
            .with_arguments(self.arguments.path_text(&credentials))
    }

    pub(crate) fn reject(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    /// Returns the first problem with an argument or the body as an error.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.problem {
            Some(problem) => Err(Error::invalid_request(problem)),
            None => match self.upload().and_then(Upload::problem) {
                Some(problem) => Err(Error::invalid_request(problem)),
                None => Ok(()),
            },
        }
    }
}

/// Returns the problem with a path parameter, if there is one.
///
/// An empty one turns `DELETE /rules/{id}` into another operation. URL parsers remove a dot segment
/// together with the segment before it
/// ([RFC 3986, section 5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4)).
fn path_problem(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("is empty, which would address another operation; pass the identifier"),
        "." | ".." => Some("is a dot segment, which would address another operation"),
        _ => None,
    }
}
