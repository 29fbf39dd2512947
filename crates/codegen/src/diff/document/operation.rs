//! Compares two versions of an operation.

use std::collections::BTreeMap;

use super::changes::{Changes, deprecation};
use super::subject::{OperationVersion, items_of_both};
use super::{bodies, pagination, parameter, security};
use crate::diff::change::WireEffect;

pub(super) fn added(after: OperationVersion, changes: &mut Changes) {
    changes.tag = after.tag.to_owned();
    let operation = after.operation;
    let what = format!("is new: {} {}", operation.method, operation.path);
    let difference = after.difference("operation-added", what);
    let why = "old clients do not call it";
    changes.add(difference, WireEffect::keeps(why), after.items());
}

pub(super) fn removed(before: OperationVersion, changes: &mut Changes) {
    changes.tag = before.tag.to_owned();
    let operation = before.operation;
    let what = format!("is removed: {} {}", operation.method, operation.path);
    let difference = before.difference("operation-removed", what);
    let why = "the server may reject the calls of an old client";
    changes.add(difference, WireEffect::breaks(why), before.items());
}

pub(super) fn compare(before: OperationVersion, after: OperationVersion, changes: &mut Changes) {
    changes.tag = before.tag.to_owned();
    let comparison = Comparison { before, after };
    comparison.identity(changes);
    comparison.route(changes);
    comparison.names(changes);
    comparison.server(changes);
    comparison.stability(changes);
    comparison.retries(changes);
    comparison.documentation(changes);
    parameter::compare(before, after, changes);
    security::compare(before, after, changes);
    comparison.status_codes(changes);
    bodies::compare(before, after, changes);
    pagination::paging(before, after, changes);
    pagination::bulk(before, after, changes);
}

/// Returns a path without the names of its parameters, because those are not sent.
pub(super) fn route(path: &str) -> String {
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

/// The two versions of an operation.
struct Comparison<'a> {
    before: OperationVersion<'a>,
    after: OperationVersion<'a>,
}

impl Comparison<'_> {
    fn add(&self, changes: &mut Changes, kind: &'static str, what: String, wire: WireEffect) {
        let affected = items_of_both(self.before, self.after);
        changes.add(self.after.difference(kind, what), wire, affected);
    }

    fn identity(&self, changes: &mut Changes) {
        let (before, after) = (self.before, self.after);
        if before.operation.id != after.operation.id {
            let what = format!("was called `{}`", before.operation.id);
            let wire = WireEffect::keeps("operation ids are not sent");
            self.add(changes, "operation-renamed", what, wire);
        }
        if before.tag != after.tag {
            let what = format!("moved from `{}` to `{}`", before.tag, after.tag);
            let wire = || WireEffect::keeps("tags are not sent");
            self.add(changes, "operation-moved", what.clone(), wire());
            changes.tag = after.tag.to_owned();
            let difference = after.difference("operation-moved", what);
            changes.add(difference, wire(), after.items());
            changes.tag = before.tag.to_owned();
        }
    }

    fn route(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if old.method != new.method {
            let what = format!("is sent as {}, not {}", new.method, old.method);
            let why = "an old client sends the old method, and the server may reject it";
            self.add(changes, "method-changed", what, WireEffect::breaks(why));
        }
        if route(&old.path) != route(&new.path) {
            let what = format!("is at {}, not at {}", new.path, old.path);
            let why = "an old client calls the old path, and the server may reject it";
            self.add(changes, "path-changed", what, WireEffect::breaks(why));
        } else if old.path != new.path {
            let what = format!("has the path {}, not {}", new.path, old.path);
            let wire = WireEffect::keeps("the names of path parameters are not sent");
            self.add(changes, "path-parameter-renamed", what, wire);
        }
    }

    fn names(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if old.resource != new.resource {
            let what = format!("belongs to `{}`, not to `{}`", new.resource, old.resource);
            let wire = WireEffect::keeps("resources are not sent");
            self.add(changes, "resource-changed", what, wire);
        }
        if old.verb != new.verb {
            let verb = |verb: &Option<String>| {
                verb.as_ref()
                    .map_or("none".to_owned(), |verb| format!("`{verb}`"))
            };
            let (now, before) = (verb(&new.verb), verb(&old.verb));
            let what = format!("has the verb {now}, not {before}");
            let wire = WireEffect::keeps("verbs are not sent");
            self.add(changes, "verb-changed", what, wire);
        }
    }

    fn server(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if old.server.name != new.server.name && old.server.url != new.server.url {
            let what = format!("is served by {}, not {}", new.server.url, old.server.url);
            let wire = WireEffect::breaks("an old client calls the old server");
            self.add(changes, "server-changed", what, wire);
        }
        if old.unavailable_sites == new.unavailable_sites {
            return;
        }
        let is_new = |site: &String| !old.unavailable_sites.contains(site);
        let wire = if new.unavailable_sites.iter().any(is_new) {
            WireEffect::breaks("an old client calls a site that no longer serves it")
        } else {
            WireEffect::keeps("an old client still does not call the site")
        };
        let what = if new.unavailable_sites.is_empty() {
            "is now served by every site".to_owned()
        } else {
            format!("is not served by {}", new.unavailable_sites.join(", "))
        };
        self.add(changes, "sites-changed", what, wire);
    }

    fn stability(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if old.deprecated != new.deprecated {
            let (kind, what) = deprecation(new.deprecated);
            let wire = WireEffect::keeps("deprecated operations still work");
            self.add(changes, kind, what.to_owned(), wire);
        }
        if old.preview != new.preview {
            let what = if new.preview {
                "is now a preview"
            } else {
                "is no longer a preview"
            };
            let wire = WireEffect::keeps("a preview is called like any other operation");
            self.add(changes, "preview-changed", what.to_owned(), wire);
        }
    }

    fn retries(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        // Another method has other rules, and its change is reported already.
        if old.idempotent == new.idempotent || old.method != new.method {
            return;
        }
        let (what, wire) = if new.idempotent {
            (
                "is now idempotent",
                WireEffect::keeps("an old client retries no more than before"),
            )
        } else {
            (
                "is no longer idempotent",
                WireEffect::breaks("an old client may retry a request and apply a change twice"),
            )
        };
        self.add(changes, "retry-changed", what.to_owned(), wire);
    }

    fn documentation(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if [&old.summary, &old.description] != [&new.summary, &new.description]
            || old.documentation != new.documentation
        {
            let what = "has another description".to_owned();
            let wire = WireEffect::keeps("documentation is not sent");
            self.add(changes, "description-changed", what, wire);
        }
    }

    fn status_codes(&self, changes: &mut Changes) {
        let map = |version: OperationVersion| -> BTreeMap<String, String> {
            version.operation.statuses.iter().cloned().collect()
        };
        let (old, new) = (map(self.before), map(self.after));
        let why = |status: &str| {
            if status.starts_with('2') {
                "every 2xx status code is a success"
            } else {
                "an error has the status code that the server sends"
            }
        };
        for (status, description) in &old {
            match new.get(status) {
                None => {
                    let what = format!("no longer documents the status code {status}");
                    let wire = WireEffect::keeps(why(status));
                    self.add(changes, "status-removed", what, wire);
                }
                Some(other) if other != description => {
                    let what = format!("describes the status code {status} differently");
                    let wire = WireEffect::keeps("documentation is not sent");
                    self.add(changes, "description-changed", what, wire);
                }
                Some(_) => {}
            }
        }
        for status in new.keys().filter(|status| !old.contains_key(*status)) {
            let what = format!("documents the status code {status}");
            let wire = WireEffect::keeps(why(status));
            self.add(changes, "status-added", what, wire);
        }
    }
}
