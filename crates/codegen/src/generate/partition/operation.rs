//! Reads the operations of the document: parameters, bodies, statuses.

use super::body::RequestBody;
use super::media_type::is_plain_json;
use super::server::template_names;
use super::{Read, Reader, text};
use crate::document::diagnostic::Diagnostic;
use crate::document::node::{Member, Node};
use crate::document::references;
use crate::generate::LeftOut;
use crate::generate::model::{BodyFormat, Operation};

const PATH_ITEM_KEYS: [&str; 4] = ["description", "parameters", "servers", "summary"];
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// How many characters of a resource's name count: it names files, and systems have no room for more.
const LONGEST_RESOURCE: usize = 80;

impl<'a> Reader<'a> {
    /// Every operation with its tag and the schemas it refers to, in document order.
    pub(super) fn operations(&mut self) -> Vec<Read> {
        let mut operations = Vec::new();
        for (path, item) in self.mapping(self.document, "paths") {
            if path.starts_with("x-") {
                continue;
            }
            let before = self.errors.len();
            if let Some(wrong) = wrong_with_path(path) {
                let help = "write it as `/orders/{order_id}`, without a query";
                self.error(&item.key, format!("the path `{path}` {wrong}"), help);
            }
            if item.node.members().is_none() {
                self.error(
                    &item.node.location,
                    "a path item is not a mapping",
                    "write its operations below it",
                );
            }
            let of_path = if self.options.skips_unsupported {
                self.errors.split_off(before)
            } else {
                Vec::new()
            };
            for (method, member) in item.node.members().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    if self.options.skips_unsupported {
                        operations.extend(self.usable(path, item, method, member, &of_path));
                    } else {
                        operations.extend(self.operation(path, &item.node, method, member));
                    }
                } else if !(PATH_ITEM_KEYS.contains(&method.as_str()) || method.starts_with("x-")) {
                    let help = format!(
                        "use one of {}, {}",
                        METHODS.join(", "),
                        PATH_ITEM_KEYS.join(", ")
                    );
                    self.error(
                        &member.key,
                        format!("`{method}` is no part of a path item"),
                        help,
                    );
                }
            }
        }
        operations
    }

    /// The operation, unless something is wrong with it.
    fn usable(
        &mut self,
        path: &'a str,
        item: &'a Member,
        method: &'a str,
        member: &'a Member,
        of_path: &[Diagnostic],
    ) -> Vec<Read> {
        let before = self.errors.len();
        let read = self.operation(path, &item.node, method, member);
        let mut reasons = of_path.to_vec();
        reasons.extend(self.errors.split_off(before));
        if reasons.is_empty() {
            return read;
        }
        self.left_out.push(LeftOut {
            operation: format!("{} {path}", method.to_uppercase()),
            reasons,
        });
        Vec::new()
    }

    /// The operation; one for each media type of its body.
    fn operation(
        &mut self,
        path: &'a str,
        path_item: &'a Node,
        method: &'a str,
        member: &'a Member,
    ) -> Vec<Read> {
        let node = &member.node;
        let shown = format!("{} {path}", method.to_uppercase());
        if !self.made_up.wants(node) {
            return Vec::new();
        }
        let id = node
            .get("operationId")
            .and_then(|id| Some((id.as_str()?.to_owned(), &id.location)))
            .or_else(|| Some((self.made_up.operation_id(method, path)?, &member.key)));
        let Some((id, location)) = id else {
            self.error(
                &member.key,
                format!("{shown} has no operation id"),
                "add `operationId` with the vendor's name",
            );
            return Vec::new();
        };
        let id = id.as_str();
        let tag = match self.made_up.tag(node) {
            Some(made_up) => Some(made_up),
            None => self.tag(node, id, &member.key),
        };
        // What a server asks of others is nothing that a client of it could do.
        if let Some(callbacks) = node.get("callbacks").filter(|_| !self.options.completes) {
            self.error(
                &callbacks.location,
                "`callbacks` are not supported",
                "a client cannot serve them: leave them out",
            );
        }
        let parameters = self.parameters(path, path_item, node, member);
        let bodies = self.request_bodies(node);
        let answers = self.responses(node, id, &member.key);
        let pagination = self.pagination(node, &parameters, answers.node());
        let first_body = bodies.first().and_then(|body| body.node);
        let bulk = self.bulk(node, first_body, &answers.statuses);
        let server = self.server(node, path_item, location);
        let security = self.security(node);
        let is_true = |name: &str| node.get(name).is_some_and(Node::is_true);
        let resource = node.get("x-resource").and_then(Node::as_str);
        let operation = Operation {
            id: id.to_owned(),
            method_name: String::new(),
            type_name: String::new(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            resource: resource
                .map_or_else(|| self::resource(path), str::to_owned)
                .chars()
                .take(LONGEST_RESOURCE)
                .collect(),
            verb: self.verb(node),
            accessor: String::new(),
            summary: text(node, "summary"),
            description: text(node, "description"),
            documentation: node
                .pointer("/externalDocs/url")
                .and_then(Node::as_str)
                .map(str::to_owned),
            deprecated: is_true("deprecated"),
            preview: is_true("x-preview"),
            idempotent: self.idempotent(node, method),
            unavailable_sites: self.unavailable_sites(node),
            parameters: parameters
                .iter()
                .map(|(_, parameter)| parameter.clone())
                .collect(),
            variant: None,
            request_body: None,
            request_format: BodyFormat::default(),
            request_media_type: String::new(),
            json_media_type: None,
            body_required: true,
            response_body: answers.schema,
            response_format: answers.format,
            accepted: answers.accepted,
            answers: answers.by_status,
            statuses: answers.statuses,
            pagination,
            bulk,
            server: match server {
                Some(server) => server,
                None => return Vec::new(),
            },
            security,
            location: location.clone(),
        };
        let Some(tag) = tag else { return Vec::new() };
        let mut operations = Vec::new();
        let has_body = !bodies.is_empty();
        let bodies = if has_body {
            bodies
        } else {
            vec![RequestBody::default()]
        };
        for body in bodies {
            let mut operation = operation.clone();
            let mut schemas = Vec::new();
            let nodes = parameters.iter().chain(&body.fields);
            let nodes = nodes.map(|(node, _)| *node);
            for node in nodes.chain(body.node).chain(answers.nodes.iter().copied()) {
                self.schema(node);
                schemas.extend(references(node, "schemas"));
            }
            let fields = body.fields.into_iter().map(|(_, field)| field);
            operation.parameters.extend(fields);
            // The resource's method takes the first.
            operation.verb = operation.verb.filter(|_| body.variant.is_none());
            operation.variant = body.variant;
            operation.json_media_type = (body.format == BodyFormat::Json && body.schema.is_some())
                .then(|| body.media_type.clone())
                .filter(|media_type| !is_plain_json(media_type));
            operation.request_body = body.schema;
            operation.request_format = body.format;
            operation.request_media_type = body.media_type;
            operation.body_required = body.required || !has_body;
            operations.push((tag.clone(), operation, schemas));
        }
        operations
    }

    fn tag(
        &mut self,
        node: &'a Node,
        id: &str,
        key: &crate::document::diagnostic::Location,
    ) -> Option<String> {
        let help = "name the one tag whose crate it belongs to: `tags: [campaigns]`";
        let tag = match self.list(node, "tags") {
            [tag] => tag,
            [] => {
                self.error(key, format!("the operation `{id}` has no tag"), help);
                return None;
            }
            [_, second, ..] => {
                self.error(
                    &second.location,
                    format!("the operation `{id}` has several tags"),
                    help,
                );
                return None;
            }
        };
        let name = tag.as_str().unwrap_or_default();
        let declared = self
            .document
            .get("tags")
            .map(Node::items)
            .unwrap_or_default();
        if !declared
            .iter()
            .any(|tag| tag.get("name").and_then(Node::as_str) == Some(name))
        {
            self.error(
                &tag.location,
                format!("the tag `{name}` is not declared"),
                format!("add `- name: {name}` with a description to `tags` in the document's root"),
            );
            return None;
        }
        Some(name.to_owned())
    }
}

/// What keeps a path template from being one.
fn wrong_with_path(path: &str) -> Option<&'static str> {
    let names: Vec<&str> = template_names(path).collect();
    let literal = names.iter().fold(path.to_owned(), |rest, name| {
        rest.replacen(&format!("{{{name}}}"), "", 1)
    });
    if !path.starts_with('/') {
        Some("does not start with `/`")
    } else if path.contains(['?', '#']) || path.contains(char::is_whitespace) {
        Some("holds a character that no path does")
    } else if literal.contains(['{', '}']) || names.iter().any(|name| name.is_empty()) {
        Some("has braces that name no parameter")
    } else if names
        .iter()
        .enumerate()
        .any(|(at, name)| names[..at].contains(name))
    {
        Some("names a parameter twice")
    } else {
        None
    }
}

/// The resource where the document names none: the last literal segment of the path.
fn resource(path: &str) -> String {
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    path.rsplit('/').find(literal).unwrap_or("root").to_owned()
}
