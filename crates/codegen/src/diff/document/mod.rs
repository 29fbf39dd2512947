//! Compares two documents domain by domain and decides the effect of each change on the wire.
//!
//! The verdicts on the wire rest on the guarantees of every generated client. It ignores unknown
//! properties, keeps unknown values of enums and unions, and keeps dates as strings. It reads a
//! missing required field of a response as empty, and any 2xx status is a success.

mod bodies;
mod callbacks;
mod changes;
mod combined;
mod content;
mod kinds;
mod limits;
mod meaning;
mod objects;
mod operation;
mod overlaps;
mod pagination;
mod parameter;
mod position;
pub(super) mod provenance;
mod renames;
mod responses;
mod schema;
mod schemas;
mod security;
mod server_variables;
mod servers;
mod subject;
mod unions;
mod usage;
mod values;
mod widened;
mod written;

pub(super) use self::subject::{DomainVersion, Version};

use self::changes::{Changes, Difference};
use self::operation::Documents;
use self::schemas::Domains;
use self::subject::OperationVersion;
use self::usage::Usages;
use self::widened::Differing;
use super::change::{Change, WireEffect};
use super::nodes::changed;
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::generate::model::SchemaPath;

/// Returns the changes of each domain by tag, in the order of the old document, then of the new
/// one.
pub(super) fn compare(old: &Version, new: &Version) -> IndexMap<String, Vec<Change>> {
    let mut changes = Changes::default();
    for version in old.domains.iter().chain(&new.domains) {
        changes
            .by_tag
            .entry(version.domain.tag.clone())
            .or_default();
    }
    domains(old, new, &mut changes);
    let matched = Matched::new(old, new);
    let differing = Differing::new(old, new);
    let domains = matched.domains([old, new], &differing);
    matched.compare([old, new], &domains, &mut changes);
    servers_and_schemes(old, new, &matched.schemes, &mut changes);
    for ((before, after), domains) in &domains {
        changes.tag.clone_from(before);
        if before == after {
            domains.compare(&mut changes);
        } else {
            domains.compare_reached(&mut changes);
        }
    }
    changes.by_tag
}

/// The domains that hold the two versions of an operation, by their tags.
type DomainPairs<'a> = IndexMap<(String, String), Domains<'a>>;

/// The operations of both documents: in pairs, or alone.
struct Matched<'a> {
    pairs: Vec<(OperationVersion<'a>, OperationVersion<'a>)>,
    removed: Vec<OperationVersion<'a>>,
    added: Vec<OperationVersion<'a>>,
    /// The security schemes of the old document that have another name in the new one.
    schemes: HashMap<String, String>,
}

impl<'a> Matched<'a> {
    /// Matches operations of one id, or else of one method and path. An operation has a version
    /// for each media type of its request body.
    fn new(old: &'a Version, new: &'a Version) -> Self {
        let mut matched = Self {
            pairs: Vec::new(),
            removed: Vec::new(),
            added: Vec::new(),
            schemes: security::renamed(old, new),
        };
        let old_ids: HashSet<&str> = old
            .operations()
            .map(|version| version.operation.id.as_str())
            .collect();
        let mut by_id: IndexMap<&str, Vec<OperationVersion>> = IndexMap::default();
        let mut by_route: HashMap<(&str, String), &str> = HashMap::default();
        for after in new.operations() {
            let operation = after.operation;
            by_id.entry(&operation.id).or_default().push(after);
            if !old_ids.contains(operation.id.as_str()) {
                let route = operation::route(&operation.path);
                by_route.insert((&operation.method, route), &operation.id);
            }
        }
        let mut done = HashSet::default();
        for before in old.operations() {
            let operation = before.operation;
            if !done.insert(operation.id.as_str()) {
                continue;
            }
            let olds: Vec<_> = old
                .domain(before.tag)
                .into_iter()
                .flat_map(subject::operations)
                .filter(|version| version.operation.id == operation.id)
                .collect();
            let route = (operation.method.as_str(), operation::route(&operation.path));
            let news = match by_id.shift_remove(operation.id.as_str()) {
                Some(news) => news,
                None => {
                    let id = by_route.remove(&route);
                    id.and_then(|id| by_id.shift_remove(id)).unwrap_or_default()
                }
            };
            matched.variants(olds, news);
        }
        matched.added.extend(by_id.into_values().flatten());
        matched
    }

    /// Matches the versions of one operation by the media type of the request body. What is left
    /// on both sides is matched in its order.
    fn variants(&mut self, olds: Vec<OperationVersion<'a>>, mut news: Vec<OperationVersion<'a>>) {
        let mut left = Vec::new();
        for before in olds {
            let media_type = &before.operation.request_media_type;
            let same = |after: &OperationVersion| after.operation.request_media_type == *media_type;
            match news.iter().position(same) {
                Some(at) => self.pairs.push((before, news.remove(at))),
                None => left.push(before),
            }
        }
        let mut news = news.into_iter();
        for before in left {
            match news.next() {
                Some(after) => self.pairs.push((before, after)),
                None => self.removed.push(before),
            }
        }
        self.added.extend(news);
    }

    /// Returns the domains whose schemas are compared: those of both documents, and those that an
    /// operation moved between.
    fn domains(&self, [old, new]: [&'a Version; 2], differing: &'a Differing) -> DomainPairs<'a> {
        let mut tags: IndexMap<(String, String), [Vec<OperationVersion>; 2]> = IndexMap::default();
        for version in &old.domains {
            let tag = &version.domain.tag;
            tags.insert((tag.clone(), tag.clone()), [Vec::new(), Vec::new()]);
        }
        for (before, after) in &self.pairs {
            let key = (before.tag.to_owned(), after.tag.to_owned());
            let [olds, news] = tags.entry(key).or_default();
            olds.push(*before);
            news.push(*after);
        }
        let mut pairs = IndexMap::default();
        for ((old_tag, new_tag), [olds, news]) in tags {
            let (Some(before), Some(after)) = (old.domain(&old_tag), new.domain(&new_tag)) else {
                continue;
            };
            let olds: Vec<_> = olds.iter().map(|version| version.operation).collect();
            let news: Vec<_> = news.iter().map(|version| version.operation).collect();
            let usages = Usages::new([before.domain, after.domain], [&olds, &news]);
            let domains = Domains::new([before, after], usages, differing);
            pairs.insert((old_tag, new_tag), domains);
        }
        pairs
    }

    fn compare(&self, [old, new]: [&Version; 2], domains: &DomainPairs, changes: &mut Changes) {
        let documents = Documents {
            old,
            new,
            schemes: &self.schemes,
        };
        let ids = |versions: &[(OperationVersion<'a>, OperationVersion<'a>)]| -> HashSet<&'a str> {
            versions
                .iter()
                .map(|(before, _)| before.operation.id.as_str())
                .collect()
        };
        let paired = ids(&self.pairs);
        let mut done = HashSet::default();
        for (before, after) in &self.pairs {
            let key = (before.tag.to_owned(), after.tag.to_owned());
            if let Some(domains) = domains.get(&key) {
                let is_first = done.insert(before.operation.id.as_str());
                operation::compare([*before, *after], documents, domains, is_first, changes);
            }
        }
        for before in &self.removed {
            let is_variant = paired.contains(before.operation.id.as_str());
            operation::removed(*before, documents.new, is_variant, changes);
        }
        let new_ids: HashSet<&str> = self
            .pairs
            .iter()
            .map(|(_, after)| after.operation.id.as_str())
            .collect();
        for after in &self.added {
            let is_variant = new_ids.contains(after.operation.id.as_str());
            operation::added(*after, is_variant, changes);
        }
    }
}

fn domains(old: &Version, new: &Version, changes: &mut Changes) {
    let difference = |tag: &str, kind, what: &str| Difference {
        kind,
        subject: format!("domain `{tag}`"),
        what: what.to_owned(),
        location: None,
        nodes: changed(kind, &[SchemaPath::root()]),
    };
    for version in &old.domains {
        let domain = version.domain;
        let tag = &domain.tag;
        changes.tag.clone_from(tag);
        match new.domain(tag) {
            Some(new) if new.domain.description == domain.description => {}
            Some(_) => {
                let what = "has another description";
                let why = "descriptions are not sent";
                let difference = difference(tag, "description-changed", what);
                changes.add(difference, WireEffect::keeps(why));
            }
            None => {
                let what = "is removed, and its crate with it";
                let why =
                    "each operation is reported on its own, because another domain may have it";
                let difference = difference(tag, "domain-removed", what);
                changes.add(difference, WireEffect::keeps(why));
            }
        }
    }
    for version in &new.domains {
        let domain = version.domain;
        if old.domain(&domain.tag).is_none() {
            changes.tag.clone_from(&domain.tag);
            let difference = difference(&domain.tag, "domain-added", "is new and becomes a crate");
            let why = "old clients do not call it";
            changes.add(difference, WireEffect::keeps(why));
        }
    }
}

/// Compares what the operations of a domain share.
fn servers_and_schemes(
    old: &Version,
    new: &Version,
    renamed: &HashMap<String, String>,
    changes: &mut Changes,
) {
    for version in &old.domains {
        let domain = version.domain;
        let Some(now) = new.domain(&domain.tag) else {
            continue;
        };
        changes.tag.clone_from(&domain.tag);
        servers::compare([domain, now.domain], [old, new], changes);
        server_variables::compare([domain, now.domain], [old, new], changes);
        security::schemes([domain, now.domain], renamed, changes);
    }
}
