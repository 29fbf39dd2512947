//! Rewrites the paths of a document: their spelling, and the keys of path items.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::Adapter;
use super::operations::METHODS;
use crate::document::edit::{mapping, members_of, set, string, take};
use crate::document::node::{Member, Node, NodeValue};

const PATH_ITEM_KEYS: [&str; 4] = ["description", "parameters", "servers", "summary"];

impl Adapter {
    /// Rewrites every path and path item, and gives each operation an id of its own.
    pub(super) fn paths(&mut self, document: &mut Node) {
        let Some(paths) = document.get_mut("paths") else {
            let location = document.location.clone();
            set(document, "paths", mapping(&location, []));
            self.note(
                &location,
                "the document has no `paths`",
                "no operation is generated",
            );
            return;
        };
        let Some(members) = members_of(paths) else {
            return;
        };
        let mut rewritten: IndexMap<String, Member> = IndexMap::with_capacity(members.len());
        for (path, mut member) in std::mem::take(members) {
            if path.starts_with("x-") {
                continue;
            }
            let mut wanted = path.trim().to_owned();
            if !wanted.starts_with('/') {
                wanted.insert(0, '/');
                let message = format!("the path `{path}` does not start with `/`");
                self.note(&member.key, message, format!("it is read as `{wanted}`"));
            }
            self.path_item(&mut member.node);
            if rewritten.contains_key(&wanted) {
                let message = format!("the path `{wanted}` is a duplicate");
                self.note(&member.key, message, "the first one is generated");
            } else {
                rewritten.insert(wanted, member);
            }
        }
        self.unique_ids(&mut rewritten);
        *members = rewritten;
    }

    fn path_item(&mut self, item: &mut Node) {
        if item.members().is_none() {
            let location = item.location.clone();
            self.note(
                &location,
                "a path item is not a mapping",
                "it has no operations",
            );
            *item = mapping(&location, []);
        }
        let Some(members) = members_of(item) else {
            return;
        };
        let mut unknown = Vec::new();
        members.retain(|name, member| {
            let is_method = METHODS.contains(&name.as_str());
            let is_known = is_method || PATH_ITEM_KEYS.contains(&name.as_str());
            if !is_known && !name.starts_with("x-") {
                unknown.push((name.clone(), member.key.clone()));
            }
            is_known && !(is_method && member.node.members().is_none())
        });
        for (name, key) in unknown {
            let message = format!("`{name}` is not a keyword of a path item");
            self.note(&key, message, "it is ignored");
        }
        self.parameters(item);
        self.servers(item);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                self.operation(operation, method);
            }
        }
    }

    /// Gives each operation whose id is a duplicate another id.
    fn unique_ids(&mut self, paths: &mut IndexMap<String, Member>) {
        let mut taken = HashSet::new();
        let operations = paths.values_mut().flat_map(|item| {
            let members = members_of(&mut item.node).into_iter().flatten();
            members.filter(|(name, _)| METHODS.contains(&name.as_str()))
        });
        for (_, operation) in operations {
            let operation = &mut operation.node;
            let Some(id) = operation.get("operationId") else {
                continue;
            };
            let location = id.location.clone();
            let wanted = match &id.value {
                NodeValue::String(text) => text.clone(),
                NodeValue::Number(number) => number.to_string(),
                _ => String::new(),
            };
            if wanted.is_empty() {
                take(operation, "operationId");
                continue;
            }
            let mut unique = wanted.clone();
            let mut count = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{wanted}_{count}");
                count += 1;
            }
            if unique != wanted {
                let message = format!("the operation id `{wanted}` is a duplicate");
                self.note(&location, message, format!("it is read as `{unique}`"));
            }
            set(operation, "operationId", string(&location, &unique));
        }
    }
}
