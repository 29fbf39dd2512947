//! Reads the operations of the document.

use super::body::{RequestBody, Responses};
use super::media_type::is_plain_json;
use super::pagination::Pageable;
use super::server::template_names;
use super::{ReadOperation, Reader, text};
use crate::document::diagnostic::{Diagnostic, Location};
use crate::document::node::{Node, Property};
use crate::document::references;
use crate::generate::LeftOut;
use crate::generate::model::{BodyFormat, Operation, Parameter};

const PATH_ITEM_KEYS: [&str; 4] = ["description", "parameters", "servers", "summary"];
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The maximum length of a resource's name, which becomes a file name.
const LONGEST_RESOURCE: usize = 80;

/// The method and path of an operation, and where it is defined.
struct Route<'a> {
    path: &'a str,
    path_item: &'a Node,
    method: &'a str,
    node: &'a Node,
}

impl<'a> Reader<'a> {
    /// Reads every operation, in the order of the document.
    pub(super) fn operations(&mut self) -> Vec<ReadOperation> {
        let mut operations = Vec::new();
        for (path, item) in self.mapping(self.document, "paths") {
            if path.starts_with("x-") {
                continue;
            }
            let before = self.errors.len();
            if let Some(wrong) = wrong_with_path(path, self.options.uses_defaults) {
                let help = "write it as `/orders/{order_id}`, without a query";
                self.error(&item.key, format!("the path `{path}` {wrong}"), help);
            }
            if item.node.properties().is_none() {
                self.error(
                    &item.node.location,
                    "a path item is not a mapping",
                    "write its operations as `get: …`",
                );
            }
            let of_path = if self.options.skips_unsupported {
                self.errors.split_off(before)
            } else {
                Vec::new()
            };
            for (method, property) in item.node.properties().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    if self.options.skips_unsupported {
                        operations.extend(self.usable(path, item, method, property, &of_path));
                    } else {
                        operations.extend(self.operation(path, &item.node, method, property));
                    }
                } else if !(PATH_ITEM_KEYS.contains(&method.as_str()) || method.starts_with("x-")) {
                    let help = format!(
                        "use one of {}, {}",
                        METHODS.join(", "),
                        PATH_ITEM_KEYS.join(", ")
                    );
                    self.error(
                        &property.key,
                        format!("`{method}` is not a keyword of a path item"),
                        help,
                    );
                }
            }
        }
        operations
    }

    /// Reads an operation, or leaves it out if it cannot be generated.
    fn usable(
        &mut self,
        path: &'a str,
        item: &'a Property,
        method: &'a str,
        property: &'a Property,
        of_path: &[Diagnostic],
    ) -> Vec<ReadOperation> {
        let before = self.errors.len();
        let read = self.operation(path, &item.node, method, property);
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

    /// Reads an operation. Returns one for each media type of its request body.
    fn operation(
        &mut self,
        path: &'a str,
        path_item: &'a Node,
        method: &'a str,
        property: &'a Property,
    ) -> Vec<ReadOperation> {
        let node = &property.node;
        if !self.defaults.wants(node) {
            return Vec::new();
        }
        let Some((id, location)) = self.operation_id(path, method, property) else {
            return Vec::new();
        };
        let tag = match self.defaults.tag(node) {
            Some(tag) => Some(tag),
            None => self.tag(node, &id, &property.key),
        };
        // Callbacks are requests to a server, which a client cannot serve.
        if let Some(callbacks) = node
            .get("callbacks")
            .filter(|_| !self.options.uses_defaults)
        {
            self.error(
                &callbacks.location,
                "`callbacks` are not supported",
                "remove them: a client cannot serve them",
            );
        }
        let parameters = self.parameters(path, path_item, node, property);
        let bodies = self.request_bodies(node);
        let responses = self.responses(node, &id, &property.key);
        let first_body = bodies.first().and_then(|body| body.node);
        let route = Route {
            path,
            path_item,
            method,
            node,
        };
        let operation =
            self.without_body(id, location, &route, &parameters, &responses, first_body);
        let (Some(tag), Some(operation)) = (tag, operation) else {
            return Vec::new();
        };
        self.with_bodies(&tag, &operation, bodies, &parameters, &responses)
    }

    /// Returns the id of an operation and its place.
    fn operation_id(
        &mut self,
        path: &str,
        method: &str,
        property: &'a Property,
    ) -> Option<(String, &'a Location)> {
        if let Some(id) = property.node.get("operationId")
            && let Some(text) = id.as_str()
        {
            return Some((text.to_owned(), &id.location));
        }
        if let Some(id) = self.defaults.operation_id(method, path) {
            return Some((id, &property.key));
        }
        self.error(
            &property.key,
            format!("{} {path} has no operation id", method.to_uppercase()),
            "add `operationId` with the vendor's name",
        );
        None
    }

    /// Reads everything of an operation except its request body.
    fn without_body(
        &mut self,
        id: String,
        location: &Location,
        route: &Route<'a>,
        parameters: &[(&'a Node, Parameter)],
        responses: &Responses<'a>,
        first_body: Option<&'a Node>,
    ) -> Option<Operation> {
        let node = route.node;
        let pageable = Pageable {
            parameters,
            request_body: first_body,
            response_body: responses.node(),
        };
        let pagination = self.pagination(&id, node, pageable);
        let bulk = self.bulk(node, first_body, &responses.statuses);
        let server = self.server(node, route.path_item, location);
        let security = self.security(node);
        let is_true = |name: &str| node.get(name).is_some_and(Node::is_true);
        let resource = node.get("x-resource").and_then(Node::as_str);
        let resource = resource.map_or_else(|| resource_of(route.path), str::to_owned);
        let documentation = node.pointer("/externalDocs/url").and_then(Node::as_str);
        let parameters = parameters.iter().map(|(_, parameter)| parameter.clone());
        Some(Operation {
            id,
            method_name: String::new(),
            type_name: String::new(),
            method: route.method.to_uppercase(),
            path: sent_path(route.path).to_owned(),
            resource: resource.chars().take(LONGEST_RESOURCE).collect(),
            verb: self.verb(node),
            accessor: String::new(),
            summary: text(node, "summary"),
            description: text(node, "description"),
            documentation: documentation.map(str::to_owned),
            deprecated: is_true("deprecated"),
            preview: is_true("x-preview"),
            idempotent: self.idempotent(node, route.method),
            search_words: self.search_words(node),
            unavailable_sites: self.unavailable_sites(node),
            parameters: parameters.collect(),
            variant: None,
            request_body: None,
            request_format: BodyFormat::default(),
            request_media_type: String::new(),
            json_media_type: None,
            body_required: true,
            response_body: responses.schema.clone(),
            response_format: responses.format,
            accepted: responses.accepted.clone(),
            stream: responses.stream.clone(),
            responses: responses.by_status.clone(),
            statuses: responses.statuses.clone(),
            pagination,
            bulk,
            server: server?,
            security,
            location: location.clone(),
        })
    }

    /// Returns the operation once for each of its request bodies, with the schemas that it refers
    /// to, which are checked here.
    fn with_bodies(
        &mut self,
        tag: &str,
        operation: &Operation,
        bodies: Vec<RequestBody<'a>>,
        parameters: &[(&'a Node, Parameter)],
        responses: &Responses<'a>,
    ) -> Vec<ReadOperation> {
        let has_body = !bodies.is_empty();
        let bodies = if has_body {
            bodies
        } else {
            vec![RequestBody::default()]
        };
        let mut operations = Vec::new();
        for body in bodies {
            let mut operation = operation.clone();
            let mut schemas = Vec::new();
            let nodes = parameters.iter().chain(&body.fields);
            let nodes = nodes.map(|(node, _)| *node);
            for node in nodes
                .chain(body.node)
                .chain(responses.nodes.iter().copied())
                .chain(responses.stream_nodes.iter().copied())
            {
                self.schema(node);
                schemas.extend(references(node, "schemas"));
            }
            let fields = body.fields.into_iter().map(|(_, field)| field);
            operation.parameters.extend(fields);
            // The resource's method sends the first body.
            operation.verb = operation.verb.filter(|_| body.variant.is_none());
            operation.variant = body.variant;
            operation.json_media_type = (body.format == BodyFormat::Json && body.schema.is_some())
                .then(|| body.media_type.clone())
                .filter(|media_type| !is_plain_json(media_type));
            operation.request_body = body.schema;
            operation.request_format = body.format;
            operation.request_media_type = body.media_type;
            operation.body_required = body.required || !has_body;
            operations.push(ReadOperation {
                tag: tag.to_owned(),
                operation,
                schemas,
            });
        }
        operations
    }

    fn tag(&mut self, node: &'a Node, id: &str, key: &Location) -> Option<String> {
        let help = "name one tag, such as `tags: [campaigns]`";
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

/// Returns why a path template is invalid.
fn wrong_with_path(path: &str, is_lenient: bool) -> Option<&'static str> {
    let names: Vec<&str> = template_names(path).collect();
    let literal = names.iter().fold(path.to_owned(), |rest, name| {
        rest.replacen(&format!("{{{name}}}"), "", 1)
    });
    if !path.starts_with('/') {
        Some("does not start with `/`")
    } else if !is_lenient && (path.contains(['?', '#']) || path.contains(char::is_whitespace)) {
        Some("contains a character that is not allowed in a path")
    } else if literal.contains(['{', '}']) || names.iter().any(|name| name.is_empty()) {
        Some("has braces without the name of a parameter")
    } else if !is_lenient
        && names
            .iter()
            .enumerate()
            .any(|(at, name)| names[..at].contains(name))
    {
        Some("names a parameter twice")
    } else {
        None
    }
}

/// Returns the part of a path that is sent. A fragment only distinguishes two operations of one
/// path.
pub(super) fn sent_path(path: &str) -> &str {
    path.split('#').next().unwrap_or(path)
}

/// Returns the last literal segment of a path, the default name of a resource.
fn resource_of(path: &str) -> String {
    let path = path.split(['#', '?']).next().unwrap_or(path);
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    path.rsplit('/').find(literal).unwrap_or("root").to_owned()
}
