//! A call that is being put together.

pub(crate) mod encode;
pub(crate) mod operation;
pub(crate) mod part;
pub(crate) mod raw;
pub(crate) mod style;

use std::fmt::{self, Display};
use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::request::part::NO_PARTS;
use crate::request::raw::{Call, Place};
use crate::send::pipeline::Answer;
use crate::{CallOptions, Error, ParameterStyle, Part, Response, null_as_default};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A call of one operation, whose successful answer decodes into `T`.
///
/// It owns everything it needs, so it can be kept, cloned, sent to another task and sent more than
/// once. What is wrong with an argument is reported by [`send`](Request::send), before anything
/// goes out.
///
/// `Debug` shows the arguments and the length of the body, never a credential.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<T> {
    /// Boxed, so that the setters of generated code move a pointer.
    pub(crate) call: Box<Call>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Request<T> {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call: Box::new(call),
            answer: PhantomData,
        }
    }

    /// Sets a path parameter; a later value replaces an earlier one.
    ///
    /// The value is escaped as a whole, so it stays one segment whatever it holds. An empty value,
    /// `.` and `..` are refused, for they would address another operation.
    pub fn path(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.call.set(Place::Path, name, value);
        self
    }

    /// Sets a query parameter; a later value replaces an earlier one. Name and value are escaped.
    pub fn query(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.call.set(Place::Query, name, value);
        self
    }

    /// Sets a header parameter; a later value replaces an earlier one, and it wins over a default
    /// of the client's [`Credentials`](crate::Credentials). A value with a control character is
    /// refused.
    pub fn header(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.call.set(Place::Header, name, value);
        self
    }

    /// Sets a cookie; a later value replaces an earlier one. The value is escaped.
    pub fn cookie(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.call.set(Place::Cookie, name, value);
        self
    }

    /// Sets a path parameter that is a list or an object.
    pub fn path_value<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        self.write(Place::Path, name, style, value)
    }

    /// Sets a query parameter that is a list or an object. A list without items that names each of them is not sent.
    pub fn query_value<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        self.write(Place::Query, name, style, value)
    }

    /// Sets a header parameter that is a list or an object.
    pub fn header_value<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        self.write(Place::Header, name, style, value)
    }

    /// Sets a cookie that is a list or an object.
    pub fn cookie_value<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        self.write(Place::Cookie, name, style, value)
    }

    /// Sets a field of a body that is a form
    /// (<https://url.spec.whatwg.org/#application/x-www-form-urlencoded>).
    pub fn field<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        self.write(Place::Form, name, style, value)
    }

    fn write<V: Serialize + ?Sized>(
        mut self,
        place: Place,
        name: &'static str,
        style: ParameterStyle,
        value: &V,
    ) -> Self {
        let value = serde_json::to_value(value);
        self.call.write(place, name, style, value);
        self
    }

    /// Says that the body is a form, which is sent even if no [`field`](Request::field) is set.
    pub fn form(mut self) -> Self {
        self.call.set_content(FORM, Bytes::new());
        self
    }

    /// Says that the body is one of several parts, which is sent even if there is no
    /// [`part`](Request::part).
    pub fn multipart(mut self) -> Self {
        let (body, media_type) = NO_PARTS;
        self.call.set_content(media_type, Bytes::from_static(body));
        self
    }

    /// Adds a part to a body of several.
    pub fn part(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.call.add_part(name, part.into());
        self
    }

    /// Adds several parts of one name to a body of several.
    pub fn parts(
        mut self,
        name: &'static str,
        parts: impl IntoIterator<Item = impl Into<Part>>,
    ) -> Self {
        for part in parts {
            self.call.add_part(name, part.into());
        }
        self
    }

    /// Adds a part that is a file to a body of several. What `part` does not say itself is made up
    /// for it: `name` is the name of the file, without which servers take a part for a text, and
    /// `media_type` what it holds.
    pub fn file(
        mut self,
        name: &'static str,
        media_type: &'static str,
        part: impl Into<Part>,
    ) -> Self {
        let part = part.into().or_file(name, media_type);
        self.call.add_part(name, part);
        self
    }

    /// As [`file`](Request::file), for several files of one name.
    pub fn files(
        mut self,
        name: &'static str,
        media_type: &'static str,
        parts: impl IntoIterator<Item = impl Into<Part>>,
    ) -> Self {
        for part in parts {
            self = self.file(name, media_type, part);
        }
        self
    }

    /// Adds a part with a value as JSON to a body of several.
    pub fn json_part<V: Serialize + ?Sized>(self, name: &'static str, value: &V) -> Self {
        self.json_part_as(name, "application/json", value)
    }

    /// As [`json_part`](Request::json_part), for JSON of another media type.
    pub fn json_part_as<V: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        media_type: &'static str,
        value: &V,
    ) -> Self {
        let part = Part::of_json(value, media_type);
        self.call.add_parts(name, part.map(|part| vec![part]));
        self
    }

    /// Adds a part for each item of a list to a body of several
    /// ([RFC 7578, section 4.3](https://www.rfc-editor.org/rfc/rfc7578#section-4.3)): texts, numbers
    /// and booleans as text, all else as JSON. They say a media type if one is given, or if they
    /// are JSON.
    pub fn item_parts<V: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        media_type: Option<&'static str>,
        items: &V,
    ) -> Self {
        self.call.add_parts(name, Part::of_items(items, media_type));
        self
    }

    /// Sets a body of another media type than JSON.
    pub fn content(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.call.set_content(media_type, body.into());
        self
    }

    /// Sets a body of JSON values, each in a line of its own.
    pub fn json_lines<V: Serialize>(
        mut self,
        media_type: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let mut body = Vec::new();
        for value in values {
            if let Err(error) = serde_json::to_writer(&mut body, &value) {
                self.call.set_body(Err(error));
                return self;
            }
            body.push(b'\n');
        }
        self.call.set_content(media_type, body.into());
        self
    }

    /// Sets the body. It is written at once, so that the request need not borrow it.
    pub fn json<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        self.call.set_body(serde_json::to_vec(body));
        self
    }

    /// As [`json`](Request::json), for a body of JSON that has a media type of its own, such as
    /// `application/merge-patch+json` ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)).
    pub fn json_as<B: Serialize + ?Sized>(mut self, media_type: &'static str, body: &B) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.call.set_content(media_type, body.into()),
            Err(error) => self.call.set_body(Err(error)),
        }
        self
    }

    /// Sets the media types that the answer may have, as the header `Accept` lists them; without
    /// it they are those of the operation's [`BodyKind`](crate::BodyKind). For answers that are
    /// JSON under another name only, such as `application/vnd.github+json`.
    pub fn accept(mut self, media_types: &'static str) -> Self {
        self.call.set_accepted(media_types);
        self
    }

    /// Sets time limits, the size of the answer and retries of this call; whatever is not set is the
    /// client's. May be called repeatedly; a later value of an option replaces the earlier.
    pub fn options(mut self, options: CallOptions) -> Self {
        let earlier = std::mem::take(&mut self.call.options);
        self.call.options = options.or(earlier);
        self
    }

    /// Sends the call, again where its [`RetryPolicy`](crate::RetryPolicy) says so, and decodes the
    /// answer.
    ///
    /// Every status from 200 to 299 is a success, whichever the document lists. Redirects are not
    /// followed. Dropping the future abandons the call: nothing more is sent, and nothing goes on in
    /// the background. Whether the server still carries out what it got is up to the server.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind): missing credentials and bad arguments before anything
    /// is sent, then failures of the connection, of the operation and of the decoding.
    ///
    /// # Panics
    ///
    /// None of its own; without a Tokio runtime around it the connection pool panics.
    pub async fn send(self) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
    {
        decode(self.call.execute().await?)
    }
}

impl<T> Request<T> {
    /// The same call, whose answer decodes into `U`.
    pub fn answered_with<U>(self) -> Request<U> {
        Request {
            call: self.call,
            answer: PhantomData,
        }
    }

    /// As [`send`](Request::send), for an answer that holds `T` as its one member `data`
    /// ([JSON:API, top level](https://jsonapi.org/format/1.1/#document-top-level)).
    ///
    /// # Errors
    ///
    /// As `send`; an answer without `data` is an [`ErrorKind::Decode`](crate::ErrorKind::Decode).
    pub async fn send_data(self) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
    {
        let answer = decode::<Data<T>>(self.call.execute().await?)?;
        Ok(answer.map(|answer| answer.data))
    }
}

impl Request<Bytes> {
    /// As [`send`](Request::send), for an answer that is no JSON: its body as it came.
    ///
    /// # Errors
    ///
    /// As `send`, but for decoding.
    pub async fn send_bytes(self) -> Result<Response<Bytes>, Error> {
        let answer = self.call.execute().await?;
        let body = answer.body.clone();
        Ok(Response::new(answer, body))
    }
}

impl<T> Request<Vec<T>> {
    /// As [`send`](Request::send), for an answer that holds a list as its one member `data`. An
    /// answer without it, or with `null`, is an empty list.
    ///
    /// # Errors
    ///
    /// As `send`.
    pub async fn send_data_list(self) -> Result<Response<Vec<T>>, Error>
    where
        T: DeserializeOwned,
    {
        let answer = decode::<DataList<T>>(self.call.execute().await?)?;
        Ok(answer.map(|answer| answer.data))
    }
}

/// An answer around one thing.
#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

/// An answer around a list.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct DataList<T> {
    #[serde(default, deserialize_with = "null_as_default")]
    data: Vec<T>,
}

/// The last step of every call, and the only one that is compiled per operation.
pub(crate) fn decode<T: DeserializeOwned>(answer: Answer) -> Result<Response<T>, Error> {
    match read(answer.json()) {
        Ok(value) => Ok(Response::new(answer, value)),
        Err(error) => Err(answer.decode_error(error)),
    }
}

/// Decodes an answer.
#[cfg(not(feature = "simd"))]
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    read_text(json)
}

/// Decodes an answer that is seen to be text as a whole, so that no text in it is looked at once more: a fifth less
/// time.
fn read_text<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(error) => Err(no_text(json, error)),
    }
}

/// JSON between systems has to be UTF-8 (RFC 8259, section 8.1); the decoder tells where it ceases to be.
#[cold]
fn no_text(json: &[u8], error: std::str::Utf8Error) -> serde_json::Error {
    match serde_json::from_slice::<serde_json::Value>(json) {
        Err(error) => error,
        Ok(_) => serde::de::Error::custom(error),
    }
}

/// Tries the faster decoder. What it cannot read, the other one judges: it has the place and the words for the error,
/// and both take the same.
#[cfg(feature = "simd")]
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    use std::cell::RefCell;

    use simd_json::Buffers;

    /// As deep as the other decoder goes: a deeper value would need more of the stack than a thread may have.
    const DEEPEST: usize = 127;
    /// The longest answer, in bytes, after which a thread keeps its memory for the next one: some ten times as much.
    const KEPT: usize = 256 * 1024;

    thread_local! {
        static MEMORY: RefCell<Option<(Vec<u8>, Buffers)>> = const { RefCell::new(None) };
    }

    // Decoding may call itself, in a type's own `Deserialize`: so the memory is taken, not borrowed.
    let memory = MEMORY.take();
    let (mut copy, mut buffers) =
        memory.unwrap_or_else(|| (Vec::new(), Buffers::with_max_depth(json.len(), DEEPEST)));
    // Texts are unescaped in place, and an error has to show the answer as it came.
    copy.clear();
    copy.extend_from_slice(json);
    let read = simd_json::serde::from_slice_with_buffers(&mut copy, &mut buffers);
    if json.len() <= KEPT {
        MEMORY.set(Some((copy, buffers)));
    }
    read.or_else(|_| read_text(json))
}

// By hand, for a derive would ask `T` to be `Clone` as well.
impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        Self {
            call: self.call.clone(),
            answer: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = &self.call;
        formatter
            .debug_struct("Request")
            .field("operation", &call.operation.id)
            .field("method", &call.operation.method)
            .field("path", &call.operation.path)
            .field("path_parameters", &call.path)
            .field("query", &call.query)
            .field("headers", &call.headers)
            .field("body_length", &call.body.as_ref().map(bytes::Bytes::len))
            .finish_non_exhaustive()
    }
}
