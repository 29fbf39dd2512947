//! Compares schemas that a domain holds as the document has them: those that are generated as any
//! value, and those that only validate. What they refer to is not part of the domain.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::subject::Version;
use super::written::comparable;
use crate::collections::{HashSet, IndexMap};
use crate::document::graph::Graph;
use crate::document::node::{Node, unescape_pointer_token};
use crate::document::references;

const PREFIX: &str = "#/components/schemas/";
/// The maximum number of values that are compared to find renamed schemas.
const MOST_COMPARED: usize = 1_000_000;

/// The named schemas of both documents that differ, or refer to one that does.
pub(super) struct Differing<'a> {
    documents: [&'a Node; 2],
    /// Their names, once they are asked for: few documents have such schemas.
    names: OnceCell<HashSet<String>>,
    /// Schemas of both documents that mean the same.
    same: RefCell<HashSet<(String, String)>>,
    /// The number of values that may still be compared.
    budget: Cell<usize>,
}

impl<'a> Differing<'a> {
    pub(super) fn new(old: &Version<'a>, new: &Version<'a>) -> Self {
        Self {
            documents: [old.document, new.document],
            names: OnceCell::new(),
            same: RefCell::default(),
            budget: Cell::new(MOST_COMPARED),
        }
    }

    /// Returns true if two values mean the same. A value is a schema, the text of one, or a list of
    /// either; `names` says that the keys are names.
    pub(super) fn is_same(&self, old: &Value, new: &Value, names: bool) -> bool {
        let read = |value: &Value| match value {
            Value::String(text) => {
                let read = serde_json::from_str(text).ok();
                read.map(|it| comparable(&it, names))
            }
            Value::Object(_) => Some(comparable(value, names)),
            _ => None,
        };
        match (old, new) {
            (Value::Array(old), Value::Array(new)) => {
                let mut pairs = old.iter().zip(new);
                old.len() == new.len() && pairs.all(|(old, new)| self.is_same(old, new, names))
            }
            _ => match (read(old), read(new)) {
                (Some(old), Some(new)) => {
                    (old == new && !self.is_in(&old)) || self.corresponds(old, new)
                }
                _ => old == new,
            },
        }
    }

    /// Returns the alternatives in the text of a union, unless one refers to a schema that differs.
    pub(super) fn options(&self, text: &Value) -> Option<BTreeSet<String>> {
        let options: Vec<Value> = serde_json::from_str(text.as_str()?).ok()?;
        let options = options.iter().map(|option| comparable(option, false));
        let options = options.map(|it| (!self.is_in(&it)).then(|| it.to_string()));
        options.collect()
    }

    /// Returns true if a schema refers to one that differs.
    pub(super) fn is_in(&self, schema: &Value) -> bool {
        let mut pending = vec![schema];
        while let Some(value) = pending.pop() {
            match value {
                Value::Array(items) => pending.extend(items),
                Value::Object(members) => pending.extend(members.values()),
                value => {
                    if target(value).is_some_and(|name| self.names().contains(name)) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Returns true if two schemas differ only in the names of the schemas behind their references.
    fn corresponds(&self, old: Value, new: Value) -> bool {
        let mut assumed = HashSet::default();
        let mut pending = vec![(old, new)];
        while let Some((old, new)) = pending.pop() {
            let Some(references) = self.references_of_equal(&old, &new) else {
                return false;
            };
            for pair in references {
                if self.same.borrow().contains(&pair) || assumed.contains(&pair) {
                    continue;
                }
                let (Some(old), Some(new)) = (self.schema(0, &pair.0), self.schema(1, &pair.1))
                else {
                    return false;
                };
                if pair.0 != pair.1 && (self.is_named(0, &pair.0) || self.is_named(1, &pair.1)) {
                    return false;
                }
                assumed.insert(pair);
                pending.push((old, new));
            }
        }
        self.same.borrow_mut().extend(assumed);
        true
    }

    /// Returns the references of two values that are equal except for those, in pairs.
    fn references_of_equal(&self, old: &Value, new: &Value) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        let mut pending = vec![(old, new, false)];
        while let Some((old, new, is_named)) = pending.pop() {
            let budget = self.budget.get().checked_sub(1)?;
            self.budget.set(budget);
            match (old, new) {
                (Value::Object(old), Value::Object(new)) if old.len() == new.len() => {
                    let is_named = is_named || names_matter(old);
                    for (name, old) in old {
                        pending.push((old, new.get(name)?, is_named));
                    }
                }
                (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
                    let pairs = old.iter().zip(new);
                    pending.extend(pairs.map(|(old, new)| (old, new, is_named)));
                }
                (old, new) => match (target(old), target(new)) {
                    (Some(old), Some(new)) if old == new || !is_named => {
                        found.push((old.to_owned(), new.to_owned()));
                    }
                    _ if old == new => {}
                    _ => return None,
                },
            }
        }
        Some(found)
    }

    /// Returns true if the name of a schema is sent: it inherits from one with a discriminator.
    fn is_named(&self, document: usize, name: &str) -> bool {
        let mut seen = HashSet::default();
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            let Some(schema) = self.node(document, &name) else {
                continue;
            };
            if schema.get("discriminator").is_some() {
                return true;
            }
            let parts = schema.get("allOf").map(Node::items).unwrap_or_default();
            let parts = parts.iter().filter_map(Node::reference);
            let parts = parts.filter_map(|target| target.strip_prefix(PREFIX));
            for part in parts {
                if seen.insert(part.to_owned()) {
                    pending.push(part.to_owned());
                }
            }
        }
        false
    }

    fn node(&self, document: usize, name: &str) -> Option<&'a Node> {
        let schemas = self.documents[document].get("components")?.get("schemas")?;
        schemas.get(&unescape_pointer_token(name))
    }

    fn schema(&self, document: usize, name: &str) -> Option<Value> {
        let schema = self.node(document, name)?;
        Some(comparable(&schema.to_value(), false))
    }

    fn names(&self) -> &HashSet<String> {
        self.names.get_or_init(|| {
            let [old, new] = self.documents.map(schemas);
            let all: HashSet<&String> = [&old, &new].into_iter().flat_map(|it| it.keys()).collect();
            let constraints = |schemas: &IndexMap<String, &Node>, name: &String| {
                let schema = schemas.get(name);
                schema.map(|schema| comparable(&schema.to_value(), false))
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

/// Returns the name of the schema that a string refers to.
fn target(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix(PREFIX)
}

/// Returns true if the names of the alternatives are sent: a discriminator without a mapping.
fn names_matter(members: &Map<String, Value>) -> bool {
    let discriminator = members.get("discriminator");
    discriminator.is_some_and(|discriminator| discriminator.get("mapping").is_none())
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
