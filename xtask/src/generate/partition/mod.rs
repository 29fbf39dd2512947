//! Stage 2, partition: one [`Domain`] per tag, with its operations and only the schemas they reach.
//!
//! Everything that later stages take for granted is checked here, where the place in the document is still known;
//! all findings of one run are reported together.

mod operation;
mod schema;
mod security;
mod server;

use std::collections::HashMap;

use heck::ToSnakeCase;
use indexmap::IndexMap;

use super::load::node::Node;
use super::load::references;
use super::model::{Domain, Operation, Schema};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};

/// Crates that a tag cannot be called after, because the workspace has them already.
const TAKEN_NAMES: [&str; 4] = ["core", "sandbox", "scorekit", "tests"];

/// Splits the loaded `document` by tag. Tags without operations give no domain.
pub fn partition(document: &Node) -> Result<Vec<Domain>, Diagnostics> {
    let mut reader = Reader {
        document,
        errors: Vec::new(),
    };
    reader.version();
    let mut domains = reader.tags();
    let operations = reader.operations();
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
}

impl<'a> Reader<'a> {
    fn error(&mut self, location: &Location, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(Diagnostic::new(location, message, help));
    }

    /// `node`, or the component it refers to. Loading made sure that there is one.
    fn resolve(&self, node: &'a Node) -> &'a Node {
        let mut node = node;
        // A reference to a reference ends; one to itself must too.
        for _ in 0..8 {
            let target = node
                .reference()
                .and_then(|reference| self.document.pointer(reference.strip_prefix('#')?));
            match target {
                Some(target) => node = target,
                None => break,
            }
        }
        node
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
        for node in self
            .document
            .get("tags")
            .map(Node::items)
            .unwrap_or_default()
        {
            let Some(tag) = node.get("name").and_then(Node::as_str) else {
                self.error(&node.location, "a tag has no name", "give it a `name`");
                continue;
            };
            let is_name = tag.starts_with(|first: char| first.is_ascii_lowercase())
                && tag
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
            if !is_name || TAKEN_NAMES.contains(&tag) || is_keyword(&tag.to_snake_case()) {
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
            let documentation = node.pointer("/externalDocs/url").and_then(Node::as_str);
            let domain = Domain {
                tag: tag.to_owned(),
                description: text(node, "description"),
                documentation: documentation.map(str::to_owned),
                operations: Vec::new(),
                schemas: IndexMap::new(),
            };
            if domains.insert(tag.to_owned(), domain).is_some() {
                self.error(
                    &node.location,
                    format!("the tag `{tag}` is declared twice"),
                    "remove one of them",
                );
            }
        }
        domains
    }

    /// Operation ids and the Rust names made from them are taken once.
    fn names(&mut self, operations: &[(String, Operation, Vec<String>)]) {
        let mut ids: HashMap<&str, &Location> = HashMap::new();
        let mut methods: HashMap<(&str, String), &Operation> = HashMap::new();
        for (tag, operation, _) in operations {
            if let Some(first) = ids.insert(&operation.id, &operation.location) {
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
            if let Some(first) = methods.insert((tag, operation.id.to_snake_case()), operation) {
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

fn is_keyword(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_err()
}
