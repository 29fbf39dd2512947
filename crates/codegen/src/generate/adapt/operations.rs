//! Rewrites operations: parameters, bodies, responses, security requirements and servers.

use super::Adapter;
use crate::document::edit::{boolean, mapping, properties_of, sequence, set, string, take};
use crate::document::node::{Node, NodeValue, Property, UNREADABLE};
use crate::generate::partition::search_words;

/// The methods of a path item.
pub(super) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Keywords of a schema that documents of OpenAPI 2 write into a parameter itself.
const SCHEMA_KEYWORDS: [&str; 8] = [
    "type", "items", "enum", "format", "default", "minimum", "maximum", "pattern",
];

/// The styles of each place.
const STYLES: [(&str, &[&str]); 4] = [
    ("path", &["simple", "label", "matrix"]),
    (
        "query",
        &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
    ),
    ("header", &["simple"]),
    ("cookie", &["form"]),
];

impl Adapter {
    /// Rewrites everything of the document but its schemas.
    pub(super) fn operations(&mut self, document: &mut Node) {
        self.schemes(document);
        let components = document.get_mut("components");
        let components = components.and_then(properties_of).into_iter().flatten();
        for (kind, group) in components {
            for (_, property) in properties_of(&mut group.node).into_iter().flatten() {
                match kind.as_str() {
                    "parameters" => self.parameter(&mut property.node),
                    "requestBodies" => self.content(&mut property.node),
                    "responses" => self.response(&mut property.node),
                    _ => {}
                }
            }
        }
        self.servers(document);
        self.paths(document);
        self.security(document);
    }

    /// Rewrites one operation.
    pub(super) fn operation(&mut self, operation: &mut Node, method: &str) {
        if let Some(tag) = operation
            .get("tags")
            .filter(|tags| tags.as_str().is_some())
            .cloned()
        {
            set(
                operation,
                "tags",
                sequence(&tag.location.clone(), vec![tag]),
            );
        }
        self.parameters(operation);
        self.servers(operation);
        self.extensions(operation, method);
        if let Some(body) = operation.get_mut("requestBody") {
            self.content(body);
            let has_content = body.reference().is_some()
                || body.get(UNREADABLE).is_some()
                || body
                    .get("content")
                    .and_then(Node::properties)
                    .is_some_and(|content| !content.is_empty());
            if !has_content && let Some(property) = take(operation, "requestBody") {
                let message = "a request body has no `content`";
                self.note(&property.key, message, "the request is sent without a body");
            }
        }
        let Some(responses) = operation.get_mut("responses").and_then(properties_of) else {
            let location = operation.location.clone();
            let message = "an operation has no `responses`";
            self.note(
                &location,
                message,
                "every 2xx response is a success without a type",
            );
            set(operation, "responses", mapping(&location, []));
            return;
        };
        for (status, mut property) in std::mem::take(responses) {
            let wanted = status.to_ascii_uppercase();
            let wanted = if wanted == "DEFAULT" {
                "default".to_owned()
            } else {
                wanted
            };
            if !crate::generate::partition::is_status(&wanted) {
                if !status.starts_with("x-") {
                    let message = format!("`{status}` is not a status code");
                    self.note(&property.key, message, "the response is ignored");
                }
                continue;
            }
            if wanted != status {
                let message = format!("`{status}` is not a status code");
                self.note(&property.key, message, format!("it is read as `{wanted}`"));
            }
            self.response(&mut property.node);
            responses.insert(wanted, property);
        }
    }

    fn response(&mut self, response: &mut Node) {
        if response.properties().is_none() {
            *response = mapping(&response.location, []);
        }
        self.content(response);
    }

    /// Makes the media types of a body mappings.
    fn content(&mut self, body: &mut Node) {
        if body.properties().is_none() {
            *body = mapping(&body.location, []);
        }
        if body
            .get("content")
            .is_some_and(|content| content.properties().is_none())
        {
            take(body, "content");
        }
        let content = body.get_mut("content").and_then(properties_of);
        for (_, property) in content.into_iter().flatten() {
            if property.node.properties().is_none() {
                property.node = mapping(&property.node.location, []);
            }
        }
    }

    /// Rewrites the parameters of an operation or a path item.
    pub(super) fn parameters(&mut self, holder: &mut Node) {
        match holder
            .get_mut("parameters")
            .map(|parameters| &mut parameters.value)
        {
            Some(NodeValue::Array(parameters)) => {
                parameters.retain(|parameter| parameter.properties().is_some());
                parameters
                    .iter_mut()
                    .for_each(|parameter| self.parameter(parameter));
            }
            Some(_) => {
                take(holder, "parameters");
            }
            None => {}
        }
    }

    fn parameter(&mut self, node: &mut Node) {
        if node.reference().is_some() || node.get(UNREADABLE).is_some() {
            return;
        }
        let text = |node: &Node, name: &str| {
            node.get(name)
                .and_then(Node::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (name, place) = (text(node, "name"), text(node, "in"));
        let location = node.location.clone();
        let is_required = node.get("required").is_some_and(|node| {
            node.is_true()
                || node
                    .as_str()
                    .is_some_and(|text| text.eq_ignore_ascii_case("true"))
        });
        if is_required {
            set(node, "required", boolean(&location, true));
        } else if place == "path" {
            let message = format!("the path parameter `{name}` is not required");
            self.note(
                &location,
                message,
                "it is required, because a path needs a value",
            );
            set(node, "required", boolean(&location, true));
        }
        self.parameter_content(node, &name);
        if node.get("schema").is_none() && node.get("content").is_none() {
            let mut schema = mapping(&location, []);
            for keyword in SCHEMA_KEYWORDS {
                if let Some(property) = take(node, keyword) {
                    set(&mut schema, keyword, property.node);
                }
            }
            let message = format!("the parameter `{name}` has no schema");
            self.note(&location, message, "its keywords are read as a schema");
            set(node, "schema", schema);
        }
        let styles = STYLES.iter().find(|(known, _)| *known == place);
        let style = node
            .get("style")
            .map(|style| style.as_str().unwrap_or_default().to_owned());
        if let (Some((_, styles)), Some(style)) = (styles, style)
            && !styles.contains(&style.as_str())
            && let Some(property) = take(node, "style")
        {
            let message = format!("the style `{style}` is not one of a parameter in `{place}`");
            self.note(&property.key, message, "the usual style is used");
        }
    }

    /// Keeps one media type of a parameter with `content`. A type other than JSON says no more than
    /// its schema.
    fn parameter_content(&mut self, node: &mut Node, name: &str) {
        let Some(content) = node.get("content") else {
            return;
        };
        let properties = content.properties().into_iter().flatten();
        let properties: Vec<(String, Property)> = properties
            .map(|(name, property)| (name.clone(), property.clone()))
            .collect();
        let is_json = |name: &str| name.contains("json");
        let json = properties
            .iter()
            .find(|(media_type, _)| is_json(media_type));
        let Some((media_type, property)) = json.or(properties.first()).cloned() else {
            take(node, "content");
            return;
        };
        if properties.len() > 1 {
            let message = format!("the parameter `{name}` has several media types");
            self.note(
                &property.key,
                message,
                format!("it is sent as `{media_type}`"),
            );
        }
        let schema = property.node.get("schema").cloned();
        let schema = schema.unwrap_or_else(|| mapping(&property.key, []));
        if is_json(&media_type) {
            let inner = mapping(&property.key, [("schema", schema)]);
            let content = mapping(&property.key, [("application/json", inner)]);
            set(node, "content", content);
        } else {
            take(node, "content");
            set(node, "schema", schema);
        }
    }

    /// Rewrites `servers`: variables get a default, and entries without a URL are removed.
    pub(super) fn servers(&mut self, holder: &mut Node) {
        let Some(servers) = holder.get_mut("servers") else {
            return;
        };
        let NodeValue::Array(list) = &mut servers.value else {
            take(holder, "servers");
            return;
        };
        list.retain(|server| server.get("url").and_then(Node::as_str).is_some());
        for server in list.iter_mut() {
            let url = server
                .get("url")
                .and_then(Node::as_str)
                .unwrap_or_default()
                .to_owned();
            let location = server.location.clone();
            if server
                .get("x-server-name")
                .is_some_and(|name| name.as_str().is_none())
            {
                take(server, "x-server-name");
            }
            for name in crate::generate::partition::template_names(&url) {
                let pointer = |rest: &str| format!("/variables/{name}/{rest}");
                let default = server.pointer(&pointer("default"));
                if default.is_some_and(|default| default.as_str().is_some()) {
                    continue;
                }
                let text = default.map(|default| default.to_value().to_string());
                let listed = server.pointer(&pointer("enum")).map(Node::items);
                let first = listed.and_then(|values| values.first()?.as_str().map(str::to_owned));
                let chosen = text.or(first).unwrap_or_else(|| name.to_owned());
                let message = format!("the server variable `{name}` has no default");
                self.note(&location, message, format!("its default is `{chosen}`"));
                if server.get("variables").and_then(Node::properties).is_none() {
                    set(server, "variables", mapping(&location, []));
                }
                let default = string(&location, &chosen);
                if let Some(variables) = server.get_mut("variables") {
                    set(variables, name, mapping(&location, [("default", default)]));
                }
            }
        }
    }

    /// Removes extensions that have the name of ours but another form.
    fn extensions(&mut self, operation: &mut Node, method: &str) {
        let is_word = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_lowercase())
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let is_ours = |name: &str, node: &Node| match name {
            "x-resource" => node.as_str().is_some_and(|text| !text.is_empty()),
            "x-verb" => node.as_str().is_some_and(is_word),
            "x-idempotent" => {
                matches!(node.value, NodeValue::Bool(_)) && matches!(method, "post" | "patch")
            }
            "x-unavailable-sites" => {
                let sites = node.items();
                !sites.is_empty() && sites.iter().all(|site| site.as_str().is_some())
            }
            "x-search-words" => search_words(node).is_some(),
            "x-bulk" => ["verb", "items", "max_items", "max_bytes"]
                .iter()
                .all(|key| node.get(key).is_some()),
            _ => true,
        };
        for name in [
            "x-resource",
            "x-verb",
            "x-idempotent",
            "x-unavailable-sites",
            "x-search-words",
            "x-bulk",
        ] {
            if operation.get(name).is_some_and(|node| !is_ours(name, node))
                && let Some(property) = take(operation, name)
            {
                let message = format!("`{name}` has another meaning here than for this generator");
                self.note(&property.key, message, "it is ignored");
            }
        }
    }
}
