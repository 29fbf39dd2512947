//! Rejects named lists and maps that cannot become Rust types. Lowering replaces their names by
//! what they stand for, which must end, and must end in a type of readable size.

use super::Reader;
use super::all_of::is_constraint;
use crate::collections::HashMap;
use crate::document::diagnostic::Diagnostic;
use crate::document::graph::Graph;
use crate::document::node::{Node, NodeValue, holds_data, unescape_pointer_token};
use crate::document::references;
use crate::generate::lower::is_alias;

/// The maximum number of aliases in a row.
const DEEPEST: usize = 16;
/// The maximum number of values in the schema of an alias.
const LARGEST: usize = 10_000;

impl Reader<'_> {
    /// Returns the names of unusable aliases, and why they are.
    pub(super) fn unusable_aliases(&self) -> Vec<(String, Diagnostic)> {
        let mut problems = self.circular_aliases();
        problems.extend(self.large_aliases());
        problems
    }

    /// Finds aliases that contain themselves through aliases only.
    fn circular_aliases(&self) -> Vec<(String, Diagnostic)> {
        let mut problems = Vec::new();
        let Some(schemas) = self
            .document
            .pointer("/components/schemas")
            .and_then(Node::properties)
        else {
            return problems;
        };
        let aliases = schemas
            .iter()
            .map(|(name, property)| (name.as_str(), described(&property.node)))
            .filter(|(_, node)| {
                let value = node.to_value();
                value.is_object() && is_alias(&value)
            })
            .map(|(name, node)| (name, references(node, "schemas")));
        let (graph, names) = Graph::new(aliases);
        let names = names.into_iter().zip(graph.is_circular());
        for (name, _) in names.filter(|(_, is_circular)| *is_circular) {
            if let Some(property) = schemas.get(name) {
                let message =
                    format!("`{name}` contains itself only through lists, maps and `allOf`");
                let help = "make one of the schemas an object with `properties`";
                problems.push((
                    name.to_owned(),
                    Diagnostic::new(&property.key, message, help),
                ));
            }
        }
        problems
    }

    /// Finds aliases of too many other aliases, or of too large schemas. Circular ones are not
    /// among them.
    fn large_aliases(&self) -> Vec<(String, Diagnostic)> {
        let schemas = self
            .document
            .pointer("/components/schemas")
            .and_then(Node::properties);
        // An `allOf` that only describes one schema is an alias of it.
        let is_named_type = |node: &Node| {
            let parts = node.get("allOf").map(Node::items).unwrap_or_default();
            ["enum", "oneOf", "anyOf", "properties"]
                .into_iter()
                .any(|keyword| node.get(keyword).is_some())
                || parts.iter().filter(|part| is_constraint(part)).count() > 1
        };
        let properties: HashMap<&str, _> = schemas
            .into_iter()
            .flatten()
            .filter(|(_, property)| !is_named_type(&property.node))
            .map(|(name, property)| (name.as_str(), (property, contents(&property.node))))
            .collect();
        let mut users: HashMap<&str, Vec<&str>> = HashMap::default();
        let mut waiting: HashMap<&str, usize> = HashMap::default();
        for (name, (_, (_, names))) in &properties {
            let known = names
                .iter()
                .filter(|name| properties.contains_key(name.as_str()));
            let mut count = 0;
            for used in known {
                users.entry(used).or_default().push(name);
                count += 1;
            }
            waiting.insert(name, count);
        }
        // Bottom up: the depth and size of an alias follow from those of the aliases that it uses.
        let mut ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect();
        let mut measured: HashMap<&str, (usize, usize)> = HashMap::default();
        let mut problems = Vec::new();
        while let Some(name) = ready.pop() {
            let Some((property, (own, names))) = properties.get(name) else {
                continue;
            };
            let (mut depth, mut size) = (1, *own);
            let mut is_first = true;
            for (used_depth, used_size) in
                names.iter().filter_map(|name| measured.get(name.as_str()))
            {
                depth = depth.max(used_depth + 1);
                size = size.saturating_add(*used_size);
                is_first &= *used_depth <= DEEPEST && *used_size <= LARGEST;
            }
            measured.insert(name, (depth, size));
            if is_first && (depth > DEEPEST || size > LARGEST) {
                let message = format!(
                    "the alias `{name}` is too large: {depth} aliases in a row, {size} values"
                );
                let help = format!(
                    "make one of the schemas an object with `properties`; the limit is {DEEPEST} \
                     aliases and {LARGEST} values"
                );
                let problem = Diagnostic::new(&property.key, message, help);
                problems.push((name.to_owned(), problem));
            }
            for user in users.get(name).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(user) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(user);
                    }
                }
            }
        }
        problems.sort_by_key(|(_, problem)| {
            let place = problem.location.as_ref();
            place.map(|place| (place.line(), place.column()))
        });
        problems
    }
}

/// Returns the schema that an `allOf` of one schema describes, or else the schema itself.
fn described(node: &Node) -> &Node {
    let mut node = node;
    loop {
        let parts = node.get("allOf").map(Node::items).unwrap_or_default();
        let mut constraints = parts.iter().filter(|part| is_constraint(part));
        match (constraints.next(), constraints.next()) {
            (Some(only), None) if node.get("properties").is_none() => node = only,
            _ => return node,
        }
    }
}

/// Returns the number of values in a schema, and the names of the schemas that it uses, with
/// duplicates. Objects with fields and unions have their own types and do not count.
fn contents(node: &Node) -> (usize, Vec<String>) {
    let (mut count, mut names) = (0, Vec::new());
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        count += 1;
        let name = node
            .reference()
            .and_then(|reference| reference.strip_prefix("#/components/schemas/"));
        if let Some(name) = name {
            names.push(unescape_pointer_token(name));
            continue;
        }
        match &node.value {
            NodeValue::Array(items) => pending.extend(items.iter()),
            NodeValue::Object(properties) => {
                let is_own = |name: &str| {
                    matches!(name, "properties" | "oneOf" | "anyOf")
                        || holds_data(name)
                        || name.starts_with("x-")
                };
                let properties = properties.iter().filter(|(name, _)| !is_own(name));
                pending.extend(properties.map(|(_, property)| &property.node));
            }
            _ => {}
        }
    }
    (count, names)
}
