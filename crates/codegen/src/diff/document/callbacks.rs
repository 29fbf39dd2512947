//! Compares the callbacks of an operation. Clients send requests and serve none, so a change of one
//! is only reported.

use super::changes::Changes;
use super::operation::Documents;
use super::responses::described;
use super::subject::{OperationVersion, Version};
use crate::collections::IndexMap;
use crate::diff::change::WireEffect;
use crate::document::node::{CALLBACKS, Node, Property, unescape_pointer_token};

pub(super) fn compare(
    [before, after]: [OperationVersion; 2],
    documents: Documents,
    changes: &mut Changes,
) {
    let old = callbacks(documents.old, before);
    let new = callbacks(documents.new, after);
    let mut add = |kind, what: String| {
        let wire = WireEffect::keeps("clients send requests and serve none");
        changes.add(after.difference(kind, what), wire);
    };
    let (Some(old), Some(new)) = (old, new) else {
        return;
    };
    for (name, property) in &old {
        let Some(now) = new.get(name) else {
            add(
                "callback-removed",
                format!("no longer has the callback `{name}`"),
            );
            continue;
        };
        let old = described(documents.old, target(documents.old, &property.node));
        if old != described(documents.new, target(documents.new, &now.node)) {
            add("callback-changed", format!("has another callback `{name}`"));
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        add("callback-added", format!("has the new callback `{name}`"));
    }
}

fn callbacks(version: &Version, operation: OperationVersion) -> Option<IndexMap<String, Property>> {
    let callbacks = version.node(operation.operation)?.get(CALLBACKS);
    Some(
        callbacks
            .and_then(Node::properties)
            .cloned()
            .unwrap_or_default(),
    )
}

/// Returns a callback, or the one of the components that it refers to.
fn target<'a>(version: &'a Version, callback: &'a Node) -> &'a Node {
    let name = callback
        .reference()
        .and_then(|it| it.strip_prefix("#/components/callbacks/"));
    let components = || version.document.get("components")?.get(CALLBACKS);
    let target = name.and_then(|name| components()?.get(&unescape_pointer_token(name)));
    target.unwrap_or(callback)
}
