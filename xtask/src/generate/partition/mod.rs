//! Stage 2, partition: one [`Domain`] per tag, with its operations and only the schemas they reach.
//!
//! Everything that later stages take for granted is checked here, where the place in the document is still known;
//! all findings of one run are reported together.

mod operation;
mod pagination;
mod schema;
mod security;
mod server;

use std::collections::HashMap;

use heck::ToSnakeCase;
use indexmap::IndexMap;

use super::identifiers::{is_identifier, snake_case};
use super::load::node::{Member, Node, NodeValue};
use super::load::references;
use super::model::{Domain, Operation, Schema, SecurityScheme, Server};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};

/// What a tag cannot be called, because a crate of the workspace, or a module, feature or method of the facade has the
/// name already.
const TAKEN_NAMES: [&str; 11] = [
    "builder",
    "client",
    "core",
    "default",
    "from-env",
    "from_env",
    "generated",
    "runtime",
    "sandbox",
    "scorekit",
    "tests",
];

/// Splits the loaded `document` by tag. Tags without operations give no domain.
pub fn partition(document: &Node) -> Result<Vec<Domain>, Diagnostics> {
    let mut reader = Reader {
        document,
        errors: Vec::new(),
        servers: HashMap::new(),
        schemes: HashMap::new(),
    };
    reader.version();
    let mut domains = reader.tags();
    let operations = reader.operations();
    reader.circular_aliases();
    reader.names(&operations);
    for (tag, operation, schemas) in operations {
        let Some(domain) = domains.get_mut(&tag) else {
            continue;
        };
        for name in schemas {
            reader.reach(domain, &name);
        }
        domain.operations.push(operation);
    }
    if !reader.errors.is_empty() {
        reader.errors.sort_by_key(|error| {
            error
                .location
                .as_ref()
                .map(|place| (place.file.path.clone(), place.line, place.column))
        });
        // What two operations or domains share was read twice.
        reader
            .errors
            .dedup_by(|left, right| left.render(false) == right.render(false));
        return Err(Diagnostics(reader.errors));
    }
    Ok(domains
        .into_values()
        .filter(|domain| !domain.operations.is_empty())
        .collect())
}

/// Reads the document and remembers what is wrong with it.
struct Reader<'a> {
    document: &'a Node,
    errors: Vec<Diagnostic>,
    /// Each server by the name of its static, and where it was first met.
    servers: HashMap<String, (Server, Location)>,
    /// Each security scheme by the name of its static.
    schemes: HashMap<String, SecurityScheme>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, location: &Location, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(Diagnostic::new(location, message, help));
    }

    /// `node`, or the component it refers to. Loading made sure that there is one.
    fn resolve(&self, node: &'a Node) -> &'a Node {
        let mut node = node;
        // Loading refused circles, so this ends.
        while let Some(target) = node
            .reference()
            .and_then(|reference| self.document.pointer(reference.strip_prefix('#')?))
        {
            node = target;
        }
        node
    }

    /// The items of a member that has to be a sequence; nothing if it is missing.
    fn list(&mut self, node: &'a Node, name: &str) -> &'a [Node] {
        match node.get(name) {
            Some(Node {
                value: NodeValue::Array(items),
                ..
            }) => items,
            Some(other) => {
                self.error(
                    &other.location,
                    format!("`{name}` is not a list"),
                    "write a `- ` before each of its items",
                );
                &[]
            }
            None => &[],
        }
    }

    /// The members of a member that has to be a mapping; nothing if it is missing.
    fn mapping(
        &mut self,
        node: &'a Node,
        name: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Member)> + use<'a> {
        let member = node.get(name);
        if let Some(other) = member.filter(|other| other.members().is_none()) {
            self.error(
                &other.location,
                format!("`{name}` is not a mapping"),
                "write its members as `name: value`",
            );
        }
        member.and_then(Node::members).into_iter().flatten()
    }

    fn version(&mut self) {
        let version = self.document.get("openapi");
        if version
            .and_then(Node::as_str)
            .is_some_and(|version| version.starts_with("3.0."))
        {
            return;
        }
        let location = version
            .map_or(&self.document.location, |node| &node.location)
            .clone();
        self.error(
            &location,
            "the document is not OpenAPI 3.0",
            "start it with `openapi: 3.0.3`",
        );
    }

    fn tags(&mut self) -> IndexMap<String, Domain> {
        let mut domains = IndexMap::new();
        for node in self.list(self.document, "tags") {
            let Some(tag) = node.get("name").and_then(Node::as_str) else {
                self.error(&node.location, "a tag has no name", "give it a `name`");
                continue;
            };
            let is_name = tag.starts_with(|first: char| first.is_ascii_lowercase())
                && tag
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
            if !is_name || TAKEN_NAMES.contains(&tag) || !is_identifier(&tag.to_snake_case()) {
                let location = node.get("name").unwrap_or(node).location.clone();
                self.error(
                    &location,
                    format!("the tag `{tag}` cannot name a crate and a Rust module"),
                    format!(
                        "use lower-case letters, digits and hyphens, and none of {} or a Rust keyword",
                        TAKEN_NAMES.join(", ")
                    ),
                );
                continue;
            }
            let domain = Domain {
                tag: tag.to_owned(),
                description: text(node, "description"),
                operations: Vec::new(),
                schemas: IndexMap::new(),
            };
            let same = |known: &String| known.to_snake_case() == tag.to_snake_case();
            if domains.keys().any(same) {
                self.error(
                    &node.location,
                    format!(
                        "the tag `{tag}` stands twice, or differs from another in punctuation alone"
                    ),
                    "remove or rename one of them",
                );
            } else {
                domains.insert(tag.to_owned(), domain);
            }
        }
        domains
    }

    /// Operation ids and the Rust names made from them are taken once.
    fn names(&mut self, operations: &[(String, Operation, Vec<String>)]) {
        let mut ids: HashMap<&str, &Location> = HashMap::new();
        let mut methods: HashMap<(&str, String), &Operation> = HashMap::new();
        let mut verbs: HashMap<(&str, String, &str), &Operation> = HashMap::new();
        for (tag, operation, _) in operations {
            let first = *ids.entry(&operation.id).or_insert(&operation.location);
            if !std::ptr::eq(first, &operation.location) {
                self.errors.push(
                    Diagnostic::new(
                        &operation.location,
                        format!("the operation id `{}` stands twice", operation.id),
                        "give each operation an id of its own",
                    )
                    .with_related(first, "the first one"),
                );
                continue;
            }
            let first = *methods
                .entry((tag, snake_case(&operation.id, "operation")))
                .or_insert(operation);
            if !std::ptr::eq(first, operation) {
                self.errors.push(
                    Diagnostic::new(
                        &operation.location,
                        format!(
                            "`{}` and `{}` become the same Rust method",
                            operation.id, first.id
                        ),
                        "rename one of them so that they differ in more than case and punctuation",
                    )
                    .with_related(&first.location, "the other one"),
                );
            }
            let Some(verb) = &operation.verb else {
                continue;
            };
            let resource = snake_case(&operation.resource, "resource");
            let first = *verbs.entry((tag, resource, verb)).or_insert(operation);
            if !std::ptr::eq(first, operation) {
                self.errors.push(
                    Diagnostic::new(
                        &operation.location,
                        format!(
                            "`{}` and `{}` are both `{verb}` of the resource `{}`",
                            operation.id, first.id, operation.resource
                        ),
                        "give one of them another `x-verb` or `x-resource`",
                    )
                    .with_related(&first.location, "the other one"),
                );
            }
        }
    }

    /// Adds the schema `name` and everything it refers to.
    fn reach(&mut self, domain: &mut Domain, name: &str) {
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            if domain.schemas.contains_key(&name) {
                continue;
            }
            let pointer = format!(
                "/components/schemas/{}",
                super::load::node::escape_pointer_token(&name)
            );
            let Some(node) = self.document.pointer(&pointer) else {
                continue;
            };
            self.schema(node);
            let schema = Schema {
                value: node.to_value(),
                location: node.location.clone(),
            };
            domain.schemas.insert(name, schema);
            pending.extend(
                references(node, "schemas")
                    .into_iter()
                    .rev()
                    .map(str::to_owned),
            );
        }
    }
}

/// The text of a member, or nothing.
fn text(node: &Node, name: &str) -> String {
    node.get(name)
        .and_then(Node::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
