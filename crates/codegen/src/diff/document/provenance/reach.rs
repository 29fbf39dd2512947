//! The references that lead from requests to a schema. A type has constructors only if a request
//! holds it.

use super::records::Records;
use super::{Decided, EXISTS};
use crate::collections::HashSet;
use crate::diff::nodes::Facet;
use crate::generate::model::SchemaPath;

impl Records<'_> {
    /// Adds the references on every way from a request to the schema that a type is written in.
    pub(super) fn turned(&self, node: &SchemaPath, decided: &mut Decided) {
        let Some(root) = self.root(node) else {
            return decided.add(node, EXISTS);
        };
        let mut seen = HashSet::from_iter([root.to_owned()]);
        let mut pending = vec![root.to_owned()];
        while let Some(name) = pending.pop() {
            for reference in self.references.iter().filter(|it| it.to == name) {
                let is_sent = match &reference.from {
                    Some(from) => self.sent.contains(from),
                    None => reference.is_sent,
                };
                if !is_sent {
                    continue;
                }
                decided.add(&reference.at, &[Facet::Added, Facet::Removed, Facet::Type]);
                // An alternative is two levels below its union.
                let union = reference.at.parent().and_then(|variants| variants.parent());
                if let Some(union) = union.filter(|it| self.is_union(it)) {
                    let alternatives = union.child("alternatives");
                    decided.add(&alternatives.child(&reference.to), EXISTS);
                }
                if let Some(from) = &reference.from
                    && seen.insert(from.clone())
                {
                    pending.push(from.clone());
                }
            }
        }
    }
}
