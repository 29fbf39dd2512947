//! Compares the servers of operations and the credentials that they require.

use super::changes::{Changes, Difference};
use super::subject::OperationVersion;
use crate::collections::IndexMap;
use crate::diff::change::WireEffect;
use crate::generate::model::{Domain, SecurityLocation, SecurityRequirement, Server};

/// A security scheme with the scopes that an operation requires of it.
type Scheme = (String, Vec<String>);

pub(super) fn compare(before: OperationVersion, after: OperationVersion, changes: &mut Changes) {
    let old = alternatives(&before.operation.security);
    let new = alternatives(&after.operation.security);
    if old == new {
        return;
    }
    let kind = if schemes_of(&old) == schemes_of(&new) {
        "scopes-changed"
    } else {
        "security-changed"
    };
    let nothing = vec![Vec::new()];
    let granted = if old.is_empty() { &nothing } else { &old };
    let required = if new.is_empty() { &nothing } else { &new };
    // Credentials for each old alternative must satisfy a new one.
    let is_enough = |granted: &Vec<Scheme>| {
        let mut required = required.iter();
        required.any(|required| satisfies(granted, required))
    };
    let wire = if granted.iter().all(is_enough) {
        WireEffect::keeps("the credentials of an old client are still enough")
    } else {
        WireEffect::breaks("the server rejects credentials that were enough")
    };
    let what = format!("requires {}, not {}", words(&new), words(&old));
    changes.add(after.difference(kind, what), wire);
}

fn alternatives(security: &[Vec<SecurityRequirement>]) -> Vec<Vec<Scheme>> {
    let scheme = |requirement: &SecurityRequirement| {
        (requirement.scheme.name.clone(), requirement.scopes.clone())
    };
    security
        .iter()
        .map(|alternative| alternative.iter().map(scheme).collect())
        .collect()
}

fn schemes_of(alternatives: &[Vec<Scheme>]) -> Vec<Vec<&str>> {
    alternatives
        .iter()
        .map(|alternative| alternative.iter().map(|(name, _)| name.as_str()).collect())
        .collect()
}

fn satisfies(granted: &[Scheme], required: &[Scheme]) -> bool {
    required.iter().all(|(name, scopes)| {
        granted.iter().any(|(known, granted)| {
            known == name && scopes.iter().all(|scope| granted.contains(scope))
        })
    })
}

fn words(alternatives: &[Vec<Scheme>]) -> String {
    let one = |alternative: &Vec<Scheme>| {
        let schemes: Vec<_> = alternative
            .iter()
            .map(|(name, scopes)| match &scopes[..] {
                [] => format!("`{name}`"),
                scopes => format!("`{name}` ({})", scopes.join(", ")),
            })
            .collect();
        if schemes.is_empty() {
            "nothing".to_owned()
        } else {
            schemes.join(" with ")
        }
    };
    let all: Vec<_> = alternatives.iter().map(one).collect();
    if all.is_empty() {
        "nothing".to_owned()
    } else {
        all.join(" or ")
    }
}

fn all_servers(domain: &Domain) -> IndexMap<&str, &Server> {
    let servers = domain.operations.iter().map(|operation| &operation.server);
    servers
        .map(|server| (server.name.as_str(), server))
        .collect()
}

pub(super) fn servers(old: &Domain, new: &Domain, changes: &mut Changes) {
    let (before, after) = (all_servers(old), all_servers(new));
    let mut add = |name: &str, kind, what: String, wire| {
        let difference = Difference {
            kind,
            subject: format!("server `{name}`"),
            what,
            location: None,
            nodes: Vec::new(),
        };
        changes.add(difference, wire);
    };
    for (name, server) in &before {
        match after.get(name) {
            Some(now) if now == server => {}
            Some(now) if now.url != server.url => {
                let what = format!("is at {}, not at {}", now.url, server.url);
                let why = "an old client calls the old address";
                add(name, "server-changed", what, WireEffect::breaks(why));
            }
            Some(now) => {
                let shown = |server: &Server| {
                    let variables = server.variables.iter();
                    let variables = variables.map(|(name, default)| format!("{name} = {default}"));
                    variables.collect::<Vec<_>>().join(", ")
                };
                let what = format!("has the variables {}, not {}", shown(now), shown(server));
                let why = "an old client that sets no variable calls the old address";
                add(name, "server-changed", what, WireEffect::breaks(why));
            }
            None => {
                let same = after.iter().find(|(_, now)| now.url == server.url);
                if let Some((now, _)) = same {
                    let what = format!("is called `{now}` in configuration");
                    let why = "only the name in the configuration of new clients changes";
                    add(name, "server-renamed", what, WireEffect::keeps(why));
                }
            }
        }
    }
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

pub(super) fn schemes(old: &Domain, new: &Domain, changes: &mut Changes) {
    let (before, after) = (all_schemes(old), all_schemes(new));
    let mut add = |name: &str, kind, what: String, wire| {
        let difference = Difference {
            kind,
            subject: format!("security scheme `{name}`"),
            what,
            location: None,
            nodes: Vec::new(),
        };
        changes.add(difference, wire);
    };
    let why = "the operations that require it are reported on their own";
    for (name, location) in &before {
        match after.get(name) {
            None => {
                let what = "is removed or no longer required".to_owned();
                add(name, "scheme-removed", what, WireEffect::keeps(why));
            }
            Some(now) if now != location => {
                let what = format!("is sent {}, not {}", place(now), place(location));
                let why = "an old client sends the secret where the server ignores it";
                add(name, "scheme-changed", what, WireEffect::breaks(why));
            }
            Some(_) => {}
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        let what = "is new in this domain".to_owned();
        add(name, "scheme-added", what, WireEffect::keeps(why));
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
