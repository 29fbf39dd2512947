//! Requests: their arguments and bodies, and the operations that they call.

pub(crate) mod api_request;
pub(crate) mod encode;
pub(crate) mod http_request;
pub(crate) mod operation;
pub(crate) mod part;
pub(crate) mod raw;
pub(crate) mod style;
pub(crate) mod unchecked;
pub(crate) mod upload;

use std::fmt::{self, Display};
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::request::part::NO_PARTS;
use crate::request::raw::{Place, RawRequest};
use crate::response::json::{decode, decode_data, decode_data_list};
use crate::send::pipeline::execute;
use crate::types::json::Json;
use crate::{
    Bulk, CallOptions, Error, FromJson, IntoItems, Items, Pages, ParameterStyle, Part, Push,
    Response,
};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request of one operation, whose response decodes into `T`.
///
/// It owns everything it needs, so a program can store it, clone it, move it to another task and
/// send clones of it. [`send`](Request::send) reports a wrong argument before anything is sent.
///
/// `Debug` shows the arguments and the length of the body, never a credential.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<T> {
    /// Boxed, so that the setters of generated code move a pointer.
    pub(crate) raw: Box<RawRequest>,
    response: PhantomData<fn() -> T>,
}

impl<T> Request<T> {
    pub(crate) fn new(raw: RawRequest) -> Self {
        Self {
            raw: Box::new(raw),
            response: PhantomData,
        }
    }

    /// Sets a path parameter; a later value replaces an earlier one.
    ///
    /// The value is escaped, so it is always one segment of the path. An empty value, `.` and `..`
    /// are rejected, because they would address another operation.
    pub fn path(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.raw.set(Place::Path, name, value);
        self
    }

    /// Sets a query parameter; a later value replaces an earlier one. Name and value are escaped.
    pub fn query(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.raw.set(Place::Query, name, value);
        self
    }

    /// Sets a header parameter; a later value replaces an earlier one. It wins over a default
    /// header of the client's [`Credentials`](crate::Credentials). A value with a control character
    /// is rejected.
    pub fn header(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.raw.set(Place::Header, name, value);
        self
    }

    /// Sets a cookie; a later value replaces an earlier one. The value is escaped.
    pub fn cookie(mut self, name: &'static str, value: &dyn Display) -> Self {
        self.raw.set(Place::Cookie, name, value);
        self
    }

    /// Sets a query parameter if there is a value. See [`query`](Request::query).
    pub fn query_if(self, name: &'static str, value: Option<impl Display>) -> Self {
        self.if_some(value, |request, value| request.query(name, &value))
    }

    /// Sets a header parameter if there is a value. See [`header`](Request::header).
    pub fn header_if(self, name: &'static str, value: Option<impl Display>) -> Self {
        self.if_some(value, |request, value| request.header(name, &value))
    }

    /// Sets a cookie if there is a value. See [`cookie`](Request::cookie).
    pub fn cookie_if(self, name: &'static str, value: Option<impl Display>) -> Self {
        self.if_some(value, |request, value| request.cookie(name, &value))
    }

    /// Sets something with `set` if there is a value; without one, the request does not change.
    ///
    /// ```
    /// # use scorekit_core::Request;
    /// fn in_language<T>(request: Request<T>, language: Option<&str>) -> Request<T> {
    ///     request.if_some(language, |request, language| request.query("lang", &language))
    /// }
    /// ```
    pub fn if_some<V>(self, value: Option<V>, set: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
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

    /// Sets a query parameter that is a list or an object. An exploded list without items is not
    /// sent.
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
        self.raw.set_styled(place, name, style, value);
        self
    }

    /// Sets the body to a form, which is sent even without a [`field`](Request::field).
    pub fn form(mut self) -> Self {
        self.raw.set_content(FORM, Bytes::new());
        self
    }

    /// Sets the body to a multipart body, which is sent even without a [`part`](Request::part).
    pub fn multipart(mut self) -> Self {
        let (body, media_type) = NO_PARTS;
        if self.raw.parts().is_empty() {
            self.raw.set_content(media_type, Bytes::from_static(body));
        }
        self
    }

    /// Adds a part to a multipart body.
    pub fn part(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.raw.add_part(name, part.into());
        self
    }

    /// Adds several parts of one name to a multipart body.
    pub fn parts(
        mut self,
        name: &'static str,
        parts: impl IntoIterator<Item = impl Into<Part>>,
    ) -> Self {
        for part in parts {
            self.raw.add_part(name, part.into());
        }
        self
    }

    /// Adds a part that is a file to a multipart body.
    ///
    /// If `part` has no file name, it is `name`, because servers treat a part without one as text.
    /// If it has no media type, it is `media_type`.
    pub fn file(
        mut self,
        name: &'static str,
        media_type: &'static str,
        part: impl Into<Part>,
    ) -> Self {
        let part = part.into().or_file(name, media_type);
        self.raw.add_part(name, part);
        self
    }

    /// Adds several files of one name to a multipart body. See [`file`](Request::file).
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

    /// Adds a part with a value as JSON to a multipart body.
    pub fn json_part<V: Serialize + ?Sized>(self, name: &'static str, value: &V) -> Self {
        self.json_part_as(name, "application/json", value)
    }

    /// Adds a part with a value as JSON of another media type to a multipart body.
    pub fn json_part_as<V: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        media_type: &'static str,
        value: &V,
    ) -> Self {
        let part = Part::of_json(value, media_type);
        self.raw.add_parts(name, part.map(|part| vec![part]));
        self
    }

    /// Adds a part for each item of a list to a multipart body
    /// ([RFC 7578, section 4.3](https://www.rfc-editor.org/rfc/rfc7578#section-4.3)).
    ///
    /// Strings, numbers and booleans are written as strings, other items as JSON. A part has a
    /// media type if one is given or if it is JSON.
    pub fn item_parts<V: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        media_type: Option<&'static str>,
        items: &V,
    ) -> Self {
        self.raw.add_parts(name, Part::of_items(items, media_type));
        self
    }

    /// Sets a body of a media type other than JSON.
    pub fn content(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.raw.set_content(media_type, body.into());
        self
    }

    /// Sets a JSON body. It is serialized at once, so the request does not borrow it.
    pub fn json<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        self.raw.set_body(serde_json::to_vec(body));
        self
    }

    /// Sets a JSON body with a media type of its own, such as `application/merge-patch+json`
    /// ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)).
    pub fn json_as<B: Serialize + ?Sized>(mut self, media_type: &'static str, body: &B) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.raw.set_content(media_type, body.into()),
            Err(error) => self.raw.set_body(Err(error)),
        }
        self
    }

    /// Sets the `Accept` header. By default, it follows from the operation's
    /// [`BodyKind`](crate::BodyKind). Some JSON responses have a media type of their own, such as
    /// `application/vnd.github+json`.
    pub fn accept(mut self, media_types: &'static str) -> Self {
        self.raw.set_accepted(media_types);
        self
    }

    /// Sets time limits, the maximum size of the response, and retries of this call. The client's
    /// options fill in the rest. A later value of an option replaces the earlier one.
    pub fn options(mut self, options: CallOptions) -> Self {
        let earlier = std::mem::take(&mut self.raw.options);
        self.raw.options = options.or(earlier);
        self
    }

    /// Sends the request, with the retries of its [`RetryPolicy`](crate::RetryPolicy), and decodes
    /// the response.
    ///
    /// Every status from 200 to 299 is a success, also one that the document does not list.
    /// Redirects are not followed. Dropping the future cancels the call: nothing more is sent, and
    /// nothing continues in the background. The server may still process a request that it has
    /// received.
    ///
    /// # Errors
    ///
    /// Returns any [`ErrorKind`](crate::ErrorKind). Missing credentials and wrong arguments are
    /// reported before anything is sent, and so is a thread without a Tokio runtime.
    ///
    /// # Panics
    ///
    /// Tokio panics if the runtime was built without timers or without input and output; build it
    /// with `enable_all`.
    pub async fn send(self) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
    {
        decode(execute(*self.raw).await?)
    }
}

impl<T> Request<T> {
    /// Sends any number of items, in as many requests like this one as they need. See [`Push`]. The
    /// list in the body of this request must be empty.
    pub fn push<'a, Kind, I>(self, bulk: &'static Bulk, items: I) -> Push<'a>
    where
        I: IntoItems<Kind>,
        I::Item: Serialize,
        I::Stream: Send + 'a,
    {
        Push::new(self.raw, bulk, items)
    }

    /// Changes the type that the response decodes into.
    pub fn decode_as<U>(self) -> Request<U> {
        Request {
            raw: self.raw,
            response: PhantomData,
        }
    }

    /// Sends the request and returns the property `data` of the response
    /// ([JSON:API, top level](https://jsonapi.org/format/1.1/#document-top-level)).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send), and
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a response without `data`.
    pub async fn send_data(self) -> Result<Response<T>, Error>
    where
        T: FromJson,
    {
        decode_data(execute(*self.raw).await?)
    }

    /// Sends the request and decodes the response like [`send`](Request::send), for a response that
    /// is a list, a map or a number. It is as lenient as generated types.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send).
    pub async fn send_json(self) -> Result<Response<T>, Error>
    where
        T: FromJson,
    {
        let response = decode::<Json<T>>(execute(*self.raw).await?)?;
        Ok(response.map(|body| body.0))
    }
}

impl<T> Request<T> {
    /// Reads the page that this request asks for and those that follow, one response at a time. See
    /// [`Pages`].
    pub fn pages(self) -> Pages<T> {
        Pages::new(self.raw)
    }

    /// Reads the items of the page that this request asks for and of those that follow. See
    /// [`Items`].
    ///
    /// `list` takes the items out of a response, from the place that the operation's
    /// [`Pagination`](crate::Pagination) names.
    ///
    /// ```no_run
    /// use scorekit_core::{
    ///     Client, Error, Method, Operation, PageParameter, PageStyle, Pagination, Server,
    /// };
    ///
    /// static PAGES: Pagination =
    ///     Pagination::new(PageStyle::Offset(PageParameter::Query("offset")), &["orders"]);
    /// static SERVER: Server = Server::new("shop", "https://api.example.com");
    /// static LIST: Operation =
    ///     Operation::new("ListOrders", Method::GET, "/orders", &SERVER).pagination(&PAGES);
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Orders {
    ///     orders: Vec<String>,
    /// }
    ///
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let mut orders = client.request::<Orders>(&LIST).items(|page| page.orders);
    /// while let Some(order) = orders.next().await {
    ///     println!("{}", order?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn items<I>(self, list: impl Fn(T) -> Vec<I> + Send + Sync + 'static) -> Items<I>
    where
        T: DeserializeOwned + 'static,
    {
        Items::new(self.raw, list)
    }
}

impl Request<Bytes> {
    /// Sends the request and returns the body unchanged, for a response that is not JSON.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send), except those of decoding.
    pub async fn send_bytes(self) -> Result<Response<Bytes>, Error> {
        let response = execute(*self.raw).await?;
        let body = response.body.bytes().clone();
        Ok(Response::new(response, body))
    }
}

impl<T> Request<Vec<T>> {
    /// Sends the request and returns the list `data` of the response. A missing or `null` list is
    /// empty.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Request::send).
    pub async fn send_data_list(self) -> Result<Response<Vec<T>>, Error>
    where
        T: FromJson,
    {
        decode_data_list(execute(*self.raw).await?)
    }
}

// A derived `Clone` would require `T: Clone`.
impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            response: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = &self.raw;
        let arguments = |place| raw.plain(place).collect::<Vec<_>>();
        formatter
            .debug_struct("Request")
            .field("operation", &raw.operation.id)
            .field("method", &raw.operation.method)
            .field("path", &raw.operation.path)
            .field("path_parameters", &arguments(Place::Path))
            .field("query", &arguments(Place::Query))
            .field("headers", &arguments(Place::Header))
            .field("unchecked", &raw.unchecked_names())
            .field("body_length", &raw.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
