//! Reads the bodies of requests and of answers: JSON, lines of JSON, text, bytes, forms and parts.
//!
//! A request body of several media types becomes an operation for each: what they take differs too much for one method.
//! JSON comes first, and has the operation's own name.

use serde_json::{Value, json};

use super::media_type::{Kind, OCTETS, essence, is_plain_json, kind, may_be_json, one_of};
use super::{Reader, text};
use crate::document::diagnostic::Location;
use crate::document::node::{Member, Node};
use crate::generate::identifiers::snake_case;
use crate::generate::model::{BodyFormat, Parameter, StatusAnswer};

/// One way to send the body of an operation.
#[derive(Default)]
pub(super) struct RequestBody<'a> {
    pub(super) media_type: String,
    pub(super) format: BodyFormat,
    pub(super) required: bool,
    /// The node of the schema, to be checked.
    pub(super) node: Option<&'a Node>,
    pub(super) schema: Option<Value>,
    /// What stands in its place where the body is a form or has parts.
    pub(super) fields: Vec<(&'a Node, Parameter)>,
    /// Part of the operation's name, but for the first.
    pub(super) variant: Option<String>,
}

/// What an operation answers.
#[derive(Default)]
pub(super) struct Answers<'a> {
    pub(super) format: BodyFormat,
    /// The nodes of the schemas, to be checked.
    pub(super) nodes: Vec<&'a Node>,
    /// The body that all successes have.
    pub(super) schema: Option<Value>,
    /// The media types to ask for, best first, where they are others than the format's own.
    pub(super) accepted: Option<String>,
    /// The bodies of successes that differ.
    pub(super) by_status: Vec<StatusAnswer>,
    /// Every status with its description.
    pub(super) statuses: Vec<(String, String)>,
}

impl<'a> Answers<'a> {
    /// The schema that all successes have.
    pub(super) fn node(&self) -> Option<&'a Node> {
        self.nodes
            .first()
            .copied()
            .filter(|_| self.by_status.is_empty())
    }
}

impl<'a> Reader<'a> {
    /// Every way to send the body of an operation; none if it has no body.
    pub(super) fn request_bodies(&mut self, operation: &'a Node) -> Vec<RequestBody<'a>> {
        let Some(body) = operation.get("requestBody").map(|body| self.resolve(body)) else {
            return Vec::new();
        };
        let required = body.get("required").is_some_and(Node::is_true);
        let content = body.get("content").and_then(Node::members);
        let mut content: Vec<(&String, &Member)> = content.into_iter().flatten().collect();
        if content.is_empty() {
            self.error(
                &body.location,
                "a request body says nothing of its content",
                "add `content` with a media type, or leave `requestBody` out",
            );
        }
        content.sort_by_key(|(media_type, member)| {
            let is_json = self.body_kind(media_type, member) == Kind::Json;
            (!is_json, !is_plain_json(media_type))
        });
        let mut bodies: Vec<RequestBody<'a>> = Vec::new();
        for (media_type, member) in content {
            let Some(mut body) = self.request_body(media_type, member) else {
                continue;
            };
            body.required = required;
            // The same with other parameters. A body of the same schema in another media type is something else: a
            // JSON object may stand for a thing, or for what is to be changed of it (RFC 7396).
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
        bodies
    }

    fn request_body(&mut self, media_type: &str, member: &'a Member) -> Option<RequestBody<'a>> {
        let mut body = RequestBody {
            media_type: media_type.to_owned(),
            ..RequestBody::default()
        };
        match self.body_kind(media_type, member) {
            Kind::Json => {
                let schema = self.schema_of(media_type, member)?;
                body.node = Some(schema);
                body.schema = Some(schema.to_value());
            }
            Kind::JsonLines => {
                let schema = self.line_schema(member)?;
                body.format = BodyFormat::JsonLines;
                body.node = Some(schema);
                body.schema = Some(json!({ "type": "array", "items": schema.to_value() }));
            }
            Kind::Form | Kind::Parts => {
                body.fields = self.body_fields(media_type, member)?;
            }
            Kind::OtherParts => {
                self.error(
                    &member.key,
                    format!("a body that is `{media_type}` is not supported"),
                    "use `multipart/form-data`, the one whose parts are the members of an object",
                );
                return None;
            }
            Kind::Text => {
                self.plain_schema(media_type, member)?;
                body.format = BodyFormat::Text;
                body.media_type = one_of(media_type, "text/plain");
                body.schema = Some(json!({ "type": "string" }));
            }
            Kind::Other => {
                self.plain_schema(media_type, member)?;
                body.format = BodyFormat::Bytes;
                body.media_type = one_of(media_type, OCTETS);
                body.schema = Some(json!({ "type": "string" }));
            }
        }
        Some(body)
    }

    /// What a body is. Of ranges that hold JSON and much else the schema says which it is.
    fn body_kind(&self, media_type: &str, member: &'a Member) -> Kind {
        let (Some(schema), true) = (member.node.get("schema"), may_be_json(media_type)) else {
            return kind(media_type);
        };
        let schema = self.resolve(schema);
        let text = |name| schema.get(name).and_then(Node::as_str);
        match (text("type"), text("format")) {
            (Some("string"), Some("binary")) => Kind::Other,
            // A text of a certain form, such as a date, is one value among others, which servers write as JSON.
            (Some("string"), None) if schema.get("enum").is_none() => Kind::Text,
            _ => Kind::Json,
        }
    }

    /// The schema of a value that is JSON.
    pub(super) fn json_schema(&mut self, media_type: &str, member: &'a Member) -> Option<&'a Node> {
        if kind(media_type) != Kind::Json {
            self.error(
                &member.key,
                format!("the media type `{media_type}` is not supported here"),
                "use `application/json` or `application/vnd.api+json`",
            );
            return None;
        }
        self.schema_of(media_type, member)
    }

    fn schema_of(&mut self, media_type: &str, member: &'a Member) -> Option<&'a Node> {
        let schema = member.node.get("schema");
        if schema.is_none() {
            self.error(
                &member.key,
                format!("the `{media_type}` body has no schema"),
                "add `schema`",
            );
        }
        schema
    }

    /// The schema of one line: documents describe the lines, or the list of all.
    fn line_schema(&mut self, member: &'a Member) -> Option<&'a Node> {
        let Some(schema) = member.node.get("schema") else {
            self.error(&member.key, "a body of lines has no schema", "add `schema`");
            return None;
        };
        Some(self.resolve(schema).get("items").unwrap_or(schema))
    }

    /// A text, or bytes: anything else that a schema may describe has no form in this media type.
    fn plain_schema(&mut self, media_type: &str, member: &'a Member) -> Option<()> {
        let schema = member.node.get("schema");
        let kind = schema.map(|schema| self.kind(schema, 0));
        if matches!(kind, None | Some(Some("string"))) {
            return Some(());
        }
        // `{}` says nothing.
        let is_open = schema
            .and_then(Node::members)
            .is_some_and(|members| members.is_empty());
        if is_open {
            return Some(());
        }
        self.error(
            &member.key,
            format!("the media type `{media_type}` is not supported for a value that is no text"),
            "use `application/json`, or `type: string` for a text that the caller writes",
        );
        None
    }

    /// The body of a success, and every status.
    pub(super) fn responses(
        &mut self,
        operation: &'a Node,
        id: &str,
        key: &Location,
    ) -> Answers<'a> {
        let mut answers = Answers::default();
        let all: Vec<(&'a String, &'a Member)> = self.mapping(operation, "responses").collect();
        // Where nothing else is a success, `default` is.
        let documents_success = all.iter().any(|(status, _)| status.starts_with('2'));
        let mut successes: Vec<StatusAnswer> = Vec::new();
        // JSON that is documented under other names alone: a server need not answer anything else.
        let mut json_names: Vec<&str> = Vec::new();
        for (status, member) in all {
            if !is_status(status) && !status.starts_with("x-") {
                let help = "write three digits, a range such as `4XX`, or `default`";
                self.error(&member.key, format!("`{status}` is no status"), help);
            }
            let response = self.resolve(&member.node);
            let description = text(response, "description");
            answers.statuses.push((status.clone(), description.clone()));
            let is_success = status.starts_with('2') || (!documents_success && status == "default");
            if !is_success {
                // Error bodies are the runtime's business, whatever their shape.
                continue;
            }
            let mut success = StatusAnswer {
                status: status.clone(),
                description,
                format: BodyFormat::default(),
                schema: None,
            };
            let content = response.get("content").and_then(Node::members);
            let mut content: Vec<(&String, &Member)> = content.into_iter().flatten().collect();
            // A client says what it takes: of several media types it asks for JSON.
            content.sort_by_key(|(media_type, member)| {
                self.body_kind(media_type, member) != Kind::Json
            });
            let wanted = content.first().map_or(Kind::Other, |(media_type, member)| {
                self.body_kind(media_type, member)
            });
            let (alike, others): (Vec<(&String, &Member)>, Vec<_>) = content
                .into_iter()
                .partition(|(media_type, member)| self.body_kind(media_type, member) == wanted);
            if let Some((first, _)) = alike.first() {
                for (media_type, member) in others {
                    let message = format!("the operation `{id}` answers `{media_type}`, too");
                    let help = format!("its method asks for `{first}`");
                    self.note(id, &member.key, message, help);
                }
            }
            if wanted == Kind::Json && !alike.iter().any(|(name, _)| is_plain_json(name)) {
                for (name, _) in &alike {
                    if !json_names.contains(&name.as_str()) {
                        json_names.push(name);
                    }
                }
            }
            for (media_type, member) in alike {
                self.answer(media_type, member, id, &mut success, &mut answers.nodes);
            }
            successes.push(success);
        }
        let Some(first) = successes.first() else {
            let message = format!("the operation `{id}` documents no success");
            self.error(key, message, "add a response for its 2xx status");
            return answers;
        };
        let is_same = |one: &StatusAnswer| one.schema == first.schema && one.format == first.format;
        if successes.iter().all(is_same) {
            answers.format = first.format;
            answers.schema = first.schema.clone();
            if !json_names.is_empty() {
                json_names.push("application/json;q=0.9");
                answers.accepted = Some(json_names.join(", "));
            }
        } else {
            let is_bytes = |one: &StatusAnswer| one.format == BodyFormat::Bytes;
            if successes.iter().any(is_bytes) {
                let message = format!(
                    "the operation `{id}` answers bytes with one status and something else with another"
                );
                let help = "document the one that happens, or describe the bytes as a text";
                self.error(key, message, help);
            }
            answers.by_status = successes;
        }
        answers
    }

    /// Takes note of one body of a success.
    fn answer(
        &mut self,
        media_type: &str,
        member: &'a Member,
        id: &str,
        success: &mut StatusAnswer,
        nodes: &mut Vec<&'a Node>,
    ) {
        let (format, node, schema) = match self.body_kind(media_type, member) {
            Kind::Json => match self.schema_of(media_type, member) {
                Some(schema) => (BodyFormat::Json, Some(schema), schema.to_value()),
                None => return,
            },
            Kind::JsonLines => match self.line_schema(member) {
                Some(schema) => {
                    let list = json!({ "type": "array", "items": schema.to_value() });
                    (BodyFormat::JsonLines, Some(schema), list)
                }
                None => return,
            },
            Kind::Text => (BodyFormat::Text, None, json!({ "type": "string" })),
            Kind::Form | Kind::Parts | Kind::OtherParts | Kind::Other => {
                (BodyFormat::Bytes, None, json!({ "type": "string" }))
            }
        };
        match &success.schema {
            None => {
                success.format = format;
                success.schema = Some(schema);
                nodes.extend(node);
            }
            Some(first) if success.format == format && *first == schema => {}
            Some(_) => {
                let message = format!(
                    "the operation `{id}` answers {} with several kinds of body",
                    success.status
                );
                let help = "give every media type of one status the same schema";
                self.error(&member.key, message, help);
            }
        }
    }
}

fn is_status(status: &str) -> bool {
    let is_range = |digits: &str| digits.len() == 1 && matches!(digits.as_bytes(), [b'1'..=b'5']);
    status == "default"
        || status.strip_suffix("XX").is_some_and(is_range)
        || (status.len() == 3
            && matches!(status.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']))
}
