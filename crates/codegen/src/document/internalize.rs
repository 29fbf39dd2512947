//! Makes every reference point to a component of the bundled document.
//!
//! Components of other files move in under their own name. Other targets, such as a file that is a
//! schema or a field of one, become components under a generated name.

use std::path::Path;
use std::sync::Arc;

use super::node::{self, Node, NodeValue, Property, escape_pointer_token, unescape_pointer_token};
use super::{COMPONENT_KINDS, Loader, Place};
use crate::collections::{CopyOnWrite, IndexMap};
use crate::document::diagnostic::Diagnostic;

/// Keywords and names that describe a position in a document but not the value there.
const STRUCTURE: [&str; 16] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "components",
    "content",
    "definitions",
    "items",
    "oneOf",
    "parameters",
    "paths",
    "properties",
    "requestBodies",
    "requestBody",
    "responses",
    "schema",
    "schemas",
];

/// The maximum number of values that may be copied because a reference names a value that is not a
/// component. The limit is needed because one such value may contain another.
pub(super) const MOST_COPIED: usize = 1_000_000;

/// Returns the kind of component that a reference below the keyword `keyword` refers to. Returns an
/// empty string where OpenAPI has none.
fn kind_below(keyword: &str) -> &'static str {
    match keyword {
        "additionalProperties"
        | "allOf"
        | "anyOf"
        | "items"
        | "not"
        | "oneOf"
        | "properties"
        | "schema"
        | "schemas" => "schemas",
        "requestBody" | "requestBodies" => "requestBodies",
        other => COMPONENT_KINDS
            .into_iter()
            .find(|kind| *kind == other)
            .unwrap_or_default(),
    }
}

/// Returns the kind and the name of the component that a pointer names.
fn component(pointer: &str) -> Option<(&str, String)> {
    match pointer.split('/').collect::<Vec<_>>()[..] {
        ["", "components", kind, name] => Some((kind, unescape_pointer_token(name))),
        _ => None,
    }
}

/// Returns true if a reference below a keyword of `kind` can point to a component.
pub(super) fn has_kind(pointer: &str, kind: &str) -> bool {
    let named = component(pointer).map(|(named, _)| kind_below(named));
    !named.unwrap_or(kind).is_empty()
}

impl Loader<'_> {
    /// Records the names of the root's own components. A component may consist only of a reference
    /// to a value that is not a component. That value then takes the name of the component, so that
    /// the two become one.
    pub(super) fn declare(&mut self, file: &Path, root: &Node) {
        let components = root.get("components").and_then(Node::properties);
        for (kind, group) in components.into_iter().flatten() {
            for (name, property) in group.node.properties().into_iter().flatten() {
                self.taken.insert((kind.clone(), name.clone()));
                if let Some(place) = self.made_of(file, kind, &property.node) {
                    self.made.entry(place).or_insert_with(|| name.clone());
                }
            }
        }
    }

    /// Returns the place that a component refers to, unless the target is a component too.
    fn made_of(&self, file: &Path, kind: &str, node: &Node) -> Option<Place> {
        let (file, pointer) = self.target(file, node.reference()?);
        let kind = kind_below(kind);
        (!kind.is_empty() && component(&pointer).is_none()).then_some(Place {
            kind,
            file,
            pointer,
        })
    }

    /// Returns the components of the root.
    pub(super) fn own_components(&mut self, file: &Path, components: &Node) -> Node {
        let mut components = components.clone();
        if let NodeValue::Object(groups) = &mut components.value {
            for (kind, group) in groups.iter_mut() {
                if let NodeValue::Object(properties) = &mut group.node.value
                    && !node::holds_data(kind)
                {
                    for (name, property) in properties.iter_mut() {
                        property.node = self.own_component(file, kind, name, &property.node);
                    }
                }
            }
        }
        components
    }

    fn own_component(&mut self, file: &Path, kind: &str, name: &str, node: &Node) -> Node {
        let place = self.made_of(file, kind, node);
        let place = place.filter(|place| self.made.get(place).is_some_and(|made| made == name));
        match (place, node.reference()) {
            (Some(place), Some(reference)) => {
                let tree = self.found(node, reference, &place);
                let target = tree.as_ref().and_then(|tree| tree.pointer(&place.pointer));
                target.map_or_else(
                    || node.clone(),
                    |target| self.internalize(&place.file, target, false, place.kind),
                )
            }
            _ => self.internalize(file, node, false, kind_below(kind)),
        }
    }

    /// Returns `node` of `file` with its references pointing into the bundled document.
    ///
    /// With `keys_are_names`, the keys of `node` are the document's own names, not OpenAPI
    /// keywords. `kind` is the kind of component that `node` refers to if it is a reference.
    pub(super) fn internalize(
        &mut self,
        file: &Path,
        node: &Node,
        keys_are_names: bool,
        kind: &'static str,
    ) -> Node {
        if self.is_lenient
            && let Some(reference) = node.reference()
        {
            return self.lenient_reference(file, node, reference, keys_are_names, kind);
        }
        let value = match &node.value {
            NodeValue::Array(items) => {
                let items = items.iter();
                let items = items.map(|item| self.internalize(file, item, false, kind));
                NodeValue::Array(items.collect())
            }
            NodeValue::Object(properties) => {
                if let Some(reference) = node.reference() {
                    let inside = self.internal_reference(file, node, reference, kind);
                    let changed = inside.filter(|inside| inside != reference);
                    let mut properties = properties.clone();
                    if let Some(reference) = changed
                        && let Some(property) = properties.get_mut("$ref")
                    {
                        property.node.value = NodeValue::String(reference);
                    }
                    NodeValue::Object(properties)
                } else {
                    let mut resolved =
                        IndexMap::with_capacity_and_hasher(properties.len(), Default::default());
                    for (name, property) in properties.iter() {
                        if self.is_lenient && !keys_are_names && name == "callbacks" {
                            resolved.insert(node::CALLBACKS.to_owned(), property.clone());
                            continue;
                        }
                        let node = if !keys_are_names && node::holds_data(name) {
                            property.node.clone()
                        } else if !keys_are_names && name == "discriminator" {
                            self.discriminator(file, &property.node)
                        } else if keys_are_names {
                            self.internalize(file, &property.node, false, kind)
                        } else {
                            let (names, kind) = (node::holds_names(name), kind_below(name));
                            self.internalize(file, &property.node, names, kind)
                        };
                        resolved.insert(
                            name.clone(),
                            Property {
                                key: property.key.clone(),
                                node,
                            },
                        );
                    }
                    NodeValue::Object(resolved.into())
                }
            }
            _ => node.value.clone(),
        };
        let internal = Node {
            location: node.location.clone(),
            value,
        };
        // Most of a document refers to nothing, or as it should, and stays shared with the file.
        match internal.is_same(node) || internal.holds_the_same(node) {
            true => node.clone(),
            false => internal,
        }
    }

    /// Internalizes a discriminator, whose values may name schemas of other files.
    fn discriminator(&mut self, file: &Path, discriminator: &Node) -> Node {
        let mut discriminator = discriminator.clone();
        if let Some(mapping) = discriminator.get_mut("mapping")
            && let NodeValue::Object(properties) = &mut mapping.value
        {
            for property in properties.values_mut() {
                let node = &mut property.node;
                // A value that is not an address is the name of a schema.
                let leads_elsewhere = |text: &&str| {
                    let path = text.split('#').next().unwrap_or_default();
                    path.contains('/')
                        || [".yaml", ".yml", ".json"]
                            .iter()
                            .any(|ending| path.ends_with(ending))
                };
                if let Some(text) = node.as_str().filter(leads_elsewhere) {
                    let before = self.errors.len();
                    let inside = self.internal_reference(file, node, text, "schemas");
                    if self.is_lenient && inside.is_none() {
                        // A later stage leaves out the entry.
                        self.reason(before, node);
                    }
                    if let Some(inside) = inside {
                        node.value = NodeValue::String(inside);
                    }
                }
            }
        }
        discriminator
    }

    /// Returns the reference into the bundled document that replaces `reference`, or `None` after
    /// an error.
    pub(super) fn internal_reference(
        &mut self,
        file: &Path,
        node: &Node,
        reference: &str,
        kind: &'static str,
    ) -> Option<String> {
        if !self.is_local(node, reference) {
            return None;
        }
        let (file, pointer) = self.place(file, node, reference);
        let (kind, name) = match component(&pointer) {
            Some((named, name)) => {
                let kind = kind_below(named);
                if kind.is_empty() {
                    self.errors.push(Diagnostic::new(
                        &node.location,
                        format!("`$ref: {reference}` names a component of the kind `{named}`, which cannot be referred to"),
                        format!("use one of {}, or write the value out here", COMPONENT_KINDS.join(", ")),
                    ));
                    return None;
                }
                (kind, Some(name))
            }
            None if kind.is_empty() => {
                self.errors.push(Diagnostic::new(
                    &node.location,
                    format!("`$ref: {reference}` stands where OpenAPI has no reference"),
                    "write out the value that it refers to",
                ));
                return None;
            }
            None => (kind, None),
        };
        let place = Place {
            kind,
            file,
            pointer,
        };
        self.found(node, reference, &place)?;
        let own = match &name {
            Some(name) if place.file == self.root => Some(name),
            _ => self.made.get(&place),
        };
        let own = own.map(|name| (place.kind.to_owned(), name.clone()));
        if let Some(own) = own.filter(|own| self.taken.contains(own)) {
            // A component of the root stays at its place.
            let inside = format!("#/components/{}/{}", own.0, escape_pointer_token(&own.1));
            let root = (self.root.clone(), None);
            self.components.entry(own).or_insert(root);
            return Some(inside);
        }
        let is_other = |loader: &Self, name: &String| {
            let key = (place.kind.to_owned(), name.clone());
            let (known, own) = (loader.components.get(&key), loader.taken.contains(&key));
            known.is_some_and(|(known, _)| *known != place.file)
                || (own && place.file != loader.root && known.is_none())
        };
        // Two files may define a component of one name.
        let name = name.filter(|name| !(self.is_lenient && is_other(self, name)));
        let name = name.unwrap_or_else(|| self.name(&place));
        let key = (place.kind.to_owned(), name);
        match self.components.get(&key) {
            Some((known, _)) if *known != place.file => self.errors.push(Diagnostic::new(
                &node.location,
                format!(
                    "two files define a component named `{}`: {} and {}",
                    key.1,
                    self.shown(known),
                    self.shown(&place.file)
                ),
                "rename one of them, or move the one that both should use to a shared file",
            )),
            Some(_) => {}
            None => {
                self.components
                    .insert(key.clone(), (place.file.clone(), None));
                self.queue.push_back((key.1.clone(), place));
            }
        }
        Some(format!(
            "#/components/{}/{}",
            key.0,
            escape_pointer_token(&key.1)
        ))
    }

    /// Returns the file that contains the target of `node`. Reports an error if the target does not
    /// exist.
    fn found(&mut self, node: &Node, reference: &str, place: &Place) -> Option<Arc<Node>> {
        let tree = self.file(&place.file, Some(node))?;
        if tree.pointer(&place.pointer).is_none() {
            self.dangling(node, reference, &tree, &place.pointer);
            return None;
        }
        Some(tree)
    }

    /// Returns the name of the component that is created from the value at a place.
    fn name(&mut self, place: &Place) -> String {
        if let Some(name) = self.made.get(place) {
            return name.clone();
        }
        let tokens = place.pointer.split('/').map(unescape_pointer_token);
        let tokens: Vec<String> = tokens
            .filter(|token| !token.is_empty() && !STRUCTURE.contains(&token.as_str()))
            .collect();
        let stem = || place.file.file_stem().unwrap_or_default().to_string_lossy();
        let wanted = match &tokens[..] {
            [] => stem().into_owned(),
            tokens => tokens.join("_"),
        };
        let wanted: String = wanted
            .chars()
            .map(|c| match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => c,
                _ => '_',
            })
            .collect();
        let wanted = match wanted.trim_matches('_') {
            "" => "inline",
            wanted => wanted,
        };
        let mut name = wanted.to_owned();
        let mut count = 2;
        let kind = place.kind.to_owned();
        while self.taken.contains(&(kind.clone(), name.clone()))
            || self.components.contains_key(&(kind.clone(), name.clone()))
        {
            name = format!("{wanted}_{count}");
            count += 1;
        }
        self.made.insert(place.clone(), name.clone());
        name
    }

    /// Internalizes the components in the queue, and the components that they refer to in turn.
    pub(super) fn follow_queue(&mut self, root_file: &Path) {
        while let Some((name, place)) = self.queue.pop_front() {
            let kind = place.kind.to_owned();
            let is_own = self.taken.contains(&(kind.clone(), name.clone()));
            if is_own && (place.file == root_file || self.made.get(&place) == Some(&name)) {
                // The component was read with the root and stays at its place.
                continue;
            }
            let Some(tree) = self.file(&place.file, None) else {
                continue;
            };
            let Some(node) = tree.pointer(&place.pointer) else {
                continue;
            };
            if component(&place.pointer).is_none() {
                self.copied += node.count();
                if self.copied > MOST_COPIED {
                    self.errors.push(Diagnostic::new(
                        &node.location,
                        format!("references to values that are not components make more than {MOST_COPIED} values of this document"),
                        "make these values components, and let the references name them",
                    ));
                    return;
                }
            }
            let node = self.internalize(&place.file, node, false, place.kind);
            self.components
                .insert((kind, name), (place.file, Some(node)));
        }
    }

    /// Puts the components that were referred to under `components`, in the order in which they
    /// were reached.
    pub(super) fn place_components(&mut self, document: &mut Node) {
        let location = document.location.clone();
        let NodeValue::Object(root) = &mut document.value else {
            return;
        };
        let empty = || Node {
            location: location.clone(),
            value: NodeValue::Object(CopyOnWrite::default()),
        };
        let property = root
            .entry("components".to_owned())
            .or_insert_with(|| Property {
                key: location.clone(),
                node: empty(),
            });
        // A section with comments only is null.
        if matches!(property.node.value, NodeValue::Null) {
            property.node = empty();
        }
        let NodeValue::Object(components) = &mut property.node.value else {
            return;
        };
        for ((kind, name), (_, node)) in self.components.drain(..) {
            let Some(node) = node else { continue };
            let property = components.entry(kind).or_insert_with(|| Property {
                key: location.clone(),
                node: empty(),
            });
            if matches!(property.node.value, NodeValue::Null) {
                property.node = empty();
            }
            let NodeValue::Object(properties) = &mut property.node.value else {
                continue;
            };
            if let Some(known) = properties.get(&name) {
                self.errors.push(
                    Diagnostic::new(
                        &node.location,
                        format!("two files define a component named `{name}`"),
                        "rename one of them, or move the one that both should use to a shared file",
                    )
                    .with_related(&known.key, "the other one"),
                );
                continue;
            }
            let key = node.location.clone();
            properties.insert(name, Property { key, node });
        }
    }
}
