//! The trait that all requests share.

use std::fmt::Display;
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{CallOptions, Error, Operation, Request, Response};

/// A request of any operation, for programs that are generic over operations.
///
/// [`Request`] and all request types of generated clients implement it. It also adds what an API
/// document does not list: the methods whose names end in `_unchecked`.
///
/// ```no_run
/// use scorekit_core::{ApiRequest, CallOptions, Error, Response};
/// use std::time::Duration;
///
/// /// Sends any request with a short timeout, and says what it sends.
/// async fn send_fast<R: ApiRequest>(request: R) -> Result<Response<R::Response>, Error> {
///     println!("{} {}", request.operation().method, request.path()?);
///     let options = CallOptions::new().timeout(Duration::from_secs(5));
///     request.with(options).send().await
/// }
/// # async fn example(request: scorekit_core::Request<scorekit_core::Value>) -> Result<(), Error> {
/// send_fast(request.query_unchecked("include_archived", true)).await?;
/// # Ok(())
/// # }
/// ```
///
/// A request type may have a setter of the same name as one of these methods, such as `path`. The
/// setter then wins; `ApiRequest::path(&request)` calls the method.
pub trait ApiRequest: Sized + Send {
    /// The type that the response decodes into.
    type Response;

    /// Returns the request of the runtime within this one.
    fn as_request(&self) -> &Request<Self::Response>;

    /// Changes the request of the runtime within this one.
    fn map_request(
        self,
        change: impl FnOnce(Request<Self::Response>) -> Request<Self::Response>,
    ) -> Self;

    /// Sends the request. See [`Request::send`] for details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Request::send`].
    fn send(self) -> impl Future<Output = Result<Response<Self::Response>, Error>> + Send;

    /// Returns the operation: its id, its method, and its path as a template.
    fn operation(&self) -> &'static Operation {
        self.as_request().raw.operation
    }

    /// Returns the path with the values of its parameters, escaped, such as `/rules/a%2Fb`. It
    /// begins with a slash and has neither the server's address nor the query.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if a parameter has
    /// no value, or an argument of the request is wrong.
    fn path(&self) -> Result<String, Error> {
        self.as_request().raw.filled_path()
    }

    /// Sets options for this call only, such as timeouts and retries.
    #[must_use = "a request does nothing until it is sent"]
    fn with(self, options: CallOptions) -> Self {
        self.map_request(|request| request.options(options))
    }

    /// Adds a query parameter without a check against the document. See
    /// [`Request::query_unchecked`].
    #[must_use = "a request does nothing until it is sent"]
    fn query_unchecked(self, name: &str, value: impl Display) -> Self {
        self.map_request(|request| request.query_unchecked(name, value))
    }

    /// Sets a header without a check against the document. See [`Request::header_unchecked`].
    #[must_use = "a request does nothing until it is sent"]
    fn header_unchecked(self, name: &str, value: impl Display) -> Self {
        self.map_request(|request| request.header_unchecked(name, value))
    }

    /// Sets a property of the JSON body without a check against the document. See
    /// [`Request::body_unchecked`].
    #[must_use = "a request does nothing until it is sent"]
    fn body_unchecked<V: Serialize + ?Sized>(self, place: &str, value: &V) -> Self {
        self.map_request(|request| request.body_unchecked(place, value))
    }
}

impl<T: DeserializeOwned> ApiRequest for Request<T> {
    type Response = T;

    fn as_request(&self) -> &Request<T> {
        self
    }

    fn map_request(self, change: impl FnOnce(Request<T>) -> Request<T>) -> Self {
        change(self)
    }

    fn send(self) -> impl Future<Output = Result<Response<T>, Error>> + Send {
        Request::send(self)
    }
}

impl<T> Request<T> {
    /// Adds a query parameter that the API document does not list. Name and value are escaped.
    ///
    /// Each call adds a pair, so that a name can repeat. A documented parameter of the same name is
    /// not sent. The parameters by which a list pages are the exception: a later value replaces the
    /// earlier one, and the list begins there.
    ///
    /// A name that carries a credential of the operation is rejected.
    ///
    /// ```no_run
    /// # use scorekit_core::{Error, Request, Value};
    /// # async fn example(request: Request<Value>) -> Result<(), Error> {
    /// request.query_unchecked("expand[]", "owner").query_unchecked("beta", true).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query_unchecked(mut self, name: &str, value: impl Display) -> Self {
        self.raw.add_unchecked_query(name, &value);
        self
    }

    /// Sets a header that the API document does not list; a later value replaces an earlier one. It
    /// wins over all headers that the client sets otherwise, such as `Accept`.
    ///
    /// The call rejects names that carry credentials: `Authorization`, `Cookie`,
    /// `Proxy-Authorization` and the operation's own. It also rejects names that belong to the
    /// connection (such as `Host`, `Content-Length`, `Content-Encoding` and `Accept-Encoding`), and
    /// values with control characters. `Debug` does not show the value.
    pub fn header_unchecked(mut self, name: &str, value: impl Display) -> Self {
        self.raw.set_unchecked_header(name, &value);
        self
    }

    /// Sets a property of the JSON body that the API document does not list.
    ///
    /// `place` is the name of a property of the body, or a JSON pointer
    /// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) if it begins with a slash:
    /// `/data/attributes/new`. Missing objects on the way are added. A property or an element that
    /// exists is replaced, and the rest of the body stays as it is.
    ///
    /// [`send`](Request::send) rejects the request if its body is not a JSON object. It also
    /// rejects a pointer through a string, number or boolean, or to an element that does not exist.
    /// The order of calls does not matter: the body may be set later.
    ///
    /// ```no_run
    /// # use scorekit_core::{Error, Request, Value};
    /// # async fn example(request: Request<Value>) -> Result<(), Error> {
    /// request.body_unchecked("/data/attributes/priority", "high").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn body_unchecked<V: Serialize + ?Sized>(mut self, place: &str, value: &V) -> Self {
        self.raw.set_unchecked_property(place, value);
        self
    }
}

/// Implements [`ApiRequest`] for a request type of a generated client: a structure around a
/// [`Request`], whose method `$send` sends it.
#[doc(hidden)]
#[macro_export]
macro_rules! api_request {
    ($request:ty, $response:ty, $send:ident $(,)?) => {
        impl $crate::ApiRequest for $request {
            type Response = $response;

            #[inline]
            fn as_request(&self) -> &$crate::Request<$response> {
                &self.0
            }

            fn map_request(
                self,
                change: impl ::core::ops::FnOnce(
                    $crate::Request<$response>,
                ) -> $crate::Request<$response>,
            ) -> Self {
                Self(change(self.0))
            }

            #[inline]
            fn send(
                self,
            ) -> impl ::core::future::Future<
                Output = ::core::result::Result<$crate::Response<$response>, $crate::Error>,
            > + ::core::marker::Send {
                self.0.$send()
            }
        }
    };
}
