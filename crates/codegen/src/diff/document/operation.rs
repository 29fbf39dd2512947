//! Compares two versions of an operation.

use std::collections::BTreeMap;

use super::bodies::Bodies;
use super::changes::{ANNOUNCEMENTS, Changes, Difference, deprecation};
use super::schemas::Domains;
use super::subject::{OperationVersion, Version};
use super::{callbacks, pagination, parameter, responses, security};
use crate::collections::HashMap;
use crate::diff::change::WireEffect;
use crate::document::node::Node;

/// Both documents.
#[derive(Clone, Copy)]
pub(super) struct Documents<'a> {
    pub(super) old: &'a Version<'a>,
    pub(super) new: &'a Version<'a>,
    /// The security schemes of the old document that have another name in the new one.
    pub(super) schemes: &'a HashMap<String, String>,
}

/// Reports a new operation, or a new media type of the request body of a known one.
pub(super) fn added(after: OperationVersion, is_variant: bool, changes: &mut Changes) {
    changes.tag = after.tag.to_owned();
    let operation = after.operation;
    let difference = if is_variant {
        let what = format!("also takes {}", operation.request_media_type);
        after.difference("request-media-type-added", what)
    } else {
        let what = format!("is new: {} {}", operation.method, operation.path);
        after.difference("operation-added", what)
    };
    let why = if is_variant {
        "an old client sends another media type"
    } else {
        "old clients do not call it"
    };
    changes.add(difference, WireEffect::keeps(why));
}

/// Reports a removed operation, or a removed media type of the request body of one that stays.
pub(super) fn removed(
    before: OperationVersion,
    new: &Version,
    is_variant: bool,
    changes: &mut Changes,
) {
    changes.tag = before.tag.to_owned();
    let operation = before.operation;
    let item = new
        .document
        .get("paths")
        .and_then(|paths| paths.get(&operation.path));
    if !is_variant && item.is_some_and(|item| item.get(&operation.method.to_lowercase()).is_some())
    {
        let what = "is not generated from the new document";
        let difference = before.difference("operation-removed", what);
        let why = "the new document has the operation, but it is not compared";
        return changes.add(difference, WireEffect::keeps(why));
    }
    let (difference, why) = if is_variant {
        let what = format!("no longer takes {}", operation.request_media_type);
        (
            before.difference("request-media-type-removed", what),
            "the server may reject the media type that an old client sends",
        )
    } else {
        let what = format!("is removed: {} {}", operation.method, operation.path);
        (
            before.difference("operation-removed", what),
            "the server may reject the calls of an old client",
        )
    };
    changes.add(difference, WireEffect::breaks(why));
}

/// Compares two versions of an operation. What all media types of its request body share is
/// compared for the first one.
pub(super) fn compare(
    [before, after]: [OperationVersion; 2],
    documents: Documents,
    domains: &Domains,
    is_first: bool,
    changes: &mut Changes,
) {
    changes.tag = before.tag.to_owned();
    let comparison = Comparison { before, after };
    if is_first {
        comparison.identity(changes);
        comparison.route(changes);
        comparison.names(changes);
        comparison.server(changes);
        comparison.stability(changes);
        comparison.retries(changes);
        comparison.documentation(changes);
        comparison.extensions(documents, changes);
    }
    parameter::compare([before, after], domains, is_first, changes);
    let bodies = Bodies::new([before, after], documents, domains);
    bodies.request(changes);
    if !is_first {
        return;
    }
    security::compare(before, after, documents.schemes, changes);
    comparison.status_codes(changes);
    bodies.responses(changes);
    responses::compare([before, after], documents, changes);
    callbacks::compare([before, after], documents, changes);
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
        let paths = [self.before.path(), self.after.path()];
        changes.add(self.after.difference(kind, what).of(&paths), wire);
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
            changes.add(after.difference("operation-moved", what), wire());
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
            // The parameter is reported, too, and decides the arguments.
            let difference = self.after.difference("path-parameter-renamed", what);
            changes.add(difference.of(&[]), wire);
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

    /// Compares the extensions of others that announce a change.
    fn extensions(&self, documents: Documents, changes: &mut Changes) {
        let (before, after) = (self.before.operation, self.after.operation);
        let (Some(old), Some(new)) = (documents.old.node(before), documents.new.node(after)) else {
            return;
        };
        let subject = format!("operation `{}`", after.id);
        self.announced(&subject, [old, new], changes);
        let parameters = documents.new.parameters(after);
        for (name, place, old) in documents.old.parameters(before) {
            let mut same = parameters
                .iter()
                .filter(|(other, in_place, _)| (*other, *in_place) == (name, place));
            if let Some((_, _, new)) = same.next() {
                let subject = format!("parameter `{}.{name}`", after.id);
                self.announced(&subject, [old, new], changes);
                self.empty_value(&subject, [old, new], changes);
                self.reserved(&subject, [old, new], changes);
            }
        }
    }

    /// Compares whether a parameter may be sent without a value.
    fn empty_value(&self, subject: &str, versions: [&Node; 2], changes: &mut Changes) {
        let [was_allowed, is_allowed] =
            versions.map(|node| node.get("allowEmptyValue").is_some_and(Node::is_true));
        let (what, wire) = match (was_allowed, is_allowed) {
            (true, false) => (
                "may no longer be empty",
                WireEffect::breaks("the server may reject the empty value of an old client"),
            ),
            (false, true) => (
                "may now be empty",
                WireEffect::keeps("values that were allowed are still allowed"),
            ),
            _ => return,
        };
        let location = &self.after.operation.location;
        let difference = Difference::new("bounds-changed", subject, what, location);
        changes.add(difference, wire);
    }

    /// Compares whether a parameter may contain reserved characters as they are.
    fn reserved(&self, subject: &str, versions: [&Node; 2], changes: &mut Changes) {
        let [was_allowed, is_allowed] =
            versions.map(|node| node.get("allowReserved").is_some_and(Node::is_true));
        if was_allowed != is_allowed {
            let what = match is_allowed {
                true => "may now contain reserved characters as they are",
                false => "may no longer contain reserved characters as they are",
            };
            let location = &self.after.operation.location;
            let difference = Difference::new("style-changed", subject, what, location);
            let wire = WireEffect::keeps("an old client escapes every reserved character");
            changes.add(difference, wire);
        }
    }

    fn announced(&self, subject: &str, [old, new]: [&Node; 2], changes: &mut Changes) {
        for (keyword, kind, what) in ANNOUNCEMENTS {
            let [old, new] = [old, new].map(|node| Some(node.get(keyword)?.to_value()));
            if old != new {
                let shown = new.map_or("none".to_owned(), |value| value.to_string());
                let what = format!("{what} {shown}");
                let location = &self.after.operation.location;
                let difference = Difference::new(kind, subject, what, location);
                let wire = WireEffect::keeps("it announces a change and is not one");
                changes.add(difference, wire);
            }
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
