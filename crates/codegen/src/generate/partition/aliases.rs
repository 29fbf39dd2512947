//! A named list or map has no type of its own in Rust: each use of the name becomes what it stands for. That has to come to
//! an end, and to a type that somebody can read.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Reader;
use super::all_of::says_something;
use crate::document::diagnostic::Diagnostic;
use crate::document::node::{Node, NodeValue, holds_data, unescape_pointer_token};
use crate::document::references;
use crate::generate::lower::is_alias;

/// How many names may stand for one another in a row.
const DEEPEST: usize = 16;
/// How many values the schema may have that a name stands for.
const LARGEST: usize = 10_000;

impl Reader<'_> {
    /// What is wrong with such names, and with which.
    pub(super) fn unusable_aliases(&self) -> Vec<(String, Diagnostic)> {
        let mut problems = self.circular_aliases();
        problems.extend(self.large_aliases());
        problems
    }

    /// Names of lists and maps that contain themselves through such names alone have no Rust type.
    fn circular_aliases(&self) -> Vec<(String, Diagnostic)> {
        let mut problems = Vec::new();
        let Some(schemas) = self
            .document
            .pointer("/components/schemas")
            .and_then(Node::members)
        else {
            return problems;
        };
        let aliases: HashMap<&str, Vec<String>> = schemas
            .iter()
            .filter(|(_, member)| matches!(member.node.to_value(), value @ Value::Object(_) if is_alias(&value)))
            .map(|(name, member)| (name.as_str(), references(&member.node, "schemas")))
            .collect();
        for (name, member) in schemas {
            let mut pending: Vec<&str> = aliases
                .get(name.as_str())
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let mut seen = HashSet::new();
            while let Some(next) = pending.pop() {
                if next == name {
                    let message =
                        format!("`{name}` contains itself and nothing that has a name of its own");
                    let help = "make one of the schemas an object with `properties`";
                    problems.push((name.clone(), Diagnostic::new(&member.key, message, help)));
                    break;
                }
                if seen.insert(next) {
                    pending.extend(aliases.get(next).into_iter().flatten().map(String::as_str));
                }
            }
        }
        problems
    }

    /// Names that stand for one another too often, or for too much. Those in a circle are not among them.
    fn large_aliases(&self) -> Vec<(String, Diagnostic)> {
        let schemas = self
            .document
            .pointer("/components/schemas")
            .and_then(Node::members);
        // What describes a single other schema in an `allOf` becomes a name for it.
        let is_named_type = |node: &Node| {
            let parts = node.get("allOf").map(Node::items).unwrap_or_default();
            ["enum", "oneOf", "anyOf", "properties"]
                .into_iter()
                .any(|keyword| node.get(keyword).is_some())
                || parts.iter().filter(|part| says_something(part)).count() > 1
        };
        let members: HashMap<&str, _> = schemas
            .into_iter()
            .flatten()
            .filter(|(_, member)| !is_named_type(&member.node))
            .map(|(name, member)| (name.as_str(), (member, contents(&member.node))))
            .collect();
        let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut waiting: HashMap<&str, usize> = HashMap::new();
        for (name, (_, (_, names))) in &members {
            let known = names
                .iter()
                .filter(|name| members.contains_key(name.as_str()));
            let mut count = 0;
            for used in known {
                users.entry(used).or_default().push(name);
                count += 1;
            }
            waiting.insert(name, count);
        }
        // From those that use no other upwards: depth and size of each are then those of what it uses, and more.
        let mut ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect();
        let mut measured: HashMap<&str, (usize, usize)> = HashMap::new();
        let mut problems = Vec::new();
        while let Some(name) = ready.pop() {
            let Some((member, (own, names))) = members.get(name) else {
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
                    "`{name}` stands for other names, and those for others, {depth} in a row and {size} values in all"
                );
                let help = format!(
                    "make one of the schemas an object with `properties`: {DEEPEST} names and {LARGEST} values are allowed"
                );
                let problem = Diagnostic::new(&member.key, message, help);
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
            place.map(|place| (place.line, place.column))
        });
        problems
    }
}

/// How many values there are in what a name stands for, and the names of other schemas there, as often as they stand
/// there. Objects with fields, and choices, have types of their own.
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
            NodeValue::Array(items) => pending.extend(items),
            NodeValue::Object(members) => {
                let is_own = |name: &str| {
                    matches!(name, "properties" | "oneOf" | "anyOf")
                        || holds_data(name)
                        || name.starts_with("x-")
                };
                let members = members.iter().filter(|(name, _)| !is_own(name));
                pending.extend(members.map(|(_, member)| &member.node));
            }
            _ => {}
        }
    }
    (count, names)
}
