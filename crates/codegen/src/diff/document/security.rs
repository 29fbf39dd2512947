//! What differs in where operations are served and in the secrets that they ask for.

use indexmap::IndexMap;

use super::operation::touches;
use super::{Changes, Found, Named, Wire};
use crate::generate::model::{Domain, SecurityLocation, SecurityRequirement, Server};

pub(super) fn compare(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (&before.operation.security, &after.operation.security);
    let names = |alternatives: &[Vec<SecurityRequirement>]| -> Vec<Vec<(String, Vec<String>)>> {
        let requirement = |requirement: &SecurityRequirement| {
            (requirement.scheme.name.clone(), requirement.scopes.clone())
        };
        alternatives
            .iter()
            .map(|alternative| alternative.iter().map(requirement).collect())
            .collect()
    };
    let (old_names, new_names) = (names(old), names(new));
    if old_names == new_names {
        return;
    }
    let schemes = |names: &[Vec<(String, Vec<String>)>]| -> Vec<Vec<String>> {
        let scheme = |(name, _): &(String, Vec<String>)| name.clone();
        names
            .iter()
            .map(|alternative| alternative.iter().map(scheme).collect())
            .collect()
    };
    let kind = if schemes(&old_names) == schemes(&new_names) {
        "scopes-changed"
    } else {
        "security-changed"
    };
    // What satisfied the old document has to satisfy the new one.
    let satisfies = |has: &[(String, Vec<String>)], asked: &[(String, Vec<String>)]| {
        asked.iter().all(|(name, scopes)| {
            has.iter().any(|(known, granted)| {
                known == name && scopes.iter().all(|scope| granted.contains(scope))
            })
        })
    };
    let nothing = vec![Vec::new()];
    let had = if old_names.is_empty() {
        &nothing
    } else {
        &old_names
    };
    let asked = if new_names.is_empty() {
        &nothing
    } else {
        &new_names
    };
    let wire = if had
        .iter()
        .all(|has| asked.iter().any(|asked| satisfies(has, asked)))
    {
        Wire::keeps("credentials that an old client was right to have are enough still")
    } else {
        Wire::breaks("the server refuses credentials that an old client was right to have")
    };
    let found = Found::new(
        kind,
        format!("operation `{}`", after.operation.id),
        format!(
            "asks for {}, not for {}",
            words(&new_names),
            words(&old_names)
        ),
        &after.operation.location,
    );
    let touched = [touches(before), touches(after)].concat();
    changes.add(found, wire, touched);
}

fn words(alternatives: &[Vec<(String, Vec<String>)>]) -> String {
    let one = |alternative: &Vec<(String, Vec<String>)>| {
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
        let found = Found {
            kind,
            subject: format!("server `{name}`"),
            what,
            place: None,
        };
        changes.add(found, wire, Vec::new());
    };
    for (name, server) in &before {
        match after.get(name) {
            Some(now) if now == server => {}
            Some(now) if now.url != server.url => {
                let what = format!("is at {}, not at {}", now.url, server.url);
                let why = "an old client calls the old address";
                add(name, "server-changed", what, Wire::breaks(why));
            }
            Some(now) => {
                let shown = |server: &Server| {
                    let variables = server.variables.iter();
                    let variables = variables.map(|(name, default)| format!("{name} = {default}"));
                    variables.collect::<Vec<_>>().join(", ")
                };
                let what = format!("has the variables {}, not {}", shown(now), shown(server));
                let why = "an old client that sets none calls the old address";
                add(name, "server-changed", what, Wire::breaks(why));
            }
            None => {
                let same = after.iter().find(|(_, now)| now.url == server.url);
                if let Some((now, _)) = same {
                    let what = format!("is called `{now}` in configuration");
                    let why = "the address is the same; a setting under the old name has no effect after the update";
                    add(name, "server-renamed", what, Wire::keeps(why));
                }
            }
        }
    }
}

pub(super) fn schemes(old: &Domain, new: &Domain, changes: &mut Changes) {
    let all = |domain: &Domain| -> IndexMap<String, SecurityLocation> {
        let requirements = domain
            .operations
            .iter()
            .flat_map(|operation| operation.security.iter().flatten());
        requirements
            .map(|requirement| {
                let scheme = &requirement.scheme;
                (scheme.name.clone(), scheme.location.clone())
            })
            .collect()
    };
    let (before, after) = (all(old), all(new));
    let mut add = |name: &str, kind, what: String, wire| {
        let found = Found {
            kind,
            subject: format!("security scheme `{name}`"),
            what,
            place: None,
        };
        changes.add(found, wire, Vec::new());
    };
    let counts = "which operations ask for it is told with them";
    for (name, location) in &before {
        match after.get(name) {
            None => {
                let what = "is gone or no longer asked for".to_owned();
                add(name, "scheme-removed", what, Wire::keeps(counts));
            }
            Some(now) if now != location => {
                let what = format!("goes {}, not {}", place(now), place(location));
                let why = "an old client sends the secret where the server does not look";
                add(name, "scheme-changed", what, Wire::breaks(why));
            }
            Some(_) => {}
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        let what = "is new here".to_owned();
        add(name, "scheme-added", what, Wire::keeps(counts));
    }
}

fn place(location: &SecurityLocation) -> String {
    match location {
        SecurityLocation::Header(name) => format!("into the header `{name}`"),
        SecurityLocation::Query(name) => format!("into the query parameter `{name}`"),
        SecurityLocation::Cookie(name) => format!("into the cookie `{name}`"),
        SecurityLocation::Bearer => "into `Authorization` as a token".to_owned(),
        SecurityLocation::Basic => "into `Authorization` as name and password".to_owned(),
    }
}
