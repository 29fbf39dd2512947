//! Stage 3, partition: splits the document into one [`Domain`] per tag, with its operations and the
//! schemas that they reach.
//!
//! Everything that later stages rely on is checked here, because here each value still has its
//! place in the document. One run reports all errors.

mod aliases;
mod all_of;
mod body;
mod bulk;
mod defaults;
mod extensions;
mod fields;
mod item_properties;
mod media_type;
mod names;
mod operation;
mod pagination;
mod pagination_forms;
mod parameter;
mod schema;
mod security;
mod server;
mod streams;
mod unions;
mod widen;

use std::rc::Rc;

use heck::ToSnakeCase;

pub(in crate::generate) use self::body::is_status;
use self::defaults::Defaults;
pub(in crate::generate) use self::extensions::search_words;
pub(in crate::generate) use self::schema::ANNOTATIONS;
pub(in crate::generate) use self::server::template_names;
pub(in crate::generate) use self::unions::mapped;
pub(in crate::generate) use self::widen::widen;
use super::identifiers::is_identifier;
use super::model::{Domain, Operation, Schema, SchemaPath, SecurityScheme, Server};
use super::{LeftOut, Options};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::document::node::{Node, NodeValue, Property};
use crate::document::{Unreadable, references};

/// Names that a tag cannot have, because crates of the workspace, or modules, features or methods
/// of the facade, have them.
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

/// The operations and schemas of a document, by tag.
#[derive(Debug)]
pub struct Partition {
    /// One domain per tag that has operations.
    pub domains: Vec<Domain>,
    /// The operations that were left out because they cannot be generated.
    pub left_out: Vec<LeftOut>,
    /// Parts of generated operations that are not generated.
    pub notes: Vec<Diagnostic>,
}

/// Splits a document by tag. Tags without operations give no domain.
///
/// # Errors
/// Returns everything that keeps the operations from being generated, in the order of the places.
pub fn partition(document: &Node, options: &Options) -> Result<Partition, Diagnostics> {
    partition_with(document, options, &Unreadable::default())
}

/// Splits a document as [`partition`] does. `unreadable` has the reasons for the parts that were
/// not read.
///
/// # Errors
/// Returns everything that keeps the operations from being generated, in the order of the places.
pub fn partition_with(
    document: &Node,
    options: &Options,
    unreadable: &Unreadable,
) -> Result<Partition, Diagnostics> {
    let mut reader = new_reader(document, options, unreadable);
    reader.version();
    reader.missing_paths();
    reader.wanted_tags();
    let mut domains = reader.tags();
    let operations = reader.operations();
    let operations = reader.with_unique_names(operations);
    let operations = reader.with_usable_schemas(operations);
    for read in operations {
        let Some(domain) = domains.get_mut(&read.tag) else {
            continue;
        };
        for name in read.schemas {
            reader.reach(domain, &name);
        }
        domain.operations.push(read.operation);
    }
    if !reader.errors.is_empty() {
        let errors = &mut reader.errors;
        errors.sort_by(|left, right| left.place().cmp(&right.place()));
        // Schemas that several operations share are read several times.
        reader.errors.dedup_by(|left, right| left.is_same(right));
        return Err(Diagnostics(reader.errors));
    }
    let domains: Vec<Domain> = domains
        .into_values()
        .filter(|domain| !domain.operations.is_empty())
        .collect();
    let operations = domains.iter().flat_map(|domain| &domain.operations);
    let generated: HashSet<&str> = operations.map(|operation| operation.id.as_str()).collect();
    let mut notes = reader.notes;
    notes.retain(|(id, _)| id.is_empty() || generated.contains(id.as_str()));
    Ok(Partition {
        domains,
        left_out: reader.left_out,
        notes: notes.into_iter().map(|(_, note)| note).collect(),
    })
}

fn new_reader<'a>(
    document: &'a Node,
    options: &'a Options,
    unreadable: &'a Unreadable,
) -> Reader<'a> {
    Reader {
        document,
        options,
        unreadable,
        errors: Vec::new(),
        left_out: Vec::new(),
        notes: Vec::new(),
        servers: HashMap::default(),
        schemes: HashMap::default(),
        defaults: Defaults::new(document, options),
        reached: HashMap::default(),
        inner: HashMap::default(),
    }
}

/// An operation that was read from the document.
struct ReadOperation {
    /// The tag, which names the domain that it belongs to.
    tag: String,
    operation: Operation,
    /// The names of the schemas that it refers to.
    schemas: Vec<String>,
}

/// A reader of the document, which collects errors.
struct Reader<'a> {
    document: &'a Node,
    options: &'a Options,
    unreadable: &'a Unreadable,
    errors: Vec<Diagnostic>,
    left_out: Vec<LeftOut>,
    /// Notes, each with the id of its operation, which is empty for a shared part.
    notes: Vec<(String, Diagnostic)>,
    /// Each server by the name of its static, and its first place.
    servers: HashMap<String, (Server, Location)>,
    /// Each security scheme by the name of its static.
    schemes: HashMap<String, SecurityScheme>,
    defaults: Defaults,
    /// The schemas that a domain reaches.
    reached: HashMap<String, Schema>,
    /// The names of the schemas that each schema refers to.
    inner: HashMap<String, Rc<[String]>>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, location: &Location, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(Diagnostic::new(location, message, help));
    }

    /// Reports an error, or in a third-party document a note with what is assumed.
    fn error_or_note(
        &mut self,
        location: &Location,
        message: impl Into<String>,
        [help, assumed]: [&str; 2],
    ) {
        if self.options.uses_defaults {
            self.note("", location, message.into(), assumed.to_owned());
        } else {
            self.error(location, message, help);
        }
    }

    /// Returns true if a part of the document could not be read, and reports why.
    fn is_unreadable(&mut self, node: &Node) -> bool {
        let reason = self.unreadable.reason(node);
        self.errors.extend(reason.cloned());
        reason.is_some()
    }

    /// Notes a part of an operation that is not generated.
    fn note(&mut self, operation: &str, location: &Location, message: String, help: String) {
        let note = Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::new(location, message, help)
        };
        self.notes.push((operation.to_owned(), note));
    }

    /// Rejects requested tags that no operation has.
    fn wanted_tags(&mut self) {
        let unknown = self.defaults.unknown().join("`, `");
        if !unknown.is_empty() {
            let known = self.defaults.all_tags().collect::<Vec<_>>().join("`, `");
            self.error(
                &self.document.location,
                format!("no operation has the tag `{unknown}`"),
                format!("the document's tags are `{known}`"),
            );
        }
    }

    /// Returns `node`, or the component that it refers to, which exists after loading.
    fn resolve(&self, node: &'a Node) -> &'a Node {
        let mut node = node;
        // Loading rejected circular references, so this ends.
        while let Some(target) = node
            .reference()
            .and_then(|reference| self.document.pointer(reference.strip_prefix('#')?))
        {
            node = target;
        }
        node
    }

    /// Returns the items of a list under the key `name`; none if it is missing.
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
                    "write `- ` before each of its items",
                );
                &[]
            }
            None => &[],
        }
    }

    /// Returns the entries of a mapping under the key `name`; none if it is missing.
    fn mapping(
        &mut self,
        node: &'a Node,
        name: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Property)> + use<'a> {
        let property = node.get(name);
        if let Some(other) = property.filter(|other| other.properties().is_none()) {
            self.error(
                &other.location,
                format!("`{name}` is not a mapping"),
                "write its entries as `name: value`",
            );
        }
        property.and_then(Node::properties).into_iter().flatten()
    }

    fn version(&mut self) {
        let version = self.document.get("openapi");
        let is_known = |version: &str| {
            ["3.0", "3.1", "3.2"]
                .iter()
                .any(|known| version.starts_with(known))
        };
        if version.and_then(Node::as_str).is_some_and(is_known) {
            return;
        }
        let location = |node: &Node| node.location.clone();
        if let Some(old) = self.document.get("swagger") {
            let message = "the document is Swagger 2.0, the version before OpenAPI 3.0";
            let help = "convert it with `npx swagger2openapi FILE --outfile openapi.yaml`, or with \
                        https://converter.swagger.io";
            self.error(&location(old), message, help);
            return;
        }
        let place = version.map_or_else(|| location(self.document), location);
        let help = "name a document whose key `openapi` is 3.0 or 3.1, such as `openapi: 3.0.3`";
        self.error(&place, "the document is not OpenAPI 3.0 or 3.1", help);
    }

    /// Lists the paths that could not be read.
    fn missing_paths(&mut self) {
        for (path, reason) in &self.unreadable.paths {
            self.left_out.push(LeftOut {
                operation: format!("every operation of {path}"),
                reasons: vec![reason.clone()],
            });
        }
    }

    fn tags(&mut self) -> IndexMap<String, Domain> {
        if self.options.uses_defaults {
            return self.defaults.domains();
        }
        let mut domains = IndexMap::default();
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
                        "use lower-case letters, digits and hyphens, but not a keyword or one of {}",
                        TAKEN_NAMES.join(", ")
                    ),
                );
                continue;
            }
            let domain = Domain {
                description: text(node, "description"),
                ..Domain::without_operations(tag)
            };
            let same = |known: &String| known.to_snake_case() == tag.to_snake_case();
            if domains.keys().any(same) {
                self.error(
                    &node.location,
                    format!("the tag `{tag}` is a duplicate or differs only in punctuation"),
                    "remove or rename one of them",
                );
            } else {
                domains.insert(tag.to_owned(), domain);
            }
        }
        domains
    }

    /// Returns the operations whose schemas can all be generated.
    fn with_usable_schemas(&mut self, operations: Vec<ReadOperation>) -> Vec<ReadOperation> {
        let unusable = self.unusable_aliases();
        if !self.options.skips_unsupported {
            // Errors in the schemas themselves are found when they are reached.
            self.errors
                .extend(unusable.into_iter().map(|(_, problem)| problem));
            return operations;
        }
        let mut known: HashMap<String, Vec<Diagnostic>> = HashMap::default();
        for (name, problem) in unusable {
            known.entry(name).or_default().push(problem);
        }
        let mut problems = Vec::new();
        let mut checked = HashSet::default();
        for (number, read) in operations.iter().enumerate() {
            for name in self.reached_from(&read.schemas) {
                if checked.insert(name.clone())
                    && let Some(node) = self.component(&name)
                {
                    let before = self.errors.len();
                    self.schema(node);
                    let found = self.errors.split_off(before);
                    known.entry(name.clone()).or_default().extend(found);
                }
                let found = known.get(&name).into_iter().flatten();
                problems.extend(found.map(|problem| (number, problem.clone())));
            }
        }
        self.without(operations, problems)
    }

    /// Returns the operations without problems. The others are left out if that is allowed, else
    /// their problems are errors.
    fn without(
        &mut self,
        operations: Vec<ReadOperation>,
        problems: Vec<(usize, Diagnostic)>,
    ) -> Vec<ReadOperation> {
        if !self.options.skips_unsupported {
            self.errors
                .extend(problems.into_iter().map(|(_, problem)| problem));
            return operations;
        }
        let mut reasons: HashMap<usize, Vec<Diagnostic>> = HashMap::default();
        for (number, problem) in problems {
            reasons.entry(number).or_default().push(problem);
        }
        let mut kept = Vec::new();
        for (number, read) in operations.into_iter().enumerate() {
            match reasons.remove(&number) {
                Some(reasons) => self.left_out.push(LeftOut {
                    operation: format!("{} {}", read.operation.method, read.operation.path),
                    reasons,
                }),
                None => kept.push(read),
            }
        }
        kept
    }

    /// Returns the named schema.
    fn component(&self, name: &str) -> Option<&'a Node> {
        self.document.get("components")?.get("schemas")?.get(name)
    }

    /// Returns the names of the schemas that the named schema refers to.
    fn inner(&mut self, name: &str) -> Rc<[String]> {
        if let Some(known) = self.inner.get(name) {
            return Rc::clone(known);
        }
        let node = self.component(name);
        let inner = node.map(|node| references(node, "schemas"));
        let inner: Rc<[String]> = inner.unwrap_or_default().into();
        self.inner.insert(name.to_owned(), Rc::clone(&inner));
        inner
    }

    /// Returns `names` and the names of all schemas that they refer to, directly or indirectly.
    fn reached_from(&mut self, names: &[String]) -> Vec<String> {
        let mut seen = HashSet::default();
        let mut reached = Vec::new();
        let mut pending = names.to_vec();
        while let Some(name) = pending.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            pending.extend(self.inner(&name).iter().cloned());
            reached.push(name);
        }
        reached
    }

    /// Adds the schema `name` and all schemas that it refers to.
    fn reach(&mut self, domain: &mut Domain, name: &str) {
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            if domain.schemas.contains_key(&name) {
                continue;
            }
            // Domains that reach the same schema share its value.
            if !self.reached.contains_key(&name) {
                let Some(node) = self.component(&name) else {
                    continue;
                };
                self.schema(node);
                let schema = Schema {
                    value: node.to_value().into(),
                    location: node.location.clone(),
                    path: SchemaPath::named(&name),
                };
                self.reached.insert(name.clone(), schema);
            }
            pending.extend(self.inner(&name).iter().rev().cloned());
            if let Some(schema) = self.reached.get(&name) {
                domain.schemas.insert(name, schema.clone());
            }
        }
    }
}

/// Returns the string under the key `name`, or an empty one.
fn text(node: &Node, name: &str) -> String {
    node.get(name)
        .and_then(Node::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
