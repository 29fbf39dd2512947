//! Reads the operations of the document: parameters, bodies, statuses.

use heck::ToSnakeCase;
use serde_json::Value;

use super::server::template_names;
use super::{Reader, text};
use crate::generate::load::node::{Member, Node};
use crate::generate::load::references;
use crate::generate::model::{Operation, Parameter, ParameterPlace};

/// Methods whose second request has the effect of one (RFC 9110, section 9.2.2).
const IDEMPOTENT_METHODS: [&str; 6] = ["get", "head", "put", "delete", "options", "trace"];
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

impl<'a> Reader<'a> {
    /// Every operation with its tag and the schemas it refers to, in document order.
    pub(super) fn operations(&mut self) -> Vec<(String, Operation, Vec<String>)> {
        let mut operations = Vec::new();
        let paths = self.document.get("paths").and_then(Node::members);
        for (path, item) in paths.into_iter().flatten() {
            for (method, member) in item.node.members().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    operations.extend(self.operation(path, &item.node, method, member));
                }
            }
        }
        operations
    }

    fn operation(
        &mut self,
        path: &'a str,
        path_item: &'a Node,
        method: &'a str,
        member: &'a Member,
    ) -> Option<(String, Operation, Vec<String>)> {
        let node = &member.node;
        let shown = format!("{} {path}", method.to_uppercase());
        let id = node
            .get("operationId")
            .and_then(|id| Some((id.as_str()?, &id.location)));
        let Some((id, location)) = id else {
            self.error(
                &member.key,
                format!("{shown} has no operation id"),
                "add `operationId` with the vendor's name",
            );
            return None;
        };
        let tag = self.tag(node, id, &member.key);
        if let Some(callbacks) = node.get("callbacks") {
            self.error(
                &callbacks.location,
                "`callbacks` are not supported",
                "a client cannot serve them: leave them out",
            );
        }
        let parameters = self.parameters(path, path_item, node, member);
        let request_body = self.request_body(node);
        let (response_body, statuses) = self.responses(node, id, &member.key);
        let server = self.server(node, path_item);
        let security = self.security(node);
        let is_true = |name: &str| node.get(name).is_some_and(Node::is_true);
        let operation = Operation {
            id: id.to_owned(),
            method_name: String::new(),
            type_name: String::new(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            resource: node
                .get("x-resource")
                .and_then(Node::as_str)
                .map_or_else(|| resource(path), str::to_snake_case),
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
            request_body: request_body.map(Node::to_value),
            response_body: response_body.map(Node::to_value),
            statuses,
            server: server?,
            security,
            location: location.clone(),
        };
        let mut schemas = Vec::new();
        for node in parameters
            .iter()
            .map(|(node, _)| *node)
            .chain(request_body)
            .chain(response_body)
        {
            self.schema(node);
            schemas.extend(references(node, "schemas").into_iter().map(str::to_owned));
        }
        Some((tag?, operation, schemas))
    }

    /// Whether a request may be sent twice: the method says so, or `x-idempotent` where it does not.
    fn idempotent(&mut self, node: &Node, method: &str) -> bool {
        let by_method = IDEMPOTENT_METHODS.contains(&method);
        let Some(marked) = node.get("x-idempotent") else {
            return by_method;
        };
        if by_method || !marked.is_true() {
            let help = if by_method {
                "leave it out: requests of this method may be sent twice anyway"
            } else {
                "write `x-idempotent: true`, or leave it out where a second request does a thing twice"
            };
            self.error(&marked.location, "`x-idempotent` says nothing here", help);
        }
        true
    }

    /// The sites of `x-unavailable-sites`.
    fn unavailable_sites(&mut self, node: &Node) -> Vec<String> {
        let Some(list) = node.get("x-unavailable-sites") else {
            return Vec::new();
        };
        let sites: Option<Vec<String>> = list
            .items()
            .iter()
            .map(|site| site.as_str().map(str::to_owned))
            .collect();
        match sites {
            Some(sites) if !sites.is_empty() => sites,
            _ => {
                self.error(
                    &list.location,
                    "`x-unavailable-sites` is no list of host names",
                    "write it as in `x-unavailable-sites: [ddog-gov.com]`, or leave it out",
                );
                Vec::new()
            }
        }
    }

    fn tag(
        &mut self,
        node: &'a Node,
        id: &str,
        key: &crate::diagnostic::Location,
    ) -> Option<String> {
        let tags = node.get("tags").map(Node::items).unwrap_or_default();
        let [tag] = tags else {
            let (location, message) = match tags {
                [] => (key, format!("the operation `{id}` has no tag")),
                [_, second, ..] => (
                    &second.location,
                    format!("the operation `{id}` has several tags"),
                ),
                [_] => return None,
            };
            self.error(
                location,
                message,
                "name the one tag whose crate it belongs to: `tags: [campaigns]`",
            );
            return None;
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

    /// The parameters of the path item and of the operation, which win; each with the node of its schema.
    fn parameters(
        &mut self,
        path: &str,
        path_item: &'a Node,
        operation: &'a Node,
        member: &'a Member,
    ) -> Vec<(&'a Node, Parameter)> {
        let mut parameters: Vec<(&'a Node, Parameter)> = Vec::new();
        let levels = [path_item, operation];
        for node in levels
            .iter()
            .flat_map(|level| level.get("parameters").map(Node::items).unwrap_or_default())
        {
            let Some((schema, parameter)) = self.parameter(self.resolve(node), path) else {
                continue;
            };
            let same = |(_, known): &(&Node, Parameter)| {
                known.name == parameter.name && known.place == parameter.place
            };
            match parameters.iter().position(same) {
                Some(at) => parameters[at] = (schema, parameter),
                None => parameters.push((schema, parameter)),
            }
        }
        for name in template_names(path) {
            let declared = |(_, known): &(&Node, Parameter)| {
                known.name == name && known.place == ParameterPlace::Path
            };
            if !parameters.iter().any(declared) {
                self.error(
                    &member.key,
                    format!("the path parameter `{name}` of {path} is not declared"),
                    format!("add `- {{name: {name}, in: path, required: true, schema: {{type: string}}}}` to `parameters`"),
                );
            }
        }
        // The caller passes path parameters in path order, whatever the order of declaration.
        let position = |name: &str| template_names(path).position(|known| known == name);
        parameters.sort_by_key(|(_, parameter)| match parameter.place {
            ParameterPlace::Path => (0, position(&parameter.name)),
            _ => (1, None),
        });
        parameters
    }

    fn parameter(&mut self, node: &'a Node, path: &str) -> Option<(&'a Node, Parameter)> {
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        let place_node = node.get("in").unwrap_or(node);
        let place = match place_node.as_str().unwrap_or_default() {
            "path" => ParameterPlace::Path,
            "query" => ParameterPlace::Query,
            "header" => ParameterPlace::Header,
            other => {
                let message =
                    format!("the parameter `{name}` is in `{other}`, which is not supported");
                self.error(
                    &place_node.location,
                    message,
                    "use `in: path`, `in: query` or `in: header`",
                );
                return None;
            }
        };
        let required = node.get("required").is_some_and(Node::is_true);
        if place == ParameterPlace::Path && !required {
            self.error(
                &node.location,
                format!("the path parameter `{name}` is not required"),
                "add `required: true`",
            );
        }
        if place == ParameterPlace::Path && !template_names(path).any(|known| known == name) {
            let message = format!("the path parameter `{name}` is not part of {path}");
            self.error(
                &node.location,
                message,
                "add it to the path in braces, or remove it",
            );
            return None;
        }
        let Some(schema) = node.get("schema") else {
            let message = format!("the parameter `{name}` has no schema");
            self.error(
                &node.location,
                message,
                "add `schema`; a parameter with `content` is not supported",
            );
            return None;
        };
        let kind = self.resolve(schema).get("type").and_then(Node::as_str);
        if !matches!(kind, Some("string" | "integer" | "number" | "boolean")) {
            let message = format!("the parameter `{name}` is not a single value");
            self.error(
                &schema.location,
                message,
                "only string, integer, number and boolean parameters are supported",
            );
            return None;
        }
        let parameter = Parameter {
            name: name.to_owned(),
            rust_name: String::new(),
            place,
            required,
            description: text(node, "description"),
            deprecated: node.get("deprecated").is_some_and(Node::is_true),
            schema: schema.to_value(),
        };
        Some((schema, parameter))
    }

    fn request_body(&mut self, operation: &'a Node) -> Option<&'a Node> {
        let body = self.resolve(operation.get("requestBody")?);
        let content = body.get("content").and_then(Node::members)?;
        if !body.get("required").is_some_and(Node::is_true) {
            let help = "add `required: true`; an optional body is not supported";
            self.error(&body.location, "a request body is not required", help);
        }
        let [(media_type, member)] = content.iter().collect::<Vec<_>>()[..] else {
            let help = "keep the JSON one; several media types for one body are not supported";
            self.error(
                &body.location,
                "a request body has not exactly one media type",
                help,
            );
            return None;
        };
        self.json_schema(media_type, member)
    }

    /// The schema of the success body, and every status with its description.
    fn responses(
        &mut self,
        operation: &'a Node,
        id: &str,
        key: &crate::diagnostic::Location,
    ) -> (Option<&'a Node>, Vec<(String, String)>) {
        let mut statuses = Vec::new();
        let mut bodies: Vec<&'a Node> = Vec::new();
        let mut succeeds = false;
        let responses = operation.get("responses").and_then(Node::members);
        for (status, member) in responses.into_iter().flatten() {
            let response = self.resolve(&member.node);
            statuses.push((status.clone(), text(response, "description")));
            if !status.starts_with('2') {
                // Error bodies are the runtime's business, whatever their shape.
                continue;
            }
            succeeds = true;
            for (media_type, content) in response
                .get("content")
                .and_then(Node::members)
                .into_iter()
                .flatten()
            {
                let Some(schema) = self.json_schema(media_type, content) else {
                    continue;
                };
                if bodies
                    .first()
                    .is_some_and(|first| !same_schema(first, schema))
                {
                    let message =
                        format!("the operation `{id}` answers with several kinds of body");
                    self.error(
                        &content.key,
                        message,
                        "give every success and media type the same schema",
                    );
                } else {
                    bodies.push(schema);
                }
            }
        }
        if !succeeds {
            let message = format!("the operation `{id}` documents no success");
            self.error(key, message, "add a response for its 2xx status");
        }
        (bodies.first().copied(), statuses)
    }

    fn json_schema(&mut self, media_type: &str, member: &'a Member) -> Option<&'a Node> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence != "application/json"
            && !(essence.starts_with("application/") && essence.ends_with("+json"))
        {
            let message = format!("the media type `{media_type}` is not supported");
            self.error(
                &member.key,
                message,
                "use `application/json` or `application/vnd.api+json`",
            );
            return None;
        }
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
}

fn same_schema(left: &Node, right: &Node) -> bool {
    let value = |node: &Node| -> Value { node.to_value() };
    value(left) == value(right)
}

/// The resource where the document names none: the last literal segment of the path.
fn resource(path: &str) -> String {
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    path.rsplit('/')
        .find(literal)
        .unwrap_or("root")
        .to_snake_case()
}
