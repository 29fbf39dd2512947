//! Reads request and response bodies: JSON, lines of JSON, strings, bytes, forms and multipart
//! bodies.
//!
//! A request body with several media types gives one operation for each, because their arguments
//! differ too much for one method. JSON comes first and keeps the name of the operation.

use serde_json::{Value, json};

use super::media_type::{Kind, OCTETS, essence, is_plain_json, kind, may_be_json, one_of};
use super::{Reader, text};
use crate::document::diagnostic::Location;
use crate::document::node::{Node, Property};
use crate::generate::identifiers::snake_case;
use crate::generate::model::{BodyFormat, Parameter, StatusResponse, Stream};

/// One way to send the body of an operation.
#[derive(Default)]
pub(super) struct RequestBody<'a> {
    pub(super) media_type: String,
    pub(super) format: BodyFormat,
    pub(super) required: bool,
    /// The node of the schema, which is checked later.
    pub(super) node: Option<&'a Node>,
    pub(super) schema: Option<Value>,
    /// The fields of a form or a multipart body, which has no schema.
    pub(super) fields: Vec<(&'a Node, Parameter)>,
    /// The suffix of the operation's name, except for the first body.
    pub(super) variant: Option<String>,
}

/// The responses of an operation.
#[derive(Default)]
pub(super) struct Responses<'a> {
    pub(super) format: BodyFormat,
    /// The nodes of the schemas, which are checked later.
    pub(super) nodes: Vec<&'a Node>,
    /// The body that all successful responses have.
    pub(super) schema: Option<Value>,
    /// The media types to ask for, best first, if they differ from the usual one of the format.
    pub(super) accepted: Option<String>,
    /// The stream that the operation can return instead.
    pub(super) stream: Option<Stream>,
    /// The nodes of the schemas of streams, which are checked later.
    pub(super) stream_nodes: Vec<&'a Node>,
    /// The successful responses, if their bodies differ.
    pub(super) by_status: Vec<StatusResponse>,
    /// Every status code with its description.
    pub(super) statuses: Vec<(String, String)>,
}

impl<'a> Responses<'a> {
    /// Returns the node of the schema that all successful responses have.
    pub(super) fn node(&self) -> Option<&'a Node> {
        self.nodes
            .first()
            .copied()
            .filter(|_| self.by_status.is_empty())
    }
}

impl<'a> Reader<'a> {
    /// Reads the request body of an operation, once for each media type.
    pub(super) fn request_bodies(&mut self, operation: &'a Node) -> Vec<RequestBody<'a>> {
        let Some(body) = operation.get("requestBody").map(|body| self.resolve(body)) else {
            return Vec::new();
        };
        if self.is_unreadable(body) {
            return Vec::new();
        }
        let required = body.get("required").is_some_and(Node::is_true);
        let content = body.get("content").and_then(Node::properties);
        let mut content: Vec<(&String, &Property)> = content.into_iter().flatten().collect();
        if content.is_empty() {
            self.error(
                &body.location,
                "a request body has no `content`",
                "add `content` with a media type, or remove `requestBody`",
            );
        }
        content.sort_by_key(|(media_type, media)| {
            let is_json = self.body_kind(media_type, media) == Kind::Json;
            (!is_json, !is_plain_json(media_type))
        });
        let mut bodies: Vec<RequestBody<'a>> = Vec::new();
        let before = self.errors.len();
        let mut dropped = Vec::new();
        for (media_type, media) in content {
            let start = self.errors.len();
            let Some(mut body) = self.request_body(media_type, media) else {
                dropped.extend(self.errors.get(start..).unwrap_or_default().iter().cloned());
                continue;
            };
            body.required = required;
            // Media types that differ only in parameters are the same body. Others are not, even
            // with one schema: a JSON object may be a resource or a patch of it (RFC 7396).
            let is_known = |known: &RequestBody<'_>| {
                let is_same = essence(&known.media_type) == essence(media_type)
                    || (is_plain_json(&known.media_type) && is_plain_json(media_type));
                is_same
                    && known.format == body.format
                    && known.schema.is_some()
                    && known.schema == body.schema
            };
            if bodies.iter().any(is_known) {
                continue;
            }
            if !bodies.is_empty() {
                let essence = essence(media_type);
                let subtype = essence.rsplit('/').next().unwrap_or_default();
                body.variant = Some(snake_case(subtype, "body"));
            }
            bodies.push(body);
        }
        if self.options.uses_defaults && !bodies.is_empty() && !dropped.is_empty() {
            // One of the media types is enough to send a request.
            self.errors.truncate(before);
            for reason in dropped {
                if let Some(location) = &reason.location {
                    let assumed = "another media type is sent".to_owned();
                    self.note("", location, reason.message, assumed);
                }
            }
        }
        bodies
    }

    fn request_body(&mut self, media_type: &str, media: &'a Property) -> Option<RequestBody<'a>> {
        let mut body = RequestBody {
            media_type: media_type.to_owned(),
            ..RequestBody::default()
        };
        match self.body_kind(media_type, media) {
            Kind::Json if self.is_untyped(media) => body.schema = Some(json!({})),
            Kind::Json => {
                let schema = self.schema_of(media_type, media)?;
                body.node = Some(schema);
                body.schema = Some(schema.to_value());
            }
            Kind::JsonLines => {
                let schema = self.line_schema(media)?;
                body.format = BodyFormat::JsonLines;
                body.node = Some(schema);
                body.schema = Some(json!({ "type": "array", "items": schema.to_value() }));
            }
            Kind::Form if self.is_untyped(media) => {
                body.format = BodyFormat::Text;
                body.schema = Some(json!({ "type": "string" }));
            }
            Kind::Form | Kind::Parts => {
                body.fields = self.body_fields(media_type, media)?;
                if body.fields.is_empty() && self.options.uses_defaults {
                    self.encoded_body(media_type, media, &mut body);
                }
            }
            Kind::OtherParts if self.options.uses_defaults => {
                self.encoded_body(media_type, media, &mut body);
            }
            Kind::OtherParts => {
                self.error(
                    &media.key,
                    format!("the request body `{media_type}` is not supported"),
                    "use `multipart/form-data`",
                );
                return None;
            }
            Kind::Text | Kind::Events => {
                self.plain_schema(media_type, media)?;
                body.format = BodyFormat::Text;
                body.media_type = one_of(media_type, "text/plain");
                body.schema = Some(json!({ "type": "string" }));
            }
            Kind::Other => {
                self.plain_schema(media_type, media)?;
                body.format = BodyFormat::Bytes;
                body.media_type = one_of(media_type, OCTETS);
                body.schema = Some(json!({ "type": "string" }));
            }
        }
        Some(body)
    }

    /// Returns true if a body of a third-party document has no schema. Notes it.
    fn is_untyped(&mut self, media: &'a Property) -> bool {
        let is_untyped = self.options.uses_defaults && media.node.get("schema").is_none();
        if is_untyped {
            let message = "a body has no schema".to_owned();
            self.note(
                "",
                &media.key,
                message,
                "any value can be sent and received".to_owned(),
            );
        }
        is_untyped
    }

    /// Returns the kind of a body. For ranges that include JSON, the schema decides.
    pub(super) fn body_kind(&self, media_type: &str, media: &'a Property) -> Kind {
        let (Some(schema), true) = (media.node.get("schema"), may_be_json(media_type)) else {
            return kind(media_type);
        };
        let schema = self.resolve(schema);
        let text = |name| schema.get(name).and_then(Node::as_str);
        match (text("type"), text("format")) {
            (Some("string"), Some("binary")) => Kind::Other,
            // A string with a format, such as a date, is a JSON value.
            (Some("string"), None) if schema.get("enum").is_none() => Kind::Text,
            _ => Kind::Json,
        }
    }

    /// Returns the schema of a JSON value.
    pub(super) fn json_schema(
        &mut self,
        media_type: &str,
        media: &'a Property,
    ) -> Option<&'a Node> {
        if kind(media_type) != Kind::Json {
            self.error(
                &media.key,
                format!("the media type `{media_type}` is not supported here"),
                "use `application/json` or `application/vnd.api+json`",
            );
            return None;
        }
        self.schema_of(media_type, media)
    }

    fn schema_of(&mut self, media_type: &str, media: &'a Property) -> Option<&'a Node> {
        let schema = media.node.get("schema");
        if schema.is_none() {
            self.error(
                &media.key,
                format!("the `{media_type}` body has no schema"),
                "add `schema`",
            );
        }
        schema
    }

    /// Returns the schema of one line. Documents describe a line or the list of all lines.
    fn line_schema(&mut self, media: &'a Property) -> Option<&'a Node> {
        let Some(schema) = media.node.get("schema") else {
            self.error(
                &media.key,
                "a body of JSON lines has no schema",
                "add `schema`",
            );
            return None;
        };
        Some(self.resolve(schema).get("items").unwrap_or(schema))
    }

    /// Checks that the schema of a string body or of bytes is a string.
    fn plain_schema(&mut self, media_type: &str, media: &'a Property) -> Option<()> {
        let schema = media.node.get("schema");
        let kind = schema.map(|schema| self.kind(schema, 0));
        if matches!(kind, None | Some(Some("string"))) {
            return Some(());
        }
        // `{}` describes nothing.
        let is_open = schema
            .and_then(Node::properties)
            .is_some_and(|properties| properties.is_empty());
        if is_open {
            return Some(());
        }
        let message = format!("the media type `{media_type}` is only supported for strings");
        let help = "use `application/json`, or `type: string` for a value that the caller encodes";
        self.error_or_note(&media.key, message, [help, "the caller encodes the value"]);
        self.options.uses_defaults.then_some(())
    }

    /// Reads the responses of an operation: the bodies of successful ones, and every status code.
    pub(super) fn responses(
        &mut self,
        operation: &'a Node,
        id: &str,
        key: &Location,
    ) -> Responses<'a> {
        let mut responses = Responses::default();
        let all: Vec<(&'a String, &'a Property)> = self.mapping(operation, "responses").collect();
        // Without a 2xx status code, `default` stands for success.
        let documents_success = all.iter().any(|(status, _)| status.starts_with('2'));
        let mut successes: Vec<StatusResponse> = Vec::new();
        // JSON media types other than `application/json`, which a server need not send.
        let mut json_names: Vec<&str> = Vec::new();
        for (status, entry) in all {
            if !is_status(status) && !status.starts_with("x-") {
                let help = "write three digits, a range such as `4XX`, or `default`";
                self.error(&entry.key, format!("`{status}` is not a status code"), help);
            }
            let response = self.resolve(&entry.node);
            let description = text(response, "description");
            let entry = (status.clone(), description.clone());
            responses.statuses.push(entry);
            // The runtime reads every error body, so its schema does not matter.
            let is_success = status.starts_with('2') || (!documents_success && status == "default");
            if is_success && !self.is_unreadable(response) {
                let mut success = StatusResponse {
                    status: status.clone(),
                    description,
                    format: BodyFormat::default(),
                    schema: None,
                };
                let bodies = self.wanted_bodies(response, id, &mut responses);
                let is_plain = bodies.iter().any(|(name, _)| is_plain_json(name));
                for (media_type, media) in bodies {
                    let is_json = self.body_kind(media_type, media) == Kind::Json;
                    if is_json && !is_plain && !json_names.contains(&media_type.as_str()) {
                        json_names.push(media_type);
                    }
                    self.response(media_type, media, id, &mut success, &mut responses);
                }
                successes.push(success);
            }
        }
        self.join(successes, json_names, id, key, &mut responses);
        responses
    }

    /// Returns the bodies of a response that the operation asks for: the JSON ones if there are
    /// any. A stream next to them becomes a method of its own. Notes the others.
    fn wanted_bodies(
        &mut self,
        response: &'a Node,
        id: &str,
        responses: &mut Responses<'a>,
    ) -> Vec<(&'a String, &'a Property)> {
        let content = response.get("content").and_then(Node::properties);
        let mut content: Vec<(&String, &Property)> = content.into_iter().flatten().collect();
        // Third-party documents describe other kinds of JSON after the usual one, or before it.
        let prefers_plain = self.options.uses_defaults;
        content.sort_by_key(|(media_type, media)| {
            let kind = self.body_kind(media_type, media);
            let is_other_json = prefers_plain && !is_plain_json(media_type);
            (kind != Kind::Json, kind == Kind::Events, is_other_json)
        });
        let Some((first, media)) = content.first().copied() else {
            return content;
        };
        let wanted = self.body_kind(first, media);
        let (alike, others): (Vec<(&String, &Property)>, Vec<_>) = content
            .into_iter()
            .partition(|(media_type, media)| self.body_kind(media_type, media) == wanted);
        let stream = self.stream_beside(&others, id);
        let streamed = stream.as_ref().map(|(_, stream)| stream.format);
        if let Some((node, stream)) = stream.filter(|_| responses.stream.is_none()) {
            responses.stream_nodes.extend(node);
            responses.stream = Some(stream);
        }
        for (media_type, media) in others {
            let kind = self.body_kind(media_type, media);
            let is_streamed = match streamed {
                Some(BodyFormat::Events) => kind == Kind::Events,
                Some(_) => kind == Kind::JsonLines,
                None => false,
            };
            if is_streamed {
                continue;
            }
            let message = format!("the operation `{id}` also responds with `{media_type}`");
            let help = format!("its method asks for `{first}`");
            self.note(id, &media.key, message, help);
        }
        alike
    }

    /// Sets the one body that all successful responses have, or the list of those that differ.
    fn join(
        &mut self,
        successes: Vec<StatusResponse>,
        mut json_names: Vec<&str>,
        id: &str,
        key: &Location,
        responses: &mut Responses<'a>,
    ) {
        let Some(first) = successes.first() else {
            let message = format!("the operation `{id}` documents no successful response");
            let help = "add a response for its 2xx status code";
            self.error_or_note(key, message, [help, "a success has no typed body"]);
            return;
        };
        let is_same =
            |one: &StatusResponse| one.schema == first.schema && one.format == first.format;
        if successes.iter().all(is_same) {
            responses.format = first.format;
            responses.schema = first.schema.clone();
            if !json_names.is_empty() {
                json_names.push("application/json;q=0.9");
                responses.accepted = Some(json_names.join(", "));
            }
            return;
        }
        let is_events = |one: &&StatusResponse| one.format == BodyFormat::Events;
        if let Some(events) = successes.iter().find(is_events) {
            let is_other =
                |one: &StatusResponse| one.schema.is_some() && one.schema != events.schema;
            if successes.iter().any(is_other) {
                let message =
                    format!("only some successful responses of the operation `{id}` are events");
                let help = "another success is an error".to_owned();
                self.note(id, key, message, help);
            }
            responses.format = BodyFormat::Events;
            responses.schema = events.schema.clone();
            responses.nodes.clear();
            return;
        }
        let is_bytes = |one: &StatusResponse| one.format == BodyFormat::Bytes;
        if successes.iter().any(is_bytes) && self.options.uses_defaults {
            let message =
                format!("only some successful responses of the operation `{id}` are bytes");
            self.note(
                id,
                key,
                message,
                "the body of every success is read as bytes".to_owned(),
            );
            responses.format = BodyFormat::Bytes;
            responses.schema = Some(json!({ "type": "string" }));
            responses.nodes.clear();
            let mut names: Vec<String> = json_names.iter().map(|name| (*name).to_owned()).collect();
            names.push("*/*".to_owned());
            responses.accepted = Some(names.join(", "));
            return;
        }
        if successes.iter().any(is_bytes) {
            let message =
                format!("only some successful responses of the operation `{id}` are bytes");
            let help = "document the status code that occurs, or describe the bytes as a string";
            self.error(key, message, help);
        }
        responses.by_status = successes;
    }

    /// Reads one body of a successful response.
    fn response(
        &mut self,
        media_type: &str,
        media: &'a Property,
        id: &str,
        success: &mut StatusResponse,
        responses: &mut Responses<'a>,
    ) {
        let (format, node, schema) = match self.body_kind(media_type, media) {
            Kind::Json if self.is_untyped(media) => (BodyFormat::Json, None, json!({})),
            Kind::Json => match self.schema_of(media_type, media) {
                Some(schema) => (BodyFormat::Json, Some(schema), schema.to_value()),
                None => return,
            },
            Kind::JsonLines => match self.line_schema(media) {
                Some(schema) => {
                    let list = json!({ "type": "array", "items": schema.to_value() });
                    (BodyFormat::JsonLines, Some(schema), list)
                }
                None => return,
            },
            Kind::Events => {
                let (node, schema) = self.event_data(media, id);
                responses.stream_nodes.extend(node);
                (BodyFormat::Events, None, schema)
            }
            Kind::Text => (BodyFormat::Text, None, json!({ "type": "string" })),
            Kind::Form | Kind::Parts | Kind::OtherParts | Kind::Other => {
                (BodyFormat::Bytes, None, json!({ "type": "string" }))
            }
        };
        match &success.schema {
            None => {
                success.format = format;
                success.schema = Some(schema);
                responses.nodes.extend(node);
            }
            Some(first) if success.format == format && *first == schema => {}
            Some(_) => {
                let message = format!(
                    "the operation `{id}` has several kinds of body for the status code {}",
                    success.status
                );
                let help = "use the same schema for every media type of a status code";
                self.error_or_note(&media.key, message, [help, "the first one is read"]);
            }
        }
    }
}

/// Returns true if a key of `responses` is a status code, a range of them or `default`.
pub(in crate::generate) fn is_status(status: &str) -> bool {
    let is_range = |digits: &str| digits.len() == 1 && matches!(digits.as_bytes(), [b'1'..=b'5']);
    status == "default"
        || status.strip_suffix("XX").is_some_and(is_range)
        || (status.len() == 3
            && matches!(status.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']))
}
