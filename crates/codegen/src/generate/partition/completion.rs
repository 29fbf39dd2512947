//! Makes up what a document of somebody else may leave out and generated code cannot do without: operation ids, and
//! tags that can name a crate.
//!
//! Documents of the world give operations several tags or none, declare none of them, and write them for people to
//! read. An operation belongs to its first tag; the crate is named after it in lower case.

use std::collections::HashSet;

use heck::ToKebabCase;
use indexmap::IndexMap;

use super::{TAKEN_NAMES, text};
use crate::document::node::Node;
use crate::generate::Options;
use crate::generate::identifiers::is_identifier;
use crate::generate::model::Domain;

/// The tag of operations that have none.
const NO_TAG: &str = "default";

/// What was made up.
pub(super) struct Completion {
    is_wanted: bool,
    only: Vec<String>,
    /// The crate's name for each tag, in the order of the document.
    tags: IndexMap<String, Domain>,
    ids: HashSet<String>,
}

impl Completion {
    pub(super) fn new(document: &Node, options: &Options) -> Self {
        let mut completion = Self {
            is_wanted: options.completes,
            only: options.only.clone(),
            tags: IndexMap::new(),
            ids: HashSet::new(),
        };
        if options.completes {
            completion.read(document);
        }
        completion
    }

    /// Collects the tags that are declared, then those that are used, and the ids that are taken.
    fn read(&mut self, document: &Node) {
        let mut descriptions: IndexMap<String, String> = IndexMap::new();
        for tag in document.get("tags").map(Node::items).unwrap_or_default() {
            if let Some(name) = tag.get("name").and_then(Node::as_str) {
                descriptions
                    .entry(name.to_owned())
                    .or_insert_with(|| text(tag, "description"));
            }
        }
        let items = document.get("paths").and_then(Node::members);
        let items = items.into_iter().flatten();
        for (_, operation) in items.flat_map(|(_, item)| item.node.members().into_iter().flatten())
        {
            if operation.node.get("responses").is_some() {
                descriptions
                    .entry(first_tag(&operation.node).to_owned())
                    .or_default();
            }
            let id = operation.node.get("operationId").and_then(Node::as_str);
            self.ids.extend(id.map(str::to_owned));
        }
        let mut taken: HashSet<String> = HashSet::new();
        for (tag, description) in descriptions {
            let short = crate_name(&tag);
            let mut name = short.clone();
            let mut count = 2;
            while !taken.insert(name.clone()) {
                name = format!("{short}-{count}");
                count += 1;
            }
            let domain = Domain {
                tag: name,
                description,
                operations: Vec::new(),
                schemas: IndexMap::new(),
            };
            self.tags.insert(tag, domain);
        }
    }

    /// A domain for each tag.
    pub(super) fn domains(&self) -> IndexMap<String, Domain> {
        let domains = self.tags.values();
        domains
            .map(|domain| (domain.tag.clone(), domain.clone()))
            .collect()
    }

    /// Whether the operation is among those to generate.
    pub(super) fn wants(&self, operation: &Node) -> bool {
        let tag = first_tag(operation);
        self.only.is_empty() || self.only.iter().any(|wanted| self.is_named(tag, wanted))
    }

    /// What is to be generated alone and is no tag of the document.
    pub(super) fn unknown(&self) -> Vec<&str> {
        let only = self.only.iter().map(String::as_str);
        only.filter(|wanted| !self.tags.keys().any(|tag| self.is_named(tag, wanted)))
            .collect()
    }

    /// Whether somebody may mean `tag` by `name`: the name of its crate will do.
    fn is_named(&self, tag: &str, name: &str) -> bool {
        name == tag || self.tags.get(tag).is_some_and(|domain| domain.tag == name)
    }

    /// The tags of the document.
    pub(super) fn all_tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// The domain of an operation, where tags may be anything.
    pub(super) fn tag(&self, operation: &Node) -> Option<String> {
        let domain = self.tags.get(first_tag(operation))?;
        Some(domain.tag.clone())
    }

    /// An id for an operation that has none: `get_orders_by_order_id`.
    pub(super) fn operation_id(&mut self, method: &str, path: &str) -> Option<String> {
        if !self.is_wanted {
            return None;
        }
        let mut id = method.to_owned();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            id.push('_');
            match segment.strip_prefix('{') {
                Some(name) => {
                    id.push_str("by_");
                    id.push_str(name.trim_end_matches('}'));
                }
                None => id.push_str(segment),
            }
        }
        let id: String = id
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let mut unique = id.clone();
        let mut count = 2;
        while !self.ids.insert(unique.clone()) {
            unique = format!("{id}_{count}");
            count += 1;
        }
        Some(unique)
    }
}

fn first_tag(operation: &Node) -> &str {
    operation
        .get("tags")
        .and_then(|tags| tags.items().first()?.as_str())
        .unwrap_or(NO_TAG)
}

/// What a tag becomes in the name of a crate: lower-case ASCII letters and digits, with hyphens between the words.
fn crate_name(tag: &str) -> String {
    let ascii: String = tag
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let mut name = ascii.to_kebab_case();
    if name.is_empty() {
        NO_TAG.clone_into(&mut name);
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, 'n');
    }
    // Cargo takes no longer file names than the system does.
    name.truncate(60);
    let name = name.trim_end_matches('-').to_owned();
    let is_taken = TAKEN_NAMES.contains(&name.as_str()) && name != NO_TAG;
    if is_taken || !is_identifier(&name.replace('-', "_")) {
        return format!("{name}-api");
    }
    name
}
