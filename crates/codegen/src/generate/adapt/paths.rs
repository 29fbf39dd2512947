//! Rewrites the paths of a document: their spelling, and the keys of path items.

use super::Adapter;
use super::operations::METHODS;
use crate::collections::{HashSet, IndexMap};
use crate::document::edit::{mapping, properties_of, set, string, take};
use crate::document::node::{Node, NodeValue, Property};

const PATH_ITEM_KEYS: [&str; 4] = ["description", "parameters", "servers", "summary"];

impl Adapter {
    /// Rewrites every path and path item, and gives each operation an id of its own.
    pub(super) fn paths(&mut self, document: &mut Node) {
        let paths = document.get("paths");
        if paths.and_then(Node::properties).is_none() {
            let message = match paths {
                Some(_) => "`paths` is not a mapping",
                None => "the document has no `paths`",
            };
            let location = document.key_location("paths").clone();
            set(document, "paths", mapping(&location, []));
            self.note(&location, message, "no operation is generated");
        }
        let Some(properties) = document.get_mut("paths").and_then(properties_of) else {
            return;
        };
        let mut rewritten: IndexMap<String, Property> =
            IndexMap::with_capacity_and_hasher(properties.len(), Default::default());
        for (path, mut property) in std::mem::take(properties) {
            if path.starts_with("x-") {
                continue;
            }
            let mut wanted = path.trim().to_owned();
            if !wanted.starts_with('/') {
                wanted.insert(0, '/');
                let message = format!("the path `{path}` does not start with `/`");
                self.note(&property.key, message, format!("it is read as `{wanted}`"));
            }
            let escaped = without_spaces(&wanted);
            if escaped != wanted {
                let message = format!("the path `{path}` contains white space");
                self.note(&property.key, message, format!("it is sent as `{escaped}`"));
                wanted = escaped;
            }
            self.path_item(&mut property.node);
            if rewritten.contains_key(&wanted) {
                let message = format!("the path `{wanted}` is a duplicate");
                self.note(&property.key, message, "the first one is generated");
            } else {
                rewritten.insert(wanted, property);
            }
        }
        self.unique_ids(&mut rewritten);
        *properties = rewritten;
    }

    fn path_item(&mut self, item: &mut Node) {
        if item.properties().is_none() {
            let location = item.location.clone();
            self.note(
                &location,
                "a path item is not a mapping",
                "it has no operations",
            );
            *item = mapping(&location, []);
        }
        let Some(properties) = properties_of(item) else {
            return;
        };
        let mut unknown = Vec::new();
        properties.retain(|name, property| {
            let is_method = METHODS.contains(&name.as_str());
            let is_known = is_method || PATH_ITEM_KEYS.contains(&name.as_str());
            if !is_known && !name.starts_with("x-") {
                unknown.push((name.clone(), property.key.clone()));
            }
            is_known && !(is_method && property.node.properties().is_none())
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
    fn unique_ids(&mut self, paths: &mut IndexMap<String, Property>) {
        let mut taken = HashSet::default();
        let operations = paths.values_mut().flat_map(|item| {
            let properties = properties_of(&mut item.node).into_iter().flatten();
            properties.filter(|(name, _)| METHODS.contains(&name.as_str()))
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

/// Returns a path with its white space percent-encoded, except in the names of parameters.
fn without_spaces(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    let mut is_name = false;
    for character in path.chars() {
        match character {
            '{' => is_name = true,
            '}' => is_name = false,
            _ => {}
        }
        if is_name || !character.is_whitespace() {
            escaped.push(character);
        } else {
            let mut bytes = [0; 4];
            let bytes = character.encode_utf8(&mut bytes).bytes();
            escaped.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    escaped
}
