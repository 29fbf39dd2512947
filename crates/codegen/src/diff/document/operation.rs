//! What differs between two versions of an operation.

use std::collections::BTreeMap;

use super::{Changes, Found, Named, Wire, bodies, lists, parameter, security};
use crate::diff::change::Touch;
use crate::generate::identifiers::pascal_case;
use crate::generate::model::Operation;

/// The promises of an operation: its methods and its request.
pub(super) fn touches(named: Named) -> Vec<Touch> {
    let operation = named.lowered;
    let mut touches = vec![
        Touch::below(format!("requests::{}", operation.type_name)),
        Touch::exactly(format!("Client::{}", operation.method_name)),
    ];
    if let Some(verb) = &operation.verb {
        let handle = handle(operation);
        touches.push(Touch::exactly(format!("{handle}::{verb}")));
        // The way to a resource comes and goes with its operations.
        touches.push(Touch::below(handle));
        touches.push(Touch::exactly(format!("Client::{}", operation.accessor)));
    }
    touches
}

pub(super) fn handle(operation: &Operation) -> String {
    let name = pascal_case(&operation.accessor, "Resource");
    let name = if name == "Client" {
        "ClientResource".to_owned()
    } else {
        name
    };
    format!("resources::{name}")
}

/// The methods that take an operation's arguments.
pub(super) fn callers(named: Named) -> Vec<String> {
    let operation = named.lowered;
    let mut callers = vec![format!("Client::{}", operation.method_name)];
    if let Some(verb) = &operation.verb {
        callers.push(format!("{}::{verb}", handle(operation)));
    }
    callers
}

pub(super) fn found(named: Named, kind: &'static str, what: impl Into<String>) -> Found {
    let subject = format!("operation `{}`", named.operation.id);
    Found::new(kind, subject, what, &named.operation.location)
}

pub(super) fn added(after: Named, changes: &mut Changes) {
    changes.tag = after.tag.to_owned();
    let what = format!(
        "is new: {} {}",
        after.operation.method, after.operation.path
    );
    let found = found(after, "operation-added", what);
    let why = "clients of the old document do not call it";
    changes.add(found, Wire::keeps(why), touches(after));
}

pub(super) fn removed(before: Named, changes: &mut Changes) {
    changes.tag = before.tag.to_owned();
    let what = format!(
        "is gone: {} {}",
        before.operation.method, before.operation.path
    );
    let found = found(before, "operation-removed", what);
    let why = "the server need not answer the calls of an old client any more";
    changes.add(found, Wire::breaks(why), touches(before));
}

pub(super) fn compare(before: Named, after: Named, changes: &mut Changes) {
    changes.tag = before.tag.to_owned();
    let (old, new) = (before.operation, after.operation);
    let both = || [touches(before), touches(after)].concat();
    let mut add = |kind, what: String, wire| changes.add(found(after, kind, what), wire, both());
    if old.id != new.id {
        let what = format!("was called `{}`", old.id);
        let why = "operation ids are not sent";
        add("operation-renamed", what, Wire::keeps(why));
    }
    if before.tag != after.tag {
        let what = format!("moved from `{}` to `{}`", before.tag, after.tag);
        let wire = || Wire::keeps("tags are not sent");
        add("operation-moved", what.clone(), wire());
        let moved = found(after, "operation-moved", what);
        changes.tag = after.tag.to_owned();
        changes.add(moved, wire(), touches(after));
        changes.tag = before.tag.to_owned();
    }
    settings(before, after, changes);
    parameter::compare(before, after, changes);
    security::compare(before, after, changes);
    statuses(before, after, changes);
    bodies::compare(before, after, changes);
    lists::paging(before, after, changes);
    lists::bulk(before, after, changes);
}

/// What needs no more than a look: the route, the names, the notes.
fn settings(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (before.operation, after.operation);
    let mut add = |kind, what: String, wire| {
        let touches = [touches(before), touches(after)].concat();
        changes.add(found(after, kind, what), wire, touches);
    };
    if old.method != new.method {
        let what = format!("is sent as {}, not {}", new.method, old.method);
        let why = "an old client sends the old method, which the server need not take";
        add("method-changed", what, Wire::breaks(why));
    }
    if super::route(&old.path) != super::route(&new.path) {
        let what = format!("is at {}, not at {}", new.path, old.path);
        let why = "an old client calls the old path, which the server need not serve";
        add("path-changed", what, Wire::breaks(why));
    } else if old.path != new.path {
        let what = format!("names its path {}, not {}", new.path, old.path);
        let why = "the names of path parameters are not sent";
        add("path-parameter-renamed", what, Wire::keeps(why));
    }
    if old.resource != new.resource {
        let what = format!("belongs to `{}`, not to `{}`", new.resource, old.resource);
        let why = "resources are not sent";
        add("resource-changed", what, Wire::keeps(why));
    }
    if old.verb != new.verb {
        let verb = |verb: &Option<String>| {
            verb.as_ref()
                .map_or("nothing".to_owned(), |verb| format!("`{verb}`"))
        };
        let what = format!(
            "is {} of its resource, not {}",
            verb(&new.verb),
            verb(&old.verb)
        );
        add("verb-changed", what, Wire::keeps("verbs are not sent"));
    }
    if old.server.name != new.server.name && old.server.url != new.server.url {
        let what = format!("is served by {}, not {}", new.server.url, old.server.url);
        let why = "an old client calls the old server";
        add("server-changed", what, Wire::breaks(why));
    }
    if old.deprecated != new.deprecated {
        let (kind, what) = super::body::deprecation(new.deprecated);
        let why = "what is advised against works as before";
        add(kind, what.to_owned(), Wire::keeps(why));
    }
    if old.preview != new.preview {
        let what = if new.preview {
            "is a preview now"
        } else {
            "is no preview any more"
        };
        let why = "a preview is called as any other operation";
        add("preview-changed", what.to_owned(), Wire::keeps(why));
    }
    match (old.idempotent, new.idempotent) {
        (true, false) if old.method == new.method => {
            let why = "an old client may send a failed request again and do a thing twice";
            let what = "may not be sent twice any more".to_owned();
            add("retry-changed", what, Wire::breaks(why));
        }
        (false, true) if old.method == new.method => {
            let why = "an old client sends again what it did before and no more";
            let what = "may be sent twice now".to_owned();
            add("retry-changed", what, Wire::keeps(why));
        }
        _ => {}
    }
    if old.unavailable_sites != new.unavailable_sites {
        let is_new = |site: &&String| !old.unavailable_sites.contains(site);
        let wire = if new.unavailable_sites.iter().any(|site| is_new(&site)) {
            Wire::breaks("an old client calls a site that does not serve it any more")
        } else {
            Wire::keeps("an old client refuses to call the site, as it did")
        };
        let what = if new.unavailable_sites.is_empty() {
            "is served by every site now".to_owned()
        } else {
            format!("is not served by {}", new.unavailable_sites.join(", "))
        };
        add("sites-changed", what, wire);
    }
    if [&old.summary, &old.description] != [&new.summary, &new.description]
        || old.documentation != new.documentation
    {
        let what = "has another description".to_owned();
        let why = "documentation is not sent";
        add("description-changed", what, Wire::keeps(why));
    }
}

fn statuses(before: Named, after: Named, changes: &mut Changes) {
    let map = |named: Named| -> BTreeMap<String, String> {
        named.operation.statuses.iter().cloned().collect()
    };
    let (old, new) = (map(before), map(after));
    let mut add = |kind, what: String, wire| {
        let touches = [touches(before), touches(after)].concat();
        changes.add(found(after, kind, what), wire, touches);
    };
    let why = |status: &str| {
        if status.starts_with('2') {
            "any status from 200 to 299 is a success"
        } else {
            "an error carries whichever status the server sends"
        }
    };
    for (status, description) in &old {
        match new.get(status) {
            None => {
                let what = format!("no longer documents the status {status}");
                add("status-removed", what, Wire::keeps(why(status)));
            }
            Some(other) if other != description => {
                let what = format!("describes the status {status} otherwise");
                let why = "documentation is not sent";
                add("description-changed", what, Wire::keeps(why));
            }
            Some(_) => {}
        }
    }
    for status in new.keys().filter(|status| !old.contains_key(*status)) {
        let what = format!("documents the status {status}");
        add("status-added", what, Wire::keeps(why(status)));
    }
}
