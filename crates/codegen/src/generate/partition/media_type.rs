//! Classifies media types.

/// The media type of bytes without a documented one
/// (<https://spec.openapis.org/oas/v3.0.3#encoding-object>, `contentType`).
pub(super) const OCTETS: &str = "application/octet-stream";

/// The kind of body that a media type stands for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Json,
    JsonLines,
    /// Events of a server, which arrive one by one.
    Events,
    Form,
    Parts,
    /// A multipart type other than `multipart/form-data`, which clients do not send.
    OtherParts,
    Text,
    /// Anything else.
    Other,
}

pub(super) fn kind(media_type: &str) -> Kind {
    match essence(media_type).as_str() {
        "application/json" | "*/*" => Kind::Json,
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonl"
        | "application/json-lines"
        | "application/jsonlines"
        | "application/x-jsonlines"
        | "application/stream+json"
        | "application/x-json-stream"
        | "application/json-seq" => Kind::JsonLines,
        sequence if sequence.ends_with("+json-seq") => Kind::JsonLines,
        "text/event-stream" => Kind::Events,
        "application/x-www-form-urlencoded" => Kind::Form,
        json if json.starts_with("application/") && json.ends_with("+json") => Kind::Json,
        "multipart/form-data" => Kind::Parts,
        parts if parts.starts_with("multipart/") => Kind::OtherParts,
        text if text.starts_with("text/") => Kind::Text,
        _ => Kind::Other,
    }
}

/// Returns the media type without its parameters
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1>).
pub(super) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns true if JSON of this media type is sent as `application/json`. A range does not name a
/// media type.
pub(super) fn is_plain_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json" || essence.contains('*')
}

/// Returns true if it is a range that holds `application/json` and types other than JSON.
pub(super) fn may_be_json(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), "*/*" | "application/*")
}

/// Returns true if it stands for more than one media type: it is a list of them, or a range.
pub(super) fn is_range(media_type: &str) -> bool {
    media_type.contains([',', '*'])
}

/// Returns the media type that a body is sent as. No body has a range as its type, so `usual`
/// replaces it.
pub(super) fn one_of(media_type: &str, usual: &str) -> String {
    let name = if is_range(media_type) {
        usual
    } else {
        media_type
    };
    name.to_owned()
}
