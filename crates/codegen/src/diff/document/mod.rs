//! What differs between two documents, domain by domain, in the words of the document, and whether a client built from
//! the old one fails or misbehaves by it.
//!
//! The verdicts on the wire rest on what every generated client guarantees: members that nobody knows are skipped,
//! enums and choices keep values that nobody listed, dates are kept as text, a required field that is missing from an
//! answer reads as empty, and any 2xx status is a success.

mod bodies;
mod body;
mod lists;
mod operation;
mod parameter;
mod place;
mod rules;
mod schema;
mod security;
mod types;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use self::place::Places;
use super::change::{Change, Touch, Wire};
use crate::document::diagnostic::{Diagnostics, Location};
use crate::generate::model::{Domain, Operation};
use crate::generate::{self, Generated, Options};

/// A document and what the generator makes of it.
pub(super) struct Side<'a> {
    /// Each domain as the document has it, and as the generator names things.
    domains: Vec<(Domain, &'a Domain)>,
}

impl<'a> Side<'a> {
    pub(super) fn new(generated: &'a Generated) -> Result<Self, Diagnostics> {
        let domains = generate::domains(&generated.document, &Options::default())?;
        let lowered = generated.crates.iter().map(|(domain, _)| domain);
        let named = domains.into_iter().filter_map(|domain| {
            let lowered = lowered.clone().find(|lowered| lowered.tag == domain.tag)?;
            Some((domain, lowered))
        });
        Ok(Self {
            domains: named.collect(),
        })
    }

    fn domain(&self, tag: &str) -> Option<&(Domain, &'a Domain)> {
        self.domains.iter().find(|(domain, _)| domain.tag == tag)
    }

    /// Every operation in the order of the document.
    fn operations(&self) -> impl Iterator<Item = Named<'_>> {
        self.domains.iter().flat_map(|(domain, lowered)| {
            let pairs = domain.operations.iter().zip(&lowered.operations);
            pairs.map(|(operation, lowered)| Named {
                tag: &domain.tag,
                domain,
                operation,
                lowered,
            })
        })
    }
}

/// An operation, and as the generator names it.
#[derive(Clone, Copy)]
struct Named<'a> {
    tag: &'a str,
    domain: &'a Domain,
    operation: &'a Operation,
    lowered: &'a Operation,
}

/// The changes of each domain, by tag, in the order of the old document and then of the new one.
pub(super) fn compare(old: &Side, new: &Side) -> IndexMap<String, Vec<Change>> {
    let mut changes = Changes::default();
    for (domain, _) in old.domains.iter().chain(&new.domains) {
        changes.by_tag.entry(domain.tag.clone()).or_default();
    }
    domains(old, new, &mut changes);
    operations(old, new, &mut changes);
    for before in &old.domains {
        if let Some(after) = new.domain(&before.0.tag) {
            changes.tag.clone_from(&before.0.tag);
            let places = Places::new(&before.0, &after.0);
            schema::compare(before, after, &places, &mut changes);
        }
    }
    changes.by_tag
}

/// The changes so far.
#[derive(Default)]
struct Changes {
    by_tag: IndexMap<String, Vec<Change>>,
    /// The domain that is looked at.
    tag: String,
}

impl Changes {
    /// How many there are in the domain that is looked at.
    fn count(&self) -> usize {
        self.by_tag.get(&self.tag).map_or(0, Vec::len)
    }

    /// Adds to what the changes from the one at `first` on may have changed.
    fn add_touches(&mut self, first: usize, touches: &[Touch]) {
        let changes = self.by_tag.get_mut(&self.tag).into_iter().flatten();
        // What people read alone has changed no code.
        for change in changes
            .skip(first)
            .filter(|change| !change.touches.is_empty())
        {
            change.touches.extend_from_slice(touches);
        }
    }

    fn add(&mut self, found: Found, wire: Wire, touches: Vec<Touch>) {
        self.by_tag
            .entry(self.tag.clone())
            .or_default()
            .push(Change {
                kind: found.kind,
                subject: found.subject,
                what: found.what,
                wire,
                rust: super::change::Rust::default(),
                place: found.place,
                touches,
            });
    }
}

/// What has changed, before anything is said of what it means.
struct Found {
    kind: &'static str,
    subject: String,
    what: String,
    place: Option<String>,
}

impl Found {
    fn new(
        kind: &'static str,
        subject: impl Into<String>,
        what: impl Into<String>,
        place: &Location,
    ) -> Self {
        Self {
            kind,
            subject: subject.into(),
            what: what.into(),
            place: Some(place.to_string()),
        }
    }
}

fn domains(old: &Side, new: &Side, changes: &mut Changes) {
    for (domain, _) in &old.domains {
        let (description, place) = match new.domain(&domain.tag) {
            Some((new, _)) if new.description == domain.description => continue,
            Some(_) => (true, None),
            None => (false, None::<String>),
        };
        changes.tag.clone_from(&domain.tag);
        let found = |kind, what: &str| Found {
            kind,
            subject: format!("domain `{}`", domain.tag),
            what: what.to_owned(),
            place: place.clone(),
        };
        if description {
            let found = found("description-changed", "has another description");
            changes.add(found, Wire::keeps("descriptions are not sent"), Vec::new());
        } else {
            let found = found("domain-removed", "is gone, and its crate with it");
            let why = "each of its operations counts for itself, as it may live on elsewhere";
            changes.add(found, Wire::keeps(why), vec![Touch::below(String::new())]);
        }
    }
    for (domain, _) in &new.domains {
        if old.domain(&domain.tag).is_none() {
            changes.tag.clone_from(&domain.tag);
            let found = Found {
                kind: "domain-added",
                subject: format!("domain `{}`", domain.tag),
                what: "is new and becomes a crate".to_owned(),
                place: None,
            };
            let why = "clients of the old document do not know it";
            changes.add(found, Wire::keeps(why), vec![Touch::below(String::new())]);
        }
    }
}

/// Operations are the same if they have one id, else if they have one method and path.
fn operations(old: &Side, new: &Side, changes: &mut Changes) {
    let by_id: BTreeMap<&str, Named> = new
        .operations()
        .map(|named| (named.operation.id.as_str(), named))
        .collect();
    let old_ids: BTreeMap<&str, ()> = old
        .operations()
        .map(|named| (named.operation.id.as_str(), ()))
        .collect();
    let mut met = Vec::new();
    for before in old.operations() {
        let same_route = |after: &Named| {
            after.operation.method == before.operation.method
                && route(&after.operation.path) == route(&before.operation.path)
                && !old_ids.contains_key(after.operation.id.as_str())
        };
        let after = by_id.get(before.operation.id.as_str()).copied();
        match after.or_else(|| new.operations().find(same_route)) {
            Some(after) => {
                met.push(after.operation.id.as_str());
                operation::compare(before, after, changes);
            }
            None => operation::removed(before, changes),
        }
    }
    for after in new.operations() {
        if !met.contains(&after.operation.id.as_str()) {
            operation::added(after, changes);
        }
    }
    servers_and_schemes(old, new, changes);
}

/// A path whose parameters have no names: what they are called is nobody's business but the document's.
fn route(path: &str) -> String {
    let mut route = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                route.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => route.push(c),
            _ => {}
        }
    }
    route
}

/// What operations share is told once per domain.
fn servers_and_schemes(old: &Side, new: &Side, changes: &mut Changes) {
    for (domain, _) in &old.domains {
        let Some((new_domain, _)) = new.domain(&domain.tag) else {
            continue;
        };
        changes.tag.clone_from(&domain.tag);
        security::servers(domain, new_domain, changes);
        security::schemes(domain, new_domain, changes);
    }
}
