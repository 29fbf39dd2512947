//! Compares the values that the variables of a server may have. Their defaults are compared with
//! the server itself.

use std::collections::BTreeMap;

use super::changes::Changes;
use super::subject::Version;
use crate::collections::HashMap;
use crate::diff::change::WireEffect;
use crate::document::node::Node;
use crate::generate::model::Domain;

/// The allowed values of each variable. A variable without a list has no entry.
type Values<'a> = BTreeMap<&'a str, Vec<&'a str>>;

pub(super) fn compare(
    [before, after]: [&Domain; 2],
    [old, new]: [&Version; 2],
    changes: &mut Changes,
) {
    let [old, new] = [old, new].map(|version| servers(version.document));
    let mut urls: Vec<&str> = Vec::new();
    for operation in before.operations.iter().chain(&after.operations) {
        let url = operation.server.url.as_str();
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    for url in urls {
        // A server that only one document has is reported as such.
        if let (Some(old), Some(new)) = (old.get(url), new.get(url)) {
            variables(url, [&values(old), &values(new)], changes);
        }
    }
}

fn variables(url: &str, [old, new]: [&Values; 2], changes: &mut Changes) {
    let mut add = |name: &str, kind, what: String, wire| {
        changes.add_without_location(
            kind,
            format!("variable `{name}` of the server `{url}`"),
            what,
            wire,
        );
    };
    for (name, after) in new {
        let before = old.get(name);
        let is_known = |value: &&&str| before.is_some_and(|before| before.contains(*value));
        if before.is_none() {
            let what = format!("is limited to {}", after.join(", "));
            let why = "an old client may be configured with another value";
            add(
                name,
                "server-variable-changed",
                what,
                WireEffect::breaks(why),
            );
            continue;
        }
        for value in after.iter().filter(|value| !is_known(value)) {
            let what = format!("may be `{value}`");
            let why = "an old client sets the values that it knows";
            add(
                name,
                "server-variable-value-added",
                what,
                WireEffect::keeps(why),
            );
        }
    }
    for (name, before) in old {
        let Some(after) = new.get(name) else {
            let what = "is no longer limited to listed values".to_owned();
            let why = "an old client sets the values that it knows";
            add(
                name,
                "server-variable-changed",
                what,
                WireEffect::keeps(why),
            );
            continue;
        };
        for value in before.iter().filter(|value| !after.contains(value)) {
            let what = format!("may no longer be `{value}`");
            let why = "an old client may be configured with the value";
            let wire = WireEffect::breaks(why);
            add(name, "server-variable-value-removed", what, wire);
        }
    }
}

/// Returns the servers of a document by their URL.
fn servers(document: &Node) -> HashMap<&str, &Node> {
    let mut levels = vec![document];
    let paths = document.get("paths").and_then(Node::properties);
    for (_, item) in paths.into_iter().flatten() {
        levels.push(&item.node);
        let members = item.node.properties().into_iter().flatten();
        levels.extend(members.map(|(_, member)| &member.node));
    }
    let mut found = HashMap::default();
    for level in levels {
        for server in level.get("servers").map(Node::items).unwrap_or_default() {
            let url = server.get("url").and_then(Node::as_str).unwrap_or_default();
            found.entry(url.trim_end_matches('/')).or_insert(server);
        }
    }
    found
}

fn values(server: &Node) -> Values<'_> {
    let variables = server.get("variables").and_then(Node::properties);
    let variables = variables.into_iter().flatten();
    variables
        .filter_map(|(name, variable)| {
            let values = variable.node.get("enum")?.items();
            let values = values.iter().filter_map(Node::as_str).collect();
            Some((name.as_str(), values))
        })
        .collect()
}
