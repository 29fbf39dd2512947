//! Finds the targets of references that other tools follow, although the pointer itself leads
//! nowhere: through another reference, or into the `$defs` of the schema around it.

use std::path::{Path, PathBuf};

use super::diagnostic::Diagnostic;
use super::node::{Node, NodeValue, escape_pointer_token, unescape_pointer_token};
use super::{LONGEST_CHAIN, Loader};

/// The keywords for the schemas inside another schema. The second one is that of older drafts.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

impl Loader<'_> {
    /// Returns the place that a reference names. In a third-party document, a pointer continues in
    /// the target of each reference on its way.
    pub(super) fn place(&mut self, file: &Path, node: &Node, reference: &str) -> (PathBuf, String) {
        let (mut file, mut pointer) = self.target(file, reference);
        for _ in 0..LONGEST_CHAIN {
            if !self.is_lenient || pointer.is_empty() {
                break;
            }
            let tree = self.file(&file, Some(node));
            let found = tree.and_then(|tree| first_reference(&tree, &pointer));
            let Some((inner, rest)) = found.filter(|(inner, _)| !inner.contains("://")) else {
                break;
            };
            let (next, start) = self.target(&file, &inner);
            (file, pointer) = (next, format!("{start}{rest}"));
        }
        (file, pointer)
    }

    /// Reports a reference that refers to nothing.
    pub(super) fn dangling(&mut self, node: &Node, reference: &str, tree: &Node, pointer: &str) {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let wanted = pointer.rsplit('/').next().unwrap_or_default();
        let candidates = tree.pointer(parent).and_then(Node::properties);
        let nearest = candidates.and_then(|properties| {
            properties
                .keys()
                .map(|name| (similar::TextDiff::from_chars(wanted, name).ratio(), name))
                .filter(|(ratio, _)| *ratio > 0.6)
                .max_by(|(left, _), (right, _)| left.total_cmp(right))
                .map(|(_, name)| name.clone())
        });
        let help = nearest.map_or_else(
            || "define it there, or let the `$ref` name a value that exists".to_owned(),
            |name| format!("did you mean `{name}`? otherwise define `{wanted}` there"),
        );
        self.errors.push(Diagnostic::new(
            &node.get("$ref").unwrap_or(node).location,
            format!("`$ref: {reference}` refers to nothing"),
            help,
        ));
    }
}

/// Returns the reference that a pointer leads through, and the rest of the pointer. Returns `None`
/// if the pointer names a value, or leads nowhere.
fn first_reference(tree: &Node, pointer: &str) -> Option<(String, String)> {
    let mut node = tree;
    let mut rest = pointer;
    while let Some(inside) = rest.strip_prefix('/') {
        let (token, after) = match inside.find('/') {
            Some(at) => inside.split_at(at),
            None => (inside, ""),
        };
        match node.pointer(&format!("/{token}")) {
            Some(next) => (node, rest) = (next, after),
            None => return Some((node.reference()?.to_owned(), rest.to_owned())),
        }
    }
    None
}

/// Rewrites references such as `#/$defs/Name` that name nothing in the file, but a definition of a
/// schema around them. Tools that write JSON Schema leave them behind.
pub(super) fn rewrite_local_definitions(file: &mut Node) {
    let text = &file.location.file.text;
    let is_used = |keyword: &str| text.contains(&format!("#/{keyword}/"));
    let keywords: Vec<&str> = DEFINITIONS
        .into_iter()
        .filter(|keyword| file.get(keyword).is_none() && is_used(keyword))
        .collect();
    if keywords.is_empty() {
        return;
    }
    let mut scopes = Vec::new();
    walk(file, String::new(), &keywords, &mut scopes);
}

/// The definitions of a schema: their keyword, the pointer to them, and their names.
type Scope = (&'static str, String, Vec<String>);

fn walk(node: &mut Node, pointer: String, keywords: &[&'static str], scopes: &mut Vec<Scope>) {
    let count = scopes.len();
    for keyword in DEFINITIONS {
        let names = node.get(keyword).and_then(Node::properties);
        if let Some(names) = names.filter(|_| keywords.contains(&keyword)) {
            let names = names.keys().cloned().collect();
            scopes.push((keyword, format!("{pointer}/{keyword}"), names));
        }
    }
    if let Some(target) = node
        .reference()
        .and_then(|reference| defined(reference, scopes))
        && let Some(reference) = node.get_mut("$ref")
    {
        reference.value = NodeValue::String(target);
    }
    match &mut node.value {
        NodeValue::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                walk(item, format!("{pointer}/{number}"), keywords, scopes);
            }
        }
        NodeValue::Object(properties) => {
            for (name, property) in properties.iter_mut() {
                let inside = format!("{pointer}/{}", escape_pointer_token(name));
                walk(&mut property.node, inside, keywords, scopes);
            }
        }
        _ => {}
    }
    scopes.truncate(count);
}

/// Returns the reference to the definition that `reference` means, which is that of the closest
/// schema around it.
fn defined(reference: &str, scopes: &[Scope]) -> Option<String> {
    let (keyword, rest) = reference.strip_prefix("#/")?.split_once('/')?;
    let name = rest.split('/').next().unwrap_or_default();
    let name = unescape_pointer_token(name);
    let mut scopes = scopes.iter().rev();
    let (_, pointer, _) =
        scopes.find(|(known, _, names)| *known == keyword && names.contains(&name))?;
    Some(format!("#{pointer}/{rest}"))
}
