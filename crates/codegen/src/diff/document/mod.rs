//! Compares two documents domain by domain and decides the effect of each change on the wire.
//!
//! The verdicts on the wire rest on the guarantees of every generated client. It ignores unknown
//! properties, keeps unknown values of enums and unions, and keeps dates as strings. It reads a
//! missing required field of a response as empty, and any 2xx status is a success.

mod bodies;
mod changes;
mod constraints;
mod kinds;
mod operation;
mod pagination;
mod parameter;
mod schema;
mod schemas;
mod security;
mod subject;
mod usage;

use std::collections::BTreeSet;

use indexmap::IndexMap;

pub(super) use self::subject::Version;

use self::changes::{Changes, Difference};
use self::subject::OperationVersion;
use self::usage::Usages;
use super::change::{AffectedItem, Change, WireEffect};

/// Returns the changes of each domain by tag, in the order of the old document, then of the new
/// one.
pub(super) fn compare(old: &Version, new: &Version) -> IndexMap<String, Vec<Change>> {
    let mut changes = Changes::default();
    for (domain, _) in old.domains.iter().chain(&new.domains) {
        changes.by_tag.entry(domain.tag.clone()).or_default();
    }
    domains(old, new, &mut changes);
    operations(old, new, &mut changes);
    for before in &old.domains {
        if let Some(after) = new.domain(&before.0.tag) {
            changes.tag.clone_from(&before.0.tag);
            let usages = Usages::new(&before.0, &after.0);
            schemas::compare(before, after, &usages, &mut changes);
        }
    }
    changes.by_tag
}

fn domains(old: &Version, new: &Version, changes: &mut Changes) {
    let difference = |tag: &str, kind, what: &str| Difference {
        kind,
        subject: format!("domain `{tag}`"),
        what: what.to_owned(),
        location: None,
    };
    for (domain, _) in &old.domains {
        let tag = &domain.tag;
        changes.tag.clone_from(tag);
        match new.domain(tag) {
            Some((new, _)) if new.description == domain.description => {}
            Some(_) => {
                let what = "has another description";
                let why = "descriptions are not sent";
                let difference = difference(tag, "description-changed", what);
                changes.add(difference, WireEffect::keeps(why), Vec::new());
            }
            None => {
                let what = "is removed, and its crate with it";
                let why =
                    "each operation is reported on its own, because another domain may have it";
                let difference = difference(tag, "domain-removed", what);
                let affected = vec![AffectedItem::below(String::new())];
                changes.add(difference, WireEffect::keeps(why), affected);
            }
        }
    }
    for (domain, _) in &new.domains {
        if old.domain(&domain.tag).is_none() {
            changes.tag.clone_from(&domain.tag);
            let difference = difference(&domain.tag, "domain-added", "is new and becomes a crate");
            let why = "old clients do not call it";
            let affected = vec![AffectedItem::below(String::new())];
            changes.add(difference, WireEffect::keeps(why), affected);
        }
    }
}

/// Compares operations with the same id, or else with the same method and path.
fn operations(old: &Version, new: &Version, changes: &mut Changes) {
    let old_ids: BTreeSet<&str> = old
        .operations()
        .map(|version| version.operation.id.as_str())
        .collect();
    let mut matched = Vec::new();
    for before in old.operations() {
        let same_id = |after: &OperationVersion| after.operation.id == before.operation.id;
        let same_route = |after: &OperationVersion| {
            after.operation.method == before.operation.method
                && operation::route(&after.operation.path)
                    == operation::route(&before.operation.path)
                && !old_ids.contains(after.operation.id.as_str())
        };
        let after = new.operations().find(same_id);
        match after.or_else(|| new.operations().find(same_route)) {
            Some(after) => {
                matched.push(after.operation.id.as_str());
                operation::compare(before, after, changes);
            }
            None => operation::removed(before, changes),
        }
    }
    for after in new.operations() {
        if !matched.contains(&after.operation.id.as_str()) {
            operation::added(after, changes);
        }
    }
    servers_and_schemes(old, new, changes);
}

/// Compares what the operations of a domain share.
fn servers_and_schemes(old: &Version, new: &Version, changes: &mut Changes) {
    for (domain, _) in &old.domains {
        let Some((new_domain, _)) = new.domain(&domain.tag) else {
            continue;
        };
        changes.tag.clone_from(&domain.tag);
        security::servers(domain, new_domain, changes);
        security::schemes(domain, new_domain, changes);
    }
}
