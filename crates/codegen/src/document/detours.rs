//! Finds the targets of references that other tools follow, although the pointer itself leads
//! nowhere: through another reference, into the `$defs` of the schema around it, or past
//! `components`.

use std::path::{Path, PathBuf};

use super::diagnostic::Diagnostic;
use super::node::{Node, NodeValue, escape_pointer_token, unescape_pointer_token};
use super::{LONGEST_CHAIN, Loader};

/// The keywords for the schemas inside another schema. The second one is that of older drafts.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// The keywords under which references look for components without `#/components`, and the kinds of
/// components that they mean.
const MISPLACED: [(&str, &str); 4] = [
    ("schemas", "schemas"),
    ("definitions", "schemas"),
    ("parameters", "parameters"),
    ("responses", "responses"),
];

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
/// schema around them. Tools that write JSON Schema leave them behind. References such as
/// `#/schemas/Name` name the component. Returns the notes.
pub(super) fn rewrite_local_definitions(file: &mut Node) -> Vec<Diagnostic> {
    let text = &file.location.file.text;
    let is_used =
        |keyword: &str| file.get(keyword).is_none() && text.contains(&format!("#/{keyword}/"));
    let keywords: Vec<&str> = DEFINITIONS
        .into_iter()
        .filter(|keyword| is_used(keyword))
        .collect();
    let misplaced = MISPLACED
        .into_iter()
        .filter(|(keyword, _)| is_used(keyword));
    let mut scopes: Vec<Scope> = misplaced
        .filter_map(|(keyword, kind)| {
            let pointer = format!("{COMPONENTS}{kind}");
            let names = file.pointer(&pointer)?.properties()?.keys().cloned();
            Some((keyword, pointer, names.collect()))
        })
        .collect();
    let mut notes = Vec::new();
    if !keywords.is_empty() || !scopes.is_empty() {
        walk(file, String::new(), &keywords, &mut scopes, &mut notes);
    }
    notes
}

/// The start of the pointers to components.
const COMPONENTS: &str = "/components/";

/// The definitions of a schema: their keyword, the pointer to them, and their names.
type Scope = (&'static str, String, Vec<String>);

fn walk(
    node: &mut Node,
    pointer: String,
    keywords: &[&'static str],
    scopes: &mut Vec<Scope>,
    notes: &mut Vec<Diagnostic>,
) {
    let count = scopes.len();
    for keyword in DEFINITIONS {
        let names = node.get(keyword).and_then(Node::properties);
        if let Some(names) = names.filter(|_| keywords.contains(&keyword)) {
            let names = names.keys().cloned().collect();
            scopes.push((keyword, format!("{pointer}/{keyword}"), names));
        }
    }
    if let Some((target, is_component)) = node
        .reference()
        .and_then(|reference| defined(reference, scopes))
        && let Some(reference) = node.get_mut("$ref")
    {
        if let (Some(known), true) = (reference.as_str(), is_component) {
            let message = format!("`$ref: {known}` refers to nothing");
            let help = format!("it is read as `{target}`");
            notes.push(Diagnostic::new(&reference.location, message, help).into_note());
        }
        reference.value = NodeValue::String(target);
    }
    match &mut node.value {
        NodeValue::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                walk(item, format!("{pointer}/{number}"), keywords, scopes, notes);
            }
        }
        NodeValue::Object(properties) => {
            for (name, property) in properties.iter_mut() {
                let inside = format!("{pointer}/{}", escape_pointer_token(name));
                walk(&mut property.node, inside, keywords, scopes, notes);
            }
        }
        _ => {}
    }
    scopes.truncate(count);
}

/// Returns the reference to the definition that `reference` means, which is that of the closest
/// schema around it, or the component. The flag says if it is the component.
fn defined(reference: &str, scopes: &[Scope]) -> Option<(String, bool)> {
    let (keyword, rest) = reference.strip_prefix("#/")?.split_once('/')?;
    let name = rest.split('/').next().unwrap_or_default();
    let name = unescape_pointer_token(name);
    let mut scopes = scopes.iter().rev();
    let (_, pointer, _) =
        scopes.find(|(known, _, names)| *known == keyword && names.contains(&name))?;
    let is_component = pointer.starts_with(COMPONENTS) && pointer.matches('/').count() == 2;
    Some((format!("#{pointer}/{rest}"), is_component))
}
