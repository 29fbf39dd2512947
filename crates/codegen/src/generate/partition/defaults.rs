//! Defaults for what an external document may omit and generated code needs: operation ids, and
//! tags that can name a crate.
//!
//! An operation belongs to its first tag, or to the tag `default`. The crate is named after the tag
//! in lower case.

use heck::ToKebabCase;

use super::{TAKEN_NAMES, text};
use crate::collections::{HashSet, IndexMap};
use crate::document::node::Node;
use crate::generate::Options;
use crate::generate::identifiers::is_identifier;
use crate::generate::model::Domain;

/// The tag of operations without tags.
const NO_TAG: &str = "default";

/// The defaults of a document.
pub(super) struct Defaults {
    is_enabled: bool,
    only: Vec<String>,
    /// The domain of each tag, in the order of the document.
    tags: IndexMap<String, Domain>,
    ids: HashSet<String>,
}

impl Defaults {
    pub(super) fn new(document: &Node, options: &Options) -> Self {
        let mut defaults = Self {
            is_enabled: options.uses_defaults,
            only: options.only.clone(),
            tags: IndexMap::default(),
            ids: HashSet::default(),
        };
        if options.uses_defaults {
            defaults.read(document);
        }
        defaults
    }

    /// Collects the declared tags, then the tags that operations use, and the operation ids.
    fn read(&mut self, document: &Node) {
        let mut descriptions: IndexMap<String, String> = IndexMap::default();
        for tag in document.get("tags").map(Node::items).unwrap_or_default() {
            if let Some(name) = tag.get("name").and_then(Node::as_str) {
                descriptions
                    .entry(name.to_owned())
                    .or_insert_with(|| text(tag, "description"));
            }
        }
        let items = document.get("paths").and_then(Node::properties);
        let items = items.into_iter().flatten();
        for (_, operation) in
            items.flat_map(|(_, item)| item.node.properties().into_iter().flatten())
        {
            if operation.node.get("responses").is_some() {
                descriptions
                    .entry(first_tag(&operation.node).to_owned())
                    .or_default();
            }
            let id = operation.node.get("operationId").and_then(Node::as_str);
            self.ids.extend(id.map(str::to_owned));
        }
        let mut taken: HashSet<String> = HashSet::default();
        for (tag, description) in descriptions {
            let short = crate_name(&tag);
            let mut name = short.clone();
            let mut count = 2;
            while !taken.insert(name.clone()) {
                name = format!("{short}-{count}");
                count += 1;
            }
            let domain = Domain {
                description,
                ..Domain::without_operations(&name)
            };
            self.tags.insert(tag, domain);
        }
    }

    /// Returns an empty domain for each tag.
    pub(super) fn domains(&self) -> IndexMap<String, Domain> {
        let domains = self.tags.values();
        domains
            .map(|domain| (domain.tag.clone(), domain.clone()))
            .collect()
    }

    /// Returns true if the operation is to be generated.
    pub(super) fn wants(&self, operation: &Node) -> bool {
        let tag = first_tag(operation);
        self.only.is_empty() || self.only.iter().any(|wanted| self.is_named(tag, wanted))
    }

    /// Returns the requested tags that the document does not have.
    pub(super) fn unknown(&self) -> Vec<&str> {
        let only = self.only.iter().map(String::as_str);
        only.filter(|wanted| !self.tags.keys().any(|tag| self.is_named(tag, wanted)))
            .collect()
    }

    /// Returns true if `name` is the tag or the name of its crate.
    fn is_named(&self, tag: &str, name: &str) -> bool {
        name == tag || self.tags.get(tag).is_some_and(|domain| domain.tag == name)
    }

    /// Returns the tags of the document.
    pub(super) fn all_tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// Returns the domain of an operation.
    pub(super) fn tag(&self, operation: &Node) -> Option<String> {
        let domain = self.tags.get(first_tag(operation))?;
        Some(domain.tag.clone())
    }

    /// Returns an id for an operation without one, such as `get_orders_by_order_id`.
    pub(super) fn operation_id(&mut self, method: &str, path: &str) -> Option<String> {
        if !self.is_enabled {
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

/// Returns the name of the crate of a tag: lower-case ASCII letters and digits, with hyphens
/// between words.
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
    // File systems limit the length of file names.
    name.truncate(60);
    let name = name.trim_end_matches('-').to_owned();
    let is_taken = TAKEN_NAMES.contains(&name.as_str()) && name != NO_TAG;
    if is_taken || !is_identifier(&name.replace('-', "_")) {
        return format!("{name}-api");
    }
    name
}
