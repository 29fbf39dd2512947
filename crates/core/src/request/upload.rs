//! Request bodies of bytes, in memory or as a stream, and of lines.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt;
use http_body::{Body, Frame, SizeHint};
use serde::Serialize;

use crate::response::lines::RECORD;
use crate::{Error, Request};

/// The error of a caller's stream.
type BoxError = Box<dyn StdError + Send + Sync>;

/// The pieces of a request body.
type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// A request body of bytes: in memory, or a stream of which one piece is in memory at a time.
///
/// Everything that converts into [`Bytes`] converts into it. Requests with such a body are retried
/// like any other. A [`Part`](crate::Part) of a multipart body may be a stream, too.
///
/// A [stream](Upload::stream) can be sent once, so such a request is never retried. A
/// [factory](Upload::factory) creates a stream for each attempt, so retries follow the
/// [`RetryPolicy`](crate::RetryPolicy). Neither is compressed. The time limits of the call and its
/// attempts include the upload: raise them for a long one.
///
/// ```
/// use futures_util::stream;
/// use scorekit_core::{Bytes, Upload};
///
/// let in_memory = Upload::from("id,name\n1,a\n");
/// let pieces = stream::iter(["id,name\n", "1,a\n"].map(Ok::<_, std::io::Error>));
/// let once = Upload::stream(pieces).length(12);
/// let again = Upload::factory(|| stream::iter([Ok::<_, std::io::Error>("id,name\n")]));
/// # let _ = (in_memory, once, again, Bytes::new());
/// ```
#[derive(Clone)]
#[must_use = "an upload does nothing until it is given to a request"]
#[doc(alias = "file")]
#[doc(alias = "stream")]
pub struct Upload {
    source: Source,
    length: Option<u64>,
}

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    /// A stream, until it is sent. Clones share it.
    Once(Arc<Mutex<Option<Pieces>>>),
    Factory(Arc<dyn Fn() -> Pieces + Send + Sync>),
    /// Bodies that follow each other: a multipart body with streams in it.
    Sequence(Arc<[Upload]>),
}

impl Upload {
    /// Creates a body from a stream that can be sent once.
    ///
    /// A request with it is never retried, whatever its [`RetryPolicy`](crate::RetryPolicy). Clones
    /// of the request share the stream: the first that is sent takes it, and another one fails with
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
    ///
    /// An error of the stream ends the call with an error of the same cause.
    pub fn stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        let pieces = Mutex::new(Some(pieces(stream)));
        Self::of(Source::Once(Arc::new(pieces)))
    }

    /// Creates a body from a function that creates a stream for each attempt, such as one that
    /// opens a file.
    pub fn factory<S, B, E>(open: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        Self::of(Source::Factory(Arc::new(move || pieces(open()))))
    }

    /// Creates a body from several that follow each other.
    pub(crate) fn sequence(uploads: Vec<Self>) -> Self {
        let length = uploads.iter().map(Self::known_length).sum();
        Self {
            length,
            ..Self::of(Source::Sequence(uploads.into()))
        }
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            length: None,
        }
    }

    /// Returns the number of bytes, if it is known.
    fn known_length(&self) -> Option<u64> {
        match self.bytes() {
            Some(bytes) => u64::try_from(bytes.len()).ok(),
            None => self.length,
        }
    }

    /// Sets the number of bytes of a stream, which is then announced (`Content-Length`). Otherwise
    /// the body is sent in chunks, which some servers reject.
    ///
    /// A stream with another number of bytes ends the call with an error. Bytes in memory know
    /// their length, so it has no effect on them.
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// Returns the bytes, if they are in memory.
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns true if it can be sent once only.
    pub(crate) fn is_once(&self) -> bool {
        match &self.source {
            Source::Once(_) => true,
            Source::Sequence(uploads) => uploads.iter().any(Self::is_once),
            Source::Bytes(_) | Source::Factory(_) => false,
        }
    }

    /// Returns the reason why it cannot be sent, if there is one.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match &self.source {
            Source::Once(pieces) if lock(pieces).is_none() => Some(
                "the request body is a stream that was sent before; create another request, or \
                 use Upload::factory",
            ),
            Source::Sequence(uploads) => uploads.iter().find_map(Self::problem),
            _ => None,
        }
    }

    /// Starts the body for an attempt. Returns it with the place of its error.
    pub(crate) fn open(&self) -> Result<(UploadBody, UploadFailure), Error> {
        let pieces = self
            .pieces()
            .ok_or_else(|| Error::invalid_request(self.problem().unwrap_or_default()))?;
        let failure = UploadFailure::default();
        let body = UploadBody {
            pieces: Mutex::new(pieces),
            left: self.length,
            failure: failure.clone(),
        };
        Ok((body, failure))
    }

    /// Starts the stream of the bytes; `None` if it was sent before.
    fn pieces(&self) -> Option<Pieces> {
        Some(match &self.source {
            Source::Bytes(bytes) => {
                let piece = Ok(bytes.clone());
                pieces(futures_util::stream::iter([piece as Result<_, io::Error>]))
            }
            Source::Once(pieces) => lock(pieces).take()?,
            Source::Factory(open) => open(),
            Source::Sequence(_) if self.problem().is_some() => return None,
            Source::Sequence(uploads) => {
                // Each starts when it is its turn, so that one file is open at a time.
                let uploads: Vec<Self> = uploads.to_vec();
                let started = futures_util::stream::iter(uploads).flat_map(|upload| {
                    upload.pieces().unwrap_or_else(|| {
                        let error = upload.problem().unwrap_or_default();
                        Box::pin(futures_util::stream::iter([Err(error.into())]))
                    })
                });
                Box::pin(started)
            }
        })
    }
}

impl Default for Upload {
    /// Creates an empty body.
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

/// Streams are equal if one is a clone of the other.
impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.source, &other.source) {
            (Source::Bytes(own), Source::Bytes(other)) => own == other,
            (Source::Once(own), Source::Once(other)) => Arc::ptr_eq(own, other),
            (Source::Factory(own), Source::Factory(other)) => {
                std::ptr::addr_eq(Arc::as_ptr(own), Arc::as_ptr(other))
            }
            (Source::Sequence(own), Source::Sequence(other)) => own == other,
            _ => false,
        };
        is_same && self.length == other.length
    }
}

impl Eq for Upload {}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pieces<S, B, E>(stream: S) -> Pieces
where
    S: Stream<Item = Result<B, E>> + Send + 'static,
    B: Into<Bytes> + 'static,
    E: Into<BoxError> + 'static,
{
    Box::pin(stream.map(|piece| piece.map(Into::into).map_err(Into::into)))
}

macro_rules! from_bytes {
    ($($ty:ty),+ $(,)?) => {
        $(
            impl From<$ty> for Upload {
                fn from(bytes: $ty) -> Self {
                    Self::of(Source::Bytes(bytes.into()))
                }
            }
        )+
    };
}

// The types that convert into `Bytes`.
from_bytes!(Bytes, BytesMut, Vec<u8>, Box<[u8]>, String, &'static [u8],);

impl From<&str> for Upload {
    /// Copies the text.
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Upload {
    /// Copies the text.
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Debug for Upload {
    /// Shows the length and not the content.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, length) = match &self.source {
            Source::Bytes(bytes) => ("bytes", u64::try_from(bytes.len()).ok()),
            Source::Once(_) => ("stream", self.length),
            Source::Factory(_) => ("factory", self.length),
            Source::Sequence(_) => ("sequence", self.length),
        };
        formatter
            .debug_struct("Upload")
            .field("kind", &kind)
            .field("length", &length)
            .finish()
    }
}

/// The error of a caller's stream, if it had one.
#[derive(Clone, Default)]
pub(crate) struct UploadFailure(Arc<Mutex<Option<BoxError>>>);

impl UploadFailure {
    pub(crate) fn take(&self) -> Option<BoxError> {
        lock(&self.0).take()
    }
}

/// The body of one attempt.
pub(crate) struct UploadBody {
    /// Never locked: it makes the stream usable from the threads of the connection pool.
    pieces: Mutex<Pieces>,
    /// The number of announced bytes that are still to come.
    left: Option<u64>,
    failure: UploadFailure,
}

impl UploadBody {
    /// Stores the error of the caller's stream, which the HTTP library would hide.
    fn fail(&self, error: BoxError) -> io::Error {
        *lock(&self.failure.0) = Some(error);
        io::Error::other("the stream of the request body failed")
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let pieces = self
            .pieces
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let piece = match ready!(pieces.as_mut().poll_next(context)) {
            Some(Ok(piece)) => Some(piece),
            Some(Err(error)) => return Poll::Ready(Some(Err(self.fail(error)))),
            None => None,
        };
        let left = self.left.map(|left| {
            let length = piece.as_ref().map_or(0, Bytes::len);
            (
                left,
                left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)),
            )
        });
        let problem = match (left, &piece) {
            (Some((_, None)), _) => Some("it has more bytes than Upload::length"),
            (Some((1.., _)), None) => Some("it has fewer bytes than Upload::length"),
            _ => None,
        };
        if let Some(problem) = problem {
            return Poll::Ready(Some(Err(self.fail(problem.into()))));
        }
        self.left = left.and_then(|(_, left)| left);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl<T> Request<T> {
    /// Sets a body of bytes, which may be a stream. See [`Upload`].
    pub fn upload(mut self, media_type: &'static str, body: impl Into<Upload>) -> Self {
        let upload = body.into();
        match upload.bytes() {
            Some(bytes) => self.raw.set_content(media_type, bytes.clone()),
            None => self.raw.set_upload(media_type, upload),
        }
        self
    }

    /// Sets a body of JSON values, one per line. Each follows a record separator if the media type
    /// is that of a JSON text sequence ([RFC 7464](https://www.rfc-editor.org/rfc/rfc7464)).
    pub fn json_lines<V: Serialize>(
        mut self,
        media_type: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let is_sequence = media_type.contains("json-seq");
        let mut body = Vec::new();
        for value in values {
            if is_sequence {
                body.push(RECORD);
            }
            if let Err(error) = serde_json::to_writer(&mut body, &value) {
                self.raw.set_body(Err(error));
                return self;
            }
            body.push(b'\n');
        }
        self.raw.set_content(media_type, body.into());
        self
    }
}
