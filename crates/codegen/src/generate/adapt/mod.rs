//! Stage 1a, adapt: rewrites what third-party documents get wrong into what they mean, so that the
//! later stages need not tolerate it. Each assumption becomes a note.
//!
//! Parts without a meaning that a client could use are left for partition, which then leaves out
//! the operation. The workspace's own document does not pass through here.

mod all_of;
mod circles;
mod operations;
mod paths;
mod schemas;
mod security;
mod unions;

use crate::collections::HashMap;
use crate::document::diagnostic::{Diagnostic, Location};
use crate::document::node::{Node, NodeValue, holds_data, holds_names};
use crate::generate::desugar::referenced;

/// The maximum number of references that are followed in a row, and of schemas inside each other.
const DEEPEST: usize = 32;

/// Rewrites a document. Returns what was assumed.
pub(super) fn adapt(document: &mut Node) -> Vec<Diagnostic> {
    let mut adapter = Adapter {
        known: HashMap::default(),
        notes: Vec::new(),
    };
    adapter.operations(document);
    adapter.every_schema(document, &mut Adapter::local);
    adapter.break_circles(document);
    adapter.remember(document);
    adapter.every_schema(document, &mut Adapter::all_of);
    adapter.remember(document);
    adapter.every_schema(document, &mut Adapter::union);
    adapter.notes
}

/// Calls `visit` for every schema of a document, innermost first.
pub(super) fn every_schema(document: &mut Node, visit: &mut dyn FnMut(&mut Node)) {
    let mut adapter = Adapter {
        known: HashMap::default(),
        notes: Vec::new(),
    };
    adapter.every_schema(document, &mut |_, schema, _| visit(schema));
}

/// The state of a rewrite.
struct Adapter {
    /// The named schemas, as an earlier pass left them.
    known: HashMap<String, Node>,
    notes: Vec<Diagnostic>,
}

/// The rewrite of one schema. The flag says if it is a part of an `allOf`.
type Rewrite<'a> = &'a mut dyn FnMut(&mut Adapter, &mut Node, bool);

impl Adapter {
    fn note(&mut self, location: &Location, message: impl Into<String>, help: impl Into<String>) {
        self.notes
            .push(Diagnostic::new(location, message, help).into_note());
    }

    /// Remembers the named schemas, to look them up while the document is rewritten.
    fn remember(&mut self, document: &Node) {
        let schemas = document
            .pointer("/components/schemas")
            .and_then(Node::properties);
        let schemas = schemas.into_iter().flatten();
        self.known = schemas
            .map(|(name, property)| (name.clone(), property.node.clone()))
            .collect();
    }

    /// Returns the schema that `node` refers to in the end, or the schema itself.
    fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        let mut node = node;
        for _ in 0..DEEPEST {
            match referenced(node).and_then(|name| self.known.get(&name)) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// Rewrites every schema of the document, innermost first.
    fn every_schema(&mut self, document: &mut Node, rewrite: Rewrite<'_>) {
        for part in ["components", "paths"] {
            if let Some(node) = document.get_mut(part) {
                let kind = if part == "components" {
                    Keys::Kinds
                } else {
                    Keys::Names
                };
                self.outside(node, kind, rewrite);
            }
        }
    }

    /// Visits a value that is not a schema, but may have some inside.
    fn outside(&mut self, node: &mut Node, keys: Keys, rewrite: Rewrite<'_>) {
        match node.value {
            NodeValue::Array(_) => {
                node.change_inner(&mut |_, item| self.outside(item, Keys::Keywords, rewrite));
            }
            NodeValue::Object(_) => node.change_inner(&mut |name, inner| match keys.next(name) {
                Next::Schema => self.inside(inner, false, rewrite),
                Next::Schemas => {
                    inner.change_inner(&mut |_, schema| self.inside(schema, false, rewrite));
                }
                Next::Nothing => {}
                Next::Outside(keys) => self.outside(inner, keys, rewrite),
            }),
            _ => {}
        }
    }

    /// Visits a schema and those inside it.
    fn inside(&mut self, node: &mut Node, is_part: bool, rewrite: Rewrite<'_>) {
        for_inner(node, &mut |inner, is_part| {
            self.inside(inner, is_part, rewrite)
        });
        rewrite(self, node, is_part);
    }
}

/// The meaning of the keys of a mapping that is not a schema.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// The kinds of component.
    Kinds,
    /// Names of the document's own. One may look like a keyword.
    Names,
    /// Keywords of OpenAPI.
    Keywords,
}

/// The meaning of a value in such a mapping.
pub(super) enum Next {
    Schema,
    /// A mapping of named schemas.
    Schemas,
    /// Another mapping or list.
    Outside(Keys),
    /// Data, or an extension.
    Nothing,
}

impl Keys {
    /// Returns the meaning of the value with the key `name`.
    pub(super) fn next(self, name: &str) -> Next {
        match (self, name) {
            (Self::Names, _) => Next::Outside(Self::Keywords),
            (Self::Kinds, "schemas") => Next::Schemas,
            (Self::Keywords, "schema") => Next::Schema,
            _ if holds_data(name) || name.starts_with("x-") => Next::Nothing,
            _ if holds_names(name) => Next::Outside(Self::Names),
            _ => Next::Outside(Self::Keywords),
        }
    }
}

/// Calls `visit` for each schema directly inside a schema. The flag says if it is a part of an
/// `allOf`.
fn for_inner(node: &mut Node, visit: &mut dyn FnMut(&mut Node, bool)) {
    if node.reference().is_some() {
        return;
    }
    if node.properties().is_none() {
        return;
    }
    node.change_inner(&mut |name, inner| match (name, &inner.value) {
        ("properties", NodeValue::Object(_)) => {
            inner.change_inner(&mut |_, field| visit(field, false));
        }
        ("items" | "additionalProperties", NodeValue::Bool(_)) => {}
        ("items" | "additionalProperties", _) => visit(inner, false),
        ("allOf" | "oneOf" | "anyOf", NodeValue::Array(_)) => {
            inner.change_inner(&mut |_, part| visit(part, name == "allOf"));
        }
        _ => {}
    });
}
