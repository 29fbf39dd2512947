//! Breaks circles of schemas that contain themselves through lists, maps and `allOf` only. No Rust
//! type can hold such a value, so the reference that closes the circle becomes any JSON value.

use super::{Adapter, for_inner};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::edit::{mapping, properties_of};
use crate::document::graph::Graph;
use crate::document::node::{Node, Property};
use crate::document::references;
use crate::generate::desugar::{reference, referenced};

impl Adapter {
    /// Breaks every circle of the named schemas.
    pub(super) fn break_circles(&mut self, document: &mut Node) {
        let schemas = document
            .get_mut("components")
            .and_then(|all| all.get_mut("schemas"));
        let Some(schemas) = schemas.and_then(properties_of) else {
            return;
        };
        name_inner_types(schemas);
        let links = schemas.iter_mut().map(|(name, property)| {
            let mut found = Vec::new();
            for_each_link(&mut property.node, &mut |link| {
                found.extend(referenced(link));
            });
            (name.as_str(), found)
        });
        let (graph, names) = Graph::new(links);
        let mut closing: IndexMap<String, HashSet<String>> = IndexMap::default();
        for (from, to) in graph.cuts() {
            let targets = closing.entry(names[from].to_owned()).or_default();
            targets.insert(names[to].to_owned());
        }
        for (name, closing) in closing {
            if let Some(property) = schemas.get_mut(&name) {
                for_each_link(&mut property.node, &mut |link| {
                    if referenced(link).is_some_and(|name| closing.contains(&name)) {
                        let location = link.location.clone();
                        let message = format!("`{name}` contains itself in every value");
                        self.note(&location, message, "this part is any JSON value");
                        *link = mapping(&location, []);
                    }
                });
            }
        }
    }
}

/// Gives names to the objects and unions inside named lists and maps that lead back to the list. An
/// alias without a name of its own could not contain itself.
fn name_inner_types(schemas: &mut IndexMap<String, Property>) {
    let targets = schemas.iter().map(|(name, property)| {
        let names = references(&property.node, "schemas");
        (name.as_str(), names)
    });
    let (graph, names) = Graph::new(targets);
    let names = names.into_iter().map(str::to_owned);
    let circles: HashMap<String, usize> = names.zip(graph.circles()).collect();
    // A schema leads to whatever is inside it.
    let leads_to = |node: &Node, name: &String| {
        let own = circles.get(name);
        let mut inside = references(node, "schemas").into_iter();
        inside.any(|inside| circles.get(&inside).is_some_and(|it| Some(it) == own))
    };
    let mut named: Vec<(String, Property)> = Vec::new();
    let mut taken: HashSet<String> = schemas.keys().cloned().collect();
    for (name, property) in schemas.iter_mut() {
        if has_type(&property.node) {
            continue;
        }
        for_each_inner_type(&mut property.node, &mut |inner| {
            if !leads_to(inner, name) {
                return;
            }
            let mut unique = format!("{name}Item");
            while !taken.insert(unique.clone()) {
                unique.push('_');
            }
            let location = inner.location.clone();
            let node = std::mem::replace(inner, reference(&location, &unique));
            named.push((
                unique,
                Property {
                    key: location,
                    node,
                },
            ));
        });
    }
    schemas.extend(named);
}

/// Returns true if a schema becomes a type of its own.
fn has_type(node: &Node) -> bool {
    let has = |keyword: &str| node.get(keyword).is_some();
    let parts = node.get("allOf").map(Node::items).unwrap_or_default();
    has("properties") || has("oneOf") || has("anyOf") || parts.len() > 1
}

/// Calls `visit` for each type in the lists and maps of a schema.
fn for_each_inner_type(node: &mut Node, visit: &mut dyn FnMut(&mut Node)) {
    for_inner(node, &mut |inner, _| match has_type(inner) {
        true => visit(inner),
        false => for_each_inner_type(inner, visit),
    });
}

/// Calls `visit` for each reference that is part of every value of a schema: those in lists, maps
/// and `allOf`. Objects and unions are types of their own, which may contain themselves.
fn for_each_link(node: &mut Node, visit: &mut dyn FnMut(&mut Node)) {
    if node.reference().is_some() {
        visit(node);
        return;
    }
    let has = |keyword: &str| node.get(keyword).is_some();
    let is_type = has("properties") || has("oneOf") || has("anyOf");
    for_inner(node, &mut |inner, is_part| {
        if is_part || !is_type {
            for_each_link(inner, visit);
        }
    });
}
