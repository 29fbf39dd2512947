//! Stage 3, partition: one [`Domain`] per tag, with its operations and only the schemas they reach.
//!
//! Everything that later stages take for granted is checked here, where the place in the document is still known;
//! all findings of one run are reported together.

mod aliases;
mod all_of;
mod body;
mod bulk;
mod choices;
mod completion;
mod extensions;
mod fields;
mod media_type;
mod operation;
mod pagination;
mod parameter;
mod schema;
mod security;
mod server;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use heck::ToSnakeCase;
use indexmap::IndexMap;

pub(in crate::generate) use self::choices::mapped;
use self::completion::Completion;
pub(in crate::generate) use self::schema::ANNOTATIONS;
use super::identifiers::{is_identifier, snake_case};
use super::model::{Domain, Operation, Schema, SecurityScheme, Server};
use super::{LeftOut, Options};
use crate::document::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::document::node::{Member, Node, NodeValue};
use crate::document::references;

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

/// What the document holds, by tag.
#[derive(Debug)]
pub struct Partition {
    /// One per tag that has operations.
    pub domains: Vec<Domain>,
    /// The operations that cannot be generated, where they may be left out.
    pub left_out: Vec<LeftOut>,
    /// What is not generated of the operations that are.
    pub notes: Vec<Diagnostic>,
}

/// Splits the loaded `document` by tag. Tags without operations give no domain.
pub fn partition(document: &Node, options: &Options) -> Result<Partition, Diagnostics> {
    let mut reader = Reader {
        document,
        options,
        errors: Vec::new(),
        left_out: Vec::new(),
        notes: Vec::new(),
        servers: HashMap::new(),
        schemes: HashMap::new(),
        made_up: Completion::new(document, options),
    };
    reader.version();
    reader.wanted_tags();
    let mut domains = reader.tags();
    let operations = reader.operations();
    let operations = reader.with_names_of_their_own(operations);
    let operations = reader.with_usable_schemas(operations);
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
        reader.errors.dedup_by(|left, right| left.says_as(right));
        return Err(Diagnostics(reader.errors));
    }
    let domains: Vec<Domain> = domains
        .into_values()
        .filter(|domain| !domain.operations.is_empty())
        .collect();
    let operations = domains.iter().flat_map(|domain| &domain.operations);
    let generated: HashSet<&str> = operations.map(|operation| operation.id.as_str()).collect();
    let mut notes = reader.notes;
    notes.retain(|(operation, _)| generated.contains(operation.as_str()));
    Ok(Partition {
        domains,
        left_out: reader.left_out,
        notes: notes.into_iter().map(|(_, note)| note).collect(),
    })
}

/// An operation as it was read: the domain it belongs to, and the schemas it refers to.
type Read = (String, Operation, Vec<String>);

/// Reads the document and remembers what is wrong with it.
struct Reader<'a> {
    document: &'a Node,
    options: &'a Options,
    errors: Vec<Diagnostic>,
    left_out: Vec<LeftOut>,
    /// What is not generated, with the id of the operation that it is part of.
    notes: Vec<(String, Diagnostic)>,
    /// Each server by the name of its static, and where it was first met.
    servers: HashMap<String, (Server, Location)>,
    /// Each security scheme by the name of its static.
    schemes: HashMap<String, SecurityScheme>,
    made_up: Completion,
}

impl<'a> Reader<'a> {
    fn error(&mut self, location: &Location, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(Diagnostic::new(location, message, help));
    }

    /// Says what is not generated although the operation is.
    fn note(&mut self, operation: &str, location: &Location, message: String, help: String) {
        let note = Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::new(location, message, help)
        };
        self.notes.push((operation.to_owned(), note));
    }

    /// A tag that nobody has would otherwise be one without operations.
    fn wanted_tags(&mut self) {
        let unknown = self.made_up.unknown().join("`, `");
        if !unknown.is_empty() {
            let known = self.made_up.all_tags().collect::<Vec<_>>().join("`, `");
            self.error(
                &self.document.location,
                format!("no operation has the tag `{unknown}`"),
                format!("the document's tags are `{known}`"),
            );
        }
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
        if self.options.completes {
            return self.made_up.domains();
        }
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

    /// The operations whose id and Rust names nobody else has; the others are errors.
    fn with_names_of_their_own(&mut self, operations: Vec<Read>) -> Vec<Read> {
        let problems = self.names(&operations);
        self.without(operations, problems)
    }

    /// What is wrong with the names of operations, and with which one's: each is taken once.
    fn names(&self, operations: &[Read]) -> Vec<(usize, Diagnostic)> {
        let mut problems = Vec::new();
        let mut ids: HashMap<&str, &Location> = HashMap::new();
        let mut methods: HashMap<(&str, String), &Operation> = HashMap::new();
        let mut verbs: HashMap<(&str, String, &str), &Operation> = HashMap::new();
        for (number, (tag, operation, _)) in operations.iter().enumerate() {
            if operation.variant.is_some() {
                // The same operation with another body.
                continue;
            }
            let first = *ids.entry(&operation.id).or_insert(&operation.location);
            if !std::ptr::eq(first, &operation.location) {
                let problem = Diagnostic::new(
                    &operation.location,
                    format!("the operation id `{}` stands twice", operation.id),
                    "give each operation an id of its own",
                );
                problems.push((number, problem.with_related(first, "the first one")));
                continue;
            }
            let first = *methods
                .entry((tag, snake_case(&operation.id, "operation")))
                .or_insert(operation);
            // Lowering tells them apart by a number, which is no name that anybody would choose for their own.
            if !std::ptr::eq(first, operation) && !self.options.completes {
                let problem = Diagnostic::new(
                    &operation.location,
                    format!(
                        "`{}` and `{}` become the same Rust method",
                        operation.id, first.id
                    ),
                    "rename one of them so that they differ in more than case and punctuation",
                );
                problems.push((
                    number,
                    problem.with_related(&first.location, "the other one"),
                ));
            }
            let bulk = operation.bulk.as_ref().and_then(|bulk| bulk.verb.as_ref());
            for verb in operation.verb.iter().chain(bulk) {
                let resource = snake_case(&operation.resource, "resource");
                match verbs.entry((tag, resource, verb)) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(operation);
                    }
                    Entry::Occupied(first) => {
                        let problem = Diagnostic::new(
                            &operation.location,
                            format!(
                                "`{}` and `{}` are both `{verb}` of the resource `{}`",
                                operation.id,
                                first.get().id,
                                operation.resource
                            ),
                            "give one of them another `x-verb` or `x-resource`",
                        );
                        let other = &first.get().location;
                        problems.push((number, problem.with_related(other, "the other one")));
                    }
                }
            }
        }
        problems
    }

    /// The operations that reach no schema that cannot be generated.
    fn with_usable_schemas(&mut self, operations: Vec<Read>) -> Vec<Read> {
        let circles = self.unusable_aliases();
        if !self.options.skips_unsupported {
            // What is wrong with the schemas themselves is found when they are reached.
            self.errors
                .extend(circles.into_iter().map(|(_, problem)| problem));
            return operations;
        }
        let mut known: HashMap<String, Vec<Diagnostic>> = HashMap::new();
        for (name, problem) in circles {
            known.entry(name).or_default().push(problem);
        }
        let mut problems = Vec::new();
        let mut checked = HashSet::new();
        for (number, (_, _, schemas)) in operations.iter().enumerate() {
            for name in self.reached_from(schemas) {
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

    /// The operations without those that have a problem, which is an error unless they may be left out.
    fn without(&mut self, operations: Vec<Read>, problems: Vec<(usize, Diagnostic)>) -> Vec<Read> {
        if !self.options.skips_unsupported {
            self.errors
                .extend(problems.into_iter().map(|(_, problem)| problem));
            return operations;
        }
        let mut reasons: HashMap<usize, Vec<Diagnostic>> = HashMap::new();
        for (number, problem) in problems {
            reasons.entry(number).or_default().push(problem);
        }
        let mut kept = Vec::new();
        for (number, read) in operations.into_iter().enumerate() {
            match reasons.remove(&number) {
                Some(reasons) => self.left_out.push(LeftOut {
                    operation: format!("{} {}", read.1.method, read.1.path),
                    reasons,
                }),
                None => kept.push(read),
            }
        }
        kept
    }

    /// The named schema.
    fn component(&self, name: &str) -> Option<&'a Node> {
        let pointer = format!(
            "/components/schemas/{}",
            crate::document::node::escape_pointer_token(name)
        );
        self.document.pointer(&pointer)
    }

    /// The schemas that `names` refer to, directly or through one another, themselves included.
    fn reached_from(&self, names: &[String]) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut reached = Vec::new();
        let mut pending = names.to_vec();
        while let Some(name) = pending.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if let Some(node) = self.component(&name) {
                let next = references(node, "schemas");
                pending.extend(next);
            }
            reached.push(name);
        }
        reached
    }

    /// Adds the schema `name` and everything it refers to.
    fn reach(&mut self, domain: &mut Domain, name: &str) {
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            if domain.schemas.contains_key(&name) {
                continue;
            }
            let Some(node) = self.component(&name) else {
                continue;
            };
            self.schema(node);
            let schema = Schema {
                value: node.to_value(),
                location: node.location.clone(),
            };
            domain.schemas.insert(name, schema);
            pending.extend(references(node, "schemas").into_iter().rev());
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
