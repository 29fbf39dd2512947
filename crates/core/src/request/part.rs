//! Multipart bodies, which forms with files have
//! ([RFC 7578](https://www.rfc-editor.org/rfc/rfc7578)).

use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::request::style::scalar;
use crate::request::upload::Upload;

/// One part of a multipart body: a string, a file, or a value as JSON.
///
/// A file may be a stream ([`Upload`]), of which one piece is in memory at a time. A body with a
/// [one-shot stream](Upload::stream) is never retried, one with a [factory](Upload::factory) is.
/// Give every stream its [length](Upload::length) if the server rejects bodies in chunks.
///
/// ```
/// use scorekit_core::Part;
///
/// let picture = Part::new(vec![0x89, b'P', b'N', b'G'])
///     .file_name("cat.png")
///     .media_type("image/png");
/// let note = Part::from("just a text");
/// let film = scorekit_core::Upload::factory(|| {
///     futures_util::stream::iter([Ok::<_, std::io::Error>("…")])
/// });
/// let film = Part::new(film).file_name("cat.mp4").media_type("video/mp4");
/// # let _ = (picture, note, film);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    content: Upload,
    file_name: Option<String>,
    media_type: Option<String>,
}

impl Part {
    /// Creates a part with this content, without a file name and a media type.
    pub fn new(content: impl Into<Upload>) -> Self {
        Self {
            content: content.into(),
            ..Self::default()
        }
    }

    /// Sets the name of the file. Servers treat a part without one as text.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type of the content, such as `image/png`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Returns true if the content is not in memory.
    pub(crate) fn is_stream(&self) -> bool {
        self.content.bytes().is_none()
    }

    /// Sets the file name and the media type, unless they are set already.
    pub(crate) fn or_file(mut self, name: &str, media_type: &str) -> Self {
        self.file_name.get_or_insert_with(|| name.to_owned());
        self.media_type.get_or_insert_with(|| media_type.to_owned());
        self
    }

    /// Creates a part with a value as JSON.
    pub(crate) fn of_json<V: Serialize + ?Sized>(
        value: &V,
        media_type: &str,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self::new(serde_json::to_vec(value)?).media_type(media_type))
    }

    /// Creates a part for each item of a list.
    pub(crate) fn of_items<V: Serialize + ?Sized>(
        items: &V,
        media_type: Option<&str>,
    ) -> Result<Vec<Self>, serde_json::Error> {
        let items = match serde_json::to_value(items)? {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            item => vec![item],
        };
        let part = |item: &Value| match scalar(item) {
            Some(text) => Ok(Self {
                media_type: media_type.map(str::to_owned),
                ..Self::new(text)
            }),
            None => Self::of_json(item, media_type.unwrap_or("application/json")),
        };
        items.iter().map(part).collect()
    }
}

impl From<Vec<u8>> for Part {
    fn from(content: Vec<u8>) -> Self {
        Self::new(content)
    }
}

impl From<Upload> for Part {
    fn from(content: Upload) -> Self {
        Self::new(content)
    }
}

impl From<Bytes> for Part {
    fn from(content: Bytes) -> Self {
        Self::new(content)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

/// A body without parts and its media type. Browsers send only the end of it, too.
pub(crate) const NO_PARTS: (&[u8], &str) = (
    b"--scorekit-part--\r\n",
    "multipart/form-data; boundary=scorekit-part",
);

/// Returns the body of these parts and its media type. The same parts give the same bytes.
pub(crate) fn multipart(parts: &[(&'static str, Part)]) -> (Bytes, String) {
    let boundary = boundary(parts);
    let mut body = Vec::new();
    for (name, part) in parts {
        body.extend(head(&boundary, name, part));
        body.extend_from_slice(part.content.bytes().map_or(&[], |bytes| bytes));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (body.into(), media_type(&boundary))
}

/// Returns the body of parts of which some are streams.
pub(crate) fn streamed(boundary: &str, parts: &[(&'static str, Part)]) -> Upload {
    let mut uploads = Vec::with_capacity(parts.len() * 2 + 1);
    let mut text = Vec::new();
    for (name, part) in parts {
        text.extend(head(boundary, name, part));
        uploads.push(Upload::from(std::mem::take(&mut text)));
        uploads.push(part.content.clone());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    uploads.push(Upload::from(text));
    Upload::sequence(uploads)
}

/// Returns the media type of a multipart body.
pub(crate) fn media_type(boundary: &str) -> String {
    format!("multipart/form-data; boundary={boundary}")
}

/// Returns the lines before the content of a part.
fn head(boundary: &str, name: &str, part: &Part) -> Vec<u8> {
    let mut head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"",
        quoted(name)
    );
    if let Some(file_name) = &part.file_name {
        head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
    }
    if let Some(media_type) = &part.media_type {
        head.push_str("\r\ncontent-type: ");
        head.extend(media_type.chars().filter(|c| !c.is_control()));
    }
    head.push_str("\r\n\r\n");
    head.into_bytes()
}

/// Returns a boundary that no one can guess, for parts whose content is not known yet. The hashers
/// of the standard library have random keys.
pub(crate) fn random_boundary() -> String {
    let random = || RandomState::new().hash_one(0_u8);
    format!("scorekit-part-{:016x}{:016x}", random(), random())
}

/// Returns a boundary that no part contains.
fn boundary(parts: &[(&'static str, Part)]) -> String {
    let is_within = |boundary: &str| {
        let mut contents = parts.iter().filter_map(|(_, part)| part.content.bytes());
        contents.any(|content| {
            let mut windows = content.windows(boundary.len());
            windows.any(|window| window == boundary.as_bytes())
        })
    };
    let mut boundary = "scorekit-part".to_owned();
    let mut count = 0_u64;
    while is_within(&boundary) {
        count += 1;
        boundary = format!("scorekit-part-{count}");
    }
    boundary
}

/// Escapes the characters that would end a quoted name or its line, as browsers do
/// (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>).
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
