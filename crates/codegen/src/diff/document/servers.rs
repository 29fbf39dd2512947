//! Compares the servers of operations.

use super::changes::Changes;
use super::subject::Version;
use crate::collections::{HashSet, IndexMap, IndexSet};
use crate::diff::change::WireEffect;
use crate::document::node::Node;
use crate::generate::model::{Domain, Server};

fn all_servers(domain: &Domain) -> IndexMap<&str, &Server> {
    let servers = domain.operations.iter().map(|operation| &operation.server);
    servers
        .map(|server| (server.name.as_str(), server))
        .collect()
}

/// Compares the servers that the operations of a domain call, and those that they may call instead.
pub(super) fn compare([old, new]: [&Domain; 2], versions: [&Version; 2], changes: &mut Changes) {
    let (before, after) = (all_servers(old), all_servers(new));
    let listed = [listed(old, versions[0]), listed(new, versions[1])];
    let mut add = |name: &str, kind, what: String, wire| {
        changes.add_without_location(kind, format!("server `{name}`"), what, wire);
    };
    for (name, server) in &before {
        match after.get(name) {
            Some(now) if now == server => {}
            Some(now) if now.url != server.url => {
                let what = format!("is at {}, not at {}", now.url, server.url);
                let wire = match listed[1].contains(server.url.as_str()) {
                    true => WireEffect::keeps("the new document still lists the old address"),
                    false => WireEffect::breaks("an old client calls the old address"),
                };
                add(name, "server-changed", what, wire);
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
    // Callers can configure the address of another server.
    let called = |url: &str| {
        let mut called = before.values().chain(after.values());
        called.any(|server| server.url == url)
    };
    let only = |one: usize, other: usize| {
        let urls = listed[one].iter().copied();
        let urls = urls.filter(|url| !listed[other].contains(url) && !called(url));
        urls.collect::<Vec<&str>>()
    };
    let (removed, added) = (only(0, 1), only(1, 0));
    for url in removed {
        let why = "an old client may be configured with its address";
        let what = "is no longer listed".to_owned();
        add(url, "server-removed", what, WireEffect::breaks(why));
    }
    for url in added {
        let why = "an old client calls the servers that it knows";
        add(
            url,
            "server-added",
            "is new".to_owned(),
            WireEffect::keeps(why),
        );
    }
}

/// Returns the addresses of all servers that the operations of a domain may call.
fn listed<'a>(domain: &Domain, version: &Version<'a>) -> IndexSet<&'a str> {
    let mut lists: HashSet<*const Node> = HashSet::default();
    let mut found = IndexSet::default();
    for operation in &domain.operations {
        let levels = version.nodes_of(operation).into_iter().flatten();
        let lists_of = levels.chain([version.document]);
        let mut lists_of = lists_of.filter_map(|level| level.get("servers"));
        let Some(list) = lists_of.find(|list| !list.items().is_empty()) else {
            continue;
        };
        if lists.insert(std::ptr::from_ref(list)) {
            let urls = list.items().iter().filter_map(|it| it.get("url")?.as_str());
            found.extend(urls.map(|url| url.trim_end_matches('/')));
        }
    }
    found
}
