//! A set of nodes that decided an item.

use crate::collections::HashSet;
use crate::diff::nodes::{DocumentNode, Facet};
use crate::generate::model::SchemaPath;

/// The nodes that decided an item, and what of them did.
#[derive(Default)]
pub(in crate::diff) struct Decided {
    nodes: HashSet<DocumentNode>,
    /// Nodes of which everything directly inside counts.
    groups: HashSet<DocumentNode>,
}

impl Decided {
    /// Adds a node.
    pub(super) fn add(&mut self, path: &SchemaPath, facets: &[Facet]) {
        insert(&mut self.nodes, path, facets);
    }

    /// Adds everything directly inside a node.
    pub(super) fn inside(&mut self, path: &SchemaPath, facets: &[Facet]) {
        insert(&mut self.groups, path, facets);
    }

    /// Returns true if the change of a node explains the item: it is one of the nodes, or one of
    /// them came, went or changed its type with it.
    pub(in crate::diff) fn is_explained_by(&self, change: &DocumentNode) -> bool {
        let group = change.path.parent().map(|path| DocumentNode {
            path,
            facet: change.facet,
        });
        let is_whole = matches!(change.facet, Facet::Added | Facet::Removed | Facet::Type);
        self.nodes.contains(change)
            || group.is_some_and(|group| self.groups.contains(&group))
            || (is_whole
                && self
                    .nodes
                    .iter()
                    .any(|node| node.path.is_inside(&change.path)))
    }
}

fn insert(nodes: &mut HashSet<DocumentNode>, path: &SchemaPath, facets: &[Facet]) {
    nodes.extend(facets.iter().map(|facet| DocumentNode {
        path: path.clone(),
        facet: *facet,
    }));
}
