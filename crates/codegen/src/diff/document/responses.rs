//! Compares what clients do not decode: the headers of responses, the bodies of errors, and the
//! media types that a server may respond with.

use std::collections::BTreeMap;

use serde_json::Value;

use super::changes::{Changes, Difference};
use super::content::essence;
use super::operation::Documents;
use super::subject::{OperationVersion, Version};
use super::written::comparable;
use crate::collections::HashSet;
use crate::diff::change::WireEffect;
use crate::document::node::{Node, Property, escape_pointer_token};
use crate::document::references;

const RAW_HEADERS: &str = "clients hand out headers as strings and need none";

pub(super) fn compare(
    [before, after]: [OperationVersion; 2],
    documents: Documents,
    changes: &mut Changes,
) {
    let [Some(old), Some(new)] = [
        documents.old.node(before.operation),
        documents.new.node(after.operation),
    ] else {
        return;
    };
    let members = |node: &'_ Node| node.get("responses").and_then(Node::properties).cloned();
    let (Some(old), Some(new)) = (members(old), members(new)) else {
        return;
    };
    for (status, member) in &old {
        let Some(now) = new.get(status) else {
            continue;
        };
        let responses = Responses {
            before,
            after,
            documents,
            status,
            old: documents.old.resolve(&member.node),
            new: documents.new.resolve(&now.node),
        };
        responses.headers(changes);
        if is_success(status, &old) {
            responses.media_types(changes);
        } else {
            responses.error(changes);
        }
    }
}

fn is_success(status: &str, all: &crate::collections::IndexMap<String, Property>) -> bool {
    let has_success = all.keys().any(|status| status.starts_with('2'));
    status.starts_with('2') || (status == "default" && !has_success)
}

/// Two versions of the response for one status code.
struct Responses<'a> {
    before: OperationVersion<'a>,
    after: OperationVersion<'a>,
    documents: Documents<'a>,
    status: &'a str,
    old: &'a Node,
    new: &'a Node,
}

impl Responses<'_> {
    fn headers(&self, changes: &mut Changes) {
        let headers = |version: &Version, node: &Node| -> BTreeMap<String, Value> {
            let headers = node.get("headers").and_then(Node::properties);
            let headers = headers.into_iter().flatten();
            headers
                .map(|(name, member)| {
                    let header = version.resolve(&member.node).to_value();
                    (name.to_ascii_lowercase(), header)
                })
                .collect()
        };
        let old = headers(self.documents.old, self.old);
        let new = headers(self.documents.new, self.new);
        for (name, before) in &old {
            let Some(after) = new.get(name) else {
                let pagination = self.before.operation.pagination.as_ref();
                let pages = name == "link" && pagination.is_some_and(|paging| paging.link_header);
                let wire = if pages {
                    WireEffect::breaks("an old client finds the next page in this header")
                } else {
                    WireEffect::keeps(RAW_HEADERS)
                };
                let difference = self.header(name, "response-header-removed", "is removed");
                changes.add(difference, wire);
                continue;
            };
            self.both(name, before, after, changes);
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            let difference = self.header(name, "response-header-added", "is new");
            changes.add(difference, WireEffect::keeps(RAW_HEADERS));
        }
    }

    fn both(&self, name: &str, before: &Value, after: &Value, changes: &mut Changes) {
        let is_required = |header: &Value| header.get("required") == Some(&Value::Bool(true));
        if is_required(before) != is_required(after) {
            let what = if is_required(after) {
                "is now required"
            } else {
                "is now optional"
            };
            let difference = self.header(name, "response-header-required-changed", what);
            changes.add(difference, WireEffect::keeps(RAW_HEADERS));
        }
        let schema = |header: &Value| comparable(header.get("schema").unwrap_or(header), false);
        let (old, new) = (schema(before), schema(after));
        if old != new {
            let what = format!("is described by {new}, not by {old}");
            let difference = self.header(name, "response-header-changed", &what);
            changes.add(difference, WireEffect::keeps(RAW_HEADERS));
        }
    }

    fn header(&self, name: &str, kind: &'static str, what: &str) -> Difference {
        let (id, status) = (&self.after.operation.id, self.status);
        let subject = format!("header `{name}` of `{id}` ({status})");
        Difference::new(kind, subject, what, &self.after.operation.location)
    }

    fn error(&self, changes: &mut Changes) {
        let old = content(self.documents.old, self.old);
        let new = content(self.documents.new, self.new);
        if old != new {
            let what = format!("describes another body of the error {}", self.status);
            let difference = self.after.difference("error-body-changed", what);
            let wire = WireEffect::keeps("clients keep the body of every error");
            changes.add(difference, wire);
        }
    }

    /// Compares the media types of a success. A client asks for JSON if there is any, else for the
    /// first media type.
    fn media_types(&self, changes: &mut Changes) {
        let names = |node: &Node| -> Vec<String> {
            let content = node.get("content").and_then(Node::properties);
            let content = content.into_iter().flatten();
            content.map(|(name, _)| name.to_ascii_lowercase()).collect()
        };
        let (old, new) = (names(self.old), names(self.new));
        if old.is_empty() || new.is_empty() {
            // An added or removed body is reported as such.
            return;
        }
        let is_json = |name: &String| essence(name).ends_with("json") || name.contains('*');
        let asks_for_json = old.iter().any(is_json);
        let first = old.first();
        let is_wanted = |name: &String| match asks_for_json {
            true => is_json(name),
            false => Some(name) == first,
        };
        let is_left = new.iter().any(is_wanted)
            || first.is_some_and(|first| {
                !asks_for_json && new.iter().any(|name| essence(name) == essence(first))
            });
        for name in old.iter().filter(|name| !new.contains(name)) {
            let what = format!("no longer responds with {name} for {}", self.status);
            let difference = self.after.difference("response-media-type-removed", what);
            let wire = if !is_wanted(name) {
                WireEffect::keeps("an old client asks for another media type")
            } else if is_left {
                WireEffect::keeps("an old client reads the media type that is left")
            } else {
                WireEffect::breaks("an old client asks for it and cannot read another one")
            };
            changes.add(difference, wire);
        }
        for name in new.iter().filter(|name| !old.contains(name)) {
            let what = format!("also responds with {name} for {}", self.status);
            let difference = self.after.difference("response-media-type-added", what);
            let wire = WireEffect::keeps("an old client asks for another media type");
            changes.add(difference, wire);
        }
    }
}

/// Returns the content of a response with the schemas that it refers to, without annotations.
fn content(version: &Version, response: &Node) -> BTreeMap<String, Value> {
    let content = response.get("content");
    content.map_or_else(BTreeMap::new, |content| described(version, content))
}

/// Returns a mapping by name with the schemas that it refers to, without annotations.
pub(super) fn described(version: &Version, node: &Node) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut pending = references(node, "schemas");
    found.insert(String::new(), comparable(&node.to_value(), true));
    let mut seen = HashSet::default();
    while let Some(name) = pending.pop() {
        let pointer = format!("/components/schemas/{}", escape_pointer_token(&name));
        if let Some(node) = version.document.pointer(&pointer)
            && seen.insert(name.clone())
        {
            pending.extend(references(node, "schemas"));
            found.insert(name, comparable(&node.to_value(), false));
        }
    }
    found
}
