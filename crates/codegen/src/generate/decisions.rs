//! Decisions of passes that a node of the document does not make alone: a name that another node
//! has, or a request that makes a field optional.
//!
//! `diff` reads them to explain why an item of a crate differs although its own node is the same.

use super::model::SchemaPath;
use crate::collections::HashMap;

/// A decision about one node that depends on another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// The node that the items belong to.
    pub of: SchemaPath,
    /// The other node, which decided, too.
    pub by: SchemaPath,
}

/// The nodes that have a name, so that a pass can record which node made another name necessary.
#[derive(Default)]
pub(super) struct Holders(HashMap<String, SchemaPath>);

impl Holders {
    /// Records that the node at `path` has the name `chosen`. If it is not the `wanted` one, the
    /// node that has that name decided it.
    pub(super) fn take(
        &mut self,
        path: &SchemaPath,
        [wanted, chosen]: [&str; 2],
        decisions: &mut Vec<Decision>,
    ) {
        if chosen != wanted
            && let Some(by) = self.0.get(wanted)
        {
            decisions.push(Decision {
                of: path.clone(),
                by: by.clone(),
            });
        }
        self.0.insert(chosen.to_owned(), path.clone());
    }
}
