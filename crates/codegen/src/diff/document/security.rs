//! Compares the credentials that operations require.

use std::collections::BTreeSet;

use super::changes::Changes;
use super::subject::{OperationVersion, Version};
use crate::collections::{HashMap, IndexMap};
use crate::diff::change::WireEffect;
use crate::document::node::Node;
use crate::generate::model::{Domain, SecurityLocation, SecurityRequirement};

/// A security scheme with the scopes that an operation requires of it.
type Scheme = (String, BTreeSet<String>);
/// The schemes of an alternative.
type Alternative = BTreeSet<Scheme>;

/// Compares what two versions of an operation require. `renamed` has the schemes that have another
/// name in the new document.
pub(super) fn compare(
    before: OperationVersion,
    after: OperationVersion,
    renamed: &HashMap<String, String>,
    changes: &mut Changes,
) {
    let old = alternatives(&before.operation.security, renamed);
    let new = alternatives(&after.operation.security, &HashMap::default());
    if old == new {
        return;
    }
    let kind = if schemes_of(&old) == schemes_of(&new) {
        "scopes-changed"
    } else {
        "security-changed"
    };
    // Credentials for each old alternative must satisfy a new one.
    let is_enough = |granted: &Alternative| {
        let mut required = new.iter();
        required.any(|required| satisfies(granted, required))
    };
    let wire = if old.iter().all(is_enough) {
        WireEffect::keeps("the credentials of an old client are still enough")
    } else {
        WireEffect::breaks("the server rejects credentials that were enough")
    };
    let what = format!("requires {}, not {}", words(&new), words(&old));
    changes.add(after.difference(kind, what), wire);
}

/// Returns the alternatives. Neither they nor their schemes have an order. Without any, nothing is
/// required.
fn alternatives(
    security: &[Vec<SecurityRequirement>],
    renamed: &HashMap<String, String>,
) -> BTreeSet<Alternative> {
    if security.is_empty() {
        return BTreeSet::from([Alternative::new()]);
    }
    let scheme = |requirement: &SecurityRequirement| {
        let name = &requirement.scheme.name;
        let scopes = requirement.scopes.iter().cloned().collect();
        (renamed.get(name).unwrap_or(name).clone(), scopes)
    };
    security
        .iter()
        .map(|alternative| alternative.iter().map(scheme).collect())
        .collect()
}

fn schemes_of(alternatives: &BTreeSet<Alternative>) -> BTreeSet<BTreeSet<&str>> {
    alternatives
        .iter()
        .map(|alternative| alternative.iter().map(|(name, _)| name.as_str()).collect())
        .collect()
}

fn satisfies(granted: &Alternative, required: &Alternative) -> bool {
    required.iter().all(|(name, scopes)| {
        granted
            .iter()
            .any(|(known, granted)| known == name && scopes.is_subset(granted))
    })
}

fn words(alternatives: &BTreeSet<Alternative>) -> String {
    let scheme = |(name, scopes): &Scheme| match scopes.is_empty() {
        true => format!("`{name}`"),
        false => {
            let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
            format!("`{name}` ({})", scopes.join(", "))
        }
    };
    let one = |alternative: &Alternative| match alternative.is_empty() {
        true => "nothing".to_owned(),
        false => {
            let schemes: Vec<_> = alternative.iter().map(scheme).collect();
            schemes.join(" with ")
        }
    };
    let all: Vec<_> = alternatives.iter().map(one).collect();
    all.join(" or ")
}

fn all_schemes(domain: &Domain) -> IndexMap<&str, &SecurityLocation> {
    let operations = domain.operations.iter();
    operations
        .flat_map(|operation| operation.security.iter().flatten())
        .map(|requirement| {
            let scheme = &requirement.scheme;
            (scheme.name.as_str(), &scheme.location)
        })
        .collect()
}

/// Returns the schemes that have another name in the new document: those that only one document
/// declares, and that are sent in the same way as exactly one of the other.
pub(super) fn renamed(old: &Version, new: &Version) -> HashMap<String, String> {
    let removed = only_in(old, new);
    let added = only_in(new, old);
    let mut found = HashMap::default();
    for (name, location) in &removed {
        let alike = |others: &[(&str, &SecurityLocation)]| -> Vec<String> {
            let others = others.iter().filter(|(_, other)| is_same(location, other));
            others.map(|(name, _)| (*name).to_owned()).collect()
        };
        if let ([_], [now]) = (&alike(&removed)[..], &alike(&added)[..]) {
            found.insert((*name).to_owned(), now.clone());
        }
    }
    found
}

/// Returns the schemes that operations of a document require and another document does not declare.
fn only_in<'a>(version: &'a Version, other: &Version) -> Vec<(&'a str, &'a SecurityLocation)> {
    let domains = version.domains.iter();
    let all: IndexMap<_, _> = domains
        .flat_map(|version| all_schemes(version.domain))
        .collect();
    let declared = other.document.get("components");
    let declared = declared.and_then(|components| components.get("securitySchemes"));
    let is_declared = |name: &str| {
        declared
            .and_then(|schemes: &Node| schemes.get(name))
            .is_some()
    };
    all.into_iter()
        .filter(|(name, _)| !is_declared(name))
        .collect()
}

/// Returns true if two schemes are sent in the same way. Names of headers ignore case (RFC 9110,
/// section 5.1).
fn is_same(one: &SecurityLocation, other: &SecurityLocation) -> bool {
    match (one, other) {
        (SecurityLocation::Header(one), SecurityLocation::Header(other)) => {
            one.eq_ignore_ascii_case(other)
        }
        _ => one == other,
    }
}

/// Compares the schemes that the operations of a domain require.
pub(super) fn schemes(
    [old, new]: [&Domain; 2],
    renamed: &HashMap<String, String>,
    changes: &mut Changes,
) {
    let (before, after) = (all_schemes(old), all_schemes(new));
    let mut add = |name: &str, kind, what: String, wire| {
        changes.add_without_location(kind, format!("security scheme `{name}`"), what, wire);
    };
    let why = "the operations that require it are reported on their own";
    for (name, location) in &before {
        let now = renamed
            .get(*name)
            .filter(|now| after.contains_key(now.as_str()));
        if let Some(now) = now {
            let what = format!("is called `{now}` in configuration");
            let why = "only the name in the configuration of new clients changes";
            add(name, "scheme-renamed", what, WireEffect::keeps(why));
            continue;
        }
        match after.get(name) {
            None => {
                let what = "is removed or no longer required".to_owned();
                add(name, "scheme-removed", what, WireEffect::keeps(why));
            }
            Some(now) if !is_same(now, location) => {
                let what = format!("is sent {}, not {}", place(now), place(location));
                let why = "an old client sends the secret where the server ignores it";
                add(name, "scheme-changed", what, WireEffect::breaks(why));
            }
            Some(_) => {}
        }
    }
    let known: Vec<_> = before
        .keys()
        .filter_map(|name| renamed.get(*name))
        .collect();
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        if !known.iter().any(|known| known == name) {
            let what = "is new in this domain".to_owned();
            add(name, "scheme-added", what, WireEffect::keeps(why));
        }
    }
}

fn place(location: &SecurityLocation) -> String {
    match location {
        SecurityLocation::Header(name) => format!("in the header `{name}`"),
        SecurityLocation::Query(name) => format!("in the query parameter `{name}`"),
        SecurityLocation::Cookie(name) => format!("in the cookie `{name}`"),
        SecurityLocation::Bearer => "in `Authorization` as a token".to_owned(),
        SecurityLocation::Basic => "in `Authorization` as user name and password".to_owned(),
    }
}
