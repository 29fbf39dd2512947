//! Compares schemas that are generated as any value, which a domain holds as the text that the
//! document has. What they refer to is not part of the domain.

use std::cell::OnceCell;
use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::meaning::without_annotations;
use super::subject::Version;
use crate::document::graph::Graph;
use crate::document::node::Node;
use crate::document::references;

/// The named schemas of both documents that differ, or refer to one that does.
pub(super) struct Differing<'a> {
    documents: [&'a Node; 2],
    /// Their names, once they are asked for: few documents have such schemas.
    names: OnceCell<HashSet<String>>,
}

impl<'a> Differing<'a> {
    pub(super) fn new(old: &Version<'a>, new: &Version<'a>) -> Self {
        Self {
            documents: [old.document, new.document],
            names: OnceCell::new(),
        }
    }

    /// Returns true if two texts mean the same schema.
    pub(super) fn is_same(&self, old: &str, new: &str) -> bool {
        let read =
            |text: &str| serde_json::from_str(text).map(|it| without_annotations(&it, false));
        match (read(old), read(new)) {
            (Ok(old), Ok(new)) => old == new && !self.is_in(&old),
            _ => old == new,
        }
    }

    /// Returns true if a schema refers to one that differs.
    fn is_in(&self, schema: &Value) -> bool {
        let mut pending = vec![schema];
        while let Some(value) = pending.pop() {
            match value {
                Value::Array(items) => pending.extend(items),
                Value::Object(members) => pending.extend(members.values()),
                Value::String(text) => {
                    let name = text.strip_prefix("#/components/schemas/");
                    if name.is_some_and(|name| self.names().contains(name)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn names(&self) -> &HashSet<String> {
        self.names.get_or_init(|| {
            let [old, new] = self.documents.map(schemas);
            let all: HashSet<&String> = [&old, &new].into_iter().flat_map(|it| it.keys()).collect();
            let constraints = |schemas: &IndexMap<String, &Node>, name: &String| {
                let schema = schemas.get(name);
                schema.map(|schema| without_annotations(&schema.to_value(), false))
            };
            let own = all.iter().copied();
            let own = own.filter(|name| constraints(&old, name) != constraints(&new, name));
            let own: HashSet<&String> = own.collect();
            let targets = all.iter().map(|name| {
                let versions = [&old, &new].into_iter().filter_map(|it| it.get(*name));
                let targets = versions.flat_map(|schema| references(schema, "schemas"));
                (name.as_str(), targets.collect())
            });
            let (graph, names) = Graph::new(targets);
            let numbers = own
                .iter()
                .filter_map(|name| names.get_index_of(name.as_str()));
            let leading = graph.leading_to(numbers);
            let names = names.into_iter().zip(leading);
            let differing = names.filter(|(_, leads)| *leads);
            differing.map(|(name, _)| name.to_owned()).collect()
        })
    }
}

fn schemas(document: &Node) -> IndexMap<String, &Node> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Node::properties);
    schemas
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.clone(), &property.node))
        .collect()
}
