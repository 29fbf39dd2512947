//! Loads a third-party document as far as it can be read. A reference to nothing costs only what
//! uses it, and a reference where OpenAPI has none is replaced by its target.

use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, SourceFile};
use super::edit::{mapping, string};
use super::internalize::{MOST_COPIED, has_kind};
use super::node::{Node, UNREADABLE};
use super::openapi31::note;
use super::references::circular_components;
use super::{LONGEST_CHAIN, Loader, yaml};

/// The parts of a document that cannot be read, such as a reference to nothing.
#[derive(Clone, Debug, Default)]
pub struct Unreadable {
    /// The reasons. A part that cannot be read is a mapping with the key `UNREADABLE`, whose value
    /// is an index of this list.
    pub reasons: Vec<Diagnostic>,
    /// The paths that are missing from the document, with the reasons.
    pub paths: Vec<(String, Diagnostic)>,
}

impl Unreadable {
    /// Returns why `node` cannot be read. Returns `None` for a part that can.
    pub fn reason(&self, node: &Node) -> Option<&Diagnostic> {
        let index = node.get(UNREADABLE)?.as_str()?.parse::<usize>().ok()?;
        self.reasons.get(index)
    }
}

impl Loader<'_> {
    /// Returns the content of a file. Keeps the notes about one of a third-party document.
    pub(super) fn parsed(&mut self, file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
        if !self.is_lenient {
            return yaml::parse(file);
        }
        let (node, notes) = yaml::parse_leniently(file)?;
        self.notes.extend(notes);
        Ok(node)
    }

    /// Returns the replacement of a reference: the reference inside the document, or a part that
    /// cannot be read. Where OpenAPI has no reference, it is the target itself.
    pub(super) fn lenient_reference(
        &mut self,
        file: &Path,
        node: &Node,
        reference: &str,
        keys_are_names: bool,
        kind: &'static str,
    ) -> Node {
        let before = self.errors.len();
        let (_, pointer) = self.target(file, reference);
        let inside = match has_kind(&pointer, kind) && !keys_are_names {
            true => self.internal_reference(file, node, reference, kind),
            false => match self.target_itself(file, node, reference, keys_are_names, kind) {
                Some(target) => return target,
                None => None,
            },
        };
        match inside {
            Some(inside) if inside == reference => node.clone(),
            Some(inside) => {
                let mut node = node.clone();
                if let Some(target) = node.get_mut("$ref") {
                    *target = string(&target.location, &inside);
                }
                node
            }
            None => match self.reason(before, node) {
                Some(reason) => self.unreadable(node, reason),
                None => node.clone(),
            },
        }
    }

    /// Returns the target of a reference that stands where OpenAPI has none.
    fn target_itself(
        &mut self,
        file: &Path,
        node: &Node,
        reference: &str,
        keys_are_names: bool,
        kind: &'static str,
    ) -> Option<Node> {
        if !self.is_local(node, reference) {
            return None;
        }
        let (target_file, pointer) = self.place(file, node, reference);
        let tree = self.file(&target_file, Some(node))?;
        let Some(target) = tree.pointer(&pointer) else {
            self.dangling(node, reference, &tree, &pointer);
            return None;
        };
        self.copied += target.count();
        if self.depth >= LONGEST_CHAIN || self.copied > MOST_COPIED {
            self.errors.push(Diagnostic::new(
                &node.location,
                format!("`$ref: {reference}` contains itself, or is one of too many"),
                "write out the value that it refers to",
            ));
            return None;
        }
        let message = "this `$ref` stands where OpenAPI has no reference";
        note(
            &mut self.notes,
            &node.location,
            message,
            "its target is read in its place",
        );
        self.depth += 1;
        let target = self.internalize(&target_file, target, keys_are_names, kind);
        self.depth -= 1;
        Some(target)
    }

    /// Returns true if a reference names a file on this machine. Reports an error if not.
    pub(super) fn is_local(&mut self, node: &Node, reference: &str) -> bool {
        let place = reference.split('#').next().unwrap_or_default();
        let is_local = !(place.contains("://") || place.starts_with("//"));
        if !is_local {
            self.errors.push(Diagnostic::new(
                &node.get("$ref").unwrap_or(node).location,
                format!("`$ref: {reference}` names a document on a server; nothing is downloaded"),
                "save the document below the directory of the root file, and refer to the file",
            ));
        }
        is_local
    }

    /// Returns the first of the errors after the first `before`, and removes them. If there is
    /// none, the reason was reported for another reference to the same file.
    pub(super) fn reason(&mut self, before: usize, node: &Node) -> Option<Diagnostic> {
        let mut new = self.errors.split_off(before);
        if new.is_empty() {
            let reference = node.reference().or(node.as_str())?;
            return Some(Diagnostic::new(
                &node.get("$ref").unwrap_or(node).location,
                format!("`$ref: {reference}` names a file that cannot be read"),
                "see the first reference to the file for the reason",
            ));
        }
        Some(new.swap_remove(0))
    }

    /// Returns the replacement of a part that cannot be read.
    fn unreadable(&mut self, node: &Node, reason: Diagnostic) -> Node {
        let number = self.unreadable.reasons.len().to_string();
        self.unreadable.reasons.push(reason);
        mapping(
            &node.location,
            [(UNREADABLE, string(&node.location, &number))],
        )
    }

    /// Reports components that refer only to one another. In a third-party document, they become
    /// parts that cannot be read.
    pub(super) fn leave_out_circles(&mut self, document: &mut Node) {
        for (kind, name, problem) in circular_components(document) {
            if !self.is_lenient {
                self.errors.push(problem);
                continue;
            }
            let components = document.get_mut("components");
            let component = components.and_then(|all| all.get_mut(&kind)?.get_mut(&name));
            if let Some(component) = component {
                *component = self.unreadable(&component.clone(), problem);
            }
        }
    }
}
