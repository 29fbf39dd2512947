//! Lists of the operations, parameters, bodies and schemas of a document. Each thing is listed
//! once, in the order of the document, so that rules need not walk the tree.

use std::sync::Arc;

use crate::document::diagnostic::Location;
use crate::document::node::{Node, Property};
use crate::document::{Directory, Loaded};

/// The keys of a path item that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
/// The number of references that are followed in a row. Loading rejects circles.
const LONGEST_REFERENCE_CHAIN: usize = 64;

/// A document for the rules.
pub(crate) struct Document<'a> {
    /// The tree, whose references all point inside.
    pub(crate) root: &'a Node,
    /// The files that it was loaded from.
    pub(crate) files: &'a [Arc<Node>],
    /// Every operation.
    pub(crate) operations: Vec<Operation<'a>>,
    /// Every parameter that is not a reference.
    pub(crate) parameters: Vec<Parameter<'a>>,
    /// Every request or response body that is not a reference.
    pub(crate) bodies: Vec<Body<'a>>,
    /// Every schema, including those inside others and references.
    pub(crate) schemas: Vec<Schema<'a>>,
    /// The directories of the files.
    pub(crate) directories: &'a [Directory],
}

/// An operation and its location.
pub(crate) struct Operation<'a> {
    /// The key of its path.
    pub(crate) path_key: &'a Location,
    /// Its path.
    pub(crate) path: &'a str,
    /// The path item around it.
    pub(crate) item: &'a Node,
    /// Its method in lower case.
    pub(crate) method: &'a str,
    /// The location of the method.
    pub(crate) key: &'a Location,
    /// The operation itself.
    pub(crate) node: &'a Node,
}

impl<'a> Operation<'a> {
    /// Returns the string of a property.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.node.get(name)?.as_str()
    }

    /// Returns its name for messages: its id, or method and path.
    pub(crate) fn name(&self) -> String {
        match self.text("operationId") {
            Some(id) => id.to_owned(),
            None => format!("{} {}", self.method.to_uppercase(), self.path),
        }
    }

    /// Returns the location of its name: of the id, or of the method.
    pub(crate) fn place(&self) -> &'a Location {
        match self.node.get("operationId") {
            Some(id) => &id.location,
            None => self.key,
        }
    }

    /// Returns its status codes with their responses. References are not followed.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (&'a str, &'a Property)> + use<'a> {
        properties(self.node.get("responses")).filter(|(status, _)| !status.starts_with("x-"))
    }

    /// Returns its first tag.
    pub(crate) fn tag(&self) -> Option<&'a str> {
        self.node.get("tags")?.items().first()?.as_str()
    }
}

/// A parameter and its location.
pub(crate) struct Parameter<'a> {
    /// Its name on the wire.
    pub(crate) name: &'a str,
    /// The location of the name.
    pub(crate) place: &'a Location,
    /// The parameter itself.
    pub(crate) node: &'a Node,
}

/// A body: one media type of a request or a response.
pub(crate) struct Body<'a> {
    /// The name of the request or response in messages, such as `the request of CreateOrder`.
    pub(crate) holder: String,
    /// Its media type.
    pub(crate) media_type: &'a str,
    /// The location of the media type.
    pub(crate) key: &'a Location,
    /// The content of the media type.
    pub(crate) node: &'a Node,
}

/// The role of a schema in the one around it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Role<'a> {
    /// A component of this name.
    Component(&'a str),
    /// A field of this name.
    Field(&'a str),
    /// One of the schemas that an `allOf` merges.
    Merged,
    /// Anything else: the items of a list, an alternative, the schema of a parameter or a body.
    Part,
}

/// A schema and its location.
pub(crate) struct Schema<'a> {
    /// Its role in the schema around it.
    pub(crate) role: Role<'a>,
    /// The location of its name, or of the schema if it has none.
    pub(crate) place: &'a Location,
    /// The schema itself.
    pub(crate) node: &'a Node,
}

impl<'a> Document<'a> {
    /// Collects the parts of a loaded document.
    pub(crate) fn new(loaded: &'a Loaded) -> Self {
        let mut document = Self {
            root: &loaded.document,
            files: &loaded.files,
            operations: Vec::new(),
            parameters: Vec::new(),
            bodies: Vec::new(),
            schemas: Vec::new(),
            directories: &loaded.directories,
        };
        for (path, item) in properties(loaded.document.get("paths")) {
            if path.starts_with("x-") {
                continue;
            }
            document.parameters(item.node.get("parameters"));
            for (method, property) in properties(Some(&item.node)) {
                if METHODS.contains(&method) {
                    document.operation(Operation {
                        path_key: &item.key,
                        path,
                        item: &item.node,
                        method,
                        key: &property.key,
                        node: &property.node,
                    });
                }
            }
        }
        document.components();
        document
    }

    fn operation(&mut self, operation: Operation<'a>) {
        let name = operation.name();
        self.parameters(operation.node.get("parameters"));
        if let Some(body) = operation.node.get("requestBody") {
            self.content(format!("the request of {name}"), body);
        }
        for (status, response) in operation.responses() {
            self.content(format!("the response {status} of {name}"), &response.node);
        }
        self.operations.push(operation);
    }

    fn components(&mut self) {
        let components = self.root.get("components");
        let kind = |kind: &str| properties(components.and_then(|components| components.get(kind)));
        for (_, property) in kind("parameters") {
            self.parameter(&property.node);
        }
        for (name, property) in kind("requestBodies") {
            self.content(format!("the request body {name}"), &property.node);
        }
        for (name, property) in kind("responses") {
            self.content(format!("the response {name}"), &property.node);
        }
        for (name, property) in kind("schemas") {
            self.schema(Role::Component(name), &property.key, &property.node);
        }
    }

    fn parameters(&mut self, list: Option<&'a Node>) {
        for node in list.map(Node::items).unwrap_or_default() {
            self.parameter(node);
        }
    }

    fn parameter(&mut self, node: &'a Node) {
        if node.reference().is_some() {
            return;
        }
        let Some(name) = node
            .get("name")
            .and_then(|name| Some((name, name.as_str()?)))
        else {
            return;
        };
        if let Some(schema) = node.get("schema") {
            self.schema(Role::Part, &schema.location, schema);
        }
        let (place, name) = (&name.0.location, name.1);
        self.parameters.push(Parameter { name, place, node });
    }

    /// Adds the media types and headers of a request body or a response.
    fn content(&mut self, holder: String, node: &'a Node) {
        if node.reference().is_some() {
            return;
        }
        for (_, header) in properties(node.get("headers")) {
            if let Some(schema) = header.node.get("schema") {
                self.schema(Role::Part, &schema.location, schema);
            }
        }
        for (media_type, property) in properties(node.get("content")) {
            if let Some(schema) = property.node.get("schema") {
                self.schema(Role::Part, &schema.location, schema);
            }
            self.bodies.push(Body {
                holder: holder.clone(),
                media_type,
                key: &property.key,
                node: &property.node,
            });
        }
    }

    /// Adds a schema and every schema inside it, in the order of the document.
    fn schema(&mut self, role: Role<'a>, place: &'a Location, node: &'a Node) {
        let mut pending = vec![Schema { role, place, node }];
        while let Some(schema) = pending.pop() {
            let before = pending.len();
            if schema.node.reference().is_none() {
                for (keyword, property) in properties(Some(schema.node)) {
                    pending.extend(subschemas(keyword, &property.node));
                }
            }
            pending[before..].reverse();
            self.schemas.push(schema);
        }
    }

    /// Returns `node` or the component that it refers to.
    pub(crate) fn resolve(&self, node: &'a Node) -> &'a Node {
        let mut node = node;
        for _ in 0..LONGEST_REFERENCE_CHAIN {
            let target = node
                .reference()
                .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?));
            match target {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// Returns the schema that `node` stands for: behind references, and inside an `allOf` of one
    /// schema.
    pub(crate) fn meaning(&self, node: &'a Node) -> &'a Node {
        let mut node = self.resolve(node);
        for _ in 0..LONGEST_REFERENCE_CHAIN {
            match node.get("allOf").map(Node::items) {
                Some([only]) => node = self.resolve(only),
                _ => break,
            }
        }
        node
    }

    /// Returns the parameters of an operation, with references followed. Its own replace those of
    /// the path item.
    pub(crate) fn parameters_of(&self, operation: &Operation<'a>) -> Vec<&'a Node> {
        let identity = |node: &'a Node| {
            let text = |name| node.get(name).and_then(Node::as_str);
            (text("name"), text("in"))
        };
        let mut parameters: Vec<&'a Node> = Vec::new();
        for node in [operation.item, operation.node]
            .into_iter()
            .filter_map(|level| level.get("parameters"))
            .flat_map(Node::items)
        {
            let node = self.resolve(node);
            parameters.retain(|known| identity(known) != identity(node));
            parameters.push(node);
        }
        parameters
    }
}

/// Returns the schemas directly inside the value of `keyword`.
fn subschemas<'a>(keyword: &str, value: &'a Node) -> Vec<Schema<'a>> {
    let part = |role, node: &'a Node| Schema {
        role,
        place: &node.location,
        node,
    };
    let parts = |role| {
        let parts = value.items().iter();
        parts.map(|node| part(role, node)).collect()
    };
    match keyword {
        "properties" => properties(Some(value))
            .map(|(name, field)| Schema {
                role: Role::Field(name),
                place: &field.key,
                node: &field.node,
            })
            .collect(),
        "items" | "additionalProperties" | "not" => vec![part(Role::Part, value)],
        "allOf" => parts(Role::Merged),
        "oneOf" | "anyOf" => parts(Role::Part),
        _ => Vec::new(),
    }
}

/// Returns the properties of an object; none for any other node.
pub(crate) fn properties<'a>(
    node: Option<&'a Node>,
) -> impl Iterator<Item = (&'a str, &'a Property)> + use<'a> {
    let properties = node.and_then(Node::properties).into_iter().flatten();
    properties.map(|(name, property)| (name.as_str(), property))
}

/// Returns true if `node` has a property `name` with a string that is not blank.
pub(crate) fn says(node: &Node, name: &str) -> bool {
    let text = node.get(name).and_then(Node::as_str);
    text.is_some_and(|text| !text.trim().is_empty())
}
