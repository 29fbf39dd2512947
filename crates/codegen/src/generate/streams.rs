//! The part of the model about responses that are read as they arrive.

use serde::Serialize;
use serde_json::Value;

use super::model::{BodyFormat, Operation};

impl Operation {
    /// Returns the schemas of its responses, except those that differ by status code.
    pub fn response_schemas(&self) -> impl Iterator<Item = &Value> {
        let streamed = self.stream.iter().map(|stream| &stream.schema);
        self.response_body.iter().chain(streamed)
    }

    /// Returns true if the request has a method `stream` in addition to `send`.
    pub fn has_stream_method(&self) -> bool {
        let is_streamable = matches!(
            self.response_format,
            BodyFormat::JsonLines | BodyFormat::Bytes
        );
        self.stream.is_some() || (is_streamable && self.responses.is_empty())
    }
}

/// A stream that an operation can return instead of its response body.
#[derive(Clone, Debug, Serialize)]
pub struct Stream {
    /// The format: events or lines.
    pub format: BodyFormat,
    /// The media type, as the document writes it.
    pub media_type: String,
    /// The schema of the data of an event, or of a line.
    pub schema: Value,
    /// The name under which progenitor reads its type; lowering sets it.
    pub method_name: String,
}
