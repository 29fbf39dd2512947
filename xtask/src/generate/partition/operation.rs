//! Reads the operations of the document: parameters, bodies, statuses.

use super::server::template_names;
use super::{Read, Reader, text};
use crate::diagnostic::Diagnostic;
use crate::generate::LeftOut;
use crate::generate::load::node::{Member, Node};
use crate::generate::load::references;
use crate::generate::model::{Operation, Parameter, ParameterPlace};

const PATH_ITEM_KEYS: [&str; 4] = ["description", "parameters", "servers", "summary"];
/// Methods whose second request has the effect of one (RFC 9110, section 9.2.2).
const IDEMPOTENT_METHODS: [&str; 6] = ["get", "head", "put", "delete", "options", "trace"];
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

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
    ) -> Option<Read> {
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
        None
    }

    fn operation(
        &mut self,
        path: &'a str,
        path_item: &'a Node,
        method: &'a str,
        member: &'a Member,
    ) -> Option<Read> {
        let node = &member.node;
        let shown = format!("{} {path}", method.to_uppercase());
        if !self.made_up.wants(node) {
            return None;
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
            return None;
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
        let request_body = self.request_body(node);
        let (response_body, statuses) = self.responses(node, id, &member.key);
        let pagination = self.pagination(node, &parameters, response_body);
        let server = self.server(node, path_item, location);
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
                .map_or_else(|| resource(path), str::to_owned),
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
            request_body: request_body.map(Node::to_value),
            response_body: response_body.map(Node::to_value),
            statuses,
            pagination,
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

    /// What the operation does to its resource, from `x-verb`.
    fn verb(&mut self, node: &Node) -> Option<String> {
        let verb = node.get("x-verb")?;
        let is_word = |text: &&str| {
            text.starts_with(|first: char| first.is_ascii_lowercase())
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let text = verb.as_str().filter(is_word);
        if text.is_none() {
            self.error(
                &verb.location,
                "`x-verb` is no name of a method",
                "write it in snake case, as in `x-verb: create`, or leave it out",
            );
        }
        text.map(str::to_owned)
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

    /// The parameters of the path item and of the operation, which win; each with the node of its schema.
    fn parameters(
        &mut self,
        path: &str,
        path_item: &'a Node,
        operation: &'a Node,
        member: &'a Member,
    ) -> Vec<(&'a Node, Parameter)> {
        let mut parameters: Vec<(&'a Node, Parameter)> = Vec::new();
        for node in [path_item, operation]
            .into_iter()
            .flat_map(|level| self.list(level, "parameters"))
            .collect::<Vec<_>>()
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
        // The order of the arguments: path parameters as the path has them, whatever the order of declaration, then
        // the query's, then the headers'.
        let position = |name: &str| template_names(path).position(|known| known == name);
        parameters.sort_by_key(|(_, parameter)| match parameter.place {
            ParameterPlace::Path => (0, position(&parameter.name)),
            ParameterPlace::Query => (1, None),
            ParameterPlace::Header => (2, None),
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
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || (place == ParameterPlace::Header && !name.chars().all(is_token)) {
            let message = format!("`{name}` cannot be the name of a parameter here");
            self.error(
                node.key_location("name"),
                message,
                "a header's name is a token of RFC 9110, section 5.1",
            );
        }
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
        let mut successes = Vec::new();
        for (status, member) in self.mapping(operation, "responses") {
            if !is_status(status) && !status.starts_with("x-") {
                let help = "write three digits, a range such as `4XX`, or `default`";
                self.error(&member.key, format!("`{status}` is no status"), help);
            }
            let response = self.resolve(&member.node);
            statuses.push((status.clone(), text(response, "description")));
            if !status.starts_with('2') {
                // Error bodies are the runtime's business, whatever their shape.
                continue;
            }
            successes.push((&member.key, response.get("content").is_some()));
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
        match successes
            .iter()
            .find(|(_, has_body)| Some(has_body) != successes.first().map(|(_, first)| first))
        {
            Some((place, _)) => {
                let message =
                    format!("the operation `{id}` answers a success with a body and one without");
                self.error(
                    place,
                    message,
                    "document the one that happens, or give both the same schema",
                );
            }
            None if successes.is_empty() => {
                let message = format!("the operation `{id}` documents no success");
                self.error(key, message, "add a response for its 2xx status");
            }
            None => {}
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

fn is_status(status: &str) -> bool {
    let is_range = |digits: &str| digits.len() == 1 && matches!(digits.as_bytes(), [b'1'..=b'5']);
    status == "default"
        || status.strip_suffix("XX").is_some_and(is_range)
        || (status.len() == 3
            && matches!(status.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']))
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

fn same_schema(left: &Node, right: &Node) -> bool {
    left.to_value() == right.to_value()
}

/// The resource where the document names none: the last literal segment of the path.
fn resource(path: &str) -> String {
    let literal = |segment: &&str| !segment.is_empty() && !segment.starts_with('{');
    path.rsplit('/').find(literal).unwrap_or("root").to_owned()
}
